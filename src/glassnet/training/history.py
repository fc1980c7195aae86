"""The history of a training: one row an epoch, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["History"]


class History:
    """A plain table: one row an epoch, the same columns in each.

    Parameters
    ----------
    rows : list of dict, optional

    Attributes
    ----------
    rows : list of dict
    best_epoch : int or None
        The epoch (from 1) whose weights were kept.
    ended : str
        Why training ended, as a sentence.

    Examples
    --------
    >>> history = History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}])
    >>> history["loss"]
    [0.7, 0.5]
    >>> print(history)
    epoch  loss
        1   0.7
        2   0.5
    """

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self.rows: list[dict[str, float]] = list(rows or [])
        self.best_epoch: int | None = None
        self.ended = ""

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, column: str) -> list[float]:
        """One column, an entry an epoch."""
        if self.rows and column not in self.columns:
            raise KeyError(f"The history has no column {column!r}; it has: {', '.join(self.columns)}")
        return [row[column] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __str__(self) -> str:
        columns = self.columns
        cells = [[_short(row.get(column, "")) for column in columns] for row in self.rows]
        widths = [max(len(column), *(len(row[i]) for row in cells)) for i, column in enumerate(columns)]
        lines = [columns, *cells]
        return "\n".join("  ".join(f"{cell:>{w}}" for cell, w in zip(line, widths, strict=True)) for line in lines)

    def __repr__(self) -> str:
        best = f", best epoch {self.best_epoch}" if self.best_epoch else ""
        return f"<History: {len(self)} epochs{best}{', ' + self.ended if self.ended else ''}>"

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for files."""
        return {"rows": self.rows, "best_epoch": self.best_epoch, "ended": self.ended}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> History:
        """What :meth:`to_dict` gave."""
        history = cls([dict(row) for row in data["rows"]])
        history.best_epoch, history.ended = data["best_epoch"], str(data["ended"])
        return history


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
