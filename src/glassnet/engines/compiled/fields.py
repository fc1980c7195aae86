"""The columns of the two tables that kernels read: a row for each operation, and a row for each worker's run."""

from __future__ import annotations

from typing import NamedTuple


class _Op(NamedTuple):
    """What one operation of the network is: what carries it out, its sizes, and where its numbers are.

    Places are counted in numbers from the start of the buffer that the letter names.
    """

    FORWARD: int
    """Address of the kernel forward (or the only one)."""
    BACKWARD: int
    """Address of the kernel backward; 0: nothing flows back."""
    LEARN: int
    """Address of the kernel of the parameters' gradients; 0: there are none."""
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
    """What else is kept for the way back, in E."""
    C: int
    """Constants, in C."""
    WANT_DX: int
    """Whether anything before this operation learns."""
    LAYER: int
    """The layer's number, which keys its random numbers."""
    MEET: int
    """Whether all workers must have come this far on the way forward (or after the way back)."""
    MEET_BACK: int
    """The same on the way back."""
    AUX: int
    """From here on: twelve addresses and sizes of the operation's own."""


class _Run(NamedTuple):
    """What one worker is doing, and where: the addresses that the driver hands to every kernel come first."""

    OP: int
    P: int
    S: int
    G: int
    A: int
    D: int
    E: int
    C: int
    """Of the constants of the update."""
    Y: int
    W: int
    OPS: int
    """How many operations there are, forward and back."""
    AFTER: int
    """How many operations follow after the way back."""
    ORDER_SIZE: int
    """How long the order is, or how many rows there are."""
    BATCH_SIZE: int
    BLOCK: int
    """How many rows of a batch go through the network at a time, of all workers together."""
    STEPS: int
    WORKER: int
    WORKERS: int
    BARRIER: int
    """Address of the barrier."""
    LOSSES: int
    """Address of a float64 for each row of outputs in the batch."""
    ROWS_OF_LOSS: int
    """How many of those there are for a row: one for each member."""
    TOTALS: int
    """Address of a float64 for each worker: what comes of a run."""
    NORMS: int
    """Address of another for each chunk of the parameters: the sum of its gradients' squares."""
    SCRATCH: int
    """Address of room that a kernel may use while it runs."""
    PANEL: int
    """Address of the room that products need."""
    BASE: int
    """Where the first of these batches begins in the order, or among the rows."""
    SEED: int
    """Of all random numbers."""
    T: int
    """Steps done; after a run: by then."""
    TRAINING: int
    SIZE: int
    """How many parameters there are."""
    CONSTANTS: int
    """How many constants of the update there are a step."""
    WEIGHT_SPACE: int
    """Where the network's own constants begin in W, behind the weights of a block's rows."""
    DIVERGED: int
    """Whether the loss left the finite numbers, or, in a prediction, an input is none."""
    # from here on written by the driver
    START: int
    """Where this batch begins there."""
    BATCH: int
    """How many rows it has."""
    FIRST: int
    """Which row of the batch is this worker's first in this block."""
    AT: int
    """Which row of the buffers that is."""
    ROWS: int
    """How many rows the worker has of this block; for gradients, how many the block has."""
    KEY: int
    """Of this step's random numbers."""
    ACCUMULATE: int
    """Whether gradients are added to those of an earlier block."""


Op = _Op(*range(len(_Op._fields)))
Run = _Run(*range(len(_Run._fields)))
BLOCK = 256
"""Rows that a worker takes through the network at a time: their activations stay in the cache."""
CHUNK = 1024
"""Parameters are shared out to workers by so many, and so many have a sum of squares of their own."""
GRAIN = 256
"""So many parameters are updated together or not at all, where a rule leaves alone what has no gradient."""
ALWAYS = 2
"""A grain that every step touches, in whole or in part; 1 is one that this step has touched, 0 one that it has not."""
OP_SIZE, RUN_SIZE = Op.AUX + 12, len(Run)
ROWS, BLOCK_ROWS, COLUMNS, TOUCHED, COUNTS = range(Op.AUX, Op.AUX + 5)
"""Columns of a layer's operation: how many rows the buffers hold, and how many belong together where a sum over rows is
taken in parts; where in E begins what belongs to a column and all rows; the address of what says which grains of the
parameters a step has touched; then the layer's own counts, in the order of its fields."""
