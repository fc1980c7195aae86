"""Presets: what an estimator does when nobody says otherwise, as readable dictionaries.

A preset is only defaults: any option given to the estimator overrides its entry. An entry may be a function of the
table; what came out of it is in the fitted estimator's ``settings_``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from glassnet.estimators.single_presets import MLP, REALMLP, SMALL, TABM, TableSize, high_rate
from glassnet.support.options import Choice

__all__ = ["PRESETS", "TableSize", "choose_preset", "resolve"]

# ------------------------------------------------------------------- bagged

FEWEST_STEPS, MOST_STEPS = 200, 20_000
"""A member needs about so many steps at least, however small the table is, and no more than so many."""
MOST_EMBEDDED = 150
"""With more columns than this, waves of each would take longer than the rest of the network."""


def short_epochs(size: TableSize) -> int:
    """32; more for a table so small that they would be too few steps, fewer for one so large that they are too many.

    Twice as many, where weights must keep their signs, which takes them longer.
    """
    steps = max(1, size.rows // 256)
    return max(4, min(max(32 * (1 + size.monotone), FEWEST_STEPS // steps), MOST_STEPS // steps))


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


Kinds: TypeAlias = tuple[dict[str, Any], ...]


def waves(size: TableSize) -> Kinds:
    """Kinds of members that see detail of two sizes or three, where they were better than as many of one.

    For numbers of a squared loss one sees fine detail and, of up to 10,000 rows, learns for longer, and the other does
    neither. For classes of up to 10,000 rows one takes twice the steps, and the other sees finer detail; with more
    rows one sees far finer detail.
    """
    if numeric_embedding(size) == "none" or (size.numbers and not size.squares):
        return ()
    long = size.rows > MOST_FOR_TEN
    if size.numbers:
        fine = {} if long else {"numeric_size": 6, "epochs": 2 * short_epochs(size)}
        return {"spread": 2.0, **fine}, {"spread": 0.5}
    if long:
        return {}, {"spread": 0.5}, {"spread": 8.0}
    return {"batch_size": 128}, {"spread": 0.5}


THRESHOLDS: Mapping[str, Any] = MappingProxyType(
    {"numeric_embedding": "piecewise_linear_tree", "batch_size": 128, "hidden_layers": (128, 128)}
)
"""A kind of members that sees thresholds, as trees do."""


def kinds(size: TableSize) -> Kinds:
    """The kinds with periodic embeddings, and for up to 10,000 rows of classes a third one with bins."""
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
        "hidden_layers": (128, 128, 128),
        "numeric_embedding": numeric_embedding,
        "learning_rate": learning_rate,
        "dropout": light_dropout,
        "epochs": short_epochs,
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
    """Those of "bagged", and for classes of up to 10,000 rows two more: one sees far finer detail, and one no waves."""
    usual = kinds(size)
    if size.numbers or size.rows > MOST_FOR_TEN or not usual:
        return usual
    return (*usual, {"spread": 8.0}, {"numeric_embedding": "none", "batch_size": 128})


def more_refits(size: TableSize) -> int:
    """Three times as many as in "bagged"; where there are more kinds, all but three of each."""
    usual, all_kinds = kinds(size), more_kinds(size)
    if all_kinds == usual:
        return 3 * refits(size, usual)
    return 3 * members(size, usual) - 3 * len(all_kinds)


BEST: Mapping[str, Any] = MappingProxyType(
    dict(BAGGED) | {"kinds": more_kinds, "members": lambda size: 3 * members(size, kinds(size)), "refits": more_refits}
)
"""Three times the members, of more kinds. Networks of twice the width took ten times as long, and were no better."""


# -------------------------------------------------------------------- mixed


def beside_trees(size: TableSize) -> Kinds:
    """Those of waves, for trees see thresholds themselves; of few rows with classes all alike."""
    return waves(size) if size.numbers or size.rows >= SMALL else ()


def with_trees(size: TableSize) -> Kinds:
    """The kinds of networks, and boosted trees."""
    return (*(beside_trees(size) or ({},)), {"learner": "boosted_trees"})


def members_with_trees(size: TableSize) -> int:
    """As many of each kind as if there were no trees."""
    of_kinds = beside_trees(size)
    return members(size, of_kinds) // max(1, len(of_kinds)) * len(with_trees(size))


MIXED: Mapping[str, Any] = MappingProxyType(
    dict(BAGGED) | {"members": members_with_trees, "refits": 0, "kinds": with_trees}
)
"""The networks of "bagged", and in each round boosted trees, with the same rows to learn from and to be judged by."""


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "bagged": BAGGED,
        "best": BEST,
        "fast": FAST,
        "mixed": MIXED,
        "mlp": MLP,
        "realmlp": REALMLP,
        "tabm": TABM,
    }
)

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
    chosen = PRESETS[choose_preset(preset, size)]
    by_size = {name: value(size) if callable(value) else value for name, value in chosen.items()}
    settings = by_size | {name: value for name, value in given.items() if value is not None}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in settings.items()}
