"""The notation of a file: its decimal mark, the order of its dates, and its texts for a missing value.

"1.234" is a little more than one in English and more than a thousand in German; "03.04.2025" and "03/04/2025" are days
in April or in March. Single cells are ambiguous, a whole file rarely is: the notation is decided once, from all columns
of a file, and kept with the model trained on it. If the cells leave it open, the user must specify it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final, Literal, get_args

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.saved_state import fields, is_texts

Mark = Literal[".", ","]
Order = Literal["dmy", "mdy", "ymd"]

GROUPS: Final[Mapping[str, str]] = {".": ",'’ \u00a0\u202f", ",": ".'’ \u00a0\u202f"}
"""The characters that may separate groups of three digits, by decimal mark."""
BLANKS: Final = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Unicode's white space, left out around cells; to `str.strip` the separators U+001C to U+001F are some, too."""
USUAL_GAPS: Final = (
    *("NA", "N/A", "n/a", "<NA>", "#N/A", "#NA", "#N/A N/A", "NULL", "null", "None", "NaN", "nan", "-NaN", "-nan"),
    *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "-"),
)
"""The default texts for a missing value among numbers, dates and booleans: pandas' list, and "-"."""
PLAIN_NUMBER: Final = re.compile(r"([-+]?[0-9]+)(?:\.([0-9]*?)0*)?")
CLOCK: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
ZONE: Final = "(?:Z|[+-][0-9]{2}:?[0-9]{2})"
# Leading zeros mark codes (of places, articles), and beyond 18 digits float64 would change the number: both are text.
WHOLE: Final = r"0|[1-9][0-9]{0,17}"
_YEAR, _MONTH, _DAY = "[1-9][0-9]{3}", "(?:1[0-2]|0?[1-9])", "(?:3[01]|[12][0-9]|0?[1-9])"
DATES: Final[Mapping[str, str]] = {
    "ymd": f"{_YEAR}(?:-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY}|\\.{_MONTH}\\.{_DAY}|年{_MONTH}月{_DAY}日)",
    "dmy": f"{_DAY}(?:\\.{_MONTH}\\.|/{_MONTH}/|-{_MONTH}-){_YEAR}",
    "mdy": f"{_MONTH}(?:\\.{_DAY}\\.|/{_DAY}/|-{_DAY}-){_YEAR}",
}
"""Regular expressions of dates by the order of their parts, in the common subset of Python and Rust."""
SHORT_DATES: Final[Mapping[str, str]] = {order: form.replace(_YEAR, "[0-9]{2}") for order, form in DATES.items()}
"""The same with a year of two digits; their order must be known."""
PART: Final = "notation"
"""What error messages call it."""
_WORDS: Final = {
    ".": Text("a decimal point"),
    ",": Text("a decimal comma"),
    "dmy": Text("the day before the month"),
    "mdy": Text("the month before the day"),
    "ymd": Text("the year before the month"),
}
_EXAMPLES: Final = {".": "1,234.5", ",": "1.234,5", "dmy": "31.12.2025", "mdy": "12/31/2025", "ymd": "25-12-31"}


def spellings(missing: Iterable[str]) -> list[str]:
    """Return texts for a missing value, and all spellings of those that are numbers.

    Three digits behind a mark would be thousands in some languages: such a number is one as it stands.

    Examples
    --------
    >>> spellings(["?", "-9.90"])
    ['?', '-9.90', '-9.9', '-9,9', '-9.90', '-9,90']
    """
    found = []
    for text in missing:
        found.append(text)
        if number := PLAIN_NUMBER.fullmatch(text):
            whole, fraction = number.groups("")
            found += [] if fraction else [whole]
            tails = {
                fraction,
                *(fraction + "0" * (digits - len(fraction)) for digits in (1, 2) if digits > len(fraction)),
            }
            found += [whole + mark + tail for tail in sorted(tails) if len(tail) != 3 for mark in ".,"]
    return found


def gap_numbers(missing: Iterable[str]) -> list[float]:
    """Return the numbers among texts for a missing value, which number columns hold in their place.

    >>> gap_numbers(["?", "-999"])
    [-999.0]
    """
    return [float(text) for text in missing if PLAIN_NUMBER.fullmatch(text)]


@cache
def number_form(mark: str) -> str:
    """Return the regular expression of a number with this decimal mark.

    Examples
    --------
    >>> [bool(re.fullmatch(number_form(","), cell)) for cell in ("1.234,5", "1,5", "1.234", "1.5", "1 234", "007")]
    [True, True, True, False, True, False]
    """
    return f"[+-]?(?:{_ungrouped(mark)}|(?:{_grouped(mark, '+')})(?:{re.escape(mark)}[0-9]*)?)|(?i:nan)"


def _ungrouped(mark: str) -> str:
    point = re.escape(mark)
    fraction = f"[0-9]+{point}[0-9]*|{point}[0-9]+"
    return f"{WHOLE}|{fraction}|(?:[0-9]+|{fraction})[eE][+-]?[0-9]+|(?i:inf|infinity)"


@cache
def plain_form() -> str:
    """Return the regular expression of a number whose decimal mark is not known: a point, and no groups of digits.

    Examples
    --------
    >>> [bool(re.fullmatch(plain_form(), cell)) for cell in ("1.5", "1234", "1,234", "1 234")]
    [True, True, False, False]
    """
    return f"[+-]?(?:{_ungrouped('.')})|(?i:nan)"


@cache
def whole_form(mark: str) -> str:
    """Return the regular expression of an integer that an int64 holds, with this decimal mark.

    Examples
    --------
    >>> [bool(re.fullmatch(whole_form("."), cell)) for cell in ("1,234", "-12", "1.5", "1,23")]
    [True, True, False, False]
    """
    return f"[+-]?(?:{WHOLE}|{_grouped(mark, '{1,5}')})"


def _grouped(mark: str, groups: str) -> str:
    return "|".join(f"[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}}){groups}" for group in GROUPS[mark])


@cache
def date_form(order: str, *, short: bool = False) -> str:
    """Return the regular expression of a date, optionally with a time of day; `short`: with a year of two digits."""
    return f"(?:{(SHORT_DATES if short else DATES)[order]})(?:[T ]{CLOCK})?"


def clock_time(text: str) -> datetime.time:
    """Parse a time of day, whose hour may have one digit.

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
    """Parse a number with this decimal mark; None if it is none. "12 %" is 12.

    Without a mark "1,234" is none: it could be either.

    Examples
    --------
    >>> number_in("1.234,50", ","), number_in("12.5 %", "."), number_in("1,234", None)
    (1234.5, 12.5, None)
    """
    mark, digits = decimal or ".", text.removesuffix("%").rstrip()
    if not re.fullmatch(number_form(mark) if decimal else plain_form(), digits):
        return None
    return float(digits.translate(str.maketrans(mark, ".", GROUPS[mark])))


def moment_in(text: str, dates: str | None) -> datetime.datetime | None:
    """Parse a date, optionally with a time, with this order of its parts; None if it is none.

    Years of two digits are those from 1969 to 2068, if the order is known.

    Examples
    --------
    >>> moment_in("31.12.2023 8:30", "dmy"), moment_in("03/04/2025", None)
    (datetime.datetime(2023, 12, 31, 8, 30), None)
    >>> moment_in("20/01/24", "dmy"), moment_in("69-01-20", "ymd"), moment_in("20/01/24", None)
    (datetime.datetime(2024, 1, 20, 0, 0), datetime.datetime(1969, 1, 20, 0, 0), None)
    """
    for order, short in (("ymd", False), *([(dates, False), (dates, True)] if dates else [])):
        if re.fullmatch(date_form(order, short=short), text):
            date, _, clock = text.replace("T", " ").partition(" ")
            parts = dict(zip(order, map(int, re.findall("[0-9]+", date)), strict=True))
            century = 0 if not short else 1900 if parts["y"] > 68 else 2000
            try:
                day = datetime.date(century + parts["y"], parts["m"], parts["d"])
                return datetime.datetime.combine(day, clock_time(clock) if clock else datetime.time())
            except ValueError:
                return None
    return None


@dataclass(frozen=True)
class Notation:
    """The notation of numbers and dates.

    Attributes
    ----------
    decimal : {".", ","} or None
        The decimal mark; None: no number tells.
    dates : {"dmy", "mdy", "ymd"} or None
        What comes first where the year comes last, or has two digits; None: no date tells.
    missing : tuple of str or None
        Texts that stand for a missing value, in every column; None: :data:`USUAL_GAPS`, among anything but text.

    Examples
    --------
    >>> Notation(",", "dmy").number("1.234,50"), Notation(".").number("12.5 %"), Notation(",").number("2.5")
    (1234.5, 12.5, None)
    >>> Notation(dates="dmy").moment("31.12.2023 8:30")
    datetime.datetime(2023, 12, 31, 8, 30)
    """

    decimal: Mark | None = None
    dates: Order | None = None
    missing: tuple[str, ...] | None = None

    @cached_property
    def gaps(self) -> frozenset[str]:
        """The texts for a missing value in a column of numbers, dates or booleans."""
        return frozenset(USUAL_GAPS if self.missing is None else self.gaps_in_text)

    @cached_property
    def gaps_in_text(self) -> frozenset[str]:
        """The texts for a missing value in every column."""
        return frozenset(spellings(self.missing or ()))

    def number(self, text: str) -> float | None:
        """Parse a number; None if it is none. "12 %" is 12.

        Where nothing was decided, "1,234" is none: it could be either.
        """
        return number_in(text, self.decimal)

    def moment(self, text: str) -> datetime.datetime | None:
        """Parse a date, optionally with a time; None if it is none."""
        return moment_in(text, self.dates)

    def parts(self) -> list[Text]:
        """Return the decisions, each in a few words."""
        decided = [choice for choice in (self.decimal, self.dates) if choice]
        return [Text("{words} ({example})", words=_WORDS[each], example=_EXAMPLES[each]) for each in decided]

    def words(self) -> Text:
        """Return the decisions in a few words; "" if there are none.

        >>> Notation(",", "dmy").words()
        'a decimal comma (1.234,5); the day before the month (31.12.2025)'
        """
        parts = self.parts()
        if len(parts) == 2:
            return Text("{first}; {second}", first=parts[0], second=parts[1])
        return parts[0] if parts else Text("")

    def to_plain(self) -> dict[str, Any]:
        """Return it as strict JSON."""
        named = {} if self.missing is None else {"missing": list(self.missing)}
        return {"decimal": self.decimal, "dates": self.dates, **named}

    @classmethod
    def from_plain(cls, plain: Any) -> Notation:
        """Rebuild it from :meth:`to_plain`, validated as untrusted input.

        Raises
        ------
        InputError
            If :meth:`to_plain` cannot have written it.
        """
        rules = {"decimal": (".", ",", None).__contains__, "dates": (*get_args(Order), None).__contains__}
        if isinstance(plain, dict) and "missing" in plain:
            rules["missing"] = is_texts
        decimal, dates, *missing = fields(plain, PART, "refused", **rules)
        return cls(decimal, dates, tuple(missing[0]) if missing else None)


UNDECIDED: Final = Notation()


@dataclass
class Observed:
    """What the columns of a file show of its notation: columns that only one reading suits, and those that both suit.

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
    """Decide on the notation of a file.

    A file delimited by commas hardly has decimal commas: cells that can be read in both ways have decimal points.
    `wanted` is the user's choice, which is not questioned; `learned` is the notation of the training table.

    Raises
    ------
    InputError
        If columns contradict each other, or what was learned, or can be read in both ways.
    """
    default = "." if delimiter == "," else None
    decimal = wanted.decimal or _decided(observed, path, "decimal", learned.decimal, default)
    dates = wanted.dates or _decided(observed, path, "dates", learned.dates, None)
    missing = learned.missing if wanted.missing is None else wanted.missing
    return Notation(decimal, dates, missing)


_SUBJECTS: Final = {
    "decimal": ((".", ","), "--decimal", "decimal", Text("The decimal mark of {file} must be unambiguous")),
    "dates": (
        *(("dmy", "mdy"), "--date-format", "date_format"),
        Text("The order of day and month in {file} must be unambiguous"),
    ),
}
"""What there is to decide: between what, by which option of the command line and of Python, and the rule in words."""


def _decided(observed: Observed, path: Any, subject: str, learned: str | None, default: str | None) -> Any:
    choices, flag, keyword, rule = _SUBJECTS[subject]
    option = {"flag": flag, "keyword": keyword, "first": choices[0], "second": choices[1]}
    said = {choice: observed.only[choice] for choice in choices if choice in observed.only}
    if len(said) == 2:
        told = " and ".join(f"{cell!r} in column {column!r}" for column, cell in said.values())
        remedy = Text(
            "Specify which is meant with {flag} ({keyword}=): {first!r} or {second!r}; the column that it does not "
            "suit is then text"
        )
        raise InputError(rule.filled(file=path), Text("both: {told}", told=told), remedy.filled(**option))
    if said:
        ((choice, (column, cell)),) = said.items()
        if learned not in (None, choice):
            way = _WORDS[learned or ""]
            alike = Text("{path} must be written like the training table, with {way}", path=path, way=way)
            remedy = Text("If it is correct, specify which is meant with {flag} ({keyword}=): {first!r} or {second!r}")
            raise InputError(
                alike, Text("{cell!r} in column {column!r}", cell=cell, column=column), remedy.filled(**option)
            )
        return choice
    if subject not in observed.open:
        return learned or default
    if learned is None and default is None:
        column, cell = observed.open[subject]
        received = f"{cell!r} in column {column!r}, which can mean both"
        remedy = Text("Specify which is meant with {flag} ({keyword}=): {first!r} or {second!r}")
        raise InputError(rule.filled(file=path), received, remedy.filled(**option))
    return learned or default
