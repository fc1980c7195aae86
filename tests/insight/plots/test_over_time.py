"""Bands over time: the recorder's quantiles."""

import numpy as np
import pytest

from glassnet import Recorder, plots
from glassnet.errors import InputError, InputTypeError


def edges(band):
    """Low and high of a band, epoch by epoch."""
    points = band.get_paths()[0].vertices
    epochs = sorted(set(points[:, 0]))
    return np.array([(points[points[:, 0] == x, 1].min(), points[points[:, 0] == x, 1].max()) for x in epochs]).T


@pytest.mark.parametrize(("kind", "layer"), [("weights", "2.W"), ("activations", "1.a"), ("gradients", "1.W")])
def test_bands_and_line_are_the_quantiles(recorded, kind, layer):
    _, recorder = recorded
    ax = plots.over_time(recorder, kind, layer)
    kept = recorder.summary(kind, layer)
    outer, inner = ax.collections
    np.testing.assert_allclose(edges(outer), [kept[:, 0], kept[:, 4]])
    np.testing.assert_allclose(edges(inner), [kept[:, 1], kept[:, 3]])
    line = ax.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2, 3, 4])
    np.testing.assert_allclose(line.get_ydata(), kept[:, 2])
    assert ax.get_yscale() == ("log" if kind == "gradients" else "linear")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["90% of them", "50% of them", f"layer {layer[0]}, median"]


def test_all_layers_are_told_apart(recorded):
    ax = plots.over_time(recorded[1], "activations", language="zh")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["第 1 层", "第 2 层", "第 3 层"]
    assert ax.get_title() == "激活值随训练的变化"
    assert len({line.get_color() for line in ax.lines[:3]}) == 3


def test_what_was_not_recorded_is_refused(recorded):
    with pytest.raises(InputTypeError, match="needs a Recorder. Received: str"):
        plots.over_time("recorder")
    with pytest.raises(InputError, match="must have recorded a training"):
        plots.over_time(Recorder())
    with pytest.raises(InputError, match="`kind` of over_time must be one of: weights, .*Received: 'biases'"):
        plots.over_time(recorded[1], "biases")
    with pytest.raises(InputError, match="whose weights were recorded. Received: '9.W'. Available: 1.W, 2.W, 3.W"):
        plots.over_time(recorded[1], "weights", "9.W")
