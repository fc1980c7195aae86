"""The one door from arrays to addresses, and buffers that keep what different workers write apart.

A kernel believes the address that it gets. So whether an array is what it is taken for is looked at here: its type, its
size, and whether its numbers lie where the kernel will look for them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.layers.base import Array
from glassnet.layers.layout import on_lines

LINE = 16
"""Numbers that certainly fill a cache line."""


def address(array: Array, dtype: Any = None, size: int | None = None) -> int:
    """Where an array begins, whose numbers lie one behind the other; whoever keeps the address keeps the array.

    Parameters
    ----------
    array : array
    dtype : NumPy dtype or None
        What it must be of; None: whoever asks has made the array.
    size : int or None
        How many numbers it must have.

    Raises
    ------
    InputTypeError
        If it is not what it will be taken for.
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
    """So many numbers, and as many more as fill the last cache line."""
    return -(-count // LINE) * LINE


def buffers(workers: int, count: int, dtype: np.dtype[Any]) -> Array:
    """At least so many zeros for each worker, shape (workers, numbers), each worker's on cache lines of their own."""
    count = by_lines(max(count, 1))
    return on_lines(workers * count, dtype).reshape(workers, count)


def by_whole_steps(X: Array) -> bool:
    """Whether the numbers of a table are reached by steps of their own size, in whatever direction."""
    return X.flags.aligned and all(stride % X.itemsize == 0 for stride in X.strides)


def reachable(X: Array) -> tuple[Array, int, int, int]:
    """A table as kernels read it: the array that must be kept, its address, and the steps to the next row and column.

    The array is X itself, whatever its layout, unless its numbers lie at odd places (a field of a packed record).
    """
    if not by_whole_steps(X):
        X = X.copy(order="C")
    down, along = (stride // X.itemsize for stride in X.strides)
    return X, int(X.__array_interface__["data"][0]), down, along


def parts_of_rows(X: Any, dtype: Any) -> tuple[Array, Array, Array]:
    """The three arrays of a sparse table by rows as kernels read them: both kinds of indices are of one type."""
    index = X.indices.dtype if X.indices.dtype in (np.int32, np.int64) else np.dtype(np.int64)
    return (
        np.require(X.data, dtype, ["C", "A"]),
        np.require(X.indices, index, ["C", "A"]),
        np.require(X.indptr, index, ["C", "A"]),
    )
