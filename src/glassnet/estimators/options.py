"""The options of the two estimators, as scikit-learn wants them: stored as they are given, looked at in ``fit``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator

from glassnet.estimators.settings import NOT_SETTINGS
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.optimizers import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers import Layer
from glassnet.training import Scoring

__all__ = ["HiddenLayers", "Options"]

HiddenLayers = int | Sequence[int | str | Layer]


class Options(BaseEstimator):
    """The options that both estimators have; None leaves one to the preset."""

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
