"""Delimited text files: encoding, delimiter and header, and the rows as columns of text, in chunks.

CSV is not one format; the layout is detected from the beginning of the file. Polars reads the rows. That all have as
many cells as the header is checked before, since a row that is shifted by one cell makes a wrong table, not an error.
Less regular files are read by Python's csv, which finds the line.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final, NoReturn, TextIO, cast

import numpy as np

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.reading.encodings import byte_order_mark, likely_encoding, marked_encoding
from glassnet.tables.reading.notation import DATES
from glassnet.tables.reading.sources import damage_reported, empty_file, open_bytes, pl

MOST_COLUMNS: Final = 100_000
"""With more columns, rows and columns are probably swapped."""
DELIMITERS: Final = (",", ";", "\t", "|")
RARE_DELIMITERS: Final = (":", " ")
"""These are also in names, times and texts; a blank stands for any number of blanks."""
_SAMPLE: Final = 1 << 20  # bytes that are looked at
_LONGEST_HEADER: Final = 1 << 24
MOST_CUTS: Final = 10 * MOST_COLUMNS
"""Delimiters of a line, in and between cells: while csv splits a line, no other thread runs."""
_TELLING: Final = re.compile(r"\Asep=(.)\r?\n")
_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s?%?")
_DATE: Final = re.compile("|".join(DATES.values()))
_PIECE: Final = 1 << 22  # characters read at a time
_CAREFUL_CELLS: Final = 200_000
_LONGEST_ROW: Final = 1 << 26
_END: Final = "\0"
"""A row of its own after the last line, unless a quotation mark is still open, which csv does not report."""
CELLS: Final = Text("Every row of {file} must have {count} cells, like the header")
ONE_CELL: Final = Text("Every row of {file} must have 1 cell, like the header")


@dataclass(frozen=True)
class TextLayout:
    """The layout of a text file.

    Attributes
    ----------
    encoding : str
        Python's name of its encoding.
    delimiter : str
        The character between cells; a blank stands for any number of them.
    names : tuple of str
        The header.
    has_sep_line : bool
        Whether the first line is no row, but tells the delimiter (sep=;), as Excel understands it.
    careful : bool
        Whether rows have to be taken apart one by one: there are empty lines, or quotation marks within cells.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    has_sep_line: bool = False
    careful: bool = False


def find_layout(
    path: Path, encoding: str | None, most: int, delimiter: str | None = None, *, suspect: bytes | None = None
) -> TextLayout:
    """Detect the layout of a text file, which may be compressed, from its beginning.

    `delimiter` may be None, to detect it; `suspect` is a later part of the file that is not UTF-8.

    Raises
    ------
    InputError
        If the file is empty, no text, or its first row holds no names.
    """
    with open_bytes(path, most) as file, damage_reported(path):
        sample, cut = _beginning(file)
    if sample.startswith(b"PK\3\4") or (b"\0" in sample and not marked_encoding(sample)):
        what = "a spreadsheet or another archive" if sample.startswith(b"PK") else "a binary file"
        raise InputError(
            Text("{file} must be a text file, as its extension says", file=path), what, "Export the table as CSV"
        )
    encoding = byte_order_mark(sample) or encoding or _encoding(path, sample, suspect)
    try:
        text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    except UnicodeError as error:  # a codec that replaces no errors, such as UTF-16 without its mark
        raise wrong_encoding(path, encoding, error) from None
    sep_line = _TELLING.match(text)
    text = text[sep_line.end() :] if sep_line else text
    delimiter = delimiter or (sep_line[1] if sep_line else _delimiter(text, cut))
    rows = _first_rows(text, delimiter, cut)
    if not rows:
        if _is_too_long(text, delimiter):
            received = f"a cell of more than {csv.field_size_limit():,} characters or {MOST_CUTS:,} delimiters"
            rule = Text("The first row of {file} must contain the names of the columns", file=path)
            raise InputError(rule, received, "Look for a quotation mark that is never closed")
        if cut:
            received = f"none in its first {len(sample):,} bytes"
            raise InputError(
                Text("{file} must have a header that ends in a line break", file=path),
                received,
                "Check that it is a table",
            )
        raise empty_file(path)
    names = header_names(path, rows[0], rows[1:])
    return TextLayout(encoding, delimiter, names, bool(sep_line), careful=delimiter == " " or not delimiter.isascii())


def split_cells(lines: Iterable[str], delimiter: str) -> Any:
    """Return one of csv's readers, which splits lines of text into cells.

    Examples
    --------
    >>> list(split_cells(["a; b"], ";")), list(split_cells(["  a   'b' ", '"c d" e'], " "))
    ([['a', ' b']], [['a', "'b'"], ['c d', 'e']])
    """
    lines = _limited(lines, delimiter)
    if delimiter != " ":
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader((_stripped(line) for line in lines), delimiter=" ", skipinitialspace=True)


def _limited(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    for line in lines:
        if line.count(delimiter) > MOST_CUTS:
            raise csv.Error
        yield line


def _stripped(line: str) -> str:
    """Remove the blanks at the end of a line, after which no cell comes."""
    end = line[len(line.rstrip("\r\n")) :]
    return line.removesuffix(end).rstrip(" ") + end


def wrong_encoding(path: Path, encoding: str, error: UnicodeError) -> InputError:
    """Return the error of a file in another encoding, or in several."""
    remedy = Text("Save it as UTF-8, or specify its encoding with --encoding (encoding=)")
    return InputError(
        Text("{file} must be text in one encoding", file=path),
        Text("{encoding}, then {error}", encoding=encoding, error=error),
        remedy,
    )


def _beginning(file: IO[bytes]) -> tuple[bytes, bool]:
    """Return the first megabyte, or as much as the first rows take, and whether there is more."""
    sample = file.read(_SAMPLE)
    while len(sample.splitlines()) < 3 and len(sample) < _LONGEST_HEADER:
        more = file.read(_SAMPLE)
        if not more:
            return sample, False
        sample += more
    return sample, bool(file.read(1))


def _encoding(path: Path, sample: bytes, suspect: bytes | None) -> str:
    marked = marked_encoding(sample)
    if marked:
        return marked
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return likely_encoding(sample, str(path))
    if suspect is None:
        return "utf-8"
    if not sample.isascii():
        at = suspect.decode("utf-8", "replace").partition("\ufffd")[0][-20:]
        raise InputError(
            Text("{file} must be text in one encoding", file=path),
            Text("UTF-8, but not so behind {at!r}", at=at),
            "Save it as UTF-8",
        )
    return likely_encoding(suspect, str(path))


def _first_rows(text: str, delimiter: str, cut: bool) -> list[list[str]]:
    """Return the first rows that are not empty, at most 100."""
    rows: list[list[str]] = []
    try:
        for row in split_cells(io.StringIO(text, newline=None), delimiter):
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append(row)
            if len(rows) == 100:
                return rows
    except csv.Error:  # the sample ends before a row too long; whether that is an error shows when the rows are read
        return rows
    return rows[:-1] if cut else rows


def _is_too_long(text: str, delimiter: str) -> bool:
    """Return whether the first row is too long to be split."""
    try:
        next(split_cells(io.StringIO(text.lstrip(), newline=None), delimiter), None)
    except csv.Error:
        return True
    return False


def _delimiter(text: str, cut: bool) -> str:
    """Return the delimiter that makes rows of one length; of several, the one with more numbers, then more cells.

    Colons and blanks count only where no other mark is in the header, and every row has as many cells, numbers among
    them. Otherwise there is one column: a mark in its cells is the decimal mark if that makes them numbers.
    """

    def fitness(delimiter: str) -> tuple[float, float, int]:
        rows = _first_rows(text, delimiter, cut)
        widths = [len(row) for row in rows]
        if not rows:
            return 0.0, 0.0, 0
        numbers = sum(_NUMBER.fullmatch(cell.strip()) is not None for row in rows[:20] for cell in row)
        alike = widths.count(widths[0]) / len(widths)
        if widths[0] == 1:
            return 0.0, float(alike == 1 and numbers > 0), 0
        return alike, numbers / sum(widths[:20]), widths[0]

    best = {mark: fitness(mark) for mark in DELIMITERS}
    if not any(width for _, _, width in best.values()):
        rare = {mark: fitness(mark) for mark in RARE_DELIMITERS}
        best |= {mark: found for mark, found in rare.items() if found[0] == 1 and found[1] > 0}
    return max(best, key=lambda mark: best[mark])


def header_names(path: Path, header: list[str], rows: list[list[str]]) -> tuple[str, ...]:
    """Return the names in a first row, given some of the other rows.

    Raises
    ------
    InputError
        If it holds no names, the same one twice, or too many.
    """
    names = all_named([name.strip() for name in header])
    if len(names) > MOST_COLUMNS:
        raise InputError(
            Text("{file} must have at most {count:,} columns", file=path, count=MOST_COLUMNS),
            f"{len(names):,}",
            "Check whether rows and columns are swapped. For wider tables, use an array or a sparse matrix in Python",
        )
    if _is_data(names, rows):
        received = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise InputError(
            Text("The first row of {file} must contain the names of the columns", file=path),
            received,
            "Add a row of names",
        )
    check_names(names, path)
    return tuple(names)


def all_named(names: Sequence[str]) -> list[str]:
    """Name blank columns by their position.

    Examples
    --------
    >>> all_named(["age", "", "city"])
    ['age', 'unnamed 2', 'city']
    """
    return [name if name.strip() else f"unnamed {place}" for place, name in enumerate(names, start=1)]


def check_names(names: Sequence[str], path: Path | str) -> None:
    """Refuse duplicate names, and those that polars takes for a pattern of names."""
    patterns = [name for name in names if name == "*" or (name.startswith("^") and name.endswith("$"))]
    if patterns:
        rule = Text("The column names of {file} must not be patterns, such as * or ^a$", file=path)
        raise InputError(rule, ", ".join(patterns), "Rename them")
    doubles = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubles:
        raise InputError(
            Text("The column names of {file} must be unique", file=path),
            ", ".join(doubles),
            "Rename or drop the duplicates",
        )


def _is_data(names: list[str], rows: list[list[str]]) -> bool:
    """Return whether the first row holds values: its numbers and dates are where those of the other rows are."""
    numbers = [place for place, name in enumerate(names) if _NUMBER.fullmatch(name)]
    whole = [int(names[place]) for place in numbers if names[place].isdecimal() and len(names[place]) < 19]
    # Years or numbered columns make names, too: whole numbers in even steps.
    steps = {after - before for before, after in pairwise(whole)}
    even = len(steps) == 1 and min(steps) > 0
    if len(whole) == len(numbers) and len(names) > 1 and (even or (len(whole) == 1 and 1800 <= whole[0] <= 2200)):
        numbers = []
    dates = [place for place, name in enumerate(names) if _DATE.fullmatch(name)]
    if any(_all_below(rows, place, _DATE) for place in dates) or 2 * len(numbers) >= len(names):
        return True
    return bool(numbers) and all(_all_below(rows, place, _NUMBER) for place in numbers)


def _all_below(rows: list[list[str]], place: int, form: re.Pattern[str]) -> bool:
    cells = [cell for row in rows if place < len(row) if (cell := row[place].strip())]
    return bool(cells) and all(map(form.fullmatch, cells))


class IrregularTextError(Exception):
    """The rows are not regular enough for fast reading; careful reading finds where and why."""


def text_frames(path: Path, layout: TextLayout, most: int) -> Iterator[pl.DataFrame]:
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
    # TextIOWrapper needs the methods of a buffered reader, which every one of these files has.
    file = cast("Any", open_bytes(path, most))
    with damage_reported(path), io.TextIOWrapper(file, encoding=layout.encoding) as text:
        if layout.has_sep_line:
            text.readline()
        yield from (_careful_frames if layout.careful else _fast_frames)(path, text, layout)


def _fast_frames(path: Path, text: TextIO, layout: TextLayout) -> Iterator[pl.DataFrame]:
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


def _whole_rows(text: bytes, layout: TextLayout) -> int:
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


def _careful_frames(path: Path, text: TextIO, layout: TextLayout) -> Iterator[pl.DataFrame]:
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
    """Let csv accept cells as long as fast reading does."""
    longest = csv.field_size_limit(_LONGEST_ROW)
    try:
        yield
    finally:
        csv.field_size_limit(longest)  # it belongs to the whole process


def _checked_rows(path: Path, text: Iterable[str], layout: TextLayout) -> Iterator[list[str]]:
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from text
        ended = True
        yield _END

    reader = split_cells(lines(), layout.delimiter)
    width = len(layout.names)
    while True:
        line = reader.line_num + 1 + layout.has_sep_line
        try:
            row = next(reader)
        except csv.Error:
            _refuse(
                path,
                line,
                Text(
                    "a cell of more than {longest_row:,} characters, or more than {most_cuts:,} delimiters",
                    longest_row=_LONGEST_ROW,
                    most_cuts=MOST_CUTS,
                ),
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
                (ONE_CELL if width == 1 else CELLS).filled(file=path, count=width),
                Text("1 cell in line {line}", line=line)
                if len(row) == 1
                else Text("{count} cells in line {line}", count=len(row), line=line),
                "Put cells that contain the delimiter in quotation marks, and do not omit any cell",
            )
        yield row


def _refuse(path: Path, line: int, received: str, remedy: str) -> NoReturn:
    raise InputError(Text("Line {line} of {file} must be a row of cells", line=line, file=path), received, remedy)
