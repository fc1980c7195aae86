"""The fields of the two tables that kernels read: a row for each operation, and a row for each worker."""

from __future__ import annotations

from typing import NamedTuple


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
OP_SIZE, RUN_SIZE = Op.AUX + 12, len(Run)
ROWS, BLOCK_ROWS, COLUMNS, TOUCHED, COUNTS = range(Op.AUX, Op.AUX + 5)
"""Fields of a layer's operation: rows of the buffers; rows of a block over which sums are taken; the offset in E of
values per column; the address of the flags of touched grains; then the layer's counts, in the order of its fields."""
