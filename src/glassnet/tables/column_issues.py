"""Issues of columns: free text, identifiers, row numbers, sentinels, and text that is almost numbers or dates.

Training on such a column raises no error, and silently does nothing or harm; therefore training, the doctor and the
report look for them here. A sentinel is a number that stands for a missing value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import TableWarning
from glassnet.support.language import Text
from glassnet.support.messages import warn
from glassnet.tables.almost_numbers import almost_numbers, only_dates
from glassnet.tables.columns.column_values import Column, text_counts
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.containers import is_sparse
from glassnet.tables.opened_table import open_table
from glassnet.tables.table_summary import TableSummary

Floats = npt.NDArray[np.float64]
Kind = Literal["almost_numbers", "free_text", "identifier", "row_numbers", "sentinel"]

FEWEST_ROWS: Final = 20
"""With fewer rows, that all cells differ shows nothing."""
MOST_COLUMNS: Final = 1000
"""Only the first columns of a wider table are examined."""
DIFFERENT: Final = 0.5
"""From this share of distinct texts on, hardly any occurs often enough to be learned."""
NEARLY_ALL: Final = 0.95
"""The same share for codes and names."""
WORDS, READ = 3, 200
"""Texts are free text if the median number of words, of at most so many texts, is at least this."""
DENSE, FEWEST_IN_ANY_ORDER = 0.5, 50
"""Whole numbers that are all different, and fill so much of their range, number the rows, in whatever order they come:
of fifty drawn at random from a hundred, two are the same in all but one of a million tables."""
MOST_EXACT: Final = 2**53

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
WITHOUT_SPACES: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
"""Thai, Japanese, Chinese: some two signs are a word."""
IDS: Final = "id|key|nr|no|uuid|guid"
"""Usual names of identifiers, of rows and of groups."""
_OF_IDS: Final = re.compile(
    rf"(?:^|[\W_])(?:{IDS}|index|idx|row|rownames)$|[a-z]I[dD]$|nummer$|编号$|序号$|^unnamed[: ]+\d+$",
    re.IGNORECASE,
)
SPIKE, SHARE_OF_SPIKE = 2, 0.001
"""The fewest occurrences of a sentinel, and its smallest share of the rows."""
FEWEST_VALUES: Final = 5
"""Among fewer other values it is rather a code like them."""
NINES: Final = frozenset(sign * (10**digits - 1) for digits in range(2, 10) for sign in (1, -1))
ENDS: Final = frozenset({-9.0, -(2.0**31), 2.0**31 - 1, -32768.0, 32767.0, 1e20, -1e20, 1e30, -1e30})
"""The ends of integer types, and usual markers of missing values."""
DAYS: Final = frozenset(
    float(np.datetime64(day, "us").astype(np.int64))
    for day in ("0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31")
)
FEWEST_BESIDE_MINUS_ONE, TIMES_NEIGHBOURS = 20, 5.0
"""-1 is so near to numbers from 0 on that it must be the one negative value, beside so many others, and so many times
as frequent as those usually are."""


class ColumnIssue(NamedTuple):
    """A column that a network should not learn from as it is, and the figures that show it."""

    kind: Kind
    column: str
    figures: dict[str, Any]


def column_issues(X: Any) -> list[ColumnIssue]:
    """Return the issues of the columns of a table, each examined by itself; none of a sparse table.

    Examples
    --------
    >>> rows = [[number, -999 if number % 9 == 0 else 20 + number % 50] for number in range(100)]
    >>> [(issue.kind, issue.column) for issue in column_issues(rows)]
    [('row_numbers', 'x0'), ('sentinel', 'x1')]
    """
    if is_sparse(X):
        return []
    table = open_table(X)
    columns = ((name, table.column(place)) for place, name in enumerate(table.names[:MOST_COLUMNS]))
    return [issue for name, values in columns if (issue := column_issue(name, values)) is not None]


def column_issue(name: str, values: Column) -> ColumnIssue | None:
    """Return the issue of a column, if it has one."""
    if values.kind == "category":
        return _of_texts(name, as_levels(values))
    if values.kind in ("number", "date", "datetime"):
        numbers = np.asarray(values.data, np.float64)
        known = numbers[np.isfinite(numbers)]
        numbering = _row_numbers(name, known) if values.kind == "number" else None
        return numbering or _sentinel(name, known, values.kind)
    return None


def warn_of_free_text(X: Any, data: TableSummary) -> None:
    """Warn of columns of free text that are categories; `data` summarizes the table, which excludes most columns."""
    mostly = [
        place
        for place, column in enumerate(data.columns)
        if column.kind == "category" and column.distinct >= DIFFERENT * (column.rows - column.gaps)
    ]
    table = open_table(X) if mostly else None
    found = [
        place for place in mostly if table is not None and _is_free_text(text_counts(as_levels(table.column(place))))
    ]
    if found:
        names = ", ".join(repr(data.columns[place].name) for place in found)
        warn(
            Text(
                "Nothing is learned from the words of free text: each text is a category of its own "
                "(columns: {names}). Name these columns in `free_text`, or leave them out.",
                names=names,
            ),
            TableWarning,
        )


# ------------------------------------------------------------------------ texts


def _of_texts(name: str, cells: Sequence[Any]) -> ColumnIssue | None:
    counts = text_counts(cells)
    known, share = counts.total(), len(counts) / max(1, counts.total())
    if _is_free_text(counts):
        return ColumnIssue("free_text", name, {"share": share})
    almost = almost_numbers(name, cells)
    if almost is not None:
        return ColumnIssue("almost_numbers", name, {"found": almost})
    if known < FEWEST_ROWS or share < NEARLY_ALL or only_dates(counts):
        return None
    return ColumnIssue("identifier", name, {"share": share})


def _is_free_text(counts: Counter[str]) -> bool:
    return FEWEST_ROWS <= counts.total() <= len(counts) / DIFFERENT and is_prose(list(counts))


def is_prose(texts: Sequence[str]) -> bool:
    """Return whether most of some distinct texts have several words.

    Examples
    --------
    >>> is_prose(["The printer is on fire.", "我的打印机又坏了", "A-17"]), is_prose(["New York", "A-17"])
    (True, False)
    """
    some = texts[:: max(1, len(texts) // READ)]
    return float(np.median([_words(text) for text in some])) >= WORDS


def _words(text: str) -> int:
    return sum(len(word) // 2 if WITHOUT_SPACES.match(word) else 1 for word in _WORD.findall(text))


# ---------------------------------------------------------------------- numbers


def _row_numbers(name: str, known: Floats) -> ColumnIssue | None:
    """Find numbers of rows: all distinct, and either dense or in a column with such a name."""
    if len(known) < FEWEST_ROWS:
        return None
    low, high = float(known.min()), float(known.max())
    if high - low < len(known) - 1 or max(-low, high) >= MOST_EXACT or (known != np.floor(known)).any():
        return None
    steps = np.diff(np.sort(known)).astype(np.int64)
    if (steps == 0).any():
        return None
    runs = np.diff(known)
    ordered = bool((runs > 0).all() or (runs < 0).all())
    dense = len(known) * int(np.gcd.reduce(steps)) / (high - low) >= DENSE
    if dense and (ordered or len(known) >= FEWEST_IN_ANY_ORDER):
        return ColumnIssue("row_numbers", name, {"low": low, "high": high})
    return ColumnIssue("identifier", name, {"share": 1.0}) if _OF_IDS.search(name) else None


def _sentinel(name: str, known: Floats, kind: str) -> ColumnIssue | None:
    """Find a number that stands for a missing value: a spike far outside of all others."""
    if len(known) < FEWEST_ROWS or not _sentinel_at_an_end(known, kind):
        return None
    values, counts = np.unique(known, return_counts=True)
    found: list[float] = []
    share = 0.0
    while len(values) > FEWEST_VALUES:
        for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            if _means_a_gap(values[end], int(counts[end]), values[rest], counts[rest], len(known), kind):
                break
        else:
            break
        found.append(float(values[end]))
        share += float(counts[end]) / len(known)
        values, counts = values[rest], counts[rest]
    if not found:
        return None
    figures = {"values": found, "share": share, "low": float(values[0]), "high": float(values[-1]), "kind": kind}
    return ColumnIssue("sentinel", name, figures)


def _sentinel_at_an_end(known: Floats, kind: str) -> bool:
    """Return whether the smallest or the largest value can be a sentinel, so that values must be counted."""
    ends = {float(known.min()), float(known.max())}
    return bool(ends & (DAYS if kind != "number" else NINES | ENDS | {-1.0}))


def _means_a_gap(value: float, count: int, others: Floats, counts: Any, rows: int, kind: str) -> bool:
    if count < max(SPIKE, SHARE_OF_SPIKE * rows):
        return False
    if value == -1 and kind == "number":
        whole = others[0] >= 0 and not (others != np.floor(others)).any()
        return whole and len(others) >= FEWEST_BESIDE_MINUS_ONE and count >= TIMES_NEIGHBOURS * np.median(counts)
    usual = float(value) in (DAYS if kind != "number" else NINES | ENDS)
    width = float(others[-1] - others[0])
    return usual and min(abs(value - others[0]), abs(value - others[-1])) > width
