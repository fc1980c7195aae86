"""Dates that the options of reading leave as text are not read as dates by the fit."""

import polars as pl
import pytest

from glassnet.apps.labelled import Roles, read_labelled
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.sources import ReadOptions
from glassnet.tables.text_dates import date_formats


@pytest.mark.parametrize(
    ("options", "kept"), [({"text": ["day"]}, "day"), ({"date_format": "dmy"}, "us")], ids=["--text", "--date-format"]
)
def test_options_of_reading_keep_text(tmp_path, options, kept):
    path = tmp_path / "table.csv"
    path.write_text("day,us,y\n2024-01-05,01/31/2024,1\n2024-01-06,02/28/2024,2\n")
    X = read_labelled(path, Roles("y", reading=ReadOptions(**options))).X
    assert X.schema[kept] == pl.Categorical
    assert not date_formats(open_table(X))
