"""Tables into files, whole or not at all."""

from __future__ import annotations

import datetime
import errno
import gzip
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.tables.reading.readers import read_table
from glassnet.tables.writers import TableWriter

PIECES = [pl.DataFrame({"id": [1, 2], "class": ["a", 'b, "c"']}), pl.DataFrame({"id": [3], "class": [None]})]
WHOLE = pl.concat([piece.with_columns(pl.col("class").cast(pl.String)) for piece in PIECES])


def write(path, pieces):
    with TableWriter(path) as writer:
        for piece in pieces:
            writer.write(piece)


@pytest.mark.parametrize(
    "name", ["t.csv", "t.tsv", "t.tab", "t.txt", "t.csv.gz", "t.tsv.gz", "t.parquet", "t.pq", "t[1].pq"]
)
def test_pieces_make_one_table(tmp_path, name):
    path = tmp_path / name
    write(path, [WHOLE[:2], WHOLE[2:], WHOLE[:0]])
    assert read_table(path).equals(WHOLE)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_delimiter_follows_from_the_name(tmp_path):
    write(tmp_path / "t.tsv", PIECES[:1])
    assert (tmp_path / "t.tsv").read_text().splitlines()[0] == "id\tclass"
    write(tmp_path / "t.csv.gz", PIECES[:1])
    assert gzip.decompress((tmp_path / "t.csv.gz").read_bytes()).decode().splitlines()[0] == "id,class"


@pytest.mark.parametrize("convert", [pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_frames_of_any_kind(tmp_path, convert):
    write(tmp_path / "t.csv", [convert(WHOLE)])
    assert read_table(tmp_path / "t.csv").equals(WHOLE)


def test_the_same_table_makes_the_same_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write(tmp_path / name, [WHOLE])
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_standard_output(capfdbinary):
    write("-", [WHOLE[:2], WHOLE[2:]])
    assert capfdbinary.readouterr().out == b'id,class\n1,a\n2,"b, ""c"""\n3,\n'


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_an_error_the_old_file_is_still_there_and_nothing_else(tmp_path, name, error):
    path = tmp_path / name
    path.write_bytes(b"old")

    def stopped():
        yield WHOLE
        raise error

    with pytest.raises(error):
        write(path, stopped())
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_file_appears_only_when_it_is_whole(tmp_path):
    path = tmp_path / "t.csv"
    with TableWriter(path) as writer:
        writer.write(WHOLE)
        assert not path.exists()
    assert path.exists()


def test_an_existing_file_is_replaced_through_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write(tmp_path / "link.csv", [WHOLE])
    assert (tmp_path / "link.csv").is_symlink()
    assert read_table(tmp_path / "real.csv").equals(WHOLE)


def test_no_pieces_make_an_empty_file(tmp_path):
    write(tmp_path / "t.csv", [])
    assert (tmp_path / "t.csv").read_bytes() == b""
    write(tmp_path / "t.parquet", [])
    assert pl.read_parquet(tmp_path / "t.parquet").is_empty()


def test_a_piece_without_rows_makes_a_header(tmp_path):
    write(tmp_path / "t.csv", [WHOLE[:0]])
    assert (tmp_path / "t.csv").read_text() == "id,class\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_reported():
    with pytest.raises(OSError, match="The disk is full") as caught:
        write("/dev/full", [WHOLE])
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path, monkeypatch, name):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    if name == "t.csv":
        monkeypatch.setattr("os.fsync", full)
    else:
        monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=f"The disk is full.*{name}"):
        write(tmp_path / name, [WHOLE])
    assert list(tmp_path.iterdir()) == []


def test_pieces_that_cannot_be_joined_leave_nothing_behind(tmp_path, monkeypatch):
    def broken(*args, **kwargs):
        raise pl.exceptions.ComputeError("no space")

    monkeypatch.setattr(pl, "scan_parquet", broken)
    with pytest.raises(OSError, match="could not be joined"):
        write(tmp_path / "t.parquet", [WHOLE])
    assert list(tmp_path.iterdir()) == []


def test_other_errors_of_the_system_pass(tmp_path, monkeypatch):
    def broken(*args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path / "t.csv", [WHOLE])


def test_pieces_must_have_the_same_columns(tmp_path):
    with pytest.raises(InputError, match=r"same columns. Received: class, id. The first had id, class"):
        write(tmp_path / "t.csv", [WHOLE, WHOLE.select("class", "id")])
    with pytest.raises(InputError, match=r"same columns. Received: id \(String\), class \(String\)"):
        write(tmp_path / "t.parquet", [WHOLE, WHOLE.with_columns(pl.col("id").cast(pl.String))])


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write(tmp_path / "nowhere" / "t.csv", [WHOLE])


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(IsADirectoryError, match="this is a folder"):
        write(tmp_path / "t.csv", [WHOLE])


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.csv.zst"])
def test_names_that_cannot_be_written(tmp_path, name):
    with pytest.raises(InputError, match=name):
        TableWriter(tmp_path / name)


def test_a_writer_that_is_not_open(tmp_path):
    with pytest.raises(InputError, match="must be open"):
        TableWriter(tmp_path / "t.csv").write(pd.DataFrame({"a": [1]}))
    with TableWriter(tmp_path / "t.csv") as writer:
        writer.write(pa.table({"a": [1]}))
    with pytest.raises(InputError, match="must be open"):
        writer.write(WHOLE)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (pl.Series([[1]]), r"list\[i64\]|List\(Int64\)"),
        (pl.Series([b"a"]), "Binary"),
        (pl.Series([datetime.timedelta(1)]), "Duration"),
        (pl.Series([None, 2**31 - 1], dtype=pl.Int32).cast(pl.Date), "from year 1 to 9999"),
        (pl.Series([-(2**62)]).cast(pl.Datetime("ms")), "from year 1 to 9999"),
    ],
)
def test_what_text_cannot_hold_is_refused_in_words(tmp_path, cells, why):
    frame = pl.DataFrame({"id": cells})
    with (
        pytest.raises((InputError, InputTypeError), match=rf"'id'.* to be written as text.*{why}|'id'.*{why}"),
        TableWriter(tmp_path / "t.csv") as writer,
    ):
        writer.write(frame)
    with TableWriter(tmp_path / "t.parquet") as writer:
        writer.write(frame)


def test_dates_of_all_years_of_the_calendar_are_written(tmp_path):
    ends = [datetime.datetime.min, None, datetime.datetime.max]
    with TableWriter(tmp_path / "t.csv") as writer:
        writer.write(pl.DataFrame({"at": pl.Series(ends, dtype=pl.Datetime("us"))}))
    _, first, _, last = (tmp_path / "t.csv").read_text().splitlines()
    assert (first, last) == ("0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999")
