"""Tables from files as people have them."""

from __future__ import annotations

import builtins
import contextlib
import csv
import datetime
import gzip
import io
import json
import pickle
import random

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassnet.errors import InputError, MissingExtraError, TrainingWarning
from glassnet.tables import ReadOptions, open_blocks
from glassnet.tables.reading import delimited, parquet
from glassnet.tables.reading.parquet_copy import scan_files
from glassnet.tables.reading.readers import read_table, scan_table
from glassnet.tables.reading.sources import DETECT_ALL
from glassnet.tables.reading.table_blocks import all_pieces


@pytest.fixture
def file(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


class TestLayout:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found_out(self, file, delimiter):
        rows = [["name", "note, long", "n"], ["a;b", "x, y", "1"], ["c", "d|e\tf", "2"]]
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        table = read_table(file(text.getvalue()))
        assert table.columns == rows[0]
        assert table.rows() == [("a;b", "x, y", 1), ("c", "d|e\tf", 2)]

    def test_decimal_commas_do_not_pass_for_delimiters(self, file):
        table = read_table(file("a;b\n1,5;2,5\n3,5;4,25\n"))
        assert table.rows() == [(1.5, 2.5), (3.5, 4.25)]
        assert read_table(file("a\n1,5\n2\n3,25\n")).rows() == [(1.5,), (2.0,), (3.25,)]

    @pytest.mark.parametrize(
        "text",
        [
            "name:n:x\nUlm:1:2.5\nBern:2:3\n",
            "name n x\nUlm 1 2.5\nBern 2 3\n",
            "  name  n    x\n   Ulm  1  2.5   \n  Bern  2    3\n",
            '"name" "n" "x"\n"Ulm" 1 2.5\n"Bern" 2 3\n',
        ],
    )
    def test_colons_and_blanks_are_delimiters_where_there_is_no_other(self, file, text):
        assert read_table(file(text)).rows() == [("Ulm", 1, 2.5), ("Bern", 2, 3.0)]

    @pytest.mark.parametrize(
        ("text", "columns"),
        [
            ("starts at\n08:30\n09:15\n", ["starts at"]),
            ("full name\nJohn Smith\nJane Doe\n", ["full name"]),
            ("city|long full name\nUlm|John A Smith\nBern|Mary B Jones\n", ["city", "long full name"]),
            ("at: now,n\nx: 1,2\ny: 3,4\n", ["at: now", "n"]),
        ],
    )
    def test_colons_and_blanks_within_cells_are_none(self, file, text, columns):
        assert read_table(file(text)).columns == columns

    @pytest.mark.parametrize("delimiter", ["!", "§", ",", " "])
    def test_the_delimiter_may_be_said(self, file, delimiter):
        text = f"a{delimiter}b\n1;x{delimiter}2\n"
        assert read_table(file(text), delimiter=delimiter).rows() == [("1;x", 2)]

    @pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", 1])
    def test_a_delimiter_is_one_character(self, delimiter):
        with pytest.raises(InputError, match="`delimiter` must be one character"):
            ReadOptions(delimiter=delimiter)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("last", [True, False])
    def test_any_line_ending(self, file, end, last):
        text = end.join(["a,b", "1,x", "2,y"]) + (end if last else "")
        assert read_table(file(text)).rows() == [(1, "x"), (2, "y")]

    def test_one_column(self, file):
        assert read_table(file("a\n1\n2\n")).rows() == [(1,), (2,)]

    def test_empty_lines_are_skipped(self, file):
        assert read_table(file("\n\na,b\n\n1,2\n   \n3,4\n\n")).rows() == [(1, 2), (3, 4)]

    def test_quoted_cells(self, file):
        text = 'a,"b ""x"""\n"1, 2","line\nbreak"\n"","say ""hi"""\n'
        table = read_table(file(text))
        assert table.columns == ["a", 'b "x"']
        assert table.rows() == [("1, 2", "line\nbreak"), (None, 'say "hi"')]

    def test_quotation_marks_within_cells(self, file):
        assert read_table(file('size,n\n5" pipe,1\n7" pipe,2\nx,3\n')).rows() == [
            ('5" pipe', 1),
            ('7" pipe', 2),
            ("x", 3),
        ]

    @pytest.mark.parametrize("cell", ['""}', '"x"y', '"x" ', '""x""'])
    def test_text_behind_a_closing_quotation_mark_belongs_to_the_cell(self, file, cell):
        text = f"a,b\n{cell},1\n"
        assert read_table(file(text)).rows() == [(next(csv.reader([cell]))[0].strip(), 1)]

    @pytest.mark.parametrize("rows", ["", "\r\n"], ids=["fast", "careful"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_line_break_within_a_cell_is_the_same_however_it_is_written(self, file, rows, end):
        table = read_table(file(f'"a{end}x",b{end}{rows}"one{end}two",1{end}'.encode()))
        assert (table.columns, table.rows()) == (["a\nx", "b"], [("one\ntwo", 1)])

    @pytest.mark.parametrize("rows", ["", "\n"], ids=["fast", "careful"])
    def test_a_cell_may_be_long(self, file, rows):
        assert read_table(file(f'a,b\n{rows}"{"x" * 200_000}",1\n'))["a"].str.len_chars().to_list() == [200_000]

    def test_spaces_around_cells_do_not_count(self, file):
        table = read_table(file("age , job\n 39, State-gov\n 50,  \n"))
        assert table.columns == ["age", "job"]
        assert table.rows() == [(39, "State-gov"), (50, None)]

    def test_names_that_are_missing_are_made_up(self, file):
        assert read_table(file(",x,\n0,5,\n1,6,\n")).columns == ["unnamed 1", "x", "unnamed 3"]

    @pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.jsonl"])
    def test_names_that_are_missing_are_the_same_in_every_format(self, tmp_path, name):
        frame, path = pl.DataFrame({"": [0, 1], "x": [5, 6]}), tmp_path / name
        {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[path.suffix](path)
        assert read_table(path).columns == ["unnamed 1", "x"]
        assert [piece.columns for piece in scan_table(path, rows=1)] == [["unnamed 1", "x"]] * 2
        assert open_blocks(path).names == ("unnamed 1", "x")

    def test_a_made_up_name_must_be_free(self, tmp_path):
        pl.DataFrame({"": [0, 1], "unnamed 1": [5, 6]}).write_parquet(tmp_path / "t.parquet")
        with pytest.raises(InputError, match="must be unique. Received: unnamed 1"):
            read_table(tmp_path / "t.parquet")

    @pytest.mark.parametrize("name", ["t.csv", "t.CSV", "t.tsv", "t.tab", "t.txt", "my.table.csv"])
    def test_names_of_text_files(self, file, name):
        assert read_table(file("a,b\n1,2\n", name)).rows() == [(1, 2)]


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
    def test_chinese(self, file, encoding):
        text = "城市,价格\n北京,1\n乌鲁木齐,2\n"
        table = read_table(file(text.encode(encoding)))
        assert table.columns == ["城市", "价格"]
        assert table.rows() == [("北京", 1), ("乌鲁木齐", 2)]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "cp1252"])
    def test_western_european(self, file, encoding):
        text = "straße;größe\nMünchner Straße;1,5\nCafé à Zürich;2\n"
        table = read_table(file(text.encode(encoding)))
        assert table.columns == ["straße", "größe"]
        assert table.rows() == [("Münchner Straße", 1.5), ("Café à Zürich", 2.0)]

    def test_the_euro_sign_of_windows(self, file):
        assert read_table(file("a,b\n5 €,x\n“quoted”,y\n".encode("cp1252"))).rows() == [("5 €", "x"), ("“quoted”", "y")]

    @pytest.mark.parametrize(
        ("written", "said"), [("utf-8-sig", "utf-8"), ("utf-8-sig", "cp1252"), ("utf-16", "utf-16-le")]
    )
    def test_a_byte_order_mark_is_no_part_of_a_name_whatever_is_said(self, file, written, said):
        assert read_table(file("größe,b\n1,2\n".encode(written)), encoding=said).columns == ["größe", "b"]

    def test_utf32_by_its_mark(self, file):
        assert read_table(file("größe,b\n1,2\n".encode("utf-32"))).columns == ["größe", "b"]

    def test_utf16_that_is_said_and_is_none(self, file):
        with pytest.raises(InputError, match="must be text in one encoding. Received: utf-16, then"):
            read_table(file(b"a,b\n1,2\n"), encoding="utf-16")

    def test_an_encoding_that_shows_late(self, file, monkeypatch):
        monkeypatch.setattr(delimited, "_SAMPLE", 1000)
        plain = "a,b\n" + "1,plain\n" * 30_000
        table = read_table(file((plain + "2,Zürich\n").encode("cp1252")))
        assert table.rows()[-1] == (2, "Zürich")
        assert len(table) == 30_001

    def test_a_character_across_pieces(self, file, monkeypatch):
        monkeypatch.setattr(delimited, "_PIECE", 7)
        text = "名,字\n" + "北京北京,乌鲁木齐\n" * 20
        assert read_table(file(text)).rows() == [("北京北京", "乌鲁木齐")] * 20


class TestCompression:
    text = "a,b\n1,x\n2,y\n"

    def test_gzip(self, file):
        assert read_table(file(gzip.compress(self.text.encode()), "t.csv.gz")).rows() == [(1, "x"), (2, "y")]

    def test_gzip_by_its_content(self, file):
        assert read_table(file(gzip.compress(self.text.encode()), "t.csv")).rows() == [(1, "x"), (2, "y")]

    def test_zstandard(self, file):
        content = pa.Codec("zstd").compress(b'a,b\n1,"x, y"\n2,"l\nm"\n', asbytes=True)
        assert read_table(file(content, "t.csv.zst")).rows() == [(1, "x, y"), (2, "l\nm")]

    def test_a_broken_gzip_file(self, file):
        whole = gzip.compress(("a,b\n" + "".join(f"{random.random()},x\n" for _ in range(1000))).encode())
        for content in (whole[:200], whole[:-6], whole[:50] + b"\0" * 50 + whole[100:]):
            with pytest.raises(InputError, match=r"must be a complete compressed file.*fresh copy"):
                read_table(file(content, "t.csv.gz"))

    def test_a_broken_zstandard_file(self, file):
        with pytest.raises(InputError, match="must be a complete compressed file"):
            read_table(file(b"\x28\xb5\x2f\xfd" + b"\x00" * 20, "t.csv.zst"))


class TestTypes:
    def types(self, file, cells, header="x", **options):
        table = read_table(file(f"{header};y\n" + "".join(f"{cell};\n" for cell in cells)), **options)
        return table[header].dtype, table[header].to_list()

    @pytest.mark.parametrize(
        ("cells", "dtype", "values"),
        [
            (["1", "-2", "+3", ""], pl.Int64, [1, -2, 3, None]),
            (["-999999999999999999", "0"], pl.Int64, [-999999999999999999, 0]),
            (["0012.5", "1"], pl.Float64, [12.5, 1.0]),
            (["1.5", "007"], pl.String, ["1.5", "007"]),
            (["1e999", "-.5E-3"], pl.Float64, [float("inf"), -0.0005]),
            ([",5", "-1.000.000,25", "2,5e3"], pl.Float64, [0.5, -1000000.25, 2500.0]),
            (["1.5", "1,5"], pl.String, ["1.5", "1,5"]),
            (["1", "2.5", "1e3", ".5", "-3."], pl.Float64, [1.0, 2.5, 1000.0, 0.5, -3.0]),
            (["1,5", "2", "-0,25"], pl.Float64, [1.5, 2.0, -0.25]),
            (["1.234,5", "2", "12.345.678"], pl.Float64, [1234.5, 2.0, 12345678.0]),
            (["true", "False", "TRUE", ""], pl.Boolean, [True, False, True, None]),
            (["007", "12"], pl.String, ["007", "12"]),
            (["12345678901234567890", "1"], pl.String, ["12345678901234567890", "1"]),
            (["1", "17A"], pl.String, ["1", "17A"]),
            (["1_000"], pl.String, ["1_000"]),
            (["0x10"], pl.String, ["0x10"]),
            (["yes", "no"], pl.String, ["yes", "no"]),
            (["None", "null", "NA"], pl.String, ["None", "null", "NA"]),
            (["2024-02-29", ""], pl.Date, [datetime.date(2024, 2, 29), None]),
            (["2023-02-29"], pl.String, ["2023-02-29"]),
            (["29.02.2024"], pl.Date, [datetime.date(2024, 2, 29)]),
            (["29.02.2023"], pl.String, ["29.02.2023"]),
            (["9:05"], pl.Time, [datetime.time(9, 5)]),
            (["12 %", "3%"], pl.Float64, [12.0, 3.0]),
            (["01:30", "23:59:59.5"], pl.Time, [datetime.time(1, 30), datetime.time(23, 59, 59, 500000)]),
            (["25:00"], pl.String, ["25:00"]),
            (
                ["2024-01-02", "2024-01-02T03:04", "2024-01-02 03:04:05.250"],
                pl.Datetime("us"),
                [
                    datetime.datetime(2024, 1, 2),
                    datetime.datetime(2024, 1, 2, 3, 4),
                    datetime.datetime(2024, 1, 2, 3, 4, 5, 250000),
                ],
            ),
            (
                ["2024-01-02T03:04+02:00", "2024-01-02 03:04:05Z", "2024-01-02T03:04:05.5-0130"],
                pl.Datetime("us", "UTC"),
                [
                    datetime.datetime(2024, 1, 2, 1, 4, tzinfo=datetime.UTC),
                    datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
                    datetime.datetime(2024, 1, 2, 4, 34, 5, 500000, tzinfo=datetime.UTC),
                ],
            ),
            (["2024-01-02T03:04Z", "2024-01-02T03:04"], pl.String, ["2024-01-02T03:04Z", "2024-01-02T03:04"]),
            (["", " "], pl.String, [None, None]),
        ],
    )
    def test_of_a_column(self, file, cells, dtype, values):
        assert self.types(file, cells) == (dtype, values)

    def test_nan_is_a_gap_and_infinity_a_number(self, file):
        assert self.types(file, ["nan", "NaN", "1.5", "-inf"]) == (pl.Float64, [None, None, 1.5, -np.inf])
        dtype, values = self.types(file, ["nan", "1.5"], missing=[])
        assert dtype == pl.Float64
        np.testing.assert_array_equal(values, [np.nan, 1.5])

    def test_thousands_with_commas_in_quotes(self, file):
        assert read_table(file('a,b\n"1,234.5",x\n7,y\n')).rows() == [(1234.5, "x"), (7.0, "y")]
        assert read_table(file('a,b\n"12,34,5",x\n7,y\n')).rows() == [("12,34,5", "x"), ("7", "y")]

    def test_integers_stay_integers_whatever_stands_between_thousands(self, file):
        assert read_table(file('a,b\n"1,000",1 000\n"2,000",999\n')).rows() == [(1000, 1000), (2000, 999)]
        types = {type(cell) for cell in read_table(file("a;b\n1.000;0,5\n-2.000;1,5\n"))["a"]}
        assert types == {int}
        assert self.types(file, ['"1,000"', '"1,000.5"']) == (pl.Float64, [1000.0, 1000.5])
        assert self.types(file, ['"999,999,999,999,999,999,999"', "1"])[0] == pl.Float64

    def test_a_code_that_shows_late(self, file):
        cells = [str(i) for i in range(10_000)]
        assert self.types(file, cells)[0] == pl.Int64
        assert self.types(file, [*cells, "A"])[0] == pl.String
        assert self.types(file, [*cells, "0.5"])[0] == pl.Float64

    def test_a_code_that_shows_in_a_later_piece(self, file, monkeypatch):
        monkeypatch.setattr(delimited, "_PIECE", 64)
        assert self.types(file, ["1"] * 100 + ["A"]) == (pl.String, ["1"] * 100 + ["A"])
        assert self.types(file, [""] * 100 + ["2.5"]) == (pl.Float64, [None] * 100 + [2.5])
        assert self.types(file, ["1"] * 100 + ["2,5"]) == (pl.Float64, [1.0] * 100 + [2.5])
        assert self.types(file, ["2024-01-01"] * 30 + ["2024-01-01 12:00"])[0] == pl.Datetime("us")

    @pytest.mark.parametrize("cells", [["1", "2.5"], ["true"], ["2024-01-31"], ["08:30"], ["12 %"]])
    def test_usual_words_are_gaps_where_the_other_cells_are_no_text(self, file, cells):
        dtype, values = self.types(file, cells)
        words = ["NA", "n/a", "N/A", "NULL", "-", "nan"]
        assert self.types(file, [*words, *cells]) == (dtype, [None] * len(words) + values)
        assert self.types(file, [*words, *cells, "x"])[1] == [*words, *cells, "x"]
        assert self.types(file, [*cells, "NA"], missing=[]) == (pl.String, [*cells, "NA"])
        assert self.types(file, words) == (pl.String, words)

    def test_a_usual_word_in_a_later_piece_is_a_gap_too(self, file, monkeypatch):
        expected = (pl.Float64, [1.0] * 100 + [None] + [2.5] * 100)
        for size in (64, 1 << 22):
            monkeypatch.setattr(delimited, "_PIECE", size)
            assert self.types(file, ["1"] * 100 + ["NA"] + ["2.5"] * 100) == expected

    def test_other_texts_for_a_missing_value(self, file):
        assert self.types(file, ["1", "?", "NA", "-"], missing=("?", "NA", "-")) == (pl.Int64, [1, None, None, None])

    @pytest.mark.parametrize("said", ["-99", "-99.0", "-99.00"])
    @pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
    def test_a_number_that_stands_for_a_gap_does_so_however_it_is_written(self, tmp_path, said, name):
        frame, path = pl.DataFrame({"a": [-99, 1], "b": [-99.0, 2.5], "c": [-99.5, 3.5]}), tmp_path / name
        {".csv": frame.write_csv, ".jsonl": frame.write_ndjson}[path.suffix](path)
        assert read_table(path, missing=[said]).rows() == [(None, None, -99.5), (1, 2.5, 3.5)]

    @pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
    def test_a_fraction_may_stand_for_a_gap(self, tmp_path, name):
        frame, path = pl.DataFrame({"a": [-99.9, 1.5]}), tmp_path / name
        {".csv": frame.write_csv, ".jsonl": frame.write_ndjson}[path.suffix](path)
        assert read_table(path, missing=["-99.90"]).rows() == [(None,), (1.5,)]


class TestRefused:
    @pytest.mark.parametrize("pattern", ["*", "^.*$"])
    def test_a_name_that_polars_takes_for_other_columns_is_refused(self, tmp_path, pattern):
        frame = pl.DataFrame({"a": ["x"], pattern: ["y"]})
        for name, write in (
            ("t.csv", frame.write_csv),
            ("t.jsonl", frame.write_ndjson),
            ("t.parquet", frame.write_parquet),
        ):
            write(tmp_path / name)
            with pytest.raises(InputError, match=r"must not be patterns.*Rename them"):
                read_table(tmp_path / name)

    def test_texts_for_a_missing_value_are_null_in_every_format(self, tmp_path):
        frame = pl.DataFrame({"a": ["x", " ?", "y"], "b": [1.5, -999.0, 2.5], "c": ["?", "u", "v"]})
        frame.write_csv(tmp_path / "t.csv")
        frame.write_ndjson(tmp_path / "t.jsonl")
        frame.with_columns(pl.col("c").cast(pl.Categorical)).write_parquet(tmp_path / "t.parquet")
        wanted, options = [("x", 1.5, None), (None, None, "u"), ("y", 2.5, "v")], ReadOptions(missing=["?", "-999"])
        for name in ("t.csv", "t.jsonl", "t.parquet"):
            assert read_table(tmp_path / name, missing=["?", "-999"]).rows() == wanted
            assert next(scan_table(tmp_path / name, options=options)).rows() == wanted
            assert next(scan_table(tmp_path / name, learned=options.notation)).rows() == wanted
            assert next(iter(open_blocks(tmp_path / name, options).pieces(0))).rows() == wanted
        assert read_table(tmp_path / "t.parquet")["a"].to_list() == ["x", " ?", "y"]

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"There is no such file.*nowhere\.csv"):
            read_table(tmp_path / "nowhere.csv")

    def test_a_folder(self, tmp_path):
        with pytest.raises(IsADirectoryError, match="this is a folder"):
            read_table(tmp_path)

    @pytest.mark.parametrize("content", ["", "\n\n", "  \n", b"\xef\xbb\xbf"])
    def test_an_empty_file(self, file, content):
        with pytest.raises(InputError, match=r"must contain a table. Received: an empty file"):
            read_table(file(content))

    def test_a_header_only(self, file):
        for content in ("a,b\n", "a,b", "a,b\n\n"):
            with pytest.raises(InputError, match="must contain rows. Received: none"):
                read_table(file(content))
            with pytest.raises(InputError, match="must contain rows. Received: none"):
                scan_table(file(content))

    @pytest.mark.parametrize(
        ("content", "received"),
        [
            ("a,b\n1,2\n3\n", "1 cell in line 3"),
            ("a,b\n1,2\n3,4,5\n6,7\n", "3 cells in line 3"),
            ('a,b\n"x\ny",2\n\n3,4,5\n', "3 cells in line 5"),
        ],
    )
    def test_a_row_of_another_length(self, file, content, received):
        with pytest.raises(InputError, match=f"must have 2 cells, like the header. Received: {received}"):
            read_table(file(content))

    @pytest.mark.parametrize("header", ["5.1,3.5,1.4,0.2,setosa", "1,0,1", "3,3", "17.5", "2", "a,5"])
    def test_a_first_row_of_numbers(self, file, header):
        with pytest.raises(InputError, match=r"must contain the names of the columns. Received: .*Add a row of names"):
            read_table(file(f"{header}\n{header}\n"))

    @pytest.mark.parametrize("header", ["0,1,2", "country,2019,2020,2021", "x1,y1", "a,2024"])
    def test_names_that_are_numbers_or_years(self, file, header):
        assert read_table(file(f"{header}\n{header}\n")).columns == header.split(",")

    def test_a_name_twice(self, file):
        with pytest.raises(InputError, match="column names of .* must be unique. Received: a"):
            read_table(file("a,b, a\n1,2,3\n"))

    @pytest.mark.parametrize("name", ["t.xslx", "t", "t.json", "t.csv.7z", "t.gz", "t.parquet.gz"])
    def test_an_unknown_ending(self, file, name):
        with pytest.raises(InputError, match=rf"supported extension. Received: {name}. Supported: .csv"):
            read_table(file("a\n1\n", name))

    def test_what_is_no_text(self, file):
        with pytest.raises(InputError, match="must be a text file.*a spreadsheet"):
            read_table(file(b"PK\x03\x04" + bytes(range(256)) * 4))
        with pytest.raises(InputError, match="must be a text file.*a binary file"):
            read_table(file(b"\x7fELF" + b"\0\1\2" * 100))

    def test_a_cell_beyond_all_measure(self, file):
        text = "a,b\n1,2\n" + '"' + "x" * 200_000 + "\n"
        with pytest.raises(InputError, match=r"Line 3 .*quotation mark that is never closed"):
            read_table(file(text))

    @pytest.mark.parametrize("text", ['a,b\n1,2\n3,"4\n5,6\n', 'a,b\n1,2\n"3,4\n5,6\n', 'a\n1\n"x\ny\n', 'a\n\n"x\ny'])
    def test_a_quotation_mark_that_stays_open_does_not_swallow_the_other_rows(self, file, text):
        with pytest.raises(InputError, match=r"Line 3 of .* Received: a quotation mark that is never closed"):
            read_table(file(text))

    def test_text_that_breaks_off_within_a_character(self, file):
        with pytest.raises(InputError, match="must be text in one encoding"):
            read_table(file("a,b\n1,ü\n".encode("utf-16")[:-1]))

    def test_what_is_no_parquet(self, file):
        for call in (read_table, lambda path: list(scan_table(path))):
            with pytest.raises(InputError, match="must be a Parquet file"):
                call(file("a,b\n1,2\n", "t.parquet"))

    @pytest.mark.skipif(not hasattr(pa, "bool8"), reason="this pyarrow has no such type")
    def test_a_type_of_somebodys_own_in_parquet_is_what_it_is_stored_as(self, tmp_path):
        """A column of numbers would be one of texts."""
        numbers = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1], pa.int8()))
        pq.write_table(pa.table({"a": numbers, "b": ["x", "y"]}), tmp_path / "t.parquet")
        for table in (read_table(tmp_path / "t.parquet"), *scan_table(tmp_path / "t.parquet")):
            assert table["a"].dtype.is_integer()
            assert table["a"].to_list() == [0, 1]

    def test_without_polars(self, file, monkeypatch):
        original = builtins.__import__

        def without(name, *args, **kwargs):
            if name == "polars":
                raise ImportError(name)
            return original(name, *args, **kwargs)

        path = file("a\n1\n")
        monkeypatch.setattr(builtins, "__import__", without)
        with pytest.raises(MissingExtraError, match=r'needs polars. Install it with: pip install "glassnet\[cli\]"'):
            read_table(path)

    def test_a_piece_of_no_rows(self, file):
        with pytest.raises(InputError, match="`rows` must be a positive integer"):
            scan_table(file("a\n1\n"), rows=0)


@contextlib.contextmanager
def csv_cells_of(characters):
    """Within it Python's csv takes cells of so many characters."""
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class TestHostile:
    @pytest.fixture
    def small_sample(self, monkeypatch):
        monkeypatch.setattr(delimited, "_SAMPLE", 1000)
        monkeypatch.setattr(delimited, "_LONGEST_HEADER", 10_000)
        monkeypatch.setattr(delimited, "_PIECE", 1000)

    def test_a_header_longer_than_the_sample(self, file, small_sample):
        text = ";".join(f"a column number {i}" for i in range(200)) + "\n" + ";".join(["1"] * 200) + "\n"
        assert read_table(file(text)).shape == (1, 200)

    def test_very_many_columns_are_told_and_not_waited_for(self, file):
        with pytest.raises(
            InputError, match=r"at most 100,000 columns. Received: 100,001. Check whether rows and columns"
        ):
            read_table(file(",".join(f"c{i}" for i in range(100_001)) + "\n"))

    def test_a_line_without_end(self, file, small_sample):
        with pytest.raises(InputError, match="must have a header that ends in a line break"):
            read_table(file(b"a" * 20_000))

    def test_a_header_is_found_above_a_cell_longer_than_csv_takes(self, file, small_sample):
        """Also where the rest of the sample is that cell."""
        with csv_cells_of(500):
            assert read_table(file("a,b\n1," + "x" * 50_000 + "\n")).shape == (1, 2)

    def test_a_name_longer_than_csv_takes_is_told_as_that(self, file):
        """The file is not empty."""
        with pytest.raises(
            InputError, match=r"names of the columns\. Received: a cell of more than 131,072 characters"
        ):
            read_table(file("a" * 200_000 + ",b\n1,2\n"))

    @pytest.mark.parametrize("delimiter", [",", ";"])
    def test_no_line_of_very_many_delimiters_is_taken_apart(self, file, delimiter, monkeypatch):
        """While csv does that, no other thread of a server gets a turn."""
        monkeypatch.setattr(delimited, "MOST_CUTS", 1000)
        with pytest.raises(InputError, match=r"Line 3 of .* must be a row of cells\. Received: .* delimiters"):
            read_table(file(f"a{delimiter}b\n1{delimiter}2\n" + delimiter * 1001 + "\n"))
        with pytest.raises(InputError, match=r"The first row of .* Received: .* delimiters"):
            read_table(file("a" + "," * 1001 + "b\n"))

    @pytest.mark.parametrize("careful", ["", "\n"])
    def test_a_zero_byte_behind_the_sample(self, file, careful, small_sample):
        text = "a,b\n" + "1,x\n" * 3000 + careful + "1,x\0y\n"
        with pytest.raises(InputError, match=r"Line 300\d of .* a byte of value 0"):
            read_table(file(text))

    def test_utf8_that_is_damaged_is_not_taken_for_another_encoding(self, file, small_sample):
        text = ("a,b\n" + "1,Zürich\n" * 2000).encode() + b"2,Z\xfcrich\n"
        with pytest.raises(InputError, match="must be text in one encoding. Received: UTF-8, but not so behind"):
            read_table(file(text))

    def test_the_encoding_may_be_said(self, file):
        path = file("a,b\n1,Gyõr\n".encode("cp1252"))
        assert read_table(path, encoding="cp1250")["b"].to_list() == ["Győr"]
        with pytest.raises(InputError, match=r"must be text in one encoding.*--encoding"):
            read_table(path, encoding="utf-8")

    def test_a_panic_within_polars_is_an_error_of_the_file(self, tmp_path, monkeypatch):
        def panic(*_, **__):
            raise pl.exceptions.PanicException("index out of bounds")

        path = tmp_path / "t.parquet"
        pl.DataFrame({"a": [1]}).write_parquet(path)
        monkeypatch.setattr(pl, "read_parquet", panic)
        monkeypatch.setattr(pl.LazyFrame, "collect", panic)
        for call in (read_table, lambda path: list(scan_table(path))):
            with pytest.raises(InputError, match="must be a Parquet file.*index out of bounds"):
                call(path)


class TestJsonLines:
    def test_values_are_read_as_they_are_and_texts_as_those_of_a_text_file(self, file):
        lines = '{"n": 1, "x": 1.5, "t": "a", "d": "01.02.2024"}\n{"n": 2, "t": "", "d": "31.12.2023"}\n'
        for name in ("t.jsonl", "t.ndjson"):
            table = read_table(file(lines, name))
            assert table.rows() == [
                (1, 1.5, "a", datetime.date(2024, 2, 1)),
                (2, None, None, datetime.date(2023, 12, 31)),
            ]
        assert read_table(file(gzip.compress(lines.encode()), "t.jsonl.gz")).equals(table)
        assert [len(piece) for piece in scan_table(file(lines, "t.jsonl"), rows=1)] == [1, 1]

    def test_columns_are_in_the_order_of_the_file_however_many_there_are(self, file):
        names = [f"c{number}" for number in range(60)]
        lines = [{}, dict.fromkeys(names[:40], 1), dict.fromkeys(names[:1:-1], 2)]
        text = "\n\n".join(map(json.dumps, lines))
        assert read_table(file(text, "t.jsonl")).columns == [*names[:40], *names[:39:-1]]

    def test_what_comes_late_is_read_like_what_comes_first(self, file):
        """Older versions of polars took the first hundred lines for all: names and fractions were lost, in silence."""
        late = [{"a": 1}] * 500
        for last, cells in (({"a": 2, "b": 3}, {"a": 2, "b": 3}), ({"a": 1.5}, {"a": 1.5}), ({"a": "x"}, {"a": "x"})):
            table = read_table(file("\n".join(map(json.dumps, [*late, last])), "t.jsonl"))
            assert table.row(-1, named=True) == cells
            assert table["a"].null_count() == 0

    def test_a_byte_order_mark_is_none_of_the_table(self, file):
        assert read_table(file('\ufeff{"a": 1}\n', "t.jsonl")).rows() == [(1,)]

    @pytest.mark.parametrize(
        "line",
        [
            "[" * 100_000,
            "[" * 70 + "]" * 70,
            '{"a":' * 70 + "1" + "}" * 70,
            '{"a": "\\"]", "b":' + "[" * 70 + "]" * 70 + "}",
        ],
    )
    def test_lines_nested_deep_are_refused_before_anybody_reads_them(self, line, file):
        with pytest.raises(InputError, match="at most 64 levels deep in JSON lines.*line 2 of"):
            read_table(file('{"a": 1}\n' + line, "t.jsonl"))

    def test_many_brackets_beside_each_other_and_in_texts_are_no_levels(self, file):
        lines = json.dumps({"a": "[" * 100, "b": [[1]] * 100}) + "\n" + json.dumps({"a": '"' + "{" * 100, "b": [[2]]})
        assert read_table(file(lines, "t.jsonl"))["a"].to_list() == ["[" * 100, '"' + "{" * 100]

    def test_what_is_none(self, file):
        with pytest.raises(InputError, match="must be an object of JSON"):
            read_table(file("a,b\n1,2\n", "t.jsonl"))


class TestParquet:
    frame = pl.DataFrame({"a": [1, None, 3], "b": ["x", "y", None], "c": [datetime.date(2024, 1, 1)] * 3})

    def test_is_read_as_it_is(self, tmp_path):
        for name in ("t.parquet", "t.pq", "t[1]*.parquet"):
            self.frame.write_parquet(tmp_path / name)
            assert read_table(tmp_path / name).equals(self.frame)

    def test_in_pieces(self, tmp_path):
        self.frame.write_parquet(tmp_path / "t.parquet")
        pieces = list(scan_table(tmp_path / "t.parquet", rows=2))
        assert [len(piece) for piece in pieces] == [2, 1]
        assert pl.concat(pieces).equals(self.frame)

    def test_without_rows(self, tmp_path):
        self.frame[:0].write_parquet(tmp_path / "t.parquet")
        for call in (read_table, scan_table):
            with pytest.raises(InputError, match="must contain rows"):
                call(tmp_path / "t.parquet")


WRITE = {"csv": pl.DataFrame.write_csv, "jsonl": pl.DataFrame.write_ndjson, "parquet": pl.DataFrame.write_parquet}


class TestWithoutRows:
    """The same in every format: refused, unless other files of the table have rows."""

    none, some = pl.DataFrame(schema={"a": pl.Int64, "b": pl.String}), pl.DataFrame({"a": [1], "b": ["x"]})

    @pytest.mark.parametrize("kind", WRITE)
    def test_a_file_is_refused(self, kind, tmp_path):
        WRITE[kind](self.none, tmp_path / f"t.{kind}")
        for read in (read_table, scan_table, open_blocks):
            with pytest.raises(InputError) as error:
                read(tmp_path / f"t.{kind}")
            said = f"{tmp_path}/t.{kind} must contain rows. Received: none. Give a file with at least one row."
            assert str(error.value) == said

    @pytest.mark.parametrize("kind", ["csv", "parquet"])  # JSON lines without any have no columns either
    def test_a_part_of_a_table_may_have_none(self, kind, tmp_path):
        for number, part in enumerate([self.none, self.some, self.none]):
            WRITE[kind](part, tmp_path / f"{number}.{kind}")
        blocks = open_blocks(tmp_path)
        assert [row for piece in all_pieces(blocks) for row in piece.rows()] == [(1, "x")]
        (tmp_path / f"1.{kind}").unlink()
        with pytest.raises(InputError, match=f"0.{kind} and 1 more must contain rows. Received: none"):
            open_blocks(tmp_path)


class TestScan:
    def test_pieces_have_the_types_of_the_whole(self, file, monkeypatch):
        monkeypatch.setattr(delimited, "_PIECE", 50)
        path = file("id,x,when\n" + "".join(f"{i},{i},2024-01-01\n" for i in range(100)) + "A,0.5,\n")
        pieces = list(scan_table(path, rows=30))
        assert all(len(piece) <= 30 for piece in pieces)
        assert len({str(piece.schema) for piece in pieces}) == 1
        assert pl.concat(pieces).equals(read_table(path))
        assert pieces[0].schema == {"id": pl.String, "x": pl.Float64, "when": pl.Date}

    def test_careful_reading_in_pieces(self, file, monkeypatch):
        monkeypatch.setattr(delimited, "_CAREFUL_CELLS", 7)
        path = file("a,b\n\n" + "".join(f'{i},x"\n' for i in range(50)))
        assert pl.concat(scan_table(path, rows=5)).rows() == [(i, 'x"') for i in range(50)]

    @pytest.mark.slow
    def test_memory_does_not_grow_with_the_file(self, tmp_path):
        path = tmp_path / "large.csv"
        path.write_text("a,b\n" + "1.5,some text of a row\n" * 1_000_000)
        seen = 0
        for piece in scan_table(path, rows=10_000):
            assert piece.estimated_size() < 2_000_000
            seen += len(piece)
        assert seen == 1_000_000

    def test_errors_come_before_the_first_piece(self, file):
        path = file("a,b\n" + "1,2\n" * 1000 + "3\n")
        with pytest.raises(InputError, match="line 1002"):
            scan_table(path)


cell = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=4),
    st.sampled_from(["1", "2.5", "a,b", 'say "hi"', "x\ny", ";", "|", "ü", "-1", "1e5", "0123"]),
)


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), min_size=1, max_size=8)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_pythons_csv_writes_is_read_again(tmp_path, rows):
    path = tmp_path / "t.csv"
    names = [f"name {i}" for i in range(len(rows[0]))]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([names, *rows])
    table = read_table(path)
    assert table.columns == names
    assert len(table) == len(rows)
    for found, row in zip(table.rows(), rows, strict=True):
        for value, written in zip(found, row, strict=True):
            if value is None:
                assert written.strip() == ""
            elif isinstance(value, str):
                assert value == written.strip()
            elif isinstance(value, bool):
                assert str(value).lower() == written.strip().lower()
            else:
                np.testing.assert_equal(float(value), float(written))  # NAN is one


def test_the_same_as_pandas_on_a_table_of_everything(file):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "integer": rng.integers(-9, 9, 500),
            "float": rng.normal(size=500),
            "text": rng.choice(["a", "b c", 'd"e', "f,g", "h\ni"], 500),
            "gaps": np.where(rng.random(500) < 0.3, np.nan, rng.normal(size=500)),
        }
    )
    table = read_table(file(frame.to_csv(index=False)))
    for name in frame:
        expected = frame[name].astype(object).where(frame[name].notna(), None).tolist()
        assert table[name].to_list() == expected


def test_columns_that_are_to_stay_text_do_whatever_is_in_them(tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text("code,day,n\n1.50,2024-01-01,1\n 2 ,,2\n")
    (table,) = scan_table(file, text=["code", "day", "not there"])
    assert table.rows() == [("1.50", "2024-01-01", 1), ("2", None, 2)]
    (table,) = scan_table(file)
    assert table["code"].to_list() == [1.5, 2.0]


# ------------------------------------------------------------- several files of one table


def files(folder, *columns):
    paths = [folder / f"{number}.csv" for number in range(len(columns))]
    for path, cells in zip(paths, columns, strict=True):
        path.write_text("\n".join(["a,b", *(f"{cell},x" for cell in cells)]) + "\n")
    return paths


def scanned(paths, options=DETECT_ALL, text=()):
    """The pieces of several files, whose cells are kept in memory."""
    return scan_files(paths, 10, options, text, None, lambda place: [])[0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            (["1", "2.5"], ["3"], ["NA", "none at all"]),
            r"'a': numbers in .*0\.csv, text in .*2\.csv, for 'none at all' in row 2.*missing",
        ),
        ((["1", "x"], ["3", "4"]), r"'a': text in .*0\.csv, numbers in .*1\.csv, for 'x' in row 2"),
        ((["", "7"], ["", ""], ["2024-05-01"]), r"'a': numbers in .*0\.csv, dates in .*2\.csv"),
        ((["", ""], ["true"], ["1"]), r"'a': booleans in .*1\.csv, numbers in .*2\.csv"),
    ],
)
def test_files_whose_types_differ_are_named(tmp_path, columns, message):
    with pytest.raises(
        InputError, match=f"All files of a folder must have the same columns, of the same types.*{message}"
    ):
        scanned(files(tmp_path, *columns))


@pytest.mark.parametrize(
    ("columns", "text", "cells"),
    [
        ((["1"], ["2.5"], ["", ""], ["1,000.5"]), (), [1.0, 2.5, None, None, 1000.5]),
        ((["1"], ["2a"]), ("a",), ["1", "2a"]),
        ((["x"], ["y"], [""]), (), ["x", "y", None]),
        ((["NA"], ["2.5", "-"], ["1"]), (), [None, 2.5, None, 1.0]),
        ((["NA"], ["x"]), (), ["NA", "x"]),
    ],
)
def test_files_of_one_table_have_the_types_of_all(tmp_path, columns, text, cells):
    quoted = [[f'"{cell}"' for cell in column] for column in columns]
    pieces = scanned(files(tmp_path, *quoted), text=text)
    assert [cell for _, piece in pieces for cell in piece["a"].to_list()] == cells


# ------------------------------------------------------------- columns of codes


def everywhere(file, options):
    """What the readers of a whole table, of pieces and of blocks make of a file."""
    yield read_table(file, text=options.text).rows()
    yield next(scan_table(file, options=options)).rows()
    yield [row for piece in open_blocks(file, options).pieces(0) for row in piece.rows()]


@pytest.mark.parametrize(
    ("codes", "texts"),
    [
        ([17, 3, None], ["17", "3", None]),
        ([17.0, None, 3.0], ["17.0", None, "3.0"]),
        ([1.5, 123456789.0, 0.1], ["1.5", "123456789.0", "0.1"]),
        ([True, None, False], ["true", None, "false"]),
    ],
)
def test_codes_are_the_texts_that_a_text_file_has_of_them(codes, texts, tmp_path):
    frame = pl.DataFrame({"code": codes, "n": [1, 2, 3]})
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ndjson(tmp_path / "t.jsonl")
    for file in tmp_path.iterdir():
        for rows in everywhere(file, ReadOptions(text=["code"])):
            assert rows == list(zip(texts, [1, 2, 3], strict=True)), file.name


def test_a_code_that_is_no_number_is_a_gap(tmp_path):
    pl.DataFrame({"code": [17.0, float("nan")]}).write_parquet(tmp_path / "t.parquet")
    for rows in everywhere(tmp_path / "t.parquet", ReadOptions(text=["code"])):
        assert rows == [("17.0",), (None,)]


def test_codes_with_and_without_fractions_are_not_mixed(tmp_path):
    pl.DataFrame({"code": [17, 3]}).write_parquet(tmp_path / "0.parquet")
    pl.DataFrame({"code": [17.0, None]}).write_parquet(tmp_path / "1.parquet")
    with pytest.raises(InputError, match=r"'code': Int64 in .*0\.parquet, Float64 in .*1\.parquet"):
        open_blocks(tmp_path, ReadOptions(text=["code"]))


def test_codes_are_text_where_one_file_of_a_folder_has_them_as_numbers(tmp_path):
    pl.DataFrame({"code": ["17A"]}).write_parquet(tmp_path / "0.parquet")
    pl.DataFrame({"code": [17]}).write_parquet(tmp_path / "1.parquet")
    blocks = open_blocks(tmp_path, ReadOptions(text=["code"]))
    assert [row for number in range(2) for piece in blocks.pieces(number) for row in piece.rows()] == [
        ("17A",),
        ("17",),
    ]


def test_a_code_with_a_letter_in_a_later_file_names_file_column_and_remedy(tmp_path):
    paths = files(tmp_path, ["17", "18"], ["19", "17A"])
    with pytest.raises(InputError, match=r"'a': numbers in .*0\.csv, text in .*1\.csv, for '17A' in row 2") as error:
        scanned(paths)
    assert "If 'a' contains codes, use --text (text=)" in str(error.value)
    pieces = scanned(paths, ReadOptions(text=["a"]))
    assert [cell for _, piece in pieces for cell in piece["a"].to_list()] == ["17", "18", "19", "17A"]


def test_what_is_no_column_of_codes_is_refused(tmp_path):
    pl.DataFrame({"a": [datetime.date(2024, 1, 2)]}).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match="must contain text, numbers or booleans. Received: 'a', of type Date"):
        open_blocks(tmp_path / "t.parquet", ReadOptions(text=["a"]))
    for read in (read_table, open_blocks):
        with pytest.raises(InputError, match=r"must have the specified columns. Received: 'b'. Available: a"):
            read(tmp_path / "t.csv", **{"text": ["b"]} if read is read_table else {"options": ReadOptions(text=["b"])})
    with pytest.raises(InputError, match="`text` must be a list of names of columns. Received: 'a'"):
        ReadOptions(text="a")


@pytest.mark.parametrize("received", ["NA", 1, [1]])
def test_texts_that_mean_gaps_are_a_list(received):
    """Of one text the letters would be taken, each for itself."""
    with pytest.raises(InputError, match="`missing` must be a list of texts"):
        ReadOptions(missing=received)


def test_a_file_that_is_cut_within_its_last_cell_is_warned_of(tmp_path):
    paths = files(tmp_path, ["1", "2"], ["3", "44"])
    paths[1].write_text(paths[1].read_text()[:-1])
    with pytest.warns(TrainingWarning, match=r"1\.csv does not end with a line break.*it may be truncated"):
        scanned(paths)


def test_columns_of_several_files_may_stand_in_any_order(tmp_path):
    (tmp_path / "0.csv").write_text("a,b\n1,x\n")
    (tmp_path / "1.csv").write_text("b,a\ny,2\n")
    pieces = scanned(sorted(tmp_path.iterdir()))
    assert [row for _, piece in pieces for row in piece.rows()] == [(1, "x"), (2, "y")]
    for file in tmp_path.iterdir():
        read_table(file).write_parquet(file.with_suffix(".parquet"))
        file.unlink()
    rows = [row for piece in all_pieces(open_blocks(tmp_path)) for row in piece.rows()]
    assert rows == [(1, "x"), (2, "y")]


def test_whole_numbers_in_one_file_and_others_in_the_next_are_numbers_in_json_too(tmp_path):
    (tmp_path / "0.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "1.jsonl").write_text('{"a": 1.5}\n')
    assert [piece["a"].to_list() for _, piece in scanned(sorted(tmp_path.iterdir()))] == [[1.0], [1.5]]
    (tmp_path / "2.jsonl").write_text('{"a": "x"}\n')
    with pytest.raises(InputError, match=r"'a': Float64 in .*0\.jsonl, String in .*2\.jsonl"):
        scanned(sorted(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1, 2]", "Line 2 of .* must be an object of JSON. Received: a value of type list"),
        ('{"a": NaN}', "Line 2 of .* Received: NaN, which is no number of JSON; a missing value is null"),
        ('{"a": ' + "1" * 5000 + "}", "Line 2 of .* Received: a whole number of 5000 digits"),
        ('{"a": 1', "Line 2 of .* Received: Expecting"),
        pytest.param(
            '{"a": [1]}',
            "The values of 'a' in .* must be of one kind. Received: a list or an object, and others; line 2",
            marks=pytest.mark.skipif(pl.__version__.startswith("1.9."), reason="it makes texts of both"),
        ),
    ],
    ids=["list", "NaN", "digits", "cut off", "kinds"],
)
def test_a_line_of_json_that_cannot_be_read_is_told_in_words_of_json(tmp_path, line, said):
    """And not in those of the library that reads it, which counts characters."""
    (tmp_path / "t.jsonl").write_text(f'{{"a": "x"}}\n{line}\n')
    with pytest.raises(InputError, match=said):
        read_table(tmp_path / "t.jsonl")


def test_what_is_wrong_with_a_row_of_text_is_said_of_the_users_own_file(tmp_path):
    files(tmp_path, ["1", "2"], ["3", "4"])
    assert open_blocks(tmp_path).labels == ("0.csv, rows 0 to 1", "1.csv, rows 0 to 1")


@pytest.mark.parametrize("rows", [50, 200])
def test_a_table_that_becomes_another_one_between_two_readings_is_refused(tmp_path, rows):
    pl.DataFrame({"a": range(100)}).write_parquet(tmp_path / "t.parquet")
    blocks = open_blocks(tmp_path / "t.parquet")
    assert sum(map(len, all_pieces(blocks))) == 100
    pl.DataFrame({"a": range(rows)}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"t\.parquet must not change while it is read\. Received: .* bytes"):
        list(all_pieces(blocks))


PLAIN = {"compression": "uncompressed", "use_pyarrow": True, "pyarrow_options": {"use_dictionary": False}}
"""A file of as many bytes, whatever the numbers are."""


def test_a_table_that_is_replaced_by_one_of_the_same_size_is_refused(tmp_path):
    """Then it is the time that tells."""
    path, new = tmp_path / "t.parquet", tmp_path / "new"
    pl.DataFrame({"a": range(100)}).write_parquet(path, **PLAIN)
    blocks, pieces = open_blocks(path), scan_table(path, 50)
    assert [len(next(pieces)), sum(map(len, all_pieces(blocks)))] == [50, 100]
    pl.DataFrame({"a": range(100, 200)}).write_parquet(new, **PLAIN)
    assert new.stat().st_size == path.stat().st_size
    new.replace(path)
    for rest in (all_pieces(blocks), pieces):
        with pytest.raises(InputError, match=r"must not change while it is read\. Received: .* bytes, written anew"):
            list(rest)


def test_a_worker_reads_its_own_copy_of_a_file_unless_that_has_another_size(tmp_path):
    """The copy has another time, and on each worker's disk it may lie at the same place."""
    path, copy = tmp_path / "t.parquet", tmp_path / "copy"
    pl.DataFrame({"a": range(100)}).write_parquet(path, **PLAIN)
    sent = pickle.dumps(open_blocks(path))
    copy.write_bytes(path.read_bytes())
    copy.replace(path)
    assert sum(map(len, all_pieces(pickle.loads(sent)))) == 100
    pl.DataFrame({"a": range(200)}).write_parquet(path, **PLAIN)
    with pytest.raises(InputError, match="must not change while it is read"):
        list(all_pieces(pickle.loads(sent)))


def test_a_table_that_is_replaced_while_a_piece_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": range(100)}).write_parquet(path, **PLAIN)
    blocks, read = open_blocks(path), parquet.read_rows

    def replaced_meanwhile(*rest):
        pl.DataFrame({"a": range(100, 200)}).write_parquet(path, **PLAIN)
        return read(*rest)

    monkeypatch.setattr(parquet, "read_rows", replaced_meanwhile)
    with pytest.raises(InputError, match="written anew"):
        list(all_pieces(blocks))
