"""One neuron: its line is where the weighted sum is zero."""

import numpy as np
import pytest

from glassnet import Neuron, plots
from glassnet.errors import InputError, InputTypeError

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def neuron(w=(2.0, -1.0), b=0.5):
    made = Neuron(2)
    made.w, made.b = list(w), b
    return made


def test_on_the_line_the_sum_is_zero():
    one = neuron()
    line = plots.neuron_line(one, X).lines[0]
    first, slope_point = np.array(line.get_xy1()), np.array(line.get_xy2())
    for point in (first, slope_point):
        assert point @ one.w + one.b == pytest.approx(0, abs=1e-12)
    assert not np.allclose(first, slope_point)


def test_the_arrow_points_along_the_weights():
    one = neuron()
    (arrow,) = plots.neuron_line(one, X).texts
    foot, tip = np.array(arrow.xyann), np.array(arrow.xy)
    assert foot @ one.w + one.b == pytest.approx(0, abs=1e-12)
    along = (tip - foot) / np.linalg.norm(tip - foot)
    np.testing.assert_allclose(along, one.w / np.linalg.norm(one.w))


def test_rows_and_words(font):
    ax = plots.neuron_line(neuron(), X, [0, 0, 0, 1], language="zh")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["w·x + b = 0", "w 的方向", "否", "是"]
    assert ax.get_title() == "一个神经元"
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), [[1, 1]])


def test_without_weights_there_is_no_line():
    ax = plots.neuron_line(neuron((0.0, 0.0), 1.0), X, [0, 0, 0, 1])
    assert not ax.texts
    assert not ax.lines


def test_what_is_no_neuron_of_two_inputs_is_refused():
    with pytest.raises(InputTypeError, match="plot is of a single neuron. Received: str"):
        plots.neuron_line("neuron", X)
    with pytest.raises(InputError, match=r"needs a neuron with two inputs. Received: 3. Use Neuron\(2\)"):
        plots.neuron_line(Neuron(3), X)
    with pytest.raises(InputError, match=r"must have shape \(rows, 2\)"):
        plots.neuron_line(neuron(), X[:, :1])
    with pytest.raises(InputError, match="at least one row"):
        plots.neuron_line(neuron(), X[:0])
    with pytest.raises(InputError, match="y must be 0 or 1 for each row"):
        plots.neuron_line(neuron(), X, [0, 1, 2, 1])
    with pytest.raises(InputError, match="y must be 0 or 1 for each row"):
        plots.neuron_line(neuron(), X, [0, 1])
