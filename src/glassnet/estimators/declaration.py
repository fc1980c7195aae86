"""The options of the two estimators, declared once: name, type, words, check, default.

Signatures, docstrings, ``get_params``, the checks of a fit and the options of the command line are made of this. The
command line reads it as text (:mod:`glassnet.apps.signature`), so the words stand here as plain strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from glassnet.engines import ENGINE
from glassnet.estimators import architecture
from glassnet.estimators.bounds import Bounds
from glassnet.estimators.checks import ClassWeight
from glassnet.estimators.folds import CrossValidation
from glassnet.estimators.kinds import SettingsOfKinds
from glassnet.estimators.learners import LEARNERS
from glassnet.estimators.monotone import Monotone
from glassnet.estimators.presets import PRESETS
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
from glassnet.training.trainer import RULES as TRAINING

HiddenLayers = int | Sequence[int | str | Layer]


def option(kind: str, rule: Rule, words: str, default: Any = None) -> Any:
    """Declare an option, with what its values are called, what they may be, and words; None leaves it to the preset."""
    checked = Maybe(rule) if default is None else rule
    return field(default=default, metadata={"kind": kind, "rule": checked, "words": words})


@dataclass(kw_only=True, eq=False, repr=False)
class Declared:
    """What both estimators have."""

    hidden_layers: HiddenLayers | None = option(
        "int or sequence of int, str or Layer",
        architecture.HiddenLayers(),
        'From the first to the last: 64 (units), "gelu:32" (with an activation of its own), "dropout:0.2", '
        '"batch_norm", "layer_norm", or a layer. An empty sequence: logistic regression.',
    )
    activation: str | Activation | None = option(
        "str or Activation", Spelled(ACTIVATIONS), "The activation of hidden layers that do not name one."
    )
    dropout: float | None = option(
        "float in [0, 1)",
        Number("[0, 1)", "Common values are 0.1 to 0.5"),
        "The dropout rate after each dense hidden layer.",
    )
    loss: str | Loss | None = None  # each estimator has its own words for it
    optimizer: str | Optimizer | None = option(
        "str or Optimizer",
        TRAINING["optimizer"],
        '"adamw", "adam", "sgd", ..., or a rule of your own; "lbfgs" takes the whole table at once and has no rate, '
        "schedule, decay and batches.",
    )
    learning_rate: float | None = option(
        "float", TRAINING["learning_rate"], "The learning rate at its highest; common values are 1e-4 to 1e-1."
    )
    schedule: str | Schedule | None = option(
        "str or Schedule",
        TRAINING["schedule"],
        'How the learning rate changes over the epochs: "cosine", "one_cycle", "constant", "cosine(warmup=0.1)", ...',
    )
    weight_decay: float | None = option("float", TRAINING["weight_decay"], "Decoupled weight decay, on weights only.")
    batch_size: int | None = option("int", TRAINING["batch_size"], "Rows per training step.")
    epochs: int | None = option("int", TRAINING["epochs"], "The maximum number of passes over the training rows.")
    early_stopping: bool | None = option(
        "bool",
        TRAINING["early_stopping"],
        "Holds out `validation_fraction` of the rows (stratified by class), keeps the weights of the best epoch and "
        "stops after `patience` epochs without improvement. None: for large tables, and wherever `patience`, "
        "`validation_fraction`, `cv`, `scoring` or `refits` is given.",
    )
    patience: int | None = option(
        "int", TRAINING["patience"], "Epochs without improvement after which training stops early."
    )
    validation_fraction: float | None = option(
        "float in (0, 1)",
        TRAINING["validation_fraction"],
        "The share of the training rows that is held out for validation.",
    )
    cv: int | Any | None = option(
        "int, splitter of scikit-learn, or iterable of (training, validation) row numbers",
        CrossValidation(),
        "The number of validation folds, instead of `validation_fraction`: members take the folds in turn. "
        "If `members` is left out, there are as many as the preset has, rounded up so that every fold has the same "
        "number.",
    )
    scoring: Scoring | None = option(
        "str or callable",
        TRAINING["scoring"],
        'What decides which epoch is best: a scikit-learn scorer such as "roc_auc"; None: the loss.',
    )
    members: int | None = option(
        "int", Whole("Common values are 1 to 20"), "How many networks are trained and averaged."
    )
    refits: int | None = option(
        "int",
        Whole("0 holds rows back from every member", low=0),
        "How many of the members, the last ones, learn from all rows, for as many epochs as were best on average for "
        "the others of their kind, which hold rows out and train first.",
    )
    kinds: Sequence[Mapping[str, Any]] | None = option(
        "sequence of dict",
        SettingsOfKinds(lambda name: RULES[name]),
        "Settings that members take in turn, those of one kind in a dict. Kinds that do better on held-out rows count "
        "more. An empty sequence: members differ in seed and rows alone. A kind need not be a plain network: with "
        '"learner" as "boosted_trees" it is trees trained by scikit-learn, with "retrieval" it predicts from the '
        "nearest training rows.",
    )
    shared_members: int | None = option(
        "int",
        Whole("Common values are 8 to 32"),
        "How many members each of these networks has, who share most of their weights and are averaged too; 1: one "
        "plain network.",
    )
    label_smoothing: float | None = option(
        "float in [0, 1)",
        LABEL_SMOOTHING,
        "The amount of label smoothing: often better classes, but distorted probabilities.",
    )
    calibration: str | None = option(
        '{"none", "temperature"}',
        Choice("none", "temperature"),
        "Whether probabilities are calibrated by temperature scaling, fitted on the held-out rows.",
    )
    scaling: str | None = option(
        '{"standard", "robust", "none"}',
        SCALING,
        "How numbers are scaled: by mean and standard deviation, or by median and quartiles with a soft limit.",
    )
    max_one_hot: int | None = option(
        "int", MAX_ONE_HOT, "A category with more levels is embedded instead of one-hot encoded."
    )
    category_embedding: int | None = option(
        "int", Whole("Common values are 4 to 16"), "The size of the embedding of a category."
    )
    numeric_embedding: str | None = option(
        '{"none", "periodic", "periodic_relu", "piecewise_linear", "piecewise_linear_tree"}',
        Choice("none", *architecture.EMBEDDINGS),
        "How each number is embedded before the first layer.",
    )
    spread: float | None = option(
        "float in (0, inf)",
        SPREAD,
        "The initial standard deviation of the frequencies of a periodic embedding: the larger, the finer the detail "
        "that it resolves; common values are 0.03 to 5.",
    )
    frequencies: int | None = option("int", COUNT, "The number of frequencies of a periodic embedding.")
    numeric_size: int | None = option("int", COUNT, "The size of the embedding of a number.")
    input_scale: bool | None = option("bool", Flag(), "Whether each input is first multiplied by a learned factor.")
    parametric: bool | None = option("bool", Flag(), "Whether each unit learns how much of its activation it uses.")
    parametrization: str | None = option(
        '{"standard", "ntk"}',
        PARAMETRIZATION,
        '"ntk": weights of variance 1, the sums divided by the root of their number.',
    )
    start: str | None = option(
        '{"random", "data"}', START, '"data": initial weights and biases are fitted to the training rows.'
    )
    rates: Mapping[str, float] | None = option(
        "dict of str to float",
        architecture.Rates(),
        'Factors of the learning rate of parts: "bias", "scale", "activation", "embedding".',
    )
    dropout_schedule: str | Schedule | None = option(
        "str or Schedule",
        TRAINING["dropout_schedule"],
        "How dropout changes over the epochs, as `schedule` does for the learning rate.",
    )
    decay_schedule: str | Schedule | None = option(
        "str or Schedule",
        TRAINING["decay_schedule"],
        "How weight decay changes over the epochs, as `schedule` does for the learning rate.",
    )
    monotone: Mapping[str, int] | Sequence[int] | None = option(
        "dict of str to int, or sequence of int",
        Monotone(),
        "For each column 1, -1 or 0: as a column of 1 rises, the prediction never falls, as one of -1 does, it never "
        "rises. Here the prediction is the number, or the probability of the second of two classes. Guaranteed by the "
        "signs of weights, on every row. Columns must be numbers, or categories that have an order.",
    )
    preset: str = option(
        '{"auto", "bagged", "best", "fast", "mixed", "mlp", "realmlp", "retrieval", "tabm"}',
        Choice("auto", *PRESETS),
        'The defaults to start from; "auto" chooses by the table, and `settings_` says what.',
        default="auto",
    )
    engine: str = option(
        '{"compiled", "reference"}',
        ENGINE,
        "The engine: native code, or NumPy that reads like the textbook. Both give the same numbers, up to rounding.",
        default="compiled",
    )
    dtype: str | None = option('{"float32", "float64"}', PRECISION, "The precision of every number in the network.")
    callbacks: Sequence[object] | None = option(
        "sequence of objects", TRAINING["callbacks"], "See :class:`glassnet.training.Callback`."
    )
    warm_start: bool = option(
        "bool", Flag(), "Whether another ``fit`` continues from the weights of the last one.", default=False
    )
    verbose: bool | int = option("bool", VERBOSE, "Shows a progress bar if the terminal can.", default=False)
    n_jobs: int | None = option(
        "int or None",
        Jobs(),
        "How many processors a prediction may use; None and -1: all of them. The results are the same to the last bit.",
    )
    random_state: int | np.random.RandomState | None = option(
        "int, RandomState or None",
        Chance(high=2**64 - 1),
        "Decides the split, the initial weights, the order of the rows and the dropout masks.",
    )


@dataclass(kw_only=True, eq=False, repr=False)
class ClassifierOptions(Declared):
    """What the classifier has beside."""

    loss: str | Loss | None = option(
        "str or Loss",
        Spelled(LOSSES),
        "None: binary_cross_entropy for two classes and for several yes-or-no targets, cross_entropy for more. Also "
        'focal, hinge, "cross_entropy(label_smoothing=0.1)", or a loss of your own.',
    )
    class_weight: dict[Any, float] | str | None = option(
        'dict of class to float, "balanced" or None',
        ClassWeight(),
        'Weights of the classes; "balanced": all classes count alike, however rare.',
    )


@dataclass(kw_only=True, eq=False, repr=False)
class RegressorOptions(Declared):
    """What the regressor has beside."""

    loss: str | Loss | None = option(
        "str or Loss",
        Spelled(LOSSES),
        'None: "mse", the mean. "mae" (the median), "huber", "log_cosh", "poisson" (counts), "quantile(levels=(0.1, '
        '0.5, 0.9))", "gaussian_nll" (mean and deviation), or a loss of your own. The width of "huber" is in standard '
        "deviations of the target.",
    )
    clamp: bool | None = option(
        "bool", Flag(), "Whether predictions stay between the smallest and the largest target of training."
    )
    bounds: Sequence[float | None] | None = option(
        "(float or None, float or None)",
        Bounds(),
        "The smallest and the largest number that a prediction may be, quantiles and intervals included; None: no "
        "bound on that side. The training targets must be within them.",
    )


RULES: dict[str, Rule] = {"learner": Choice(*LEARNERS)}
"""What each option may be, and the learner of a kind of members."""
for owner in (ClassifierOptions, RegressorOptions):
    RULES |= {each.name: each.metadata["rule"] for each in fields(owner)}
