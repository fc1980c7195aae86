"""Where the bytes of a table come from: compressions, pipes, and how much they may give."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import threading

import polars as pl
import pyarrow as pa
import pytest

from glassnet.errors import InputError, MissingExtraError
from glassnet.tables.reading import sources
from glassnet.tables.reading.readers import read_table, scan_table
from glassnet.tables.reading.sources import ReadOptions

TEXT = b'a,b\n1,"x, y"\n2,"l\nm"\n'
ROWS = [(1, "x, y"), (2, "l\nm")]
COMPRESSED = {
    "gz": gzip.compress(TEXT),
    "bz2": bz2.compress(TEXT),
    "xz": lzma.compress(TEXT),
    "zst": pa.Codec("zstd").compress(TEXT, asbytes=True),
}


@pytest.mark.parametrize("ending", COMPRESSED)
def test_compressed_text(tmp_path, ending):
    file = tmp_path / f"t.csv.{ending}"
    file.write_bytes(COMPRESSED[ending])
    assert read_table(file).rows() == ROWS
    assert pl.concat(scan_table(file, rows=1)).rows() == ROWS
    plain = tmp_path / "t.csv"  # the content tells
    plain.write_bytes(COMPRESSED[ending])
    assert read_table(plain).rows() == ROWS


@pytest.mark.parametrize("ending", COMPRESSED)
def test_compressed_files_that_break_off(tmp_path, ending):
    file = tmp_path / f"t.csv.{ending}"
    file.write_bytes(COMPRESSED[ending][:-9])
    with pytest.raises(InputError, match=r"must be a complete compressed file.*fresh copy"):
        read_table(file)


@pytest.mark.parametrize("ending", COMPRESSED)
def test_a_small_file_that_unpacks_to_a_large_one_is_refused_before_it_fills_the_memory(tmp_path, ending):
    large = b"a,b\n" + b"1,2\n" * 250_000
    compress = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
    compress["zst"] = lambda data: pa.Codec("zstd").compress(data, asbytes=True)
    file = tmp_path / f"t.csv.{ending}"
    file.write_bytes(compress[ending](large))
    for call in (lambda limit: read_table(file, max_unpacked=limit), lambda limit: scan(file, limit)):
        with pytest.raises(InputError, match=r"unpacked, must be at most 0.001 GB.*--max-unpacked"):
            call(1_000_000)
        assert len(call(1_000_004)) == 250_000


def scan(file, limit):
    return pl.concat(scan_table(file, 10_000, ReadOptions(max_unpacked=limit)))


def test_a_small_parquet_file_of_many_rows_is_told_before_it_is_unpacked(tmp_path):
    file = tmp_path / "t.parquet"
    pl.DataFrame({"n": [1] * 100_000, "t": ["a"] * 100_000}).write_parquet(file)
    assert file.stat().st_size < 10_000
    assert len(read_table(file, max_unpacked=3_000_000)) == 100_000
    with pytest.raises(InputError, match=r"unpacked, must be at most 0.002 GB. Received: 100,000 rows of 24 bytes"):
        read_table(file, max_unpacked=2_000_000)
    assert len(next(scan_table(file, 10_000, ReadOptions(max_unpacked=2_000_000)))) == 10_000


def test_zstandard_without_its_library(tmp_path, monkeypatch):
    file = tmp_path / "t.csv.zst"
    file.write_bytes(COMPRESSED["zst"])
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    if sys.version_info < (3, 14):
        with pytest.raises(MissingExtraError, match=r"\.zst files needs backports.zstd.*glassnet\[cli\]"):
            read_table(file)


class TestPipes:
    @pytest.mark.parametrize("content", [TEXT, *COMPRESSED.values()], ids=["plain", *COMPRESSED])
    @pytest.mark.parametrize("name", ["-", "/dev/stdin"])
    def test_the_standard_input(self, monkeypatch, name, content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert read_table(name).rows() == ROWS

    def test_a_pipe_with_a_name_of_its_own(self, tmp_path):
        fifo = tmp_path / "63"
        os.mkfifo(fifo)
        writer = threading.Thread(target=lambda: fifo.write_bytes(TEXT))
        writer.start()
        assert pl.concat(scan_table(fifo, rows=1)).rows() == ROWS
        writer.join()

    def test_what_comes_is_told_by_its_beginning_or_by_the_option(self, monkeypatch):
        frame, buffer = pl.DataFrame({"a": [1, 2]}), io.BytesIO()
        frame.write_parquet(buffer)
        for content, options in (
            (buffer.getvalue(), {}),
            (b'{"a": 1}\n{"a": 2}\n', {}),
            (b"a\n1\n2\n", {"format": "csv"}),
        ):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
            assert read_table("-", **options).equals(frame)

    def test_errors_do_not_speak_of_the_copy(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1\n")))
        with pytest.raises(InputError, match=r"^Every row of standard input must have 2 cells"):
            read_table("-")

    def test_a_pipe_that_does_not_end(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\n" * 1000)))
        with pytest.raises(InputError, match="What comes through standard input must be at most"):
            read_table("-", max_unpacked=1000)

    def test_the_copy_goes_away(self, monkeypatch, tmp_path):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
        monkeypatch.setattr(sources.tempfile, "tempdir", str(tmp_path))
        pieces = scan_table("-", rows=1)
        next(pieces)
        assert len(list(tmp_path.iterdir())) == 1
        pieces.close()
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"decimal": ";"}, "`decimal` must be one of '.', ','"),
        ({"date_format": "dym"}, "`date_format` must be one of 'dmy', 'mdy', 'ymd'"),
        ({"format": "xls"}, "`format` must be one of 'csv'"),
        ({"encoding": "klingon"}, "`encoding` must be the name of an encoding"),
        ({"encoding": "base64"}, "`encoding` must be the name of an encoding"),
        ({"max_unpacked": 0}, "`max_unpacked` must be a positive number of bytes"),
        ({"decimal": []}, "`decimal` must be one of"),
    ],
)
def test_options_that_mean_nothing(options, said):
    with pytest.raises(InputError, match=said):
        ReadOptions(**options)
