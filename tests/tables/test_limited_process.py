"""Small files that ask for more memory than any machine has: refused in words, where the process would have ended."""

from __future__ import annotations

import re
import subprocess

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glassnet.errors import InputError
from glassnet.tables import open_blocks, read_table
from glassnet.tables.reading import memory_limits, parquet
from glassnet.tables.reading.memory_limits import sized_slices, unfolded_size
from glassnet.tables.reading.readers import scan_table
from glassnet.tables.reading.sources import ReadOptions

pytestmark = pytest.mark.slow

LIE = bytes.fromhex(
    "504152311504151415144c15feffffff0f1500120000010000006101000000621500151215122c15041510150615061c"
    "0000000200000004010103021504192c35001806736368656d61150200150c25021802696425004c1c0000001604191c"
    "191c26001c150c19350006101918026964150016041668167026402608292c15041500150200150015101502003c1604"
    "1906192600040000001668160426081668002820706172717565742d6370702d6172726f772076657273696f6e203236"
    "2e302e31191c1c0000008e00000050415231"
)
"""A Parquet file with two texts, whose page says that it has 2,147,483,647."""
UNPACKED = r"unpacked, must be at most 4 GB\. Received: more"


@pytest.fixture(autouse=True)
def a_python_of_its_own(monkeypatch):
    """As outside of tests."""
    monkeypatch.setattr(memory_limits, "subprocess", subprocess)


def read(path):
    return read_table(path)


def scan(path):
    return [len(piece) for piece in scan_table(path)]


@pytest.mark.parametrize("way", [read, scan, open_blocks])
def test_a_page_that_lies_about_its_values_is_an_error(tmp_path, way):
    (tmp_path / "lie.parquet").write_bytes(LIE)
    with pytest.raises(InputError, match=UNPACKED):
        way(tmp_path / "lie.parquet")


@pytest.mark.parametrize("way", [read, scan, open_blocks])
def test_a_file_over_which_its_reader_panics_is_an_error_and_nothing_else_is_said(tmp_path, way, capfd):
    when = pa.array([0, 1], pa.timestamp("us", "+05:45"))
    pq.write_table(pa.table({"when": when}), tmp_path / "t.parquet")
    try:
        rows = way(tmp_path / "t.parquet")
    except InputError as error:
        assert "t.parquet must be" in str(error)  # noqa: PT017
    else:
        assert rows is not None  # another version of polars reads it
    assert "panicked" not in capfd.readouterr().err


def test_of_many_files_the_one_is_named(tmp_path):
    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(LIE)
    with pytest.raises(InputError, match=rf"b\.parquet, {UNPACKED}"):
        open_blocks(tmp_path)


@pytest.fixture
def shared(tmp_path):
    """Some kilobytes with a text of sixty thousand letters in ten thousand rows, which is 600 MB."""
    codes = pa.array([0] * 10_000, pa.int8())
    texts = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 60_000]))
    pq.write_table(pa.table({"n": range(10_000), "id": texts}), tmp_path / "shared.parquet", compression="zstd")
    assert (tmp_path / "shared.parquet").stat().st_size < 100_000
    return tmp_path / "shared.parquet"


@pytest.mark.parametrize("tried", [0, parquet.TRIED])
def test_cells_that_are_one_in_the_file_are_counted_one_by_one(shared, tried, monkeypatch):
    monkeypatch.setattr(parquet, "TRIED", tried)  # a large file is counted while it is read
    options = ReadOptions(max_unpacked=500_000_000)
    with pytest.raises(InputError, match=r"must be at most 0\.5 GB"):
        read_table(shared, max_unpacked=options.max_unpacked)
    with pytest.raises(InputError, match=r"must be at most 0\.5 GB"):
        list(scan_table(shared, options=options))


def test_pieces_of_long_rows_have_fewer_of_them(shared):
    pieces = list(scan_table(shared, rows=5_000))
    assert max(map(unfolded_size, pieces)) <= parquet.PIECE
    assert pl.concat(pieces)["n"].to_list() == [*range(10_000)]


def test_json_lines_with_another_name_in_each_are_read_or_an_error(tmp_path, monkeypatch):
    """How long they take, and how much they unpack to, is the reader's affair, and differs from version to version."""
    monkeypatch.setattr(memory_limits, "SECONDS", 1)
    (tmp_path / "names.jsonl").write_text("\n".join(f'{{"k{n}": 1}}' for n in range(20_000)))
    rows, refused = 0, ""
    try:
        rows = len(read_table(tmp_path / "names.jsonl"))
    except InputError as error:
        refused = str(error)
    assert rows == 20_000 or re.search(r"must be readable within 1 seconds|unpacked, must be at most", refused)


def test_a_row_that_is_longer_than_a_slice_has_its_own():
    frame = pl.DataFrame({"a": ["x" * 100, "y", None], "b": pl.Series(["u", "v", "u"], dtype=pl.Categorical)})
    assert unfolded_size(frame) == 101 + 3
    assert [len(piece) for piece in sized_slices(frame, 2, 10)] == [1, 1, 1]
    assert list(sized_slices(frame[:0], 2, 10)) == []
