"""A table as trainings take it: encoded, its rows in shards, the network for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.accuracy.tables import Table, split_table
from glassnet import NeuralNetwork, TableEncoder
from glassnet.distributed.table import dealt
from glassnet.engines import CompiledEngine
from glassnet.training import Rows

__all__ = ["DEALT", "HELD", "SORTED", "Task", "task_of"]

HELD = 4000
"""Rows held back: one half chooses, the other is reported."""
DEALT, SORTED = "dealt from the whole table", "in the order of the targets"
"""How rows come to shards: as a fit deals them, or so that each shard has targets of its own."""


@dataclass(frozen=True)
class Task:
    """Encoded rows of a table, and the network for them.

    Parameters
    ----------
    name : str
    learned, choosing, held : Rows
        To learn from, to choose rates by, to report.
    loss : str
    outputs : int
    """

    name: str
    learned: Rows
    choosing: Rows
    held: Rows
    loss: str
    outputs: int

    def network(self, seed: int) -> NeuralNetwork:
        """As it begins; one thread carries it out."""
        layers = ["relu:64", "relu:32", self.outputs]
        inputs = self.learned.X.shape[1]
        return NeuralNetwork(inputs, layers, self.loss, seed=seed, dtype="float32", engine=CompiledEngine(1))

    @cached_property
    def megabytes(self) -> float:
        """Of the network's parameters, as they are sent."""
        return self.network(0).parameters.nbytes / 1e6

    def parts(self, count: int, dealing: str) -> list[Rows]:
        """The rows of so many shards."""
        rows, total = self.learned, len(self.learned.y)
        if dealing == SORTED:
            by_target = np.argsort(rows.y.ravel(), kind="stable")
            return [rows.take(part) for part in np.array_split(by_target, count)]
        hands = [np.concatenate([np.arange(*piece) for piece in hand]) for hand in dealt(total, count)]
        return [rows.take(hand) for hand in hands]


def task_of(table: Table, rows: int) -> Task:
    """Some rows of a table, encoded; numbers that are to be predicted have mean 0 and deviation 1."""
    split = split_table(table, seed=0, most_rows=2 * rows)
    encoder = TableEncoder(dtype="float32").fit(split.X_train[:rows])
    y, y_held = split.y_train[:rows], split.y_test
    if table.numbers:
        y, y_held = (y - y.mean()) / y.std(), (y_held - y.mean()) / y.std()
    loss, outputs = ("mse", 1) if table.numbers else ("cross_entropy", split.classes)
    half = min(HELD, len(y_held)) // 2
    parts = (
        (split.X_train[:rows], y),
        (split.X_test[:half], y_held[:half]),
        (split.X_test[half : 2 * half], y_held[half : 2 * half]),
    )
    network = NeuralNetwork(encoder.transform(split.X_train[:1]).shape[1], [outputs], loss, dtype="float32")
    encoded = [Rows(*network.check_data(encoder.transform(X), each, None)) for X, each in parts]
    return Task(table.name, *encoded, loss, outputs)
