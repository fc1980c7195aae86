"""Charts: points where they belong, round ticks, curves that may be short, long, or not finite."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.insight.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, columns, lines, scatter, ticks


def corners(path):
    return np.array([[float(number) for number in pair.split()] for pair in re.split("[ML]", path)[1:]])


def drawn(curves, **options):
    text = lines("c", "title", "description", "x", "y", curves, **options)
    return [corners(path) for path in re.findall(r'class="curve \w+" d="([^"]*)"', text)], text


def test_the_corners_of_a_square_are_those_of_the_axes():
    (path,), _ = drawn([Line("", [0, 1], [0, 1])], square=True)
    assert path.tolist() == [[LEFT, HEIGHT - BOTTOM], [WIDTH - RIGHT, TOP]]


def test_numbers_that_are_not_finite_are_left_out():
    (path,), _ = drawn([Line("", [1, 2, 3, 4], [1.0, np.nan, np.inf, 2.0])])
    assert len(path) == 2
    assert drawn([Line("", [], [])])[0][0].size == 0


def test_losses_far_apart_are_drawn_by_powers_of_ten():
    (path,), text = drawn([Line("", [1, 2, 3], [1000, 10, 0.1])], x_whole=True, powers=True)
    assert np.allclose(np.diff(path[:, 1]), np.diff(path[:, 1])[0], atol=0.11)
    assert ">1,000<" in text


def test_a_long_curve_is_thinned_and_a_point_alone_is_marked():
    (path,), _ = drawn([Line("", np.arange(5000), np.sin(np.arange(5000)))])
    assert len(path) == 400
    assert 'class="dots a"' in drawn([Line("", [1], [2.0])], x_whole=True)[1]


def test_columns_have_the_height_of_their_counts():
    values = np.repeat([0.5, 1.5, 2.5, 3.5, 4.5], [10, 0, 5, 1, 9])
    text = columns("h", "title", "description", "x", "y", values)
    heights = [float(height) for height in re.findall(r'<rect[^>]*height="([\d.]+)"', text)]
    assert np.allclose(np.array(heights) / heights[0], [1, 0.5, 0.1, 0.9], atol=0.01)


def test_equal_points_lie_on_the_guide():
    text = scatter("s", "title", "description", "x", "y", np.array([1.0, 3.0]), np.array([1.0, 3.0]), "guide")
    points = re.search(r'class="points" d="([^"]*)"', text)[1]
    guide = re.search(r'class="curve guide" d="([^"]*)"', text)[1]
    assert corners(points.replace("h0", "")).tolist() == corners(guide).tolist()


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
