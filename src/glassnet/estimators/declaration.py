"""The options of the two estimators, declared once: name, type, words, check, default.

Signatures, docstrings, ``get_params``, the checks of a fit and the options of the command line are made of this. The
command line reads it as text (:mod:`glassnet.apps.estimator_options`), so the words stand here as plain strings.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

import numpy as np

from glassnet.engines import ENGINE
from glassnet.estimators import architecture
from glassnet.estimators.architecture import Monotone
from glassnet.estimators.checks import ClassWeight
from glassnet.estimators.class_targets import HALF, OneClass
from glassnet.estimators.decision_threshold import Costs, DecisionThreshold
from glassnet.estimators.ensemble import SettingsOfKinds
from glassnet.estimators.folds import CrossValidation
from glassnet.estimators.number_targets import Bounds
from glassnet.estimators.predict_limit import PredictLimitRule
from glassnet.estimators.presets import PRESETS
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.formula import Registry, Spelled
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.schedules import Course, Schedule
from glassnet.layers import Layer
from glassnet.layers.dense import PARAMETRIZATION, START
from glassnet.layers.numeric_embedding import COUNT, SPREAD
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import (
    LABEL_SMOOTHING,
    NETWORK_PRECISION,
    VERBOSE,
    Choice,
    Flag,
    Integer,
    Jobs,
    Number,
    Optional,
    RandomState,
    Rule,
)
from glassnet.tables.encoder import FREE_TEXT, MAX_ONE_HOT, NUMBER_LEVELS, SCALING
from glassnet.training import Scoring
from glassnet.training.trainer import RULES as TRAINING

HiddenLayers = int | Sequence[int | str | Layer]
Kind = TypeVar("Kind", bound="type[Declared]")


def option(
    kind: str,
    rule: Rule,
    words: str,
    default: Any = None,
    *,
    setting: bool = True,
    continued: Literal["kept", "same"] | None = None,
    per_member: bool = False,
    for_batches: bool = False,
    for_stopping: bool = False,
    typed: str | None = "",
) -> Any:
    """Declare an option with all that other places need to know of it.

    Parameters
    ----------
    kind : str
        The type of its values, in words.
    rule : Rule
    words : str
        Its description.
    default : object
        None leaves it to the preset.
    setting : bool
        Whether it is in ``settings_``, with the value of the preset unless given.
    continued : {"kept", "same"}, optional
        In continued training: "kept" takes the previous value unless another is given; "same" also refuses another.
    per_member : bool
        Whether members of an ensemble may differ in it; see `kinds`.
    for_batches : bool
        Whether it has no meaning for L-BFGS, which uses the whole table in each step.
    for_stopping : bool
        Whether giving it asks for early stopping.
    typed : str or None
        What the command line adds to the description: how its value is spelled there; None: it has no such option.
    """
    facts: dict[str, Any] = {"kind": kind, "rule": rule if default is not None else Optional(rule), "words": words}
    facts |= {"setting": setting, "kept": continued is not None, "same": continued == "same", "typed": typed}
    facts |= {"per_member": per_member, "for_batches": for_batches, "for_stopping": for_stopping}
    return field(default=default, metadata=facts)


def network_option(kind: str, rule: Rule, words: str, typed: str = "") -> Any:
    """Declare an option that decides the layers of a network."""
    return option(kind, rule, words, continued="kept", per_member=True, typed=typed)


def step_option(kind: str, rule: Rule, words: str) -> Any:
    """Declare an option of steps on batches, which may change in continued training."""
    return option(kind, rule, words, per_member=True, for_batches=True)


@dataclass(kw_only=True, eq=False, repr=False)
class Declared:
    """Options of both estimators."""

    hidden_layers: HiddenLayers | None = network_option(
        "int or sequence of int, str or Layer",
        architecture.HiddenLayersRule(),
        'Hidden layers in order: 64 (units), "gelu:32" (with its own activation), "dropout:0.2", "batch_norm", '
        '"layer_norm", or a layer. An empty sequence gives logistic regression.',
        typed='Separated by commas: 256,dropout:0.2,gelu:64; "none" for no hidden layers.',
    )
    activation: str | Activation | None = network_option(
        "str or Activation", Spelled(ACTIVATIONS), "The activation of hidden layers without their own."
    )
    dropout: float | None = network_option(
        "float in [0, 1)",
        Number("[0, 1)", "Common values are 0.1 to 0.5"),
        "The dropout rate after each dense hidden layer.",
    )
    loss: str | Loss | None = None  # each estimator has its own words for it
    optimizer: str | Optimizer | None = option(
        "str or Optimizer",
        TRAINING["optimizer"],
        '"adamw", "adam", "sgd", ..., or your own update rule; "lbfgs" uses the whole table in each step and has no '
        "learning rate, schedule, weight decay or batches.",
    )
    learning_rate: float | None = step_option(
        "float", TRAINING["learning_rate"], "The peak learning rate; common values are 1e-4 to 1e-1."
    )
    schedule: str | Schedule | Course | None = step_option(
        "str, Schedule or callable",
        TRAINING["schedule"],
        'How the learning rate changes over the epochs: "cosine", "one_cycle", "constant", "cosine(warmup=0.1)", ...',
    )
    weight_decay: float | None = step_option(
        "float", TRAINING["weight_decay"], "Decoupled weight decay, applied to weights only."
    )
    batch_size: int | None = step_option("int", TRAINING["batch_size"], "Batch size: rows per training step.")
    epochs: int | None = option(
        "int", TRAINING["epochs"], "The maximum number of passes over the training rows.", per_member=True
    )
    early_stopping: bool | None = option(
        "bool",
        TRAINING["early_stopping"],
        "Hold out `validation_fraction` of the rows (stratified by class), keep the weights of the best epoch and "
        "stop after `patience` epochs without improvement. None: on for large tables, and if `patience`, "
        "`validation_fraction`, `cv`, `scoring` or `refits` is given.",
    )
    patience: int | None = option(
        "int",
        TRAINING["patience"],
        "Number of epochs without improvement after which training stops.",
        per_member=True,
        for_stopping=True,
    )
    validation_fraction: float | None = option(
        "float in (0, 1)",
        TRAINING["validation_fraction"],
        "Fraction of the training rows to hold out for validation.",
        for_stopping=True,
    )
    cv: int | Any | None = option(
        "int, splitter of scikit-learn, or iterable of (training, validation) row numbers",
        CrossValidation(),
        "The number of validation folds, instead of `validation_fraction`: members take the folds in turn. "
        "Without `members`, there are as many as the preset has, rounded up so that every fold has the same "
        "number.",
        for_stopping=True,
    )
    scoring: Scoring | None = option(
        "str or callable",
        TRAINING["scoring"],
        'The score that selects the best epoch: a scikit-learn scorer such as "roc_auc"; None: the loss.',
        for_stopping=True,
    )
    members: int | None = option(
        "int",
        Integer("Common values are 1 to 20"),
        "Number of networks whose predictions are averaged.",
        continued="kept",
    )
    refits: int | None = option(
        "int",
        Integer("With 0, every member has held-out rows", low=0),
        "How many of the last members are trained on all rows; the other members of their kind train first, with "
        "held-out rows, and the mean of their best epochs is the number of epochs.",
        continued="kept",
    )
    predict_limit: str | None = option(
        "str",
        PredictLimitRule(),
        'Limit on the time of predictions: for a single row ("50us", "2ms"), or in rows per second for many rows '
        '("20000/s"). Before training, untrained networks are timed, and as many members are trained as keep the '
        "limit, at most `members`. This number depends on the machine; to get the same model elsewhere, give it as "
        "`members`.",
        continued="same",
    )
    kinds: Sequence[Mapping[str, Any]] | None = option(
        "sequence of dict",
        SettingsOfKinds(lambda name: RULES[name], lambda: options_that_are("per_member")),
        "Settings that members use in turn, one dict for each kind. Kinds that score better on held-out rows get more "
        "weight. With an empty sequence, members differ only in seed and rows.",
        continued="kept",
        typed='As JSON: [{"spread": 0.1}, {"spread": 2}].',
    )
    shared_members: int | None = option(
        "int",
        Integer("Common values are 8 to 32"),
        "Number of members inside each network, which share most weights and are averaged, too; 1: a plain network.",
        continued="kept",
    )
    label_smoothing: float | None = option(
        "float in [0, 1)",
        LABEL_SMOOTHING,
        "Amount of label smoothing: often improves accuracy, but distorts probabilities.",
        continued="kept",
    )
    calibration: str | None = option(
        '{"none", "temperature"}',
        Choice("none", "temperature"),
        "Calibrate probabilities by temperature scaling, fitted on the held-out rows.",
    )
    scaling: str | None = option(
        '{"standard", "robust", "none"}',
        SCALING,
        "How to scale numbers: by mean and standard deviation, or by median and quartiles with soft clipping.",
        continued="same",
    )
    max_one_hot: int | None = option(
        "int",
        MAX_ONE_HOT,
        "Categorical columns with more levels are embedded instead of one-hot encoded.",
        continued="same",
    )
    free_text: str | Sequence[str] | None = option(
        '"auto", "none" or sequence of str',
        FREE_TEXT,
        "Names of the columns that are free text, whose words the network learns from. "
        '"auto": those whose cells hardly repeat and have several words; "none": each text is a category.',
        continued="same",
        typed="Column names are separated by commas.",
    )
    number_levels: str | Sequence[str] | None = option(
        '"auto", "none" or sequence of str',
        NUMBER_LEVELS,
        "Names of the columns of numbers that are names, too, such as days: each value is also a level, with an "
        "embedding. "
        '"auto": those in which rows of one value are more alike than rows of the values next to it; only for rows in '
        "memory, without `groups` or `times`.",
        continued="same",
        typed="Column names are separated by commas.",
    )
    category_embedding: int | None = option(
        "int",
        Integer("Common values are 4 to 16"),
        "Embedding size of categories.",
        continued="kept",
    )
    numeric_embedding: str | None = network_option(
        '{"none", "periodic", "periodic_relu", "piecewise_linear", "piecewise_linear_tree"}',
        Choice("none", *architecture.EMBEDDINGS),
        "How to embed numbers before the first layer.",
    )
    spread: float | None = network_option(
        "float in (0, inf)",
        SPREAD,
        "Initial standard deviation of the frequencies of a periodic embedding: larger values resolve finer detail; "
        "common values are 0.03 to 5.",
    )
    frequencies: int | None = network_option("int", COUNT, "Number of frequencies of a periodic embedding.")
    numeric_size: int | None = network_option("int", COUNT, "Embedding size of numbers.")
    input_scale: bool | None = network_option("bool", Flag(), "Multiply each input by a learned factor first.")
    parametric: bool | None = network_option("bool", Flag(), "Let each unit learn how much of its activation it uses.")
    parametrization: str | None = network_option(
        '{"standard", "ntk"}',
        PARAMETRIZATION,
        '"ntk": weights have variance 1, and each sum is divided by the square root of the number of inputs.',
    )
    start: str | None = network_option(
        '{"random", "data"}', START, '"data": initial weights and biases are fitted to the training rows.'
    )
    rates: Mapping[str, float] | None = network_option(
        "dict of str to float",
        architecture.LearningRates(),
        'Learning rate factors of parts of the network: "bias", "scale", "activation", "embedding", "text".',
        typed="Format: bias=0.1,scale=6.",
    )
    dropout_schedule: str | Schedule | Course | None = step_option(
        "str, Schedule or callable",
        TRAINING["dropout_schedule"],
        "How dropout changes over the epochs, as `schedule` does for the learning rate.",
    )
    decay_schedule: str | Schedule | Course | None = step_option(
        "str, Schedule or callable",
        TRAINING["decay_schedule"],
        "How weight decay changes over the epochs, as `schedule` does for the learning rate.",
    )
    monotone: Mapping[str, int] | Sequence[int] | None = option(
        "dict of str to int, or sequence of int",
        Monotone(),
        "Monotonic constraint of each column: 1 (the prediction never falls as the column rises), -1 (it never rises) "
        "or 0 (none). The prediction is the number, or the probability of the second of two classes. Holds for every "
        "row, because the signs of the weights are constrained. Columns must be numeric or ordered categories.",
        continued="same",
        typed="Format: age=1,price=-1.",
    )
    preset: str = option(
        '{"auto", "bagged", "best", "fast", "mlp", "realmlp", "tabm"}',
        Choice("auto", *PRESETS),
        'The preset that sets the defaults; "auto" chooses one that suits the table, and `settings_` has the result.',
        default="auto",
        continued="kept",
    )
    engine: str = option(
        '{"compiled", "reference"}',
        ENGINE,
        "The engine: compiled native code, or NumPy code that reads like a textbook. Both give the same results up to "
        "rounding.",
        default="compiled",
    )
    dtype: str | None = option(
        '{"float32", "float64", "bfloat16"}',
        NETWORK_PRECISION,
        'Floating-point precision of the network; "bfloat16": float32, with rounded operands of large products.',
        continued="kept",
    )
    callbacks: Sequence[object] | None = option(
        "sequence of objects",
        TRAINING["callbacks"],
        "See :class:`glassnet.training.Callback`.",
        setting=False,
        typed=None,  # objects have no spelling
    )
    warm_start: bool = option(  # every command starts afresh
        "bool", Flag(), "Continue from the weights of the previous ``fit``.", default=False, setting=False, typed=None
    )
    grow: bool = option(  # of partial_fit, which no command calls
        "bool",
        Flag(),
        "Whether ``partial_fit`` takes classes and levels of categories that earlier rows did not have, with weights "
        "of their own.",
        default=False,
        setting=False,
        typed=None,
    )
    verbose: bool | int = option(  # typed as --quiet
        "bool", VERBOSE, "Show a progress bar if the output is a terminal.", default=False, setting=False, typed=None
    )
    n_jobs: int | None = option(
        "int or None",
        Jobs(),
        "Number of processors to use for predictions; None and -1: all. The results do not depend on it.",
        setting=False,
        typed=None,  # `predict` has --jobs
    )
    random_state: int | np.random.RandomState | None = option(
        "int, RandomState or None",
        RandomState(high=2**64 - 1),
        "Seed of the split, the initial weights, the order of the rows and the dropout masks.",
        setting=False,
        typed="Default: 0, so that results are reproducible.",
    )


@methods_suggest_options
@dataclass(kw_only=True, eq=False, repr=False)
class ClassifierOptions(Declared):
    """Additional options of the classifier."""

    loss: str | Loss | None = option(
        "str or Loss",
        Spelled(LOSSES),
        '"binary_cross_entropy", "cross_entropy", "cross_entropy(label_smoothing=0.1)", "focal", "hinge", or your own '
        "loss. None: binary_cross_entropy for two classes and for multilabel targets, otherwise cross_entropy.",
        continued="kept",
    )
    class_weight: dict[Any, float] | str | None = option(
        'dict of class to float, "balanced" or None',
        ClassWeight(),
        'Class weights; "balanced" gives all classes the same total weight, however rare.',
        setting=False,
        typed="Format: balanced, or yes=2,no=1.",
    )
    positive: Any = option(
        "str, int, float or bool",
        OneClass(),
        "The positive class of two, to which precision, recall, curves and the threshold refer. None: the clearly "
        "rarer class (the other has at least twice as many rows), else the one whose name means yes (yes, true, 1, ja, "
        "oui, 是, ...), else the second.",
        setting=False,
    )
    decision_threshold: float | str | Callable[..., float] = option(
        "float from 0 to 1, str or callable",
        DecisionThreshold(),
        "Decision threshold for two classes: the positive class is predicted from this probability on. Or the score of "
        'predicted classes that chooses it, a scikit-learn scorer such as "f1" or "balanced_accuracy": the threshold '
        "with the best score on predictions for held-out rows. This turns on early stopping.",
        default=HALF,
        setting=False,
    )
    costs: Mapping[tuple[Any, Any], float] | None = option(
        "dict of (true class, predicted class) to float",
        Costs(),
        "Costs of errors; those that are not named cost 1. The class with the lowest expected cost is predicted; for "
        "two classes, that is a decision threshold.",
        setting=False,
        typed="Format: yes:no=5,no:yes=1, the true class first.",
    )


@methods_suggest_options
@dataclass(kw_only=True, eq=False, repr=False)
class RegressorOptions(Declared):
    """Additional options of the regressor."""

    loss: str | Loss | None = option(
        "str or Loss",
        Spelled(LOSSES),
        '"mse" (the mean), "mae" (the median), "huber", "log_cosh", "poisson" (counts), "quantile(levels=(0.1, 0.5, '
        '0.9))", "gaussian_nll" (mean and standard deviation), or your own loss. None: "mse". The width of "huber" is '
        "in standard deviations of the target.",
        continued="kept",
    )
    clamp: bool | None = option(
        "bool", Flag(), "Clip predictions to the range of the training targets.", continued="same"
    )
    bounds: Sequence[float | None] | None = option(
        "(float or None, float or None)",
        Bounds(),
        "Lower and upper bound of predictions, including quantiles and intervals; None: unbounded on that side. "
        "Training targets must be within the bounds.",
        continued="same",
        typed="Format: 0,100, or 0, for no upper bound; use = before a minus sign: --bounds=-1,1.",
    )


OPTIONS = {each.name: each for owner in (ClassifierOptions, RegressorOptions) for each in fields(owner)}
"""The options of both estimators by name; those that only one has come last."""
RULES: dict[str, Rule] = {name: each.metadata["rule"] for name, each in OPTIONS.items()}
"""The rule of each option."""
REGISTRIES: dict[str, Registry[Any]] = {
    name: rule.registry
    for name, rule in ((name, getattr(rule, "rule", rule)) for name, rule in RULES.items())
    if isinstance(rule, Spelled)
}
"""The registry of formulas of each option whose value is a formula or its name."""


def options_that_are(fact: str) -> tuple[str, ...]:
    """Return the options of which a fact holds, one of "setting", "kept", "same", "per_member", "for_batches" and
    "for_stopping"; see :func:`option`.

    Examples
    --------
    >>> options_that_are("for_stopping")
    ('patience', 'validation_fraction', 'cv', 'scoring')
    """
    return tuple(name for name, each in OPTIONS.items() if each.metadata[fact])


def documented(estimator: Kind) -> Kind:
    """Put the section "Parameters" into the docstring of an estimator, as its options are declared."""
    if estimator.__doc__ is not None:  # which python -OO leaves out
        within = textwrap.TextWrapper(116, initial_indent="    ", subsequent_indent="    ")
        described = ((option.name, option.metadata["kind"], option.metadata["words"]) for option in fields(estimator))
        entries = [f"{name} : {kind}\n{within.fill(words)}" for name, kind, words in described]
        before, heading, after = inspect.cleandoc(estimator.__doc__).partition("Attributes\n----------\n")
        estimator.__doc__ = "\n".join([f"{before}Parameters\n----------", *entries, "", f"{heading}{after}"])
    return estimator


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options in their plain form; None where one is left to the preset.

    Raises
    ------
    InputError, InputTypeError
        If one is none.
    """
    return {name: RULES[name].taken(f"`{name}`", value) for name, value in options.items()}
