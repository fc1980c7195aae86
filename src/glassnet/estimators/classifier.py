"""The classifier: one class of several for each row, yes or no, or several yes-or-no answers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from glassnet.errors import InputError, shown
from glassnet.estimators.base import NeuralEstimator, learns_in_parts
from glassnet.estimators.checks import check_classes, weights_of_classes
from glassnet.estimators.conformal import class_scores
from glassnet.estimators.options import HiddenLayers
from glassnet.estimators.targets import AnswerTargets, ClassTargets
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers.base import Array
from glassnet.training import Scoring

__all__ = ["NeuralClassifier"]


def _gives_probabilities(estimator: NeuralClassifier) -> bool:
    if estimator.__sklearn_is_fitted__():
        return estimator.network_.loss.target != "signs"
    return estimator.loss is None or LOSSES.get(estimator.loss).target != "signs"


class NeuralClassifier(ClassifierMixin, NeuralEstimator):
    """A neural network that tells classes apart, straight from a table.

    Every option may be left at None: then the preset decides, by the size of the table where that matters; what was
    used is in ``settings_``.

    Parameters
    ----------
    hidden_layers : int or sequence of int, str or Layer
        From the first to the last: 64 (units), "gelu:32" (with an activation of its own), "dropout:0.2",
        "batch_norm", "layer_norm", or a layer. An empty sequence: logistic regression.
    activation : str or Activation
        Of the hidden layers that name none.
    dropout : float in [0, 1)
        After each dense hidden layer.
    loss : str or Loss
        None: binary_cross_entropy for two classes and for several yes-or-no targets, cross_entropy for more. Also
        focal, hinge, "cross_entropy(label_smoothing=0.1)", or a loss of your own.
    optimizer : str or Optimizer
        "adamw", "adam", "sgd", ..., or a rule of your own; "lbfgs" takes the whole table at once and has no rate,
        schedule, decay and batches.
    learning_rate : float
        The step size at the schedule's height; common are 1e-4 to 1e-1.
    schedule : str or Schedule
        The course of the learning rate: "cosine", "one_cycle", "constant", "cosine(warmup=0.1)", ...
    weight_decay : float
        Decoupled, on weights alone.
    batch_size : int
        Rows per training step.
    epochs : int
        The most passes over the training rows.
    early_stopping : bool
        Holds out `validation_fraction` of the rows (stratified by class), keeps the weights of the best epoch and
        stops after `patience` epochs without improvement. None: for large tables, and wherever `patience`,
        `validation_fraction`, `cv` or `scoring` is given.
    patience : int
        Epochs without improvement after which training stops early.
    validation_fraction : float in (0, 1)
        The share of the training rows that is held out for validation.
    cv : int, splitter of scikit-learn, or iterable of (training, validation) row numbers
        The number of validation folds, instead of `validation_fraction`: members take the folds in turn. Where
        `members` is left out there are as many as the preset has, and more until every fold has as many.
    scoring : str or callable
        What decides which epoch is best: a scikit-learn scorer such as "roc_auc"; None: the loss.
    members : int
        How many networks are trained and averaged.
    kinds : sequence of dict
        Settings that members take in turn, those of one kind in a dict. Kinds that do better on held-out rows count
        more. An empty sequence: members differ in seed and rows alone. A kind need not be a plain network: with
        "learner" as "boosted_trees" it is trees trained by scikit-learn, with "retrieval" it predicts from the
        nearest training rows.
    shared_members : int
        How many members each of these networks has, who share most of their weights and are averaged too; 1: one plain
        network.
    label_smoothing : float in [0, 1)
        How much certainty each label gives up: often better classes, but distorted probabilities.
    calibration : {"none", "temperature"}
        Whether probabilities are calibrated by temperature scaling, fitted on the held-out rows.
    scaling : {"standard", "robust", "none"}
        How numbers are scaled: by mean and standard deviation, or by median and quartiles with a soft limit.
    max_one_hot : int
        A category with more levels is embedded instead of one-hot encoded.
    category_embedding : int
        The size of the embedding of a category.
    numeric_embedding : {"none", "periodic", "periodic_relu", "piecewise_linear"}
        How each number is embedded before the first layer.
    spread : float in (0, inf)
        The standard deviation of the frequencies of a periodic embedding at the start: the larger, the finer is what it
        shows of a number; common are 0.03 to 5.
    frequencies : int
        How many waves a periodic embedding has for each number.
    numeric_size : int
        How many numbers the embedding makes of each number.
    input_scale : bool
        Whether a learned factor for each input comes first.
    parametric : bool
        Whether each unit learns how much of its activation it uses.
    parametrization : {"standard", "ntk"}
        "ntk": weights of variance 1, the sums divided by the root of their number.
    start : {"random", "data"}
        "data": initial weights and biases are fitted to the training rows.
    rates : dict of str to float
        What multiplies the learning rate of parts: "bias", "scale", "activation", "embedding".
    dropout_schedule, decay_schedule : str or Schedule
        The course of dropout and of weight decay, as `schedule` is that of the learning rate.
    class_weight : dict of class to float, "balanced" or None
        Weights of the classes; "balanced": all classes count alike, however rare.
    preset : {"auto", "bagged", "best", "fast", "mixed", "mlp", "realmlp", "retrieval", "tabm"}
        The defaults to start from; "auto" chooses by the table, and `settings_` says what.
    engine : {"compiled", "reference"}
        What carries out the steps: native code, or NumPy that reads like the book. The same numbers, to rounding.
    dtype : {"float32", "float64"}
        The precision of every number in the network.
    callbacks : sequence of objects
        See :class:`glassnet.training.Callback`.
    warm_start : bool
        Whether another ``fit`` goes on from the weights of the last.
    verbose : bool
        Shows a progress bar if the terminal can.
    n_jobs : int or None
        How many processors a prediction may use; None and -1: all of them. The results are the same to the last bit.
    random_state : int, RandomState or None
        Decides the split, the initial weights, the order of the rows and the dropout masks.

    Attributes
    ----------
    classes_ : array, or list of arrays
        In ascending order; 0 and 1 for each target where several were learned.
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

    def __init__(
        self,
        *,
        hidden_layers: HiddenLayers | None = None,
        activation: str | Activation | None = None,
        dropout: float | None = None,
        loss: str | Loss | None = None,
        optimizer: str | Optimizer | None = None,
        learning_rate: float | None = None,
        schedule: str | Schedule | None = None,
        weight_decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        early_stopping: bool | None = None,
        patience: int | None = None,
        validation_fraction: float | None = None,
        cv: int | Any | None = None,
        scoring: Scoring | None = None,
        class_weight: dict[Any, float] | str | None = None,
        members: int | None = None,
        kinds: Sequence[Mapping[str, Any]] | None = None,
        shared_members: int | None = None,
        label_smoothing: float | None = None,
        calibration: str | None = None,
        scaling: str | None = None,
        max_one_hot: int | None = None,
        category_embedding: int | None = None,
        numeric_embedding: str | None = None,
        spread: float | None = None,
        frequencies: int | None = None,
        numeric_size: int | None = None,
        input_scale: bool | None = None,
        parametric: bool | None = None,
        parametrization: str | None = None,
        start: str | None = None,
        rates: Mapping[str, float] | None = None,
        dropout_schedule: str | Schedule | None = None,
        decay_schedule: str | Schedule | None = None,
        preset: str = "auto",
        engine: str = "compiled",
        dtype: str | None = None,
        callbacks: Sequence[object] | None = None,
        warm_start: bool = False,
        verbose: bool | int = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            hidden_layers=hidden_layers,
            activation=activation,
            dropout=dropout,
            loss=loss,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            weight_decay=weight_decay,
            batch_size=batch_size,
            epochs=epochs,
            early_stopping=early_stopping,
            patience=patience,
            validation_fraction=validation_fraction,
            cv=cv,
            scoring=scoring,
            members=members,
            kinds=kinds,
            shared_members=shared_members,
            label_smoothing=label_smoothing,
            calibration=calibration,
            scaling=scaling,
            max_one_hot=max_one_hot,
            category_embedding=category_embedding,
            numeric_embedding=numeric_embedding,
            spread=spread,
            frequencies=frequencies,
            numeric_size=numeric_size,
            input_scale=input_scale,
            parametric=parametric,
            parametrization=parametrization,
            start=start,
            rates=rates,
            dropout_schedule=dropout_schedule,
            decay_schedule=decay_schedule,
            preset=preset,
            engine=engine,
            dtype=dtype,
            callbacks=callbacks,
            warm_start=warm_start,
            verbose=verbose,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        self.class_weight = class_weight

    @available_if(learns_in_parts)
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
        announced = None
        if classes is not None:
            announced = ClassTargets.learn(check_classes(classes))
            learned = self.targets_.classes if self.__sklearn_is_fitted__() else announced.classes
            if isinstance(learned, np.ndarray) and not np.array_equal(announced.classes, learned):
                raise InputError("`classes` must stay the same from call to call", shown(classes), "Leave it out")
        return self._fit_part(X, y, sample_weight, announced)

    # ---------------------------------------------------------------- targets

    def _check_targets(self, y: Any) -> Array:
        return check_classes(y)

    def _learn_targets(self, y: Array, sample_weight: Array | None) -> ClassTargets | AnswerTargets:
        return AnswerTargets(y.shape[1]) if y.ndim == 2 else ClassTargets.learn(y)

    def _scored_targets(self) -> ClassTargets | AnswerTargets:
        if isinstance(self.scoring, str) and isinstance(self.targets_, ClassTargets):
            return ClassTargets(np.arange(len(self.targets_.classes)))
        return self.targets_

    def _weights_of_classes(self, encoded: Array, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return None
        if isinstance(self.targets_, AnswerTargets):
            raise InputError("`class_weight` needs one class a row", "several targets", "Use sample_weight")
        given = self._given()["class_weight"]
        return weights_of_classes(given, self.targets_.classes, encoded, sample_weight)

    @property
    def classes_(self) -> Array | list[Array]:
        """The classes; where several targets were learned, those of each."""
        self._check_fitted()
        return self.targets_.classes

    # ------------------------------------------------------------- prediction

    def predict(self, X: Any) -> Array:
        """The class of each row.

        Returns
        -------
        array of shape (rows,), or (rows, targets) of 0 and 1 where several targets were learned
        """
        outputs = self._outputs(X)
        return self.targets_.decode(outputs, self.network_.loss)

    @available_if(_gives_probabilities)
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, in the order of ``classes_``.

        Returns
        -------
        array of shape (rows, classes); where several targets were learned, the probability of each being 1
        """
        outputs = self._outputs(X)
        return self.targets_.probabilities(self.network_.loss.predict(outputs))

    @available_if(_gives_probabilities)
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of each probability of ``predict_proba``; minus infinity where that is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @available_if(_gives_probabilities)
    def predict_set(self, X: Any, coverage: float = 0.9) -> Array:
        """All classes that a row may well be of, after ``conformalize``: the true one is missed in few cases.

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
            raise InputError("Sets of classes need one class a row", "several targets", "Train a classifier for each")
        return class_scores(self.predict_proba(X))[np.arange(len(y)), self.targets_.encode(y)]

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
