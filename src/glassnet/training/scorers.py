"""Scores by scikit-learn's names, for a network under training."""

from __future__ import annotations

import contextlib
import difflib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.options import Optional

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork


class _Scoring:
    """The rule of an option: a scorer's name, or a function."""

    def taken(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            text = str.__str__(value)
            _known(name, text)
            return text
        if not callable(value):
            raise InputTypeError(
                Text("{name} must be a name or a function", name=name), shown(value), 'For example "roc_auc"'
            )
        return value


SCORING = Optional(_Scoring())

Scoring = str | Callable[..., float]
"""The name of a scikit-learn scorer, or a function of (estimator, X, y) that gives a number; higher is better."""


def scorer_for(scoring: Scoring, estimator: Any) -> Callable[[Any, Array, Array | None], float]:
    """Return a function of (X, y, weight) that scores an estimator as it stands.

    Where the scorer knows no weights of rows, it scores without. A score that has a name and a meaning for rows of some
    classes only has it here, too, though scikit-learn asks for rows of all.

    Parameters
    ----------
    scoring : str or callable
    estimator : object
        A fitted classifier or regressor, as scikit-learn's scorers expect.

    Raises
    ------
    InputError
        If there is no scorer of that name; near misses are named.
    InputTypeError
        If it is neither a name nor a function.
    """
    from sklearn.metrics import get_scorer

    metric = SCORING.taken("`scoring`", scoring)
    scorer: Callable[..., float] = get_scorer(metric) if isinstance(metric, str) else metric

    def score(X: Any, y: Array, weight: Array | None) -> float:
        if weight is not None:
            try:
                return _number(scorer(estimator, X, y, sample_weight=weight))
            except (TypeError, ValueError) as error:
                if "sample_weight" not in str(error):
                    raise
        return _number(scorer(estimator, X, y))

    def score_of_some_classes(X: Any, y: Array, weight: Array | None) -> float:
        try:
            return score(X, y, weight)
        except ValueError as error:
            absent = _absent_classes(estimator, y)
            if not isinstance(metric, str) or not len(absent):
                raise
            found = math.nan
            with contextlib.suppress(ValueError, TypeError), np.errstate(invalid="ignore"):
                X, y, weight = _with_rows_of(absent, X, y, weight)
                found = _number(scorer(estimator, X, y, sample_weight=weight))
            if math.isnan(found):
                rule = Text("The score {scoring!r} must be measured on rows of every class", scoring=metric)
                remedy = Text("Provide rows of all classes, or use another score, such as 'neg_log_loss'")
                raise InputError(
                    rule,
                    Text(
                        "rows of {count} of {other} classes",
                        count=len(estimator.classes_) - len(absent),
                        other=len(estimator.classes_),
                    ),
                    remedy,
                ) from error
            return found

    return score_of_some_classes


def _absent_classes(estimator: Any, y: Array) -> Array:
    """Return an estimator's classes of which there is no row; none for regression."""
    classes = getattr(estimator, "classes_", ())
    return np.setdiff1d(classes, y) if isinstance(classes, np.ndarray) and y.ndim == 1 else np.zeros(0)


def _with_rows_of(classes: Array, X: Any, y: Array, weight: Array | None) -> tuple[Any, Array, Array]:
    """Return the rows with one of weight 0 for each of these classes, so that a scorer knows all classes."""
    rows = np.append(np.arange(len(y)), np.zeros(len(classes), np.intp))
    weight = np.ones(len(y)) if weight is None else weight
    return X[rows], np.append(y, classes), np.append(weight, np.zeros(len(classes)))


def _known(name: str, scoring: str) -> None:
    from sklearn.metrics import get_scorer_names

    if scoring not in get_scorer_names():
        near = difflib.get_close_matches(scoring, get_scorer_names(), n=3)
        remedy = (
            Text("Did you mean {name}?", name=" or ".join(map(repr, near)))
            if near
            else Text("See sklearn.metrics.get_scorer_names")
        )
        raise InputError(Text("{name} must be the name of a scikit-learn scorer", name=name), shown(scoring), remedy)


def _number(score: Any) -> float:
    try:
        return float(score)
    except (TypeError, ValueError):
        raise InputTypeError(
            "`scoring` must return a number", score, "Return one float; higher must be better"
        ) from None


def network_estimator(network: NeuralNetwork) -> Any:
    """Return a network as an estimator for scikit-learn's scorers; its classes are numbers."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    answers = network.loss.target == "fractions" and network.outputs > 1  # several yes-or-no targets at once

    class NetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.classes_ = [np.arange(2)] * network.outputs if answers else np.arange(max(network.outputs, 2))

        def predict(self, X: Any) -> Array:
            return network.classify(X)

        def predict_proba(self, X: Any) -> Array:
            probabilities = network.predict(X)
            return np.hstack([1 - probabilities, probabilities]) if network.outputs == 1 else probabilities

        def decision_function(self, X: Any) -> Array:
            outputs = network.scores(X)
            if network.outputs == 2 and not answers:
                return outputs[:, 1] - outputs[:, 0]
            return outputs[:, 0] if network.outputs == 1 else outputs

    class NetworkRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def predict(self, X: Any) -> Array:
            values = network.predict(X)[:, :: network.loss.columns]
            return values[:, 0] if values.shape[1] == 1 else values

    return NetworkClassifier() if network.loss.target in ("classes", "fractions", "signs") else NetworkRegressor()
