"""The columns of the two tables that kernels read: a row for each operation, and a row for each worker's run."""

from __future__ import annotations

from enum import IntEnum, auto

__all__ = ["OP_SIZE", "RUN_SIZE", "Op", "Run"]


class Op(IntEnum):
    """What one operation of the network is: what carries it out, its sizes, and where its numbers are.

    Places are counted in numbers from the start of the buffer that the letter names.
    """

    FORWARD = 0
    """Address of the kernel forward (or the only one)."""
    BACKWARD = auto()
    """Address of the kernel backward; 0: nothing flows back."""
    INPUTS = auto()
    OUTPUTS = auto()
    X = auto()
    """Input, in A (its gradient in D)."""
    Y = auto()
    """Output, in A (its gradient in D)."""
    P = auto()
    """Parameters, in P (their gradient in G)."""
    S = auto()
    """Running statistics, in S."""
    E = auto()
    """What else is kept for the way back, in E."""
    C = auto()
    """Constants, in C."""
    WANT_DX = auto()
    """Whether anything before this operation learns."""
    LAYER = auto()
    """The layer's number, which keys its random numbers."""
    MEET = auto()
    """Whether all workers must have come this far on the way forward (or after the way back)."""
    MEET_BACK = auto()
    """The same on the way back."""
    AUX = auto()
    """From here on: twelve addresses and sizes of the operation's own."""


class Run(IntEnum):
    """What one worker is doing, and where: the addresses that the driver hands to every kernel come first."""

    OP = 0
    P = auto()
    S = auto()
    G = auto()
    A = auto()
    D = auto()
    E = auto()
    C = auto()
    """Of the constants of the update."""
    Y = auto()
    W = auto()
    OPS = auto()
    """How many operations there are, forward and back."""
    AFTER = auto()
    """How many operations follow after the way back."""
    ORDER_SIZE = auto()
    """How long the order is, or how many rows there are."""
    BATCH_SIZE = auto()
    BLOCK = auto()
    """How many rows go through the network at a time."""
    STEPS = auto()
    WORKER = auto()
    WORKERS = auto()
    BARRIER = auto()
    """Address of the barrier."""
    LOSSES = auto()
    """Address of a float64 for each worker."""
    TOTALS = auto()
    """Address of another: what comes of a run."""
    NORMS = auto()
    """Address of another, of the squared lengths of the gradient's stretches."""
    SHARED = auto()
    """Address of what the workers tell each other within a step."""
    BASE = auto()
    """Where the first of these batches begins in the order, or among the rows."""
    SEED = auto()
    T = auto()
    """Steps done; after a run: by then."""
    TRAINING = auto()
    SIZE = auto()
    """How many parameters there are."""
    CONSTANTS = auto()
    """How many constants of the update there are a step."""
    WEIGHT_SPACE = auto()
    """Where the network's own constants begin in W, behind the weights of a block's rows."""
    DIVERGED = auto()
    """Whether the loss left the finite numbers."""
    # from here on written by the driver
    START = auto()
    """Where this batch begins there."""
    BATCH = auto()
    """How many rows it has."""
    FIRST = auto()
    """Which row of the batch is the first of this block."""
    ROWS = auto()
    """How many rows the block has."""
    KEY = auto()
    """Of the step's random numbers."""
    ACCUMULATE = auto()
    """Whether gradients are added to those of an earlier block."""
    END = auto()


OP_SIZE, RUN_SIZE = Op.AUX + 12, int(Run.END)
