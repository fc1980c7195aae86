"""Curves of Braille letters: every dot is where it should be."""

from __future__ import annotations

import math

from glassnet.insight.live.view import draw


def letters(lines):
    return ["".join(letter for letter, _ in line) for line in lines]


def test_a_straight_line():
    lines, lowest, highest = draw([[1, 2, 3, 4]], width=2, height=1)
    assert letters(lines) == ["⡠⠊"]
    assert (lowest, highest) == (1, 4)


def test_many_points_become_means_and_few_become_lines():
    assert letters(draw([[0] * 500 + [1] * 500], width=2, height=1)[0]) == ["⣀⠏"]
    assert letters(draw([[0, 1]], width=4, height=1)[0]) == ["⣀⠤⠒⠉"]


def test_steep_curves_are_logarithmic():
    lines, _, _ = draw([[1000, 100, 10, 1]], width=2, height=1)
    assert letters(lines) == ["⠑⢄"]


def test_the_second_curve_is_dotted_and_owns_its_letters():
    lines, _, _ = draw([[0, 0, 0, 0], [1, 1, 1, 1]], width=2, height=2)
    assert letters(lines) == ["⠁⠁", "⣀⣀"]
    assert [whose for _, whose in lines[0]] == [1, 1]
    assert [whose for _, whose in lines[1]] == [0, 0]


def test_what_is_not_finite_is_left_out():
    lines, lowest, highest = draw([[1.0, math.nan, math.inf, 1.0]], width=2, height=1)
    assert (lowest, highest) == (1, 1)
    assert letters(lines) == ["⠄⠠"]
    lines, lowest, _ = draw([[math.nan]], width=2, height=1)
    assert letters(lines) == ["⠀⠀"]
    assert math.isnan(lowest)
