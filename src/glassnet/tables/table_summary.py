"""Figures of each column of a table, which a model keeps of its training rows.

The rows themselves are not kept, only their number, and for each column its kind, the number of missing and of distinct
values, the smallest, the middle and the largest value, or the most frequent ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.display.record import PrintedRecord
from glassnet.support.language import shortened
from glassnet.support.saved_state import fields, is_count
from glassnet.tables.columns.column_values import KIND_NAMES, LEVEL_KINDS, NUMBER_KINDS, Column, level_text
from glassnet.tables.columns.conversion import as_levels, as_numbers, as_timestamps
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.matched_columns import open_matched
from glassnet.tables.opened_table import row_count, take
from glassnet.tables.reading.notation import Notation

PART: Final = "table description"
"""Its name in error messages."""
LONGEST_TEXT: Final = 60
"""Longer cells are shortened."""
MOST_FREQUENT: Final = 3
"""Values of a category that are counted individually."""
MOST_CLASSES: Final = 50
"""Classes of the target that are counted individually."""
MOST_COLUMNS: Final = 1000
"""Only the first columns of a wider table are summarized."""
MOST_CELLS: Final = 2_000_000
"""Of a larger table, evenly spaced rows are summarized: the summary must not delay training."""


@dataclass(frozen=True, repr=False)
class ColumnSummary(PrintedRecord):
    """Figures of one column.

    Attributes
    ----------
    name : str
    kind : str
        One of :data:`~glassnet.tables.columns.column_values.KIND_NAMES`.
    rows, gaps, distinct : int
        Cells, missing ones, and different values.
    ends : (float, float, float) or None
        Smallest, middle and largest value of an ordered kind; dates as numbers, as in
        :class:`~glassnet.tables.columns.column_values.Column`.
    levels : tuple of (str, int)
        The most frequent values and their number, where they have none; of texts none is kept.
    """

    name: str
    kind: str
    rows: int
    gaps: int
    distinct: int
    ends: tuple[float, float, float] | None
    levels: tuple[tuple[str, int], ...]

    def to_plain(self) -> dict[str, Any]:
        """Return it as strict JSON.

        Examples
        --------
        >>> summary_of("age", "number", np.array([3.0, 1.0, np.nan])).to_plain()
        {'name': 'age', 'kind': 'number', 'rows': 3, 'gaps': 1, 'distinct': 2, 'ends': [1.0, 2.0, 3.0], 'levels': []}
        """
        ends = None if self.ends is None else list(self.ends)
        return vars(self) | {"ends": ends, "levels": [list(pair) for pair in self.levels]}

    @classmethod
    def from_plain(cls, plain: Any) -> ColumnSummary:
        """Rebuild it from :meth:`to_plain`, validated as untrusted input.

        Raises
        ------
        InputError
            If :meth:`to_plain` cannot have written it.
        """
        counts = dict.fromkeys(("rows", "gaps", "distinct"), is_count)
        name, kind, rows, gaps, distinct, ends, levels = fields(
            plain, PART, "refused", name=str, kind=KIND_NAMES.__contains__, **counts, ends=_are_ends, levels=_are_levels
        )
        pairs = tuple((level, count) for level, count in levels)
        return cls(name, kind, rows, gaps, distinct, None if ends is None else tuple(ends), pairs)


def _are_ends(ends: Any) -> bool:
    """Return whether a value is None, or three finite numbers in order."""
    numbers = isinstance(ends, list) and [type(end) in (int, float) and math.isfinite(end) for end in ends]
    return ends is None or (numbers == [True] * 3 and ends == sorted(ends))


def _are_levels(levels: Any) -> bool:
    """Return whether a value is a list of pairs of a level and its number."""
    pairs = isinstance(levels, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in levels)
    return pairs and all(isinstance(level, str) and is_count(count) for level, count in levels)


@dataclass(frozen=True, repr=False)
class TableSummary(PrintedRecord):
    """Figures of the training rows.

    Attributes
    ----------
    rows, width : int
        Rows and columns of the table.
    looked_at : int
        How many of the rows the columns are described from: all, or of a very large table some.
    columns : tuple of ColumnSummary
        The first ones of a very wide table; none of a sparse one.
    target : ColumnSummary or None
        The answers; None where there were several for each row.
    """

    rows: int
    width: int
    looked_at: int
    columns: tuple[ColumnSummary, ...]
    target: ColumnSummary | None

    @classmethod
    def of(cls, X: Any, y: npt.NDArray[Any], plan: EncoderPlan, *, classes: bool) -> TableSummary:
        """Summarize the table that an encoder was fitted on.

        Parameters
        ----------
        X : table of rows
        y : array of shape (rows,) or (rows, targets)
        plan : EncoderPlan
        classes : bool
            Whether the answers are classes.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> rows = [[1.5, "a"], [None, "b"], [2.5, "b"]]
        >>> summary = TableSummary.of(rows, np.array([0, 1, 1]), TableEncoder().fit(rows).plan, classes=True)
        >>> summary.rows, summary.columns[0].gaps, summary.columns[1].levels, summary.target.levels
        (3, 1, (('b', 2), ('a', 1)), (('1', 2), ('0', 1)))
        """
        rows, width = row_count(X), len(plan.names)
        target = _target(y, classes) if y.ndim == 1 else None
        if is_sparse(X):
            return cls(rows, width, rows, (), target)
        (table, places), shown = open_matched(X, plan), min(width, MOST_COLUMNS)
        looked_at = min(rows, max(1, MOST_CELLS // shown))
        if looked_at < rows:
            table = take(table, np.arange(looked_at) * rows // looked_at)
        columns = tuple(
            summary_of(name, kind, cells_of(table.column(int(place)), kind, name, plan.notation))
            for name, kind, place in zip(plan.names, plan.described_kinds, places[:shown], strict=False)
        )
        return cls(rows, width, looked_at, columns, target)

    def of_more(self, rows: int, classes: Mapping[Any, int]) -> TableSummary:
        """Return the summary of a table of so many rows, some of which were summarized; of classes all were counted."""
        target = self.target
        if target is not None and classes:
            counted = Counter({str(level_text(name)): count for name, count in classes.items()})
            shown = tuple((_readable(name), count) for name, count in counted.most_common(MOST_CLASSES))
            target = replace(target, rows=rows, distinct=len(counted), levels=shown)
        return replace(self, rows=rows, target=target)

    def to_plain(self) -> dict[str, Any]:
        """Return it as strict JSON."""
        target = None if self.target is None else self.target.to_plain()
        return vars(self) | {"columns": [column.to_plain() for column in self.columns], "target": target}

    @classmethod
    def from_plain(cls, plain: Any) -> TableSummary:
        """Rebuild it from :meth:`to_plain`, validated as untrusted input.

        Raises
        ------
        InputError
            If :meth:`to_plain` cannot have written it.
        """
        rows, width, looked_at, columns, target = fields(
            plain,
            PART,
            "refused",
            **dict.fromkeys(("rows", "width", "looked_at"), is_count),
            columns=lambda value: isinstance(value, list) and len(value) <= MOST_COLUMNS,
            target=lambda value: isinstance(value, dict | None),
        )
        described = tuple(map(ColumnSummary.from_plain, columns))
        return cls(rows, width, looked_at, described, None if target is None else ColumnSummary.from_plain(target))


def cells_of(values: Column, kind: str, name: str, notation: Notation) -> Any:
    """Return the cells of a column as its kind in training: levels, or an array of numbers."""
    if kind in LEVEL_KINDS:
        return as_levels(values)
    read = as_numbers if kind in NUMBER_KINDS else as_timestamps
    return np.asarray(read(values, kind, name, notation), np.float64)


def summary_of(name: str, kind: str, cells: Any) -> ColumnSummary:
    """Return the figures of a column, given the cells that :func:`cells_of` returns."""
    if kind in LEVEL_KINDS:
        return _of_levels(name, kind, cells, 0 if kind == "text" else MOST_FREQUENT)
    known = np.sort(cells[~np.isnan(cells)])
    distinct = int(np.count_nonzero(known[1:] > known[:-1])) + 1 if len(known) else 0
    levels: tuple[tuple[str, int], ...] = ()
    ends = None
    if kind == "boolean":
        yes = int(known.sum())
        levels = tuple(pair for pair in (("True", yes), ("False", len(known) - yes)) if pair[1])
    elif len(known):
        # of moments the middle must be one that occurs
        low, high = (len(known) - 1) // 2, len(known) // 2
        middle = known[low] if kind not in NUMBER_KINDS else known[low] / 2 + known[high] / 2  # a sum could overflow
        ends = float(known[0]), float(middle), float(known[-1])
    return ColumnSummary(name, kind, len(cells), len(cells) - len(known), distinct, ends, levels)


def _of_levels(name: str, kind: str, cells: Sequence[Any], most: int) -> ColumnSummary:
    known = _counted(cells)
    levels = tuple((_readable(level), count) for level, count in known.most_common(most))
    return ColumnSummary(name, kind, len(cells), len(cells) - known.total(), len(known), None, levels)


def _readable(level: str) -> str:
    """Return the beginning of a level; half a pair of surrogates, which no file can hold, is replaced."""
    return shortened(level, LONGEST_TEXT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _counted(cells: Sequence[Any]) -> Counter[str]:
    """Count each level, without missing values."""
    kinds = set(map(type, cells)) - {type(None)}
    plain = len(kinds) == 1 and kinds <= {bool, int, float, str}  # then equal cells have one text
    known: Counter[str] = Counter()
    for cell, count in Counter(cells).items() if plain else ((cell, 1) for cell in cells):
        if (text := level_text(cell)) is not None:
            known[text] += count
    return known


def _target(y: npt.NDArray[Any], classes: bool) -> ColumnSummary:
    if classes:
        return _of_levels("", "category", y.tolist(), MOST_CLASSES)
    return summary_of("", "number", y.astype(np.float64))
