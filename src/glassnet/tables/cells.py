"""What the cells of a text file mean: numbers, booleans, dates, or text.

A column is a number only if all of its cells are, in the whole file: a code that is "17" ten thousand times and then
"17A" is text. So every way to read a column is kept until a cell contradicts it, and the first that is left is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CellTypes", "clean_cells"]

_CLOCK: Final = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Leading zeros mark codes (of places, articles), and beyond 18 digits float64 would change the number: both are text.
_WHOLE: Final = r"0|[1-9][0-9]{0,17}"
_EXPONENT: Final = r"[eE][+-]?[0-9]+"


def clean_cells(frame: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Remove spaces around cells, and make empty and missing ones null.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of text.
    missing : sequence of str
        Texts that stand for a missing value, besides an empty cell.

    Returns
    -------
    polars.DataFrame
        Of the same shape.

    Examples
    --------
    >>> import polars as pl
    >>> clean_cells(pl.DataFrame({"a": [" x", "", " ", "?"]}), ["?"])["a"].to_list()
    ['x', None, None, None]
    """
    import polars as pl

    cells = [pl.col(name).str.strip_chars() for name in frame.columns]
    return frame.select(pl.when(~cell.is_in(["", *missing])).then(cell) for cell in cells)


@dataclass(frozen=True)
class _Reading:
    """One way to read cells.

    Attributes
    ----------
    form : str
        What a cell must look like; a regular expression of its whole text, in the common part of Python's and Rust's.
    parse : function from expression to expression
        What it becomes; null if that fails.
    exact : bool
        Whether every cell of that form can be parsed.
    implies : tuple of str
        Readings that suit whenever this one does.
    """

    form: str
    parse: Callable[[pl.Expr], pl.Expr]
    exact: bool = True
    implies: tuple[str, ...] = ()

    def suits(self, name: str) -> pl.Expr:
        """Tell whether all cells of a column that are not null can be read so."""
        import polars as pl

        cell = pl.col(name)
        fitting = cell.str.contains(f"^({self.form})$")
        if self.exact:
            return fitting.all()
        return self.parse(pl.when(fitting).then(cell)).null_count() == cell.null_count()


class CellTypes:
    """Finds the types of the columns of a text file, piece by piece, and converts them.

    Parameters
    ----------
    names : sequence of str
        The columns.
    decimal_comma : bool
        Whether "1,5" is a number (then "1.234,5" is one, too); otherwise "1,234.5" is.

    Examples
    --------
    >>> import polars as pl
    >>> types = CellTypes(["a", "b"], decimal_comma=False)
    >>> for piece in (pl.DataFrame({"a": ["1", None], "b": ["1", "2"]}), pl.DataFrame({"a": ["2.5"], "b": ["17A"]})):
    ...     types.update(piece)
    >>> types.convert(pl.DataFrame({"a": ["3"], "b": ["3"]})).rows()
    [(3.0, '3')]
    """

    def __init__(self, names: Sequence[str], *, decimal_comma: bool) -> None:
        self._readings = _readings(decimal_comma)
        self._left = {name: tuple(self._readings) for name in names}
        self._seen: set[str] = set()

    def update(self, frame: pl.DataFrame) -> None:
        """Strike out the readings that cells of this piece contradict."""
        # A few cells settle most cases at once, and spare a long column of text all the rest.
        open_questions = {name: self._by_sample(frame[name], name) for name in self._left}
        self._left = dict.fromkeys(self._left, ()) | {
            name: self._left[name] for name, readings in open_questions.items() if readings is None
        }
        while questions := {name: readings[0] for name, readings in open_questions.items() if readings}:
            answers = frame.select(
                self._readings[reading].suits(name).alias(name) for name, reading in questions.items()
            ).row(0, named=True)
            for name, reading in questions.items():
                rest = (open_questions[name] or ())[1:]
                if answers[name]:
                    implied = tuple(other for other in rest if other in self._readings[reading].implies)
                    self._left[name] += (reading, *implied)
                    rest = tuple(other for other in rest if other not in implied)
                open_questions[name] = rest

    def _by_sample(self, cells: pl.Series, name: str) -> tuple[str, ...] | None:
        """Return the readings that a few cells leave possible; None if there is no cell to look at."""
        sample = cells.drop_nulls().head(16).to_list()
        if not sample:
            return None
        self._seen.add(name)
        return tuple(
            reading
            for reading in self._left[name]
            if all(re.fullmatch(self._readings[reading].form, cell) for cell in sample)
        )

    def convert(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Convert a piece of text by what all pieces had in common; a column without any cell stays text."""
        import polars as pl

        return frame.with_columns(
            self._readings[readings[0]].parse(pl.col(name)).alias(name)
            for name, readings in self._left.items()
            if readings and name in self._seen
        )


def _readings(decimal_comma: bool) -> dict[str, _Reading]:
    """Return the ways to read a column, in order of preference."""
    local = "decimal comma" if decimal_comma else "grouped"
    numbers = {
        "decimal comma": _Reading(
            rf"[+-]?({_WHOLE}|([1-9][0-9]{{0,2}}(\.[0-9]{{3}})+|[0-9]*),[0-9]+({_EXPONENT})?|[1-9][0-9]{{0,2}}(\.[0-9]{{3}})+)",
            lambda cell: _number(cell.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)),
        ),
        "grouped": _Reading(
            rf"[+-]?({_WHOLE}|[0-9]+\.[0-9]*|[1-9][0-9]{{0,2}}(,[0-9]{{3}})+(\.[0-9]*)?)",
            lambda cell: _number(cell.str.replace_all(",", "", literal=True)),
        ),
    }
    fraction = r"[0-9]+\.[0-9]*|\.[0-9]+"
    return {
        "integer": _Reading(rf"[+-]?({_WHOLE})", _integer, implies=("number", local)),
        "number": _Reading(
            rf"[+-]?({_WHOLE}|{fraction}|([0-9]+|{fraction}){_EXPONENT}|(?i:inf|infinity))|(?i:nan)", _number
        ),
        local: numbers[local],
        "boolean": _Reading(r"(?i:true|false)", lambda cell: cell.str.to_lowercase() == "true"),
        "date": _Reading(_DAY, lambda cell: cell.str.to_date("%Y-%m-%d", strict=False), exact=False),
        "datetime": _Reading(f"{_DAY}([T ]{_CLOCK})?", _datetime, exact=False),
        "zoned": _Reading(f"{_DAY}[T ]{_CLOCK}(Z|[+-][0-9]{{2}}:?[0-9]{{2}})", _zoned, exact=False),
        "time": _Reading(_CLOCK, _time, exact=False),
    }


def _integer(cell: pl.Expr) -> pl.Expr:
    import polars as pl

    return cell.cast(pl.Int64)


def _number(cell: pl.Expr) -> pl.Expr:
    import polars as pl

    return cell.cast(pl.Float64)


def _datetime(cell: pl.Expr) -> pl.Expr:
    full = cell.str.replace("T", " ", literal=True)
    full = full.str.replace(r"^(.{10})$", "${1} 00:00:00").str.replace(r"^(.{16})$", "${1}:00")
    return full.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)


def _zoned(cell: pl.Expr) -> pl.Expr:
    full = cell.str.replace("T", " ", literal=True).str.replace("Z", "+00:00", literal=True)
    full = full.str.replace(r"^(.{16})([+-])", "${1}:00${2}")
    return full.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)


def _time(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(r"^(.{5})$", "${1}:00").str.to_time("%H:%M:%S%.f", strict=False)
