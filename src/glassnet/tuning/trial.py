"""One trial: an estimator trained on every part of the validation as it will be in the end, with all its members.

An ensemble ranks options differently than a single network does, so trials are scored by the averaged predictions.
"""

from __future__ import annotations

import contextlib
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from glassnet.errors import DivergenceError, TableWarning, TrainingWarning
from glassnet.training import Callback, Run, Scoring
from glassnet.training.history import LOSSES
from glassnet.tuning.pruning import hopeless
from glassnet.tuning.validation import Part

State = Literal["complete", "pruned", "unfinished", "diverged"]


@dataclass(frozen=True)
class Metric:
    """What trials are compared by: its name in the history of a training, and whether a higher value is better."""

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
        What it had reached; not a number if nothing.
    epochs : int
        Of the first network of each part.
    seconds : float
    reported : dict from int to float
        What it had reached where trials are compared, by after how many epochs.
    """

    state: State
    score: float
    epochs: int
    seconds: float
    reported: dict[int, float]


def _never() -> bool:
    return False


class TrialWatch:
    """Knows the score of a trial at every moment, and ends it where it should end.

    All that it goes by comes along with it, so that a trial may be carried out anywhere, and again.

    Parameters
    ----------
    metric : Metric
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
        metric: Metric,
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

    def __init__(self, watch: TrialWatch) -> None:
        self.watch = watch

    def on_epoch_end(self, run: Run) -> None:
        watch = self.watch
        watch.trained += 1
        if watch.metric.name in run.history.rows[-1]:
            watch.curve.append(run.history.rows[-1][watch.metric.name])
        if run.epoch < run.epochs and not watch.scores:
            watch.judge(run.epoch)


class _End(Callback):
    """Ends every network of a training when the trial is at its end."""

    every_member = True

    def __init__(self, watch: TrialWatch) -> None:
        self.watch = watch

    def on_progress(self, run: Run) -> None:
        """A search that is over waits for no epoch."""
        watch = self.watch
        if watch.state == "complete" and watch.over():
            watch.state = "unfinished"
        if watch.state != "complete":
            run.stop, run.reason = True, watch.state

    def on_epoch_end(self, run: Run) -> None:
        if run.epoch < run.epochs:  # else it ends anyway
            self.on_progress(run)


@contextlib.contextmanager
def quiet_trials() -> Iterator[None]:
    """Within it nobody hears that training diverges, or a class is never predicted: a search is there to find out."""
    from sklearn.exceptions import UndefinedMetricWarning

    with warnings.catch_warnings():
        for kind in (TableWarning, TrainingWarning, UndefinedMetricWarning):
            warnings.simplefilter("ignore", kind)
        yield


def run_trial(estimator: Callable[..., Any], parts: Sequence[Part], watch: TrialWatch) -> Outcome:
    """Train a fresh estimator, made of its callbacks, on each part, as long as the watch lets it."""
    started = time.perf_counter()
    try:
        for done, (learned, held) in enumerate(parts):
            watch.judge(done * watch.epochs)
            if watch.state != "complete":
                break
            model = estimator(callbacks=watch.callbacks)
            # only where epochs are judged: without that, the weights of the last one stay, as in the end
            model.fit(*learned, validation_data=held if model.early_stopping else None)
            if watch.state != "complete":
                break
            watch.scores.append(model.evaluate(*held))
    except DivergenceError:
        watch.state = "diverged"
    if watch.state == "complete" and math.isnan(watch.score):
        watch.state = "diverged"
    return Outcome(watch.state, watch.score, watch.trained, time.perf_counter() - started, watch.reported)
