"""The execution of a program: its buffers, its workers, and the tables that tell the driver what to do."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from glassnet.engines.compiled.kernels import gather as gathering
from glassnet.engines.compiled.kernels.product import product_room
from glassnet.engines.compiled.memory import (
    CHUNK,
    RUN_SIZE,
    Run,
    address,
    buffers,
    by_whole_steps,
    parts_of_rows,
    reachable,
)
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.workers import Pool, Team
from glassnet.engines.reference import Model
from glassnet.layers.text_rows import TextRows

WORTH_A_THREAD = 7_500_000
"""Multiplications, for each thread, below which waking another thread costs more than it saves."""
SPARSE = ("int32", "int64")
"""Storage of sparse tables, by the type of their indices."""
TEXTS = "texts"
"""Storage of rows with texts."""


class Execution:
    """A program with its buffers, its workers and their tables: what training and prediction share.

    The workers of a team meet in every step and share the buffers; those of a pool work alone.
    """

    def __init__(self, model: Model, program: Program, team: Team | Pool) -> None:
        self.program, self.team = program, team
        self.dtype = np.dtype(program.precision)
        self.layers, self.loss, self.layout = model.layers, model.loss, model.layout
        self.driver = program.driver
        workers, constants = team.count, np.array(program.constants, self.dtype)
        # shared in a team: for gradients each worker needs the rows of all
        together, size = 1 if program.training else workers, model.layout.size if program.training else 0

        self.A = buffers(together, program.activations, self.dtype)
        self.D = buffers(together, program.activations, self.dtype) if program.training else self.A
        self.E = buffers(together, program.kept, self.dtype)
        self.G = buffers(1, size, self.dtype)
        each = program.rows
        self.Y = buffers(workers, each * program.target_width, self.dtype)
        self.W = buffers(workers, each + len(constants), self.dtype)
        self.W[:, each : each + len(constants)] = constants
        for place, value in program.kept_constants:
            self.E[:, place] = value
        self.ops = np.array([*program.ops, *program.after], np.int64)
        self.panels = buffers(workers, max(product_room(program.precision), program.panel), self.dtype)
        self.scratch = buffers(workers, program.scratch, self.dtype)
        self.losses, self.totals = np.zeros(0), np.zeros(workers)
        self.norms = np.zeros(-(-size // CHUNK))
        self.table = table = np.zeros((workers, RUN_SIZE), np.int64)
        table[:, Run.WORKER], table[:, Run.WORKERS] = np.arange(workers), workers
        table[:, Run.BARRIER] = team.barrier.address if isinstance(team, Team) else 0
        table[:, Run.TOTALS], table[:, Run.NORMS] = address(self.totals), address(self.norms)
        table[:, Run.TRAINING], table[:, Run.SIZE] = program.training, model.layout.size
        table[:, Run.OPS], table[:, Run.AFTER] = len(program.ops), len(program.after)
        table[:, Run.WEIGHT_SPACE], table[:, Run.ROWS_OF_LOSS] = each, model.members
        table[:, Run.BLOCK] = program.rows if program.training else program.rows * workers
        for column, array in (
            (Run.G, self.G),
            (Run.A, self.A),
            (Run.D, self.D),
            (Run.E, self.E),
            (Run.Y, self.Y),
            (Run.W, self.W),
            (Run.PANEL, self.panels),
            (Run.SCRATCH, self.scratch),
        ):
            table[:, column] = [address(part) for part in array]
        table[:, Run.OP] = address(self.ops)
        self.tables = [address(part) for part in table]
        self.cells = [part.data for part in table]
        self.parameters = self.statistics = weakref.ref(self.totals)

    def bind_model(self, model: Model) -> None:
        """Let the table refer to a model's arrays, where these are others than before."""
        parameters, statistics = model.parameters, model.statistics
        if parameters is not self.parameters() or statistics is not self.statistics():
            self.table[:, Run.P] = address(parameters, self.dtype, self.layout.size)
            self.table[:, Run.S] = address(statistics, self.dtype, self.layout.statistics_size)
            self.parameters, self.statistics = weakref.ref(parameters), weakref.ref(statistics)

    def bind_source(self, X: Any) -> None:
        """Let the first operation read from this table."""
        op = self.ops[0]
        op[gathering.PLACES : gathering.NGRAM_VALUES + 1] = 0
        if isinstance(X, TextRows):
            self.texts, X = X, X.matrix
            store = self.texts.store
            texts = (self.texts.places, store.indptr, store.ids, store.values)
            op[gathering.PLACES : gathering.NGRAM_VALUES + 1] = [address(part) for part in texts]
        if hasattr(X, "indptr"):
            self.source: Any = parts_of_rows(X, self.dtype)
            op[gathering.SOURCE : gathering.COLUMN_STRIDE + 1] = [address(part) for part in self.source]
        else:
            self.source, *op[gathering.SOURCE : gathering.COLUMN_STRIDE + 1] = reachable(X)

    def run_worker(self, worker: int) -> None:
        """Run one worker's share."""
        self.driver(0, self.tables[worker])


def gather(program: Program, kind: str) -> None:
    """Add the first operation, which gathers rows of a table in this :func:`storage` into a block."""
    y = program.region(program.inputs)
    if kind in SPARSE:
        forward = program.compiled("A sparse table", "gather.sparse", kind == "int64")
    else:
        forward = program.compiled("A table", "gather.dense", kind in ("rows", TEXTS))
    program.add(forward, INPUTS=program.inputs, Y=y)


def storage(X: Any) -> str:
    """Return a table's layout in memory: "rows", "strided", "texts" (with texts) or, if sparse, its type of indices."""
    if isinstance(X, TextRows):
        return TEXTS if storage(X.matrix) == "rows" else "strided"
    if not isinstance(X, np.ndarray):
        return "int32" if X.indices.dtype == np.int32 else "int64"
    return "rows" if X.strides[1] == X.itemsize or not by_whole_steps(X) else "strided"
