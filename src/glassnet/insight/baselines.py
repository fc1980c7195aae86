"""What one gets without a network, on the same rows: no score means anything without it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from glassnet.insight.predicted import Predicted, predict_rows
from glassnet.layers.base import Array

__all__ = ["baselines"]

ITERATIONS = 300
"""At most so many steps of the logistic regression: enough on scaled columns, and never a long wait."""


def baselines(
    X: Any, y: Array, weight: Array | None, X_test: Any, *, classes: bool, class_weight: Any = None
) -> Iterator[tuple[str, Predicted]]:
    """The simple models one after the other: what to call it, and what it predicts for the test rows.

    Parameters
    ----------
    X, X_test : array of shape (rows, features)
        As the encoder made them: the baselines get the same columns as the network.
    y : array of shape (rows,)
        The targets of the training rows.
    weight : array of shape (rows,) or None
    classes : bool
        Whether the targets are classes.
    class_weight : dict, "balanced" or None
        As the network had it.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0)[:, None]
    >>> for name, predicted in baselines(X, 2 * X[:, 0], None, X[:2], classes=False):
    ...     print(name, predicted.values.round(1))
    ridge regression [0.2 2.1]
    the mean [7. 7.]
    """
    for name, model in _models(classes, class_weight):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged: good enough for a comparison
            model.fit(X, y, sample_weight=weight)
        yield name, predict_rows(model, X_test)


def _models(classes: bool, class_weight: Any) -> Iterator[tuple[str, Any]]:
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if classes:
        yield "logistic regression", LogisticRegression(max_iter=ITERATIONS, class_weight=class_weight)
        yield "most frequent class", DummyClassifier()
    else:
        yield "ridge regression", Ridge()
        yield "the mean", DummyRegressor()
