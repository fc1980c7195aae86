"""Summary statistics of the columns of a table: contents, anomalies, and columns redundant with others."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.display.numbers import number_text, percent
from glassnet.insight.report.texts import TEXTS
from glassnet.layers.base import Array
from glassnet.support.language import Language, shortened
from glassnet.tables.columns.column_values import KIND_NAMES, LEVEL_KINDS, each_text_once, is_missing, level_text
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.matched_columns import open_matched
from glassnet.tables.table_summary import LONGEST_TEXT, ColumnSummary, cells_of, summary_of
from glassnet.training.split import evenly_spaced


@dataclass(frozen=True)
class ReportColumn(ColumnSummary):
    """One column in figures, with its cells."""

    cells: Any  # numbers, those of moments as :mod:`glassnet.tables.columns.column_values` has them; or levels

    def cell(self, row: int) -> str | None:
        """A value for people; None for a gap.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> rows = [[1.5, "a"], [None, "b"]]
        >>> first, second = columns_of(rows, TableEncoder().fit(rows).plan)
        >>> first.cell(0), first.cell(1), second.cell(1)
        ('1.5', None, 'b')
        """
        value = self.cells[row]
        if is_missing(value):
            return None
        if self.kind in LEVEL_KINDS:
            return shortened(level_text(value) or "", LONGEST_TEXT)
        return spelled(self.kind, value)

    def texts(self) -> list[str | None]:
        """Every cell of a column of levels, or of yes and no; None for a gap."""
        if self.kind == "boolean":
            return [None if is_missing(cell) else spelled(self.kind, cell) for cell in self.cells]
        return each_text_once(self.cells, level_text)


def columns_of(X: Any, plan: EncoderPlan) -> tuple[ReportColumn, ...]:
    """The columns of a table that an encoder's plan names, in its order, with cells of the kinds that they had then."""
    (table, places), found = open_matched(X, plan), []
    for name, kind, place in zip(plan.names, plan.described_kinds, places, strict=True):
        cells = cells_of(table.column(int(place)), kind, name, plan.notation)
        found.append(ReportColumn(**vars(summary_of(name, kind, cells)), cells=cells))
    return tuple(found)


def figures(column: ColumnSummary, language: Language | None = None) -> list[str]:
    """A line of a table of columns: name, kind, share of gaps, number of values, and the values themselves."""
    missing = percent(column.gaps / column.rows) if column.rows and column.gaps else "0"
    values = spelled_ends(column) or spelled_levels(column)
    values = values or (TEXTS["columns.texts"].say(language) if column.kind == "text" else "-")
    return [column.name, KIND_NAMES[column.kind].say(language), missing, f"{column.distinct:,}", values]


def spelled_levels(column: ColumnSummary) -> str:
    """The most frequent values of a column and their shares of those that are there."""
    known = max(1, column.rows - column.gaps)
    return ", ".join(f"{level} {percent(count / known, 0)}" for level, count in column.levels)


def spelled_ends(column: ColumnSummary) -> str:
    """Smallest, middle and largest value of a column for people; empty where they have no order."""
    return " · ".join(spelled(column.kind, value) for value in column.ends or ())


def spelled(kind: str, value: Any) -> str:
    """A number of a column as what it stands for."""
    value = float(value)
    if kind == "boolean":
        return str(bool(value))
    if kind in ("date", "datetime"):
        moment = np.datetime64(int(value), "us")  # of any year, unlike Python's
        return str(moment.astype("M8[D]" if kind == "date" else "M8[m]")).replace("T", " ").removesuffix(" 00:00")
    if kind == "time":
        return (datetime.datetime.min + datetime.timedelta(seconds=value)).time().isoformat("seconds")
    if kind == "duration":
        return str(datetime.timedelta(seconds=round(value)))
    return number_text(value)


ALIKE = 0.98
"""The rank correlation, or the share of rows in which each column follows from the other."""
MOST_COLUMNS, MOST_ROWS, MOST_LEVELS = 60, 5000, 50
USUAL = 0.9
"""A column that is nearly always the same follows from any other, and says the same as none."""


def near_duplicates(columns: Sequence[ReportColumn]) -> list[tuple[str, str]]:
    """Pairs of columns of which each follows from the other in nearly every row.

    Numbers are compared by rank correlation, columns of few values by which value goes with which.

    Examples
    --------
    >>> from glassnet import TableEncoder
    >>> rows = [[number, -3 * number, "ab"[number % 2], number % 2] for number in range(100)]
    >>> near_duplicates(columns_of(rows, TableEncoder().fit(rows).plan))
    [('x0', 'x1'), ('x2', 'x3')]
    """
    looked_at = columns[:MOST_COLUMNS]
    coded = [_codes(column) for column in looked_at]
    ranked = [_ranks(column) for column in looked_at]
    found = []
    for second, column in enumerate(looked_at):
        for first in range(second):
            ours, theirs = coded[first], coded[second]
            if ours is not None and theirs is not None:
                alike = _follows(ours, theirs) >= ALIKE and _follows(theirs, ours) >= ALIKE
            else:
                a, b = ranked[first], ranked[second]
                alike = a is not None and b is not None and abs(float(a @ b)) >= ALIKE
            if alike:
                found.append((looked_at[first].name, column.name))
    return found


def _some(column: ReportColumn) -> Array:
    """The rows that are looked at, evenly spread: the same of every column."""
    return evenly_spaced(column.rows, MOST_ROWS)


def _codes(column: ReportColumn) -> Array | None:
    """A column of few values as whole numbers, a gap as one of them; None of many values, and of nearly one."""
    if not 2 <= column.distinct <= min(MOST_LEVELS, column.rows // 4):
        return None
    if column.kind in LEVEL_KINDS:
        cells = [level_text(column.cells[row]) or "" for row in _some(column)]
        values, codes = np.unique(np.array(cells, dtype=str), return_inverse=True)
    else:
        values, codes = np.unique(np.asarray(column.cells, np.float64)[_some(column)], return_inverse=True)
    return None if len(values) < 2 or np.bincount(codes).max() > USUAL * len(codes) else codes


def _ranks(column: ReportColumn) -> Array | None:
    """A column of numbers as ranks with mean 0 and length 1, gaps in the middle; None where there is no order."""
    from scipy.stats import rankdata

    if column.kind in LEVEL_KINDS | {"boolean"} or column.distinct < 3 or column.gaps > column.rows / 2:
        return None
    numbers = np.asarray(column.cells, np.float64)[_some(column)]
    ranks = np.zeros(len(numbers))
    present = ~np.isnan(numbers)
    ranks[present] = rankdata(numbers[present]) - (present.sum() + 1) / 2
    length = np.sqrt(ranks @ ranks)
    return ranks / length if length else None


def _follows(source: Array, target: Array) -> float:
    """Return the share of rows in which the most frequent `target` for the row's `source` is right."""
    together = np.zeros((source.max() + 1, target.max() + 1))
    np.add.at(together, (source, target), 1)
    return float(together.max(axis=1).sum() / len(source))
