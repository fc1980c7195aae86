"""One trial: an estimator trained on every part of the validation, watched epoch by epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from glassnet.errors import DivergenceError
from glassnet.training import Callback, Run, Scoring
from glassnet.tuning.validation import Part

__all__ = ["Metric", "Outcome", "State", "TrialWatch", "run_trial"]

State = Literal["complete", "pruned", "unfinished", "diverged"]


@dataclass(frozen=True)
class Metric:
    """What trials are compared by.

    Attributes
    ----------
    name : str
        As in the history of a training.
    maximize : bool
        Whether a higher value is a better one.
    """

    name: str
    maximize: bool

    @classmethod
    def of(cls, scoring: Scoring | None) -> Metric:
        """The score on the validation rows, or their loss.

        Examples
        --------
        >>> Metric.of("roc_auc"), Metric.of(None)
        (Metric(name='validation_roc_auc', maximize=True), Metric(name='validation_loss', maximize=False))
        """
        if scoring is None:
            return cls("validation_loss", maximize=False)
        return cls(f"validation_{scoring if isinstance(scoring, str) else 'score'}", maximize=True)

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
        What it had reached; not a number if nothing.
    epochs : int
        Over all parts.
    seconds : float
    """

    state: State
    score: float
    epochs: int
    seconds: float


class TrialWatch(Callback):
    """A callback for all trainings of one trial: knows its score at every moment, and ends it where it should end.

    Parameters
    ----------
    metric : Metric
    keeps_best : bool
        Whether each training keeps the weights of its best epoch, rather than those of the last.
    epochs : int
        Planned for each training.
    checkpoints : sequence of int
        After how many epochs, counted over all trainings, `report` is asked.
    report : callable of (step, value)
        Is told the score so far; True: it is hopeless.
    over : callable
        True: the search is over, and so is the trial.
    """

    def __init__(
        self,
        metric: Metric,
        keeps_best: bool,
        epochs: int,
        checkpoints: Sequence[int],
        report: Callable[[int, float], bool],
        over: Callable[[], bool],
    ) -> None:
        self.metric, self.keeps_best = metric, keeps_best
        self.epochs, self.checkpoints = epochs, frozenset(checkpoints)
        self.report, self.over = report, over
        self.curves: list[list[float]] = []
        self.state: State = "complete"

    @property
    def score(self) -> float:
        """The mean over the trainings of what each has reached, as it would stand if they ended now."""
        if not self.curves:
            return math.nan
        return float(np.mean([self.metric.best(curve) if self.keeps_best else curve[-1] for curve in self.curves]))

    def on_epoch_end(self, run: Run) -> None:
        """Remember the score, and decide whether to go on."""
        if run.epoch == 1:
            self.curves.append([])
        self.curves[-1].append(run.history.rows[-1][self.metric.name])
        if run.epoch < run.epochs:  # else it ends anyway
            self.judge(len(self.curves) - 1, run.epoch)
            run.stop, run.reason = self.state != "complete", self.state

    def judge(self, folds: int, epochs: int = 0) -> None:
        """Decide after so many folds, and epochs of the next one, whether to go on."""
        step = folds * self.epochs + epochs
        if self.over():
            self.state = "unfinished"
        elif step in self.checkpoints and self.report(step, self.score):
            self.state = "pruned"


def run_trial(estimator: Callable[[TrialWatch], Any], parts: Sequence[Part], watch: TrialWatch) -> Outcome:
    """Train an estimator on each part, as long as the watch lets it.

    Parameters
    ----------
    estimator : callable of TrialWatch
        Makes a fresh one, with the watch among its callbacks.
    parts : sequence of Part
    watch : TrialWatch
    """
    started = time.perf_counter()
    try:
        for done, (learned, held) in enumerate(parts):
            watch.judge(done)
            if watch.state != "complete":
                break
            estimator(watch).fit(*learned, validation_data=held)
            if watch.state != "complete":
                break
    except DivergenceError:
        watch.state = "diverged"
    if watch.state == "complete" and math.isnan(watch.score):
        watch.state = "diverged"
    return Outcome(watch.state, watch.score, sum(map(len, watch.curves)), time.perf_counter() - started)
