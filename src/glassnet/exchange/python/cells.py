"""Cells of a table as arrays, and what else NumPy has not: copied into every exported file as it stands here.

So these functions may use NumPy and the standard library alone, and each other.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.tables.reading.notation import moment_in, number_in

__all__ = [
    *("GAPS", "NOTATION", "each", "erf", "erfc", "is_missing", "look_up", "polynomial", "product"),
    *("read_days", "read_moments", "read_numbers", "read_seconds"),
]

Array = npt.NDArray[Any]
NOTATION: dict[str, str | None] = {"decimal": None, "date-format": None}
"""How text writes numbers and dates; an exported file has that of its model in the place of it."""
GAPS: set[str] = set()
"""Texts that stand for a gap among numbers and dates; an exported file has those of its model."""


def is_missing(cell: Any) -> bool:
    """Whether a cell is missing: None, NaN, and what pandas has for them.

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)


def each(cells: Iterable[Any], read: Callable[[str], Any], column: str, what: str, option: str = "") -> list[Any]:
    """What text stands for, cell by cell; other cells as they are, gaps and blanks as None.

    >>> each(["1", " ", 2], float, "a", "numbers")
    [1.0, None, 2]
    """
    found = []
    for row, cell in enumerate(cells, 1):
        try:
            text = isinstance(cell, str)
            gap = is_missing(cell) or (text and cell.strip() in ("", *GAPS))
            found.append(None if gap else read(cell.strip()) if text else cell)
        except (ValueError, OverflowError):
            notation = {"decimal": "decimal mark", "date-format": "order of day and month"}.get(option)
            how = f", with the {notation} {NOTATION[option]!r}" if notation and NOTATION[option] else ""
            remedy = "Correct it or leave it empty" + (f", or say the {notation} with --{option}" if notation else "")
            raise ValueError(
                f"Column {column!r} must contain {what}{how}. Received: {cell!r} in row {row}. {remedy}."
            ) from None
    return found


def read_numbers(cells: Any, column: str = "") -> Array:
    """Numbers and truth values; None, NaN and blank text are gaps. Text is read as the model's files write numbers.

    >>> read_numbers([1, " 2.5 %", None, "", True, "false"])
    array([1. , 2.5, nan, nan, 1. , 0. ])
    """

    def number(text: str) -> float:
        if text.lower() in ("true", "false"):
            return float(text.lower() == "true")
        mark = NOTATION["decimal"]
        value = number_in(text, None if mark == "ask" else mark)
        two = mark == "ask" and re.fullmatch(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}", text)
        if two or value is None or abs(value) == np.inf:
            raise ValueError
        return value

    array = np.asarray(cells)
    if array.dtype.kind not in "biuf":
        array = np.asarray(cells, object)
        array = np.array(each(array.ravel().tolist(), number, column, "numbers", "decimal"), np.float64).reshape(
            array.shape
        )
    return array.astype(np.float64)


def read_days(cells: Any, column: str = "") -> Array:
    """Days since 1970 of dates, or of text such as "2024-02-29"; the smallest whole number for a gap.

    >>> read_days(["1970-01-03", None])
    array([                   2, -9223372036854775808])
    """
    return read_moments(cells, column).view("datetime64[us]").astype("datetime64[D]").astype(np.int64)


def read_moments(cells: Any, column: str = "") -> Array:
    """Microseconds since 1970 of moments in UTC, or of text such as "2024-02-29 12:30"; a gap as in `read_days`.

    >>> read_moments(["1970-01-01 00:00:01", "1970-01-01T01:00:00+01:00"])
    array([1000000,       0])
    """

    def moment(text: str) -> datetime.datetime:
        found = moment_in(text, NOTATION["date-format"]) or datetime.datetime.fromisoformat(text)
        return found.astimezone(datetime.UTC).replace(tzinfo=None) if found.tzinfo else found

    if not (isinstance(cells, np.ndarray) and cells.dtype.kind == "M"):
        cells = np.array(each(cells, moment, column, "dates", "date-format"), "datetime64[us]")
    return cells.astype("datetime64[us]").astype(np.int64)


def read_seconds(cells: Any, column: str = "") -> Array:
    """Seconds of durations, since midnight of times of day; of numbers themselves.

    >>> read_seconds([datetime.time(0, 1), "00:02:00", datetime.timedelta(seconds=3), None, 4])
    array([ 60., 120.,   3.,  nan,   4.])
    >>> read_seconds([np.timedelta64(3, "m"), "1 day, 0:00:05", "-1 days +23:59:59", "100:00:00"])
    array([ 1.8000e+02,  8.6405e+04, -1.0000e+00,  3.6000e+05])
    """

    def seconds(text: str) -> float:
        if "day" not in text and ":" not in text:
            return float(number_in(text, NOTATION["decimal"]) or text)
        days, day, clock = text.rpartition("day")
        clock = clock.removeprefix("s").strip(" ,+")
        hour, minute, second = (float(part or 0) for part in (*clock.lstrip("-").split(":"), "0", "0")[:3])
        if max(minute, second) >= 60:
            raise ValueError
        sign = -1 if clock.startswith("-") else 1
        return float(days if day else 0) * 86400 + sign * (hour * 3600 + minute * 60 + second)

    def plain(cell: Any) -> Any:
        if isinstance(cell, datetime.time):
            return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
        if isinstance(cell, np.timedelta64):
            return cell / np.timedelta64(1, "s")
        return cell.total_seconds() if isinstance(cell, datetime.timedelta) else cell

    if isinstance(cells, np.ndarray) and cells.dtype.kind == "m":
        return np.where(np.isnat(cells), np.nan, cells / np.timedelta64(1, "s"))
    return np.array([plain(cell) for cell in each(cells, seconds, column, "times")], np.float64)


def look_up(cells: Sequence[Any], levels: Mapping[str, int], other: int) -> Array:
    """The number of each level by its text, `other` for one that is not known; 3, 3.0 and "3" are the same level.

    >>> look_up(["b", None, 3.0, "?", float("nan")], {"": 2, "b": 0, "3": 1}, 4)
    array([0, 2, 1, 4, 2])
    >>> look_up([datetime.datetime(2024, 1, 2), True, 1], {"2024-01-02T00:00:00": 0, "1": 1, "True": 2}, 3)
    array([0, 2, 1])
    """

    class Known(dict[Any, int]):
        """What was met already; only text is kept, as 1 and True are one to a dict."""

        def __missing__(self, cell: Any) -> int:
            number = levels.get(spelled(cell), other)
            if isinstance(cell, str):
                self[cell] = number
            return number

    def spelled(cell: Any) -> str:
        if is_missing(cell):
            return ""
        if isinstance(cell, bytes):
            return cell.decode("utf-8", errors="replace")
        whole = isinstance(cell, float) and cell.is_integer()
        return str(int(cell)) if whole else getattr(cell, "isoformat", cell.__str__)()

    plain = cells.tolist() if hasattr(cells, "tolist") else cells
    return np.fromiter(map(Known(levels).__getitem__, plain), np.int64)


def product(x: Array, w: Array) -> Array:
    """x w, a few rows at a time: of so little the BLAS behind NumPy makes no threads, which others would wait for.

    >>> product(np.ones((2, 3)), np.ones((3, 2)))
    array([[3., 3.],
           [3., 3.]])
    """
    rows = 2 ** int(np.log2(max(1, 2**18 // w.size)))
    if rows < 4 or not len(x) or len(x) % rows:
        return x @ w
    return (x.reshape(-1, rows, len(w)) @ w).reshape(len(x), -1)


def erf(x: Array, near: Sequence[float], over: Sequence[float], under: Sequence[float]) -> Array:
    """The error function: x + x P(x²) up to 1, from there 1 - e^(-x²) Q(x) / R(x).

    >>> erf(np.array([0.0, 1.0]), [0.128379], [1.0], [1.0, 2.0]).round(2)
    array([0.  , 0.88])
    """
    a = np.minimum(np.abs(x), 6)
    tail = 1 - np.exp(-a * a) * (polynomial(over, a) / polynomial(under, a))
    return np.copysign(np.where(a < 1, a + a * polynomial(near, a * a), tail), x)


def erfc(x: Array, near: Sequence[float], over: Sequence[float], under: Sequence[float]) -> Array:
    """1 - erf(x): so up to 1/2, from there e^(-x²) Q(x) / R(x), and 2 minus that below zero.

    >>> erfc(np.array([0.0]), [0.128379], [1.0], [1.0, 2.0])
    array([1.])
    """
    a = np.minimum(np.abs(x), 28)
    tail = np.exp(-a * a) * (polynomial(over, a) / polynomial(under, a))
    return np.where(a < 0.5, 1 - (x + x * polynomial(near, a * a)), np.where(x > 0, tail, 2 - tail))


def polynomial(coefficients: Sequence[float], z: Array) -> Array:
    """The polynomial with these coefficients, lowest first.

    >>> polynomial([1.0, 2.0], np.array([3.0]))
    array([7.])
    """
    value = np.full_like(z, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * z + coefficient
    return value
