"""The values of one column in a uniform form, whatever its container.

Every container (pandas, polars, pyarrow, NumPy, lists) represents numbers, dates and missing values in its own way.
Here they become eight kinds of column with one representation each, so that the encoder treats equal data alike.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.tables.columns.dates import REMEDY, check_array

Kind = Literal["number", "boolean", "duration", "date", "datetime", "time", "category", "empty"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
KIND_NAMES: Final[dict[str, Text]] = {
    "number": Text("number"),
    "boolean": Text("boolean"),
    "duration": Text("duration"),
    "date": Text("date"),
    "datetime": Text("datetime"),
    "time": Text("time", context="kind of column"),
    "category": Text("category"),
    "text": Text("text", context="kind of column"),
    "empty": Text("empty"),
}
NUMBER_KINDS: Final = frozenset({"number", "boolean", "duration"})
LEVEL_KINDS: Final = frozenset({"category", "text", "empty"})
"""Kinds whose cells have no order; "text" is said of a category from whose words the network learns."""

_EPOCH: Final = datetime.datetime(1970, 1, 1)
_EPOCH_UTC: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)


@dataclass(frozen=True)
class Column:
    """The values of one column.

    Attributes
    ----------
    kind : {"number", "boolean", "duration", "date", "datetime", "time", "category", "empty"}
        The content of the column; "empty": only gaps.
    data : ndarray of shape (rows,) or list of length rows
        number, boolean: any real or boolean dtype, a gap is NaN. duration: seconds, float64. date, datetime:
        microseconds since 1970-01-01 UTC, float64. time: seconds since midnight, float64. category: a list of
        hashable values, a gap is None or NaN. empty: NaN, float64.
    order : tuple of str
        The levels of a category in their order, as :func:`level_text` spells them; empty where they have none.
    declared : bool
        Whether the container itself calls it a category.
    """

    kind: Kind
    data: Any
    order: tuple[str, ...] = ()
    declared: bool = field(default=False, repr=False)


def read_series(series: Any, name: str) -> Column:
    """Read one column of a frame of narwhals; `name` is for messages.

    Raises
    ------
    InputError
        Complex numbers, or a number beyond the range of float64.
    InputTypeError
        A column of lists, structs, bytes or other objects that are neither numbers, text nor dates.

    Examples
    --------
    >>> import narwhals as nw, pandas as pd
    >>> read_series(nw.from_native(pd.Series([1, None]), series_only=True), "age")
    Column(kind='number', data=array([ 1., nan]), order=())
    """
    native = series.to_native()
    kind = f"type {getattr(native, 'type', None) or native.dtype}"
    with coercing(Text("Column {name!r} must contain values that Python has, too", name=name), kind, REMEDY):
        return _read_series(series, name)


def _read_series(series: Any, name: str) -> Column:
    dtype = series.dtype
    if dtype.is_numeric():
        if type(dtype).__name__ in ("Int128", "UInt128"):  # which NumPy has not
            return Column("number", _floats(series.to_list(), name))
        data = series.to_numpy()
        return Column("number", data if data.dtype.kind in "iuf" else _floats(data.tolist(), name))
    family = type(dtype).__name__
    if family == "Boolean":
        data = series.to_numpy()
        return Column("boolean", data if data.dtype.kind == "b" else _floats(data.tolist(), name))
    if family in ("String", "Categorical", "Enum"):
        values = series.to_list()
        if all(map(is_missing, values)):
            return empty(len(values))
        order = tuple(str(level_text(level)) for level in _order(series))
        return Column("category", values, order, declared=family != "String")
    if family == "Datetime" and dtype.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if family in ("Date", "Datetime", "Duration"):
        data = series.to_numpy()
        return read_array(data, name) if data.dtype.kind in "Mm" else read_objects(data.tolist(), name)
    if family in ("List", "Array", "Struct", "Binary"):
        raise _unusable(name, Text("a column of type {dtype}", dtype=dtype))
    if family == "Time":  # an array without rows does not show its type
        return read_objects(series.to_list(), name)
    # Object, and types without a name in narwhals: Null, sparse and complex columns of pandas, periods, intervals.
    try:
        data = np.asarray(series.to_numpy())
    except NotImplementedError:  # of a union, pyarrow makes nothing
        raise _unusable(
            name, Text("a column of type {value}", value=getattr(series.to_native(), "type", dtype))
        ) from None
    if data.ndim != 1:  # types that extend those of Arrow may be made of several: an interval has two ends
        raise _unusable(name, Text("a column of type {value}", value=getattr(series.to_native(), "dtype", dtype)))
    return read_objects(series.to_list(), name) if data.dtype == object else read_array(data, name)


def _order(series: Any) -> Iterable[Any]:
    """Return the levels of a column of a frame in their order; none if they have no order."""
    if type(series.dtype).__name__ == "Enum":  # ordered categoricals of pandas, Enum of polars
        categories: Iterable[Any] = series.dtype.categories
        return categories
    native = series.to_native()
    if series.implementation.is_pyarrow() and getattr(native.type, "ordered", False):
        chunks = native.unify_dictionaries().chunks  # each may have brought levels of its own
        return chunks[0].dictionary.to_pylist() if chunks else []
    return ()


def read_array(array: npt.NDArray[Any], name: str) -> Column:
    """Read one column of a NumPy array of any type; as :func:`read_series`.

    Examples
    --------
    >>> import numpy as np
    >>> read_array(np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"), "when").kind
    'date'
    """
    code = array.dtype.kind
    if code in "iuf":
        return Column("number", array)
    if code == "b":
        return Column("boolean", array)
    if code in "UT":
        return Column("category", array.tolist())
    if code in "Mm":
        check_array(array, name)
        gaps = np.isnat(array)
        kind: Kind = "duration" if code == "m" else "date" if array.dtype.name.endswith("[D]") else "datetime"
        ticks = array.astype(f"{code}8[us]").astype(np.int64).astype(np.float64)
        ticks[gaps] = np.nan
        if gaps.all():
            return empty(len(array))
        return Column(kind, ticks / 1e6 if kind == "duration" else ticks)
    if code == "c":
        raise InputError(
            Text("Complex data not supported: column {name!r} must contain real numbers", name=name),
            None,
            "Split it in two",
        )
    if code in "OS":
        return read_objects(array.tolist(), name)
    raise _unusable(name, Text("an array of type {dtype}", dtype=array.dtype))


def read_objects(values: list[Any], name: str) -> Column:
    """Read a column of Python objects by the types of its values; as :func:`read_series`.

    Numbers (and booleans among them) make a number column, only booleans a boolean one, dates and times their own
    kinds; text, or anything mixed, makes a category in which each value counts by its text. None, NaN, NaT and
    pandas.NA are gaps.

    Examples
    --------
    >>> read_objects([1, 2.5, None], "age")
    Column(kind='number', data=array([1. , 2.5, nan]), order=())
    >>> read_objects(["a", 3.0, True, float("nan")], "code")
    Column(kind='category', data=['a', '3', 'True', None], order=())
    """
    families = {_family(kind, name) for kind in set(map(type, values))} - {"gap"}
    if len(families) > 1:
        # NaN among text is a gap and no number, NaT among numbers is a gap and no date.
        families = {_family(kind, name) for kind in {type(value) for value in values if not is_missing(value)}}
    if not families:
        return empty(len(values))
    if families <= {"number", "boolean"}:
        return Column("boolean" if families == {"boolean"} else "number", _floats(values, name))
    if families <= {"date", "datetime"}:
        return Column("date" if families == {"date"} else "datetime", _each(values, microseconds))
    if families == {"duration"}:
        return Column("duration", _each(values, _seconds))
    if families == {"time"}:
        return Column("time", _each(values, seconds_of_day))
    return Column("category", each_text_once(values, level_text))


def level_text(value: Any) -> str | None:
    """Spell a value as the name of a category level, so that 3, 3.0 and "3" are one level; None for a gap.

    Examples
    --------
    >>> [level_text(value) for value in ("3", 3, 3.0, 2.5, True, float("nan"))]
    ['3', '3', '3', '2.5', 'True', None]
    """
    if isinstance(value, str):
        return str(value)
    if is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for a missing one: None, NaN, NaT or pandas.NA.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    # NaN and NaT are the values that differ from themselves.
    return isinstance(value, float | np.floating | np.datetime64 | np.timedelta64 | Decimal) and bool(value != value)


def _family(kind: type, name: str) -> str:
    if kind is type(None) or kind.__name__ in ("NAType", "NaTType"):
        return "gap"
    if issubclass(kind, bool | np.bool_):
        return "boolean"
    if issubclass(kind, np.timedelta64 | datetime.timedelta):
        return "duration"
    if issubclass(kind, int | float | np.integer | np.floating | Decimal | Fraction):
        return "number"
    if issubclass(kind, complex | np.complexfloating):
        raise InputError(
            Text("Complex data not supported: column {name!r} must contain real numbers", name=name),
            None,
            "Split it in two",
        )
    if issubclass(kind, datetime.datetime | np.datetime64):
        return "datetime"
    if issubclass(kind, datetime.date):
        return "date"
    if issubclass(kind, datetime.time):
        return "time"
    if kind.__hash__ is None or issubclass(kind, tuple | frozenset):
        raise _unusable(name, Text("a value of type {name}", name=kind.__name__))
    return "text"


def _each(values: Iterable[Any], number: Callable[[Any], float]) -> npt.NDArray[np.float64]:
    """Convert each value to a number; a missing one becomes NaN."""
    return np.array([np.nan if is_missing(value) else number(value) for value in values], dtype=np.float64)


def each_text_once(cells: Sequence[Any], meaning: Callable[[Any], Any]) -> list[Any]:
    """Return what each cell means; of cells that are all text, or missing, equal ones are asked about once.

    Examples
    --------
    >>> each_text_once(["b", "a", "b"], str.upper)
    ['B', 'A', 'B']
    """
    if not _are_texts(cells):
        return list(map(meaning, cells))
    known = {cell: meaning(cell) for cell in dict.fromkeys(cells)}
    return list(map(known.__getitem__, cells))


def _are_texts(cells: Sequence[Any]) -> bool:
    """Whether equal cells mean the same: 1 and True are equal, and do not."""
    return set(map(type, cells)) <= {str, type(None)}


def text_counts(cells: Sequence[Any]) -> Counter[str]:
    """How many cells have each text, spelled as a level; gaps are left out.

    Examples
    --------
    >>> text_counts(["3", None, 3, 3.0, "b"])
    Counter({'3': 3, 'b': 1})
    """
    counts = Counter(cells if _are_texts(cells) else map(level_text, cells))
    counts.pop(None, None)
    return counts


def _floats(values: Iterable[Any], name: str) -> npt.NDArray[np.float64]:
    try:
        return _each(values, float)
    except OverflowError:
        raise InputError(
            Text("The numbers of column {name!r} must be within the range of float64 (about 1.8e308)", name=name),
            "a larger integer, as good as infinity",
            "Divide the column by a constant, or use its logarithm",
        ) from None


def microseconds(value: Any) -> float:
    """Return the microseconds from 1970 to a date or a time (UTC if it has a time zone)."""
    if isinstance(value, np.datetime64):
        return float(value.astype("M8[us]").astype(np.int64))
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    return float((value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC)) // _MICROSECOND)


def _seconds(value: Any) -> float:
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "us")) / 1e6
    return float(value // _MICROSECOND) / 1e6


def seconds_of_day(value: Any) -> float:
    """Return the seconds from midnight to a time of day."""
    return float(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)


def empty(rows: int) -> Column:
    """Return a column of missing values."""
    return Column("empty", np.full(rows, np.nan))


def _unusable(name: str, received: str) -> InputTypeError:
    # "argument must be a string or a number" are the words that scikit-learn's check suite looks for.
    return InputTypeError(
        Text(
            "The cells of column {name!r}: each argument must be a string or a real number, a "
            "boolean, a date or a time",
            name=name,
        ),
        received,
        "Omit the column, or split it into several plain columns",
    )
