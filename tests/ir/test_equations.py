"""Formulas as people write them, from the graph of scalars."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.formulas.activations import gelu_derivative, hard_swish_derivative
from glassnet.ir.equations import MOST, written


@pytest.mark.parametrize(("z", "text"), [(0.5, "sin(z)^2"), (-0.5, "exp(z) - 1")])
def test_the_number_decides_which_way_is_written(z, text):
    def asks(z):
        if z > 0:
            return np.sin(z) ** 2
        return np.exp(z) - 1

    assert written(asks, {"z": z}) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda x, y: x - (y - 1), "x - (y - 1)"),
        (lambda x, y: x * (y * 2) / (x * y), "x · y · 2 / (x · y)"),
        (lambda x, y: x + -y, "x + (-y)"),
        (lambda x, y: -x * y, "(-x) · y"),
        (lambda x, y: (x + y) ** 2 / y, "(x + y)^2 / y"),
        (lambda x, y: np.where(x > y, 1, y) * x, "y · x"),
    ],
)
def test_parentheses_stand_where_they_are_needed(formula, text):
    assert written(formula, {"x": 1.0, "y": 2.0}) == text


def test_numbers_are_filled_in_with_four_digits_and_negative_ones_in_parentheses():
    text = written(lambda w, rate, d_w: w - rate * d_w, {"w": -0.123456, "rate": 1.0, "d_w": -2.0}, filled=True)
    assert text == "-0.1235 - 1 · (-2)"  # a rate of 1 is data, and is shown


def test_a_factor_of_one_that_the_formula_has_is_left_out():
    assert written(hard_swish_derivative, {"z": 0.5, "a": 0.3}) == "z / 3 + 0.5"


def test_what_has_no_name_that_people_know_is_written_by_its_exponential():
    assert written(gelu_derivative, {"z": 0.5, "a": 0.3}).endswith("exp(-((-0.7071) · z)^2)")


def test_what_nobody_reads_or_nothing_can_follow_is_not_written():
    def long(z):
        for _ in range(MOST):
            z = z + 1
        return z

    def doubled(z):
        for _ in range(60):
            z = z * z
        return z

    assert written(long, {"z": 1.0}) is None
    assert written(doubled, {"z": 1.0}) is None  # its text would fill the memory
    assert written(lambda z: float(z), {"z": 1.0}) is None
