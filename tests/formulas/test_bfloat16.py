"""Rounding to bfloat16, and the order of sums of products of rounded numbers."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.formulas.elementary import bfloat16
from glassnet.formulas.rounded_products import BLOCK, einsum_by_product, rounded_einsum, rounded_product

LEAST, MOST = 2.0**-56, 2.0**64


def numbers():
    """Every number of bfloat16, and behind it: the next one, just below the middle, in it, just above it, the last."""
    upper = np.arange(2**16, dtype=np.uint32) << np.uint32(16)
    behind = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF], np.uint32)
    return (upper[:, None] | behind).ravel().view(np.float32)


def nearest(x):
    """The nearer of the two numbers of bfloat16 around x, from exact distances; of two equally near the even one."""
    bits = np.abs(x).view(np.uint32) & np.uint32(0xFFFF0000)
    low = bits.view(np.float32).astype(float)
    next_bits = bits.astype(np.uint64) + 0x10000
    # behind the largest number the grid would go on with 2^128
    high = np.where(next_bits == 0x7F800000, 2.0**128, next_bits.astype(np.uint32).view(np.float32).astype(float))
    below, above = np.abs(x).astype(float) - low, high - np.abs(x).astype(float)
    is_even = (bits >> np.uint32(16) & np.uint32(1)) == 0
    size = np.where((below < above) | ((below == above) & is_even), low, high)
    size = np.where(size < LEAST, 0, np.where(size >= MOST, np.inf, size))
    return np.copysign(size, x).astype(np.float32)


def test_the_nearest_number_whatever_the_exponent():
    x = numbers()
    x = x[np.isfinite(x)]
    assert bfloat16(x).tobytes() == nearest(x).tobytes()


def test_as_other_implementations_round():
    dtypes = pytest.importorskip("ml_dtypes")
    x = numbers()
    x = x[(np.abs(x) >= LEAST) & (np.abs(x) < MOST * (1 - 2.0**-9))]
    assert bfloat16(x).tobytes() == x.astype(dtypes.bfloat16).astype(np.float32).tobytes()


def test_infinite_numbers_and_nan_stay():
    x = np.array([np.inf, -np.inf, np.nan, -np.nan], np.float32)
    assert np.array_equal(bfloat16(x), x, equal_nan=True)
    signalling = np.array([0x7F800001, 0xFF800001], np.uint32).view(np.float32)
    quiet = bfloat16(signalling).view(np.uint32) & np.uint32(0x7FFFFFFF)
    assert quiet.tolist() == [0x7FC00000] * 2


def test_small_numbers_are_zero_and_large_ones_infinite_with_their_sign():
    x = np.array([1e-40, -1e-40, 1e-17, -1e-17, 2e19, -2e19], np.float32)
    found = bfloat16(x)
    assert found.tolist() == [0, 0, 0, 0, np.inf, -np.inf]
    assert np.signbit(found).tolist() == [False, True] * 3


def test_twice_rounded_is_once_rounded():
    once = bfloat16(numbers())
    assert np.array_equal(bfloat16(once), once, equal_nan=True)


def test_products_and_sums_of_the_smallest_numbers_are_not_subnormal():
    least = np.array([LEAST, -LEAST * (1 + 2.0**-7)], np.float32)
    products = np.multiply.outer(least, least)
    sums = np.add.outer(products.ravel(), products.ravel())
    assert np.abs(sums[sums != 0]).min() >= np.finfo(np.float32).tiny
    assert (products == np.multiply.outer(least.astype(float), least.astype(float))).all()


def by_definition(a, b):
    """One number of a product, place by place, with zeros behind the end of the last block."""
    end = -(-len(a) // BLOCK) * BLOCK
    a, b = (np.concatenate([part, np.zeros(end - len(part), np.float32)]) for part in (a, b))
    total = np.float32(0)
    for start in range(0, end, BLOCK):
        even = odd = np.float32(0)
        for k in range(start, start + BLOCK, 2):
            even = even + a[k] * b[k]
            odd = odd + a[k + 1] * b[k + 1]
        total = total + (even + odd)
    return total


@pytest.mark.parametrize("inner", [1, 2, 31, 32, 33, 65, 100])
def test_two_chains_in_blocks_of_32(inner):
    rng = np.random.default_rng(inner)
    a, b = (bfloat16(rng.normal(size=shape).astype(np.float32)) for shape in ((3, inner), (inner, 2)))
    expected = [[by_definition(row, column) for column in b.T] for row in a]
    assert rounded_product(a, b).tolist() == expected


def test_products_of_members_are_those_of_each():
    rng = np.random.default_rng(0)
    x, W = (bfloat16(rng.normal(size=shape).astype(np.float32)) for shape in ((5, 3, 40), (3, 40, 4)))
    found = rounded_einsum("rki,kiu->rku", x, W)
    assert all((found[:, k] == rounded_product(x[:, k], W[k])).all() for k in range(3))


@pytest.mark.parametrize("subscripts", ["rki,kiu->rku", "rki,rku->kiu", "rku,kiu->rki", "rki,rku->iu"])
def test_einsums_by_one_product(subscripts):
    sizes = {"r": 5, "k": 3, "i": 4, "u": 2}
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=[sizes[one] for one in part]) for part in subscripts.partition("->")[0].split(","))
    assert np.allclose(einsum_by_product(subscripts, a, b, np.matmul), np.einsum(subscripts, a, b))
