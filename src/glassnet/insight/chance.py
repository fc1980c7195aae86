"""Whether a model's lead over the constant answer is more than chance, from the differences of the two row by row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glassnet.insight.baselines import MEAN, MOST_FREQUENT
from glassnet.insight.predicted import Predicted
from glassnet.insight.scores import row_surprise
from glassnet.layers.base import Array

__all__ = ["FEWEST_ROWS", "STANDARD_ERRORS", "leads"]

FEWEST_ROWS = 20
"""Of fewer rows than these neither a standard error nor a bootstrap can keep what it promises."""
STANDARD_ERRORS = 2.0
"""A lead of twice its standard error comes about by chance in about one case of forty."""


def leads(
    truth: Array, models: Mapping[str, Predicted], weight: Array | None = None
) -> dict[str, dict[str, float]] | None:
    """By how many standard errors each model is better than the constant answer, metric by metric; None without one.

    The root mean square error is judged by the squares.

    Examples
    --------
    >>> truth = np.arange(8.0)
    >>> models = {"close": Predicted(truth + 0.1 * (-1) ** np.arange(8)), MEAN: Predicted(np.full(8, 3.5))}
    >>> leads(truth, models)["close"]["mae"].round(1)
    np.float64(4.5)
    """
    constant = next((name for name in (MEAN, MOST_FREQUENT) if name in models), None)
    if constant is None:
        return None
    theirs = _costs(truth, models[constant])
    weights = np.ones(len(truth)) if weight is None else np.asarray(weight, np.float64)
    alike = dict.fromkeys(theirs, weights)
    if "balanced_accuracy" in theirs:
        _, classes, counts = np.unique(truth, return_inverse=True, return_counts=True)
        alike["balanced_accuracy"] = weights / counts[classes]
    return {
        name: {
            key: _lead(theirs[key] - cost, alike[key])
            for key, cost in _costs(truth, predicted).items()
            if key in theirs
        }
        for name, predicted in models.items()
        if name != constant
    }


def _costs(truth: Array, predicted: Predicted) -> dict[str, Array]:
    """What each row adds to each metric; less is better."""
    if predicted.classes is None:
        error = np.abs(predicted.values.astype(np.float64) - truth.astype(np.float64))
        return {"rmse": error**2, "mae": error}
    wrong = (truth != predicted.values).astype(np.float64)
    costs = {"accuracy": wrong, "balanced_accuracy": wrong}
    return costs if predicted.probabilities is None else costs | {"log_loss": row_surprise(truth, predicted)}


def _lead(gain: Array, weight: Array) -> float:
    """The weighted mean in standard errors of it: 0 where nothing differs, infinite where all rows gain the same."""
    rows, mean = len(gain), float(np.average(gain, weights=weight))
    if rows < 2 or not mean:
        return 0.0
    spread = float(np.sum((weight * (gain - mean)) ** 2)) * rows / (rows - 1)
    error = np.sqrt(spread) / float(weight.sum())
    return mean / error if error else float(np.copysign(np.inf, mean))
