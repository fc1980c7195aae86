"""The playground's own code in node, beside the reference engine."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from glassnet import BatchNorm, Dense, Dropout, LayerNorm, NeuralNetwork, Residual, RMSNorm
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.updater import Updater
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.random import row_order
from glassnet.formulas.schedules import SCHEDULES
from glassnet.support.scripts import WEB
from tests.node import run_node

EPOCHS = 2
ELEMENTWISE = [name for name in ACTIVATIONS if ACTIVATIONS.get(name).elementwise]
NORMS = {"batch_norm": BatchNorm, "layer_norm": LayerNorm, "rms_norm": RMSNorm}

pytestmark = pytest.mark.slow  # each starts a process


def node(what, *questions):
    """What the page's code answers to each question."""
    return run_node(Path(__file__).with_name("session.mjs"), WEB, what, given=questions)


def hidden(activation="tanh", **options):
    return {"units": 4, "activation": activation, "dropout": 0, "norm": "none", "skip": False} | options


def cases():
    """Choices of a reader: each activation, loss, optimizer and kind of layer at least once."""
    few = {"rows": 40, "batch": 8, "hidden": [hidden(), hidden()], "table": "moons"}
    yield from (few | {"hidden": [hidden(name), hidden(name)]} for name in ELEMENTWISE)
    yield from (few | {"optimizer": name, "rate": 0.003} for name in OPTIMIZERS)
    losses = ["binary_cross_entropy", "cross_entropy", "mse", "hinge", "squared_hinge"]
    yield from (few | {"loss": name} for name in losses)
    yield from (few | {"table": "rings", "loss": name} for name in ("cross_entropy", "focal"))
    yield from (few | {"table": "sine", "loss": name} for name in ("mse", "mae", "huber", "log_cosh"))
    yield from (few | {"penalty": name, "strength": 0.01} for name in ("l1", "l2"))
    yield few | {"inputs": ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin 2x1", "sin 2x2"]}
    yield few | {"hidden": [hidden(dropout=0.3), hidden(norm="batch_norm"), hidden(norm="layer_norm", skip=True)]}
    yield few | {"hidden": [hidden("relu", norm="rms_norm"), hidden(norm="rms_norm", skip=True)]}
    yield few | {"hidden": [hidden()], "schedule": "cosine", "epochs": 5, "initializer": "orthogonal"}
    yield few | {"inputs": ["x1", "sin(3*x1) - x2^2"]}
    yield few | {"hidden": [hidden("relu", norm="batch_norm", dropout=0.2, skip=True)] * 2, "inputs": ["x1", "x2"]}


def layer(described):
    """A layer from the page's description of it."""
    kind = described["kind"]
    if kind == "dense":
        return Dense(described["units"], described["activation"])
    if kind == "residual":
        return Residual([layer(one) for one in described["layers"]])
    return Dropout(described["rate"]) if kind == "dropout" else NORMS[kind]()


def penalised(layers, network):
    """The same with the penalties of the page on all weights."""
    for one in layers:
        if isinstance(one, Dense):
            yield Dense(one.units, one.activation, l1=network["l1"], l2=network["l2"])
        else:
            yield Residual(list(penalised(one.layers, network))) if isinstance(one, Residual) else one


def trained(found, epochs):
    """What the reference engine makes of the same choices: the network after so many epochs."""
    choices, described = found["choices"], found["network"]
    layers = list(penalised(map(layer, described["layers"]), described))
    network = NeuralNetwork(
        described["inputs"], layers, described["loss"], dtype="float32", engine="reference", seed=choices["seed"]
    )
    network.parameters[:] = found["start"]
    X = np.array(found["X"], "float32").reshape(-1, described["inputs"])
    classes = LOSSES.get(described["loss"]).target == "classes"
    y = np.array(found["y"], int) if classes else np.array(found["y"], "float32")[:, None]
    updater = Updater(network.layout, described["optimizer"], dtype=np.dtype("float32"))
    batch = choices["batch"]
    with ReferenceEngine().training(network, X, y, None, batch, updater) as steps:
        for epoch in range(1, epochs + 1):
            order = row_order(choices["seed"], epoch, len(X))
            count = -(-len(order) // batch)
            progress = (epoch - 1 + np.arange(count) / count) / max(choices["epochs"], 1)
            steps(order, choices["rate"] * SCHEDULES.get(choices["schedule"])(progress))
    return network, X, y


@pytest.fixture(scope="module")
def found():
    return node("train", *({"choices": one, "epochs": EPOCHS} for one in cases()))


def test_it_trains_as_the_reference_engine_does(found):
    for one in found:
        network, _, _ = trained(one, EPOCHS)
        np.testing.assert_allclose(one["parameters"], network.parameters, atol=1e-5, err_msg=str(one["choices"]))
        np.testing.assert_allclose(one["statistics"], network.statistics, atol=1e-5, err_msg=str(one["choices"]))


def test_every_activation_and_optimizer_can_be_chosen(found):
    chosen = [one["choices"] for one in found]
    activations = {part["activation"] for one in chosen for part in one["hidden"]}
    assert activations == set(ELEMENTWISE), "put a new activation into ACTIVATIONS, web/playground/session/choices.js"
    optimizers = {one["optimizer"] for one in chosen}
    assert optimizers == set(OPTIMIZERS), "put a new optimizer into OPTIMIZERS, web/playground/session/choices.js"


def test_the_losses_shown_are_those_of_the_network(found):
    for one in found:
        network, X, y = trained(one, EPOCHS)
        expected = ReferenceEngine().evaluation(network, X, y, None)()
        np.testing.assert_allclose(one["found"]["train"]["loss"], expected, atol=1e-5, err_msg=str(one["choices"]))


def test_whoever_goes_back_in_time_comes_to_identical_weights():
    options = {"hidden": [hidden(dropout=0.2), hidden(norm="batch_norm")], "rows": 60}
    (one,) = node("rewind", {"choices": options, "epochs": 9})
    assert one["back"]["epoch"] == 3
    assert one["once"] == one["again"]


@pytest.fixture(scope="module")
def slowed():
    choices = {"hidden": [hidden("tanh"), hidden("relu")], "rows": 60, "batch": 8}
    (one,) = node("slowed", {"choices": choices, "epochs": 3})
    return one


def test_the_step_in_slow_motion_is_the_step_that_is_made(slowed):
    assert slowed["seen"]["after"] == slowed["parameters"]


def test_every_number_of_the_step_is_that_of_a_trace(slowed):
    """The second hidden layer: its sum z, its activation a, and the gradients by them and by its weights."""
    seen, described = slowed["seen"], slowed["network"]
    network = NeuralNetwork(2, [layer(one) for one in described["layers"]], described["loss"], dtype="float32")
    network.parameters[:] = seen["before"]
    trace = network.trace(np.reshape(seen["X"], (-1, 2)), np.reshape(seen["targets"], (-1, 1)))
    z, a = seen["layers"][2:4]
    assert (z["kind"], a["kind"]) == ("dense", "activate")
    for name, numbers in {"2.z": z["y"], "d_2.z": z["d_y"], "2.a": a["y"], "d_2.a": a["d_y"]}.items():
        np.testing.assert_allclose(np.ravel(trace[name]), numbers, atol=1e-6, err_msg=name)
    place = next(one for one in seen["learned"] if one["layer"] == 2 and one["name"] == "W")
    gradient = seen["gradient"][place["start"] : place["stop"]]
    np.testing.assert_allclose(np.ravel(trace["d_2.W"]), gradient, atol=1e-6)


def test_the_address_says_all_that_was_chosen():
    choices = {"table": "rings", "hidden": [hidden("gelu", dropout=0.1, skip=True)], "rate": 0.03, "tests": True}
    (found,) = node("address", choices)
    assert choices.items() <= found.items()
    assert found["loss"] == "cross_entropy"


HOSTILE = {
    "columns": [
        {"name": "a\nimport os", "ends": [0, 1]},
        {"name": "b", "ends": [0, 1]},
        {"name": "c", "classes": ["u", "v"]},
    ],
    "rows": [[0, 0, 0], [1, 1, 1], [0, 1, 1], [1, 0, 0]],
    "axes": [0, 1, 2],
    "total": 4,
}


def test_whatever_an_address_says_the_choices_are_sound():
    hidden_badly = {"units": 10**9, "activation": "eval", "dropout": 2}
    for bad in (
        {"rows": 10**9},
        {"table": "__proto__"},
        {"hidden": [hidden_badly, None]},
        {"inputs": "all", "own": {"columns": [{"name": 5}], "rows": "all"}},
        {"table": "own", "own": HOSTILE | {"rows": [[9e9, 0, 0], [0, 0, 7], [None, 1, 0], ["1", 1, 1], 5]}},
        7,
        None,
    ):
        (found,) = node("sound", bad)
        assert found["rows"] <= 2000
        assert found["table"] == "spirals"
        assert all(one["units"] <= 32 and one["activation"] == "tanh" for one in found["hidden"])


@pytest.mark.parametrize(
    "choices",
    [
        {"hidden": [hidden(), hidden("relu", dropout=0.2)], "optimizer": "adam"},
        {"table": "rings", "hidden": [hidden("gelu", norm="batch_norm"), hidden(skip=True)], "penalty": "l2"},
        {"table": "sine", "loss": "huber", "optimizer": "momentum", "hidden": []},
        {"hidden": [hidden("relu", norm="rms_norm")], "schedule": "one_cycle", "epochs": 8},
        {"table": "hills", "hidden": [hidden()], "schedule": "cosine", "epochs": 5, "initializer": "orthogonal"},
    ],
)
def test_the_program_to_take_along_comes_to_the_same_weights(choices):
    (one,) = node("program", {"choices": choices | {"rows": 60, "rate": 0.01}, "epochs": 5})
    names = {}
    exec(one["program"], names)
    np.testing.assert_allclose(names["network"].parameters, one["parameters"], atol=1e-4)
    shown = [names["loss"](names[f"X{part}"], names[f"y{part}"]) for part in ("", "_test")]
    np.testing.assert_allclose(shown, [one["found"][part]["loss"] for part in ("train", "test")], atol=1e-4)


def test_a_table_of_one_s_own_is_read():
    commas, tabs = "height (cm),width,kind\n1,2,a\n3,4,b\n2,2,a\n\n0,0,b\n", "1\t2\tb\n3\t4\ta\n2\t3\ta\n5\t5\tb"
    with_names, without = node("table", commas, tabs)
    assert with_names["names"] == ["height (cm)", "width", "kind"]
    assert with_names["rows"] == [[1, 2, 0], [3, 4, 1], [2, 2, 0], [0, 0, 1]]
    assert with_names["classes"] == ["a", "b"]
    assert [target for _, _, target in without["points"]] == [1, 0, 0, 1]
    assert without["names"] == ["", "", ""]
    assert np.abs(np.array(with_names["points"])[:, :2]).max(axis=0) == pytest.approx([2.7, 2.7])


def test_one_number_in_several_spellings_is_one_class():
    (found,) = node("table", "x,y,class\n1,2,1\n3,4,2\n2,2,1.0\n0,0,2.00\n5,1,+1\n")
    assert found["classes"] == [1, 2]
    assert [target for _, _, target in found["points"]] == [0, 1, 0, 1, 0]


def test_a_bad_table_is_refused_in_words():
    rows, texts = "1,2,a\n" * 5, "".join(f"{row % 3},{row % 5},name {row}\n" for row in range(200))
    bad = ["", "1,2,a\n", rows, "1,2\n3,4\n" * 5, texts, "1\n" * 9, rows + "\0", "1,2,3\n" * 2_000_000]
    short, shape, large = "Too few rows", "A table needs two", "A table may have"
    wanted = [short, short, shape, shape, shape, shape, "Not a text file", large]
    for refusal, begins in zip(node("table", *bad), wanted, strict=True):
        assert refusal.startswith(begins)


GERMAN = 'Länge;Breite;Art\n1,5;2,5;"rot; hell"\n2,5;1;blau\n3;2;"rot; hell"\n4,25;3;blau\n'
WIDE = "id,height,width,colour,kind\na,1,2,red,1\nb,2,?,blue,2\nc,3,4,red,10\nd,4,1,red,2\ne,5,,blue,1\nf,6,2,red,10\n"


def test_a_table_is_read_however_it_was_saved():
    """Semicolons with decimal commas, quotes, spaces; gaps; the largest numbers; line ends of Windows."""
    spaces = "  1.0   2.0  0\n  3.0   4.0  1\n  2.0   2.0  1\n  0.5   1.0  0\n"
    quoted = '"x","y","a ""b"", c"\n' + '1,2,"one\nline"\n3,4,two\n' * 3
    large = "-1e308,1,a\n1e308,2,b\n0,3,a\n1e307,0,b\n"
    german, windows, wide, plain, cited, huge = node(
        "table", GERMAN, GERMAN.replace("\n", "\r\n"), WIDE, spaces, quoted, large
    )
    assert german["classes"] == ["blau", "rot; hell"]
    assert german["names"] == ["Länge", "Breite", "Art"]
    assert [row[0] for row in german["rows"]] == [1.5, 2.5, 3, 4.25]
    assert [row[0] for row in german["points"]] == pytest.approx([-2.7, -0.7363636, 0.24545455, 2.7])
    assert windows == german
    assert (wide["names"], len(wide["rows"]), len(wide["points"])) == (["height", "width", "kind"], 6, 4)
    assert wide["classes"] == [1, 2, 10]
    assert [row[2] for row in plain["points"]] == [0, 1, 1, 0]
    assert (cited["names"][2], cited["classes"]) == ('a "b", c', ["one line", "two"])
    assert [row[0] for row in huge["points"]] == pytest.approx([-2.7, 2.7, 0, 0.27])


def test_a_file_is_read_in_the_encodings_of_spreadsheets():
    text = "x,y,类别\n" + "1,2,红\n2,1,蓝\n" * 3
    names = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]
    files = [*(text.encode(name) for name in names), b"\xfe\xff" + text.encode("utf-16-be"), GERMAN.encode("cp1252")]
    vowels = "x,y,Tier\n" + "1,2,Säöge\n2,1,Küüken\n" * 3  # two umlauts: the bytes of one Chinese letter
    files.append(vowels.encode("cp1252"))
    *tables, western, pairs, workbook = node(
        "bytes", *({"bytes": list(file)} for file in [*files, b"PK\x03\x04" + bytes(50)])
    )
    assert [table["classes"] for table in tables] == [["红", "蓝"]] * 5
    assert [table["names"][2] for table in tables] == ["类别"] * 5
    assert western["names"][0] == "Länge"
    assert pairs["classes"] == ["Küüken", "Säöge"]
    assert workbook.startswith("Not a text file")


def test_a_table_whose_last_column_has_many_numbers_is_learned_as_numbers():
    (found,) = node("table", "\n".join(f"{row},{row * row % 7},{row / 2}" for row in range(20)))
    targets = [target for _, _, target in found["points"]]
    assert "classes" not in found
    assert (min(targets), max(targets)) == (-1, 1)


def test_of_many_rows_a_sample_is_taken_and_of_many_columns_some():
    """In the order of the rows; columns of names, of one value, or with more gaps than values are left out."""
    lines = [f"{row + 2},{row % 9},same,name {row},{row if row % 3 == 0 else ''},{row % 2}" for row in range(5000)]
    many = "a,b,constant,name,gaps,c\n" + "\n".join(lines)
    wide = "\n".join(",".join(str((row * column + 1) % 29) for column in range(1, 29)) for row in range(1, 9))
    first, again, cut = node("table", many, many, wide)
    assert first == again
    assert (first["total"], len(first["rows"])) == (5000, 2000)
    rows = [row[0] for row in first["rows"]]
    assert rows == sorted(rows)
    assert 2300 < np.mean(rows) < 2700
    assert first["left"] == ["constant", "name", "gaps"]
    assert (len(cut["columns"]), cut["left"]) == (24, ["24", "25", "26", "27"])


def test_a_first_column_that_numbers_the_rows_is_left_out_where_the_rest_is_a_table():
    rows = [f"{row * row % 17},{row % 5},{'uv'[row % 2]}" for row in range(24)]
    numbered = "id,a,b,kind\n" + "\n".join(f"{place},{row}" for place, row in enumerate(rows, 1))
    short = "day,a,kind\n" + "\n".join(f"{place},{row[-3:]}" for place, row in enumerate(rows))
    found, alone = node("table", numbered, short)
    assert (found["left"], found["names"]) == (["id"], ["a", "b", "kind"])
    assert alone["names"] == ["day", "a", "kind"]


FOUR = "a,b,c (cm),kind\n" + "".join(
    f"{row + 2},{row * row % 17},{row % 5 if row != 3 else ''},{'uv'[row % 2]}\n" for row in range(24)
)


def test_other_columns_can_be_chosen_and_change_places():
    (found,) = node("axes", FOUR)
    assert found["usual"] == [0, 1, 3]
    assert found["third"] == [2, 1, 3]
    assert found["exchanged"] == [1, 0, 3]
    assert found["predicted"] == [2, 1, 0]
    assert found["rows"] == [24, 23]  # one has no value in the third column


def test_all_columns_are_inputs_standardized_with_the_others_held_on_the_map():
    (one,) = node("columns", FOUR)
    X = np.array(one["X"]).reshape(-1, 3)
    assert one["network"]["inputs"] == 3
    np.testing.assert_allclose(X.mean(axis=0)[:2], 0, atol=0.1)  # one row has no value in the third
    np.testing.assert_allclose(X.std(axis=0)[:2], 1, atol=0.1)
    np.testing.assert_allclose(X[:, 2].mean(), 0, atol=1e-6)
    grid, held = np.array(one["grid"]).reshape(-1, 3), np.array(one["held"]).reshape(-1, 3)
    assert set(grid[:, 2]) == {0}
    assert set(held[:, 2]) == {one["row"][2]}
    np.testing.assert_array_equal(grid[:, :2], held[:, :2])
    assert one["slowed"] == one["row"]
    assert one["again"] == one["grid"]
    assert "# inputs: a, b, c (cm) (standardized)" in one["program"]


def test_a_link_of_before_with_points_alone_is_read():
    """Points of the plane, with names of classes beside them."""
    points = [[0.5, -1, 0], [2, 3.5, 1], [1, 1, 1], [-1, 2, 0]]
    given = {"table": "own", "own": points}
    old, numbers = node("sound", given | {"ownNames": ["no", "yes"]}, given | {"ownNumbers": True})
    assert old["own"]["rows"] == points
    assert old["own"]["columns"][2]["classes"] == ["no", "yes"]
    assert (old["loss"], numbers["loss"]) == ("binary_cross_entropy", "mse")


def test_a_name_of_a_column_cannot_write_a_line_of_the_program():
    (one,) = node("program", {"choices": {"table": "own", "own": HOSTILE, "rate": 0.01}, "epochs": 1})
    assert "import os" in one["program"]
    assert not any(line.startswith("import os") for line in one["program"].splitlines())


def test_a_link_leads_to_the_very_moment_whatever_a_hand_has_done():
    """An epoch or two, a weight set, some steps, a step on one row, more epochs, and steps of an epoch not yet over."""
    choices = {"hidden": [hidden(dropout=0.2), hidden()], "rows": 90, "batch": 8}
    (one,) = node("moment", {"choices": choices, "epochs": 2, "place": 3, "value": 0.75, "more": 2})
    assert one["epoch"][0] == one["epoch"][1]
    assert one["at"][0] == one["at"][1] > 0
    assert one["once"] == one["again"]


def test_whoever_goes_back_and_forth_keeps_what_a_hand_has_done():
    """A weight set after two epochs, four more; back to the first, and forth again."""
    choices = {"hidden": [hidden()], "rows": 60}
    (one,) = node("back", {"choices": choices, "place": 2, "value": 0.5})
    assert [hand["epoch"] for hand in one["once"]["hands"]] == [2]
    assert one["before"] == {"epoch": 1, "at": 0, "hands": []}
    assert one["again"] == one["once"]


def test_a_network_whose_loss_was_never_finite_is_said_to_have_diverged():
    """A hand has set a weight so large before the first step."""
    (found,) = node("infinite", {"table": "sine", "loss": "mse", "hidden": []})
    assert found["diverged"]
    assert found["loss"] in ("Infinity", "NaN")
    assert [one["kind"] for one in found["findings"]] == ["diverged"]
    assert found["rates"]["suggestion"] > 0


def test_an_address_that_cannot_be_read_says_nothing_and_one_encoded_twice_says_the_same():
    once = quote(json.dumps({"table": "moons"}), safe="")
    broken, cut, again, network = node("read", "#%7B%22tab", f"#{once[:-9]}", f"#{quote(once)}", "#network")
    assert (broken, cut, network) == (None, None, None)
    assert again["table"] == "moons"


def test_an_address_that_was_typed_is_read_as_browsers_encode_it():
    (found,) = node("read", "#{%22lesson%22:%22rings%22}")
    assert found["lesson"] == "rings"


def test_a_task_in_an_address_is_one_that_there_is():
    good, seedless, bad, none = node(
        "sound",
        *({"workout": one} for one in ({"name": "sum", "seed": 7}, {"name": "sum"}, {"name": "nothing"}, "sum")),
    )
    assert (good["workout"], seedless["workout"]) == ({"name": "sum", "seed": 7}, {"name": "sum", "seed": 1})
    assert "workout" not in bad
    assert "workout" not in none


def test_networks_side_by_side_differ_in_what_there_is_alone():
    bad = ["constructor=name", "__proto__=toString", "hasOwnProperty=length", "optimizer=none", 7, None]
    found, none = node("side", [*bad, "", "optimizer=sgd"], bad)
    assert found == ["", "optimizer=sgd"]
    assert none is None


def test_in_the_middle_of_an_epoch_the_program_has_the_weights_of_the_moment():
    choices = {"hidden": [hidden()], "rows": 60, "batch": 8, "inputs": ["x1", "x1 * x2 - 1"]}
    (one,) = node("program", {"choices": choices, "epochs": 2, "steps": 2})
    names = {}
    exec(one["program"], names)
    np.testing.assert_array_equal(names["network"].parameters, np.float32(one["parameters"]))


def test_schedules_are_the_library_s():
    progress = np.linspace(0, 1, 301)
    (known,) = node("schedules", {})
    assert set(known) == {name for name in SCHEDULES if SCHEDULES.get(name).follows == "progress"}
    found = node("factors", *({"schedule": name, "progress": progress.tolist()} for name in known))
    for name, factors in zip(known, found, strict=True):
        np.testing.assert_allclose(factors, SCHEDULES.get(name)(progress), atol=1e-12, err_msg=name)


def test_initial_weights_have_the_library_s_spread():
    """Other draws, but of the same distribution: mean square, and the largest that there can be."""
    shape = (60, 40)
    found = node("weights", *({"initializer": name, "shape": shape} for name in INITIALIZERS))
    for name, weights in zip(INITIALIZERS, found, strict=True):
        wanted = INITIALIZERS.get(name)(np.random.default_rng(0), shape)
        weights = np.reshape(weights, shape)
        np.testing.assert_allclose(np.mean(weights**2), np.mean(wanted**2), rtol=0.1, err_msg=name)
        if np.abs(wanted).max() < 1.8 * wanted.std():  # a bounded distribution
            np.testing.assert_allclose(np.abs(weights).max(), np.abs(wanted).max(), rtol=0.05, err_msg=name)
        if name == "orthogonal":
            np.testing.assert_allclose(weights.T @ weights, np.eye(40), atol=1e-6)


def test_a_formula_of_one_s_own_is_read_without_evaluating_it():
    points = np.random.default_rng(0).uniform(-3, 3, (20, 2))
    x1, x2 = points.T
    wanted = {
        "sin(3*x1) - x2^2": np.sin(3 * x1) - x2**2,
        "-x1^2 * 2 + x2 / 4": -(x1**2) * 2 + x2 / 4,
        "exp(-(x1^2 + x2^2)) ^ 0.5": np.exp(-(x1**2 + x2**2)) ** 0.5,
        "2^-x1 - abs(x2)*pi + e": 2**-x1 - np.abs(x2) * np.pi + np.e,
        " tanh( x1 )*sign(x2) ": np.tanh(x1) * np.sign(x2),
        "2 - 3 - x1": 2 - 3 - x1,
    }
    found = node("formula", *({"text": text, "points": points.tolist()} for text in wanted))
    for (text, values), numbers in zip(wanted.items(), found, strict=True):
        np.testing.assert_allclose(numbers, values, rtol=1e-12, err_msg=text)


def test_a_formula_that_cannot_be_is_refused_in_words():
    wanted = {
        "": "Incomplete formula",
        "x1 +": "Incomplete formula",
        "(x1": "Incomplete formula",
        "x1 x2": "Incomplete formula",
        "sin x1": "Incomplete formula",
        "x3": "Unknown name",
        "constructor(x1)": "Unknown name",
        "alert(1)": "Unknown name",
        "x1; x2": "Unexpected character",
        "x1\n+x2": "Unexpected character",
        "x1['a']": "Unexpected character",
        "1/x1": "The formula is not finite",
        "log(x1)": "The formula is not finite",
        "1e9": "Incomplete formula",
        "exp(exp(x1))": "The formula is not finite",
        "x1+" * 30 + "x1": "Formula too long",
    }
    found = node("formula", *({"text": text, "points": [[0, 0]]} for text in wanted))
    for refusal, begins in zip(found, wanted.values(), strict=True):
        assert refusal.startswith(begins)


def test_the_gradient_check_finds_the_layer_whose_slope_was_forgotten():
    choices = {"rows": 80, "hidden": [hidden(), hidden("relu"), hidden()], "table": "circle"}
    right, wrong = node("checked", *({"choices": choices | {"forgotten": at}, "epochs": 2} for at in (0, 3)))
    assert right["same"]
    assert wrong["same"]
    assert max(one["error"] for one in right["checked"]) < 0.05
    errors = {f"{one['layer']}.{one['name']}": one["error"] for one in wrong["checked"]}
    assert all((error > 0.05) == (name[0] in "123") for name, error in errors.items()), errors


def test_training_stops_where_it_is_told_to_and_can_go_on():
    few = {"rows": 100, "hidden": [hidden()], "table": "moons"}
    epochs, loss, patience, schedule = node(
        "stops",
        {"choices": few | {"epochs": 7}, "epochs": 50},
        {"choices": few | {"lossBelow": 0.2}, "epochs": 500},
        {"choices": few | {"patience": 5, "noise": 0.5, "hidden": [hidden("relu", units=16)]}, "epochs": 5000},
        {"choices": few | {"schedule": "linear", "epochs": 6}, "epochs": 50},
    )
    assert (epochs["stopped"], epochs["epoch"], epochs["later"]) == ("Stopped: maximum epoch reached.", 7, 10)
    assert loss["stopped"] == "Stopped: the training loss is below the limit."
    assert loss["found"]["train"]["loss"] < 0.2
    assert patience["stopped"] == "Stopped: no improvement of the test loss for the set number of epochs."
    assert patience["epoch"] - patience["found"]["best"]["epoch"] == 5
    assert (schedule["stopped"], schedule["later"]) == ("Stopped: maximum epoch reached.", 6)


def test_bands_of_a_fine_map_put_together_are_the_map():
    """On the grid of a frame they are its numbers, of whatever is shown; a large network has several bands."""
    choices = {"hidden": [hidden(units=32)] * 8, "table": "blobs"}
    asked = [{"choices": choices, "epochs": 1, "side": 40, "of": of} for of in ("answers", "units")]
    answers, units, one = node("bands", *asked, asked[0] | {"of": {"layer": 3, "unit": 5}})
    assert len(answers["counts"]) > 1
    assert sum(answers["counts"]) == 40 * 40
    assert answers["tables"] == [answers["answers"]]
    np.testing.assert_array_equal(units["tables"][0], np.float32(units["grid"]))
    assert units["tables"][1:] == units["maps"]
    assert one["tables"] == [one["maps"][2][5::32]]
