"""Several networks for one table: what each learns from, trained side by side, and averaged.

Networks that begin elsewhere and see other rows make other mistakes; their average makes fewer.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError
from glassnet.estimators.time_budget import TimeSlice
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.training_lock import in_this_call
from glassnet.training import Callback, Checkpoint, History, Rows, Trainer
from glassnet.training.early_stopping import JUDGED, LEARNED, Judge
from glassnet.training.history import Ending
from glassnet.training.windows import Windows


class MemberSplit(NamedTuple):
    """The training and validation rows of one member, taken from the table only while they are needed."""

    table: Rows  # all rows, encoded
    of_learning: Array | Windows | None  # row numbers; None: all
    of_judging: Array | Rows | None  # row numbers, or rows of another table; None: none
    epochs: int | None = None  # where others have found out how many; None: as the settings say

    def learned(self) -> Rows:
        """The rows to learn from, where they are in memory."""
        if isinstance(self.of_learning, Windows):
            raise InputError("This way to learn needs all rows in memory", "rows on a disk", "Use another preset")
        return self.table if self.of_learning is None else self.table.take(self.of_learning)

    def learns(self, rows: Array) -> Array:
        """Whether each of some rows of the table is learned from."""
        if isinstance(self.of_learning, Windows):
            return self.of_learning.learns(rows)
        return np.ones(len(rows), bool) if self.of_learning is None else np.isin(rows, self.of_learning)

    def held(self) -> Rows | None:
        """The rows to be judged by."""
        if self.of_judging is None or isinstance(self.of_judging, Rows):
            return self.of_judging
        return self.table.take(self.of_judging)

    def check_weights(self) -> None:
        """Refuse rows to learn from, or to be judged by, that all have weight 0."""
        weights = self._replace(table=self.table._replace(X=self.table.y))  # no copy of what they are the weights of
        weights.learned().checked(LEARNED)
        if (held := weights.held()) is not None:
            held.checked(JUDGED)


class Stop(Callback):
    """Ends the training of all members when one was interrupted: at the end of an epoch, in a long one before."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def on_progress(self, run: Any) -> None:
        if self.event.is_set():
            run.end(Ending("interrupted"))

    def on_epoch_end(self, run: Any) -> None:
        self.on_progress(run)


class Learner(Protocol):
    """The learner of a member. Its result is always a network that predicts from encoded rows."""

    def check(self) -> None:
        """Refuse settings that do not go together, before any work."""

    def learn(
        self, network: NeuralNetwork, share: MemberSplit, history: History | None, stop: Stop, turn: TimeSlice | None
    ) -> tuple[NeuralNetwork, History]:
        """Learn from a share of the rows.

        Parameters
        ----------
        network : NeuralNetwork
            As it begins, or as it was left.
        share : MemberSplit
        history : History or None
            Of what it has learned before.
        stop : Stop
            Says when all are to end.
        turn : Turn or None
            The time that there is.

        Returns
        -------
        NeuralNetwork, which may be another, and its history
        """


@dataclass(frozen=True)
class Trained:
    """A network that learns by gradient."""

    trainer: Trainer
    judge: Callable[[NeuralNetwork, Rows | None], Judge | None]  # of rows what judges its epochs; None: the loss does
    checkpoint: Checkpoint | None = None  # where it keeps what it has learned so far

    def check(self) -> None:
        self.trainer.check()
        if self.checkpoint is not None:
            self.trainer.check_repeatable()

    def score_of(self, trainer: Trainer, network: NeuralNetwork, held: Rows | None) -> Judge | None:
        """The scorer for these validation rows; without one, the trainer uses the loss."""
        score = self.judge(network, held)
        if score is None:
            trainer.scoring = None
        return score

    def learn(
        self, network: NeuralNetwork, share: MemberSplit, history: History | None, stop: Stop, turn: TimeSlice | None
    ) -> tuple[NeuralNetwork, History]:
        own = replace(self.trainer, callbacks=(*self.trainer.callbacks, stop))
        if share.epochs is not None:
            own.epochs = share.epochs
        if turn is not None:
            own.callbacks, own.time_limit = (*own.callbacks, turn), turn.seconds
        held = share.held()
        score = self.score_of(own, network, held)
        with_it: dict[str, Any] = {"score": score, "history": history, "checkpoint": self.checkpoint}
        if isinstance(share.of_learning, Windows):
            judging = None if held is None else Rows(*network.check_data(*held))
            return network, own.fit_rows(network, share.table, judging, order=share.of_learning, **with_it)
        learned = share.learned()
        rows: dict[str, Any] = {"sample_weight": learned.weight, "validation_data": held}
        return network, own.fit(network, learned.X, learned.y, **rows, **with_it)


def side_by_side(trainings: Sequence[Callable[[Stop], History | None]]) -> tuple[list[History | None], bool]:
    """Carry out trainings, as many at a time as there are processors; the first in this thread, where
    Ctrl-C is heard. Gives their histories, and whether there was an interrupt.

    Whoever has done one takes the next. After an error or an interrupt those under way end with their epoch, or in a
    tenth of a second if that is sooner, and those that have not begun never do: None stands for them, as for those that
    give none. An error is raised when all have ended, an interrupt only if nothing was learned.
    """
    stop = Stop()
    histories: list[History | None] = [None] * len(trainings)
    waiting = deque(enumerate(trainings))

    def work(member: int, training: Callable[[Stop], History | None]) -> None:
        try:
            history = histories[member] = training(stop)
        except BaseException:
            stop.event.set()
            raise
        if history is not None and history.ending == "interrupted":
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
            others += [pool.submit(in_this_call(work_on)) for _ in range(helpers)]
            work(*first)
            work_on()
            wait(others)
        except BaseException as error:
            stop.event.set()
            if not isinstance(error, KeyboardInterrupt):
                raise
        for other in others:
            other.result()
    interrupted = stop.event.is_set()
    if interrupted and not any(history is not None for history in histories):
        raise KeyboardInterrupt
    return histories, interrupted
