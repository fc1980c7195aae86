"""The graph of a step: every number of the trace stands in it."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork, Residual, plots
from glassnet.errors import InputError, InputTypeError
from glassnet.language import minus
from tests.insight.plots.overlaps import crowded


def short(number):
    return minus(f"{float(number) + 0.0:.3g}")


def numbers(ax):
    return [text.get_text().strip() for text in ax.texts]


@pytest.fixture
def trace():
    network = NeuralNetwork(2, ["tanh:3", 1], "mse", seed=1)
    return network.trace([[0.5, -1.0], [1.0, 2.0]], [1.0, 0.0], learning_rate=0.1)


@pytest.mark.parametrize("row", [0, 1])
def test_all_numbers_of_the_row_are_there(trace, row):
    shown = numbers(plots.trace_graph(trace, row))
    expected = [short(value) for name in ("x", "1.a", "2.a") for value in trace[name][row]]
    expected += [f"z {short(value)}" for name in ("1.z", "2.z") for value in trace[name][row]]
    expected += [f"d_z {short(value)}" for name in ("d_1.z", "d_2.z") for value in trace[name][row]]
    expected += [short(value) for name in ("1.W", "2.W", "d_1.W", "d_2.W") for value in trace[name].ravel()]
    for layer in (1, 2):
        pairs = zip(trace[f"{layer}.b"], trace[f"d_{layer}.b"], strict=True)
        expected += [f"b {short(b)}, d_b {short(d_b)}" for b, d_b in pairs]
    expected += [short(trace["row losses"][row]), f"target {short(trace['y'][row])}"]
    for text in expected:
        assert text in shown, text


@pytest.mark.parametrize("layers", [["tanh:3", 1], ["tanh:4", "relu:4", "relu:4", 2], ["dropout:0.5", 1]])
def test_on_small_axes_nothing_lies_on_anything_else(layers):
    network = NeuralNetwork(4, layers, "mse", seed=1)
    trace = network.trace([[0.5, -1.0, 0.333, -12.345]], np.ones((1, layers[-1])))
    _, ax = plt.subplots(figsize=(3.2, 2.4), layout="constrained")
    plots.trace_graph(trace, ax=ax)
    assert crowded(ax) == []
    for value in trace["1.a"][0]:  # what stays in any case
        assert {short(value), minus(f"{float(value) + 0.0:.2g}")} & set(numbers(ax))


@pytest.mark.slow
def test_titles_say_which_row(trace):
    assert plots.trace_graph(trace, 1).get_title() == "One step, row 2 of 2"
    assert plots.trace_graph(trace, 1, language="zh").get_title() == "一步训练，第 2 行，共 2 行"
    single = NeuralNetwork(1, [1]).trace([[1.0]], [2.0])
    assert plots.trace_graph(single).get_title() == "One step on one row"


def test_lines_are_as_thick_as_weights():
    network = NeuralNetwork(2, [2])
    network["1.W"][...] = [[1.0, -2.0], [3.0, -4.0]]
    ax = plots.trace_graph(network.trace([[1.0, 1.0]], [[0.0, 0.0]]))
    widths = [line.get_linewidth() for line in ax.lines[:4]]
    assert widths == sorted(widths)
    assert widths[-1] == pytest.approx(2.5)


def test_layers_that_keep_their_places_have_a_column_of_their_own():
    network = NeuralNetwork(2, ["dropout:0.5", 1])
    trace = network.trace([[1.0, 2.0]], [0.0])
    shown = numbers(plots.trace_graph(trace))
    for value in trace["1.a"][0]:
        assert short(value) in shown


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (NeuralNetwork(2, ["relu:5", 1]), "needs a small network of dense layers. Received: 5 units beside each other"),
        (NeuralNetwork(2, ["relu:2"] * 4 + [1]), "Received: 5 layers"),
        (NeuralNetwork(2, [Residual([Dense(2)]), 1]), "Received: layer 1 of another kind"),
    ],
)
def test_networks_without_room_are_refused(network, message):
    with pytest.raises(InputError, match=message):
        plots.trace_graph(network.trace(np.ones((1, 2)), [1.0]))


def test_rows_and_traces_that_are_none_are_refused(trace):
    with pytest.raises(InputError, match="`row` must be an integer from 0 to 1. Received: 2. There are 2"):
        plots.trace_graph(trace, 2)
    with pytest.raises(InputTypeError, match="`row` must be an integer"):
        plots.trace_graph(trace, True)
    with pytest.raises(InputTypeError, match="needs a Trace. Received: dict"):
        plots.trace_graph({})
