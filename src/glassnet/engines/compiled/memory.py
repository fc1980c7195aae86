"""From arrays to addresses, and buffers in which workers write to different cache lines.

A kernel trusts the address that it gets. So type, size and layout of arrays are checked here, and nowhere else.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.layers.base import Array
from glassnet.layers.layout import on_lines

LINE = 16
"""Numbers that fill a cache line in any precision."""


def address(array: Array, dtype: Any = None, size: int | None = None) -> int:
    """The address of a contiguous array, which the caller must keep alive.

    Parameters
    ----------
    array : array
    dtype : NumPy dtype or None
        The expected type; None: the caller has made the array.
    size : int or None
        The expected number of elements.

    Raises
    ------
    InputTypeError
        If the array does not fit.
    """
    flags = array.flags
    fits = flags.c_contiguous and flags.aligned and (dtype is None or array.dtype == dtype)
    if not fits or (size is not None and array.size != size):
        wanted = f"{'' if size is None else f'{size} '}numbers of type {array.dtype if dtype is None else dtype}"
        layout = "" if flags.c_contiguous and flags.aligned else ", with gaps between them"
        raise InputTypeError(
            f"An engine needs {wanted}, contiguous in memory",
            f"{array.size} of type {array.dtype}{layout}",
            "Use np.ascontiguousarray(array, dtype)",
        )
    return int(array.__array_interface__["data"][0])


def by_lines(count: int) -> int:
    """A count of numbers, rounded up to whole cache lines."""
    return -(-count // LINE) * LINE


def buffers(workers: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Zeros of shape (workers, numbers or more), with whole cache lines for each worker."""
    count = by_lines(max(count, 1))
    return on_lines(workers * count, dtype).reshape(workers, count)


def by_whole_steps(X: Array) -> bool:
    """Whether the strides of a table are multiples of its item size, and it is aligned."""
    return X.flags.aligned and all(stride % X.itemsize == 0 for stride in X.strides)


def reachable(X: Array) -> tuple[Array, int, int, int]:
    """A table as kernels read it: the array to keep alive, its address, and its strides in numbers.

    The array is X itself, whatever its layout, unless it is unaligned (a field of a packed record).
    """
    if not by_whole_steps(X):
        X = X.copy(order="C")
    down, along = (stride // X.itemsize for stride in X.strides)
    return X, int(X.__array_interface__["data"][0]), down, along


def parts_of_rows(X: Any, dtype: Any) -> tuple[Array, Array, Array]:
    """The three arrays of a CSR table as kernels read them, with one type of indices."""
    index = X.indices.dtype if X.indices.dtype in (np.int32, np.int64) else np.dtype(np.int64)
    return (
        np.require(X.data, dtype, ["C", "A"]),
        np.require(X.indices, index, ["C", "A"]),
        np.require(X.indptr, index, ["C", "A"]),
    )
