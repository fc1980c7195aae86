"""Scores by scikit-learn's names, on a network under training."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.layers.base import Array

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork

__all__ = ["Scoring", "scorer_for"]

Scoring = str | Callable[..., float]
"""The name of a scikit-learn scorer, or a function of (estimator, X, y) that gives a number; higher is better."""


def scorer_for(scoring: Scoring, network: NeuralNetwork, decode: Callable[[Array], Array] | None = None) -> Any:
    """A function of (X, y, weight) that scores the network as it stands.

    Parameters
    ----------
    scoring : str or callable
    network : NeuralNetwork
    decode : callable, optional
        From the network's values to those in which y is given (a target that was standardised).

    Raises
    ------
    InputError
        If there is no scorer of that name; near misses are named.
    InputTypeError
        If it is neither a name nor a function.
    """
    from sklearn.metrics import get_scorer, get_scorer_names

    if isinstance(scoring, str):
        if scoring not in get_scorer_names():
            near = difflib.get_close_matches(scoring, get_scorer_names(), n=3)
            remedy = f"Did you mean {' or '.join(map(repr, near))}?" if near else "See sklearn.metrics.get_scorer_names"
            raise InputError("`scoring` must be the name of a scikit-learn scorer", repr(scoring), remedy)
        scorer: Callable[..., float] = get_scorer(scoring)
    elif callable(scoring):
        scorer = scoring
    else:
        raise InputTypeError("`scoring` must be a name or a function", scoring, 'For example "roc_auc"')
    face = _face(network, decode)

    def score(X: Any, y: Array, weight: Array | None) -> float:
        if weight is None:
            return float(scorer(face, X, y))
        return float(scorer(face, X, y, sample_weight=weight))

    return score


def _face(network: NeuralNetwork, decode: Callable[[Array], Array] | None) -> Any:
    """The network as scikit-learn's scorers want to see it: a fitted classifier or regressor."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.classes_ = np.arange(max(network.outputs, 2))

        def predict(self, X: Any) -> Array:
            return network.classify(X)

        def predict_proba(self, X: Any) -> Array:
            probabilities = network.predict(X)
            if network.outputs == 1:
                return np.hstack([1 - probabilities, probabilities])
            return probabilities

        def decision_function(self, X: Any) -> Array:
            outputs = network.forward(X)
            return outputs[:, 0] if network.outputs == 1 else outputs

    class Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def predict(self, X: Any) -> Array:
            values = network.predict(X)
            values = values if decode is None else decode(values)
            return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values

    return Classifier() if network.loss.target in ("classes", "fractions", "signs") else Regressor()
