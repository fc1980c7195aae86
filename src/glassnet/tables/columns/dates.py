"""Columns of dates and times of day: their encoding as parts that a network can use, and the supported range.

A moment becomes the time elapsed (a scaled number), the year, and positions in the cycles of the calendar: month, day
of month, day of week, time of day. A cycle is a point on a circle, given by its sine and cosine, so that December is as
near to January as to November.

Dates are of the years 1 to 9999, as in Python, ISO 8601 and text files. Columns of Arrow, polars and NumPy can hold
others; converting these to Python objects, or to a finer unit, panics, or silently gives another date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text, joined
from glassnet.tables.columns.number_statistics import NumberSource, RunningStatistics
from glassnet.tables.reading.sources import pl

Floats = npt.NDArray[np.float64]

_DAY: Final = 86_400_000_000  # microseconds

# Part: length of its cycle, in its own unit; None for a number that runs on.
PARTS: Final[dict[str, float | None]] = {
    "elapsed": None,  # seconds since 1970
    "year": None,
    "month": 12.0,
    "day of month": 31.0,
    "day of week": 7.0,
    "time of day": 86_400.0,  # seconds
}
PART_NAMES: Final = {
    "elapsed": Text("elapsed", context="encoding"),
    "year": Text("year", context="encoding"),
    "month": Text("month", context="encoding"),
    "day of month": Text("day of month", context="encoding"),
    "day of week": Text("day of week", context="encoding"),
    "time of day": Text("time of day", context="encoding"),
}
CYCLES: Final = frozenset(part for part, length in PARTS.items() if length is not None)
DAYS: Final = -719_162, 2_932_896
"""From 0001-01-01 to 9999-12-31, in days since 1970."""
LONGEST: Final = 100_000_000
"""The longest duration in days; 64 bits hold as many microseconds."""
PER_DAY: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
REMEDY: Final = Text("Omit it, or convert it")
GAPS_MARKED: Final = Text("gaps marked")
NEVER_VARIES: Final = Text("never varies")


@dataclass(frozen=True)
class CalendarPart:
    """One part of a moment: its name in :data:`PARTS`, and the mean and deviation of one that is not cyclic (else 0,
    1)."""

    name: str
    mean: float = 0.0
    scale: float = 1.0

    def outputs(self, column: str) -> list[str]:
        """Return the names of its output columns."""
        title = f"{column}: {self.name}"
        return [f"{title} (sine)", f"{title} (cosine)"] if self.name in CYCLES else [title]


@dataclass(frozen=True)
class MomentColumn:
    """The encoding of a column of dates, moments or times of day; `parts` are those that vary in the training rows.

    A gap is 0 in every part: the mean of a number, the centre of a circle; `gaps` says whether there were some.
    """

    name: str
    source: int
    kind: str
    parts: tuple[CalendarPart, ...]
    gaps: bool

    @property
    def outputs(self) -> list[str]:
        """Names of the output columns."""
        names = [name for part in self.parts for name in part.outputs(self.name)]
        return names + [f"{self.name} is missing"] * self.gaps

    def write(self, moments: Floats, out: npt.NDArray[Any]) -> None:
        """Write the encoding of moments to `out`, of shape (rows, outputs).

        These are microseconds since 1970 (date, datetime) or seconds since midnight (time), and NaN for a gap.
        """
        for column, values in enumerate(self.encode(moments)):
            out[:, column] = values

    def encode(self, moments: Floats) -> list[npt.NDArray[Any]]:
        """Return the output columns, each of shape (rows,)."""
        missing = np.isnan(moments)
        values = calendar(moments, self.kind, [part.name for part in self.parts])
        columns: list[npt.NDArray[Any]] = []
        for part in self.parts:
            value, length = values[part.name], PARTS[part.name]
            if length is None:
                columns.append(np.where(missing, 0.0, (value - part.mean) / part.scale))
            else:
                angle = value * (2 * np.pi / length)
                columns += [np.where(missing, 0.0, np.sin(angle)), np.where(missing, 0.0, np.cos(angle))]
        return columns + [missing] * self.gaps

    @property
    def action(self) -> Text:
        """The encoding of the column, in words."""
        parts = joined([PART_NAMES[part.name] for part in self.parts])
        steps = [Text("parts: {parts}", parts=parts) if parts else NEVER_VARIES]
        return joined([*steps, *([GAPS_MARKED] if self.gaps else [])])

    def decode(self, encoded: Floats) -> npt.NDArray[Any]:
        """Return the moment of each row, given its outputs; there must be at least one part.

        Dates and moments are NumPy's, to the precision of the outputs, times of day seconds since midnight.
        """
        missing = encoded[:, -1] > 0.5 if self.gaps else np.zeros(len(encoded), dtype=np.bool_)
        first = self.parts[0]
        if first.name == "elapsed":
            seconds = encoded[:, 0] * first.scale + first.mean
            seconds[missing] = np.nan
            moments: npt.NDArray[Any] = ticks(seconds * 1e6).view("M8[us]")
            days: npt.NDArray[Any] = (moments + np.timedelta64(12, "h")).astype("M8[D]")
            return moments if self.kind == "datetime" else days
        seconds = np.arctan2(encoded[:, 0], encoded[:, 1]) / (2 * np.pi) % 1.0 * 86_400.0
        seconds[missing] = np.nan
        return seconds


def ticks(numbers: Floats) -> npt.NDArray[np.int64]:
    """Round numbers to integers; NaN becomes NumPy's mark of a missing moment.

    >>> ticks(np.array([1.6, np.nan])).view("m8[us]")
    array([    2, 'NaT'], dtype='timedelta64[us]')
    """
    rounded = np.full(len(numbers), np.iinfo(np.int64).min)
    present = ~np.isnan(numbers)
    rounded[present] = np.rint(numbers[present]).astype(np.int64)
    return rounded


def calendar(moments: Floats, kind: str, parts: Sequence[str]) -> dict[str, Floats]:
    """Return parts of moments; those of a missing moment have no meaning.

    Cycles count from 0: January, the first of a month, Monday and midnight are 0.

    Examples
    --------
    >>> import numpy as np
    >>> moment = np.array(["2024-03-01T06:00"], dtype="datetime64[us]").astype(float)
    >>> for part, value in calendar(moment, "datetime", list(PARTS)).items():
    ...     print(part, value[0])
    elapsed 1709272800.0
    year 2024.0
    month 2.0
    day of month 0.0
    day of week 4.0
    time of day 21600.0
    """
    if kind == "time":
        return {"time of day": moments}
    ticks = np.where(np.isnan(moments), 0.0, moments).astype(np.int64)
    days = ticks // _DAY
    year, month, day = _date(days)
    values: dict[str, Callable[[], npt.NDArray[Any]]] = {
        "elapsed": lambda: moments / 1e6,
        "year": lambda: year,
        "month": lambda: month,
        "day of month": lambda: day,
        "day of week": lambda: (days + 3) % 7,  # 1970-01-01 was a Thursday
        "time of day": lambda: (ticks - days * _DAY) / 1e6,
    }
    return {part: values[part]().astype(np.float64, copy=False) for part in parts}


def _date(days: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Return year, month and day of the month, both from 0, of days since 1970-01-01 in the Gregorian calendar.

    In whole numbers and arithmetic alone, so that it can be written in any language. Years are counted from March:
    then the odd day of a leap year is their last, and months begin after 0, 31, 61, ... = (153 m + 2) // 5 days.

    Source: Hinnant (2014), *chrono-Compatible Low-Level Date Algorithms*.

    >>> [int(part) for part in _date(np.array(-1))]
    [1969, 11, 30]
    """
    since = days + 719_468  # since 0000-03-01
    era = since // 146_097  # of 400 years
    day = since - 146_097 * era
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day = day - (365 * year + year // 4 - year // 100)
    march = (5 * day + 2) // 153  # the month, March being 0
    month = (march + 2) % 12
    return 400 * era + year + (march + 2) // 12, month, day - (153 * march + 2) // 5


class RunningMoments:
    """Statistics of a column of moments, updated chunk by chunk; the chunking changes no bit.

    Its parts are numbers, so their means, deviations and ranges are those of number columns.

    Parameters
    ----------
    kind : {"date", "datetime", "time"}

    Examples
    --------
    >>> days = np.array(["2024-01-05", "2024-01-12"], dtype="datetime64[us]").astype(float)
    >>> moments = RunningMoments("date")
    >>> moments.add(days, np.ones(2))
    >>> moments.column("when", 0).outputs
    ['when: elapsed', 'when: day of month (sine)', 'when: day of month (cosine)']
    """

    def __init__(self, kind: str) -> None:
        self.kind, self.gaps = kind, False
        self.parts = ["time of day"] if kind == "time" else list(PARTS)
        self.statistics = RunningStatistics(len(self.parts))

    def add(self, moments: Floats, weights: Floats) -> None:
        """Add rows, in the form that :meth:`MomentColumn.write` takes, with positive weights."""
        missing = np.isnan(moments)
        self.gaps |= bool(missing.any())
        values = calendar(moments, self.kind, self.parts)
        columns = [np.where(missing, np.nan, values[part]) for part in self.parts]
        self.statistics.add(NumberSource(self.parts, len(moments), columns=columns), weights)

    def flush(self) -> None:
        """Add the rows of an incomplete block, too."""
        self.statistics.flush()

    def merge(self, other: RunningMoments) -> None:
        """Add the rows of another one."""
        self.gaps |= other.gaps
        self.statistics.merge(other.statistics)

    def column(self, name: str, source: int) -> MomentColumn:
        """The encoding of the column, with the parts that vary: none if there is only one moment."""
        self.flush()
        found, parts = self.statistics, []
        for part, low, high, mean, deviation in zip(
            self.parts, found.low, found.high, found.mean, found.deviation(), strict=True
        ):
            if not low < high:
                continue
            if part in CYCLES:
                parts.append(CalendarPart(part))
            elif deviation > 0:
                parts.append(CalendarPart(part, float(mean), float(deviation)))
        return MomentColumn(name, source, self.kind, tuple(parts), self.gaps)


def check_frame(frame: pl.DataFrame) -> None:
    """Refuse columns with dates or durations outside of the supported range.

    Raises
    ------
    InputError
        If there is one.

    Examples
    --------
    >>> import polars as pl
    >>> check_frame(pl.DataFrame({"day": pl.Series([20_000, 2**31 - 1], dtype=pl.Int32).cast(pl.Date)}))
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: Dates in column 'day' must be from year 1 to 9999. Received: 20000 to 2147483647 days \
from 1970. Omit it, or convert it.
    """
    for column in frame.iter_columns():
        kind = column.dtype
        if isinstance(kind, pl.Date | pl.Datetime | pl.Duration):
            days = column.to_physical() // (1 if isinstance(kind, pl.Date) else PER_DAY[kind.time_unit])
            # of a time zone, the day there may be another one
            beside = isinstance(kind, pl.Datetime) and kind.time_zone not in (None, "UTC")
            _check(column.name, days.drop_nulls().to_numpy(), duration=isinstance(kind, pl.Duration), beside=beside)


def check_array(array: npt.NDArray[np.datetime64 | np.timedelta64], name: str) -> None:
    """Refuse a NumPy column with dates or durations outside of the supported range; as :func:`check_frame`."""
    code = array.dtype.kind
    _check(name, array[~np.isnat(array)].astype(f"{code}8[D]").astype(np.int64), duration=code == "m")


def _check(name: str, days: npt.NDArray[np.int64], *, duration: bool, beside: bool = False) -> None:
    if not len(days):
        return
    low, high = int(days.min()), int(days.max())
    if duration and max(-low, high) > LONGEST:
        rule = Text("Durations in column {name!r} must be within {most:,} days", name=name, most=LONGEST)
        raise InputError(rule, Text("{low} to {high} days", low=low, high=high), REMEDY)
    if not duration and not DAYS[0] + beside <= low <= high <= DAYS[1] - beside:
        rule = Text("Dates in column {name!r} must be from year 1 to 9999", name=name)
        raise InputError(rule, Text("{low} to {high} days from 1970", low=low, high=high), REMEDY)
