"""Dates beyond those that a table may hold, and other values at the ends of their types, wherever they come from."""

from __future__ import annotations

import datetime
from contextlib import suppress

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glassnet.apps.cli import main
from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder, read_table
from glassnet.tables.columns.dates import PARTS, calendar
from tests.tables.extremes import EXTREMES


def to_pandas(table):
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def to_polars(table):
    return pl.DataFrame(pl.from_arrow(table))


def containers(table):
    """The table in every container that can hold it."""
    for convert in (lambda same: same, lambda same: same.to_pandas(), to_pandas, to_polars):
        try:
            yield convert(table)
        except BaseException as error:  # a panic of polars is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise


@pytest.mark.parametrize("kind", EXTREMES)
def test_a_value_of_whatever_container_is_encoded_or_refused_in_words(kind):
    array = EXTREMES[kind]
    for place in range(len(array)):
        column = pa.concat_arrays([array.slice(place, 1), array.slice(0, 1)])
        for frame in containers(pa.table({"a": column, "n": [1.0, 2.0]})):
            with suppress(InputError, InputTypeError):
                encoder = TableEncoder().fit(frame)
                matrix = encoder.transform(frame)
                encoder.describe()
                encoder.inverse_transform(matrix)
            usual = TableEncoder().fit(pl.DataFrame({"a": [datetime.date(2024, 1, 1), None], "n": [1.0, 2.0]}))
            with suppress(InputError, InputTypeError):
                usual.transform(frame[:1])  # which is another way


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in EXTREMES if kind != "interval"])
def test_a_file_of_parquet_is_encoded_or_refused_in_words(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "glassnet.tables.reading.parquet.check_readable", lambda *_: None
    )  # which is a process for each
    for place in range(len(EXTREMES[kind])):
        table = pa.table({"a": EXTREMES[kind].slice(place, 1)})
        with suppress(pa.ArrowException, OSError):
            pq.write_table(table, tmp_path / "t.parquet")
            with suppress(InputError, InputTypeError):
                TableEncoder().fit(read_table(tmp_path / "t.parquet"))


@pytest.mark.slow
def test_the_command_line_refuses_dates_beyond_year_9999_in_words(tmp_path, capsys):
    days = pl.Series([20_000, 20_001, 2**31 - 1] * 20, dtype=pl.Int32).cast(pl.Date)
    pl.DataFrame({"day": days, "y": [0, 1, 0] * 20}).write_parquet(tmp_path / "t.parquet")
    assert main(["train", f"{tmp_path}/t.parquet", "--target", "y", "--out", f"{tmp_path}/m.safetensors"]) == 1
    assert "Dates in column 'day' must be from year 1 to 9999" in capsys.readouterr().err


@pytest.mark.parametrize("unit", ["h", "s", "ms"])
def test_a_date_of_numpy_that_a_finer_unit_would_make_another_is_refused(unit):
    """It wrapped around, silently."""
    days = np.array([[1], [2**62]], f"M8[{unit}]")
    with pytest.raises(InputError, match="from year 1 to 9999"):
        TableEncoder().fit(days)
    with pytest.raises(InputError, match="within 100,000,000 days"):
        TableEncoder().fit(days.view(f"m8[{unit}]"))


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo", "US/Eastern"])
def test_the_first_and_the_last_day_are_read(zone):
    ends = pl.Series([datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)]).dt.replace_time_zone(zone)
    for frame in (pl.DataFrame({"a": ends}), pl.DataFrame({"a": ends[:1]})):
        TableEncoder().fit(frame).transform(frame)


# ------------------------------------------------------------------ the calendar
# The calendar by whole numbers alone is NumPy's.


def test_every_part_of_a_moment_is_numpys():
    # 1600 to 2400, every 97th day and some hours: leap years, centuries, ends of months, before 1970
    moments = np.arange("1600-01-01", "2400-01-01", 97 * 24 + 5, dtype="datetime64[h]")
    found = calendar(moments.astype("M8[us]").astype(np.int64).astype(float), "datetime", list(PARTS))
    days, months = moments.astype("M8[D]"), moments.astype("M8[M]")
    assert (found["year"] == moments.astype("M8[Y]").astype(int) + 1970).all()
    assert (found["month"] == months.astype(int) % 12).all()
    assert (found["day of month"] == (days - months.astype("M8[D]")).astype(int)).all()
    assert (found["day of week"] == (days.astype(int) + 3) % 7).all()
    assert (found["time of day"] == (moments - days.astype("M8[h]")).astype(int) * 3600).all()
