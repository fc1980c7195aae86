"""The members of an estimator: their rows, their learners, and their training side by side in threads.

Networks with other initial weights and other rows make other mistakes; their average makes fewer.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError
from glassnet.estimators.ensemble import numbers_of_kinds
from glassnet.estimators.scoring import ScoreOfNetwork
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.training_lock import in_this_call
from glassnet.training import Callback, Checkpoint, History, Rows, Trainer
from glassnet.training.early_stopping import TRAINING_WEIGHTS, VALIDATION_WEIGHTS, Judge
from glassnet.training.history import Ending
from glassnet.training.windows import Windows

if TYPE_CHECKING:
    from glassnet.training import Run

RESERVE = 0.05
"""The share of the time that is reserved for the steps after the members, such as the calibration."""
SHORTEST = 0.25
"""A member that trains for less than this share of the time that it would take is worth less than the others lose."""
TOO_SHORT = 0.5
"""Of that: with less time left, no more members begin."""
MOMENT = 1e-3
"""Seconds that are there when there are none, for a first step."""


class MemberSplit(NamedTuple):
    """The training and validation rows of one member, taken from the table only while they are needed."""

    table: Rows  # all rows, encoded
    training_rows: Array | Windows | None  # row numbers; None: all
    validation_rows: Array | Rows | None  # row numbers, or rows of another table; None: none
    epochs: int | None = None  # the number of epochs of a refit; None: as the settings say

    def training(self) -> Rows:
        """Return the training rows, which must be in memory."""
        if isinstance(self.training_rows, Windows):
            raise InputError("This way to learn needs all rows in memory", "rows on a disk", "Use another preset")
        return self.table if self.training_rows is None else self.table.take(self.training_rows)

    def is_training(self, rows: Array) -> Array:
        """Return whether each of some rows of the table is a training row."""
        if isinstance(self.training_rows, Windows):
            return self.training_rows.learns(rows)
        return np.ones(len(rows), bool) if self.training_rows is None else np.isin(rows, self.training_rows)

    def validation(self) -> Rows | None:
        """Return the validation rows; None: there are none."""
        if self.validation_rows is None or isinstance(self.validation_rows, Rows):
            return self.validation_rows
        return self.table.take(self.validation_rows)

    def check_weights(self) -> None:
        """Refuse training or validation rows that all have weight 0."""
        weights = self._replace(table=self.table._replace(X=self.table.y))  # without a copy of X
        weights.training().checked(TRAINING_WEIGHTS)
        if (held := weights.validation()) is not None:
            held.checked(VALIDATION_WEIGHTS)


class Stop(Callback):
    """End the training of all members after an interrupt: at the end of an epoch, or during a long one."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def on_progress(self, run: Run) -> None:
        if self.event.is_set():
            run.end(Ending("interrupted"))

    def on_epoch_end(self, run: Run) -> None:
        self.on_progress(run)


class Learner(Protocol):
    """The learner of a member. Its result is always a network that predicts from encoded rows."""

    def check(self) -> None:
        """Refuse settings that exclude each other, before any work."""

    def learn(
        self, network: NeuralNetwork, split: MemberSplit, history: History | None, stop: Stop, time: TimeSlice | None
    ) -> TrainedMember:
        """Train a network on the rows of a split.

        Parameters
        ----------
        network : NeuralNetwork
            Untrained, or as the previous fit left it.
        split : MemberSplit
        history : History or None
            Of the previous fit.
        stop : Stop
            Ends the training of all members.
        time : TimeSlice or None
            The time that the member may take.

        Returns
        -------
        TrainedMember
            Its network may be another object.
        """


class TrainedMember(NamedTuple):
    """The result of training a member."""

    network: NeuralNetwork
    history: History


class MemberTask(NamedTuple):
    """A member to train: its learner, network, rows, and the history of the previous fit."""

    learner: Learner
    network: NeuralNetwork
    split: MemberSplit
    history: History | None


@dataclass(frozen=True)
class GradientLearner:
    """The learner of a network that is trained by gradients."""

    trainer: Trainer
    score: ScoreOfNetwork | None  # by which epochs are compared; None: the loss
    checkpoint: Checkpoint | None = None

    def check(self) -> None:
        self.trainer.check()
        if self.checkpoint is not None:
            self.trainer.check_repeatable()

    def score_of(self, trainer: Trainer, network: NeuralNetwork, validation: Rows | None) -> Judge | None:
        """Return the score of epochs for these validation rows; without one, the trainer uses the loss."""
        score = None if self.score is None else self.score(network, validation)
        if score is None:
            trainer.scoring = None
        return score

    def learn(
        self, network: NeuralNetwork, split: MemberSplit, history: History | None, stop: Stop, time: TimeSlice | None
    ) -> TrainedMember:
        own = replace(self.trainer, callbacks=(*self.trainer.callbacks, stop))
        if split.epochs is not None:
            own.epochs = split.epochs
        if time is not None:
            own.callbacks, own.time_limit = (*own.callbacks, time), time.seconds
        validation = split.validation()
        options: dict[str, Any] = {
            "score": self.score_of(own, network, validation),
            "history": history,
            "checkpoint": self.checkpoint,
        }
        if isinstance(split.training_rows, Windows):
            checked = None if validation is None else Rows(*network.check_data(*validation))
            return TrainedMember(
                network, own.fit_rows(network, split.table, checked, order=split.training_rows, **options)
            )
        training = split.training()
        options |= {"sample_weight": training.weight, "validation_data": validation}
        return TrainedMember(network, own.fit(network, training.X, training.y, **options))


def train_side_by_side(
    tasks: Sequence[MemberTask], budget: TimeBudget | None
) -> tuple[list[TrainedMember | None], bool]:
    """Train members in threads; see :func:`side_by_side`. None: there was no time for a member, or an interrupt."""
    trained: list[TrainedMember | None] = [None] * len(tasks)

    def training(number: int, task: MemberTask) -> Callable[[Stop], History | None]:
        def train(stop: Stop) -> History | None:
            time = None if budget is None else budget.next_turn()
            if budget is not None and time is None:
                return None
            result = trained[number] = task.learner.learn(*task[1:], stop, time)
            return result.history

        return train

    _, interrupted = side_by_side([training(number, task) for number, task in enumerate(tasks)])
    return trained, interrupted


def side_by_side(trainings: Sequence[Callable[[Stop], History | None]]) -> tuple[list[History | None], bool]:
    """Run trainings in as many threads as there are processors; return their histories, and whether interrupted.

    The first training runs in this thread, which receives Ctrl-C. After an error or an interrupt, running trainings end
    with their epoch, or within a tenth of a second, and the others do not start: their history is None. An error is
    raised when all have ended, an interrupt only if nothing was learned.
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


def validated_and_refitted(splits: Sequence[MemberSplit]) -> tuple[list[int], list[int]]:
    """Return the members to train first, those with validation rows or else all, and those to refit on all rows."""
    validated = [member for member, split in enumerate(splits) if split.validation_rows is not None]
    others = [member for member, split in enumerate(splits) if split.validation_rows is None]
    return (validated, others) if validated else (others, [])


def epochs_of_refits(
    settings: Mapping[str, Any], histories: Sequence[History | None], before: Sequence[int], refits: Sequence[int]
) -> dict[int, int]:
    """Return the mean best epoch of each refitted member's kind, minus the epochs trained `before`."""
    kinds = numbers_of_kinds(settings)
    best: dict[int, list[int]] = {}
    for kind, history, earlier in zip(kinds, histories, before, strict=True):
        if history is not None:
            best.setdefault(kind, []).append((history.best_epoch or len(history)) - earlier)
    return {member: max(1, round(np.mean(best[kinds[member]]))) for member in refits if kinds[member] in best}


class TimeBudget:
    """The time each member may train, so that all together keep a time limit.

    They share what is left alike. But none trains for less than a quarter of the time that it would take, if there is
    as much: rather the last ones are left out, and the others have their time. It begins when this is made.
    """

    def __init__(self, seconds: float) -> None:
        self.end = time.perf_counter() + seconds * (1 - RESERVE)
        self.lock = threading.Lock()
        self.whole = self.before = 0.0
        """Seconds that a member takes without a limit, and before its first step; 0 while unknown."""

    def share_out(self, members: int, at_a_time: int) -> None:
        """Set the number of members, and how many of them train at a time."""
        self.waiting = members
        self.at_a_time = at_a_time
        self.begun = self.closed = False

    def next_turn(self) -> TimeSlice | None:
        """The turn of the member that begins now; None: it is left out. The first one always has one."""
        with self.lock:
            now, first = time.perf_counter(), not self.begun
            left, rounds = self.end - now, math.ceil(self.waiting / self.at_a_time)
            self.waiting, self.begun = self.waiting - 1, True
            if not first and left <= self.before + TOO_SHORT * SHORTEST * self.whole:
                self.closed = True  # those that stay are the first ones, even if a later one still had some time
            if self.closed:
                return None
            return TimeSlice(self, now, rounds)


class TimeSlice(Callback):
    """The time that one member has: all that is left, until its first steps have shown how long it would take."""

    def __init__(self, allowance: TimeBudget, begin: float, rounds: int) -> None:
        self.allowance, self.begin = allowance, begin
        self.rounds = rounds  # so many members would be trained one after the other from now on

    @property
    def seconds(self) -> float:
        """The time left when the member begins."""
        return max(self.allowance.end - self.begin, MOMENT)

    def on_progress(self, run: Run) -> None:
        if run.deadline is not None and run.deadline.done:
            before, whole = run.deadline.begun - self.begin, run.deadline.whole
            self.allowance.before, self.allowance.whole = before, whole
            rounds = max(1, min(self.rounds, int(self.seconds / (before + SHORTEST * whole))))
            run.deadline.end = self.begin + self.seconds / rounds
