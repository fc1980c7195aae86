"""Columns that say the same as another one: of two alike each seems unimportant, and one of them could go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.insight.report.columns import Column
from glassnet.insight.some_rows import spread
from glassnet.layers.base import Array
from glassnet.tables.values import level_text

__all__ = ["near_duplicates"]

ALIKE = 0.98
"""The rank correlation, or the share of rows in which each column follows from the other."""
MOST_COLUMNS, MOST_ROWS, MOST_LEVELS = 60, 5000, 50
USUAL = 0.9
"""A column that is nearly always the same follows from any other, and says the same as none."""


def near_duplicates(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Pairs of columns of which each follows from the other in nearly every row.

    Numbers are compared by rank correlation, columns of few values by which value goes with which.

    Examples
    --------
    >>> from glassnet import TableEncoder
    >>> from glassnet.insight.report.columns import columns_of
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


def _some(column: Column) -> Array:
    """The rows that are looked at, evenly spread: the same of every column."""
    return spread(column.rows, MOST_ROWS)


def _codes(column: Column) -> Array | None:
    """A column of few values as whole numbers, a gap as one of them; None of many values, and of nearly one."""
    if not 2 <= column.distinct <= min(MOST_LEVELS, column.rows // 4):
        return None
    if column.kind == "category":
        cells = [level_text(column.cells[row]) or "" for row in _some(column)]
        values, codes = np.unique(np.array(cells, dtype=str), return_inverse=True)
    else:
        values, codes = np.unique(np.asarray(column.cells, np.float64)[_some(column)], return_inverse=True)
    return None if len(values) < 2 or np.bincount(codes).max() > USUAL * len(codes) else codes


def _ranks(column: Column) -> Array | None:
    """A column of numbers as ranks with mean 0 and length 1, gaps in the middle; None where there is no order."""
    from scipy.stats import rankdata

    if column.kind in ("category", "empty", "boolean") or column.distinct < 3 or column.gaps > column.rows / 2:
        return None
    numbers = np.asarray(column.cells, np.float64)[_some(column)]
    ranks = np.zeros(len(numbers))
    present = ~np.isnan(numbers)
    ranks[present] = rankdata(numbers[present]) - (present.sum() + 1) / 2
    length = np.sqrt(ranks @ ranks)
    return ranks / length if length else None


def _follows(given: Array, asked: Array) -> float:
    """The share of rows in which the most frequent value of `asked` for the row's `given` is right."""
    together = np.zeros((given.max() + 1, asked.max() + 1))
    np.add.at(together, (given, asked), 1)
    return float(together.max(axis=1).sum() / len(given))
