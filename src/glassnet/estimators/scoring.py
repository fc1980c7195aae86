"""The score of a model, or of one of its networks under training, for encoded rows."""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from glassnet.errors import InputError
from glassnet.estimators.class_targets import ClassTargets
from glassnet.estimators.number_targets import NumberTargets
from glassnet.estimators.partitions import IdentityEncoder
from glassnet.estimators.targets import Targets
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.messages import warn
from glassnet.training import History, Rows, Scoring, scorer_for
from glassnet.training.early_stopping import Judge

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

Estimator = TypeVar("Estimator", bound="NeuralEstimator")


def without_callbacks(model: Estimator) -> Estimator:
    """Return a copy without callbacks: displays and locks cannot be sent to another process."""
    alone = copy.copy(model)
    alone.callbacks, alone.verbose = None, False
    return alone


def model_score(
    model: NeuralEstimator,
    scoring: Scoring,
    networks: list[NeuralNetwork],
    temperature: float = 1.0,
    weights: Array | None = None,
) -> Judge:
    """Return the score of a model with these networks, as a function of encoded rows, encoded targets and weights."""
    scored: Any = without_callbacks(model)
    scored.encoder_, scored.targets_, scored.histories_ = IdentityEncoder(), model._scored_targets(), [History()]
    scored.networks_, scored.temperature_, scored.weights_ = networks, temperature, weights
    score = scorer_for(scoring, scored)
    return lambda X, targets, weight: score(X, scored.targets_.decode_targets(targets), weight)


def check_scoring(scoring: Scoring | None, targets: Targets) -> None:
    """Refuse a named score that is not defined for one class of so many, or for one number, before any training.

    It is tried on predictions without an error.

    Raises
    ------
    InputError
    """
    classes = len(targets.classes) if isinstance(targets, ClassTargets) else None
    single = classes is not None or (isinstance(targets, NumberTargets) and targets.single)
    if not isinstance(scoring, str) or not single:
        return
    truth = np.array([0.5, 1.25, 3.0]) if classes is None else np.tile(np.arange(classes), 2)
    try:
        scorer_for(scoring, _Numbers() if classes is None else _Classes(classes))(truth, truth, None)
    except (ValueError, AttributeError) as error:
        received = Text("numbers") if classes is None else Text("{count} classes", count=classes)
        example = '"neg_mean_absolute_error"' if classes is None else '"f1_macro" or "roc_auc_ovr"'
        rule = Text("The score {scoring!r} must be defined for the target", scoring=scoring)
        raise InputError(rule, received, Text("For example {example}", example=example)) from error


class _Numbers(RegressorMixin, BaseEstimator):
    """A regressor whose rows are its predictions."""

    def predict(self, X: Array) -> Array:
        return X


class _Classes(ClassifierMixin, BaseEstimator):
    """A classifier whose rows are its predictions, of which it is sure."""

    def __init__(self, count: int = 2) -> None:
        self.count = count

    @property
    def classes_(self) -> Array:
        return np.arange(self.count)

    def predict(self, X: Array) -> Array:
        return X

    def predict_proba(self, X: Array) -> Array:
        sure: Array = np.eye(self.count)[X]
        return sure


@dataclass(frozen=True)
class ScoreOfNetwork:
    """The score by which the epochs of a network are compared. Must be picklable, so `model` has no callbacks."""

    model: NeuralEstimator
    scoring: Scoring

    def __call__(self, network: NeuralNetwork, validation: Rows | None) -> Judge | None:
        """Return the score as a function of rows; None if it is undefined for the validation rows."""
        score = model_score(self.model, self.scoring, [network])
        if not isinstance(self.scoring, str) or validation is None or not self._lacks_classes(validation):
            return score
        with contextlib.suppress(InputError):
            if not np.isnan(score(*validation)):
                return score
        warn(
            Text(
                "The validation rows do not include every class, so {scoring!r} is undefined for "
                "them, and the loss is used instead. Omit `scoring`, or hold out more rows",
                scoring=self.scoring,
            )
        )
        return None

    def _lacks_classes(self, validation: Rows) -> bool:
        targets = self.model.targets_
        return isinstance(targets, ClassTargets) and len(np.unique(validation.y)) < len(targets.classes)
