"""The classifier: one class of several for each row, yes or no, or several yes-or-no answers at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags

from glassnet.errors import InputError, shown
from glassnet.estimators.availability import available_if
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.checks import check_classes, check_weights, weights_of_classes
from glassnet.estimators.class_targets import (
    BY_COSTS,
    HALF,
    ONLY_COSTS,
    THRESHOLD,
    AnswerTargets,
    ClassTargets,
    FirstIsPositive,
    positive_place,
    refuse_threshold,
)
from glassnet.estimators.conformal import class_scores, promised
from glassnet.estimators.decision_threshold import check_decision, cost_matrix, threshold_of_costs, tuned_threshold
from glassnet.estimators.declaration import RULES, ClassifierOptions
from glassnet.estimators.held_out import HeldOutPredictions
from glassnet.estimators.partitions import by_partition
from glassnet.estimators.targets import TargetSurvey
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options, suggests_options


def _gives_probabilities(estimator: Classifier) -> bool:
    if estimator.__sklearn_is_fitted__():
        return estimator.networks_[0].loss.target != "signs"
    return estimator.loss is None or LOSSES.get(estimator.loss).target != "signs"


@methods_suggest_options
class Classifier(ClassifierMixin, ClassifierOptions, NeuralEstimator):
    """A classifier without the methods of the rooms above; :class:`glassnet.NeuralClassifier` has them."""

    loss_targets = ("fractions", "classes", "signs")
    learns_numbers = False

    @available_if(learns_in_parts)
    @suggests_options
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One pass over some more rows.

        Levels of categories that the first call did not have are counted in ``new_levels_``, and a warning names them:
        they are encoded as unknown ones, unless the option `grow` is set.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``. The first call also decides the encoding: give it rows that are typical.
        classes : array-like, optional
            All classes that will ever come; needed in the first call where its y lacks some, and only there, unless
            the option `grow` is set.

        Returns
        -------
        self
        """
        announced = None if classes is None else np.unique(check_classes(classes))
        if announced is not None and self.__sklearn_is_fitted__():
            learned = self.targets_.classes
            changed = isinstance(learned, np.ndarray) and not np.array_equal(announced, learned)
            if changed and not self._given()["grow"]:
                raise InputError("`classes` must be the same in every call", shown(classes), "Omit it")
        return self._fit_part(X, y, sample_weight, announced)

    def _given(self) -> dict[str, Any]:
        options = super()._given()
        check_decision(options["costs"], options["decision_threshold"], options["class_weight"])
        return options

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_classes(y)

    def _learn_targets(
        self, y: Array, sample_weight: Array | None, announced: Array | None = None
    ) -> ClassTargets | AnswerTargets:
        if y.ndim == 2:
            return self._deciding(AnswerTargets.of(y.shape[1], *self._choices()))
        return self._deciding(ClassTargets.learn(y, sample_weight, *self._choices(), announced))

    def _continued_targets(self) -> ClassTargets | AnswerTargets:
        positive, threshold = self._choices()
        if isinstance(self.targets_, AnswerTargets):
            return self._deciding(AnswerTargets.of(self.targets_.count, positive, threshold))
        positive = self.positive_ if positive is None else positive
        return self._deciding(ClassTargets.of(self.targets_.classes, None, positive, threshold))

    def _grown_targets(self, y: Array, announced: Array | None) -> ClassTargets | AnswerTargets:
        if isinstance(self.targets_, AnswerTargets):
            return self.targets_
        more = y if announced is None else np.union1d(y, announced)
        positive, threshold = self._choices()
        if self.targets_.chosen_for is None:
            threshold = self.targets_.threshold  # which may have been set since
        grown = self.targets_.with_classes(more, positive, threshold)
        return grown if grown is self.targets_ else self._deciding(grown)

    def _surveyed_targets(self, survey: TargetSurvey) -> ClassTargets | AnswerTargets:
        return self._deciding(survey.classes(*self._choices()))

    def _choices(self) -> tuple[Any, float]:
        """Return the positive class, if one is given, and the threshold, until a score chooses one 0.5."""
        options = self._given()
        return options["positive"], HALF if self._tunes_threshold else options["decision_threshold"]

    def _deciding(self, targets: ClassTargets | AnswerTargets) -> ClassTargets | AnswerTargets:
        """Return the targets with the costs of errors, or with the score by which the threshold will be chosen."""
        options = self._given()
        scoring, costs = options["decision_threshold"], options["costs"]
        if costs is None and not self._tunes_threshold:
            return targets
        if isinstance(targets, AnswerTargets):
            refuse_threshold(Text("{count} targets a row", count=targets.count))
        if costs is not None:
            matrix = cost_matrix(costs, targets.classes)
            if targets.positive is None:
                return replace(targets, chosen_for=BY_COSTS, costs=matrix)
            return replace(targets, chosen_for=BY_COSTS, threshold=threshold_of_costs(matrix, targets.positive))
        if targets.positive is None:
            refuse_threshold(Text("{count} classes", count=len(targets.classes)), ONLY_COSTS)
        name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
        return replace(targets, chosen_for=name)

    @property
    def _tunes_threshold(self) -> bool:
        return not isinstance(self._given()["decision_threshold"], float)

    def _tune_threshold(self, found: HeldOutPredictions) -> None:
        targets, held = self.targets_, np.flatnonzero(~np.isnan(found.predictions[:, 0]))
        weight = None if found.weight is None else found.weight[held]
        chance = found.predictions[held, targets.positive].astype(np.float64)
        yes = found.y[held] == targets.positive
        names = targets.classes[[1 - targets.positive, targets.positive]]
        threshold = tuned_threshold(self._given()["decision_threshold"], yes, chance, weight, names)
        self.targets_ = replace(targets, threshold=threshold)

    def _scored_targets(self) -> ClassTargets | AnswerTargets:
        if isinstance(self.scoring, str) and isinstance(self.targets_, ClassTargets):
            targets = replace(self.targets_, classes=np.arange(len(self.targets_.classes)))
            return targets if targets.positive != 0 else FirstIsPositive(**vars(targets))
        return self.targets_

    def _weights_of_classes(self, encoded: Array, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return None
        if isinstance(self.targets_, AnswerTargets):
            raise InputError("`class_weight` needs one class per row", "several targets", "Use sample_weight")
        class_weight = self._given()["class_weight"]
        return weights_of_classes(class_weight, self.targets_.classes, encoded, sample_weight)

    @property
    def classes_(self) -> Array | list[Array]:
        """The classes; where several targets were learned, those of each."""
        self._check_fitted()
        return self.targets_.classes

    @property
    def positive_(self) -> Any:
        """The positive one of two classes; None where there are not two.

        Assign to it to make the other class positive: the threshold is mirrored, so the decisions stay the same.
        """
        self._check_fitted()
        place = getattr(self.targets_, "positive", None)
        return None if place is None else self.targets_.classes.tolist()[place]

    @positive_.setter
    def positive_(self, name: Any) -> None:
        self._check_fitted()
        targets = self.targets_
        if isinstance(targets, AnswerTargets):
            refuse_threshold(Text("{count} targets a row", count=targets.count))
        place = positive_place(targets.classes, None, RULES["positive"].taken("`positive_`", name))
        same = targets.positive == place
        self.targets_ = replace(
            targets, positive=place, threshold=targets.threshold if same else round(1 - targets.threshold, 15)
        )

    @property
    def decision_threshold_(self) -> float | None:
        """The probability from which the positive class is predicted; None unless there are two classes.

        At 0.5 it is the more probable class. Set it to have another one: nothing is trained anew.

        Examples
        --------
        >>> from glassnet import NeuralClassifier
        >>> X, y = [[0], [1], [2], [3]], ["no", "no", "yes", "yes"]
        >>> model = NeuralClassifier(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, y)
        >>> model.positive_, model.decision_threshold_, model.predict([[1.4]]).tolist()
        ('yes', 0.5, ['no'])
        >>> model.decision_threshold_ = 0.01
        >>> model.predict([[1.4]]).tolist()
        ['yes']
        """
        self._check_fitted()
        return None if self.positive_ is None else self.targets_.threshold

    @decision_threshold_.setter
    def decision_threshold_(self, threshold: float) -> None:
        if self.positive_ is None:
            count = len(self.classes_)
            if isinstance(self.targets_, AnswerTargets):
                refuse_threshold(Text("{count} targets a row", count=count))
            refuse_threshold(Text("{count} classes", count=count), ONLY_COSTS)
        threshold = THRESHOLD.taken("`decision_threshold_`", threshold)
        changed = replace(self.targets_, threshold=threshold, chosen_for=None)
        changed.outputs(self.network_.loss)  # which may have no probabilities
        self.targets_ = changed

    # ------------------------------------------------------------- prediction

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows whose class is predicted, of several targets that of rows in which all are.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``.

        Returns
        -------
        float

        Examples
        --------
        >>> from glassnet import NeuralClassifier
        >>> model = NeuralClassifier(hidden_layers=(), optimizer="lbfgs", random_state=0)
        >>> model.fit([[0], [1], [2], [3]], ["a", "a", "b", "b"]).score([[0], [3]], ["a", "b"])
        1.0
        """
        y = check_classes(y)
        weight = None if sample_weight is None else check_weights(sample_weight, len(y))
        return float(super().score(X, y, weight))

    @by_partition
    def predict(self, X: Any) -> Array:
        """The predicted class of each row: the most probable one, or of two what ``decision_threshold_`` says.

        Returns
        -------
        array of shape (rows,), or (rows, targets) of 0 and 1 where several targets were learned
        """
        outputs = self._outputs(X)
        return self.targets_.decode(outputs, self.network_.loss)

    @available_if(_gives_probabilities)
    @suggests_options
    @by_partition
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, in the order of ``classes_``.

        Returns
        -------
        array of shape (rows, classes); where several targets were learned, the probability of each being 1
        """
        outputs = self._outputs(X)
        return self.targets_.probabilities(self.network_.loss.predict(outputs))

    def _predictions_of(self, outputs: Array) -> Array:
        loss = self.networks_[0].loss
        if loss.target == "signs":
            return self.targets_.scores(outputs)
        return self.targets_.probabilities(loss.predict(outputs))

    @available_if(_gives_probabilities)
    @suggests_options
    @by_partition
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of each probability of ``predict_proba``; minus infinity where that is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @available_if(_gives_probabilities)
    @suggests_options
    @by_partition
    def predict_set(self, X: Any, coverage: float = 0.9) -> Array:
        """The set of plausible classes of each row, after ``conformalize``, with the requested coverage.

        Parameters
        ----------
        X : table of rows
        coverage : float in (0, 1)
            How often the true class is to be in the set, over many rows.

        Returns
        -------
        array of bool of shape (rows, classes)
            In the order of ``classes_``. A row that is like none of them may have no class at all.

        Examples
        --------
        >>> from glassnet import NeuralClassifier
        >>> from sklearn.datasets import load_wine
        >>> X, y = load_wine(return_X_y=True)
        >>> model = NeuralClassifier(hidden_layers=8, random_state=0).fit(X[::2], y[::2]).conformalize(X[1::2], y[1::2])
        >>> model.predict_set(X[:1], coverage=0.9)
        array([[ True, False, False]])
        """
        self._check_fitted()
        width = promised(self.conformal_, coverage)
        sets: Array = class_scores(self.predict_proba(X)) <= width
        return sets

    def _nonconformity_scores(self, X: Any, y: Array) -> Array:
        if isinstance(self.targets_, AnswerTargets):
            raise InputError(
                "Prediction sets need one class per row", "several targets", "Train a classifier for each target"
            )
        return class_scores(self.predict_proba(X))[np.arange(len(y)), self.targets_.encode(y)]

    @by_partition
    def decision_function(self, X: Any) -> Array:
        """The network's raw scores: of the second class for two classes, shape (rows,), else (rows, classes)."""
        outputs = self._outputs(X)
        return self.targets_.scores(outputs)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = self.class_weight is None and (
            self.loss is None or LOSSES.get(self.loss).target != "classes"
        )
        return tags
