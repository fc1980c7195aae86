"""Presets: what an estimator does when nobody says otherwise, as readable dictionaries.

A preset is only defaults: any option given to the estimator overrides its entry. An entry may be a function of the
table's size; what came out of it is in the fitted estimator's ``settings_``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from glassnet.errors import InputError

__all__ = ["PRESETS", "TableSize", "resolve"]


@dataclass(frozen=True)
class TableSize:
    """What a preset may choose by.

    Parameters
    ----------
    rows : int
        Training rows, before any are held back.
    columns : int
        Columns of the table, before encoding.
    """

    rows: int
    columns: int


SMALL = 2000
"""Below so many rows one hidden layer is enough, and a tenth of the rows too few to judge an epoch by."""


def hidden_layers(size: TableSize) -> tuple[int, ...]:
    """Two layers, or one for a small table."""
    return (128,) if size.rows < SMALL else (256, 128)


def epochs(size: TableSize) -> int:
    """What early stopping may use; for a small table, which has nothing to stop it, some 500 steps or 40 epochs."""
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
    """Where a tenth of the rows is enough to judge by."""
    return size.rows >= SMALL


def dtype(size: TableSize) -> str:
    """Small tables are computed in double precision, which costs nothing there and repeats to more digits."""
    return "float64" if size.rows * size.columns <= 10_000 else "float32"


MLP: Mapping[str, Any] = MappingProxyType(
    {
        "hidden_layers": hidden_layers,
        "activation": "relu",
        "dropout": dropout,
        "optimizer": "adamw",
        "learning_rate": 0.002,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "batch_size": batch_size,
        "epochs": epochs,
        "early_stopping": early_stopping,
        "patience": 15,
        "validation_fraction": 0.1,
        "dtype": dtype,
    }
)
"""A plain network: dense layers of relu, dropout, AdamW along a cosine; chosen on tables of 300 to 100,000 rows."""

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType({"mlp": MLP})


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
    if preset not in PRESETS:
        raise InputError(f"`preset` must be one of: {', '.join(PRESETS)}", repr(preset), "Use one of these names")
    settings = dict(PRESETS[preset]) | {name: value for name, value in given.items() if value is not None}
    choose: dict[str, Callable[[TableSize], Any]] = {
        name: value for name, value in PRESETS[preset].items() if callable(value)
    }
    return {name: choose[name](size) if value is choose.get(name) else value for name, value in settings.items()}
