"""What the two estimators share: from a table through the encoder, the network and the trainer, and back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from glassnet.engines import Updater
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.presets import TableSize, resolve
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers import Dense, Dropout, Layer, parse_layers
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.tables import TableEncoder, is_sparse, row_count, take
from glassnet.tables.table import open_table
from glassnet.training import History, Trainer, scorer_for, split_rows
from glassnet.training.scoring import Scoring

__all__ = ["NeuralEstimator"]

HiddenLayers = int | Sequence[int | str | Layer]


class NeuralEstimator(BaseEstimator):  # type: ignore[misc]
    """The common part of :class:`NeuralClassifier` and :class:`NeuralRegressor`."""

    _targets: ClassVar[tuple[str, ...]]
    """The kinds of targets that this estimator's losses may have."""

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
        engine: str = "reference",
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

    # ------------------------------------------------- what the two differ in

    @abstractmethod
    def _learn_targets(self, y: Array, sample_weight: Array | None) -> None:
        """Remember what the targets are: classes, or means and deviations."""

    @abstractmethod
    def _encode_targets(self, y: Any) -> Array:
        """Targets as the network's loss wants them."""

    @abstractmethod
    def _check_targets(self, y: Any) -> Array:
        """y as an array, or a clear error."""

    @abstractmethod
    def _default_loss(self) -> str:
        """The loss that suits the targets."""

    @abstractmethod
    def _outputs(self, loss: Loss) -> int:
        """How many outputs the network needs."""

    def _strata(self, targets: Array) -> Array | None:
        """What a split keeps in proportion."""
        return None

    def _target_weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        """The weights of the rows, those of their classes included."""
        return sample_weight

    def _decoder(self) -> Callable[[Array], Array] | None:
        """From the network's values to those of the targets, where they differ."""
        return None

    # --------------------------------------------------------------- training

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: tuple[Any, ...] | None = None
    ) -> Self:
        """Learn from a table.

        Parameters
        ----------
        X : DataFrame (pandas, polars, pyarrow, ...), array or SciPy sparse array of shape (rows, columns)
            Numbers, booleans, strings, categories, dates; gaps are fine.
        y : array-like of shape (rows,) or (rows, targets)
        sample_weight : array-like of shape (rows,), optional
            A row of weight 2 counts as two rows, one of weight 0 as none.
        validation_data : (X, y) or (X, y, sample_weight), optional
            Rows to judge each epoch by, instead of a part of the training rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If the data or an option is not usable; the message says what, and what to do.
        """
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        going_on = self.warm_start and hasattr(self, "network_")
        if not going_on:
            self._learn_targets(y, weight)
        self.settings_ = self._settings(X)
        loss = self._checked_loss()
        trainer = self._trainer()
        trainer.check()
        targets, weight = self._encode_targets(y), self._target_weights(y, weight)
        held = None
        if validation_data is not None:
            held = self._check_validation(validation_data)
        elif self.settings_["early_stopping"] and self.settings_["validation_fraction"]:
            rows = split_rows(len(targets), self.settings_["validation_fraction"], self._seed(), self._strata(targets))
            part = [(take(X, r), targets[r], None if weight is None else weight[r]) for r in rows]
            (X, targets, weight), held = part
        if not going_on:
            self._start(X, weight, loss)
        matrix = self.encoder_.transform(X)
        validation = None if held is None else (self.encoder_.transform(held[0]), *held[1:])
        self.history_ = trainer.fit(
            self.network_,
            matrix,
            targets,
            sample_weight=weight,
            validation_data=validation,
            score=None if self.scoring is None else self._score_function(),
        )
        self.updater_: Updater | None = None
        return self

    def _fit_part(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """One epoch more on these rows; the first call also learns the encoder from them."""
        first = not hasattr(self, "network_")
        X, y, weight = self._check_rows(X, y, sample_weight, reset=first)
        if first:
            self._learn_targets(y, weight)
            self.settings_ = self._settings(X)
            self._start(X, weight, self._checked_loss())
            self.history_ = History()
        trainer = self._trainer()
        trainer.epochs, trainer.schedule, trainer.validation_fraction = 1, "constant", 0.0
        if getattr(self, "updater_", None) is None:
            self.updater_ = trainer.updater(self.network_)
        newest = trainer.fit(
            self.network_,
            self.encoder_.transform(X),
            self._encode_targets(y),
            sample_weight=self._target_weights(y, weight),
            updater=self.updater_,
            first_epoch=len(self.history_) + 1,
        )
        self.history_.rows += [row | {"epoch": len(self.history_) + 1} for row in newest]
        return self

    def _start(self, X: Any, weight: Array | None, loss: Loss) -> None:
        """The encoder of the training rows, and a fresh network for what it gives."""
        self.encoder_ = TableEncoder(dtype=self.settings_["dtype"]).fit(X, weight)
        if self.encoder_.n_outputs == 0:
            raise InputError(
                "At least one column of the table must vary",
                f"{self.n_features_in_} columns, n_samples = {row_count(X)}",
                "Give more rows, or columns that tell rows apart",
            )
        self.network_ = self._network(loss)

    def _check_rows(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> tuple[Any, Array, Array | None]:
        """The training rows, those of weight zero left out."""
        if y is None:
            raise InputError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        if reset:
            if not is_sparse(X):
                open_table(X)  # its errors are the first that a user should see
            validate_data(self, X=X, skip_check_array=True)
        y = self._check_targets(y)
        rows = row_count(X)
        if len(y) != rows:
            raise InputError("X and y must have the same number of rows", f"{rows} and {len(y)}", "Match them")
        if sample_weight is None:
            return X, y, None
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        kept = np.flatnonzero(weight)
        if not len(kept):
            raise InputError("`sample_weight` must not be zero for every row", None, "Give some rows a weight")
        if len(kept) == rows:
            return X, y, weight
        return take(X, kept), y[kept], weight[kept]

    def _check_validation(self, data: tuple[Any, ...]) -> tuple[Any, Array, Array | None]:
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise InputTypeError("`validation_data` must be (X, y) or (X, y, sample_weight)", data, "Give a tuple")
        X, y, weight = self._check_rows(*data, *([None] if len(data) == 2 else []), reset=False)
        return X, self._encode_targets(y), weight

    def _settings(self, X: Any) -> dict[str, Any]:
        """Every option with its value: given, or the preset's."""
        own = ("warm_start", "verbose", "random_state", "callbacks", "class_weight", "preset")
        given = {name: value for name, value in self.get_params(deep=False).items() if name not in own}
        settings = resolve(self.preset, given, TableSize(row_count(X), self.n_features_in_))
        return settings | {"loss": self._default_loss() if self.loss is None else self.loss}

    def _checked_loss(self) -> Loss:
        loss = LOSSES.get(self.settings_["loss"])
        if loss.target not in self._targets:
            fitting = [name for name in LOSSES if LOSSES.get(name).target in self._targets]
            raise InputError(
                f"`loss` of {type(self).__name__} must be one of: {', '.join(fitting)}", str(loss), "Use one of these"
            )
        return loss

    def _network(self, loss: Loss) -> NeuralNetwork:
        settings = self.settings_
        spellings = settings["hidden_layers"]
        spellings = [spellings] if isinstance(spellings, (int, np.integer, str, Layer)) else spellings
        layers: list[Layer] = []
        for spelling in spellings:
            layers += parse_layers([spelling], settings["activation"])
            if settings["dropout"] and isinstance(layers[-1], Dense):
                layers.append(Dropout(settings["dropout"]))
        # a loss of probabilities that does not turn scores into them itself needs an output layer that does
        squash = {"fractions": "sigmoid", "classes": "softmax"}.get(loss.target, "identity")
        activation = squash if loss.response == "identity" else "identity"
        layers.append(Dense(self._outputs(loss), activation))
        return NeuralNetwork(
            self.encoder_.n_outputs,
            layers,
            loss,
            seed=self._seed(),
            dtype=settings["dtype"],
            engine=self.engine,
        )

    def _trainer(self) -> Trainer:
        names = ("optimizer", "learning_rate", "schedule", "weight_decay", "batch_size", "epochs", "early_stopping")
        return Trainer(
            **{name: self.settings_[name] for name in (*names, "patience")},
            validation_fraction=0.0,  # held back here already, before encoding
            scoring=self.scoring,
            callbacks=tuple(self.callbacks or ()),
            verbose=self.verbose,
        )

    def _seed(self) -> int:
        """One whole number from random_state; the same for the whole of one fit."""
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        if not hasattr(self, "_drawn_seed") or not self.warm_start:
            self._drawn_seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return self._drawn_seed

    def _score_function(self) -> Callable[[Any, Array, Array | None], float]:
        """The named score of the validation, in the units of y."""
        decode = self._decoder()
        assert self.scoring is not None
        score = scorer_for(self.scoring, self.network_, decode)
        if decode is None:
            return score  # type: ignore[no-any-return]
        return lambda X, targets, weight: score(X, decode(targets), weight)

    # ------------------------------------------------------------- prediction

    def _encoded(self, X: Any) -> Any:
        """The encoded rows, after checks."""
        check_is_fitted(self)
        return self.encoder_.transform(X)

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
