"""How a file writes numbers and dates: which mark is the decimal one, and whether the day or the month comes first.

"1.234" is a little more than one in English and more than a thousand in German; "03.04.2025" and "03/04/2025" are days
in April or in March. Such cells say it together, never alone: so it is decided once for a file, from all its columns,
kept with the model that learned from it, and asked where the cells leave it open.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, Literal

from glassnet.errors import InputError

Mark = Literal[".", ","]
Order = Literal["dmy", "mdy"]

GROUPS: Final[Mapping[str, str]] = {".": ",'’ \u00a0\u202f", ",": ".'’ \u00a0\u202f"}
"""By the decimal mark the characters that may stand between groups of three digits."""
CLOCK: Final = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
# Leading zeros mark codes (of places, articles), and beyond 18 digits float64 would change the number: both are text.
WHOLE: Final = r"0|[1-9][0-9]{0,17}"
_YEAR, _MONTH, _DAY = "[0-9]{4}", "(?:1[0-2]|0?[1-9])", "(?:3[01]|[12][0-9]|0?[1-9])"
DATES: Final[Mapping[str, str]] = {
    "ymd": f"{_YEAR}(?:-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY}|\\.{_MONTH}\\.{_DAY}|年{_MONTH}月{_DAY}日)",
    "dmy": f"{_DAY}(?:\\.{_MONTH}\\.|/{_MONTH}/|-{_MONTH}-){_YEAR}",
    "mdy": f"{_MONTH}(?:\\.{_DAY}\\.|/{_DAY}/|-{_DAY}-){_YEAR}",
}
"""What a date looks like by the order of its parts; in the common part of Python's and Rust's regular expressions."""
_WORDS: Final[Mapping[str, str]] = {".": "a decimal point", ",": "a decimal comma"}
_ORDERS: Final[Mapping[str, str]] = {"dmy": "the day before the month", "mdy": "the month before the day"}


@cache
def number_form(mark: str) -> str:
    """What a number looks like whose decimal mark is this.

    Examples
    --------
    >>> [bool(re.fullmatch(number_form(","), cell)) for cell in ("1.234,5", "1,5", "1.234", "1.5", "1 234", "007")]
    [True, True, True, False, True, False]
    """
    point = re.escape(mark)
    fraction = f"[0-9]+{point}[0-9]*|{point}[0-9]+"
    grouped = _grouped(mark, "+")
    plain = f"{WHOLE}|{fraction}|(?:[0-9]+|{fraction})[eE][+-]?[0-9]+|(?i:inf|infinity)"
    return f"[+-]?(?:{plain}|(?:{grouped})(?:{point}[0-9]*)?)|(?i:nan)"


@cache
def whole_form(mark: str) -> str:
    """What an integer looks like where the decimal mark is this: one that an int64 holds.

    Examples
    --------
    >>> [bool(re.fullmatch(whole_form("."), cell)) for cell in ("1,234", "-12", "1.5", "1,23")]
    [True, True, False, False]
    """
    return f"[+-]?(?:{WHOLE}|{_grouped(mark, '{1,5}')})"


def _grouped(mark: str, groups: str) -> str:
    return "|".join(f"[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}}){groups}" for group in GROUPS[mark])


@cache
def date_form(order: str) -> str:
    """What a date looks like, perhaps with a time of day behind it."""
    return f"(?:{DATES[order]})(?:[T ]{CLOCK})?"


def clock_time(text: str) -> datetime.time:
    """A time of day, whose hour may have one digit.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> clock_time("8:30")
    datetime.time(8, 30)
    """
    return datetime.time.fromisoformat(f"0{text}" if text[1:2] == ":" else text)


def number_in(text: str, decimal: str | None) -> float | None:
    """The number that a text stands for with this decimal mark; None if it is none. That of "12 %" is 12.

    Without a mark "1,234" is none: it could be either.

    Examples
    --------
    >>> number_in("1.234,50", ","), number_in("12.5 %", "."), number_in("1,234", None)
    (1234.5, 12.5, None)
    """
    mark, digits = decimal or ".", text.removesuffix("%").rstrip()
    groups = GROUPS[mark]
    if not re.fullmatch(number_form(mark), digits) or (not decimal and any(group in digits for group in groups)):
        return None
    return float(digits.translate(str.maketrans(mark, ".", groups)))


def moment_in(text: str, dates: str | None) -> datetime.datetime | None:
    """The date, perhaps with a time, that a text stands for with this order of its parts; None if it is none.

    Examples
    --------
    >>> moment_in("31.12.2023 8:30", "dmy"), moment_in("03/04/2025", None)
    (datetime.datetime(2023, 12, 31, 8, 30), None)
    """
    for order in ("ymd", *([dates] if dates else [])):
        if re.fullmatch(date_form(order), text):
            date, _, clock = text.replace("T", " ").partition(" ")
            parts = dict(zip(order, map(int, re.findall("[0-9]+", date)), strict=True))
            try:
                day = datetime.date(parts["y"], parts["m"], parts["d"])
                return datetime.datetime.combine(day, clock_time(clock) if clock else datetime.time())
            except ValueError:
                return None
    return None


@dataclass(frozen=True)
class Notation:
    """How numbers and dates are written.

    Attributes
    ----------
    decimal : {".", ","} or None
        The decimal mark; None: no number tells.
    dates : {"dmy", "mdy"} or None
        What comes first where the year comes last; None: no date tells.

    Examples
    --------
    >>> Notation(",", "dmy").number("1.234,50"), Notation(".").number("12.5 %"), Notation(",").number("2.5")
    (1234.5, 12.5, None)
    >>> Notation(dates="dmy").moment("31.12.2023 8:30")
    datetime.datetime(2023, 12, 31, 8, 30)
    """

    decimal: Mark | None = None
    dates: Order | None = None

    def number(self, text: str) -> float | None:
        """The number that a text stands for; None if it is none. That of "12 %" is 12.

        Where nothing was decided, "1,234" is none: it could be either.
        """
        return number_in(text, self.decimal)

    def moment(self, text: str) -> datetime.datetime | None:
        """The date, with the time if there is one, that a text stands for; None if it is none."""
        return moment_in(text, self.dates)

    def words(self) -> str:
        """In a few words, as far as something was decided; "" if nothing was.

        >>> Notation(",", "dmy").words()
        'a decimal comma (1.234,5); the day before the month (31.12.2025)'
        """
        marks = {".": " (1,234.5)", ",": " (1.234,5)"}
        orders = {"dmy": " (31.12.2025)", "mdy": " (12/31/2025)"}
        said = [_WORDS[self.decimal] + marks[self.decimal]] if self.decimal else []
        said += [_ORDERS[self.dates] + orders[self.dates]] if self.dates else []
        return "; ".join(said)

    def to_plain(self) -> dict[str, str | None]:
        """As strict JSON."""
        return {"decimal": self.decimal, "dates": self.dates}

    @classmethod
    def from_plain(cls, plain: Any) -> Notation:
        """What :meth:`to_plain` gave, checked as if a stranger had written it.

        Raises
        ------
        InputError
            If it is not such.
        """
        if (
            not isinstance(plain, dict)
            or list(plain) != ["decimal", "dates"]
            or plain["decimal"] not in (".", ",", None)
            or plain["dates"] not in ("dmy", "mdy", None)
        ):
            raise InputError("The notation of a table must be as it was written", f"{plain}", "Is the file damaged?")
        return cls(**plain)


UNDECIDED: Final = Notation()


@dataclass
class Observed:
    """What the columns of a file say of its notation: columns that only one reading suits, and those that both suit.

    Attributes
    ----------
    only : dict from str to (str, str)
        By decimal mark, or order of dates: a column that can be read only so, and a cell of it.
    open : dict from str to (str, str)
        By "decimal" or "dates": a column that can be read in both ways, which differ, and a cell of it.
    """

    only: dict[str, tuple[str, str]] = field(default_factory=dict)
    open: dict[str, tuple[str, str]] = field(default_factory=dict)


def decide(observed: Observed, path: Any, delimiter: str, wanted: Notation, learned: Notation) -> Notation:
    """The notation of a file.

    Where the delimiter is a comma, nobody who writes decimal commas is likely to have written the file: what could be
    read in both ways has decimal points. `wanted` is what the user says, which is not questioned; `learned` is that of
    the file which a model learned from.

    Raises
    ------
    InputError
        If columns contradict each other, or what was learned, or can be read in both ways.
    """
    default = "." if delimiter == "," and "decimal" in observed.open else None
    decimal = wanted.decimal or _decided(observed, path, "decimal", learned.decimal, default)
    dates = wanted.dates or _decided(observed, path, "dates", learned.dates, None)
    return replace(wanted, decimal=decimal, dates=dates)


_SUBJECTS: Final = {
    "decimal": (_WORDS, "--decimal (decimal=)", "The decimal mark of {} must be clear"),
    "dates": (_ORDERS, "--date-format (date_format=)", "The order of day and month in {} must be clear"),
}
"""What there is to decide: between what, by which option, and the rule in words."""


def _decided(observed: Observed, path: Any, subject: str, learned: str | None, default: str | None) -> Any:
    words, option, rule = _SUBJECTS[subject]
    first, second = words
    said = {choice: observed.only[choice] for choice in words if choice in observed.only}
    which = f"which is meant with {option}: {first!r} or {second!r}"
    if len(said) == 2:
        told = " and ".join(f"{cell!r} in column {column!r}" for column, cell in said.values())
        more = "; the column that it does not suit is then text"
        raise InputError(rule.format(path), f"both: {told}", f"Say {which}{more}")
    if said:
        ((choice, (column, cell)),) = said.items()
        if learned not in (None, choice):
            alike = f"{path} must be written as the table that the model learned from, with {words[learned]}"
            raise InputError(alike, f"{cell!r} in column {column!r}", f"If it is right nevertheless, say {which}")
        return choice
    if subject not in observed.open:
        return learned
    if learned is None and default is None:
        column, cell = observed.open[subject]
        received = f"{cell!r} in column {column!r}, which can mean both"
        raise InputError(rule.format(path), received, f"Say {which}")
    return learned or default
