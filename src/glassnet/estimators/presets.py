"""Presets: the defaults of an estimator, as readable dictionaries.

A preset is only defaults: any option given to the estimator overrides its entry. An entry may be a function of the
table; what came out of it is in the fitted estimator's ``settings_``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from glassnet.support.options import Choice

__all__ = ["PRESETS", "TableSize", "choose_preset", "resolve"]


# ----------------------------------------------------------- single networks


@dataclass(frozen=True)
class TableSize:
    """The properties of a table that a preset may depend on."""

    rows: int  # training rows, before any are held back
    columns: int  # columns of the table, before encoding
    numbers: bool = False  # whether numbers are to be predicted, and not classes
    squares: bool = True  # whether the loss of numbers is a multiple of the squared error
    monotone: bool = False  # whether answers are to rise or fall with some columns
    epochs: int | None = None  # as given; None: as the preset says
    text_alone: bool = False  # whether there are columns of text and no others


# ---------------------------------------------------------------------- mlp

FREE_TEXT = "auto"
"""Which columns are text, in every preset."""
SMALL = 2000
"""Below so many rows one hidden layer is enough, and a tenth of the rows too few to judge an epoch by."""


def hidden_layers(size: TableSize) -> tuple[int, ...]:
    """Two layers, or one for a small table."""
    return (128,) if size.rows < SMALL else (256, 128)


def epochs(size: TableSize) -> int:
    """The number of epochs: with early stopping a maximum; for small tables without it, some 500 steps or 40 epochs."""
    if size.rows >= SMALL:
        return 60
    return min(400, max(40, 30_000 // size.rows))


def batch_size(size: TableSize) -> int:
    """About 200 steps an epoch, in batches of 64 to 256 rows."""
    return min(256, max(64, 2 ** round(size.rows / 200).bit_length()))


def dropout(size: TableSize) -> float:
    """More for a small table; none where it is one batch, so that the result follows from the table alone."""
    if size.rows <= 64:
        return 0.0
    return 0.25 if size.rows < SMALL else 0.1


def early_stopping(size: TableSize) -> bool:
    """Use early stopping if a tenth of the rows is enough for validation."""
    return size.rows >= SMALL


def dtype(size: TableSize) -> str:
    """Small tables are computed in double precision, which costs nothing there and repeats to more digits."""
    return "float64" if size.rows * size.columns <= 10_000 else "float32"


def start(size: TableSize) -> str:
    """Sums of weights of one sign are large, and most units on one side: the rows put that right."""
    return "data" if size.monotone else "random"


MLP: Mapping[str, Any] = MappingProxyType(
    {
        "scaling": "standard",
        "max_one_hot": 64,
        "free_text": FREE_TEXT,
        "number_levels": "none",
        "category_embedding": 8,
        "numeric_embedding": "none",
        "spread": 0.1,
        "frequencies": None,
        "numeric_size": None,
        "input_scale": False,
        "hidden_layers": hidden_layers,
        "activation": "relu",
        "parametric": False,
        "parametrization": "standard",
        "start": start,
        "rates": MappingProxyType({}),
        "dropout": dropout,
        "dropout_schedule": "constant",
        "optimizer": "adamw",
        "learning_rate": 0.002,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "decay_schedule": "constant",
        "label_smoothing": 0.0,
        "clamp": False,
        "batch_size": batch_size,
        "epochs": epochs,
        "early_stopping": early_stopping,
        "patience": 15,
        "validation_fraction": 0.1,
        "members": 1,
        "refits": 0,
        "kinds": (),
        "shared_members": 1,
        "calibration": "none",
        "dtype": dtype,
    }
)
"""A plain network: dense layers of relu, dropout, AdamW along a cosine; chosen on tables of 300 to 100,000 rows."""


# ------------------------------------------------------------------ realmlp


def bounded_activation(size: TableSize) -> str:
    """SELU for classes, Mish for numbers, as in the source; of monotone answers those that were best and never fall."""
    if size.monotone:
        return "selu" if size.numbers else "relu"
    return "mish" if size.numbers else "selu"


def high_rate(size: TableSize) -> float:
    """Weights of variance 1 (see `parametrization`) take a higher rate than usual.

    That of the source for numbers is for squares, whose gradient shrinks with the error; others' does not.
    """
    return 0.2 if size.numbers and size.squares else 0.04


REALMLP: Mapping[str, Any] = MappingProxyType(
    dict(MLP)
    | {
        "scaling": "robust",
        "max_one_hot": 8,
        "numeric_embedding": "periodic",
        "spread": 0.1,
        "input_scale": True,
        "hidden_layers": (256, 256, 256),
        "activation": bounded_activation,
        "parametric": True,
        "parametrization": "ntk",
        "start": "data",
        "rates": MappingProxyType({"bias": 0.1, "scale": 6.0, "activation": 0.1, "embedding": 0.1}),
        "dropout": 0.15,
        "dropout_schedule": "flat_cosine",
        "optimizer": "adamw(beta2=0.95)",
        "learning_rate": high_rate,
        "schedule": "coslog4",
        "weight_decay": 0.02,
        "decay_schedule": "flat_cosine",
        "label_smoothing": 0.0,
        "clamp": True,
        "batch_size": 256,
        "epochs": 256,
        "early_stopping": True,
        "patience": 256,
        "validation_fraction": 0.2,
        "calibration": "temperature",
        "dtype": "float32",
    }
)
"""RealMLP with its tuned defaults: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs
and Boosted Trees on Tabular Data*, table A.1. Variants: no label smoothing, for it makes probabilities worse, and the
probabilities are calibrated on the rows held back."""


# --------------------------------------------------------------------- tabm

TABM: Mapping[str, Any] = MappingProxyType(
    dict(MLP)
    | {
        "scaling": "robust",
        "max_one_hot": 8,
        "hidden_layers": (128, 128, 128),
        "dropout": 0.1,
        "learning_rate": 0.002,
        "schedule": "constant",
        "weight_decay": 3e-4,
        "clamp": True,
        "epochs": 100,
        "early_stopping": True,
        "patience": 16,
        "validation_fraction": 0.2,
        "shared_members": 16,
        "calibration": "temperature",
        "dtype": "float32",
    }
)
"""TabM: Gorishniy, Kotelnikov, Babenko (2025), *TabM: Advancing Tabular Deep Learning with Parameter-Efficient
Ensembling*; rate, decay, dropout and patience as its authors' package has them. One network of 16 members who share
their weights, much better than one without members. Variants, for a processor without a graphics card, where a member
takes as long as a network of its own: 16 members and not 32, layers of 128 and not 512, the same batches for all; small
batches for small tables, or there are too few steps; no embedding of numbers, which brought nothing on five tables."""


# ------------------------------------------------------------------- bagged

FEWEST_STEPS, MOST_STEPS = 200, 20_000
"""A member needs about so many steps at least, however small the table is, and no more than so many."""
MOST_EMBEDDED = 150
"""With more columns than this, waves of each would take longer than the rest of the network."""


def short_epochs(size: TableSize) -> int:
    """As given, or 32; more for a table so small that they would be too few steps, fewer for one so large that they
    are too many.

    Twice as many, where weights must keep their signs, which takes them longer.
    """
    steps = max(1, size.rows // 256)
    usual = max(4, min(max(32 * (1 + size.monotone), FEWEST_STEPS // steps), MOST_STEPS // steps))
    return size.epochs or usual


def short_patience(size: TableSize) -> int:
    """Three eighths of the epochs for classes: of 100 members none had a better epoch later.

    All of them for numbers and for small tables, where the last ones are the best of some.
    """
    epochs = short_epochs(size)
    return 2 * epochs if size.numbers or size.rows < SMALL else max(1, 3 * epochs // 8)


def learning_rate(size: TableSize) -> float:
    """Half of the source's rate for numbers, which leaves noise that so few epochs do not take out again."""
    return 0.1 if size.numbers and size.squares else high_rate(size)


def light_dropout(size: TableSize) -> float:
    """None for numbers, where members that are averaged have little to gain from it, unless rows are few."""
    return 0.0 if size.numbers and size.squares and size.rows >= SMALL else 0.15


def numeric_embedding(size: TableSize) -> str:
    """Waves, unless there are very many columns."""
    return "periodic" if size.columns <= MOST_EMBEDDED else "none"


MOST_FOR_TEN = 10_000
"""With more rows than this, ten members, or some that are trained for longer, take more time than they are worth."""
MOST_FOR_SHORT = 2500
"""With up to so many rows of numbers, twice the epochs bring nothing."""
MOST_FOR_TWO_KINDS = 5000
"""With more rows of classes than this, or fewer than `SMALL`, a kind that sees finer detail is worth its time."""


Kinds: TypeAlias = tuple[dict[str, Any], ...]
MORE_STEPS: Mapping[str, Any] = MappingProxyType({"batch_size": 128})
FINER: Mapping[str, Any] = MappingProxyType({"spread": 0.5})
"""Kinds with waves, for classes."""


def waves(size: TableSize) -> Kinds:
    """Kinds of members that see detail of a size or several, where these were better than as many alike.

    For numbers of a squared loss one sees fine detail and, of 2,500 to 10,000 rows, learns for longer, and the other
    does neither. For classes of up to 10,000 rows one takes twice the steps, and another one sees finer detail, except
    where it brings nothing; with more rows still there are three, of which one sees far finer detail.
    """
    if size.text_alone or numeric_embedding(size) == "none" or (size.numbers and not size.squares):
        return ()
    long = size.rows > MOST_FOR_TEN
    if size.numbers:
        fine: dict[str, Any] = {"spread": 2.0}
        if not long:
            fine |= {"numeric_size": 6}
            if size.rows > MOST_FOR_SHORT:
                fine |= {"epochs": 2 * short_epochs(size)}
        return fine, {"spread": 0.5}
    if long:
        return {}, {"spread": 0.5}, {"spread": 8.0}
    if SMALL <= size.rows <= MOST_FOR_TWO_KINDS:
        return (dict(MORE_STEPS),)
    return dict(MORE_STEPS), dict(FINER)


THRESHOLDS: Mapping[str, Any] = MappingProxyType(
    {"numeric_embedding": "piecewise_linear_tree", "batch_size": 128, "hidden_layers": (128, 128)}
)
"""A kind of members that sees thresholds, as trees do."""


def kinds(size: TableSize) -> Kinds:
    """The kinds with periodic embeddings, and for up to 10,000 rows of classes one with bins."""
    of_waves = waves(size)
    return (*of_waves, dict(THRESHOLDS)) if of_waves and not size.numbers and size.rows <= MOST_FOR_TEN else of_waves


def members(size: TableSize, of_kinds: Kinds) -> int:
    """Five of each kind, but two or three where rows are many; of one kind five, and ten of few rows with classes."""
    if not of_kinds:
        return 10 if size.rows < SMALL and not size.numbers else 5
    return 5 * len(of_kinds) if size.rows <= MOST_FOR_TEN else 6


def refits(size: TableSize, of_kinds: Kinds) -> int:
    """All but two of each kind, where two tell well enough how many epochs are best.

    Of few rows they do not, but for classes of several kinds; with more rows than for ten members it was not measured.
    """
    enough = SMALL if size.numbers or not of_kinds else 0
    return 3 * max(1, len(of_kinds)) if enough <= size.rows <= MOST_FOR_TEN else 0


def validation_fraction(size: TableSize) -> float:
    """A tenth, where that is rows enough to judge an epoch by: members then have more rows to learn from."""
    return 0.2 if size.rows < SMALL else 0.1


BAGGED: Mapping[str, Any] = MappingProxyType(
    dict(REALMLP)
    | {
        "number_levels": "auto",
        "hidden_layers": (128, 128, 128),
        "numeric_embedding": numeric_embedding,
        "learning_rate": learning_rate,
        "dropout": light_dropout,
        "epochs": short_epochs,
        "patience": short_patience,
        "validation_fraction": validation_fraction,
        "kinds": kinds,
        "members": lambda size: members(size, kinds(size)),
        "refits": lambda size: refits(size, kinds(size)),
    }
)
"""Some RealMLPs of half the width, trained for an eighth of the epochs, judged by parts of the rows, and
averaged: better than one of full size, in less time. Chosen on half of 22 tables, and kinds on half of 19 more, with
10,000 rows each."""

FAST: Mapping[str, Any] = MappingProxyType(
    dict(BAGGED) | {"hidden_layers": (96, 96, 96), "members": 4, "refits": lambda size: refits(size, ()), "kinds": ()}
)
"""Four, narrower and all alike: a third of the time, or half of it."""


# --------------------------------------------------------------------- best


def more_kinds(size: TableSize) -> Kinds:
    """Those of "bagged"; for classes of up to 10,000 rows five: one sees far finer detail, and one no waves."""
    usual = kinds(size)
    if size.numbers or size.rows > MOST_FOR_TEN or not usual:
        return usual
    others = {"spread": 8.0}, {"numeric_embedding": "none", "batch_size": 128}
    return dict(MORE_STEPS), dict(FINER), dict(THRESHOLDS), *others


def more_members(size: TableSize) -> int:
    """Three times as many as in "bagged"; where there are more kinds, nine of each."""
    usual, all_kinds = kinds(size), more_kinds(size)
    return 3 * members(size, usual) if all_kinds == usual else 9 * len(all_kinds)


def more_refits(size: TableSize) -> int:
    """Three times as many as in "bagged"; where there are more kinds, all but three of each."""
    usual, all_kinds = kinds(size), more_kinds(size)
    return 3 * refits(size, usual) if all_kinds == usual else 6 * len(all_kinds)


BEST: Mapping[str, Any] = MappingProxyType(
    dict(BAGGED) | {"kinds": more_kinds, "members": more_members, "refits": more_refits}
)
"""Three times the members or more, of more kinds. Networks of twice the width took ten times as long, and were no
better."""


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "bagged": BAGGED,
        "best": BEST,
        "fast": FAST,
        "mlp": MLP,
        "realmlp": REALMLP,
        "tabm": TABM,
    }
)

TEXT_ALONE: Mapping[str, Any] = MappingProxyType(
    {
        "hidden_layers": (),
        "shared_members": 1,
        "learning_rate": 0.0125,
        "rates": MappingProxyType({"bias": 32.0, "text": 1.0}),
        "batch_size": 128,
    }
)
"""In any preset, for a table of nothing but text: the linear model of n-grams, since hidden layers have nothing to see.
The bias learns faster than n-grams, which all are positive: otherwise they share its part among them."""

FEW = 100
"""With fewer rows than this, those held back would decide by chance."""


def choose_preset(preset: str, size: TableSize) -> str:
    """The preset itself, or the one that "auto" stands for.

    Raises
    ------
    InputError
        If there is no preset of that name.

    Examples
    --------
    >>> choose_preset("auto", TableSize(rows=5000, columns=12)), choose_preset("auto", TableSize(rows=50, columns=12))
    ('bagged', 'mlp')
    """
    if preset == "auto":
        return "mlp" if size.rows < FEW else "bagged"
    return Choice("auto", *PRESETS).taken("`preset`", preset)


def resolve(preset: str, given: Mapping[str, Any], size: TableSize) -> dict[str, Any]:
    """The settings of one training: those given (not None) over those of the preset.

    Raises
    ------
    InputError
        If there is no preset of that name.

    Examples
    --------
    >>> settings = resolve("mlp", {"epochs": 5, "activation": None}, TableSize(rows=1000, columns=8))
    >>> settings["epochs"], settings["activation"], settings["batch_size"]
    (5, 'relu', 64)
    """
    chosen, size = PRESETS[choose_preset(preset, size)], replace(size, epochs=given.get("epochs"))
    if size.text_alone and given.get("hidden_layers") is None:
        chosen = {**chosen, **TEXT_ALONE}
    by_size = {name: value(size) if callable(value) else value for name, value in chosen.items()}
    settings = by_size | {name: value for name, value in given.items() if value is not None}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in settings.items()}
