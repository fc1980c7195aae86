"""How a file writes numbers and dates: decided once, from all columns, kept, and asked where it is open."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from glassnet.errors import InputError
from glassnet.tables import TableEncoder
from glassnet.tables.reading.notation import BLANKS, Notation
from glassnet.tables.reading.readers import read_file, read_table, scan_table
from glassnet.tables.reading.sources import ReadOptions
from glassnet.tables.records import RecordEncoder
from glassnet.tables.table_summary import TableSummary

GERMAN = Notation(",", "dmy")


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "t.csv"
        path.write_text(text)
        return path

    return write


def test_what_a_file_leaves_open_the_option_says(file):
    path = file("n;d\n12,500;03/04/2023\n")
    with pytest.raises(InputError, match=r"decimal mark of .* '12,500' in column 'n', which can mean both.*--decimal"):
        read_table(path)
    with pytest.raises(InputError, match=r"order of day and month in .* '03/04/2023' in column 'd'.*--date-format"):
        read_table(path, decimal=",")
    assert read_table(path, decimal=",", date_format="dmy").rows() == [(12.5, datetime.date(2023, 4, 3))]
    assert read_table(path, decimal=".", date_format="mdy").rows() == [(12500.0, datetime.date(2023, 3, 4))]


def test_columns_that_contradict_each_other_are_told(file):
    path = file("place;price\n52.52;3,50\n")
    with pytest.raises(InputError, match=r"both: '52.52' in column 'place' and '3,50' in column 'price'"):
        read_table(path)
    assert read_table(path, decimal=",").rows() == [("52.52", 3.5)]


def test_a_cell_in_a_later_piece_decides_as_well(file, monkeypatch):
    monkeypatch.setattr("glassnet.tables.reading.delimited._PIECE", 64)
    path = file("a;b\n" + "1.234;x\n" * 50 + "1.234;y\n1.500.000;z\n")
    table = read_table(path)
    assert table["a"].unique().sort().to_list() == [1234.0, 1500000.0]
    assert pl.concat(scan_table(path, rows=7)).equals(table)


def test_columns_that_are_text_have_no_say(file):
    table, notation, _ = read_file(file("version;price\n1.5;3,50\n"), text=["version"])
    assert (table.rows(), notation) == ([("1.5", 3.5)], Notation(","))


class TestOfAModel:
    def test_settles_what_a_table_leaves_open(self, file):
        path = file("n;d\n1.234;03/04/2023\n")
        for learned, expected in (
            (GERMAN, (1234.0, datetime.date(2023, 4, 3))),
            (Notation(".", "mdy"), (1.234, datetime.date(2023, 3, 4))),
        ):
            assert read_file(path, learned=learned)[0].rows() == [expected]
            assert next(scan_table(path, learned=learned)).rows() == [expected]

    def test_must_not_be_contradicted_unless_the_user_says_so(self, file):
        path = file("n;m\n1.5;x\n")
        with pytest.raises(InputError, match=r"like the training table, with a decimal comma.*--decimal"):
            scan_table(path, learned=GERMAN)
        assert next(scan_table(path, options=ReadOptions(decimal="."), learned=GERMAN)).rows() == [(1.5, "x")]

    def test_rows_that_come_one_by_one_are_read_alike(self):
        frame = pl.DataFrame({"n": [1.5, 2500.0], "d": [datetime.date(2023, 4, 3), datetime.date(2024, 1, 1)]})
        encoder = TableEncoder().fit(frame)
        encoder.notation = GERMAN
        records = RecordEncoder(encoder)
        row = records.encode([records.read({"n": "2.500,0", "d": "3.4.2023"})])
        expected = encoder.transform(pl.DataFrame({"n": [2500.0], "d": [datetime.date(2023, 4, 3)]}))
        assert (row == expected).all()
        with pytest.raises(InputError, match="Column 'n' must contain numbers.*'1.5'"):
            records.read({"n": "1.5", "d": None})

    def test_texts_in_a_frame_are_read_alike(self):
        frame = pl.DataFrame({"n": [1.5, 2500.0], "d": [datetime.date(2023, 4, 3), datetime.date(2024, 1, 1)]})
        encoder = TableEncoder().fit(frame)
        encoder.notation = GERMAN
        texts = pl.DataFrame({"n": ["2.500", "1,5"], "d": ["03.04.2023", "1.1.2024"]})
        expected = encoder.transform(frame.with_columns(n=frame["n"].reverse()))
        for container in (texts, texts.to_pandas(), texts.to_arrow(), texts.rows()):
            assert (encoder.transform(container) == expected).all()
        summary = TableSummary.of(texts, np.zeros(2), encoder.plan, classes=False)
        assert summary.columns[0].ends == (1.5, 1250.75, 2500.0)
        with pytest.raises(InputError, match=r"must contain numbers.*'1\.5' in row 0.*decimal comma"):
            encoder.transform(pl.DataFrame({"n": ["1.5"], "d": ["1.1.2024"]}))

    def test_a_cell_that_does_not_fit_the_notation_given_is_not_blamed_on_that_of_the_training_table(self, file):
        options, kinds = ReadOptions(decimal="."), {"n": "number"}
        with pytest.raises(InputError, match=r"'1,5' in row 0.*Cells are read with a decimal point"):
            read_file(file("n;m\n1,5;x\n"), options, GERMAN, kinds=kinds)

    def test_where_nothing_was_decided_nothing_is_guessed(self):
        records = RecordEncoder(TableEncoder().fit(pl.DataFrame({"n": [1.0, 2.0]})))
        assert list(records.read({"n": "1.5"}).numbers) == [1.5]
        for cell in ("1,500", "1,5", "1 500"):
            with pytest.raises(InputError, match="must contain numbers"):
                records.read({"n": cell})


@pytest.mark.parametrize(
    ("order", "cell", "expected"),
    [
        ("dmy", "20/01/24", datetime.date(2024, 1, 20)),
        ("mdy", "1-20-24", datetime.date(2024, 1, 20)),
        ("ymd", "24.01.20", datetime.date(2024, 1, 20)),
        ("dmy", "31.12.68", datetime.date(2068, 12, 31)),
        ("dmy", "01.01.69", datetime.date(1969, 1, 1)),
        ("ymd", "69-01-01", datetime.date(1969, 1, 1)),
        ("ymd", "00-02-29", datetime.date(2000, 2, 29)),
    ],
)
def test_years_of_two_digits_are_read_if_the_order_is_said(file, order, cell, expected):
    path = file(f"d,n\n{cell},1\nNA,2\n")
    assert read_table(path)["d"].to_list() == [cell, "NA"]
    table, notation, _ = read_file(path, ReadOptions(date_format=order))
    assert table["d"].to_list() == [expected, None]
    assert notation.moment(cell).date() == expected
    with_times = read_table(file(f"d,n\n{cell} 8:30,1\n{cell},2\n"), date_format=order)["d"].to_list()
    assert [moment.date() for moment in with_times] == [expected, expected]
    assert [moment.hour for moment in with_times] == [8, 0]


@pytest.mark.parametrize(
    "plain",
    [
        *({}, [], None),
        {"decimal": None, "dates": None, "missing": [1]},
        {"decimal": ";", "dates": None},
        {"decimal": ",", "dates": "dym"},
    ],
)
def test_what_is_no_notation_is_refused(plain):
    with pytest.raises(InputError, match="The notation of a model must match the rest"):
        Notation.from_plain(plain)


def test_plain_and_back():
    for notation in (GERMAN, Notation("."), Notation(missing=("?",)), Notation(missing=())):
        assert Notation.from_plain(notation.to_plain()) == notation
    assert Notation.from_plain({"decimal": ",", "dates": "dmy"}) == GERMAN


def test_blanks_around_a_cell_are_those_that_the_reader_leaves_out():
    characters = pl.Series([chr(code) for code in range(1, 0x3100)])
    assert set(characters.filter(characters.str.strip_chars() == "")) == set(BLANKS)
