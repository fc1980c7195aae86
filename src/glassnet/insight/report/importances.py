"""Which columns a model goes by, measured by the loss that the report shows, and not for longer than a reader waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.insight.baselines import FEWEST_ROWS
from glassnet.insight.importances import Importances, ModelScore, importances
from glassnet.insight.predicted import Predicted, predict_rows
from glassnet.insight.scores import row_surprise, score
from glassnet.layers.base import Array

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "REPEATS", "importances_by_loss"]

MOST_ROWS, MOST_COLUMNS, REPEATS = 2000, 30, 5
"""More rows tell the same, only later; more columns are not read."""
WIDEST = 1000
"""Of more columns not even a first look is short."""


def importances_by_loss(
    model: Any,
    X: Any,
    y: Array,
    weight: Array | None,
    groups: Mapping[str, Sequence[str | int]] | None = None,
    *,
    verbose: bool = False,
) -> Importances | None:
    """By how much log loss, wrong answers or RMSE grow when a column is shuffled; None of few rows or many columns."""
    if len(y) < FEWEST_ROWS or len(model.encoder_.feature_names_in) > WIDEST:
        return None
    return importances(
        *(model, X, y),
        groups=groups,
        scoring=ModelScore("negative loss", _goodness),
        sample_weight=weight,
        repeats=REPEATS,
        rows=MOST_ROWS,
        most=MOST_COLUMNS,
        verbose=verbose,
    )


def _goodness(model: Any, X: Any, truth: Array, weight: Array | None) -> float:
    if hasattr(model, "predict_proba"):  # asked once, not for the classes as well
        known = Predicted(truth, model.predict_proba(X), model.classes_)
        return -float(np.average(row_surprise(truth, known), weights=weight))
    found = score(truth, predict_rows(model, X), weight)
    return -found["rmse"] if "rmse" in found else found["accuracy"] - 1
