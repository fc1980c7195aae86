"""Dimensions that are known when the code runs: two are equal if they are so whatever their names stand for."""

import pytest

from glassnet.ir import UntraceableError
from glassnet.ir.dims import SymbolicDim

A, B = SymbolicDim(0), SymbolicDim(1)


def test_the_order_of_arithmetic_makes_no_other_count():
    assert (A + B) * 2 - B == B + 2 * A
    assert hash(A * B + 1) == hash(1 + B * A)
    assert A * B != A + B


@pytest.mark.parametrize(("size", "number"), [(A - A, 0), (A // A, 1), (3 + A * B - B * A, 3)])
def test_what_does_not_depend_on_the_table_is_a_number(size, number):
    assert type(size) is int
    assert size == number


def test_a_count_comes_from_the_row_of_the_table():
    assert ((A * B - 2) * A // A + 5 * B // B).at([4, 7]) == 31


def test_a_count_is_divided_by_a_sum_that_leaves_nothing():
    assert (A * B - A) // (B - 1) == A
    assert (A * A - B * B) // (A + B) == A - B
    assert (A + B) * 6 // (2 * A + 2 * B) == 3


@pytest.mark.parametrize("size", [A, A * B, (A + B) * 2 + 1, A * A + B * B])
def test_a_count_is_not_divided_by_a_sum_that_leaves_something(size):
    with pytest.raises(UntraceableError, match="a division of"):
        size // (A + B)
