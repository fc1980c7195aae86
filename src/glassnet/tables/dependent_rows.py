"""Rows that depend on each other: of one group, such as a customer, or consecutive in time.

A random split puts such rows on both sides, so that validation rows are nearly known from training. Whether it matters
is measured on the target: by how much less two rows of a group, or two consecutive ones, differ than any two rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.tables.column_issues import IDS, MOST_COLUMNS
from glassnet.tables.columns.column_values import Column, each_text_once, level_text
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.containers import is_sparse
from glassnet.tables.opened_table import OpenedTable, open_table

Floats = npt.NDArray[np.float64]
Pairs = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""The numbers of the rows that are compared, pairwise."""

FEWEST_GROUPS: Final = 20
"""Fewer are a category, which new rows share."""
FEWEST_MOMENTS: Final = 3
MOST_OF_A_GROUP: Final = 50
"""The largest mean size of a group, unless the column has a usual name of groups: beyond, it is a category."""
FEWEST_PAIRS: Final = 30
ALIKE: Final = 0.2
"""The smallest share of the difference between any two rows that is missing between these."""
STANDARD_ERRORS: Final = 4.0
CONSTANT: Final = 0.95
"""From this likeness within groups on, a column belongs to the group, as a birthday to a patient."""
MOST_CLASSES: Final = 20
"""With more distinct numbers, a target is not of classes."""
SORTED: Final = 0.95
"""The correlation between the number of a row and its time."""

_OF_GROUPS: Final = re.compile(
    rf"(?:^|[\W_])(?:{IDS}|number|customer|client|patient|subject|user|person|member|household|family|"
    r"student|pupil|participant|respondent|device|machine|sensor|store|shop|account|vehicle|animal|session|visitor|"
    r"employee|driver|seller|company|firm|kunden?|proband|nutzer|benutzer|mitglied|haushalt|gerät|maschine|filiale|"
    r"konto|schüler|mitarbeiter|fahrzeug)(?:$|[\W_])|[a-z]I[dD]$|nummer|"
    r"编号|号$|客户|用户|患者|病人|受试者|设备|机器|门店|账户|学生|会员|员工|车辆",
    re.IGNORECASE,
)
_OF_TIMES: Final = re.compile(
    r"(?:^|[\W_])(?:date|time|timestamp|datetime|year|month|day|week|hour|datum|zeit|zeitpunkt|jahr|monat|tag|woche)"
    r"(?:$|[\W_])|日期|时间|年份|月份",
    re.IGNORECASE,
)


class DependentRows(NamedTuple):
    """A column whose equal or consecutive values make rows alike.

    Attributes
    ----------
    kind : {"groups", "times"}
    column : str
    different : int
        How many groups or moments there are.
    rows : float
        How many rows each has on average.
    shared : tuple of str
        Columns that are the same within a group.
    likeness : float
        Of the target: 0 if these rows differ as any two do, 1 if they do not differ.
    named : bool
        Whether the column's name suggests groups, or it holds dates.
    """

    kind: Literal["groups", "times"]
    column: str
    different: int
    rows: float
    shared: tuple[str, ...]
    likeness: float
    named: bool


class _Column(NamedTuple):
    """A column as numbers: levels of a category are counted, with -1 for a missing one; else a missing value is NaN."""

    kind: str
    numbers: Floats

    @property
    def whole(self) -> bool:
        """Whether its values are codes, or could be."""
        known = self.numbers[~np.isnan(self.numbers)]
        return self.kind == "category" or (self.kind == "number" and bool((known == np.floor(known)).all()))


def dependent_rows(X: Any, y: npt.NDArray[Any], judged: Any = None) -> list[DependentRows]:
    """Find the column whose order in time makes rows alike, and the one whose groups do.

    Rows of one moment are a group, too; but who keeps the order of time keeps them together.

    Parameters
    ----------
    X : table of rows
        In the order in which they were kept.
    y : array of shape (rows,)
    judged : table of rows, optional
        The validation rows, with the same columns: values that do not tie them to the others are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"customer": np.arange(300) // 3, "age": np.arange(300) % 7})
    >>> [(found.kind, found.column) for found in dependent_rows(frame, np.arange(300) // 3 % 2)]
    [('groups', 'customer')]
    """
    if is_sparse(X) or len(y) < FEWEST_PAIRS:
        return []
    table = open_table(X)
    if not table.named or (table.matrix is not None and table.matrix.dtype == bool):
        return []
    columns = _columns(table)
    target = _target(y)
    times = [each for name, column in columns.items() if (each := _times(name, column, target))]
    found = sorted(times, key=lambda each: -each.different)[:1]
    rest = {name: column for name, column in columns.items() if name not in [each.column for each in found]}
    groups = [each for name, column in rest.items() if (each := _groups(name, column, columns, target))]
    found += sorted(groups, key=lambda each: (not each.named, -len(each.shared), -each.likeness))[:1]
    if judged is not None:
        others = open_table(judged)
        found = [each for each in found if _on_both_sides(each, table, others)]
    return found


def _columns(table: OpenedTable) -> dict[str, _Column]:
    names = table.names[:MOST_COLUMNS]
    read = {name: _read(table.column(place)) for place, name in enumerate(names)}
    return {name: column for name, column in read.items() if column is not None}


def _read(values: Column) -> _Column | None:
    if values.kind == "empty":
        return None
    if values.kind != "category":
        return _Column(values.kind, np.asarray(values.data, np.float64))
    texts = each_text_once(as_levels(values), level_text)
    known = {text: code for code, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    if 2 * len(known) > len(texts):
        return None  # hardly two rows of one value
    return _Column("category", np.array([-1 if text is None else known[text] for text in texts], np.float64))


def _target(y: npt.NDArray[Any]) -> _Column:
    values, codes = np.unique(y, return_inverse=True)
    if y.dtype.kind in "iuf" and len(values) > MOST_CLASSES:
        return _Column("number", y.astype(np.float64))
    return _Column("category", codes.astype(np.float64))


def _groups(name: str, column: _Column, columns: Mapping[str, _Column], target: _Column) -> DependentRows | None:
    """Find groups of rows with one value whose targets are more alike than by chance."""
    numbers, rows, named = column.numbers, len(column.numbers), bool(_OF_GROUPS.search(name))
    if not (named and column.whole) and column.kind not in ("category", "date", "datetime"):
        return None
    count = len(np.unique(numbers[~np.isnan(numbers)]))
    if count < FEWEST_GROUPS or rows < 2 * count or (not named and rows > MOST_OF_A_GROUP * count):
        return None
    order = np.lexsort((np.random.default_rng(0).random(rows), numbers))  # rows of a group in random order
    same = (np.diff(numbers[order]) == 0) & (numbers[order][1:] != -1)
    pairs = order[:-1][same], order[1:][same]
    likeness = _likeness(target, pairs)
    if likeness is None:
        return None
    shared = [
        other
        for other, each in columns.items()
        if other != name and (alike := _likeness(each, pairs)) is not None and alike >= CONSTANT
    ]
    if not named and len(shared) < 2:
        return None
    return DependentRows("groups", name, count, rows / count, tuple(shared), likeness, named)


def _times(name: str, column: _Column, target: _Column) -> DependentRows | None:
    """Find an order in time in which the target of each row is like that of the row before."""
    moments = column.kind in ("date", "datetime")
    numbers = column.numbers
    if not moments and not (column.kind == "number" and _OF_TIMES.search(name)):
        return None
    known = np.flatnonzero(~np.isnan(numbers))
    count = len(np.unique(numbers[known]))
    if len(known) < SORTED * len(numbers) or count < FEWEST_MOMENTS or not _sorted(numbers[known]):
        return None
    likeness = _likeness(target, (known[:-1], known[1:]))
    return None if likeness is None else DependentRows("times", name, count, len(known) / count, (), likeness, moments)


def _sorted(numbers: Floats) -> bool:
    """Return whether numbers rise, or fall, from the first row to the last."""
    from scipy.stats import rankdata

    ranks = rankdata(numbers)
    return abs(float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])) >= SORTED


def _likeness(column: _Column, pairs: Pairs) -> float | None:
    """Return how much less pairs differ than any two rows: 0 not at all, 1 if they are equal; None if it may be chance.

    Of numbers squares of ranks are compared, lest a few large ones decide.
    """
    from scipy.stats import rankdata

    first, second = pairs
    if len(first) < FEWEST_PAIRS:
        return None
    numbers = column.numbers
    if column.kind == "category":
        _, counts = np.unique(numbers, return_counts=True)
        usual = 1 - float(np.sum((counts / len(numbers)) ** 2))
        off = (numbers[first] != numbers[second]).astype(np.float64)
    else:
        gaps = np.isnan(numbers)
        ranks = rankdata(np.where(gaps, 0, numbers))
        ranks[gaps] = ranks[~gaps].mean() if not gaps.all() else 0.0
        usual = 2 * float(ranks.var())
        off = (ranks[first] - ranks[second]) ** 2
    if not usual:
        return None
    gone = 1 - float(off.mean()) / usual
    return gone if gone >= ALIKE and gone * np.sqrt(len(first)) >= STANDARD_ERRORS else None


def _on_both_sides(found: DependentRows, learned: OpenedTable, judged: OpenedTable) -> bool:
    """Return whether validation rows are tied to training rows."""
    ours, theirs = (table.column(table.names.index(found.column)) for table in (learned, judged))
    if found.kind == "groups":
        return not set(map(level_text, as_levels(ours))).isdisjoint(map(level_text, as_levels(theirs)))
    first, last = (np.asarray(values.data, np.float64) for values in (theirs, ours))
    return bool(np.nanmin(first) < np.nanmax(last))
