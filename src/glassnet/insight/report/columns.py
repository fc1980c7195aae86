"""The columns of a table in a few figures each: what there is, and what is odd about it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.insight.numbers import number
from glassnet.insight.values import shortened
from glassnet.layers.base import Array
from glassnet.tables.conversion import as_levels, as_moments, as_numbers
from glassnet.tables.matching import match_columns
from glassnet.tables.plan import Plan
from glassnet.tables.table import open_table
from glassnet.tables.values import NUMBER_KINDS, Values, is_gap, level_text

__all__ = ["Column", "Columns"]

LONGEST_TEXT = 60
"""A cell is cut after so many characters."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
    kind : str
        As :data:`glassnet.tables.values.KINDS` has it.
    rows, gaps, distinct : int
        Cells, missing ones, and different values.
    ends : (str, str, str) or None
        Smallest, median and largest value, where they have an order.
    levels : tuple of (str, int)
        The most frequent values and their number, where they have none.
    cells : sequence
        Numbers, those of moments as :mod:`glassnet.tables.values` has them; or levels.
    """

    name: str
    kind: str
    rows: int
    gaps: int
    distinct: int
    ends: tuple[str, str, str] | None
    levels: tuple[tuple[str, int], ...]
    cells: Any

    def cell(self, row: int) -> str | None:
        """A value for people; None for a gap.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> rows = [[1.5, "a"], [None, "b"]]
        >>> first, second = Columns.of(rows, TableEncoder().fit(rows).plan).each
        >>> first.cell(0), first.cell(1), second.cell(1)
        ('1.5', None, 'b')
        """
        value = self.cells[row]
        if is_gap(value):
            return None
        if self.kind in ("category", "empty"):
            return shortened(level_text(value) or "", LONGEST_TEXT)
        return _spelled(self.kind, value)

    @property
    def names_rows(self) -> bool:
        """Whether every text is another one, as a name of the row would be."""
        return self.kind == "category" and self.rows > 20 and self.distinct == self.rows - self.gaps > 20


@dataclass(frozen=True)
class Columns:
    """All columns that a model learned from, in the order of its table."""

    each: tuple[Column, ...]

    @classmethod
    def of(cls, X: Any, plan: Plan) -> Columns:
        """Look at every column of a table that the encoder's plan names."""
        table = open_table(X)
        places = match_columns(table, plan)
        return cls(
            tuple(
                _column(name, kind, table.column(int(place)))
                for name, kind, place in zip(plan.names, plan.kinds, places, strict=True)
            )
        )

    def __len__(self) -> int:
        return len(self.each)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.each)


def _column(name: str, kind: str, values: Values) -> Column:
    """A column as the kind that it had in training."""
    if kind in ("category", "empty"):
        return _of_levels(name, kind, as_levels(values))
    numbers = np.asarray(
        as_numbers(values, kind, name) if kind in NUMBER_KINDS else as_moments(values, kind, name), np.float64
    )
    known = np.sort(numbers[~np.isnan(numbers)])
    distinct = int(np.count_nonzero(np.diff(known))) + 1 if len(known) else 0
    levels: tuple[tuple[str, int], ...] = ()
    ends = None
    if kind == "boolean":
        yes = int(known.sum())
        levels = tuple(pair for pair in (("True", yes), ("False", len(known) - yes)) if pair[1])
    elif len(known):
        ends = _ends(kind, known)
    return Column(name, kind, len(numbers), len(numbers) - len(known), distinct, ends, levels, numbers)


def _of_levels(name: str, kind: str, cells: Sequence[Any]) -> Column:
    texts = [level_text(cell) for cell in cells]
    known = Counter(text for text in texts if text is not None)
    levels = tuple((shortened(level, LONGEST_TEXT), count) for level, count in known.most_common(3))
    return Column(name, kind, len(cells), len(cells) - known.total(), len(known), None, levels, cells)


def _ends(kind: str, known: Array) -> tuple[str, str, str]:
    middle = known[(len(known) - 1) // 2] if kind not in NUMBER_KINDS else float(np.median(known))
    low, median, high = (_spelled(kind, value) for value in (known[0], middle, known[-1]))
    return low, median, high


def _spelled(kind: str, value: Any) -> str:
    """A number of a column as what it stands for."""
    value = float(value)
    if kind == "boolean":
        return str(bool(value))
    if kind in ("date", "datetime"):
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=value)
        return moment.date().isoformat() if kind == "date" else moment.isoformat(" ", "seconds")
    if kind == "time":
        return (datetime.datetime.min + datetime.timedelta(seconds=value)).time().isoformat("seconds")
    if kind == "duration":
        return str(datetime.timedelta(seconds=round(value)))
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e6 else number(value)
