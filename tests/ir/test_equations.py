"""Formulas as people write them, from the graph of scalars."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

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


def in_place(z):
    y = z * 2
    again = y
    again += 1
    return y


def into_another(z):
    y = np.zeros_like(z)
    np.tanh(z, out=y)
    return y


def its_argument(z):
    z += 1
    return z


@pytest.mark.parametrize(
    "formula", [in_place, into_another, its_argument, lambda z: z + np.random.default_rng().random()]
)
def test_what_is_not_what_the_formula_gives_for_the_numbers_is_not_written(formula):
    assert written(formula, {"z": 1.85}) is None


@pytest.mark.parametrize(
    "formula", [lambda z: np.clip(z, a_min=0, a_max=1), lambda z: z.reshape(z.shape), lambda z: np.round(z, decimals=1)]
)
def test_what_the_text_would_not_say_is_not_written(formula):
    assert written(formula, {"z": 1.85}) is None


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda z: z.astype(np.float64) * 2, "z · 2"),
        (lambda z: (z > 0).astype(z.dtype) * z, "z"),
        (lambda z: np.full_like(z, 0.3) + z, "0.3 + z"),
        (lambda z: np.ones_like(z) - z, "1 - z"),
        (lambda z: z * np.float16(0.5), "z · 0.5"),
        (lambda z: z * scipy.special.dawsn(z), "z · dawsn(z)"),
    ],
)
def test_types_and_new_arrays_are_not_written(formula, text):
    assert written(formula, {"z": 1.85}) == text
