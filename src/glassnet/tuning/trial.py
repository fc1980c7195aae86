"""One trial: an estimator trained on every part of the validation as it will be in the end, with all its members.

An ensemble ranks options differently than a single network does, so trials are scored by the averaged predictions.
All trials have the same validation rows. One is pruned if half of the trials that came as far were better there:
asynchronous successive halving with a reduction factor of 2.

Source: Li et al. (2020), *A System for Massively Parallel Hyperparameter Tuning*, section 3.2.
"""

from __future__ import annotations

import contextlib
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from glassnet.errors import DivergenceError, InputError, InputTypeError, TableWarning, TrainingWarning, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.estimators.folds import FitRows, folds_of
from glassnet.formulas.schedules import Schedule
from glassnet.layers.base import Array
from glassnet.support.coercion import listed, plain_number
from glassnet.support.language import Text
from glassnet.tables.opened_table import TableRows
from glassnet.training import Callback, Run, Scoring, Ties
from glassnet.training.history import LOSSES

State = Literal["complete", "pruned", "unfinished", "diverged"]
WARM_UP = 0.25
"""Before this share of the epochs no trial is judged: of 24 random trials on abalone, the best stood 22nd after a fifth
of them, and 8th after 7/15."""
LATE = (0.5, 0.75)
"""Where trials are judged under a schedule that only falls."""
PRUNED_AFTER = (1, 2)
"""After which folds, where there are more to come."""
FEWEST = 3
"""No trial is ended before so many others came as far."""
FEW = 1000
"""With fewer rows a fifth of them is too few to tell options apart: then every row judges, in folds."""
FOLDS = 3
"""Of three folds all rows judge, as of five, in half the time."""
SHARE = 0.2
UNTIED = Ties()
MOST_FOLDS = 2**31
RULE = Text("`validation` must be a share of the rows, a number of folds, or (X, y)")
REMEDY = Text("For example 0.2 or 5")


@dataclass(frozen=True)
class Criterion:
    """What trials are compared by: its name in the history of a training, and whether a higher value is better."""

    name: str
    maximize: bool

    @classmethod
    def of(cls, scoring: Scoring | None) -> Criterion:
        """The score on the validation rows, or their loss.

        Examples
        --------
        >>> Criterion.of("roc_auc"), Criterion.of(None)
        (Criterion(name='validation_roc_auc', maximize=True), Criterion(name='validation_loss', maximize=False))
        """
        judged = "loss" if scoring is None else scoring if isinstance(scoring, str) else "score"
        name = f"validation_{judged}"
        return cls(name, maximize=name not in LOSSES)

    def best(self, values: Sequence[float]) -> float:
        """The best of some values; those that are no numbers do not count."""
        numbers = [value for value in values if not math.isnan(value)]
        return math.nan if not numbers else max(numbers) if self.maximize else min(numbers)


class Outcome(NamedTuple):
    """What came out of a trial.

    Attributes
    ----------
    state : {"complete", "pruned", "unfinished", "diverged"}
    score : float
        Its score; NaN if it has none.
    epochs : int
        Of the first network of each part.
    seconds : float
    reported : dict from int to float
        Its scores at the checkpoints of comparison, by the number of epochs.
    """

    state: State
    score: float
    epochs: int
    seconds: float
    reported: dict[int, float]


def _never() -> bool:
    return False


class TrialMonitor:
    """Knows the score of a trial at every moment, and ends it where it should end.

    All that it goes by comes along with it, so that a trial may be carried out anywhere, and again.

    Parameters
    ----------
    metric : Criterion
    epochs : int
        Planned for each training.
    checkpoints : sequence of int
        After how many epochs, counted over all trainings, trials are compared.
    known : mapping from int to sequence of float, or None
        What others had reached there; None: it is carried to its end, however it compares.
    over : callable
        Whether the search is over, and so the trial.
    """

    def __init__(
        self,
        metric: Criterion,
        epochs: int,
        checkpoints: Sequence[int],
        known: Mapping[int, Sequence[float]] | None,
        over: Callable[[], bool] = _never,
    ) -> None:
        self.metric, self.epochs, self.checkpoints = metric, epochs, frozenset(checkpoints)
        self.known, self.over = known, over
        self.scores: list[float] = []
        self.curve: list[float] = []
        self.reported: dict[int, float] = {}
        self.trained = 0
        self.state: State = "complete"

    @property
    def score(self) -> float:
        """The mean over the trainings that have ended; before that, what the first network of the first has reached."""
        return float(np.mean(self.scores)) if self.scores else self.metric.best(self.curve)

    @property
    def callbacks(self) -> list[Callback]:
        """What a training is to be watched by."""
        return [_Curve(self), _End(self)]

    def judge(self, step: int) -> None:
        """Decide after so many epochs over all trainings whether to go on."""
        if self.over():
            self.state = "unfinished"
        elif step in self.checkpoints and not math.isnan(self.score):
            self.reported[step] = self.score
            others = None if self.known is None else self.known.get(step, ())
            if others is not None and hopeless(self.score, others, maximize=self.metric.maximize):
                self.state = "pruned"


class _Curve(Callback):
    """Sees the first network of a training, whose epochs are those that are counted."""

    def __init__(self, monitor: TrialMonitor) -> None:
        self.monitor = monitor

    def on_epoch_end(self, run: Run) -> None:
        monitor = self.monitor
        monitor.trained += 1
        if monitor.metric.name in run.history.rows[-1]:
            monitor.curve.append(run.history.rows[-1][monitor.metric.name])
        if run.epoch < run.epochs and not monitor.scores:
            monitor.judge(run.epoch)


class _End(Callback):
    """Ends every network of a training when the trial is at its end."""

    every_member = True

    def __init__(self, monitor: TrialMonitor) -> None:
        self.monitor = monitor

    def on_progress(self, run: Run) -> None:
        """A search that is over waits for no epoch."""
        monitor = self.monitor
        if monitor.state == "complete" and monitor.over():
            monitor.state = "unfinished"
        if monitor.state != "complete":
            run.stop, run.reason = True, monitor.state

    def on_epoch_end(self, run: Run) -> None:
        if run.epoch < run.epochs:  # else it ends anyway
            self.on_progress(run)


@contextlib.contextmanager
def quiet_trials() -> Iterator[None]:
    """Silence warnings that training diverges or a class is never predicted: a search is there to find out."""
    from sklearn.exceptions import UndefinedMetricWarning

    with warnings.catch_warnings():
        for kind in (TableWarning, TrainingWarning, UndefinedMetricWarning):
            warnings.simplefilter("ignore", kind)
        yield


class NewEstimator(Protocol):
    """The untrained estimator of a trial, given its callbacks."""

    def __call__(self, *, callbacks: Sequence[object]) -> NeuralEstimator: ...


def run_trial(estimator: NewEstimator, parts: Sequence[TrialFold], monitor: TrialMonitor) -> Outcome:
    """Train a fresh estimator with the monitor's callbacks on each fold, until the monitor stops it."""
    started = time.perf_counter()
    try:
        for done, (learned, held) in enumerate(parts):
            monitor.judge(done * monitor.epochs)
            if monitor.state != "complete":
                break
            model = estimator(callbacks=monitor.callbacks)
            # only where epochs are judged: without that, the weights of the last one stay, as in the end
            model.fit(*learned, validation_data=held if model.early_stopping else None)
            if monitor.state != "complete":
                break
            monitor.scores.append(model.evaluate(*held))
    except DivergenceError:
        monitor.state = "diverged"
    if monitor.state == "complete" and math.isnan(monitor.score):
        monitor.state = "diverged"
    return Outcome(monitor.state, monitor.score, monitor.trained, time.perf_counter() - started, monitor.reported)


def checkpoints(schedule: Schedule, epochs: int, folds: int) -> list[int]:
    """After how many epochs, counted over all folds, trials may be compared.

    While the learning rate is high the weights swing, and the trial with the lower rate looks better than it is.
    So trials are compared where the schedule has settled them all: in the valleys of one with
    cycles (of coslog4 at 7/15; the first two come too early to say much), and else in the second half. In later folds
    the end is enough.

    Examples
    --------
    >>> from glassnet.formulas.schedules import SCHEDULES
    >>> checkpoints(SCHEDULES.get("coslog4"), 256, folds=1)
    [119]
    >>> checkpoints(SCHEDULES.get("cosine"), 40, folds=5)
    [20, 30, 40, 80]
    """
    valleys: list[int] = []
    if schedule.follows == "progress":
        factors = np.broadcast_to(schedule(np.arange(epochs + 1) / epochs), epochs + 1)
        falls, rises = factors[1:-1] < factors[:-2], factors[1:-1] < factors[2:]
        valleys = (np.flatnonzero(falls & rises) + 1).tolist()
    settled = [epoch for epoch in valleys if epoch >= WARM_UP * epochs]
    late = [epoch for epoch in (round(share * epochs) for share in LATE) if 0 < epoch < epochs]
    return (settled or late) + [fold * epochs for fold in PRUNED_AFTER if fold < folds]


def hopeless(value: float, others: Sequence[float], *, maximize: bool) -> bool:
    """Whether a trial is worse than the median of the others that came as far, of whom fewer than three decide nothing.

    Examples
    --------
    >>> hopeless(0.70, [0.65, 0.72, 0.74], maximize=True)
    True
    """
    if len(others) < FEWEST:
        return False
    median = float(np.nanmedian(others))
    return not value >= median if maximize else not value <= median  # NaN is pruned


class TrialFold(NamedTuple):
    """One training of a trial: rows to learn from, and rows to be judged by."""

    learned: TableRows
    held: TableRows


@dataclass(frozen=True)
class Validation:
    """How trials are judged: a part for each fold, or a single one, and the same for people."""

    parts: list[TrialFold]
    described: Text


def choose_validation(
    table: TableRows,
    validation: Any,
    seed: int,
    strata: Array | None,
    ties: Ties = UNTIED,
    places: Array | None = None,
) -> Validation:
    """The rows for every training of a trial.

    Parameters
    ----------
    validation : float in (0, 1), int, splitter, pairs of row numbers, TableRows or None
        The share of the rows that is held back; folds, as the option `cv` may be them; rows of their own; or None:
        three folds for fewer than 1,000 rows, else a fifth.
    strata : array of shape (rows,) or None
        The classes: each keeps its share in all parts.
    ties : Ties
        No group is on both sides, and rows that judge are later.
    places : array of int of shape (rows as given,), optional
        See :class:`glassnet.estimators.folds.FitRows`; if left out, all rows are there.

    Raises
    ------
    InputError, InputTypeError
        If it is none of these, or there are too few rows.

    Examples
    --------
    >>> table = TableRows(np.arange(10)[:, None], np.arange(10), None)
    >>> choose_validation(table, None, 0, None).described
    '3 folds'
    >>> (part,) = choose_validation(table, 0.3, 0, None).parts
    >>> len(part.learned.y), len(part.held.y)
    (7, 3)
    """
    if isinstance(validation, TableRows):
        return Validation([TrialFold(table, validation)], Text("{count:,} separate rows", count=len(validation.y)))
    rows = len(table.y)
    if validation is None:
        validation = FOLDS if rows < FEW else SHARE
    if isinstance(validation, int) and rows < validation:
        raise InputError(
            "There must be at least as many rows as folds",
            Text("{rows} rows, {validation} folds", rows=rows, validation=validation),
            "Provide more",
        )
    given = FitRows(table.X, table.y, strata, ties, np.arange(rows) if places is None else places)
    share = isinstance(validation, float)
    judged_by = {"members": 1} | ({"cv": None, "validation_fraction": validation} if share else {"cv": validation})
    parts = [_of_known_classes(*part, strata, ties) for part in folds_of(judged_by, seed, given, all_folds=True)]
    described = Text("{count} folds", count=len(parts))
    if share:
        described = Text("{share:g} % of the rows", share=100 * validation)
    return Validation([TrialFold(table.take(learned), table.take(held)) for learned, held in parts], described)


class Judging:
    """A share of the rows, a number of folds, or rows of their own, which are looked at with the others."""

    def taken(self, name: str, value: Any) -> float | int | tuple[Any, ...]:
        if isinstance(value, (tuple, list)):
            return tuple(listed(name, value, REMEDY))
        number = plain_number(value)
        if number is None:
            raise InputTypeError(RULE, shown(value), REMEDY)
        if isinstance(value, (int, np.integer)) and 1 < number < MOST_FOLDS:
            return int(value)
        if not 0 < number < 1:
            raise InputError(RULE, shown(value), REMEDY)
        return number


def _of_known_classes(learned: Array, held: Array, strata: Array | None, ties: Ties) -> tuple[Array, Array]:
    """A class so rare that it would only be judged is learned from instead, or left out where its rows are tied."""
    if strata is None:
        return learned, held
    known = np.isin(strata[held], strata[learned])
    if all(of_rows is None for of_rows in ties):
        learned = np.sort(np.concatenate([learned, held[~known]]))
    elif not known.any():
        rule = Text("The classes of validation rows must occur in the training rows")
        raise InputError(rule, "none of them", "Choose other groups or folds")
    return learned, held[known]
