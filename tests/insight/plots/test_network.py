"""The network diagram: lines as thick as weights, colours as their signs."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from glassnet import Dense, NeuralClassifier, NeuralNetwork, PeriodicEmbedding, Residual, plots
from glassnet.errors import InputTypeError
from glassnet.insight.theme import THEMES
from tests.insight.plots.overlaps import crowded


def lines(ax):
    return [drawn for drawn in ax.collections if isinstance(drawn, LineCollection)]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_lines_are_as_thick_as_weights_are_large():
    network = NeuralNetwork(3, ["tanh:4", 2], "cross_entropy", seed=3)
    for drawn, name in zip(lines(plots.network_diagram(network)), ("1.W", "2.W"), strict=True):
        sizes = np.abs(network[name]).ravel()
        assert np.argsort(drawn.get_linewidths()).tolist() == np.argsort(sizes).tolist()
        assert max(drawn.get_linewidths()) == pytest.approx(3.0)


@pytest.mark.parametrize("theme", THEMES)
def test_colors_are_signs(theme):
    network = NeuralNetwork(2, [3])
    network["1.W"][...] = [[1, -2, 3], [-4, 5, -6]]
    (drawn,) = lines(plots.network_diagram(network, theme=theme))
    positive, negative = to_rgba(THEMES[theme].positive, 0.75), to_rgba(THEMES[theme].negative, 0.75)
    signs = [tuple(color) == positive for color in drawn.get_colors()]
    assert signs == [True, False, True, False, True, False]
    assert all(tuple(color) in (positive, negative) for color in drawn.get_colors())


def test_lines_run_from_unit_to_unit():
    network = NeuralNetwork(2, [3])
    (drawn,) = lines(plots.network_diagram(network))
    ends = [segment.tolist() for segment in drawn.get_segments()]
    assert ends[0] == [[0, 0.5], [1, 1]]
    assert ends[-1] == [[0, -0.5], [1, -1]]


SMALL = {
    "wide": NeuralNetwork(1000, ["relu:64", 1]),
    "deep": NeuralNetwork(4, ["tanh:4", "gelu:8", "relu:30", "tanh:4", 3]),
    "block": NeuralNetwork(4, ["tanh:6", "dropout:0.1", Residual([Dense(12, "relu"), Dense(6)]), 3]),
    "many kinds": NeuralNetwork(3, [PeriodicEmbedding(size=2), "dropout:0.2", "layer_norm", Residual([Dense(6)]), 1]),
}


@pytest.mark.parametrize("name", SMALL)
def test_on_small_axes_nothing_lies_on_anything_else(name):
    _, ax = plt.subplots(figsize=(3.2, 2.4), layout="constrained")
    assert crowded(plots.network_diagram(SMALL[name], ax=ax)) == []


@pytest.mark.slow
def test_on_small_axes_long_names_are_shorter(regressor, rows):
    frame = rows.frame.rename(columns={"age": "the age of the person in years"})
    model = NeuralClassifier(preset="mlp", hidden_layers=(8,), epochs=1).fit(frame, np.where(rows.yes, "yes", "never"))
    words = []
    for size in ((3.2, 2.4), (6.4, 4.8)):
        _, ax = plt.subplots(figsize=size, layout="constrained")
        assert crowded(plots.network_diagram(model, ax=ax)) == []
        words.append(next(text for text in texts(ax) if text.startswith("the age")))
    assert words[0][:-1] in words[1]
    assert 5 < len(words[0]) < len(words[1])


def test_wide_layers_are_abbreviated_and_counted():
    ax = plots.network_diagram(NeuralNetwork(1000, ["relu:64", 1]))
    assert texts(ax).count("⋮") == 2
    assert {"1,000", "64", "1"} <= set(texts(ax))
    assert len(lines(ax)[0].get_segments()) == 7 * 7


def test_every_kind_of_layer_is_named():
    inner = Residual([Dense(3, "gelu"), Dense(6)])
    network = NeuralNetwork(3, [PeriodicEmbedding(size=2), "dropout:0.2", "layer_norm", inner, 1])
    ax = plots.network_diagram(network)
    assert {"Periodic\nEmbedding", "Dropout 0.2\nLayerNorm", "gelu", "identity", "+ x"} <= set(texts(ax))
    assert len(lines(ax)) == 3  # the embedding has an arrow instead


def test_names_of_inputs_and_classes_stand_beside_the_units(rows, regressor, letters, binary):
    assert {"x1", "x2", "x3", "a", "b", "c"} <= set(texts(plots.network_diagram(letters)))
    assert {"1"} <= set(texts(plots.network_diagram(binary)))
    named = texts(plots.network_diagram(regressor))
    assert {"age", "pay", "size"} <= set(named)


def test_long_names_lose_their_end(rows):
    table = rows.frame.rename(columns={"age": "the age of the person in years"})
    model = NeuralClassifier(preset="mlp", hidden_layers=(), epochs=1, random_state=0).fit(table, rows.yes)
    assert "the age of the per…" in texts(plots.network_diagram(model))


def test_the_title_counts_the_parameters():
    network = NeuralNetwork(100, ["relu:20", 1])
    assert plots.network_diagram(network).get_title() == "Network with 2,041 parameters"
    assert plots.network_diagram(network, language="zh").get_title() == "网络，共 2,041 个参数"


def test_weights_of_zero_are_drawn_thin():
    network = NeuralNetwork(2, [1])
    network["1.W"][...] = 0
    assert max(lines(plots.network_diagram(network))[0].get_linewidths()) == pytest.approx(0.15)


def test_what_has_no_network_is_refused():
    with pytest.raises(InputTypeError, match="must be a network or a fitted estimator of glassnet. Received: list"):
        plots.network_diagram([1, 2])
