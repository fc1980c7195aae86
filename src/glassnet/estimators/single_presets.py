"""Presets of one network: a plain one, RealMLP, and TabM; and what a preset may choose by.

As in ``presets.py``: an entry may be a function of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class TableSize:
    """The properties of a table that a preset may depend on."""

    rows: int  # training rows, before any are held back
    columns: int  # columns of the table, before encoding
    numbers: bool = False  # whether numbers are to be predicted, and not classes
    squares: bool = True  # whether the loss of numbers is a multiple of the squared error
    monotone: bool = False  # whether answers are to rise or fall with some columns


# ---------------------------------------------------------------------- mlp

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
