"""Columns of text cast to the kinds that they had in training, each cell by itself: the others do not matter.

A column whose cells are all written in one usual way is converted at once; of another one each cell is read as that of
a single row is. Both ways give the same for every cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.tables.cells import CellTypes
from glassnet.tables.conversion import parsed
from glassnet.tables.notation import Notation
from glassnet.tables.sources import pl
from glassnet.tables.values import NUMBER_KINDS

TYPES: Final[Mapping[str, Callable[[], Any]]] = {
    "number": lambda: pl.Float64,
    "boolean": lambda: pl.Boolean,
    "date": lambda: pl.Date,
    "datetime": lambda: pl.Datetime("us"),
    "time": lambda: pl.Time,
}
"""The types of columns without a cell, by the kinds that text can be read as."""
KINDS_OF_TYPES: Final[Mapping[str, str]] = {
    "Boolean": "boolean",
    "Date": "date",
    "Datetime": "datetime",
    "Time": "time",
    "Duration": "duration",
}


def kinds_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """The kinds of the columns of a frame of polars; text has none.

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
    """Columns of text, cast to the kinds that they had in training; `first` is the first row's number, for messages.

    A column with a cell that cannot be read stays text if it is not `strict`: whoever gets it says what is wrong.

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
    types = CellTypes(said=notation, kinds=texts)
    types.update(frame.select(list(texts)))
    read = types.convert(frame.select(list(texts)), notation)
    return frame.with_columns(
        _of_one_type(column if column.dtype != pl.String else _each(column, texts, notation, first, strict), texts)
        for column in read
    )


def _each(column: pl.Series, kinds: Mapping[str, str], notation: Notation, first: int, strict: bool) -> pl.Series:
    """A column of text, read cell by cell."""
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
    """The same, such that all pieces of a table can be put together."""
    if not column.count() and kinds[column.name] in TYPES:
        return column.cast(TYPES[kinds[column.name]]())
    if column.dtype == pl.Boolean and kinds[column.name] == "number":
        return column.cast(pl.Int64)
    if column.dtype == pl.Datetime("us", "UTC"):
        return column.dt.replace_time_zone(None)
    return column
