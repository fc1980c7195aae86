"""Scores for people, few and well known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from glassnet.display.numbers import fixed, number
from glassnet.insight.predictions import Predictions
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, check_language, minus

Statistic = Callable[[Array], Array]
"""From several weights of the rows, of shape (weightings, rows), to the score by each: scikit-learn knows but one at a
time, and the bootstrap asks for a thousand."""

FEWEST_ROWS = 20
"""Of fewer rows than these neither a standard error nor a bootstrap can keep what it promises."""
STANDARD_ERRORS = 2.0
"""A lead of twice its standard error comes about by chance in about one case of forty."""


@dataclass(frozen=True)
class Metric:
    """One score by its key, and how people read it: in percent, as a number near one, or in the units of the target."""

    key: str
    form: Literal["percent", "ratio", "units"]

    def spell(self, value: float | None) -> str:
        """The number for people.

        Examples
        --------
        >>> accuracy, *_, log_loss = CLASSIFICATION
        >>> accuracy.spell(0.91239), log_loss.spell(0.31239), log_loss.spell(None)
        ('91.24%', '0.3124', '-')
        """
        if value is None or not math.isfinite(value):
            return "-"
        return minus({"percent": f"{100 * value:.2f}%", "ratio": fixed(value, 4), "units": number(value)}[self.form])


CLASSIFICATION = (
    *(Metric(key, "percent") for key in ("accuracy", "balanced_accuracy")),
    *(Metric(key, "ratio") for key in ("roc_auc", "log_loss")),
)
OF_POSITIVE = (
    *(Metric(key, "percent") for key in ("precision", "recall")),
    *(Metric(key, "ratio") for key in ("f1", "average_precision")),
)
"""Of the positive one of two classes."""
REGRESSION = Metric("rmse", "units"), Metric("mae", "units"), Metric("r2", "ratio")
HIGHER_IS_BETTER = frozenset({"accuracy", "balanced_accuracy", "roc_auc", "r2"})
METRICS: Final = {
    "accuracy": Text("accuracy"),
    "balanced_accuracy": Text("balanced accuracy"),
    "roc_auc": Text("ROC AUC"),
    "log_loss": Text("log loss"),
    "precision": Text("precision"),
    "recall": Text("recall"),
    "f1": Text("F1"),
    "average_precision": Text("average precision"),
    "rmse": Text("RMSE"),
    "mae": Text("MAE"),
    "r2": Text("R²"),
    "negative_loss": Text("negative loss"),
}
"""What they are called, by their keys."""


SQUARED: Final = 1e140
"""Sums of squares of what lies between it and its reciprocal neither overflow nor vanish."""


def metric_name(name: str, language: Language | None = None) -> str:
    """A score in the reader's language; in English, and where it is not known, it keeps its name.

    Examples
    --------
    >>> metric_name("accuracy", "zh"), metric_name("accuracy", "en"), metric_name("my_score", "zh")
    ('正确率', 'accuracy', 'my_score')
    """
    known = METRICS.get(name.replace(" ", "_"))
    return name if known is None or check_language(language) == "en" else known.say(language)


def score(truth: Array, predicted: Predictions, weight: Array | None = None, positive: Any = None) -> dict[str, float]:
    """Every score that has a meaning for these predictions, by its key; `positive` is the class that some are of.

    Examples
    --------
    >>> truth, said = np.array(["yes", "no", "no"]), np.array(["yes", "yes", "no"])
    >>> score(truth, Predictions(said, None, np.array(["no", "yes"])), positive="yes")
    {'accuracy': 0.666..., 'balanced_accuracy': 0.75, 'precision': 0.5, 'recall': 1.0, 'f1': 0.666...}
    >>> score(np.array([1.0, 2.0, 4.0]), Predictions(np.array([1.0, 2.0, 3.0])))
    {'rmse': 0.577..., 'mae': 0.333..., 'r2': 0.785...}
    """
    weights = np.ones((1, len(truth))) if weight is None else np.asarray(weight, np.float64)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):  # rows of one class: no curve
        found = {key: float(statistic(weights)[0]) for key, statistic in statistics(truth, predicted).items()}
    if positive is not None:
        found |= _of_positive(truth, predicted, weight, positive)
    return {key: value for key, value in found.items() if math.isfinite(value)}


def _of_positive(truth: Array, predicted: Predictions, weight: Array | None, positive: Any) -> dict[str, float]:
    """How well one class is found; nothing, where no row is of it."""
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support

    is_one = truth == positive
    if not is_one.any():
        return {}
    of_class = precision_recall_fscore_support(
        is_one, predicted.values == positive, average="binary", sample_weight=weight, zero_division=0
    )
    found = dict(zip(("precision", "recall", "f1"), map(float, of_class[:3]), strict=True))
    if predicted.probabilities is not None and predicted.classes is not None:
        chance = predicted.probabilities[:, int(np.searchsorted(predicted.classes, positive))]
        found["average_precision"] = float(average_precision_score(is_one, chance, sample_weight=weight))
    return found


def statistics(truth: Array, predicted: Predictions) -> dict[str, Statistic]:
    """Every score, in the order of the metrics, as a function of the weights of the rows."""
    if predicted.classes is None:
        return _of_numbers(truth.astype(np.float64), predicted.values.astype(np.float64))
    right = (truth == predicted.values).astype(np.float64)
    found: dict[str, Statistic] = {
        "accuracy": lambda weights: _mean(weights, right),
        "balanced_accuracy": _balanced(truth, right),
    }
    if predicted.probabilities is not None:
        if len(predicted.classes) == 2:
            # the same for both classes
            found["roc_auc"] = _area(truth == predicted.classes[1], predicted.probabilities[:, 1])
        surprise = row_log_loss(truth, predicted)
        found["log_loss"] = lambda weights: _mean(weights, surprise)
    return found


def row_log_loss(truth: Array, predicted: Predictions) -> Array:
    """Return the log loss of each row: minus the logarithm of the probability of its true class."""
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
    """The area under the ROC curve: how often a row of this class has the higher score, ties counting half."""
    order = np.argsort(score, kind="stable")
    ours, starts = positive[order], np.flatnonzero(np.diff(score[order], prepend=-np.inf))

    def statistic(weights: Array) -> Array:
        ordered = weights[:, order]
        up = np.add.reduceat(ordered * ours, starts, axis=1)
        down = np.add.reduceat(ordered * ~ours, starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        return (up * below).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1))

    return statistic


class PairedDifference(NamedTuple):
    """The mean gain of one model over another, row by row, and its standard error."""

    mean: float
    error: float

    @property
    def z(self) -> float:
        """The mean in standard errors: 0 where nothing differs, infinite where all rows gain the same."""
        if not self.mean:
            return 0.0
        return self.mean / self.error if self.error else math.copysign(math.inf, self.mean)


def lead(gain: Array, weight: Array | None = None) -> PairedDifference:
    """Return the weighted mean of a gain per row, and the standard error of that mean.

    This is how each part of glassnet decides whether a model is better than a constant prediction.

    Examples
    --------
    >>> lead(np.array([1.0, 2.0, 3.0, 2.0]))
    PairedDifference(mean=2.0, error=0.408...)
    >>> lead(np.array([1.0, 1.0])).z, lead(np.zeros(3)).z
    (inf, 0.0)
    """
    weights = np.ones(len(gain)) if weight is None else np.asarray(weight, np.float64)
    rows, mean = len(gain), float(np.average(gain, weights=weights))
    if rows < 2:
        return PairedDifference(0.0, 0.0)
    spread = float(np.sum((weights * (gain - mean)) ** 2)) * rows / (rows - 1)
    return PairedDifference(mean, math.sqrt(spread) / float(weights.sum()))


def unit_of(most: float, *numbers: Array) -> float:
    """A power of two by which numbers beyond `most`, or all below its reciprocal, are divided before they are squared.

    Examples
    --------
    >>> unit_of(1e140, np.array([3.0, -5.0])), unit_of(2.0, np.array([3.0, -5.0]))
    (1.0, 4.0)
    """
    largest = max(float(np.abs(each).max(initial=0.0)) for each in numbers)
    return 1.0 if largest == 0 or 1 / most < largest < most else 2.0 ** (math.frexp(largest)[1] - 1)


def _of_numbers(truth: Array, values: Array) -> dict[str, Statistic]:
    unit = unit_of(SQUARED, truth, values)
    truth, values = truth / unit, values / unit
    error = values - truth
    size, square = np.abs(error), error**2
    level = truth - truth.mean()  # centred, so that the difference of squares below loses no digits

    def explained(weights: Array) -> Array:
        spread = _mean(weights, level**2) - _mean(weights, level) ** 2
        return 1 - _mean(weights, square) / spread

    found: dict[str, Statistic] = {
        "rmse": lambda weights: unit * np.sqrt(_mean(weights, square)),
        "mae": lambda weights: unit * _mean(weights, size),
    }
    return found | ({"r2": explained} if len(np.unique(truth)) > 1 else {})
