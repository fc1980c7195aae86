"""Delimited text files: how they are laid out, and their rows as columns of text.

CSV is not one format. Which encoding, which delimiter and which names a file has is found out from its beginning;
that all rows have as many cells as the header is checked for each of them, since a row that slipped by one cell makes
a wrong table, not an error.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TextIO, cast

import numpy as np

from glassnet.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IrregularTextError", "Layout", "first_look", "other_encoding", "text_frames"]

DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 1 << 20  # bytes that are looked at to find out the layout
_PIECE: Final = 1 << 22  # characters read at a time
_CAREFUL_ROWS: Final = 20_000
_LONGEST_CELL: Final = 1 << 26
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class IrregularTextError(Exception):
    """The rows are not as regular as fast reading needs: read them carefully, which tells where and why."""


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out.

    Attributes
    ----------
    encoding : str
        Python's name of its encoding.
    delimiter : str
        The character between cells.
    names : tuple of str
        The header.
    careful : bool
        Whether rows have to be taken apart one by one: there are empty lines, or quotation marks within cells.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    careful: bool = False


def first_look(path: Path, encoding: str | None = None) -> Layout:
    """Find out the layout of a text file from its first megabyte.

    Parameters
    ----------
    path : Path
        The file; it may be compressed.
    encoding : str, optional
        Its encoding, if known.

    Returns
    -------
    Layout

    Raises
    ------
    InputError
        If the file is empty, no text, or its first row holds no names.
    """
    with open_bytes(path) as file, _damage_reported(path):
        sample = file.read(_SAMPLE)
    encoding = encoding or _encoding_of(sample)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    if "\0" in text:
        what = "a spreadsheet or another archive" if sample.startswith(b"PK") else "a binary file"
        raise InputError(f"{path} must be a text file, as its name says", what, "Export the table as CSV")
    cut = len(sample) == _SAMPLE
    delimiter = _delimiter_of(text, cut)
    rows = _first_rows(text, delimiter, cut)
    if not rows:
        raise InputError(f"{path} must hold a table", "an empty file", "Give a file with a header and rows")
    header = rows[0]
    return Layout(encoding, delimiter, _names(path, header))


def other_encoding(sample: bytes) -> str:
    """Guess the encoding of bytes that are no UTF-8.

    Chinese text in GB 18030 has its high bytes in pairs; in Western European text they mostly stand alone.

    Examples
    --------
    >>> other_encoding("Müller, Zürich".encode("windows-1252")), other_encoding("城市,北京".encode("gb18030"))
    ('cp1252', 'gb18030')
    """
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    paired = sum(length for length in runs if length % 2 == 0)
    if paired >= 0.8 * sum(runs):
        try:
            codecs.getincrementaldecoder("gb18030")().decode(sample)
        except UnicodeDecodeError:
            pass
        else:
            return "gb18030"
    # Five bytes mean nothing in Windows-1252; Latin-1 gives every byte a meaning.
    return "latin-1" if re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample) else "cp1252"


def text_frames(path: Path, layout: Layout) -> Iterator[pl.DataFrame]:
    """Read the rows as columns of text, some megabytes at a time.

    Raises
    ------
    InputError
        If a row has more or fewer cells than the header, with its line number.
    IrregularTextError
        If the file must be read carefully, and `layout` does not say so.
    UnicodeDecodeError
        If the encoding is another one.
    """
    newline = "" if layout.careful else None  # csv takes line breaks apart itself
    # TextIOWrapper wants the methods of a buffered reader, which every one of these files has.
    with io.TextIOWrapper(cast("Any", open_bytes(path)), encoding=layout.encoding, newline=newline) as text:
        yield from (_careful_frames if layout.careful else _fast_frames)(path, text, layout)


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, decompressed if it is compressed with gzip or zstandard (which its first bytes tell)."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if start == b"\x28\xb5\x2f\xfd":
        return _open_zstandard(path)
    return path.open("rb")


def _open_zstandard(path: Path) -> IO[bytes]:
    # Python has no zstandard before 3.14, but polars has: read lines as cells that nothing divides.
    import polars as pl

    try:
        lines = pl.read_csv(
            path.read_bytes(), has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String}
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _broken(path, error) from None
    return io.BytesIO("\n".join(lines["line"].fill_null("").to_list()).encode())


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _broken(path, error) from None


def _broken(path: Path, reason: Exception) -> InputError:
    return InputError(f"{path} must be a whole compressed file", str(reason), "Get a fresh copy of the file")


def _encoding_of(sample: bytes) -> str:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    # Text of mostly ASCII characters in UTF-16 has a zero in every other byte.
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros and zeros.count(0) > 0.4 * len(zeros) and len(sample) % 2 == 0:
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return other_encoding(sample)
    return "utf-8"


def _first_rows(text: str, delimiter: str, cut: bool) -> list[list[str]]:
    """Return the first rows that are not empty, at most 100."""
    rows: list[list[str]] = []
    # A cell too long for csv ends the sample; whether it is an error shows when the rows are read.
    with suppress(csv.Error):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append(row)
            if len(rows) == 100:
                return rows
    return rows[:-1] if cut and len(rows) > 1 else rows


def _delimiter_of(text: str, cut: bool) -> str:
    def fitness(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in _first_rows(text, delimiter, cut)]
        return (widths.count(widths[0]) / len(widths), widths[0]) if widths and widths[0] > 1 else (0.0, 0)

    return max(DELIMITERS, key=fitness)


def _names(path: Path, header: list[str]) -> tuple[str, ...]:
    names = [name.strip() or f"unnamed {place}" for place, name in enumerate(header, start=1)]
    numbers = [float(name) for name in names if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", name)]
    # Years or numbered columns make names, too; but those are whole and go up.
    as_names = len(names) > 1 and numbers == sorted(set(numbers)) and all(number.is_integer() for number in numbers)
    if 2 * len(numbers) >= len(names) and not as_names:
        received = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise InputError(f"The first row of {path} must hold the names of the columns", received, "Add a row of names")
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise InputError(f"The column names of {path} must be unique", ", ".join(doubles), "Rename or drop the doubles")
    return tuple(names)


def _fast_frames(path: Path, text: TextIO, layout: Layout) -> Iterator[pl.DataFrame]:
    import polars as pl

    schema = dict.fromkeys(layout.names, pl.String)
    rest, header = b"", 1
    while True:
        with _damage_reported(path):
            piece = text.read(_PIECE)
        rest += piece.encode()
        if not piece and rest and not rest.endswith(b"\n"):
            rest += b"\n"
        end = _whole_rows(rest, layout)
        if end:
            frame = pl.read_csv(rest[:end], has_header=False, separator=layout.delimiter, schema=schema)
            yield frame[header:]
            header = 0
        rest = rest[end:]
        if len(rest) > _LONGEST_CELL or (rest and not piece):
            raise IrregularTextError
        if not piece:
            return


def _whole_rows(text: bytes, layout: Layout) -> int:
    """Return how many bytes are whole, regular rows; refuse others."""
    data = np.frombuffer(text, dtype=np.uint8)
    breaks, cuts = data == ord("\n"), data == ord(layout.delimiter)
    quotes = data == ord('"')
    if quotes.any():
        inside = (np.cumsum(quotes, dtype=np.uint8) & 1).astype(np.bool_)
        opening = np.flatnonzero(quotes & inside)
        before = data[opening[opening > 0] - 1]
        # A quotation mark opens a cell right after a delimiter or a line break, or it stands for itself ("").
        if not np.isin(before, [ord("\n"), ord(layout.delimiter), ord('"')]).all():
            raise IrregularTextError
        breaks &= ~inside
        cuts &= ~inside
    ends = np.flatnonzero(breaks)
    if len(ends) == 0:
        return 0
    cells = np.diff(np.searchsorted(np.flatnonzero(cuts), ends), prepend=0) + 1
    empty = np.diff(ends, prepend=-1) == 1
    if empty.any() or (cells != len(layout.names)).any():
        raise IrregularTextError
    return int(ends[-1]) + 1


def _careful_frames(path: Path, text: TextIO, layout: Layout) -> Iterator[pl.DataFrame]:
    import polars as pl

    schema = dict.fromkeys(layout.names, pl.String)
    rows = _checked_rows(path, text, layout)
    next(rows)  # the header
    while piece := list(itertools.islice(rows, _CAREFUL_ROWS)):
        yield pl.DataFrame(piece, schema=schema, orient="row")


def _checked_rows(path: Path, text: TextIO, layout: Layout) -> Iterator[list[str]]:
    reader = csv.reader(text, delimiter=layout.delimiter)
    width = len(layout.names)
    while True:
        line = reader.line_num + 1
        try:
            with _damage_reported(path):
                row = next(reader, None)
        except csv.Error as error:
            remedy = "Look for a quotation mark that is never closed"
            raise InputError(f"Line {line} of {path} must be a row of cells", str(error), remedy) from None
        if row is None:
            return
        if not row or (len(row) == 1 and width > 1 and not row[0].strip()):
            continue  # an empty line
        if len(row) != width:
            raise InputError(
                f"Every row of {path} must have {_cells(width)}, as the header has",
                f"{_cells(len(row))} in line {line}",
                "Put cells that hold the delimiter into quotation marks, and leave no cell out",
            )
        yield row


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
