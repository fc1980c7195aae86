"""Which columns a model goes by: how much worse it becomes when one is shuffled.

Source: Breiman (2001), *Random Forests*, section 10; by scikit-learn's implementation.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.insight.predicted import predict_rows
from glassnet.insight.scores import score
from glassnet.layers.base import Array
from glassnet.tables import is_sparse, take

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Importance", "importances"]

MOST_ROWS, MOST_COLUMNS = 2000, 30
"""More rows tell the same, only later; more columns are not read."""
FEWEST_ROWS = 10
ROUGH_ROWS, MOST_ROUGH_COLUMNS = 200, 1000
"""Of a wider table the columns that a look at some rows finds most important."""
REPEATS = 5


@dataclass(frozen=True)
class Importance:
    """How much a column matters.

    Attributes
    ----------
    name : str
    place : int
        Where it stands in the table that was learned from.
    increase, deviation : float
        By how much the loss grows when it is shuffled: the mean of several times, and their standard deviation.
    """

    name: str
    place: int
    increase: float
    deviation: float


def importances(model: Any, X: Any, y: Array, weight: Array | None, seed: int = 0) -> list[Importance]:
    """The importance of each column, the most important first; log loss, share of wrong answers, or RMSE is what grows.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    X : table
    y : array of shape (rows,)
    weight : array of shape (rows,) or None
    seed : int

    Returns
    -------
    list of Importance
        Empty for too few rows, or too many columns.
    """
    encoder = model.encoder_
    used = np.unique(encoder.sources)
    if len(y) < FEWEST_ROWS or len(used) > MOST_ROUGH_COLUMNS:
        return []
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(y)) if len(y) <= MOST_ROWS else np.sort(rng.choice(len(y), MOST_ROWS, replace=False))
    encoded = encoder.transform(take(X, chosen))
    if is_sparse(encoded):
        encoded = encoded.toarray()
    truth, weight = y[chosen], None if weight is None else weight[chosen]
    if len(used) > MOST_COLUMNS:
        few = slice(0, ROUGH_ROWS)
        rough = _shuffled(model, encoded[few], truth[few], None if weight is None else weight[few], used, 1, seed)[0]
        used = np.sort(used[np.argsort(-rough, kind="stable")[:MOST_COLUMNS]])
    increase, deviation = _shuffled(model, encoded, truth, weight, used, REPEATS, seed)
    names = encoder.feature_names_in
    order = np.argsort(-increase, kind="stable")
    return [
        Importance(names[used[at]], int(used[at]), float(increase[at]), float(deviation[at])) for at in order.tolist()
    ]


def _shuffled(
    model: Any, encoded: Array, truth: Array, weight: Array | None, used: Array, repeats: int, seed: int
) -> tuple[Array, Array]:
    """scikit-learn shuffles numbers of rows, column by column; the face takes each column of the table from there."""
    from sklearn.inspection import permutation_importance

    rows = np.repeat(np.arange(len(truth))[:, None], len(used), axis=1)
    face = _Face(model, encoded, used)
    found = permutation_importance(
        face, rows, truth, scoring=_Face.goodness, n_repeats=repeats, random_state=seed, sample_weight=weight
    )
    return found.importances_mean, found.importances_std


class _Face:
    """A model whose table has numbers of rows in its cells: what stands there in the encoded table is meant."""

    def __init__(self, model: Any, encoded: Array, used: Array) -> None:
        self.model, self.encoded = copy.copy(model), encoded
        self.model.encoder_ = self
        sources = model.encoder_.sources
        self.blocks = [np.flatnonzero(sources == source) for source in used]

    def transform(self, rows: Array) -> Array:
        """The encoded rows, each column from the rows that are named."""
        found = self.encoded.copy()
        moved = (rows != np.arange(len(rows))[:, None]).any(axis=0)
        for place in np.flatnonzero(moved).tolist():
            block = self.blocks[place]
            found[:, block] = self.encoded[np.ix_(rows[:, place], block)]
        return found

    def fit(self) -> None:
        """Fitted already; scikit-learn only wants to see that it could be."""

    def goodness(self, rows: Array, truth: Array, sample_weight: Array | None = None) -> float:
        """Minus the loss."""
        from sklearn.metrics import log_loss

        if hasattr(self.model, "predict_proba"):  # asked once, not for the classes as well
            proba = self.model.predict_proba(rows)
            return -float(log_loss(truth, proba, labels=self.model.classes_, sample_weight=sample_weight))
        found = score(truth, predict_rows(self.model, rows), sample_weight)
        return -found["rmse"] if "rmse" in found else found["accuracy"] - 1
