"""How far scores would go up and down with other rows of the same kind: the bootstrap.

Source: Efron, Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13 (percentile intervals).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.insight.predicted import Predicted
from glassnet.layers.base import Array

__all__ = ["FEWEST_ROWS", "RESAMPLES", "Interval", "Resampled", "resample", "row_surprise"]

RESAMPLES = 1000
FEWEST_ROWS = 20
"""Of fewer rows than these a bootstrap promises more than it can keep."""
LEVEL = 0.95
PIECE_NUMBERS = 2_000_000
"""So many counts are held at a time."""

Statistic = Callable[[Array], Array]
"""From weights of shape (resamples, rows) to the score of each resample."""


@dataclass(frozen=True)
class Interval:
    """Between which values a score would be found in 95 of 100 cases."""

    low: float
    high: float


class Resampled:
    """The scores of every model in every resample; all models have seen the same resamples.

    Parameters
    ----------
    scores : mapping from (model, key) to array of shape (resamples,)
    """

    def __init__(self, scores: Mapping[tuple[str, str], Array]) -> None:
        self._scores = dict(scores)

    def interval(self, model: str, key: str) -> Interval | None:
        """Of a score of a model; None where there is none."""
        return _percentiles(self._scores.get((model, key)))

    def difference(self, model: str, other: str, key: str) -> Interval | None:
        """Of how much higher the score of a model is than another's, resample by resample."""
        ours, theirs = self._scores.get((model, key)), self._scores.get((other, key))
        return None if ours is None or theirs is None else _percentiles(ours - theirs)


def _percentiles(values: Array | None) -> Interval | None:
    if values is None or not np.isfinite(values).any():
        return None
    low, high = np.nanpercentile(values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Interval(float(low), float(high))


def resample(
    truth: Array, models: Mapping[str, Predicted], weight: Array | None, *, seed: int = 0, resamples: int = RESAMPLES
) -> Resampled:
    """Draw as many rows as there are, with replacement, again and again, and score every model on each draw.

    Parameters
    ----------
    truth : array of shape (rows,)
    models : mapping from str to Predicted
    weight : array of shape (rows,) or None
    seed, resamples : int

    Examples
    --------
    >>> truth = np.repeat([0, 1], 50)
    >>> right = Predicted(truth, None, np.array([0, 1]))
    >>> resample(truth, {"network": right}, None).interval("network", "accuracy")
    Interval(low=1.0, high=1.0)
    """
    rows = len(truth)
    if rows < FEWEST_ROWS:
        return Resampled({})
    statistics = {
        (name, key): statistic
        for name, predicted in models.items()
        for key, statistic in _statistics(truth, predicted).items()
    }
    rng = np.random.default_rng(seed)
    pieces: list[dict[tuple[str, str], Array]] = []
    size = max(1, PIECE_NUMBERS // rows)
    for start in range(0, resamples, size):
        draws = min(size, resamples - start)
        counts = np.stack([np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(draws)])
        weights = counts * (1.0 if weight is None else weight)
        with np.errstate(divide="ignore", invalid="ignore"):  # a draw without a class: no number
            pieces.append({name: statistic(weights) for name, statistic in statistics.items()})
    return Resampled({name: np.concatenate([piece[name] for piece in pieces]) for name in statistics})


def _statistics(truth: Array, predicted: Predicted) -> dict[str, Statistic]:
    """Every score as a function of the weights of the rows."""
    if predicted.classes is None:
        return _of_numbers(truth.astype(np.float64), predicted.values.astype(np.float64))
    right = (truth == predicted.values).astype(np.float64)
    found: dict[str, Statistic] = {
        "accuracy": lambda weights: _mean(weights, right),
        "balanced_accuracy": _balanced(truth, right),
    }
    if predicted.probabilities is not None:
        surprise = row_surprise(truth, predicted)
        found["log_loss"] = lambda weights: _mean(weights, surprise)
        if len(predicted.classes) == 2:
            found["roc_auc"] = _area(truth == predicted.classes[1], predicted.probabilities[:, 1])
    return found


def row_surprise(truth: Array, predicted: Predicted) -> Array:
    """The log loss of each row: minus the logarithm of the probability of what was true."""
    probabilities, classes = predicted.probabilities, predicted.classes
    if probabilities is None or classes is None:
        return np.full(len(truth), math.nan)
    given = probabilities[np.arange(len(truth)), np.searchsorted(classes, truth)]
    return -np.log(np.clip(given.astype(np.float64), np.finfo(probabilities.dtype).eps, None))


def _mean(weights: Array, values: Array) -> Array:
    return weights @ values / weights.sum(axis=1)


def _balanced(truth: Array, right: Array) -> Statistic:
    """The mean over the classes of how often a row of the class is right."""
    member = (truth[:, None] == np.unique(truth)[None, :]).astype(np.float64)
    hits = member * right[:, None]

    def statistic(weights: Array) -> Array:
        return np.nanmean((weights @ hits) / (weights @ member), axis=1)

    return statistic


def _area(positive: Array, score: Array) -> Statistic:
    """The area under the ROC curve: how often a row of the second class has the higher score, ties counting half."""
    order = np.argsort(score, kind="stable")
    ours, starts = positive[order], np.flatnonzero(np.diff(score[order], prepend=-np.inf))

    def statistic(weights: Array) -> Array:
        ordered = weights[:, order]
        up = np.add.reduceat(ordered * ours, starts, axis=1)
        down = np.add.reduceat(ordered * ~ours, starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        return (up * below).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1))

    return statistic


def _of_numbers(truth: Array, values: Array) -> dict[str, Statistic]:
    error = values - truth
    size, square = np.abs(error), error**2
    level = truth - truth.mean()  # centred, so that the difference of squares below loses no digits

    def explained(weights: Array) -> Array:
        spread = _mean(weights, level**2) - _mean(weights, level) ** 2
        return 1 - _mean(weights, square) / spread

    found: dict[str, Statistic] = {
        "rmse": lambda weights: np.sqrt(_mean(weights, square)),
        "mae": lambda weights: _mean(weights, size),
    }
    return found | ({"r2": explained} if len(np.unique(truth)) > 1 else {})
