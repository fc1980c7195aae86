"""What one gets without a network, on the same rows: no score means anything without it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from glassnet.insight.predicted import Predicted, predict_rows
from glassnet.language import Text
from glassnet.layers.base import Array

__all__ = ["CONSTANTS", "LINEAR", "MEAN", "MOST_FREQUENT", "baselines", "in_folds"]

MOST_FREQUENT, MEAN = "most frequent class", "the mean"
"""What the constant answers are called."""
CONSTANTS: Final = {
    MOST_FREQUENT: Text("the most frequent class", "最常见的类别"),
    MEAN: Text("the mean", "均值"),
}
LOGISTIC, RIDGE = "logistic regression", "ridge regression"
LINEAR: Final = {LOGISTIC: Text(LOGISTIC, "逻辑回归"), RIDGE: Text(RIDGE, "岭回归")}
"""The models that learn from the columns."""

ITERATIONS = 300
"""At most so many steps of the logistic regression: enough on scaled columns, and never a long wait."""
FOLDS = 3
FEWEST_ROWS = 30
"""Of fewer rows nothing can be learned in folds that would be worth comparing with."""


def baselines(
    X: Any, y: Array, weight: Array | None, X_test: Any, *, classes: bool, class_weight: Any = None
) -> Iterator[tuple[str, Predicted]]:
    """The simple models one after the other: what to call it, and what it predicts for the test rows.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0)[:, None]
    >>> for name, predicted in baselines(X, 2 * X[:, 0], None, X[:2], classes=False):
    ...     print(name, predicted.values.round(1))
    ridge regression [0.2 2.1]
    the mean [7. 7.]
    """
    if X.shape[1] == 0:  # no column varies in these rows, and scikit-learn's models want one
        X, X_test = np.zeros((X.shape[0], 1)), np.zeros((X_test.shape[0], 1))
    for name, model in _models(classes, class_weight):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged: good enough for a comparison
            model.fit(X, y, sample_weight=weight)
        yield name, predict_rows(model, X_test)


def in_folds(
    X: Any, y: Array, weight: Array | None, *, classes: Array | None, class_weight: Any = None
) -> Iterator[tuple[str, Predicted]]:
    """The same where no other rows are known: each row is predicted by a model that learned from the other folds.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(60.0)[:, None]
    >>> for name, predicted in in_folds(X, 2 * X[:, 0], None, classes=None):
    ...     print(name, predicted.values[:3].round(1))
    ridge regression [0. 2. 4.]
    the mean [59.4 59.4 59.6]
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    seen, counts = np.unique(y, return_counts=True)
    if len(y) < FEWEST_ROWS or (classes is not None and (len(seen) < 2 or counts.min() < FOLDS)):
        return
    kind = KFold if classes is None else StratifiedKFold
    splits = list(kind(FOLDS, shuffle=True, random_state=0).split(X, y))
    found: dict[str, list[Predicted]] = {}
    for learned, judged in splits:
        of_learned = None if weight is None else weight[learned]
        simple = baselines(
            X[learned], y[learned], of_learned, X[judged], classes=classes is not None, class_weight=class_weight
        )
        for name, predicted in simple:
            found.setdefault(name, []).append(predicted)
    back = np.argsort(np.concatenate([judged for _, judged in splits]))
    for name, pieces in found.items():
        yield name, _one(pieces, seen, classes).take(back)


def _one(pieces: list[Predicted], seen: Array, classes: Array | None) -> Predicted:
    """The pieces as one, with a column for each class, whether or not it occurs."""
    values = np.concatenate([piece.values for piece in pieces])
    if classes is None:
        return Predicted(values)
    known = np.concatenate([piece.probabilities for piece in pieces])
    probabilities = np.zeros((len(values), len(classes)), known.dtype)
    probabilities[:, np.searchsorted(classes, seen)] = known
    return Predicted(values, probabilities, classes)


def _models(classes: bool, class_weight: Any) -> Iterator[tuple[str, Any]]:
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if classes:
        yield LOGISTIC, LogisticRegression(max_iter=ITERATIONS, class_weight=class_weight)
        yield MOST_FREQUENT, DummyClassifier()
    else:
        yield RIDGE, Ridge()
        yield MEAN, DummyRegressor()
