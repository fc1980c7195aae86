"""Several networks for one table: each judged by other rows that it has not seen, trained side by side, and averaged.

Networks that begin elsewhere and see other rows make other mistakes; their average makes fewer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.layers.base import Array
from glassnet.training import Callback, History, split_rows

__all__ = ["held_back", "side_by_side"]


def held_back(rows: int, members: int, fraction: float, seed: int, strata: Array | None) -> list[tuple[Array, Array]]:
    """For each member the rows that it learns from, and those that it is judged by.

    A single member is judged by a share of the rows, drawn by chance. Of several each takes the next of as many folds
    as the share says, so that different members have not seen different rows: the first five, with a fifth held back,
    have together seen all rows, and each row is unseen by exactly one.

    Parameters
    ----------
    rows, members : int
    fraction : float in (0, 1)
    seed : int
    strata : array of shape (rows,) or None
        Every class keeps its share in all parts.
    """
    if members == 1:
        return [split_rows(rows, fraction, seed, strata)]
    folds = max(2, round(1 / fraction))
    parts: list[tuple[Array, Array]] = []
    rng = np.random.default_rng(seed)
    while len(parts) < members:
        fold_of = _fold_of(rows, folds, rng, strata)
        parts += [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]
    return parts[:members]


def _fold_of(rows: int, folds: int, rng: np.random.Generator, strata: Array | None) -> Array:
    """The fold of each row: rows in random order, class after class, are dealt out like cards."""
    order = rng.permutation(rows)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    fold_of = np.empty(rows, np.intp)
    fold_of[order] = np.arange(rows) % folds
    return fold_of


class Stop(Callback):
    """Ends the training of all members when one was interrupted."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def on_epoch_end(self, run: Any) -> None:
        if self.event.is_set():
            run.stop, run.reason = True, "interrupted"


def side_by_side(trainings: Sequence[Callable[[Stop], History]]) -> list[History]:
    """Carry out trainings, as many at a time as there are processors; the first in this thread, where Ctrl-C is heard.

    An error in one is raised when all have ended; the others end after their epoch.
    """
    stop = Stop()
    first, *others = trainings
    with ThreadPoolExecutor(max(1, cores() - 1)) as pool:
        futures = [pool.submit(training, stop) for training in others]
        try:
            history = first(stop)
            if history.ended == "interrupted":
                stop.event.set()
            return [history, *(future.result() for future in futures)]
        except BaseException:
            stop.event.set()
            raise
