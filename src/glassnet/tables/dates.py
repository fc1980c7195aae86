"""The dates that a table may hold: of the years 1 to 9999, as Python, ISO 8601 and files of text have them.

Columns of Arrow, polars and NumPy can hold others, by mistake or malice. Whatever turns such a cell into an object of
Python's, or into a finer unit, ends in a panic, or silently in another date.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.tables.sources import pl

DAYS: Final = -719_162, 2_932_896
"""From 0001-01-01 to 9999-12-31, counted from 1970."""
LONGEST: Final = 100_000_000
"""Days that a duration may have; 64 bits hold as many in microseconds."""
PER_DAY: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
REMEDY: Final = "Omit it, or convert it"


def check_frame(frame: pl.DataFrame) -> None:
    """Refuse columns with dates or durations beyond these.

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
    """Refuse a column of NumPy's with dates or durations beyond these; as :func:`check_frame`."""
    code = array.dtype.kind
    _check(name, array[~np.isnat(array)].astype(f"{code}8[D]").astype(np.int64), duration=code == "m")


def _check(name: str, days: npt.NDArray[np.int64], *, duration: bool, beside: bool = False) -> None:
    if not len(days):
        return
    low, high = int(days.min()), int(days.max())
    if duration and max(-low, high) > LONGEST:
        rule = f"Durations in column {name!r} must be within {LONGEST:,} days"
        raise InputError(rule, f"{low} to {high} days", REMEDY)
    if not duration and not DAYS[0] + beside <= low <= high <= DAYS[1] - beside:
        rule = f"Dates in column {name!r} must be from year 1 to 9999"
        raise InputError(rule, f"{low} to {high} days from 1970", REMEDY)
