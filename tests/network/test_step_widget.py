"""The widget of a notebook: its numbers are those of the trace, and the page's own code reads them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from glassnet import BatchNorm, Dense, Dropout, NeuralNetwork, Residual
from glassnet.errors import InputError, MissingExtraError
from glassnet.network.step_widget import _widget_class, slow_motion
from glassnet.support.scripts import WEB
from tests.node import run_program

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])

SCRIPT = """
import fs from "fs";
const { StepNumbers } = await import("%s");
const { slowed } = JSON.parse(fs.readFileSync(0));
const seen = new StepNumbers(slowed);
const layers = seen.dense.map(({ sums }, layer) => Array.from({ length: sums.outputs }, (_, unit) => ({
  z: seen.z(layer, unit), a: seen.a(layer, unit), d_z: seen.d_z(layer, unit), d_a: seen.d_a(layer, unit),
  x: Array.from({ length: sums.inputs }, (_, from) => seen.x(layer, from)),
  w: Array.from({ length: sums.inputs }, (_, from) => seen.weight({ layer, from, to: unit })),
  b: seen.weight({ layer, from: null, to: unit }),
})));
console.log(JSON.stringify(layers));
"""


@pytest.fixture
def network():
    return NeuralNetwork(2, ["tanh:3", BatchNorm(), "relu:2", 1], loss="binary_cross_entropy", seed=1)


@pytest.mark.slow
def test_the_page_reads_every_number_of_the_trace(network):
    step = slow_motion(network, X, Y, optimizer="adam", learning_rate=0.1)
    script = SCRIPT % (WEB / "playground" / "session" / "step_numbers.js")
    units = run_program(script, step)
    trace = network.trace(X, Y, optimizer="adam", learning_rate=0.1)
    for found, layer, before in zip(units, (1, 3, 4), ("x", "2.a", "3.a"), strict=True):
        for unit, of in enumerate(found):
            expected = {name: trace[f"{layer}.{name}"][0, unit] for name in ("z", "a")}
            expected |= {name: trace[f"d_{layer}.{name[2:]}"][0, unit] for name in ("d_z", "d_a")}
            assert {name: of[name] for name in expected} == pytest.approx(expected)
            assert of["w"] == pytest.approx(network[f"{layer}.W"][:, unit])
            assert of["b"] == pytest.approx(network[f"{layer}.b"][unit])
            assert of["x"] == pytest.approx(trace[before][0])


def test_before_gradient_and_after_are_the_flat_vectors(network):
    slowed = slow_motion(network, X, Y, optimizer="momentum", learning_rate=0.1)["slowed"]
    assert slowed["before"] == network.parameters.tolist()
    np.testing.assert_allclose(slowed["after"], network.parameters - 0.1 * np.array(slowed["gradient"]), rtol=1e-6)
    np.testing.assert_allclose(slowed["slotsAfter"], [slowed["gradient"]])
    assert sum(slowed["losses"]) == pytest.approx(slowed["loss"])


def test_maps_are_what_the_neurons_answer(network):
    numbers, side = slow_motion(network, X[:1], Y[:1], around=X)["maps"].values()
    assert [len(one) // side**2 for one in numbers] == [2, 3, 2, 1]
    grid = np.reshape(numbers[0], (-1, 2))
    assert grid[0, 1] > grid[-1, 1]  # the top row has the largest x2
    assert (grid.min(axis=0) < X.min(axis=0)).all()
    assert (grid.max(axis=0) > X.max(axis=0)).all()
    np.testing.assert_allclose(numbers[-1], np.ravel(network.forward(grid)), atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([Residual([Dense(2)]), 1], "shows chains of Dense"),
        ([Dense(4, bias=False), 1], "shows chains of Dense"),
        (["relu:64", 1], "8 layers of 16 units"),
        ([Dropout(0.5)], "shows chains of Dense"),
        ([Dense(4, products="bfloat16"), 1], "no layer may round them to bfloat16"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(layers, said):
    with pytest.raises(InputError, match=said):
        NeuralNetwork(2, layers, loss="mse", dtype="float32").widget(X, Y)


def test_the_reader_chooses_the_row(network):
    widget = network.widget(X, Y, row=2)
    assert widget.step["slowed"]["targets"] == [1.0]
    widget.row = 3
    assert widget.step["slowed"]["targets"] == [0.0]
    widget.row = None
    assert widget.step["slowed"]["targets"] == Y.tolist()
    widget.row = 99
    assert widget.row == len(X) - 1


def test_a_widget_shows_the_network_as_it_is_by_then(network):
    widget = network.widget(X, Y)
    network.train(X, Y, epochs=1)
    assert widget.step["slowed"]["before"] != network.parameters.tolist()
    widget.refresh()
    assert widget.step["slowed"]["before"] == network.parameters.tolist()


@pytest.mark.parametrize(
    ("options", "said"), [({"row": 6}, "from 0 to 5"), ({"names": ["a"]}, "must name every input")]
)
def test_a_row_or_names_that_are_not_there_are_refused(network, options, said):
    with pytest.raises(InputError, match=said):
        network.widget(X, Y, **options)


def test_without_anywidget_the_error_names_the_extra(network, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    _widget_class.cache_clear()
    with pytest.raises(MissingExtraError, match=r"glassnet\[notebook\]"):
        network.widget(X, Y)
