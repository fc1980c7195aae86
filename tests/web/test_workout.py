"""Tasks to be worked out by hand: each is answered rightly and by each mistake; numbers are those of the library."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.support.scripts import WEB
from tests.chapters import DOCS, parts
from tests.node import run_node

SEEDS = 6

pytestmark = pytest.mark.slow  # each starts a process


def node(what, *questions):
    """What the page's code answers to each question."""
    return run_node(Path(__file__).with_name("workout.mjs"), WEB, what, given=questions)


@pytest.fixture(scope="module")
def workouts():
    """What computes the answers for the docs, which lies beside the pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        import workouts

        yield workouts
    sys.modules.pop("workouts", None)


@pytest.fixture(scope="module")
def tasks():
    """Every task with the numbers of a few seeds."""
    return [task for of_seed in node("tasks", *({"seed": seed} for seed in range(1, SEEDS + 1))) for task in of_seed]


def asked(task):
    """The question as the attribute of a part."""
    of = task["asked"]
    places = [of["layer"] + 1] if "layer" in of and of["kind"] != "p" else []
    places += ["b" if of["from"] is None else of["from"] + 1] if "from" in of else []
    places += [of["to"] + 1] if "to" in of else []
    return f"{of['kind']} {'.'.join(map(str, places))}".strip()


def part(task):
    """The task as the attributes of a part."""
    numbers = task["numbers"]
    listed = {name: ",".join(map(str, numbers[key])) for name, key in (("w", "weights"), ("row", "row"))}
    return listed | {
        "network": "-".join(map(str, numbers["widths"])),
        "activation": ",".join(numbers["activations"]),
        "target": ",".join(map(str, numbers["target"])),
        "loss": numbers["loss"],
        "optimizer": numbers["optimizer"],
        "rate": str(numbers["rate"]),
        "ask": asked(task),
    }


def test_every_task_asks_for_a_number_of_the_library(tasks, workouts):
    for task in tasks:
        if task["steps"] == 0:
            ((_, answer),) = workouts.answers(part(task)).items()
            assert task["answer"] == pytest.approx(answer, rel=1e-4, abs=2e-6), task["name"]


def test_the_second_step_with_momentum_is_that_of_a_training(tasks):
    for task in tasks:
        if task["steps"] == 1:
            numbers = task["numbers"]
            network = NeuralNetwork(2, ["sigmoid:1"], loss="mse", dtype="float32")
            network.parameters[:] = numbers["weights"]
            network.train(
                [numbers["row"]], numbers["target"], epochs=2, optimizer="momentum", learning_rate=numbers["rate"]
            )
            assert task["answer"] == pytest.approx(float(network["1.W"][0, 0]), rel=1e-5)


def test_the_formula_that_is_shown_leads_to_the_number_in_memory(tasks):
    for task in tasks:
        assert task["formula"] == pytest.approx(task["answer"], rel=2e-5), task["name"]


def test_the_right_answer_is_right_and_that_of_each_mistake_names_it_alone(tasks):
    for task in tasks:
        assert task["right"] == {"right": True, "short": False, "mistakes": []}, task["name"]
        assert task["confused"] == 0, task["name"]
        for mistake in task["mistakes"]:
            assert mistake["named"] == {"right": False, "short": False, "mistakes": [mistake["name"]]}, task["name"]


def test_there_are_tasks_from_one_neuron_to_two_hidden_layers_and_many_mistakes(tasks):
    assert len({task["name"] for task in tasks}) >= 12
    assert {len(task["numbers"]["widths"]) for task in tasks} == {2, 3, 4}
    named = {mistake["name"] for task in tasks for mistake in task["mistakes"]}
    assert named >= {
        "negated",
        "slope",
        "transposed",
        "sum",
        "old",
        "updated",
        "bias",
        "unnormalized",
        "log10",
        "noRate",
    }


def test_the_first_step_of_adam_says_that_its_memories_are_there(tasks):
    given = [task["given"] for task in tasks if task["name"] == "adam"]
    assert all({"memory_m", "memory_v"} <= {*names} for names in given)


def test_every_mistake_and_whatever_is_given_has_words(tasks):
    ((words),) = node("words", {})
    named = {mistake["name"] for task in tasks for mistake in task["mistakes"]}
    assert named == set(words["mistakes"])
    assert {name for task in tasks for name in task["given"]} <= {*words["given"], "batch"}
    assert {task["asked"]["kind"] for task in tasks} <= set(words["asked"]) & set(words["rules"])


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    once, again, other = node("tasks", {"seed": 5}, {"seed": 5}, {"seed": 6})
    assert once == again
    assert sum(one["numbers"] != two["numbers"] for one, two in zip(once, other, strict=True)) == len(once)


def of_page():
    """The parts of this kind in the docs, with their pages."""
    for file in sorted((DOCS / "en").rglob("*.md")):
        for tag, attributes in parts(file.read_text(encoding="utf-8")):
            if tag == "glassnet-workout":
                yield file.stem, attributes


def numbers_of(attributes):
    """A part's attributes as its script reads them."""
    listed = {name: [float(one) for one in attributes[name].split(",")] for name in ("w", "row", "target")}
    return listed | {
        "widths": [int(one) for one in attributes["network"].split("-")],
        "activations": attributes["activation"].split(","),
        "weights": listed["w"],
        "loss": attributes["loss"],
        "optimizer": attributes.get("optimizer", "sgd"),
        "rate": float(attributes["rate"]),
    }


def test_pages_print_the_numbers_that_their_parts_ask_for_and_every_mistake_can_be_named(workouts):
    pages = list(of_page())
    assert {page for page, _ in pages} >= {"neuron", "network", "loss", "backpropagation", "optimizer", "parts"}
    for page, attributes in pages:
        answers = workouts.answers(attributes)
        found = node("part", *({"numbers": numbers_of(attributes), "ask": ask} for ask in answers))
        for (ask, answer), one in zip(answers.items(), found, strict=True):
            assert one["answer"] == pytest.approx(answer, rel=1e-4, abs=2e-6), (page, ask)
            assert one["right"]["right"], (page, ask)
            assert one["confused"] == 0, (page, ask)


LINEAR = {"widths": [1, 1], "activations": ["identity"], "loss": "mse", "row": [2], "target": [0], "weights": [1, -1]}
"""a = 1 and w = 1 and δ = 2: three mistakes in the gradient δ x = 4 lead to 2."""


def test_mistakes_with_the_same_result_are_all_named():
    (found,) = node("judged", {"numbers": LINEAR, "ask": "gradient 1.1.1", "answer": "2"})
    assert found == {"right": False, "short": False, "mistakes": ["noInput", "ownOutput", "byWeight"]}


NEURON = LINEAR | {"activations": ["tanh"], "weights": [0.25, 0]}
"""a = tanh(0.5) = 0.4621"""


@pytest.mark.parametrize(
    ("answer", "right", "short"),
    [
        ("0.462", True, False),
        ("0,4621", True, False),
        ("0.463", True, False),
        ("0.465", False, False),
        ("0.46", False, True),
        ("0.5", False, False),  # that is z
        ("tanh(1/2)", True, False),
        ("(exp(1) - 1) ÷ (exp(1) + 1)", True, False),
        ("−0.462", False, False),
        ("-.38", False, False),
    ],
)
def test_answers_are_right_by_the_digits_that_are_shown(answer, right, short):
    (found,) = node("judged", {"numbers": NEURON, "ask": "a 1.1", "answer": answer})
    assert (found["right"], found["short"]) == (right, short)


def test_answers_are_read_as_they_are_typed():
    texts = ["−0,5", "2·(0.62 − 1)", "1e-3", "-ln(0.5)", "3/8", "（1+2）×3", "", "x1", "two", "1 2", "1/0"]
    found = [float(number) for number in node("read", *texts)]
    np.testing.assert_allclose(found[:6], [-0.5, -0.76, 0.001, np.log(2), 0.375, 9])
    assert np.isnan(found[6:10]).all()
    assert found[10] == np.inf


def test_a_part_asks_for_what_its_network_has_and_for_nothing_else():
    small = {"widths": [2, 2, 1], "activations": ["tanh", "sigmoid"], "loss": "mse", "row": [1, 0.5], "target": [1]}
    small |= {"weights": [0.5, -0.5, -0.5, 1, 0.25, -0.25, 0.5, -2, -0.25]}
    good = [
        "z 1.2",
        "a 2.1",
        "loss",
        "delta 1.1",
        "delta 2.1",
        "gradient 1.b.2",
        "gradient 2.2.1",
        "update 1.2.1",
        "next 1.1",
    ]
    bad = [
        "z",
        "next 2.1",
        "z 3.1",
        "z 1.3",
        "p 1",
        "gradient 1.1",
        "gradient 2.3.1",
        "update 1.b.1",
        "delta 0.1",
        "z 1.1.1",
        "what 1",
    ]
    found = node("part", *({"numbers": small, "ask": ask} for ask in [*good, *bad]))
    for ask, one in zip(good, found, strict=False):
        assert one["formula"] == pytest.approx(one["answer"], rel=2e-5), ask
    assert found[len(good) :] == [None] * len(bad)
    batch = small | {"row": [1, 0.5, 0, 1], "target": [1, 0]}
    assert node("part", *({"numbers": batch, "ask": ask} for ask in ["z 1.1", "gradient 2.1.1"])) == [None, None]


def test_other_numbers_are_drawn_for_any_network():
    task = {
        "network": [3, 2, 1],
        "activations": ["relu", "identity"],
        "loss": "binary_cross_entropy",
        "targets": [0, 1],
    }
    for found in node("drawn", *({"task": task, "ask": ask} for ask in ["loss", "delta 2.1", "z 2.1"])):
        assert found["right"]["right"]
        assert found["formula"] == pytest.approx(found["answer"], rel=2e-5)
