"""Conversion of columns to the kinds that they had in training.

Tables drift: the integers of last month are floats today because of one missing value, the codes of a category come as
text, the dates as text in ISO form. Unambiguous values are converted; for others the error names column and value. A
column of text with one usual format is converted at once, others cell by cell, like single rows, with equal results.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.columns.column_values import (
    NUMBER_KINDS,
    Column,
    each_text_once,
    is_missing,
    microseconds,
    read_objects,
    seconds_of_day,
)
from glassnet.tables.reading.cell_types import CellTypes
from glassnet.tables.reading.notation import UNDECIDED, Mark, Notation, Order, clock_time
from glassnet.tables.reading.sources import pl

PLURAL: Final = {
    "number": Text("numbers"),
    "boolean": Text("booleans"),
    "duration": Text("durations"),
    "date": Text("dates"),
    "datetime": Text("dates with times"),
    "time": Text("times of day"),
    "category": Text("text"),
    "empty": Text("nothing"),
}
_HOUR: Final = re.compile("(?<=[T ])(?=[0-9]:)")
"""The place before an hour of one digit."""
TYPES: Final[Mapping[str, Callable[[], Any]]] = {
    "number": lambda: pl.Float64,
    "boolean": lambda: pl.Boolean,
    "date": lambda: pl.Date,
    "datetime": lambda: pl.Datetime("us"),
    "time": lambda: pl.Time,
}
"""The types of columns without values, for the kinds that text can be read as."""
KINDS_OF_TYPES: Final[Mapping[str, str]] = {
    "Boolean": "boolean",
    "Date": "date",
    "Datetime": "datetime",
    "Time": "time",
    "Duration": "duration",
}

VALUE_OF_TYPE: Final = Text("Enter a value of that type, or leave it empty (None)")
VALUE_OF_TYPE_AS: Final = Text("Enter a value of that type, or leave it empty (None). Cells are read with {notation}")


class UnfitCellError(InputError):
    """A cell of text that cannot be read as the type of its column, in the known notation."""

    cell: str = ""
    kind: str = ""
    notation: Notation = UNDECIDED

    @property
    def otherwise(self) -> dict[str, list[str]]:
        """The reading options with which the cell would be valid, and their values."""
        read: dict[str, Any] = {}
        if self.kind in NUMBER_KINDS:
            read = {mark: replace(self.notation, decimal=mark).number(self.cell) for mark in get_args(Mark)}
        elif self.kind in ("date", "datetime"):
            read = {order: replace(self.notation, dates=order).moment(self.cell) for order in get_args(Order)}
        name = "decimal" if self.kind in NUMBER_KINDS else "date_format"
        values = [choice for choice, value in read.items() if value is not None]
        return {name: values} if values else {}


def as_numbers(values: Column, kind: str, name: str, notation: Notation = UNDECIDED) -> npt.NDArray[Any]:
    """Return values as numbers, of shape (rows,); a gap is NaN.

    `kind` is the column's content in training: number, boolean or duration.

    Raises
    ------
    InputError
        If a text is no number, or the values are of a kind that is no number.

    Examples
    --------
    >>> as_numbers(Column("category", ["1.5", " 2 ", ""]), "number", "age")
    array([1.5, 2. , nan])
    >>> as_numbers(Column("category", ["1.234", "2,5"]), "number", "age", Notation(","))
    array([1234. ,    2.5])
    """
    return _as_kind(values, kind, name, notation, alike={"number", "boolean"})


def as_timestamps(values: Column, kind: str, name: str, notation: Notation = UNDECIDED) -> npt.NDArray[np.float64]:
    """Return values as moments, of shape (rows,): microseconds since 1970, or seconds since midnight; a gap is NaN.

    `kind` is the column's content in training: date, datetime or time.

    Raises
    ------
    InputError
        If a text is no date or time, in ISO form or as `notation` has it, or the values are of another kind.

    Examples
    --------
    >>> as_timestamps(Column("category", ["1970-01-02", None]), "date", "born")
    array([8.64e+10,      nan])
    """
    return _as_kind(values, kind, name, notation, alike={"date", "datetime"})


def _as_kind(values: Column, kind: str, name: str, notation: Notation, alike: set[str]) -> npt.NDArray[Any]:
    """Return values as their kind in training; two kinds are `alike`, and missing values suit every kind."""
    if values.kind in ("empty", kind) or {values.kind, kind} == alike:
        numbers: npt.NDArray[Any] = values.data
        return numbers
    if values.kind == "category":
        return parsed(values.data, kind, name, notation)
    if not np.isnan(np.asarray(values.data, np.float64)).all():
        raise _drifted(name, kind, values.kind)
    return np.full(len(values.data), np.nan)


def as_levels(values: Column, notation: Notation = UNDECIDED) -> Sequence[Any]:
    """Return values as levels of a category: anything hashable that :func:`level_text` spells.

    Texts that stand for a missing value, as `notation` has it, are None.

    Examples
    --------
    >>> import numpy as np
    >>> as_levels(Column("number", np.array([1.0, 2.5])))
    [1.0, 2.5]
    """
    if values.kind == "category":
        levels: Sequence[Any] = values.data
        gaps = notation.gaps_in_text
        return [None if isinstance(one, str) and one.strip() in gaps else one for one in levels] if gaps else levels
    cells: list[Any] = values.data.tolist()
    restored = _RESTORED.get(values.kind)
    return cells if restored is None else [cell if cell != cell else restored(cell) for cell in cells]


def _iso(microseconds: float, unit: str) -> str:
    text = str(np.datetime64(int(microseconds), "us").astype(f"M8[{unit}]"))
    return text.removesuffix(".000000")


_RESTORED: Final[dict[str, Callable[[float], Any]]] = {
    "boolean": bool,
    "date": lambda microseconds: _iso(microseconds, "D"),
    "datetime": lambda microseconds: _iso(microseconds, "us"),
    "duration": lambda seconds: datetime.timedelta(seconds=seconds),
    "time": lambda seconds: (datetime.datetime.min + datetime.timedelta(seconds=seconds)).time(),
}
"""Restores the objects of each kind from numbers: among other objects they are levels by their text."""


def read_cell(cell: Any, kind: str, name: str, notation: Notation = UNDECIDED) -> float:
    """Convert one cell to the number or the moment that a column of its kind holds; a missing value becomes NaN.

    Raises
    ------
    InputError
        If it can be no such value.

    Examples
    --------
    >>> read_cell(3, "number", "age"), read_cell(" 1.5", "number", "age"), read_cell("1970-01-02", "date", "born")
    (3.0, 1.5, 86400000000.0)
    """
    try:
        if kind in ("number", "boolean") and isinstance(cell, int | float):
            return float(cell)
        if isinstance(cell, str) or is_missing(cell):
            return _parse(cell, kind, notation)
        values = read_objects([cell], name)
        return float((as_numbers if kind in NUMBER_KINDS else as_timestamps)(values, kind, name)[0])
    except (ValueError, TypeError, ArithmeticError):
        raise _unfit(name, kind, cell, notation) from None


def parsed(cells: Sequence[Any], kind: str, name: str, notation: Notation, first: int = 0) -> npt.NDArray[np.float64]:
    """Convert cells of text, or of mixed types, to numbers or moments; `first` is the number of the first row.

    Raises
    ------
    InputError
        Naming the first cell that is of no such kind.
    """
    cells = list(cells)

    def read(cell: Any) -> float:
        try:
            return _parse(cell, kind, notation)
        except (ValueError, TypeError, ArithmeticError):
            row = next(row for row, one in enumerate(cells) if one is cell)  # not all cells can be compared
            raise _unfit(name, kind, cell, notation, row=first + row) from None

    return np.array(each_text_once(cells, read), np.float64)


def _parse(cell: Any, kind: str, notation: Notation) -> float:
    if isinstance(cell, str):
        text = cell.strip()
        return np.nan if not text or text in notation.gaps else _PARSERS[kind](text, notation)
    if is_missing(cell):
        return np.nan
    if kind not in ("number", "boolean"):
        raise TypeError("a number is neither a moment nor a duration")
    return float(cell)


def _unfit(name: str, kind: str, cell: Any, notation: Notation, row: int | None = None) -> UnfitCellError:
    written = notation.words()
    error = UnfitCellError(
        Text("Column {name!r} must contain {values}, as in training", name=name, values=PLURAL[kind]),
        repr(cell) if row is None else Text("{cell} in row {row}", cell=repr(cell), row=row),
        VALUE_OF_TYPE_AS.filled(notation=written) if written else VALUE_OF_TYPE,
    )
    error.cell, error.kind, error.notation = str(cell).strip(), kind, notation
    return error


def _number(text: str, notation: Notation) -> float:
    """Parse a number; "true" is 1, as a true cell of a frame is."""
    if text.lower() in ("true", "false"):
        return float(text.lower() == "true")
    number = notation.number(text)
    if number is None:
        raise ValueError("no number")
    return number


def _moment(text: str, notation: Notation) -> float:
    try:
        return microseconds(datetime.datetime.fromisoformat(text))  # most are such, and no other form is one
    except ValueError:
        return microseconds(notation.moment(text) or datetime.datetime.fromisoformat(_HOUR.sub("0", text)))


def _no_duration(_: str, __: Notation) -> float:
    raise ValueError("no text is a duration")


_PARSERS: Final[dict[str, Callable[[str, Notation], float]]] = {
    "number": _number,
    "boolean": _number,
    "duration": _no_duration,
    "date": _moment,
    "datetime": _moment,
    "time": lambda text, _: seconds_of_day(clock_time(text)),
}
"""Parsers of text, by the kind of the column."""


def _drifted(name: str, kind: str, now: str) -> InputError:
    return InputError(
        Text("Column {name!r} must contain {values}, as in training", name=name, values=PLURAL[kind]),
        PLURAL[now],
        "Convert the column, or train again on the current table",
    )


def kinds_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the kinds of the columns of a polars frame; text has none.

    Examples
    --------
    >>> import polars as pl
    >>> kinds_of(pl.DataFrame({"age": [1.5], "city": ["Ulm"], "paid": [True]}).schema)
    {'age': 'number', 'paid': 'boolean'}
    """
    kinds = {name: KINDS_OF_TYPES.get(type(dtype).__name__) for name, dtype in schema.items()}
    kinds |= {name: "number" for name, dtype in schema.items() if dtype.is_numeric()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def cast_to_kinds(
    frame: pl.DataFrame, kinds: Mapping[str, str], notation: Notation, first: int = 0, *, strict: bool = True
) -> pl.DataFrame:
    """Cast columns of text to their kinds in training; `first` is the number of the first row, for messages.

    A column with a cell that cannot be read stays text if it is not `strict`: the encoder then raises the error.

    Raises
    ------
    InputError
        If a cell cannot be read.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"n": ["1.234", "NA", "5 %"], "d": ["20/01/24", "1.2.2024", None]})
    >>> cast_to_kinds(frame, {"n": "number", "d": "date"}, Notation(",", "dmy")).rows()
    [(1234.0, datetime.date(2024, 1, 20)), (None, datetime.date(2024, 2, 1)), (5.0, None)]
    """
    texts = {name: kinds[name] for name, dtype in frame.schema.items() if dtype == pl.String and name in kinds}
    types = CellTypes(known=notation, kinds=texts)
    types.update(frame.select(list(texts)))
    read = types.convert(frame.select(list(texts)), notation)
    return frame.with_columns(
        _of_one_type(column if column.dtype != pl.String else _each(column, texts, notation, first, strict), texts)
        for column in read
    )


def _each(column: pl.Series, kinds: Mapping[str, str], notation: Notation, first: int, strict: bool) -> pl.Series:
    """Read a column of text cell by cell."""
    kind = kinds[column.name]
    if kind not in TYPES:
        return column
    try:
        numbers = pl.Series(column.name, parsed(column.to_list(), kind, column.name, notation, first), nan_to_null=True)
    except InputError:
        if strict:
            raise
        return column
    if kind in NUMBER_KINDS:
        return numbers
    if kind == "time":
        return (numbers * 1e9).round().cast(pl.Int64).cast(pl.Time)
    return numbers.cast(pl.Int64).cast(pl.Datetime("us"))


def _of_one_type(column: pl.Series, kinds: Mapping[str, str]) -> pl.Series:
    """Cast a column so that all chunks of a table can be concatenated."""
    if not column.count() and kinds[column.name] in TYPES:
        return column.cast(TYPES[kinds[column.name]]())
    if column.dtype == pl.Boolean and kinds[column.name] == "number":
        return column.cast(pl.Int64)
    if column.dtype == pl.Datetime("us", "UTC"):
        return column.dt.replace_time_zone(None)
    return column
