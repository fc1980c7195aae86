"""Arrays whose products and elementary functions have the same bits on every processor.

The order in which a BLAS adds depends on processor and threads, and the last digits of NumPy's exponentials and
logarithms on the width of vectors. The data-driven start of a network must depend on neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.compiled.arrays import each
from glassnet.engines.compiled.elementary import ULPS
from glassnet.ir.numpy_functions import COMPOSED
from glassnet.layers.base import Array


class Ordered(np.ndarray):
    """An array whose ``@`` never asks BLAS, and whose elementary functions are those of the compiled engine.

    What NumPy makes of it is such an array again, so a layer needs no word. Products take some ten times as long as
    those of BLAS.

    Examples
    --------
    >>> x = np.ones((2, 3)).view(Ordered)
    >>> np.where(x > 0, x, 0) @ np.ones((3, 1))
    Ordered([[3.],
             [3.]])
    """

    def __matmul__(self, other: Any) -> Any:
        return _ordered(product(self, other))

    def __rmatmul__(self, other: Any) -> Any:
        return _ordered(product(other, self))

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
        return _ordered(super().__array_function__(function, types, args, options))

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if method == "__call__" and not kwargs:
            if ufunc is np.matmul:
                return _ordered(product(*inputs))
            if name in ULPS:
                return self.elementary(name, *inputs)
            if name in COMPOSED:
                return COMPOSED[name](*inputs)
        if "out" in kwargs:
            kwargs["out"] = tuple(map(_plain, kwargs["out"]))
        return _ordered(getattr(ufunc, method)(*map(_plain, inputs), **kwargs))

    @staticmethod
    def elementary(name: str, x: Any) -> Ordered:
        """One of the functions of :mod:`glassnet.formulas.elementary` by its name."""
        return each(name, _plain(x)).view(Ordered)


def _ordered(result: Any) -> Any:
    return result.view(Ordered) if isinstance(result, np.ndarray) else result


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Ordered) else x


def product(a: Any, b: Any) -> Array:
    """As :func:`numpy.matmul`, without BLAS: each sum runs along the rows of b, from the first to the last."""
    a, b = _plain(np.asanyarray(a)), _plain(np.asanyarray(b))
    if a.ndim == 1:
        return product(a[None], b)[..., 0, :]
    if b.ndim == 1:
        return product(a, b[:, None])[..., 0]
    return np.einsum("...ik,...kj->...ij", a, b)
