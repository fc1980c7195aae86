"""Memory as kernels see it: the fields of their two tables, addresses of arrays, and buffers.

The tables have a row for each operation, and a row for each worker. A kernel trusts the address that it gets. So type,
size and layout of arrays are checked here, and nowhere else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.layers.base import Array
from glassnet.layers.layout import on_lines
from glassnet.support.language import Text


class _Op(NamedTuple):
    """An operation of the network: its kernels, sizes and offsets.

    Offsets are counted in numbers from the start of the buffer that the letter names.
    """

    FORWARD: int
    """Address of the forward kernel (or the only one)."""
    BACKWARD: int
    """Address of the backward kernel; 0: there is none."""
    LEARN: int
    """Address of the kernel of the parameters' gradients; 0: there is none."""
    INPUTS: int
    OUTPUTS: int
    X: int
    """Input, in A (its gradient in D)."""
    Y: int
    """Output, in A (its gradient in D)."""
    P: int
    """Parameters, in P (their gradient in G)."""
    S: int
    """Running statistics, in S."""
    E: int
    """Other values that the backward pass needs, in E."""
    C: int
    """Constants, in C."""
    WANT_DX: int
    """Whether an earlier operation has parameters, so that the gradient of the input is needed."""
    LAYER: int
    """The layer's number, a key of its random numbers."""
    MEET: int
    """Whether there is a barrier before it in the forward pass (or after the backward pass)."""
    MEET_BACK: int
    """The same in the backward pass."""
    AUX: int
    """The first of twelve fields of the operation's own."""


class _Run(NamedTuple):
    """The state of one worker; the addresses that the driver passes to every kernel come first."""

    OP: int
    P: int
    S: int
    G: int
    A: int
    D: int
    E: int
    C: int
    """Constants of the update."""
    Y: int
    W: int
    OPS: int
    """The number of operations, forward and backward."""
    AFTER: int
    """The number of operations after the backward pass."""
    ORDER_SIZE: int
    """The length of the order, or the number of rows."""
    BATCH_SIZE: int
    BLOCK: int
    """Rows of a batch that go through the network at a time, of all workers together."""
    STEPS: int
    WORKER: int
    WORKERS: int
    BARRIER: int
    """Address of the barrier."""
    LOSSES: int
    """Address of a float64 per row of outputs in the batch."""
    ROWS_OF_LOSS: int
    """Losses per row: one for each member."""
    TOTALS: int
    """Address of a float64 per worker: the total of losses."""
    NORMS: int
    """Address of a float64 per chunk of parameters: the sum of squared gradients."""
    SCRATCH: int
    """Address of scratch memory."""
    PANEL: int
    """Address of the memory that products need."""
    BASE: int
    """The position of the first batch in the order, or among the rows."""
    SEED: int
    """The seed of all random numbers."""
    T: int
    """Steps done, before and after a call."""
    TRAINING: int
    SIZE: int
    """The number of parameters."""
    CONSTANTS: int
    """Constants of the update per step."""
    WEIGHT_SPACE: int
    """The offset of the network's constants in W, after the weights of a block's rows."""
    DIVERGED: int
    """Whether the loss, or in a prediction an input, is not finite."""
    # from here on written by the driver
    START: int
    """The position of the current batch there."""
    BATCH: int
    """The number of its rows."""
    FIRST: int
    """The worker's first row of this block, counted in the batch."""
    AT: int
    """The same row, counted in the buffers."""
    ROWS: int
    """The worker's rows of this block; for gradients, all rows of the block."""
    KEY: int
    """The key of this step's random numbers."""
    ACCUMULATE: int
    """Whether gradients are added to those of an earlier block."""


Op = _Op(*range(len(_Op._fields)))
Run = _Run(*range(len(_Run._fields)))
BLOCK = 256
"""Rows that a worker takes through the network at a time, so that activations stay in the cache."""
CHUNK = 1024
"""Parameters per chunk, the unit in which workers share them and sum squared gradients."""
GRAIN = 256
"""Parameters per grain, the unit of sparse updates."""
ALWAYS = 2
"""The flag of a grain that every step touches; 1: this step has touched it, 0: it has not."""
LINE = 16
"""Numbers that fill a cache line in any precision."""
OP_SIZE, RUN_SIZE = Op.AUX + 12, len(Run)
ROWS, BLOCK_ROWS, COLUMNS, TOUCHED, COUNTS = range(Op.AUX, Op.AUX + 5)
"""Fields of a layer's operation: rows of the buffers; rows of a block over which sums are taken; the offset in E of
values per column; the address of the flags of touched grains; then the layer's counts, in the order of its fields."""


def address(array: Array, dtype: Any = None, size: int | None = None) -> int:
    """Return the address of a contiguous array, which the caller must keep alive.

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
        expected = f"{'' if size is None else f'{size} '}numbers of type {array.dtype if dtype is None else dtype}"
        layout = "" if flags.c_contiguous and flags.aligned else Text(", with gaps between them")
        raise InputTypeError(
            Text("An engine needs {arrays}, contiguous in memory", arrays=expected),
            Text("{size} of type {dtype}{layout}", size=array.size, dtype=array.dtype, layout=layout),
            "Use np.ascontiguousarray(array, dtype)",
        )
    return int(array.__array_interface__["data"][0])


def by_lines(count: int) -> int:
    """Return a count of numbers, rounded up to whole cache lines."""
    return -(-count // LINE) * LINE


def buffers(workers: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Return zeros of shape (workers, numbers or more), with whole cache lines for each worker."""
    count = by_lines(max(count, 1))
    return on_lines(workers * count, dtype).reshape(workers, count)


def by_whole_steps(X: Array) -> bool:
    """Return whether the strides of a table are multiples of its item size, and it is aligned."""
    return X.flags.aligned and all(stride % X.itemsize == 0 for stride in X.strides)


def reachable(X: Array) -> tuple[Array, int, int, int]:
    """Return a table as kernels read it: the array to keep alive, its address, and its strides in numbers.

    The array is X itself, whatever its layout, unless it is unaligned (a field of a packed record).
    """
    if not by_whole_steps(X):
        X = X.copy(order="C")
    down, along = (stride // X.itemsize for stride in X.strides)
    return X, int(X.__array_interface__["data"][0]), down, along


def parts_of_rows(X: Any, dtype: Any) -> tuple[Array, Array, Array]:
    """Return the three arrays of a CSR table as kernels read them, with one type of indices."""
    index = X.indices.dtype if X.indices.dtype in (np.int32, np.int64) else np.dtype(np.int64)
    return (
        np.require(X.data, dtype, ["C", "A"]),
        np.require(X.indices, index, ["C", "A"]),
        np.require(X.indptr, index, ["C", "A"]),
    )
