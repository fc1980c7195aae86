"""What one gets without a network, on the same rows, and whether a model's lead over it is more than chance."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from glassnet.engines.blas_threads import one_blas_thread
from glassnet.insight.predicted import Predicted, predict_rows
from glassnet.insight.scores import SQUARED, row_log_loss, unit_of
from glassnet.layers.base import Array
from glassnet.support.language import Text

MOST_FREQUENT, MEAN = "most frequent class", "the mean"
"""What the constant answers are called."""
CONSTANTS: Final = {
    MOST_FREQUENT: Text("the most frequent class"),
    MEAN: Text("the mean"),
}
LOGISTIC, RIDGE = "logistic regression", "ridge regression"
LINEAR: Final = {LOGISTIC: Text("logistic regression"), RIDGE: Text("ridge regression")}
"""The models that learn from the columns."""

ITERATIONS = 300
"""At most so many steps of the logistic regression: enough on scaled columns, and never a long wait."""
FOLDS = 3
FEWEST_IN_FOLDS = 30
"""Of fewer rows nothing can be learned in folds that would be worth comparing with."""
FEWEST_ROWS = 20
"""Of fewer rows than these neither a standard error nor a bootstrap can keep what it promises."""
SINGLE: Final = 1e18
"""Squares of what lies between it and its reciprocal fit into float32."""
STANDARD_ERRORS = 2.0
"""A lead of twice its standard error comes about by chance in about one case of forty."""


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
    unit = 1.0 if classes else unit_of(SINGLE, y)  # scikit-learn fits float32, like the inputs
    for name, model in _models(classes, class_weight):
        # two threads wait for each other in every step, fifty times as long where others use the processors as well
        with one_blas_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged: good enough for a comparison
            model.fit(X, y if unit == 1 else y / unit, sample_weight=weight)
            predicted = predict_rows(model, X_test)
        yield name, predicted if unit == 1 else Predicted(predicted.values.astype(np.float64) * unit)


def in_folds(
    X: Any, y: Array, weight: Array | None, *, classes: Array | None, class_weight: Any = None
) -> Iterator[tuple[str, Predicted]]:
    """Cross-validate: each row is predicted by a model trained on the other folds.

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
    if len(y) < FEWEST_IN_FOLDS or (classes is not None and (len(seen) < 2 or counts.min() < FOLDS)):
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


# ------------------------------------------------------------------- whether it is chance


def z_scores(
    truth: Array, models: Mapping[str, Predicted], weight: Array | None = None
) -> dict[str, dict[str, float]] | None:
    """By how many standard errors each model beats the constant prediction, by metric; None without one.

    The root mean square error is judged by the squares.

    Examples
    --------
    >>> truth = np.arange(8.0)
    >>> models = {"close": Predicted(truth + 0.1 * (-1) ** np.arange(8)), MEAN: Predicted(np.full(8, 3.5))}
    >>> z_scores(truth, models)["close"]["mae"].round(1)
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
    """The contribution of each row to each metric; lower is better."""
    if predicted.classes is None:
        error = np.abs(predicted.values.astype(np.float64) - truth.astype(np.float64))
        error /= unit_of(math.sqrt(SQUARED), error)  # of squares the deviation is taken
        return {"rmse": error**2, "mae": error}
    wrong = (truth != predicted.values).astype(np.float64)
    costs = {"accuracy": wrong, "balanced_accuracy": wrong}
    return costs if predicted.probabilities is None else costs | {"log_loss": row_log_loss(truth, predicted)}


def _lead(gain: Array, weight: Array) -> float:
    """The weighted mean in standard errors of it: 0 where nothing differs, infinite where all rows gain the same."""
    rows, mean = len(gain), float(np.average(gain, weights=weight))
    if rows < 2 or not mean:
        return 0.0
    spread = float(np.sum((weight * (gain - mean)) ** 2)) * rows / (rows - 1)
    error = np.sqrt(spread) / float(weight.sum())
    return mean / error if error else float(np.copysign(np.inf, mean))
