"""What a reader of the playground can choose, each used once in a real browser, in both languages."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

NAMES = {"CSV", "glassnet", "Huber", "Python", "playground", "weights", "safetensors", "Dropout", "RMS"}
"""Words that are the same in Chinese, and names of files; so are formulas and functions by the library's names."""


@pytest.fixture(scope="module")
def used(browse, serve):
    with serve("playground") as line:
        return browse("choices.js", line.split()[1].rstrip(";"))


def test_nothing_is_complained_of_and_axe_finds_no_fault(used):
    assert [view["complaints"] + view["faults"] for view in used] == [[], []]


def test_a_schedule_ends_the_training_where_it_is_planned(used):
    for view in used:
        assert view["planned"] == "100"
        assert view["stopped"]


def test_what_is_chosen_stands_in_the_address(used):
    wanted = {
        "initializer": "orthogonal",
        "seed": 8,
        "lossBelow": 0.65,
        "patience": 40,
        "inputs": ["x1", "x2", "x1^2 - x2^2"],
    }
    for view in used:
        assert wanted.items() <= view["chosen"].items()
        assert view["wrong"]
        assert view["early"] != view["stopped"]


def test_weights_are_numbers_under_the_pointer(used):
    for view in used:
        assert len(view["live"]) == 3
        assert all(float(number.replace("−", "-")) for number in view["live"])


def test_points_are_drawn_with_pointer_and_keys_and_erased(used):
    for view in used:
        strokes = view["drawn"]
        assert min(strokes[:2]) > 4
        assert strokes[2] == 2
        assert view["erased"] >= 1
        assert "4" in view["more"]
        assert len(view["confusion"]) == 4  # the third class was erased again
        assert sum(view["confusion"]) > 0


def test_a_table_of_numbers_is_learned_as_numbers(used):
    for view in used:
        assert view["numbers"][0] is True
        assert "R²" in view["numbers"][1]
        assert view["numbers"][2] is False  # there is no class to be shown alone


def test_each_question_is_answered(used):
    for view in used:
        names, answers = zip(*view["questions"], strict=True)
        assert len(names) >= 20
        assert len(set(names)) == len(names)
        assert min(map(len, answers)) > 12


def test_the_gradient_check_finds_nothing_wrong(used):
    assert [(view["checked"], view["apart"]) for view in used] == [(6, 0)] * 2


def test_a_link_leads_to_the_same_moment_and_hides_what_it_should(used):
    for view in used:
        there, here = view["link"]
        assert there == here
        assert there[0] == "3"
        assert view["unseen"] == [
            "epoch",
            "slow",
            "curve",
            "columns",
        ]  # neither points of a curve nor a table are chosen
        assert view["over"] == "0"


def test_in_chinese_no_english_is_left(used):
    """Names of the field stay: activations, optimizers, losses, schedules, initializers."""
    from glassnet.formulas.activations import ACTIVATIONS
    from glassnet.formulas.initializers import INITIALIZERS
    from glassnet.formulas.optimizers import OPTIMIZERS
    from glassnet.formulas.schedules import SCHEDULES

    english, chinese = used
    known = NAMES.union(ACTIVATIONS, INITIALIZERS, OPTIMIZERS, SCHEDULES, ["softmax", "log-cosh", "sin", "Adam"])
    assert set(chinese["latin"]) - known == set()
    assert len(english["latin"]) > 50
