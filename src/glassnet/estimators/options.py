"""The options of the two estimators, as scikit-learn wants them: stored as they are given, looked at in ``fit``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from glassnet.engines import ENGINE
from glassnet.estimators import architecture
from glassnet.estimators.bounds import Bounds
from glassnet.estimators.checks import ClassWeight
from glassnet.estimators.folds import CrossValidation
from glassnet.estimators.kinds import Kinds
from glassnet.estimators.learners import LEARNERS
from glassnet.estimators.presets import PRESETS
from glassnet.estimators.settings import NOT_SETTINGS
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Spelled
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.schedules import Schedule
from glassnet.layers import Layer
from glassnet.layers.dense import PARAMETRIZATION, START
from glassnet.layers.embedding import COUNT, SPREAD
from glassnet.options import LABEL_SMOOTHING, PRECISION, VERBOSE, Chance, Choice, Flag, Jobs, Maybe, Number, Rule, Whole
from glassnet.tables.encoder import MAX_ONE_HOT, SCALING
from glassnet.training import Scoring
from glassnet.training import trainer as training

__all__ = ["HiddenLayers", "Options", "given_options"]

OF_TRAINING = (
    *("optimizer", "learning_rate", "schedule", "weight_decay", "batch_size", "epochs", "early_stopping", "patience"),
    *("validation_fraction", "scoring", "dropout_schedule", "decay_schedule", "callbacks"),
)

RULES: dict[str, Rule] = {name: Maybe(training.RULES[name]) for name in OF_TRAINING} | {
    "hidden_layers": Maybe(architecture.HiddenLayers()),
    "activation": Maybe(Spelled(ACTIVATIONS)),
    "dropout": Maybe(Number("[0, 1)", "Common values are 0.1 to 0.5")),
    "loss": Maybe(Spelled(LOSSES)),
    "cv": Maybe(CrossValidation()),
    "class_weight": Maybe(ClassWeight()),
    "members": Maybe(Whole("Common values are 1 to 20")),
    "shared_members": Maybe(Whole("Common values are 8 to 32")),
    "label_smoothing": Maybe(LABEL_SMOOTHING),
    "calibration": Maybe(Choice("none", "temperature")),
    "scaling": Maybe(SCALING),
    "max_one_hot": Maybe(MAX_ONE_HOT),
    "category_embedding": Maybe(Whole("Common values are 4 to 16")),
    "numeric_embedding": Maybe(Choice("none", *architecture.EMBEDDINGS)),
    "spread": Maybe(SPREAD),
    "frequencies": Maybe(COUNT),
    "numeric_size": Maybe(COUNT),
    "input_scale": Maybe(Flag()),
    "parametric": Maybe(Flag()),
    "parametrization": Maybe(PARAMETRIZATION),
    "start": Maybe(START),
    "rates": Maybe(architecture.Rates()),
    "clamp": Maybe(Flag()),
    "bounds": Maybe(Bounds()),
    "preset": Choice("auto", *PRESETS),
    "engine": ENGINE,
    "dtype": Maybe(PRECISION),
    "warm_start": Flag(),
    "verbose": VERBOSE,
    "n_jobs": Maybe(Jobs()),
    "random_state": Chance(high=2**64 - 1),
}
RULES |= {"kinds": Maybe(Kinds(RULES | {"learner": Choice(*LEARNERS)}))}
"""What each option may be. None leaves it to the preset."""

HiddenLayers = int | Sequence[int | str | Layer]


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options in their plain form; None where one is left to the preset.

    Raises
    ------
    InputError, InputTypeError
        If one is none.
    """
    return {name: RULES[name].taken(f"`{name}`", value) for name, value in options.items()}


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
        cv: int | Any | None = None,
        scoring: Scoring | None = None,
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
        clamp: bool | None = None,
        bounds: Sequence[float | None] | None = None,
        preset: str = "auto",
        engine: str = "compiled",
        dtype: str | None = None,
        callbacks: Sequence[object] | None = None,
        warm_start: bool = False,
        verbose: bool | int = False,
        n_jobs: int | None = None,
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
        self.cv = cv
        self.scoring = scoring
        self.members = members
        self.kinds = kinds
        self.shared_members = shared_members
        self.label_smoothing = label_smoothing
        self.calibration = calibration
        self.scaling = scaling
        self.max_one_hot = max_one_hot
        self.category_embedding = category_embedding
        self.numeric_embedding = numeric_embedding
        self.spread = spread
        self.frequencies = frequencies
        self.numeric_size = numeric_size
        self.input_scale = input_scale
        self.parametric = parametric
        self.parametrization = parametrization
        self.start = start
        self.rates = rates
        self.dropout_schedule = dropout_schedule
        self.decay_schedule = decay_schedule
        self.clamp = clamp
        self.bounds = bounds
        self.preset = preset
        self.engine = engine
        self.dtype = dtype
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _given(self) -> dict[str, Any]:
        return given_options(self.get_params(deep=False))

    def __sklearn_clone__(self) -> Any:
        try:
            return super().__sklearn_clone__()
        except Exception:  # what has no copy, such as a generator, is mostly no option: the rules say so more clearly
            self._given()
            raise

    @property
    def setting_names(self) -> list[str]:
        """The options that are in ``settings_`` after ``fit``."""
        return [name for name in self.get_params(deep=False) if name not in NOT_SETTINGS]

    @classmethod
    @cache
    def _get_param_names(cls) -> Any:
        """scikit-learn reads them from the signature each time that it is asked, which is often in a fit."""
        return super()._get_param_names()
