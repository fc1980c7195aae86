"""The trace: every number is there, each follows from the others, and it stays as it was."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import erfc

from glassnet import BatchNorm, Copies, Dense, Dropout, LayerNorm, MemberDense, NeuralNetwork, Residual, Scale
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.optimizers import OPTIMIZERS
from tests.combinations import LAYERS, LOSS_SPELLINGS, Combination
from tests.gradient import assert_close, numerical_gradient

X = np.random.default_rng(0).normal(size=(4, 3))
Y = np.array([0, 1, 2, 1])


def rich():
    """A network with everything in it."""
    block = Residual([LayerNorm(), Residual([Dense(4, "gelu"), Dense(4)])])
    layers = [Scale(), Dense(4, "tanh", l1=0.01, l2=0.1), BatchNorm(), Dropout(0.3), block, 3]
    return NeuralNetwork(3, layers, loss="cross_entropy(label_smoothing=0.1)")


def test_nothing_is_missing():
    trace = rich().trace(X, Y, optimizer="adam", sample_weight=[1, 2, 3, 4])
    names = [entry.name for entry in trace]
    assert len(names) == len(set(names)) == len(trace)
    parameters = rich().named_parameters
    wanted = {"x", "y", "target", "output", "row losses", "weight", "loss", "penalty", "d_output"}
    wanted |= {"2.z", "2.a", "3.mean", "3.variance", "3.x_hat", "4.mask", "5.2.1.z", "5.2.inside", "5.inside", "5.a"}
    wanted |= {f"{number}.a" for number in range(1, 7)} | {f"d_{number}.x" for number in range(1, 7)}
    for name in parameters:
        wanted |= {name, f"d_{name}", f"{name} m", f"{name} v", f"{name} after"}
    wanted |= {"running 3.mean after", "running 3.variance after"}
    assert wanted <= set(names)


@pytest.mark.parametrize("layer", LAYERS)
def test_all_that_a_layer_records_is_shown(layer):
    combination = Combination("softplus", "mse", layer)
    network, (X, y) = combination.network(), combination.data()
    step = network._step(*network.check_data(X, y, None), training=True)
    shown = {entry.name for entry in network.trace(X, y)}
    for number, record in enumerate(step.records, 1):
        recorded = {name for name, value in record.items() if isinstance(value, np.ndarray) and name[0] != "_"} - {"x"}
        assert {f"d_{number}.{name[2:]}" if name.startswith("d_") else f"{number}.{name}" for name in recorded} <= shown


def test_they_come_in_the_order_in_which_they_come_into_being():
    trace = rich().trace(X, Y)
    parts = [entry.part for entry in trace]
    assert sorted(parts, key=["forward", "loss", "backward", "update"].index) == parts
    names = [entry.name for entry in trace]
    forward = [
        "x",
        "2.W",
        "2.z",
        "2.a",
        "3.x_hat",
        "4.a",
        "5.1.a",
        "5.2.1.z",
        "5.inside",
        "5.a",
        "6.z",
        "output",
        "loss",
    ]
    backward = ["d_output", "d_6.z", "d_6.W", "d_6.x", "d_5.2.2.z", "d_5.2.1.z", "d_5.x", "d_2.z", "d_2.W", "d_1.x"]
    for order in (forward, backward):
        positions = [names.index(name) for name in order]
        assert positions == sorted(positions)


def test_the_equations_hold_as_they_are_printed():
    """Each number from those before it, by the equation that stands beside it, on a network small enough to read."""
    network = NeuralNetwork(3, ["sigmoid:2", 1], loss="mse")
    t = network.trace(X, X[:, 0], learning_rate=0.5)
    f = ACTIVATIONS.get("sigmoid")
    np.testing.assert_allclose(t["1.z"], t["x"] @ t["1.W"] + t["1.b"])
    np.testing.assert_allclose(t["1.a"], f(t["1.z"]))
    np.testing.assert_allclose(t["2.z"], t["1.a"] @ t["2.W"] + t["2.b"])
    np.testing.assert_array_equal(t["output"], t["2.a"])
    np.testing.assert_allclose(t["loss"], t["row losses"].mean())
    np.testing.assert_array_equal(t["d_2.a"], t["d_output"])
    np.testing.assert_allclose(t["d_2.W"], t["1.a"].T @ t["d_2.z"])
    np.testing.assert_allclose(t["d_2.b"], t["d_2.z"].sum(axis=0))
    np.testing.assert_allclose(t["d_2.x"], t["d_2.z"] @ t["2.W"].T)
    np.testing.assert_array_equal(t["d_1.a"], t["d_2.x"])
    np.testing.assert_allclose(t["d_1.z"], f.backward(t["1.z"], t["1.a"], t["d_1.a"]))
    np.testing.assert_allclose(t["d_1.x"], t["d_1.z"] @ t["1.W"].T)
    for name in network.named_parameters:
        np.testing.assert_allclose(t[f"{name} after"], t[name] - 0.5 * t[f"d_{name}"])


@pytest.mark.parametrize(
    ("members", "last", "loss"), [(1, "softmax:3", "cross_entropy"), (2, 3, "focal"), (1, 1, "mse")]
)
def test_what_the_network_predicts_stands_beside_its_output(members, last, loss):
    layers = [last] if members == 1 else [MemberDense(last, members=members, shared=False)]
    layers = layers if members == 1 else [Copies(members), *layers]
    network = NeuralNetwork(3, layers, loss, members=members)
    trace = network.trace(X, np.zeros(len(X)))
    if loss == "mse":
        assert "predicted" not in [entry.name for entry in trace]
        return
    of_each = np.split(trace["predicted"], members, axis=1)
    np.testing.assert_allclose(np.mean(of_each, axis=0), network.predict(X), rtol=1e-12)


@pytest.mark.parametrize("link", ["x", "1.z", "1.a", "2.z"])
def test_the_gradient_at_every_link_is_the_slope(link):
    """Move the number itself, let only what comes after it follow, and see how the loss moves."""
    network = NeuralNetwork(3, ["sigmoid:2", 1], loss="mse")
    t = network.trace(X, X[:, 0])
    f = ACTIVATIONS.get("sigmoid")

    def loss_from(value):
        a = value
        if link == "x":
            a = a @ t["1.W"] + t["1.b"]
        if link in ("x", "1.z"):
            a = f(a)
        if link != "2.z":
            a = a @ t["2.W"] + t["2.b"]
        return float(network.loss.value(a, X[:, [0]]).mean())

    gradient = {"x": "d_1.x", "1.z": "d_1.z", "1.a": "d_1.a", "2.z": "d_2.z"}[link]
    assert_close(t[gradient], numerical_gradient(loss_from, t[link]), gradient)


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS])
def test_after_is_where_one_step_of_training_arrives(optimizer):
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 3], loss="cross_entropy")
    trace = network.trace(X, Y, optimizer=optimizer, learning_rate=0.1)
    network.train(X, Y, epochs=1, batch_size=4, optimizer=optimizer, learning_rate=0.1)
    for name, value in network.named_parameters.items():
        np.testing.assert_allclose(trace[f"{name} after"], value, atol=1e-9)
    np.testing.assert_allclose(trace["running 2.mean after"], network.statistics[:4], atol=1e-12)


def test_the_network_stays_as_it_is_and_the_trace_too():
    network, x = rich(), X.copy()
    before = network.parameters.copy(), network.statistics.copy()
    trace = network.trace(x, Y, optimizer="adam")
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(network.statistics, before[1])
    text = str(trace)
    network.train(x, Y, epochs=3, learning_rate=0.5)
    x[...] = 0
    assert str(trace) == text
    np.testing.assert_array_equal(trace["2.W"], rich()["2.W"])


def test_a_weight_that_is_penalised_says_so():
    network = NeuralNetwork(3, [Dense(1, l1=0.1, l2=0.2)])
    trace = network.trace(X, X[:, 0])
    W = trace["1.W"]
    by_the_equation = trace["x"].T @ trace["d_1.z"] + 0.1 * np.sign(W) + 0.2 * W
    np.testing.assert_allclose(trace["d_1.W"], by_the_equation)
    assert "xᵀ d_z + l1 · sign(W) + l2 · W" in str(trace)


def test_weighted_losses_are_shown_as_they_are_averaged():
    trace = NeuralNetwork(3, [1]).trace(X, X[:, 0], sample_weight=[1, 2, 3, 4])
    np.testing.assert_allclose(trace["weight"], [0.4, 0.8, 1.2, 1.6])
    np.testing.assert_allclose(trace["loss"], (trace["weight"] * trace["row losses"]).mean())


@pytest.mark.sample
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_combination_can_be_traced_and_printed(layer, loss):
    combination = Combination("softplus", loss, layer)
    network, (X, y) = combination.network(), combination.data()
    trace = network.trace(X, y, optimizer="adamw")
    text = str(trace)
    assert all(entry.name in text and entry.equation and entry.equation in text for entry in trace)
    assert float(trace["loss"]) + float(trace["penalty"] if "penalty" in text else 0) == pytest.approx(
        network.backward(X, y, training=True)[0], rel=1e-13
    )
    shown = {entry.name.removesuffix(" after") for entry in trace if entry.part == "update"}
    assert set(network.named_parameters) <= shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_small_trace_fits_a_telephone_and_fills_every_factor_in(language):
    network = NeuralNetwork(2, ["sigmoid:2", 1], loss="mse", seed=1)
    trace = network.trace([[1.0, 0.5], [0.0, 2.0]], [1.0, 0.0], learning_rate=0.5)
    text = trace.in_words(language)
    assert max(map(len, text.splitlines())) <= 44
    filled = {entry.name for entry in trace if entry.first}
    names = {f"{layer}.{name}" for layer in (1, 2) for name in ("z", "a", "f'(z)", "W after", "b after")}
    names |= {f"d_{layer}.{name}" for layer in (1, 2) for name in ("z", "W", "b", "x")}
    assert filled == names | {"row losses", "d_output"}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu"])
def test_what_is_filled_in_comes_to_the_first_number(activation):
    names = {"exp": np.exp, "ln": np.log, "tanh": np.tanh, "erfc": erfc, "max": max, "min": min}
    network = NeuralNetwork(2, [f"{activation}:2", 1], loss="mse", seed=1)
    for entry in network.trace([[1.0, 0.5], [0.0, 2.0]], [1.0, 0.0], learning_rate=0.5):
        if entry.first:
            code = re.sub(r"\|([^|]*)\|", r"abs(\1)", entry.first).replace("·", "*").replace("^", "**")
            assert eval(code, {"abs": abs} | names) == pytest.approx(entry.value.flat[0], abs=2e-3)


def test_the_slope_of_an_activation_is_shown():
    trace = NeuralNetwork(3, ["tanh:2", 1]).trace(X, X[:, 0])
    np.testing.assert_allclose(trace["1.f'(z)"], 1 - trace["1.a"] ** 2)
    np.testing.assert_allclose(trace["d_1.z"], trace["d_1.a"] * trace["1.f'(z)"])


@given(size=st.integers(-30, 30), digits=st.floats(1, 9.999))
def test_no_number_is_shown_as_zero_that_is_not(size, digits):
    """A gradient that has almost vanished is the very thing that one looks for in a trace."""
    network = NeuralNetwork(1, [Dense(1, bias=False)])
    network["1.W"][...] = digits * 10.0**size
    lines = str(network.trace([[1.0]], [0.0])).splitlines()
    shown = lines[1 + next(place for place, line in enumerate(lines) if line.startswith("  1.W "))]
    assert float(shown.split("[[")[1].rstrip("]")) == pytest.approx(digits * 10.0**size, rel=1e-3)


def test_large_arrays_are_abbreviated():
    text = str(
        NeuralNetwork(1000, ["relu:1000", 3], loss="cross_entropy").trace(np.ones((500, 1000)), np.arange(500) % 3)
    )
    assert "..." in text
    assert len(text) < 20_000


def test_it_says_what_step_it_is_of():
    title = str(NeuralNetwork(3, [1]).trace(X[:1], [1.0], optimizer="nesterov", learning_rate=0.25)).split("\n\n")[0]
    assert " ".join(title.split()) == "one step of nesterov(mu=0.9), learning rate 0.25, on 1 row"
