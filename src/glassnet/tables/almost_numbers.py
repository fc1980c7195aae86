"""Text that is almost numbers or dates: which cells, or what around them, keep a column from being read as such.

A few cells may, such as "n/a"; or something stands around each number, as in "$12,525.60" or "71.5 kg"; or dates are
written with the name of the month or a clock of twelve hours. As text each cell is a category of its own, and the
distance between two of them is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glassnet.support.language import Text
from glassnet.tables.columns.column_values import text_counts
from glassnet.tables.reading.notation import CLOCK, DATES, date_form, number_form

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
# Letters before a number are a code (A17), unless they name a currency; so is what an underscore joins to it (36_city).
_MARKED: Final = re.compile(rf"(\(?{_SIGN}\s?(?:{_CURRENCY}\s?)?{_SIGN}\s?)({_NUMBER})([^0-9_]{{0,12}})")
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


def almost_numbers(name: str, cells: Sequence[Any]) -> AlmostNumbers | None:
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
    counts = _counted(cells)
    # Plain numbers are text in a frame of pandas by default; without such signs they may be codes, text on purpose.
    found = _numbers(name, counts) or _dates(name, counts)
    return found or (_only_numbers(name, counts) if any("," in text or "%" in text for text in counts) else None)


def mostly_numbers(cells: Sequence[Any]) -> AlmostNumbers | None:
    """Return in which way a target of text is one of numbers, also if all are plain numbers; dates do not count.

    Examples
    --------
    >>> mostly_numbers([f"{number}.5" for number in range(20)]).remedy
    'Specify their decimal mark with --decimal, or pass them as numbers'
    """
    counts = _counted(cells)
    return _only_numbers("target", counts) or _numbers("target", counts)


def only_dates(texts: Iterable[str]) -> bool:
    """Return whether every text is a date, in any form.

    >>> only_dates(["2024-01-31", "1 Feb 2024"])
    True
    """
    return all(_kind_of_date(text.strip()) is not None for text in texts)


def _counted(cells: Sequence[Any]) -> Counter[str]:
    """How many cells have each text, without the spaces around it."""
    counts: Counter[str] = Counter()
    for text, count in text_counts(cells).items():
        counts[text.strip()] += count
    return counts


def _only_numbers(name: str, counts: Counter[str]) -> AlmostNumbers | None:
    return AlmostNumbers(name, 1.0, (), 0) if len(counts) >= FEWEST and all(map(_PLAIN.fullmatch, counts)) else None


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
