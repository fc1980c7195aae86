"""What the two estimators share: from a table through the encoder, the network and the trainer, and back."""

from __future__ import annotations

import contextlib
import copy
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from glassnet.engines import CompiledEngine, Updater
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.architecture import Inputs, network_layers
from glassnet.estimators.calibration import temperature
from glassnet.estimators.checks import check_rows, column_count
from glassnet.estimators.conformal import limit
from glassnet.estimators.members import Stop, held_back, side_by_side
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import NOT_SETTINGS, STRUCTURE, check_unchanged, choose_settings, fitting_loss
from glassnet.estimators.targets import NumberTargets, Targets
from glassnet.formulas.activations import Activation
from glassnet.formulas.averages import averaged
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers import Layer
from glassnet.layers.base import Array
from glassnet.network import LBFGS, NeuralNetwork
from glassnet.tables import TableEncoder, row_count, take
from glassnet.training import History, Rows, Scoring, Trainer, scorer_for

__all__ = ["HiddenLayers", "NeuralEstimator", "learns_in_parts"]

MOST_LEVELS = 1000
"""So many levels of a category are told apart."""

HiddenLayers = int | Sequence[int | str | Layer]


def learns_in_parts(estimator: NeuralEstimator) -> bool:
    """Whether it has ``partial_fit``: not with an optimizer that takes the whole table at once."""
    return estimator.optimizer != LBFGS


class NeuralEstimator(BaseEstimator):
    """The common part of :class:`NeuralClassifier` and :class:`NeuralRegressor`."""

    loss_targets: ClassVar[tuple[str, ...]]
    """The kinds of targets that this estimator's losses may have."""

    networks_: list[NeuralNetwork]
    encoder_: TableEncoder
    targets_: Any  # of one of the kinds in estimators/targets.py
    histories_: list[History]
    temperature_: float
    conformal_: Array | None
    settings_: dict[str, Any]
    updaters_: list[Updater] | None
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
        members: int | None = None,
        shared_members: int | None = None,
        label_smoothing: float | None = None,
        calibration: str | None = None,
        scaling: str | None = None,
        max_one_hot: int | None = None,
        category_embedding: int | None = None,
        numeric_embedding: str | None = None,
        input_scale: bool | None = None,
        parametric: bool | None = None,
        parametrization: str | None = None,
        start: str | None = None,
        rates: Mapping[str, float] | None = None,
        dropout_schedule: str | Schedule | None = None,
        decay_schedule: str | Schedule | None = None,
        clamp: bool | None = None,
        preset: str = "auto",
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
        self.members = members
        self.shared_members = shared_members
        self.label_smoothing = label_smoothing
        self.calibration = calibration
        self.scaling = scaling
        self.max_one_hot = max_one_hot
        self.category_embedding = category_embedding
        self.numeric_embedding = numeric_embedding
        self.input_scale = input_scale
        self.parametric = parametric
        self.parametrization = parametrization
        self.start = start
        self.rates = rates
        self.dropout_schedule = dropout_schedule
        self.decay_schedule = decay_schedule
        self.clamp = clamp
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
    def _strangeness(self, X: Any, y: Array) -> Array:
        """How far the model is off for each row; see conformal.py."""

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
            settings, loss = self._settings(X, going_on)
            trainer = self._trainer(settings)
            trainer.check()
            self._layers(settings, loss, Inputs())  # errors before any work
            targets = self.targets_.encode(y)
            class_weights = self._weights_of_classes(targets, weight)
            weight = _with_class_weights(weight, targets, class_weights)
            seed, members = self.networks_[0].seed if going_on else self._draw_seed(), settings["members"]
            held = None if validation_data is None else self._check_validation(validation_data, class_weights)
            parts = None
            if held is None and settings["early_stopping"] and settings["validation_fraction"]:
                fraction = settings["validation_fraction"]
                parts = held_back(len(targets), members, fraction, seed, self.targets_.strata(targets))
            if not going_on:
                # a single network's encoder knows no row that it is judged by; several have but one encoder
                known = (X, weight)
                if parts and members == 1:
                    known = take(X, parts[0][0]), None if weight is None else weight[parts[0][0]]
                self._start(*known, settings, loss, seed)
            self.settings_ = settings
            table = Rows(self.encoder_.transform(X), targets, weight)
            shares = [(table, None)] * members if parts is None else [(table.take(a), table.take(b)) for a, b in parts]
            if held is not None:
                held_rows = Rows(self.encoder_.transform(held[0]), *held[1:])
                shares = [(table, held_rows)] * members
            earlier = self.histories_ if going_on else [None] * members
            self.histories_ = self._train(trainer, shares, earlier)
            self.updaters_, self.conformal_ = None, None
            self.temperature_ = self._temperature(shares, loss)
        return self

    def _train(
        self, trainer: Trainer, shares: Sequence[tuple[Rows, Rows | None]], earlier: Sequence[History | None]
    ) -> list[History]:
        """Train every member on its share of the rows; callbacks see the first, or all if they say `every_member`."""

        def training(member: int) -> Callable[[Stop], History]:
            network, (learned, held), history = self.networks_[member], shares[member], earlier[member]

            def train(stop: Stop) -> History:
                watching = [c for c in trainer.callbacks if member == 0 or getattr(c, "every_member", False)]
                own = replace(trainer, callbacks=(*watching, stop), verbose=trainer.verbose if member == 0 else False)
                return own.fit(
                    network,
                    *learned[:2],
                    sample_weight=learned.weight,
                    validation_data=held,
                    score=None if self.scoring is None else self._scorer(self.scoring, [network]),
                    history=history,
                )

            return train

        if len(self.networks_) == 1:
            return [training(0)(Stop())]
        return side_by_side([training(member) for member in range(len(self.networks_))])

    def _temperature(self, shares: Sequence[tuple[Rows, Rows | None]], loss: Loss) -> float:
        """What divides the scores behind probabilities, where they are to be calibrated and rows were held back."""
        judged = [(network, held) for network, (_, held) in zip(self.networks_, shares, strict=True) if held]
        if self.settings_["calibration"] == "none" or loss.response not in ("sigmoid", "softmax") or not judged:
            return 1.0
        outputs = [network.scores(held.X) for network, held in judged]
        return temperature(outputs, [held.y for _, held in judged], [held.weight for _, held in judged], loss)

    def judged(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """How good the fitted model is on some rows, measured as its epochs are: by `scoring`, or else the mean loss.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``.

        Returns
        -------
        float
            Higher is better by `scoring`, lower without.
        """
        check_is_fitted(self)
        X, y, weight = self._check_rows(X, y, sample_weight)
        targets, encoded = self.targets_.encode(y), self.encoder_.transform(X)
        weight = _with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
        if self.scoring is not None:
            return self._scorer(self.scoring, self.networks_, self.temperature_)(encoded, targets, weight)
        outputs, loss = self._outputs(X).astype(np.float64), self.network_.loss
        return float(np.average(loss.value(outputs, loss.prepare(targets, outputs.shape[1])), weights=weight))

    def _fit_part(self, X: Any, y: Any, sample_weight: Any, announced: Targets | None = None) -> Self:
        """One epoch more on these rows; the first call also learns the encoder from them."""
        with self._all_or_nothing():
            first = not self.__sklearn_is_fitted__()
            X, y, weight = self._check_rows(X, y, sample_weight)
            if first:
                self.targets_ = announced if announced and y.ndim == 1 else self._learn_targets(y, weight)
            settings, loss = self._settings(X, going_on=not first)
            constant = dict.fromkeys(("schedule", "decay_schedule", "dropout_schedule"), "constant")
            trainer = self._trainer(settings | {"epochs": 1} | constant)
            trainer.check()
            targets = self.targets_.encode(y)
            weight = _with_class_weights(weight, targets, self._weights_of_classes(targets, weight))
            if first:
                self._start(X, weight, settings, loss, self._draw_seed())
            self.settings_ = settings
            updaters = getattr(self, "updaters_", None) or [trainer.updater(network) for network in self.networks_]
            self.updaters_ = None  # until they have done their work
            matrix = self.encoder_.transform(X)
            earlier = [None] * len(self.networks_) if first else self.histories_
            self.histories_ = [
                trainer.fit(network, matrix, targets, sample_weight=weight, updater=updater, history=history)
                for network, updater, history in zip(self.networks_, updaters, earlier, strict=True)
            ]
            self.updaters_, self.conformal_ = updaters, None
        return self

    def conformalize(self, X: Any, y: Any) -> Self:
        """See how far off the model is on rows that it has not learned from: what it may promise follows.

        Parameters
        ----------
        X : table of rows
            None of them learned from, from where the rows to predict will come from. Some hundred are enough.
        y : array-like of shape (rows,)

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the rows are no rows for this model.
        """
        check_is_fitted(self)
        X, y, _ = self._check_rows(X, y, None)
        self.conformal_ = np.sort(self._strangeness(X, y).astype(np.float64))
        return self

    def _promised(self, coverage: float) -> float:
        """The strangeness that rows stay below with this probability."""
        check_is_fitted(self)
        if self.conformal_ is None:
            raise NotFittedError(
                "This model promises nothing yet. Call conformalize(X, y) with rows that it has not seen"
            )
        return limit(self.conformal_, coverage)

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Within it a failure takes back every attribute, so that no half-fitted estimator is left behind.

        Except for the optimizer's state: after a step that failed it is not to be trusted.
        """
        before = dict(self.__dict__)
        try:
            yield
        except BaseException:
            if "updaters_" in before:
                before["updaters_"] = self.updaters_
            self.__dict__ = before
            raise

    def _start(self, X: Any, weight: Array | None, settings: Mapping[str, Any], loss: Loss, seed: int) -> None:
        """The encoder of the training rows, and fresh networks for what it gives."""
        dtype, members = settings["dtype"], settings["members"]
        self.encoder_ = TableEncoder(
            scaling=settings["scaling"],
            max_levels=max(MOST_LEVELS, settings["max_one_hot"]),
            max_one_hot=settings["max_one_hot"],
            dtype=dtype,
        ).fit(X, weight)
        inputs = self.encoder_.n_outputs
        if inputs == 0:
            raise InputError(
                "At least one column of the table must vary",
                f"{self.encoder_.n_features_in} columns, n_samples = {row_count(X)}",
                "Give more rows, or columns that tell rows apart",
            )
        layers = self._layers(settings, loss, Inputs.of(self.encoder_))
        # each of several has a processor to itself
        engine = CompiledEngine(workers=1) if members > 1 and self.engine == CompiledEngine.name else self.engine
        self.networks_ = [
            NeuralNetwork(
                *(inputs, layers, loss),
                members=settings["shared_members"],
                seed=(seed + member) % 2**64,
                dtype=dtype,
                engine=engine,
            )
            for member in range(members)
        ]
        self.temperature_, self.conformal_ = 1.0, None
        self.notes_ = {}

    def _layers(self, settings: Mapping[str, Any], loss: Loss, inputs: Inputs) -> list[Layer]:
        return network_layers(settings, loss, self.targets_.outputs(loss), inputs)

    def _scorer(
        self, scoring: Scoring, networks: list[NeuralNetwork], temperature: float = 1.0
    ) -> Callable[[Any, Array, Array | None], float]:
        """A score as a function of encoded rows, encoded targets and weights."""
        face: Any = copy.copy(self)
        face.encoder_, face.targets_, face.histories_ = _Encoded(), self._scored_targets(), [History()]
        face.networks_, face.temperature_ = networks, temperature
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

    def _settings(self, X: Any, going_on: bool) -> tuple[dict[str, Any], Loss]:
        """Every option with its value, given or the preset's, and the loss that follows."""
        given = {name: getattr(self, name) for name in self.setting_names}
        loss_name = LOSSES.get(self.targets_.default_loss if self.loss is None else self.loss).name
        numbers = isinstance(self.targets_, NumberTargets)
        size = TableSize(row_count(X), column_count(X), numbers, loss_name)
        preset = self.settings_["preset"] if going_on and self.preset == "auto" else self.preset
        settings = choose_settings(given, preset, size, self.targets_.default_loss)
        if going_on:
            settings |= {n: self.settings_[n] for n in STRUCTURE if n in given and given[n] in (None, "auto")}
        loss = fitting_loss(settings, self.loss_targets, type(self).__name__)
        if going_on:
            layers = self._layers(settings, loss, Inputs.of(self.encoder_))
            check_unchanged(self.networks_, layers, loss, settings)
        elif isinstance(self.targets_, NumberTargets):
            self.targets_ = self.targets_.clamped(bool(settings["clamp"]))
        return settings, loss

    def _trainer(self, settings: Mapping[str, Any]) -> Trainer:
        names = (
            *("optimizer", "learning_rate", "schedule", "weight_decay", "decay_schedule", "dropout_schedule"),
            *("batch_size", "epochs", "early_stopping", "patience"),
        )
        chosen = {name: settings[name] for name in names if settings[name] is not None}
        return Trainer(
            **chosen,
            validation_fraction=0.0,  # held back here already, before encoding
            scoring=self.scoring,
            callbacks=() if self.callbacks is None else self.callbacks,
            verbose=self.verbose,
        )

    # ------------------------------------------------------------- prediction

    def _outputs(self, X: Any) -> Array:
        """The raw outputs for each row, after checks: of the network, or of one that would answer as all do."""
        check_is_fitted(self)
        encoded = self.encoder_.transform(X)
        outputs = [output for network in self.networks_ for output in network.forward_each(encoded)]
        return averaged(outputs, self.networks_[0].loss, self.temperature_)

    @property
    def network_(self) -> NeuralNetwork:
        """The network, or the first of several."""
        check_is_fitted(self)
        return self.networks_[0]

    @property
    def history_(self) -> History:
        """The history of its training."""
        check_is_fitted(self)
        return self.histories_[0]

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
        return "histories_" in vars(self)

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
