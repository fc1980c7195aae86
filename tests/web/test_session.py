"""The playground's own code in node, beside the reference engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import BatchNorm, Dense, Dropout, LayerNorm, NeuralNetwork, Residual
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.update import Updater
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.random import row_order

WEB = Path(glassnet.__file__).parent / "web"
EPOCHS = 2

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def node(what, *questions):
    """What the page's code answers to each question."""
    script = Path(__file__).with_name("session.mjs")
    done = subprocess.run(
        ["node", script, WEB, what], input=json.dumps(questions), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hidden(activation="tanh", **options):
    return {"units": 4, "activation": activation, "dropout": 0, "norm": "none", "skip": False} | options


def cases():
    """Choices of a reader: each activation, loss, optimizer and kind of layer at least once."""
    few = {"rows": 40, "batch": 8, "hidden": [hidden(), hidden()], "table": "moons"}
    activations = ["tanh", "relu", "sigmoid", "identity", "gelu", "silu", "elu", "leaky_relu", "mish", "selu"]
    activations += ["softplus", "softsign"]
    yield from (few | {"hidden": [hidden(name), hidden(name)]} for name in activations)
    optimizers = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "amsgrad", "adamw", "nadam", "radam"]
    optimizers += ["lion"]
    yield from (few | {"optimizer": name, "rate": 0.003} for name in optimizers)
    losses = ["binary_cross_entropy", "cross_entropy", "mse", "hinge", "squared_hinge"]
    yield from (few | {"loss": name} for name in losses)
    yield from (few | {"table": "rings", "loss": name} for name in ("cross_entropy", "focal"))
    yield from (few | {"table": "sine", "loss": name} for name in ("mse", "mae", "huber", "log_cosh"))
    yield from (few | {"penalty": name, "strength": 0.01} for name in ("l1", "l2"))
    yield few | {"inputs": ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin 2x1", "sin 2x2"]}
    yield few | {"hidden": [hidden(dropout=0.3), hidden(norm="batch_norm"), hidden(norm="layer_norm", skip=True)]}
    yield few | {"hidden": [hidden("relu", norm="batch_norm", dropout=0.2, skip=True)] * 2, "inputs": ["x1", "x2"]}


def layer(described):
    """A layer from the page's description of it."""
    kind = described["kind"]
    if kind == "dense":
        return Dense(described["units"], described["activation"])
    if kind == "residual":
        return Residual([layer(one) for one in described["layers"]])
    return (
        Dropout(described["rate"]) if kind == "dropout" else {"batch_norm": BatchNorm, "layer_norm": LayerNorm}[kind]()
    )


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
            steps(order, [choices["rate"]] * -(-len(order) // batch))
    return network, X, y


@pytest.fixture(scope="module")
def found():
    return node("train", *({"choices": one, "epochs": EPOCHS} for one in cases()))


def test_it_trains_as_the_reference_engine_does(found):
    for one in found:
        network, _, _ = trained(one, EPOCHS)
        np.testing.assert_allclose(one["parameters"], network.parameters, atol=1e-5, err_msg=str(one["choices"]))
        np.testing.assert_allclose(one["statistics"], network.statistics, atol=1e-5, err_msg=str(one["choices"]))


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


def test_whatever_an_address_says_the_choices_are_sound():
    hidden_badly = {"units": 10**9, "activation": "eval", "dropout": 2}
    for bad in ({"rows": 10**9}, {"table": "__proto__"}, {"hidden": [hidden_badly, None]}, {"inputs": "all"}, 7, None):
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
    ],
)
def test_the_program_to_take_along_comes_to_the_same_weights(choices):
    (one,) = node("program", {"choices": choices | {"rows": 60, "rate": 0.01}, "epochs": 5})
    names = {}
    exec(one["program"], names)
    np.testing.assert_allclose(names["network"].parameters, one["parameters"], atol=1e-4)


def test_a_table_of_one_s_own_is_read():
    commas, tabs = "height,width,kind\n1,2,a\n3,4,b\n2,2,a\n\n0,0,b\n", "1\t2\tb\n3\t4\ta\n2\t3\ta\n5\t5\tb"
    with_names, without = node("table", commas, tabs)
    assert with_names["names"] == ["a", "b"]
    assert [target for _, _, target in with_names["points"]] == [0, 1, 0, 1]
    assert [target for _, _, target in without["points"]] == [1, 0, 0, 1]
    assert np.abs(np.array(with_names["points"])[:, :2]).max(axis=0).tolist() == [2.7, 2.7]


def test_a_bad_table_is_refused_in_words():
    rows = "1,2,a\n" * 5
    bad = ["", "1,2,a\n", rows, rows + "x,2,b\n", rows + "1,2\n", rows + "1,2,b\n" * 3000]
    wanted = ["tableShort", "tableShort", "tableClasses", "tableShape", "tableShape", "tableLarge"]
    assert node("table", *bad) == wanted
