"""The predictions of a model for rows, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators import Classifier, Regressor
from glassnet.formulas.loss import Loss
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.tables.reading.sources import pl


@dataclass(frozen=True)
class Predictions:
    """Predictions for some rows."""

    values: Array  # the class, or the number, of each row
    probabilities: Array | None = None  # (rows, classes), in the order of `classes`; None where the model has none
    classes: Array | None = None  # None for numbers
    more: dict[str, Array] = field(default_factory=dict)  # the deviation, quantiles

    def columns(self) -> dict[str, Array]:
        """The same as columns of a table: the prediction, the probability of each class, and what else there is.

        Examples
        --------
        >>> sure, classes = np.array([[0.25, 0.75]]), np.array([False, True])
        >>> list(Predictions(np.array([True]), sure, classes).columns())  # true and false, as files have them
        ['prediction', 'probability_false', 'probability_true']
        """
        columns = {"prediction": self.values}
        if self.probabilities is not None and self.classes is not None:
            for name, column in zip(self.classes.tolist(), self.probabilities.T, strict=True):
                columns[f"probability_{str(name).lower() if isinstance(name, bool) else name}"] = column
        return columns | self.more

    def table(self, ids: pl.DataFrame) -> pl.DataFrame:
        """Return the columns as a table, behind the identifiers of the rows.

        Raises
        ------
        InputError
            If an identifier column has the name of one of the others.
        """
        columns = {
            name: pl.Series(values.tolist() if values.dtype == object else values, nan_to_null=True)
            for name, values in self.columns().items()
        }
        for name in ids.columns:
            if name in columns:
                rule = Text("An identifier column must not have the name of a prediction column")
                raise InputError(rule, repr(name), "Rename it")
        return pl.DataFrame({name: ids[name] for name in ids.columns} | columns)

    def take(self, rows: Array) -> Predictions:
        """The predictions of some rows."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        more = {name: values[rows] for name, values in self.more.items()}
        return Predictions(self.values[rows], probabilities, self.classes, more)


def predict_rows(model: Any, X: Any) -> Predictions:
    """Return all predictions of a fitted classifier or regressor for these rows.

    The compiled engine's prediction for a row is the same to the last bit in every batch.
    """
    if isinstance(model, (Classifier, Regressor)):
        return predict_encoded(model, model.encoder_.transform(X))
    values = np.asarray(model.predict(X))
    if not hasattr(model, "classes_"):
        return Predictions(values)
    return Predictions(values, model.predict_proba(X) if hasattr(model, "predict_proba") else None, model.classes_)


def predict_encoded(model: Classifier | Regressor, encoded: Any) -> Predictions:
    """The same for rows that are encoded already."""
    outputs, loss, targets = model.raw_outputs(encoded), model.network_.loss, model.targets_
    values = targets.decode(outputs, loss)
    if isinstance(model, Classifier):
        known = None if loss.target == "signs" else targets.probabilities(loss.predict(outputs))
        return Predictions(values, known, targets.classes)
    if loss.spread == "log_variance":
        return Predictions(values, more={"deviation": targets.decode_deviation(outputs)})
    return _of_levels(values, loss)


def held_out_predictions(model: Classifier | Regressor) -> Predictions:
    """Return ``oof_predictions_`` as predictions for the training rows; None or NaN where every member saw the row."""
    found, loss, targets = model.oof_predictions_, model.network_.loss, model.targets_
    if isinstance(model, Regressor):
        return _of_levels(found, loss)
    columns = np.column_stack([-found, found]) if found.ndim == 1 else found  # of two classes there may be one score
    held = np.flatnonzero(~np.isnan(columns[:, 0]))
    values = np.full(len(found), None, object)
    values[held] = targets.decode_targets(targets.decided(columns[held]))
    return Predictions(values, None if loss.target == "signs" else found, targets.classes)


def _of_levels(values: Array, loss: Loss) -> Predictions:
    """Return predictions of numbers; of several quantile levels the middle one is the prediction."""
    if values.ndim == 1:
        return Predictions(values)
    levels: Any = dict(loss.parameters)["levels"]
    middle = int(np.argmin([abs(level - 0.5) for level in levels]))
    return Predictions(values[:, middle], more={f"quantile_{q:g}": values[:, at] for at, q in enumerate(levels)})
