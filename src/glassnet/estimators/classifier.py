"""The classifier: one class of several for each row, yes or no, or several yes-or-no answers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from glassnet.errors import InputError, shown
from glassnet.estimators.adoption import around, network_of_classes
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.checks import check_classes, check_weights, weights_of_classes
from glassnet.estimators.conformal import class_scores
from glassnet.estimators.declaration import RULES, ClassifierOptions, documented
from glassnet.estimators.partitions import by_partition
from glassnet.estimators.positive_class import THRESHOLD, positive_place, refuse_threshold
from glassnet.estimators.target_survey import TargetSurvey
from glassnet.estimators.targets import AnswerTargets, ClassTargets, FirstIsPositive
from glassnet.estimators.upward import UpwardMethods
from glassnet.formulas.losses import LOSSES
from glassnet.layers.base import Array
from glassnet.support.option_names import methods_suggest_options, suggests_options


def _gives_probabilities(estimator: NeuralClassifier) -> bool:
    if estimator.__sklearn_is_fitted__():
        return estimator.networks_[0].loss.target != "signs"
    return estimator.loss is None or LOSSES.get(estimator.loss).target != "signs"


@methods_suggest_options
@documented
class NeuralClassifier(UpwardMethods, ClassifierMixin, ClassifierOptions, NeuralEstimator):
    """A neural-network classifier for tables with text, dates and missing values.

    Every option may be left at None: then the preset decides, by the size of the table where that matters; what was
    used is in ``settings_``.

    Attributes
    ----------
    classes_ : array, or list of arrays
        In ascending order; 0 and 1 for each target where several were learned.
    positive_ : object
        The positive one of two classes: curves, precision, recall and the threshold are about it.
    decision_threshold_ : float
        From which probability on it is predicted; set it to have another one: ``model.decision_threshold_ = 0.3``.
    network_ : NeuralNetwork
        The first of `networks_`, a list of as many as there are members.
    encoder_ : TableEncoder
        What it does to each column: ``print(model.encoder_)``.
    history_ : History
        One row an epoch; the first of `histories_`.
    weights_ : array of shape (members,) or None
        How much each network counts in the average, 1 on average; None: all alike.
    temperature_ : float
        What scores are divided by before they become probabilities.
    settings_ : dict
        Every option as it was used.
    loss_curve_, validation_curve_ : list of float
    n_iter_, n_features_in_ : int
    feature_names_in_ : array of str
        Where the training table had names.
    notes_ : dict
        Empty; plain data that you want to keep with the model, in its file too.
    data_ : TableSummary or None
        The rows that it learned from, in figures; None where that is not known.
    notation_ : Notation
        How the file that it learned from writes numbers and dates, where the command line read one; texts in columns of
        numbers and dates are read so.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=(32,), random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.98
    True
    >>> model.predict_proba(X[:1]).shape
    (1, 3)
    """

    loss_targets = ("fractions", "classes", "signs")
    learns_numbers = False

    @available_if(learns_in_parts)
    @suggests_options
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One pass over some more rows.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``. The first call also decides the encoding: give it rows that are typical.
        classes : array-like, optional
            All classes that will ever come; needed in the first call where its y lacks some, and only there.

        Returns
        -------
        self
        """
        announced = None if classes is None else np.unique(check_classes(classes))
        if announced is not None and self.__sklearn_is_fitted__():
            learned = self.targets_.classes
            if isinstance(learned, np.ndarray) and not np.array_equal(announced, learned):
                raise InputError("`classes` must be the same in every call", shown(classes), "Omit it")
        return self._fit_part(X, y, sample_weight, announced)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_classes(y)

    def _learn_targets(
        self, y: Array, sample_weight: Array | None, announced: Array | None = None
    ) -> ClassTargets | AnswerTargets:
        if y.ndim == 2:
            return AnswerTargets.of(y.shape[1], *self._choices())
        return ClassTargets.learn(y, sample_weight, *self._choices(), announced)

    def _continued_targets(self) -> ClassTargets | AnswerTargets:
        positive, threshold = self._choices()
        if isinstance(self.targets_, AnswerTargets):
            return AnswerTargets.of(self.targets_.count, positive, threshold)
        return ClassTargets.of(self.targets_.classes, None, self.positive_ if positive is None else positive, threshold)

    def _surveyed_targets(self, survey: TargetSurvey) -> ClassTargets | AnswerTargets:
        return survey.classes(*self._choices())

    def _choices(self) -> tuple[Any, float]:
        """The positive class, if one is given, and the threshold."""
        given = self._given()
        return given["positive"], given["decision_threshold"]

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
        given = self._given()["class_weight"]
        return weights_of_classes(given, self.targets_.classes, encoded, sample_weight)

    @classmethod
    def from_network(
        cls, network: Any, *, classes: Any = None, columns: Sequence[str] | None = None, scaler: Any = None
    ) -> Self:
        """Turn a network that was trained elsewhere, or by hand, into a fitted classifier.

        It is a model like any other: it can be explained, reported on, served, exported with names, saved, and trained
        on with ``partial_fit``, with the settings of the preset "mlp".

        Parameters
        ----------
        network : NeuralNetwork
            From :func:`glassnet.from_torch`, ``from_keras``, ``from_onnx`` or your own; it is copied. Its loss is one
            of classes: "cross_entropy", or "binary_cross_entropy" with one output for two classes, with several for as
            many yes-or-no answers.
        classes : array-like of shape (classes,), optional
            What the outputs stand for, in their order; with one output the class of 0 and that of 1. None: 0, 1, ...
        columns : sequence of str, optional
            The names of the inputs, in their order. None: those that the scaler knows, or none.
        scaler : sklearn.preprocessing.StandardScaler, optional
            The one that stood before the network: from here on the model takes columns as they are, and a gap counts
            as the mean.

        Returns
        -------
        NeuralClassifier

        Raises
        ------
        InputError, InputTypeError
            If the network is none of classes, or names are not as many as its inputs and outputs.

        Examples
        --------
        >>> from glassnet import NeuralNetwork
        >>> network = NeuralNetwork(2, ["tanh:4", 3], loss="cross_entropy", seed=0)
        >>> model = NeuralClassifier.from_network(network, classes=["rain", "snow", "sun"], columns=["hPa", "°C"])
        >>> model.predict_proba([[0.5, -0.5]]).shape, model.feature_names_in_.tolist()
        ((1, 3), ['hPa', '°C'])
        """
        network, targets = network_of_classes(network, classes)
        return around(cls, network, targets, columns, scaler)

    @property
    def classes_(self) -> Array | list[Array]:
        """The classes; where several targets were learned, those of each."""
        self._check_fitted()
        return self.targets_.classes

    @property
    def positive_(self) -> Any:
        """The positive one of two classes; None where there are not two.

        Set it to look at another one: a threshold becomes that of the other class, so the same rows are told apart.
        """
        self._check_fitted()
        place = getattr(self.targets_, "positive", None)
        return None if place is None else self.targets_.classes.tolist()[place]

    @positive_.setter
    def positive_(self, name: Any) -> None:
        self._check_fitted()
        targets = self.targets_
        if isinstance(targets, AnswerTargets):
            refuse_threshold(f"{targets.count} targets a row")
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
            refuse_threshold(
                f"{count} targets a row" if isinstance(self.targets_, AnswerTargets) else f"{count} classes"
            )
        changed = replace(self.targets_, threshold=THRESHOLD.taken("`decision_threshold_`", threshold))
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
        >>> from sklearn.datasets import load_wine
        >>> X, y = load_wine(return_X_y=True)
        >>> model = NeuralClassifier(hidden_layers=8, random_state=0).fit(X[::2], y[::2]).conformalize(X[1::2], y[1::2])
        >>> model.predict_set(X[:1], coverage=0.9)
        array([[ True, False, False]])
        """
        promised = self._promised(coverage)
        sets: Array = class_scores(self.predict_proba(X)) <= promised
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
