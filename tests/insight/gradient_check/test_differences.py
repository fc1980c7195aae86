"""Slopes by trying out: how exact they are, and what becomes of kinks and of mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.gradient_check.finite_differences import compare, slopes


def moving(function, at):
    return lambda which, far: function(at[which] + far)


@pytest.mark.parametrize(
    ("function", "derivative"),
    [(np.exp, np.exp), (np.sin, np.cos), (lambda x: x**5, lambda x: 5 * x**4), (np.arctan, lambda x: 1 / (1 + x * x))],
)
def test_a_slope_is_good_to_eleven_digits(function, derivative):
    at = np.linspace(-3, 3, 61)
    slope, apart = slopes(moving(function, at), at)
    error = np.abs(slope - derivative(at)) / np.maximum(np.abs(derivative(at)), 0.1)
    assert error.max() < 1e-10
    assert apart.max() < 1e-7


def test_large_numbers_are_moved_in_proportion():
    at = np.array([1e8, -3e5])
    slope, _ = slopes(moving(lambda x: x * x, at), at)
    np.testing.assert_allclose(slope, 2 * at, rtol=1e-11)


def test_a_kink_right_here_is_no_mistake():
    at = np.array([-1.0, 0.0, 2.0])
    found = compare(moving(np.abs, at), at, np.array([-1.0, 1.0, 1.0]), 1e-6)
    assert found.kink.tolist() == [False, True, False]
    assert not found.wrong.any()
    assert found.error.max() < 1e-10


@pytest.mark.parametrize("away", [1e-3, 3e-5, 2e-6, 1e-7])
def test_a_kink_nearby_does_not_spoil_the_slope(away):
    at = np.array([away, 1.0])
    found = compare(moving(np.abs, at), at, np.array([1.0, 1.0]), 1e-6)
    assert not found.kink.any()
    assert not found.wrong.any()
    np.testing.assert_allclose(found.slope, 1, rtol=1e-8)
    wrong = compare(moving(np.abs, at), at, np.array([0.9, 1.0]), 1e-6)
    assert wrong.wrong.tolist() == [True, False]


def test_a_jump_of_the_curvature_is_no_kink():
    at = np.array([0.0, 1.0])  # x |x| has the slope 2 |x|, and curvatures of -2 and 2
    found = compare(moving(lambda x: x * np.abs(x) + x, at), at, np.array([1.0, 3.0]), 1e-6)
    assert not found.kink.any()
    assert not found.wrong.any()
    assert found.error.max() < 1e-6


@pytest.mark.parametrize("factor", [1 + 1e-4, 0.5, -1.0, 0.0, np.nan])
def test_a_wrong_gradient_is_found_wherever_the_function_is_smooth(factor):
    at = np.linspace(-2, 2, 41)
    found = compare(moving(np.tanh, at), at, factor * (1 - np.tanh(at) ** 2), 1e-6)
    assert found.wrong.all()
    assert not found.kink.any()


def test_a_gradient_of_nothing_is_right():
    at = np.zeros(3)
    found = compare(moving(lambda x: 0 * x + 5.0, at), at, np.zeros(3), 1e-6)
    assert found.error.max() == 0
    assert not found.wrong.any()
