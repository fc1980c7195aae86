"""Rows that come one by one are encoded as they would be in a table, whatever comes beside them."""

from __future__ import annotations

import datetime
import json
import sys
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder
from glassnet.tables.columns.conversion import read_cell
from glassnet.tables.records import RecordEncoder


def people(rows=60, seed=0):
    """A column of each kind, with gaps."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + rng.integers(0, 900, rows)
    frame = pl.DataFrame(
        {
            "always": ["same"] * rows,
            "age": rng.integers(18, 80, rows).astype(float),
            "paid": rng.gamma(2, 20, rows),
            "back": rng.random(rows) > 0.5,
            "city": rng.choice(["Bern", "Graz", "Ulm", "3", "True"], rows),
            "street": [f"street {n % 31}" for n in range(rows)],
            "born": days,
            "seen": days.astype("datetime64[us]") + rng.integers(0, 86_400_000_000, rows),
            "at": [
                datetime.time(int(h), int(m))
                for h, m in zip(rng.integers(0, 24, rows), rng.integers(0, 60, rows), strict=True)
            ],
        }
    )
    gaps = pl.Series(rng.random(rows) < 0.1)
    return frame.with_columns(pl.when(~gaps).then(pl.col(name)).alias(name) for name in frame.columns[1:])


@pytest.fixture(params=[{}, {"scaling": "robust", "max_one_hot": 8}, {"scaling": "none", "dtype": "float64"}], ids=str)
def encoder(request):
    return TableEncoder(**request.param).fit(people())


def test_rows_become_what_the_table_becomes_to_the_bit(encoder):
    frame, records = people(seed=1), RecordEncoder(encoder)
    rows = [records.read(row) for row in frame.iter_rows(named=True)]
    np.testing.assert_array_equal(records.encode(rows), encoder.transform(frame))


def test_rows_as_json_has_them_are_the_same(encoder):
    frame, records = people(seed=1), RecordEncoder(encoder)
    plain = json.loads(json.dumps(frame.to_dicts(), default=lambda value: value.isoformat()))
    np.testing.assert_array_equal(records.encode(list(map(records.read, plain))), encoder.transform(frame))


def test_a_row_is_the_same_alone_and_in_company(encoder):
    """True, 1, 1.0 and "1" are equal or not in a dictionary; which of them comes first must not matter."""
    records = RecordEncoder(encoder)
    row = people().row(5, named=True)
    mixed = [row | {"city": city} for city in (True, 3, 3.0, "3", 1, "True", "true", None, 1.0, False, "Ulm")]
    rows = [records.read(one) for one in mixed]
    alone = np.concatenate([records.encode([one]) for one in rows])
    for order in (np.arange(len(rows)), np.arange(len(rows))[::-1]):
        np.testing.assert_array_equal(records.encode([rows[place] for place in order]), alone[order])


def clean(cell):
    return cell.strip() or None if isinstance(cell, str) else cell


CELLS = {
    "age": (7, 7.5, True, None, "7", " 7.5 ", "", "NA", 2**70),
    "back": (True, 1, 0.0, "true", None),
    "city": (True, 1, 3, 3.0, "3", "True", "Bern", " Bern ", "", None, "nowhere"),
    "born": ("2020-02-03", " 2020-02-03", "2020-02-03T00:00:00Z", "NA", None),
    "seen": ("2020-02-03 04:05:06.5", "2020-02-03", "", None),
    "at": ("04:05", "4:05", None),
}


@pytest.mark.parametrize("mixed", [False, True])
def test_columns_are_read_as_rows_are(encoder, mixed):
    """True, 1 and 1.0 are one key of a dictionary, and equal texts are read once."""
    records = RecordEncoder(encoder)
    whole = json.loads(json.dumps(people(seed=1).to_dicts(), default=lambda value: value.isoformat()))
    for name, cells in CELLS.items():
        texts = [cell for cell in cells if cell is None or isinstance(cell, str)]
        used = cells if mixed else texts
        rows = [row | {name: used[place % len(used)]} for place, row in enumerate(whole)]
        read = [records.read({key: clean(cell) for key, cell in row.items()}) for row in rows]
        columns = records.read_columns(rows, clean, cleans_numbers=False)
        np.testing.assert_array_equal(records.encode(columns), records.encode(read))
        np.testing.assert_array_equal(records.encode(columns[7:9]), records.encode(read[7:9]))


def test_texts_are_read_as_rows_are():
    frame = pl.DataFrame({"said": [f"word {n} of many words" for n in range(40)], "n": range(40)})
    records = RecordEncoder(TableEncoder(free_text=["said"]).fit(frame))
    rows = [*frame.to_dicts(), {"said": None, "n": 1}]
    columns = records.encode(records.read_columns(rows, clean, cleans_numbers=False))
    one_by_one = records.encode(list(map(records.read, rows)))
    np.testing.assert_array_equal(columns.matrix, one_by_one.matrix)
    np.testing.assert_array_equal(columns.store.values, one_by_one.store.values)
    np.testing.assert_array_equal(columns.store.ids, one_by_one.store.ids)


def test_numbers_that_mean_a_gap_are_gaps_in_columns(encoder):
    records, row = RecordEncoder(encoder), json.loads(json.dumps(people().row(3, named=True), default=str))
    columns = records.read_columns([row | {"age": -9}], lambda c: None if c == -9 else c, cleans_numbers=True)
    np.testing.assert_array_equal(records.encode(columns), records.encode([records.read(row | {"age": None})]))


@pytest.mark.parametrize("wrong", [{"age": "old"}, {"paid": float("inf")}, {"city": [1]}, {"age": 10**400}, None])
def test_a_fault_is_left_to_rows(encoder, wrong):
    row = json.loads(json.dumps(people().row(3, named=True), default=str))
    bad = {"age": 3} if wrong is None else row | wrong
    records = RecordEncoder(encoder)
    with pytest.raises((InputError, InputTypeError, OverflowError)):
        records.read_columns([row, bad], clean, cleans_numbers=False)
    with pytest.raises((InputError, InputTypeError)):
        records.read(bad)


def test_no_rows_are_no_rows(encoder):
    assert RecordEncoder(encoder).encode([]).shape == (0, encoder.n_outputs)


def test_what_a_table_refuses_a_row_refuses():
    records, row = RecordEncoder(TableEncoder().fit(people())), people().row(3, named=True)
    for name, cell in (
        ("age", "old"),
        ("age", [1]),
        ("age", datetime.date(2020, 1, 1)),
        ("age", float("inf")),
        ("age", 10**400),
        ("back", "perhaps"),
        ("city", {"a": 1}),
        ("born", "yesterday"),
        ("born", 5),
        ("born", "9999999-01-01"),
        ("at", "25:00"),
    ):
        with pytest.raises((InputError, TypeError), match=name):
            records.read(row | {name: cell})


def test_a_column_that_is_not_there_is_named_with_what_may_be_meant():
    records, row = RecordEncoder(TableEncoder().fit(people())), people().row(3, named=True)
    with pytest.raises(InputError, match="must have the column 'age'.*If 'agee' means 'age', rename it"):
        records.read({("agee" if name == "age" else name): cell for name, cell in row.items()})
    with pytest.raises(InputError, match="must have the column 'always'"):
        records.read({name: cell for name, cell in row.items() if name != "always"})
    with pytest.raises(InputError, match="Received: no column"):
        records.read({})


def test_more_columns_do_not_matter():
    records, row = RecordEncoder(TableEncoder().fit(people())), people().row(3, named=True)
    assert records.read(row | {"more": object()}) == records.read(row)


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (True, "number", 1.0),
        (" 1e3 ", "number", 1000.0),
        ("", "number", np.nan),
        (None, "date", np.nan),
        ("TRUE", "boolean", 1.0),
        (datetime.timedelta(seconds=90), "duration", 90.0),
        ("00:01", "time", 60.0),
        ("1970-01-01T00:00:01Z", "datetime", 1e6),
        (datetime.datetime(1970, 1, 1, 0, 0, 1), "datetime", 1e6),
    ],
)
def test_cells(cell, kind, value):
    np.testing.assert_equal(read_cell(cell, kind, "column"), value)


@pytest.mark.parametrize("cell", ["2024-01-31", "2024-01-31T08:30:00", "2024-01-31 08:30:00.25"])
def test_a_date_as_most_are_written_takes_few_calls(cell):
    """It took a hundred, and most of the time of a request of many rows."""
    calls = 0

    def count(*_):
        nonlocal calls
        calls += 1

    read_cell(cell, "datetime", "column")
    sys.setprofile(count)
    read_cell(cell, "datetime", "column")
    sys.setprofile(None)
    assert calls < 40


@pytest.mark.parametrize("cell", ["90 s", 30, 30.0, True, np.float64(30), Decimal(30)])
def test_text_and_numbers_are_no_durations(cell):
    encoder = TableEncoder().fit(pl.DataFrame({"d": [datetime.timedelta(seconds=number) for number in (1, 90)]}))
    with pytest.raises(InputError, match="must contain durations"):
        RecordEncoder(encoder).read({"d": cell})
    with pytest.raises(InputError, match="must contain durations"):
        encoder.transform([[cell]])
