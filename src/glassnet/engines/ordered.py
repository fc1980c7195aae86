"""Arrays with the same bits on every processor: products, elementary functions, the order of an epoch's rows.

The order in which a BLAS adds depends on processor and threads, and the last digits of NumPy's exponentials and
logarithms on the width of vectors. The data-driven start of a network must depend on neither.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.compiled.approximations import ULPS
from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.jit import kernel
from glassnet.engines.compiled.jit import product as product_kernel
from glassnet.engines.compiled.kernels.product import ARGUMENTS, product_room
from glassnet.engines.compiled.memory import RUN_SIZE, Run, address, buffers
from glassnet.formulas import elementary
from glassnet.formulas.random import random_bits, whole_below
from glassnet.ir.numpy_functions import COMPOSED
from glassnet.layers.base import Array

Addresses = ctypes.c_int64 * 2
Table = ctypes.c_int64 * RUN_SIZE


def each(name: str, x: Any) -> Array:
    """Return the function of this name in :mod:`glassnet.formulas.elementary`, with the same bits on every processor.

    Examples
    --------
    >>> each("exp", np.zeros(2, np.float32))
    array([1., 1.], dtype=float32)
    """
    source = np.ascontiguousarray(x, np.result_type(x, np.float32))
    target, table = np.empty(source.shape, source.dtype), Table()
    table[Run.ROWS] = source.size
    _function(name, source.dtype.name)(Addresses(address(source), address(target)), table)
    return target


@cache
def _function(name: str, precision: str) -> Callable[..., float]:
    return python_callable(kernel("driver.elementwise", precision, getattr(elementary, name)), 2)


def shuffled(seed: int, epoch: int, rows: int) -> Array:
    """See :func:`glassnet.formulas.random.row_order`: the same numbers."""
    order, table = np.empty(rows, np.int64), Table()
    table[Run.SEED], table[Run.T], table[Run.ORDER_SIZE] = seed, epoch, rows
    _order()(address(order), table)
    return order


@cache
def _order() -> Callable[..., float]:
    return python_callable(kernel("driver.shuffled", "float64", random_bits, whole_below), 2)


class Ordered(np.ndarray):
    """An array whose ``@`` never asks BLAS, and whose elementary functions are those of the compiled engine.

    What NumPy makes of it is such an array again, so a layer needs no word.

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
        """Return one of the functions of :mod:`glassnet.formulas.elementary` by its name."""
        return each(name, _plain(x)).view(Ordered)


def _ordered(result: Any) -> Any:
    return result.view(Ordered) if isinstance(result, np.ndarray) else result


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Ordered) else x


def product(a: Any, b: Any) -> Array:
    """Multiply like :func:`numpy.matmul`, without BLAS: each sum runs along the rows of b, in order.

    A product with one matrix of floating-point numbers is that of the compiled engine.
    """
    a, b = _plain(np.asanyarray(a)), _plain(np.asanyarray(b))
    if a.ndim == 1:
        return product(a[None], b)[..., 0, :]
    if b.ndim == 1:
        return product(a, b[:, None])[..., 0]
    dtype = np.result_type(a, b)
    if b.ndim == 2 and dtype in (np.float32, np.float64) and a.shape[-1] == len(b):
        rows = np.ascontiguousarray(a, dtype).reshape(-1, len(b))
        return _of_matrices(rows, np.ascontiguousarray(b, dtype)).reshape(*a.shape[:-1], b.shape[1])
    return np.einsum("...ik,...kj->...ij", a, b)


def _of_matrices(a: Array, b: Array) -> Array:
    """Return the product of two matrices whose rows are contiguous."""
    result, panel = np.empty((len(a), b.shape[1]), a.dtype), buffers(1, product_room(a.dtype.name), a.dtype)
    size, shape = a.itemsize, (len(a), b.shape[1], len(b))

    def strided(matrix: Array) -> tuple[int, int, int]:
        return address(matrix), matrix.shape[1] * size, size

    _product(a.dtype.name)(*strided(a), *strided(b), *shape, 0, *strided(result), address(panel))
    return result


@cache
def _product(precision: str) -> Callable[..., None]:
    return ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(ARGUMENTS))(product_kernel(precision))
