"""The types of the columns of text files: the formats that cells may have, and which of them suit a whole column.

The last or the first letters of a format's name are a notation: "number," has a decimal comma, "dmy date" begins with
the day. A column has a type only if all cells of the file have it: a code that is "17" ten thousand times and then
"17A" is text. Formats are ruled out as soon as a cell contradicts them; the notation decides among those left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.containers import check_named
from glassnet.tables.reading.notation import (
    CLOCK,
    DATES,
    GROUPS,
    SHORT_DATES,
    UNDECIDED,
    WHOLE,
    ZONE,
    Notation,
    Observed,
    date_form,
    gap_numbers,
    number_form,
    plain_form,
    spellings,
    whole_form,
)
from glassnet.tables.reading.sources import pl

WORDS: Final = {
    **dict.fromkeys(("integer", "whole", "number", "plain", "cent"), Text("numbers")),
    **dict.fromkeys(("date", "datetime", "zoned"), Text("dates")),
    "boolean": Text("booleans"),
    "time": Text("times"),
}
"""The name of the cells in messages, by the last word of the format's name."""
CHOICES: Final = {"decimal": (".", ","), "dates": ("dmy", "mdy")}
"""Parts of names that the cells of a column may leave ambiguous."""
TELLING: Final = {"decimal": "[.,]", "dates": "."}
"""The characters of a cell that resolve the ambiguity."""
_SHORT: Final = tuple(f"{order} short {kind}" for order in DATES for kind in ("date", "datetime"))
NEEDS_NOTATION: Final = ("plain", *_SHORT)
"""Formats that are tried only if the notation is known."""
_SAMPLE: Final = 16
"""Cells of a column that settle most cases at once."""


@dataclass(frozen=True)
class CellFormat:
    """The form of a cell, and its parser, which returns null if it fails.

    `form` is a regular expression of its whole text, in the common part of Python's and Rust's. If it is `exact`, every
    cell of that form can be parsed. It `implies` other formats: these suit whenever this one does.
    """

    form: str
    parse: Callable[[pl.Expr], pl.Expr]
    exact: bool = True
    implies: tuple[str, ...] = ()

    def suits(self, names: Sequence[str]) -> pl.Expr:
        """Return an expression that is true for each of some columns whose present cells all have this format."""
        cell = pl.col(names)
        fitting = cell.str.contains(f"^(?:{self.form})$")
        if self.exact:
            return fitting.all()
        return self.parse(pl.when(fitting).then(cell)).null_count() == cell.null_count()


def formats_of_kind(kind: str, known: Notation) -> tuple[str, ...]:
    """Return the formats of a column of this kind, given the notation; none for text."""
    mark = known.decimal
    numbers = ("integer", "plain") if mark is None else ("integer", f"whole{mark}", f"number{mark}", f"per cent{mark}")
    orders = dict.fromkeys(("ymd", *([known.dates] if known.dates else [])))
    dates = [f"{order} {word}" for order in orders for word in ("date", "datetime")]
    dates += [name for name in _SHORT if name[:3] == known.dates]
    return {
        "number": (*numbers, "boolean"),
        "boolean": ("boolean", *numbers),
        "date": (*dates, "zoned"),
        "datetime": (*dates, "zoned"),
        "time": ("time",),
    }.get(kind, ())


def open_question(left: Sequence[str]) -> str | None:
    """Return which of `CHOICES` the formats of a column leave open, or have settled."""
    if not left or left[0] == "integer":
        return None
    return "decimal" if left[0][-1] in CHOICES["decimal"] else "dates" if left[0][:3] in CHOICES["dates"] else None


@cache
def matcher(reading: str) -> Callable[[str], object]:
    return re.compile(cell_formats()[reading].form).fullmatch


@cache
def cell_formats() -> dict[str, CellFormat]:
    """Return all formats by name, in order of preference."""
    marks = CHOICES["decimal"]
    whole = {
        f"whole{mark}": CellFormat(whole_form(mark), _number(mark, "Int64"), True, (f"number{mark}",)) for mark in marks
    }
    numbers = {f"number{mark}": CellFormat(number_form(mark), _number(mark)) for mark in marks}
    return {
        "integer": CellFormat(rf"[+-]?(?:{WHOLE})", lambda cell: cell.cast(pl.Int64), implies=(*whole, *numbers)),
        **whole,
        **numbers,
        "plain": CellFormat(plain_form(), _number(".")),
        **{f"per cent{mark}": CellFormat(rf"(?:{number_form(mark)})\s?%", _number(mark)) for mark in marks},
        "boolean": CellFormat(r"(?i:true|false)", lambda cell: cell.str.to_lowercase() == "true"),
        **{f"{order} date": CellFormat(DATES[order], _date(order), exact=False) for order in DATES},
        **{f"{order} datetime": CellFormat(date_form(order), _datetime(order), exact=False) for order in DATES},
        **{
            f"{order} short date": CellFormat(
                f"(?:{DATES[order]}|{SHORT_DATES[order]})", _date(order, short=True), exact=False
            )
            for order in DATES
        },
        **{
            f"{order} short datetime": CellFormat(
                f"(?:{date_form(order)}|{date_form(order, short=True)})", _datetime(order, short=True), exact=False
            )
            for order in DATES
        },
        "zoned": CellFormat(rf"[1-9][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}[T ]{CLOCK}{ZONE}", _zoned, exact=False),
        "time": CellFormat(
            CLOCK, lambda cell: _whole_clock(cell).str.to_time("%H:%M:%S%.f", strict=False), exact=False
        ),
    }


def _number(mark: str, dtype: str = "Float64") -> Callable[[pl.Expr], pl.Expr]:
    others = f"[{GROUPS[mark]}% ]"
    return lambda cell: cell.str.replace_all(others, "").str.replace(mark, ".", literal=True).cast(getattr(pl, dtype))


def _plain_date(cell: pl.Expr, order: str, *, short: bool) -> pl.Expr:
    """Rewrite dates with hyphens, and four digits of the year."""
    plain = cell.str.replace("^([0-9]+)[^0-9]([0-9]+)[^0-9]([0-9]+)日?", "${1}-${2}-${3}")
    if not short:
        return plain
    before, behind = ("^", "(-)") if order == "ymd" else ("^([0-9]+-[0-9]+-)", "($|[T ])")
    first, last = ("", "${2}") if order == "ymd" else ("${1}", "${3}")
    year = "1" if order == "ymd" else "2"
    for digits, century in (("69|[7-9][0-9]", "19"), ("[0-9]{2}", "20")):
        plain = plain.str.replace(f"{before}({digits}){behind}", f"{first}{century}${{{year}}}{last}")
    return plain


def _date(order: str, *, short: bool = False) -> Callable[[pl.Expr], pl.Expr]:
    return lambda cell: _plain_date(cell, order, short=short).str.to_date(_strftime(order), strict=False)


def _strftime(order: str) -> str:
    return "-".join({"y": "%Y", "m": "%m", "d": "%d"}[part] for part in order)


def _whole_clock(cell: pl.Expr) -> pl.Expr:
    """Add missing seconds to times of day."""
    return cell.str.replace("([T ]|^)([0-9]{1,2}:[0-9]{2})($|Z|[+-])", "${1}${2}:00${3}")


def _datetime(order: str, *, short: bool = False) -> Callable[[pl.Expr], pl.Expr]:
    def parse(cell: pl.Expr) -> pl.Expr:
        full = (
            _plain_date(cell, order, short=short)
            .str.replace("T", " ", literal=True)
            .str.replace("^([0-9-]+)$", "${1} 0:00")
        )
        return _whole_clock(full).str.to_datetime(f"{_strftime(order)} %H:%M:%S%.f", time_unit="us", strict=False)

    return parse


def _zoned(cell: pl.Expr) -> pl.Expr:
    full = _whole_clock(cell).str.replace("T", " ", literal=True).str.replace("Z", "+00:00", literal=True)
    return full.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)


def clean_cells(frame: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Remove spaces around cells of text, and make empty and missing ones null; a number is one however it is written.

    Examples
    --------
    >>> import polars as pl
    >>> cells = pl.DataFrame({"a": [" x", "", " ", "?"], "b": ["-999", "-999.0", "1", "-9990"], "c": [-999, 1, 2, 3]})
    >>> cleaned = clean_cells(cells, ["?", "-999.0"])
    >>> cleaned["a"].to_list(), cleaned["b"].to_list(), cleaned["c"].to_list()
    (['x', None, None, None], [None, None, '1', '-9990'], [None, 1, 2, 3])
    """
    text = pl.col(pl.String)  # all such columns in one expression, however many they are
    return _without(frame.with_columns(text.str.strip_chars()), text, ["", *missing])


def without_gaps(frame: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Make missing values of a table with types null; all else is left unchanged.

    Examples
    --------
    >>> import polars as pl
    >>> without_gaps(pl.DataFrame({"a": [" x", " ?", ""], "b": [-999.0, 1.0, None]}), ["?", "-999"]).rows()
    [(' x', None), (None, 1.0), ('', None)]
    """
    if not missing:
        return frame
    levels = pl.col(pl.Categorical, pl.Enum)
    gap = levels.cast(pl.String).is_in(spellings(missing))
    frame = frame.with_columns(pl.when(~gap).then(levels).name.keep())
    return _without(frame, pl.col(pl.String).str.strip_chars(), missing)


def _without(frame: pl.DataFrame, cells: pl.Expr, missing: Sequence[str]) -> pl.DataFrame:
    gap = cells.is_in(spellings(missing))
    frame = frame.with_columns(pl.when(~gap).then(pl.col(pl.String)).name.keep())
    if numbers := gap_numbers(missing):
        number = pl.col([name for name, kind in frame.schema.items() if kind.is_numeric()])
        gaps = number.cast(pl.Float64).is_in(numbers)
        frame = frame.with_columns(pl.when(~gaps).then(number).name.keep())
    return frame


def as_text(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Convert columns of codes that have another type to text, as in a text file of the table.

    Raises
    ------
    InputError
        If there is no such column, or it holds something else than text, numbers and booleans.

    Examples
    --------
    >>> import polars as pl
    >>> as_text(pl.DataFrame({"a": [17, None], "b": [1.0, float("nan")]}), ["a", "b"]).rows()
    [('17', '1.0'), (None, None)]
    """
    check_named(names, frame.columns)
    for name in names:
        dtype = frame.schema[name]
        if not (dtype.is_numeric() or dtype in (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null)):
            rule = Text("A column treated as text must contain text, numbers or booleans")
            raise InputError(
                rule,
                Text("{name!r}, of type {dtype}", name=name, dtype=dtype),
                "Write it as text, or leave it unchanged",
            )
    codes = [pl.col(name).fill_nan(None) if frame.schema[name].is_float() else pl.col(name) for name in names]
    return frame.with_columns(code.cast(pl.String) for code in codes)


class CellTypes:
    """Infers the types of the columns of a text file, chunk by chunk, and converts them; those of `text` stay text.

    `known` is the known part of the notation: the texts for a missing value, which contradict nothing and are null if
    the other cells of a column are not text, and an order of dates, with which years may have two digits. `kinds` are
    those of columns in training: each is read as that, or not at all.

    Examples
    --------
    >>> import polars as pl
    >>> types = CellTypes()
    >>> for piece in (pl.DataFrame({"a": ["1", None], "b": ["1", "2"]}), pl.DataFrame({"a": ["2,5"], "b": ["17A"]})):
    ...     types.update(piece)
    >>> types.observed().only
    {',': ('a', '2,5')}
    >>> types.convert(pl.DataFrame({"a": ["3"], "b": ["3"]}), Notation(",")).rows()
    [(3.0, '3')]
    """

    def __init__(
        self, text: Container[str] = (), known: Notation = UNDECIDED, kinds: Mapping[str, str] | None = None
    ) -> None:
        self._text, self._gaps = text, known.gaps
        self._formats = tuple(name for name in cell_formats() if name not in NEEDS_NOTATION or name[:3] == known.dates)
        self._allowed = {name: formats_of_kind(kind, known) for name, kind in (kinds or {}).items()}
        self._left: dict[str, tuple[str, ...]] = {}
        self._telling: dict[str, str] = {}  # of columns that can be read in two ways, a cell in which these differ
        self._taken: dict[str, Counter[str]] = {}

    def update(self, frame: pl.DataFrame) -> None:
        """Rule out the formats that cells of this chunk contradict."""
        readings = cell_formats()
        names = [
            name
            for name, kind in frame.schema.items()
            if kind == pl.String and name not in self._text and self._left.get(name) != ()
        ]
        frame = self._without_gaps(frame.select(names))
        head = frame.head(_SAMPLE * 4)
        open_questions: dict[str, tuple[str, ...]] = {}
        samples: dict[str, list[str]] = {}
        for name, cells in zip(names, head.iter_columns(), strict=True):
            sample = [cell for cell in cells.to_list() if cell is not None][:_SAMPLE]
            if not sample and len(frame) > len(head):
                sample = frame[name].drop_nulls().head(_SAMPLE).to_list()
            if sample:
                left = self._left.get(name, self._allowed.get(name, self._formats))
                open_questions[name] = tuple(at for at in left if all(map(matcher(at), sample)))
                self._left[name], samples[name] = (), sample
        while questions := {name: left[0] for name, left in open_questions.items() if left}:
            by_reading: dict[str, list[str]] = {}
            for name, reading in questions.items():
                by_reading.setdefault(reading, []).append(name)
            suiting = frame.select(readings[reading].suits(columns) for reading, columns in by_reading.items())
            answers = suiting.row(0, named=True)
            for name, reading in questions.items():
                rest = open_questions[name][1:]
                if answers[name]:
                    implied = tuple(other for other in rest if other in readings[reading].implies)
                    self._left[name] += (reading, *implied)
                    rest = tuple(other for other in rest if other not in implied)
                open_questions[name] = rest
        for name, sample in samples.items():
            if name not in self._telling and (subject := open_question(self._left[name])):
                telling = TELLING[subject]
                marked = [cell for cell in sample if re.search(telling, cell)]
                marked = marked or frame[name].filter(frame[name].str.contains(telling)).head(1).to_list()
                self._telling |= dict.fromkeys([name], marked[0]) if marked else {}

    def settle(self, name: str, formats: tuple[str, ...], cell: str) -> None:
        """Take the formats of a column of dates as known; `cell` is one of its cells."""
        self._left[name], self._telling[name] = formats, cell

    def _without_gaps(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Make texts for a missing value null, and count them."""
        cells = frame.with_columns(self._known(pl.all()))
        for before, after in zip(frame, cells, strict=True):
            if after.null_count() > before.null_count():
                words = before.filter(after.is_null() & before.is_not_null()).to_list()
                self._taken.setdefault(before.name, Counter()).update(words)
        return cells

    def _known(self, cells: pl.Expr) -> pl.Expr:
        """Make texts for a missing value null."""
        return pl.when(~cells.is_in(list(self._gaps))).then(cells) if self._gaps else cells

    @property
    def taken(self) -> dict[str, Counter[str]]:
        """The texts that were read as missing values, by column, and their counts."""
        return {name: words for name, words in self._taken.items() if self._left.get(name)}

    def merge(self, other: CellTypes) -> None:
        """Rule out the formats that the cells of another file contradict, too."""
        for name, words in other._taken.items():
            self._taken.setdefault(name, Counter()).update(words)
        for name, left in other._left.items():
            self._left[name] = tuple(reading for reading in self._left.get(name, left) if reading in left)
        self._telling = other._telling | self._telling

    def contradicted(self, other: CellTypes) -> str | None:
        """Return a column that can be read in each of the two, but not alike; None if there is none."""
        for name, left in other._left.items():
            known = self._left.get(name)
            if known is not None and (known or left) and not set(known) & set(left):
                return name
        return None

    def held(self, name: str) -> Text:
        """Return the content of a column, in a word for messages."""
        left = self._left[name]
        return WORDS[left[0].split()[-1].rstrip(".,")] if left else Text("text")

    def unreadable(self, name: str, cells: Iterable[str | None]) -> tuple[int, str] | None:
        """Return place and text of the first cell that does not fit the column's type; None if all do."""
        forms = [matcher(reading) for reading in self._left[name]]
        for place, cell in enumerate(cells):
            if cell is not None and cell not in self._gaps and not any(form(cell) for form in forms):
                return place, cell
        return None

    def observed(self) -> Observed:
        """Return the evidence of the columns for the notation of the file."""
        found = Observed()
        for name, cell in self._telling.items():
            left = self._left[name]
            subject = open_question(left)
            if subject is None:
                continue
            choices = [choice for choice in CHOICES[subject] if any(choice in reading for reading in left)]
            if len(choices) == 1 or (subject == "dates" and "." in cell):
                found.only.setdefault(choices[0], (name, cell))  # with points the day comes first
            else:
                found.open.setdefault(subject, (name, cell))
        return found

    def convert(self, frame: pl.DataFrame, notation: Notation) -> pl.DataFrame:
        """Convert a chunk of text by the inferred types; a column without any cell stays text."""
        readings, decimal, dates = cell_formats(), notation.decimal or ".", notation.dates or "dmy"
        chosen: dict[str, list[str]] = {}
        for name, left in self._left.items():
            known = [reading for reading in left if reading[-1] not in CHOICES["decimal"] or reading[-1] == decimal]
            known = [reading for reading in known if reading[:3] not in CHOICES["dates"] or reading[:3] == dates]
            if known:
                chosen.setdefault(known[0], []).append(name)
        with_gaps = {reading: [name for name in names if name in self._taken] for reading, names in chosen.items()}
        clean = {reading: [name for name in names if name not in self._taken] for reading, names in chosen.items()}
        return frame.with_columns(
            *(readings[reading].parse(pl.col(names)) for reading, names in clean.items() if names),
            *(readings[reading].parse(self._known(pl.col(names))) for reading, names in with_gaps.items() if names),
        )
