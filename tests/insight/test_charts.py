"""Charts: points where they belong, round ticks, curves that may be short, long, or not finite."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.insight.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Bar,
    Line,
    bars,
    columns,
    lines,
    scatter,
    ticks,
)  # fmt: skip
from glassnet.insight.templating import environment


def corners(path):
    return np.array([[float(number) for number in pair.split()] for pair in re.split("[ML]", path)[1:]])


def written(chart):
    """A chart as the page has it."""
    return environment().from_string('{% from "chart.html" import chart %}{{ chart(it) }}').render(it=chart)


def of(chart, tag, look):
    """The attributes of the shapes of a chart with this tag and class."""
    return [shape.attributes for shape in chart.shapes if shape.tag == tag and shape.attributes.get("class") == look]


def drawn(curves, **options):
    chart = lines("c", "title", "note", "x", "y", curves, **options)
    curves = [shape for shape in chart.shapes if str(shape.attributes.get("class")).startswith("curve")]
    return [corners(shape.attributes["d"]) for shape in curves], chart


def test_the_corners_of_a_square_are_those_of_the_axes():
    (path,), _ = drawn([Line("", [0, 1], [0, 1])], square=True)
    assert path.tolist() == [[LEFT, HEIGHT - BOTTOM], [WIDTH - RIGHT, TOP]]


def test_numbers_that_are_not_finite_are_left_out():
    (path,), _ = drawn([Line("", [1, 2, 3, 4], [1.0, np.nan, np.inf, 2.0])])
    assert len(path) == 2
    assert drawn([Line("", [], [])])[0][0].size == 0


def test_losses_far_apart_are_drawn_by_powers_of_ten():
    (path,), chart = drawn([Line("", [1, 2, 3], [1000, 10, 0.1])], x_whole=True, powers=True)
    assert np.allclose(np.diff(path[:, 1]), np.diff(path[:, 1])[0], atol=0.11)
    assert "1,000" in [shape.text for shape in chart.shapes]


def test_a_long_curve_is_thinned_and_a_point_alone_is_marked():
    (path,), _ = drawn([Line("", np.arange(5000), np.sin(np.arange(5000)))])
    assert len(path) == 300
    assert of(drawn([Line("", [1], [2.0])], x_whole=True)[1], "path", "dots a")


def test_columns_have_the_height_of_their_counts():
    values = np.repeat([0.5, 1.5, 2.5, 3.5, 4.5], [10, 0, 5, 1, 9])
    heights = np.array([float(each["height"]) for each in of(columns("h", "t", "", "x", "y", values), "rect", "a")])
    assert np.allclose(heights / heights[0], [1, 0.5, 0.1, 0.9], atol=0.01)


def test_equal_points_lie_on_the_guide():
    chart = scatter("s", "title", "note", "x", "y", np.array([1.0, 3.0]), np.array([1.0, 3.0]), "guide")
    (points,), (guide,) = of(chart, "path", "points"), of(chart, "path", "curve guide")
    assert corners(points["d"].replace("h0", "")).tolist() == corners(guide["d"]).tolist()


def test_bars_are_as_long_as_their_values_and_none_leaves_the_picture():
    each = [Bar("a", 2.0, "2"), Bar("b", 1.0, "1", low=0.5, high=4.0), Bar("c", -1.0, "a long text")]
    chart = bars("b", "title", "note", each)
    widths = [float(shape["width"]) for shape in of(chart, "rect", "a")]
    assert np.allclose(np.array(widths) / widths[0], [1, 0.5, 0.5], atol=0.01)
    texts = [shape for shape in chart.shapes if shape.attributes.get("class") == "strong"]
    assert all(float(shape.attributes["x"]) + 7 * len(shape.text) <= WIDTH for shape in texts)
    assert chart.description.startswith("a: 2, b: 1, c: a long text")


@pytest.mark.parametrize(
    ("name", "wide"), [("a name that is far too long for its bar", 20), ("很长很长的名字放不进图里", 10)]
)
def test_a_name_that_is_too_long_is_cut(name, wide):
    (shown,) = [shape.text for shape in bars("b", "t", "", [Bar(name, 1.0, "1")]).shapes if shape.tag == "text"][:1]
    assert shown != name
    assert len(shown) <= wide + 1


def test_a_chart_is_named_and_escaped_for_those_who_listen():
    text = written(lines("c", "A <b>", "note & more", "x <i>", "y", [Line("<s>", [0, 1], [0, 1])]))
    assert 'role="img" aria-labelledby="c-title c-description"' in text
    assert '<title id="c-title">A &lt;b&gt;</title>' in text
    assert not re.search("<[bis]>", text)


def test_an_axis_without_numbers_names_its_ends_and_middle():
    chart = lines("c", "t", "", "x", "y", [Line("", range(5), range(5))], x_names=["a", "b", "c", "d", "e"])
    assert [shape.text for shape in chart.shapes if shape.text in "abcde" and shape.text] == ["a", "c", "e"]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.booleans())
def test_ticks_are_round_ascending_and_within(low, width, whole):
    high = low + width
    if low == high or width / max(abs(low), 1) < 1e-9:
        return
    found = ticks(low, high, whole=whole)
    assert 1 <= len(found) <= 12
    assert found == sorted(set(found))
    slack = 1e-6 * width
    assert low - slack <= found[0]
    assert found[-1] <= high + slack


@pytest.mark.parametrize("value", [0.0, -3.0, 7e8])
def test_a_level_curve_has_a_scale(value):
    (path,), _ = drawn([Line("", [1, 2], [value, value])])
    assert TOP < path[0, 1] < HEIGHT - BOTTOM
