"""What the two estimators share: from a table through the encoder, the network and the trainer, and back."""

from __future__ import annotations

import contextlib
import copy
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from glassnet.engines import Updater
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.checks import check_rows, column_count
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import (
    NOT_SETTINGS,
    STRUCTURE,
    check_unchanged,
    choose_settings,
    fitting_loss,
    network_layers,
)
from glassnet.estimators.targets import Targets
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.optimizers import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.tables import TableEncoder, row_count, take
from glassnet.training import History, Scoring, Trainer, scorer_for, split_rows

__all__ = ["HiddenLayers", "NeuralEstimator", "learns_in_parts"]

HiddenLayers = int | Sequence[int | str | Layer]


def learns_in_parts(estimator: NeuralEstimator) -> bool:
    """Whether it has ``partial_fit``: not with an optimizer that takes the whole table at once."""
    return estimator.optimizer != LBFGS


class NeuralEstimator(BaseEstimator):
    """The common part of :class:`NeuralClassifier` and :class:`NeuralRegressor`."""

    loss_targets: ClassVar[tuple[str, ...]]
    """The kinds of targets that this estimator's losses may have."""

    network_: NeuralNetwork
    encoder_: TableEncoder
    targets_: Any  # of one of the kinds in estimators/targets.py
    history_: History
    settings_: dict[str, Any]
    updater_: Updater | None
    notes_: dict[str, Any]

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
        scoring: Scoring | None = None,
        preset: str = "mlp",
        engine: str = "compiled",
        dtype: str | None = None,
        callbacks: Sequence[object] | None = None,
        warm_start: bool = False,
        verbose: bool | int = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layers = hidden_layers
        self.activation = activation
        self.dropout = dropout
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.scoring = scoring
        self.preset = preset
        self.engine = engine
        self.dtype = dtype
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.verbose = verbose
        self.random_state = random_state

    @property
    def setting_names(self) -> list[str]:
        """The options that are in ``settings_`` after ``fit``."""
        return [name for name in self.get_params(deep=False) if name not in NOT_SETTINGS]

    # ------------------------------------------------- what the two differ in

    @abstractmethod
    def _check_targets(self, y: Any) -> Array:
        """y as an array, or a clear error."""

    @abstractmethod
    def _learn_targets(self, y: Array, sample_weight: Array | None) -> Targets:
        """What is to be known of the targets."""

    def _scored_targets(self) -> Any:
        """The targets as `scoring` sees them: a name gets numbers for classes, for "f1" wants a class that is 1."""
        return self.targets_

    def _weights_of_classes(self, encoded: Array, sample_weight: Array | None) -> Array | None:
        """The weight of each class, where there are classes and they have weights."""
        return None

    # --------------------------------------------------------------- training

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: tuple[Any, ...] | None = None) -> Self:
        """Learn from a table.

        If an error is raised, the estimator is as it was before; only what a warm start has already learned stays.

        Parameters
        ----------
        X : DataFrame (pandas, polars, pyarrow, ...), array or SciPy sparse array of shape (rows, columns)
            Numbers, booleans, strings, categories, dates; gaps are fine.
        y : array-like of shape (rows,) or (rows, targets)
        sample_weight : array-like of shape (rows,), optional
            A row of weight 2 counts as two rows, one of weight 0 as none.
        validation_data : (X, y) or (X, y, sample_weight), optional
            Rows to judge each epoch by, instead of a part of the training rows; the weights of the best epoch stay. In
            a pipeline: rows as this estimator sees them, for no step before it transforms them.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If the data or an option is not usable; the message says what, and what to do.
        DivergenceError
            If the loss leaves the finite numbers in the first epoch.
        """
        with self._all_or_nothing():
            going_on = self.warm_start and self.__sklearn_is_fitted__()
            X, y, weight = self._check_rows(X, y, sample_weight)
            if not going_on:
                self.targets_ = self._learn_targets(y, weight)
            settings, layers, loss = self._settings(X, going_on)
            trainer = self._trainer(settings)
            trainer.check()
            targets = self.targets_.encode(y)
            class_weights = self._weights_of_classes(targets, weight)
            weight = _with_class_weights(weight, targets, class_weights)
            seed = self.network_.seed if going_on else self._draw_seed()
            held = None
            if validation_data is not None:
                held = self._check_validation(validation_data, class_weights)
            elif settings["early_stopping"] and settings["validation_fraction"]:
                parts = split_rows(len(targets), settings["validation_fraction"], seed, self.targets_.strata(targets))
                part = [(take(X, rows), targets[rows], None if weight is None else weight[rows]) for rows in parts]
                (X, targets, weight), held = part
            if not going_on:
                self._start(X, weight, layers, loss, settings["dtype"], seed)
            self.settings_ = settings
            matrix = self.encoder_.transform(X)
            validation = None if held is None else (self.encoder_.transform(held[0]), *held[1:])
            self.history_ = trainer.fit(
                self.network_,
                matrix,
                targets,
                sample_weight=weight,
                validation_data=validation,
                score=None if self.scoring is None else self._scorer(self.scoring),
                history=self.history_ if going_on else None,
            )
            self.updater_ = None
        return self

    def _fit_part(self, X: Any, y: Any, sample_weight: Any, announced: Targets | None = None) -> Self:
        """One epoch more on these rows; the first call also learns the encoder from them."""
        with self._all_or_nothing():
            first = not self.__sklearn_is_fitted__()
            X, y, weight = self._check_rows(X, y, sample_weight)
            if first:
                self.targets_ = announced if announced and y.ndim == 1 else self._learn_targets(y, weight)
            settings, layers, loss = self._settings(X, going_on=not first)
            trainer = self._trainer(settings | {"epochs": 1, "schedule": "constant"})
            trainer.check()
            targets = self.targets_.encode(y)
            weight = _with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
            if first:
                self._start(X, weight, layers, loss, settings["dtype"], self._draw_seed())
            self.settings_ = settings
            updater = getattr(self, "updater_", None) or trainer.updater(self.network_)
            self.updater_ = None  # until it has done its work
            self.history_ = trainer.fit(
                self.network_,
                self.encoder_.transform(X),
                targets,
                sample_weight=weight,
                updater=updater,
                history=None if first else self.history_,
            )
            self.updater_ = updater
        return self

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Within it a failure takes back every attribute, so that no half-fitted estimator is left behind.

        Except for the optimizer's state: after a step that failed it is not to be trusted.
        """
        before = dict(self.__dict__)
        try:
            yield
        except BaseException:
            if "updater_" in before:
                before["updater_"] = self.updater_
            self.__dict__ = before
            raise

    def _start(self, X: Any, weight: Array | None, layers: list[Layer], loss: Loss, dtype: Any, seed: int) -> None:
        """The encoder of the training rows, and a fresh network for what it gives."""
        self.encoder_ = TableEncoder(dtype=dtype).fit(X, weight)
        inputs = self.encoder_.n_outputs
        if inputs == 0:
            raise InputError(
                "At least one column of the table must vary",
                f"{self.encoder_.n_features_in} columns, n_samples = {row_count(X)}",
                "Give more rows, or columns that tell rows apart",
            )
        self.network_ = NeuralNetwork(inputs, layers, loss, seed=seed, dtype=dtype, engine=self.engine)
        self.notes_ = {}

    def _scorer(self, scoring: Scoring) -> Callable[[Any, Array, Array | None], float]:
        """The score of the validation, as a function of encoded rows, encoded targets and weights."""
        face: Any = copy.copy(self)
        face.encoder_, face.targets_, face.history_ = _Encoded(), self._scored_targets(), History()
        score = scorer_for(scoring, face)
        return lambda X, targets, weight: score(X, face.targets_.restore(targets), weight)

    def _draw_seed(self) -> int:
        """One whole number from random_state, for everything that is left to chance."""
        state = self.random_state
        if isinstance(state, (int, np.integer)) and not isinstance(state, bool) and 0 <= state < 2**64:
            return int(state)
        if state is None or isinstance(state, np.random.RandomState):
            return int(check_random_state(state).randint(2**31 - 1))
        raise InputError("`random_state` must be an integer from 0 to 2^64 - 1, a RandomState or None", state, "Try 0")

    # ----------------------------------------------------------------- checks

    def _check_rows(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Array, Array | None]:
        if y is None:
            raise InputError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        return check_rows(X, y, sample_weight, self._check_targets)

    def _check_validation(self, data: tuple[Any, ...], class_weights: Array | None) -> tuple[Any, Array, Array | None]:
        """The validation rows, weighted as the training rows are."""
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise InputTypeError("`validation_data` must be (X, y) or (X, y, sample_weight)", data, "Give a tuple")
        X, y, weight = self._check_rows(*data, *([None] if len(data) == 2 else []))
        targets = self.targets_.encode(y)
        return X, targets, _with_class_weights(weight, targets, class_weights)

    def _settings(self, X: Any, going_on: bool) -> tuple[dict[str, Any], list[Layer], Loss]:
        """Every option with its value, given or the preset's; the layers and the loss that follow."""
        given = {name: getattr(self, name) for name in self.setting_names}
        size = TableSize(row_count(X), column_count(X))
        settings = choose_settings(given, self.preset, size, self.targets_.default_loss)
        if going_on:
            settings |= {name: self.settings_[name] for name in STRUCTURE if given[name] is None}
        loss = fitting_loss(settings, self.loss_targets, type(self).__name__)
        layers = network_layers(settings, loss, self.targets_.outputs(loss))
        if going_on:
            check_unchanged(self.network_, layers, loss, settings["dtype"])
        return settings, layers, loss

    def _trainer(self, settings: Mapping[str, Any]) -> Trainer:
        names = ("optimizer", "learning_rate", "schedule", "weight_decay", "batch_size", "epochs", "early_stopping")
        chosen = {name: settings[name] for name in (*names, "patience") if settings[name] is not None}
        return Trainer(
            **chosen,
            validation_fraction=0.0,  # held back here already, before encoding
            scoring=self.scoring,
            callbacks=() if self.callbacks is None else self.callbacks,
            verbose=self.verbose,
        )

    # ------------------------------------------------------------- prediction

    def _encoded(self, X: Any) -> Any:
        """The encoded rows, after checks."""
        check_is_fitted(self)
        return self.encoder_.transform(X)

    @property
    def n_features_in_(self) -> int:
        """The number of columns of the training table."""
        check_is_fitted(self)
        return self.encoder_.n_features_in

    @property
    def feature_names_in_(self) -> Array:
        """Their names, where the training table had any."""
        check_is_fitted(self)
        if not self.encoder_.plan.named:
            raise AttributeError("The training table had no names of columns")
        return np.array(self.encoder_.feature_names_in, dtype=object)

    @property
    def loss_curve_(self) -> list[float]:
        """The mean training loss of each epoch."""
        check_is_fitted(self)
        return self.history_["loss"]

    @property
    def validation_curve_(self) -> list[float]:
        """The validation score of each epoch, or its validation loss where no `scoring` was given; may be empty."""
        check_is_fitted(self)
        columns = [name for name in self.history_.columns if name.startswith("validation")]
        return self.history_[columns[-1]] if columns else []

    @property
    def n_iter_(self) -> int:
        """The number of epochs that were trained."""
        check_is_fitted(self)
        return len(self.history_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "history_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags


class _Encoded:
    """In the place of an encoder: the rows are encoded already."""

    def transform(self, X: Any) -> Any:
        return X


def _with_class_weights(weight: Array | None, targets: Array, class_weights: Array | None) -> Array | None:
    if class_weights is None:
        return weight
    of_rows: Array = class_weights[targets]
    return of_rows if weight is None else of_rows * weight
