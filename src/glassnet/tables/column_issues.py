"""Issues of columns: free text, identifiers, row numbers, sentinels, and text that is almost numbers or dates.

Training on such a column raises no error, and silently does nothing or harm; therefore training, the doctor and the
report look for them here. A sentinel is a number that stands for a missing value. Text is almost numbers if a few cells
keep it from being read, such as "n/a", or if something stands around each number, as in "$12,525.60" or "71.5 kg"; or
if dates are written with the name of the month or a clock of twelve hours. As text each cell is a category of its own,
and the distance between two of them is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import TableWarning
from glassnet.support.language import Text
from glassnet.support.messages import warn
from glassnet.tables.columns.column_values import Column, level_text
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.containers import is_sparse
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.notation import CLOCK, DATES, date_form, number_form
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
SHARE: Final = 0.9
"""The smallest share of the present cells that are numbers, or dates."""
SHARE_BESIDE_GAPS: Final = 0.5
"""The same if all other cells are usual words for a missing value."""
FEWEST: Final = 10
"""With fewer distinct numbers it is rather a category."""
FORMS: Final = 3
"""With more distinct marks around numbers it is rather a code, like the seats 12A to 12F."""
SHOWN: Final = 3
MOST_EXCEPTIONS: Final = 30
_NUMBER: Final = rf"(?:{number_form('.')}|{number_form(',')})"
_PLAIN: Final = re.compile(rf"{_NUMBER}(?:\s?%)?")
_SIGN: Final = "[-+\u2212\u2013~≈<>≤≥±]?"
_CURRENCY: Final = r"(?:[A-Z]{0,3}[$€£¥￥₹₽₩₺₴₫₪฿]|CHF|EUR|USD|GBP|CNY|RMB|JPY|INR|Fr\.|Rs\.?|kr\.?)"
# Letters before a number are a code (A17), unless they name a currency.
_MARKED: Final = re.compile(rf"(\(?{_SIGN}\s?(?:{_CURRENCY}\s?)?{_SIGN}\s?)({_NUMBER})([^0-9]{{0,12}})")
_GAP: Final = re.compile(
    r"n\.?\s?/?\s?a\.?|null|none|nil|nan|missing|unknown|empty|\(?blank\)?|k\.?\s?a\.?|keine angabe|unbekannt|leer|"
    r"[-\u2013\u2014]+|\?+|\.+|\*+|_+|/|#[a-z0/!?]+|无|未知|缺失|不详|暂无",
    re.IGNORECASE,
)
_MONTH: Final = (
    "(?:jan|ene|feb|fév|mar|mär|mrz|apr|avr|abr|may|mai|jun|juin|jul|juil|aug|aoû|ago|sep|oct|okt|nov|dec|dez|déc|dic)"
    r"[^\W\d_]*\.?"
)
_WEEKDAY: Final = r"(?:[^\W\d_]{2,10}\.?,?\s)?"
_TIME: Final = rf"(?:(?:T|,?\s){CLOCK}(?:\s?[ap]\.?m\.?)?(?:Z|\s?[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
_DAY, _YEAR = r"[0-9]{1,2}(?:st|nd|rd|th|\.)?", "(?:[0-9]{4}|'?[0-9]{2})"
_DATES: Final[Mapping[str, re.Pattern[str]]] = {
    **{order: re.compile(date_form(order)) for order in DATES},
    "zoned": re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})"),
    "other clock": re.compile(rf"(?:{'|'.join(DATES.values())}){_TIME}", re.IGNORECASE),
    "day and name": re.compile(rf"{_WEEKDAY}{_DAY}[\s-]?{_MONTH}[\s,-]*{_YEAR}{_TIME}", re.IGNORECASE),
    "name and day": re.compile(rf"{_WEEKDAY}{_MONTH}[\s-]?{_DAY},?[\s-]{_YEAR}{_TIME}", re.IGNORECASE),
    "short year": re.compile(rf"[0-9]{{1,2}}([./-])[0-9]{{1,2}}\1[0-9]{{2}}{_TIME}", re.IGNORECASE),
}
_READ: Final = (*DATES, "zoned")
"""A column in one of these forms throughout is read."""


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
    found = [place for place in mostly if table is not None and _is_free_text(as_levels(table.column(place)))]
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
    known, different = _texts(cells)
    share = len(different) / max(1, len(known))
    if _is_free_text(cells):
        return ColumnIssue("free_text", name, {"share": share})
    almost = almost_numbers(name, cells)
    if almost is not None:
        return ColumnIssue("almost_numbers", name, {"found": almost})
    if len(known) < FEWEST_ROWS or share < NEARLY_ALL or only_dates(different):
        return None
    return ColumnIssue("identifier", name, {"share": share})


def _texts(cells: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Return all texts, and the distinct ones."""
    known = [text for cell in cells if (text := level_text(cell)) is not None]
    return known, list(dict.fromkeys(known))


def _is_free_text(cells: Sequence[Any]) -> bool:
    known, different = _texts(cells)
    return len(known) >= FEWEST_ROWS and len(different) >= DIFFERENT * len(known) and is_prose(different)


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


DATES_OTHERWISE: Final = Text("they are written {written}. Write all of them as 2021-01-27, or 2021-01-27 15:01")
SHORT_YEARS: Final = Text(
    "they are written {written}. Write all of them as 2021-01-27, or 2021-01-27 15:01, or specify the order of day, "
    "month and year with --date-format (date_format=)"
)
MARKED: Final = Text(
    "{marks} stands around the numbers. Write only the numbers, and put the sign or unit into the column name"
)


@dataclass(frozen=True)
class AlmostNumbers:
    """A column of text most of whose cells are numbers, or dates.

    Attributes
    ----------
    name : str
    share : float
        Of the cells that are not missing how many are numbers (or dates), in [0.5, 1].
    exceptions : tuple of str
        Other cells, the most frequent first; at most thirty.
    others : int
        How many different ones there are.
    forms : tuple of str
        The text around the numbers, such as "$…"; or examples of date formats that are not read. Empty if
        only the other cells keep the column from being read.
    dates : bool
        Whether they are dates.
    """

    name: str
    share: float
    exceptions: tuple[str, ...]
    others: int
    forms: tuple[str, ...] = ()
    dates: bool = False

    @property
    def listed_others(self) -> str:
        """The other cells, as a list.

        >>> AlmostNumbers("age", 0.95, ("n/a", "?"), 2).listed_others
        "'n/a', '?'"
        """
        return ", ".join(map(repr, self.exceptions[:SHOWN])) + (", …" if self.others > SHOWN else "")

    @property
    def written(self) -> str:
        """The forms, as a list.

        >>> AlmostNumbers("price", 1.0, (), 0, ("$…", "($…)")).written
        "'$…', '($…)'"
        """
        return ", ".join(map(repr, self.forms))

    @property
    def short_years(self) -> bool:
        """Whether these are dates with years of two digits, which can be read once their order is given.

        >>> AlmostNumbers("day", 1.0, (), 0, ("29/01/24",), dates=True).short_years
        True
        """
        return self.dates and any(map(_DATES["short year"].fullmatch, self.forms))

    @property
    def remedy(self) -> Text:
        """Advice on cells whose form cannot be read, or on the other cells.

        >>> print(AlmostNumbers("price", 1.0, (), 0, ("$…",)).remedy)
        '$…' stands around the numbers. Write only the numbers, and put the sign or unit into the column name
        """
        if self.dates and self.forms:
            return (SHORT_YEARS if self.short_years else DATES_OTHERWISE).filled(written=self.written)
        if self.forms:
            return MARKED.filled(marks=self.written)
        if self.exceptions:
            return Text("If {values} means a missing value, use --missing (missing=)", values=self.listed_others)
        return Text("Specify their decimal mark with --decimal, or pass them as numbers")


def almost_numbers(name: str, cells: Iterable[Any]) -> AlmostNumbers | None:
    """Return in which way a column of text is almost one of numbers or dates; None if it is not.

    A gap among the cells is None or NaN. Numbers with leading zeros are codes, and no numbers.

    Examples
    --------
    >>> almost_numbers("age", [*map(str, range(20, 40)), "n/a", None])
    AlmostNumbers(name='age', share=0.9523809523809523, exceptions=('n/a',), others=1, forms=(), dates=False)
    >>> almost_numbers("price", [f"{price} €" for price in range(20, 40)]).forms
    ('… €',)
    >>> almost_numbers("age", [f"{age},5" for age in range(20, 40)]).share
    1.0
    """
    counts = Counter(text.strip() for cell in cells if (text := level_text(cell)) is not None)
    return _numbers(name, counts) or _dates(name, counts) or _in_a_frame(name, counts)


def mostly_numbers(cells: Iterable[Any]) -> AlmostNumbers | None:
    """Return in which way a target of text is one of numbers, also if all are plain numbers; dates do not count.

    Examples
    --------
    >>> mostly_numbers([f"{number}.5" for number in range(20)]).remedy
    'Specify their decimal mark with --decimal, or pass them as numbers'
    """
    counts = Counter(text.strip() for cell in cells if (text := level_text(cell)) is not None)
    return _only_numbers("target", counts) or _numbers("target", counts)


def only_dates(texts: Iterable[str]) -> bool:
    """Return whether every text is a date, in any form.

    >>> only_dates(["2024-01-31", "1 Feb 2024"])
    True
    """
    return all(_kind_of_date(text.strip()) is not None for text in texts)


def _only_numbers(name: str, counts: Counter[str]) -> AlmostNumbers | None:
    return AlmostNumbers(name, 1.0, (), 0) if len(counts) >= FEWEST and all(map(_PLAIN.fullmatch, counts)) else None


def _in_a_frame(name: str, counts: Counter[str]) -> AlmostNumbers | None:
    """Find numbers that pandas leaves as text by default; others may be codes, which are text on purpose."""
    return _only_numbers(name, counts) if any("," in text or "%" in text for text in counts) else None


def _numbers(name: str, counts: Counter[str]) -> AlmostNumbers | None:
    marked: dict[str, str] = {}
    forms: Counter[str] = Counter()
    plain = {text for text in counts if _PLAIN.fullmatch(text)}
    for text in counts.keys() - plain:
        if found := _MARKED.fullmatch(text):
            before, _, after = found.groups()
            marked[text] = f"{before}…{after}"
            forms[marked[text]] += counts[text]
    usual = tuple(sorted(forms, key=lambda form: (-forms[form], form))[:FORMS])
    numbers = plain | {text for text, form in marked.items() if form in usual}
    return _found(name, counts, numbers, usual, dates=False)


def _dates(name: str, counts: Counter[str]) -> AlmostNumbers | None:
    kinds = {text: kind for text in counts if (kind := _kind_of_date(text)) is not None}
    examples: dict[str, str] = {}
    if not any(all(map(_DATES[kind].fullmatch, kinds)) for kind in _READ):
        for text, _ in counts.most_common():
            if text in kinds:
                examples.setdefault(kinds[text], text)
    return _found(name, counts, set(kinds), tuple(examples.values())[:FORMS], dates=True)


def _kind_of_date(text: str) -> str | None:
    return next((kind for kind, form in _DATES.items() if form.fullmatch(text)), None)


def _found(
    name: str, counts: Counter[str], meant: set[str], forms: tuple[str, ...], *, dates: bool
) -> AlmostNumbers | None:
    others = Counter({text: count for text, count in counts.items() if text not in meant})
    share = 1 - others.total() / max(1, counts.total())
    codes = bool(others) and all(text.isdigit() for text in others)  # with leading zeros, or longer than numbers can be
    enough = SHARE_BESIDE_GAPS if all(map(_GAP.fullmatch, others)) else SHARE
    if codes or not (others or forms) or share < enough or len(meant) < FEWEST:
        return None
    exceptions = tuple(text for text, _ in others.most_common(MOST_EXCEPTIONS))
    return AlmostNumbers(name, share, exceptions, len(others), forms, dates)
