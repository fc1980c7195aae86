"""Products of numbers that are rounded to bfloat16, the operands of mixed precision; sums are float32.

The product of two such numbers is exact in float32, so all that a result depends on is the order of its sum. It is that
of Intel's instruction for tiles (``tdpbf16ps``), which other processors follow number by number: the inner axis is cut
into blocks of 32, and each block adds to the result the sum of two chains, of its even and of its odd places.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

BLOCK: Final = 32
"""Places of the inner axis that are added up before they are added to the result."""
ROWS: Final = 64
"""Rows of NumPy's products at a time."""


def rounded_product(a: Any, b: Any) -> Any:
    """Return the matrix product of two arrays of rounded numbers.

    In a graph it is any product whose operands are both rounded.

    Parameters
    ----------
    a : array of shape (..., rows, inner)
    b : array of shape (inner, columns) or (..., inner, columns)

    Examples
    --------
    257 has nine binary digits, bfloat16 keeps eight:

    >>> from glassnet.formulas.elementary import bfloat16
    >>> a, b = np.array([[257.0, 1.0]], np.float32), np.ones((2, 1), np.float32)
    >>> rounded_product(bfloat16(a), bfloat16(b))
    array([[257.]], dtype=float32)
    """
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return a @ b
    rows, total = a.shape[-2], np.zeros((*a.shape[:-1], b.shape[-1]), np.result_type(a, b))
    for first in range(0, rows, ROWS):  # few rows at a time stay in the cache
        some = slice(first, first + ROWS)
        _add_product(a[..., some, :], b, total[..., some, :])
    return total


def _add_product(a: Any, b: Any, total: Any) -> None:
    """Add a product to an array: block by block, in each the even and the odd places."""
    even, odd, term = (np.empty_like(total) for _ in range(3))
    inner = b.shape[-2]
    for start in range(0, inner, BLOCK):
        even[...], odd[...] = 0, 0
        for k in range(start, min(start + BLOCK, inner)):
            chain = odd if k % 2 else even
            chain += np.multiply(a[..., k, None], b[..., None, k, :], out=term)
        total += even + odd


def rounded_einsum(subscripts: str, a: Any, b: Any) -> Any:
    """Return an einsum of two arrays of rounded numbers; its sums go through their places in the order of `a`."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return einsum_by_product(subscripts, a, b, rounded_product)
    return np.einsum(subscripts, a, b)


def einsum_by_product(subscripts: str, x: Any, y: Any, product: Callable[[Any, Any], Any]) -> Any:
    """Return an einsum of two operands by one matrix product: axes in order shared, rows, summed.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> einsum_by_product("rki,kiu->rku", np.ones((2, 3, 4)), np.ones((3, 4, 5)), np.matmul).shape
    (2, 3, 5)
    """
    inputs, _, output = subscripts.partition("->")
    left, right = inputs.split(",")
    sizes = dict(zip(left + right, (*x.shape, *y.shape), strict=True))
    shared = [letter for letter in left if letter in right and letter in output]
    summed = [letter for letter in left if letter in right and letter not in output]
    rows, columns = ([letter for letter in name if letter not in shared + summed] for name in (left, right))
    letters = [*shared, *rows, *columns]
    if sorted(output) != sorted(letters):
        raise ValueError(subscripts)

    def size(some: Sequence[str]) -> int:
        return math.prod(sizes[letter] for letter in some)

    def arranged(array: Any, name: str, *groups: Sequence[str]) -> Any:
        order = [name.index(letter) for letter in (*shared, *groups[0], *groups[1])]
        return array.transpose(order).reshape([*(sizes[one] for one in shared), *map(size, groups)])

    found = product(arranged(x, left, rows, summed), arranged(y, right, summed, columns))
    return found.reshape([sizes[letter] for letter in letters]).transpose([letters.index(one) for one in output])
