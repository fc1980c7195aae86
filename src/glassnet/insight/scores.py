"""Scores for people: few, well known, and always beside what one gets without a network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet.insight.numbers import number
from glassnet.insight.predicted import Predicted
from glassnet.layers.base import Array

__all__ = ["CLASSIFICATION", "REGRESSION", "Metric", "score"]


@dataclass(frozen=True)
class Metric:
    """One score.

    Attributes
    ----------
    name : str
        For people.
    key : str
        For programs.
    measure : callable of (truth, Predicted, weights)
        Gives the number; NaN where it has no meaning.
    form : {"percent", "ratio", "units"}
        How people read it: in percent, as a number near one, or in the units of the target.
    """

    name: str
    key: str
    measure: Callable[[Array, Predicted, Array | None], float]
    form: Literal["percent", "ratio", "units"]

    def spell(self, value: float | None) -> str:
        """The number for people.

        Examples
        --------
        >>> accuracy, *_, log_loss = CLASSIFICATION
        >>> accuracy.spell(0.91239), log_loss.spell(0.31239), log_loss.spell(None)
        ('91.24 %', '0.3124', '-')
        """
        if value is None or not math.isfinite(value):
            return "-"
        return {"percent": f"{100 * value:.2f} %", "ratio": f"{value:.4f}", "units": number(value)}[self.form]


def _accuracy(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(truth, predicted.values, sample_weight=weight))


def _balanced_accuracy(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import recall_score

    # the mean recall of the classes that occur; balanced_accuracy_score warns of predicted ones that do not
    return float(
        recall_score(
            truth, predicted.values, labels=np.unique(truth), average="macro", sample_weight=weight, zero_division=0
        )
    )


def _auc(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import roc_auc_score

    classes, probabilities = predicted.classes, predicted.probabilities
    if classes is None or probabilities is None or len(classes) != 2 or len(np.unique(truth)) != 2:
        return math.nan
    return float(roc_auc_score(truth == classes[1], probabilities[:, 1], sample_weight=weight))


def _log_loss(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import log_loss

    if predicted.probabilities is None:
        return math.nan
    return float(log_loss(truth, predicted.probabilities, labels=predicted.classes, sample_weight=weight))


def _rmse(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import root_mean_squared_error

    return float(root_mean_squared_error(truth, predicted.values, sample_weight=weight))


def _mae(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(truth, predicted.values, sample_weight=weight))


def _r2(truth: Array, predicted: Predicted, weight: Array | None) -> float:
    from sklearn.metrics import r2_score

    if len(np.unique(truth)) < 2:
        return math.nan
    return float(r2_score(truth, predicted.values, sample_weight=weight))


CLASSIFICATION = (
    Metric("accuracy", "accuracy", _accuracy, "percent"),
    Metric("balanced", "balanced_accuracy", _balanced_accuracy, "percent"),
    Metric("ROC AUC", "roc_auc", _auc, "ratio"),
    Metric("log loss", "log_loss", _log_loss, "ratio"),
)
REGRESSION = (
    Metric("RMSE", "rmse", _rmse, "units"),
    Metric("MAE", "mae", _mae, "units"),
    Metric("R²", "r2", _r2, "ratio"),
)


def score(truth: Array, predicted: Predicted, weight: Array | None = None) -> dict[str, float]:
    """Every score that has a meaning for these predictions, by its key."""
    metrics = REGRESSION if predicted.classes is None else CLASSIFICATION
    found = {metric.key: metric.measure(truth, predicted, weight) for metric in metrics}
    return {key: value for key, value in found.items() if math.isfinite(value)}
