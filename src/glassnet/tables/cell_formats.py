"""The formats that cells of a text file may have, by name, and how each is parsed.

The last or the first letters of a name are a notation: "number," has a decimal comma, "dmy date" begins with the day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from glassnet.tables.notation import (
    CLOCK,
    DATES,
    GROUPS,
    SHORT_DATES,
    WHOLE,
    ZONE,
    Notation,
    date_form,
    number_form,
    plain_form,
    whole_form,
)
from glassnet.tables.sources import pl


@dataclass(frozen=True)
class CellFormat:
    """What a cell must look like, and what it becomes, null if that fails.

    `form` is a regular expression of its whole text, in the common part of Python's and Rust's. If it is `exact`, every
    cell of that form can be parsed. What it `implies` are formats that suit whenever this one does.
    """

    form: str
    parse: Callable[[pl.Expr], pl.Expr]
    exact: bool = True
    implies: tuple[str, ...] = ()

    def suits(self, names: Sequence[str]) -> pl.Expr:
        """Tell for each of some columns whether all cells that are not null can be read so."""
        cell = pl.col(names)
        fitting = cell.str.contains(f"^(?:{self.form})$")
        if self.exact:
            return fitting.all()
        return self.parse(pl.when(fitting).then(cell)).null_count() == cell.null_count()


WORDS: Final = {
    **dict.fromkeys(("integer", "whole", "number", "plain", "cent"), "numbers"),
    "boolean": "booleans",
    "date": "dates",
    "datetime": "dates",
    "zoned": "dates",
    "time": "times",
}
"""What messages call the cells, by the last word of a name."""
CHOICES: Final = {"decimal": (".", ","), "dates": ("dmy", "mdy")}
"""Parts of names between which the cells of a column may leave open which is meant."""
TELLING: Final = {"decimal": "[.,]", "dates": "."}
"""What a cell contains that shows it."""
_SHORT: Final = tuple(f"{order} short {kind}" for order in DATES for kind in ("date", "datetime"))
NEEDS_NOTATION: Final = ("plain", *_SHORT)
"""Formats that are tried only if the notation is known."""


def formats_of_kind(kind: str, known: Notation) -> tuple[str, ...]:
    """The formats of a column of this kind, given the notation: none for text."""
    mark = known.decimal
    numbers = ("integer", "plain") if mark is None else ("integer", f"whole{mark}", f"number{mark}", f"per cent{mark}")
    orders = dict.fromkeys(("ymd", *([known.dates] if known.dates else [])))
    dates = [f"{order} {word}" for order in orders for word in ("date", "datetime")]
    dates += [way for way in _SHORT if way[:3] == known.dates]
    return {
        "number": (*numbers, "boolean"),
        "boolean": ("boolean", *numbers),
        "date": (*dates, "zoned"),
        "datetime": (*dates, "zoned"),
        "time": ("time",),
    }.get(kind, ())


def open_question(left: Sequence[str]) -> str | None:
    """Which of `CHOICES` the formats of a column leave open, or have settled."""
    if not left or left[0] == "integer":
        return None
    return "decimal" if left[0][-1] in CHOICES["decimal"] else "dates" if left[0][:3] in CHOICES["dates"] else None


@cache
def matcher(reading: str) -> Callable[[str], object]:
    return re.compile(cell_formats()[reading].form).fullmatch


@cache
def cell_formats() -> dict[str, CellFormat]:
    """All formats by name, in order of preference."""
    marks = CHOICES["decimal"]
    whole = {
        f"whole{mark}": CellFormat(whole_form(mark), _number(mark, pl.Int64), True, (f"number{mark}",))
        for mark in marks
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


def _number(mark: str, dtype: Any = None) -> Callable[[pl.Expr], pl.Expr]:
    others = f"[{GROUPS[mark]}% ]"
    return lambda cell: cell.str.replace_all(others, "").str.replace(mark, ".", literal=True).cast(dtype or pl.Float64)


def _plain_date(cell: pl.Expr, order: str, *, short: bool) -> pl.Expr:
    """Dates with hyphens, and four digits of the year."""
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
    """Times of day with their seconds."""
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
