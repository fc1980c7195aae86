"""Cells of a table as arrays, and what else NumPy has not: copied into every exported file as it stands here.

So these functions may use NumPy and the standard library alone, and each other.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    *("erf", "erfc", "is_gap", "look_up", "polynomial", "product"),
    *("read_days", "read_moments", "read_numbers", "read_seconds"),
]

Array = npt.NDArray[Any]


def is_gap(cell: Any) -> bool:
    """Whether a cell is missing: None, NaN, and what pandas has for them.

    >>> is_gap(None), is_gap(float("nan")), is_gap("")
    (True, True, False)
    """
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)


def read_numbers(cells: Sequence[Any]) -> Array:
    """Numbers and truth values; None, NaN and empty text are gaps.

    >>> read_numbers([1, "2.5", None, "", True, "false"])
    array([1. , 2.5, nan, nan, 1. , 0. ])
    """
    try:
        return np.asarray(cells, np.float64)
    except (TypeError, ValueError):
        words = {"": np.nan, "true": 1.0, "false": 0.0}
        return np.array([np.nan if is_gap(cell) else words.get(str(cell).lower(), cell) for cell in cells], np.float64)


def read_days(cells: Sequence[Any]) -> Array:
    """Days since 1970 of dates, or of text such as "2024-02-29"; the smallest whole number for a gap.

    >>> read_days(["1970-01-03", None])
    array([                   2, -9223372036854775808])
    """
    return np.array(cells, "datetime64[D]").astype(np.int64)


def read_moments(cells: Sequence[Any]) -> Array:
    """Microseconds since 1970 of moments in UTC, or of text such as "2024-02-29 12:30"; a gap as in `read_days`.

    >>> read_moments(["1970-01-01 00:00:01"])
    array([1000000])
    """
    return np.array(cells, "datetime64[us]").astype(np.int64)


def read_seconds(cells: Sequence[Any]) -> Array:
    """Seconds of durations, since midnight of times of day; of numbers themselves.

    >>> read_seconds([datetime.time(0, 1), "00:02:00", datetime.timedelta(seconds=3), None, 4])
    array([ 60., 120.,   3.,  nan,   4.])
    >>> read_seconds([np.timedelta64(3, "m"), "1 day, 0:00:05", "-1 days +23:59:59", "100:00:00"])
    array([ 1.8000e+02,  8.6405e+04, -1.0000e+00,  3.6000e+05])
    """

    def number(cell: Any) -> Any:
        if is_gap(cell):
            return None
        if isinstance(cell, str) and ("day" in cell or ":" in cell):
            days, day, clock = cell.rpartition("day")
            clock = clock.removeprefix("s").strip(" ,+")
            hours, minutes, seconds = (float(part or 0) for part in (*clock.lstrip("-").split(":"), "0", "0")[:3])
            sign = -1 if clock.startswith("-") else 1
            return float(days if day else 0) * 86400 + sign * (hours * 3600 + minutes * 60 + seconds)
        if isinstance(cell, datetime.time):
            return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
        if isinstance(cell, np.timedelta64):
            return cell / np.timedelta64(1, "s")
        return cell.total_seconds() if isinstance(cell, datetime.timedelta) else cell

    if isinstance(cells, np.ndarray) and cells.dtype.kind == "m":
        return np.where(np.isnat(cells), np.nan, cells / np.timedelta64(1, "s"))
    return read_numbers([number(cell) for cell in cells])


def look_up(cells: Sequence[Any], levels: Mapping[str, int], other: int) -> Array:
    """The number of each level by its text, `other` for one that is not known; 3, 3.0 and "3" are the same level.

    >>> look_up(["b", None, 3.0, "?", float("nan")], {"": 2, "b": 0, "3": 1}, 4)
    array([0, 2, 1, 4, 2])
    """

    class Known(dict[Any, int]):
        """What was met already; a cell that was not is spelled, and kept."""

        def __missing__(self, cell: Any) -> int:
            whole = isinstance(cell, float) and cell.is_integer()
            text = "" if is_gap(cell) else str(int(cell)) if whole else str(cell)
            self[cell] = number = levels.get(text, other)
            return number

    plain = cells.tolist() if hasattr(cells, "tolist") else cells
    return np.fromiter(map(Known(levels).__getitem__, plain), np.int64)


def product(x: Array, w: Array) -> Array:
    """x w, a few rows at a time: of so little the BLAS behind NumPy makes no threads, which others would wait for.

    >>> product(np.ones((2, 3)), np.ones((3, 2)))
    array([[3., 3.],
           [3., 3.]])
    """
    rows = 2 ** int(np.log2(max(1, 2**18 // w.size)))
    if rows < 4 or len(x) % rows:
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
