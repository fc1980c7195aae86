"""What a cell is depends on its column in training: not on the cells around it, nor on the form in which it comes."""

from __future__ import annotations

import csv
import datetime
import io
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from glassnet.errors import InputError
from glassnet.tables import TableEncoder
from glassnet.tables.columns.conversion import cast_to_kinds
from glassnet.tables.reading.notation import USUAL_GAPS, Notation
from glassnet.tables.reading.readers import read_file, scan_table
from glassnet.tables.reading.sources import ReadOptions
from glassnet.tables.records import RecordEncoder

KINDS = {
    "number": [1.0, 2.5, 4.0],
    "boolean": [True, False, True],
    "date": [datetime.date(2020, 1, 1), datetime.date(2021, 6, 1), datetime.date(2022, 12, 31)],
    "datetime": [datetime.datetime(2020, 1, 1, 8), datetime.datetime(2021, 6, 1), datetime.datetime(2022, 12, 31, 23)],
    "time": [datetime.time(8), datetime.time(12, 30), datetime.time(23, 59)],
    "duration": [datetime.timedelta(seconds=seconds) for seconds in (1, 60, 3600)],
    "category": ["Ulm", "NA", "3"],
}
USUAL = (
    *("1", "0", "-3", "+7", "1.5", "1,5", "1.234", "1,234", "1.234,5", "1,234.5", "1 234", ".5", "5.", "1e3", "007"),
    *("12 %", "12.5%", "inf", "-Infinity", "nan", "true", "FALSE", "9" * 17, "9" * 30, "123456789012345678"),
    *("2024-01-31", "20240131", "31.01.2024", "13/01/2024", "01/13/2024", "20/01/24", "24-01-20", "2024年1月3日"),
    *("2024-01-31 8:30", "2024-01-31T08:30:15.25", "2024-01-31T8:30Z", "2024-01-31T08:30+0100", "31.1.2024 8:30"),
    *("2024-02-30", "0000-01-01", "0999-01-01", "2024-W05-3", "2024-01-31 24:00", "2024-01-31T08:30:60"),
    *("8:30", "08:30:15", "23:59:59.123456789", "24:00", "8:60", "0830", "08:30+01:00"),
    *("", " ", "x", "Ulm", "3.0", " 3 ", "?", *USUAL_GAPS),
)
PARTS = st.text("0123456789.,-+/: %eETZ", min_size=1, max_size=12)
VALUES = (st.floats(allow_nan=False), st.integers(), st.dates(), st.datetimes(), st.times())
CELLS = st.one_of(st.sampled_from(USUAL), PARTS, *[values.map(str) for values in VALUES])
NOTATIONS = [Notation(), Notation("."), Notation(",", "dmy"), Notation(".", "mdy", ("?",)), Notation(None, "ymd", ())]


def learned(kind, notation):
    encoder = TableEncoder().fit(pl.DataFrame({"x": KINDS[kind]}))
    encoder.notation = notation
    return encoder


def said(work):
    """What comes of it, or that it is refused."""
    try:
        return work()
    except InputError:
        return None


def alone(encoder, cell, notation):
    """A cell of a row of JSON, as the server reads it."""
    cell = cell.strip()
    if not cell or cell in (notation.missing or ()):
        cell = None
    records = RecordEncoder(encoder)
    return said(lambda: records.encode([records.read(json.loads(json.dumps({"x": cell})))])[0].tolist())


def in_company(file, encoder, kind, cells, notation):
    """What each cell of a CSV file becomes; None for those that are refused."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL).writerows([["x", "n"], *([cell, "1"] for cell in cells)])
    file.write_text(text.getvalue(), encoding="utf-8", newline="")
    kinds = {"x": kind} if kind != "category" else {}
    (frame,) = scan_table(file, learned=notation, text=["x"], kinds=kinds)
    whole = said(lambda: encoder.transform(frame.select("x")))
    if whole is not None:
        return whole.tolist()
    records = RecordEncoder(encoder)
    rows = frame.select("x").iter_rows(named=True)
    return [said(lambda row=row: records.encode([records.read(row)])[0].tolist()) for row in rows]


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("notation", NOTATIONS, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_is_the_same_alone_in_json_and_among_any_others_in_csv(kind, notation, tmp_path_factory):
    encoder = learned(kind, notation)
    file = tmp_path_factory.mktemp("alone") / "t.csv"

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(CELLS, min_size=1, max_size=12), st.randoms(use_true_random=False))
    @example(list(USUAL), np.random)
    def check(cells, random):
        expected = {cell: alone(encoder, cell, notation) for cell in cells}
        random.shuffle(cells)
        for some in (cells, [cells[0]], [cell for cell in cells if expected[cell] is not None]):
            if some:
                assert in_company(file, encoder, kind, some, notation) == [expected[cell] for cell in some]

    check()


@pytest.mark.slow
@pytest.mark.parametrize("notation", NOTATIONS, ids=repr)
@pytest.mark.parametrize("kind", ["number", "boolean", "date", "datetime", "time"])
def test_a_column_that_is_converted_at_once_has_the_values_of_its_cells(kind, notation):
    """Each cell three times: nothing else keeps the column from being read at once."""
    for cell in USUAL:
        read = cast_to_kinds(pl.DataFrame({"x": [cell.strip() or None] * 3}), {"x": kind}, notation, strict=False)
        encoder = learned(kind, notation)
        several = said(lambda read=read, encoder=encoder: encoder.transform(read)[0].tolist())
        if cell.strip() not in (notation.missing or ()):
            assert several == alone(encoder, cell, notation), cell


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("number", ["true", "1", "2.5"], [1.0, 1.0, 2.5]),
        ("number", ["true", "false"], [1, 0]),
        ("number", ["NA", "-", "nan"], [None, None, None]),
        ("date", ["20240101", "2024-01-01"], [datetime.datetime(2024, 1, 1)] * 2),
        ("datetime", ["2024-01-01T8:00+01:00", "NULL"], [datetime.datetime(2024, 1, 1, 7), None]),
    ],
)
def test_a_table_is_read_by_the_kinds_of_training(tmp_path, kind, cells, expected):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x;n", *(f"{cell};1" for cell in cells)]) + "\n")
    assert read_file(path, kinds={"x": kind}).frame["x"].to_list() == expected


def test_a_notation_that_was_not_learned_is_not_taken_from_other_cells(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x;d\n1,5;13/01/2024\n2,5;1/2/2024\n")
    for name, kind, received in (("x", "number", "1,5"), ("d", "date", "13/01/2024")):
        with pytest.raises(InputError, match=f"Column '{name}' must contain .*'{received}' in row 0"):
            read_file(path, kinds={name: kind})
    read = read_file(path, ReadOptions(decimal=",", date_format="dmy"), kinds={"x": "number", "d": "date"})
    assert read.frame.rows() == [(1.5, datetime.date(2024, 1, 13)), (2.5, datetime.date(2024, 2, 1))]
