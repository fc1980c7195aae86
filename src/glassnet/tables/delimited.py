"""The rows of a delimited text file as columns of text, some megabytes at a time.

Polars reads; that all rows have as many cells as the header is checked before, since a row that slipped by one cell
makes a wrong table, not an error. Files less regular than that are read by Python's csv, which tells the line.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO, cast

import numpy as np

from glassnet.errors import InputError
from glassnet.tables.layout import MOST_CUTS, Layout, split_rows
from glassnet.tables.sources import damage_reported, open_bytes, pl

_PIECE: Final = 1 << 22  # characters read at a time
_CAREFUL_CELLS: Final = 200_000
_LONGEST_ROW: Final = 1 << 26
_END: Final = "\0"
"""Behind the last line it is a row of its own, unless a quotation mark is still open; csv itself would not say so."""


class IrregularTextError(Exception):
    """The rows are not as regular as fast reading needs: read them carefully, which tells where and why."""


def text_frames(path: Path, layout: Layout, most: int) -> Iterator[pl.DataFrame]:
    """Read the rows of a file, which may be compressed, as columns of text.

    Raises
    ------
    InputError
        If a row has more or fewer cells than the header, with its line number, or the file is no text.
    IrregularTextError
        If the file must be read carefully, and `layout` does not say so.
    UnicodeDecodeError
        If the encoding is another one.
    """
    # TextIOWrapper wants the methods of a buffered reader, which every one of these files has.
    file = cast("Any", open_bytes(path, most))
    with damage_reported(path), io.TextIOWrapper(file, encoding=layout.encoding) as text:
        if layout.told:
            text.readline()
        yield from (_careful_frames if layout.careful else _fast_frames)(path, text, layout)


def _fast_frames(path: Path, text: TextIO, layout: Layout) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(layout.names, pl.String)
    rest, header = b"", 1
    while True:
        piece = text.read(_PIECE)
        if "\0" in piece:
            raise IrregularTextError
        rest += piece.encode()
        if not piece and rest and not rest.endswith(b"\n"):
            rest += b"\n"
        end = _whole_rows(rest, layout)
        if end:
            frame = pl.read_csv(rest[:end], has_header=False, separator=layout.delimiter, schema=schema)
            yield frame[header:]
            header = 0
        rest = rest[end:]
        if len(rest) > _LONGEST_ROW or (rest and not piece):
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
        closing = np.flatnonzero(quotes & ~inside)
        behind = data[closing[closing + 1 < len(data)] + 1]
        # A quotation mark opens a cell right after a delimiter or a line break and closes it right before one, or it
        # stands for itself ("").
        if not np.isin(np.append(before, behind), [ord("\n"), ord(layout.delimiter), ord('"')]).all():
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
    schema = dict.fromkeys(layout.names, pl.String)
    rows = _checked_rows(path, text, layout)
    with _long_cells():
        next(rows)  # the header
    while True:
        with _long_cells():
            piece = list(itertools.islice(rows, max(1, _CAREFUL_CELLS // len(schema))))
        if not piece:
            return
        yield pl.DataFrame(dict(zip(schema, zip(*piece, strict=True), strict=True)), schema=schema)


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Within it csv takes cells as long as fast reading does."""
    longest = csv.field_size_limit(_LONGEST_ROW)
    try:
        yield
    finally:
        csv.field_size_limit(longest)  # it belongs to the whole process


def _checked_rows(path: Path, text: Iterable[str], layout: Layout) -> Iterator[list[str]]:
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from text
        ended = True
        yield _END

    reader = split_rows(lines(), layout.delimiter)
    width = len(layout.names)
    while True:
        line = reader.line_num + 1 + layout.told
        try:
            row = next(reader)
        except csv.Error:
            _refuse(
                path,
                line,
                f"a cell of more than {_LONGEST_ROW:,} characters, or more than {MOST_CUTS:,} delimiters",
                "Look for a quotation mark that is never closed",
            )
        if ended and row == [_END]:
            return
        if ended:
            _refuse(path, line, "a quotation mark that is never closed", "Close it, or remove it")
        if not row or (len(row) == 1 and width > 1 and not row[0].strip()):
            continue  # an empty line
        if any("\0" in cell for cell in row):
            _refuse(path, line, "a byte of value 0, as only binary files have it", "Get a fresh copy of it")
        if len(row) != width:
            raise InputError(
                f"Every row of {path} must have {_cells(width)}, like the header",
                f"{_cells(len(row))} in line {line}",
                "Put cells that contain the delimiter in quotation marks, and do not omit any cell",
            )
        yield row


def _refuse(path: Path, line: int, received: str, remedy: str) -> NoReturn:
    raise InputError(f"Line {line} of {path} must be a row of cells", received, remedy)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
