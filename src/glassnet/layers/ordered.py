"""Rows whose products add in one order, whatever BLAS there is, and whoever else makes it work at the moment.

A BLAS adds in another order on another processor, and when it has more threads; how many it has depends on who runs
beside. Where numbers decide what a network becomes (its start), products must not follow such things.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.layers.base import Array


class Ordered(np.ndarray):
    """An array whose ``@`` never asks BLAS; what NumPy makes of it is such an array again, so a layer needs no word.

    Some ten times slower than BLAS.

    Examples
    --------
    >>> x = np.ones((2, 3)).view(Ordered)
    >>> np.where(x > 0, x, 0) @ np.ones((3, 1))
    Ordered([[3.],
             [3.]])
    """

    def __matmul__(self, other: Any) -> Any:
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(other, self)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
        result = super().__array_function__(function, types, args, options)
        return result.view(Ordered) if isinstance(result, np.ndarray) else result


def _product(a: Any, b: Any) -> Array:
    """As :func:`numpy.matmul`; each sum runs along the rows of b, from the first to the last."""
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim == 1:
        return _product(a[None], b)[..., 0, :]
    if b.ndim == 1:
        return _product(a, b[:, None])[..., 0]
    return np.einsum("...ik,...kj->...ij", a, b).view(Ordered)
