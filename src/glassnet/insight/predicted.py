"""What a model says of rows: one prediction each, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.layers.base import Array

__all__ = ["Predicted", "predict_rows"]


@dataclass(frozen=True)
class Predicted:
    """Predictions for some rows.

    Attributes
    ----------
    values : array of shape (rows,)
        The class, or the number, of each row.
    probabilities : array of shape (rows, classes) or None
        Of each class, in the order of `classes`; None where the model has none.
    classes : array or None
        The classes; None for numbers.
    more : dict from str to array
        Further columns: the deviation, quantiles.
    """

    values: Array
    probabilities: Array | None = None
    classes: Array | None = None
    more: dict[str, Array] = field(default_factory=dict)

    def take(self, rows: Array) -> Predicted:
        """Those of some rows."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        more = {name: values[rows] for name, values in self.more.items()}
        return Predicted(self.values[rows], probabilities, self.classes, more)


def predict_rows(model: Any, X: Any) -> Predicted:
    """Ask a fitted classifier or regressor for all it has to say of these rows.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or a classifier or regressor of scikit-learn
    X : table
    """
    if hasattr(model, "classes_"):
        proba = model.predict_proba(X) if hasattr(model, "predict_proba") else None
        return Predicted(np.asarray(model.predict(X)), proba, model.classes_)
    loss = model.network_.loss if hasattr(model, "network_") else None
    if loss is not None and loss.columns == 2:
        mean, deviation = model.predict(X, return_std=True)
        return Predicted(mean, more={"deviation": deviation})
    values = np.asarray(model.predict(X))
    if values.ndim == 1:
        return Predicted(values)
    levels = dict(loss.parameters)["levels"] if loss is not None else ()
    middle = int(np.argmin([abs(level - 0.5) for level in levels]))
    return Predicted(values[:, middle], more={f"quantile_{q:g}": values[:, at] for at, q in enumerate(levels)})
