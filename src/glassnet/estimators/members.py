"""Several networks for one table: each judged by other rows that it has not seen, trained side by side, and averaged.

Networks that begin elsewhere and see other rows make other mistakes; their average makes fewer.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.layers.base import Array
from glassnet.training import Callback, History, Rows, split_rows

__all__ = ["Share", "Stop", "held_back", "side_by_side"]


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


class Share(NamedTuple):
    """What one member learns from and is judged by, taken out of the table only while it is wanted.

    Attributes
    ----------
    table : Rows
        All rows, encoded.
    of_learning : array of row numbers, or None
        None: all.
    of_judging : array of row numbers, Rows of another table, or None
        None: none.
    """

    table: Rows
    of_learning: Array | None
    of_judging: Array | Rows | None

    def learned(self) -> Rows:
        """The rows to learn from."""
        return self.table if self.of_learning is None else self.table.take(self.of_learning)

    def held(self) -> Rows | None:
        """The rows to be judged by."""
        if self.of_judging is None or isinstance(self.of_judging, Rows):
            return self.of_judging
        return self.table.take(self.of_judging)


class Stop(Callback):
    """Ends the training of all members when one was interrupted: at the end of an epoch, in a long one before."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def on_progress(self, run: Any) -> None:
        if self.event.is_set():
            run.stop, run.reason = True, "interrupted"

    def on_epoch_end(self, run: Any) -> None:
        self.on_progress(run)


def side_by_side(trainings: Sequence[Callable[[Stop], History]]) -> list[History | None]:
    """Carry out trainings, as many at a time as there are processors; the first in this thread, where Ctrl-C is heard.

    Whoever has done one takes the next. After an error or an interrupt those under way end with their epoch, or in a
    tenth of a second if that is sooner, and those that have not begun never do: None stands for them. An error is
    raised when all have ended, an interrupt only if nothing was learned.
    """
    stop = Stop()
    histories: list[History | None] = [None] * len(trainings)
    waiting = deque(enumerate(trainings))

    def work(member: int, training: Callable[[Stop], History]) -> None:
        try:
            history = histories[member] = training(stop)
        except BaseException:
            stop.event.set()
            raise
        if history.ended == "interrupted":
            stop.event.set()

    def work_on() -> None:
        while not stop.event.is_set():
            try:
                one = waiting.popleft()
            except IndexError:
                return
            work(*one)

    first, helpers = waiting.popleft(), min(cores(), len(trainings)) - 1
    others: list[Future[None]] = []
    with ThreadPoolExecutor(max(1, helpers)) as pool:
        try:
            others += [pool.submit(work_on) for _ in range(helpers)]
            work(*first)
            work_on()
            wait(others)
        except BaseException as error:
            stop.event.set()
            if not isinstance(error, KeyboardInterrupt):
                raise
        for other in others:
            other.result()
    if all(history is None for history in histories):
        raise KeyboardInterrupt
    return histories
