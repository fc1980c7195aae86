"""Tables from files and pipes: CSV and its relatives, compressed or not, JSON lines, spreadsheets and Parquet.

Delimiter, encoding, notation and types are detected; if they are ambiguous, an error names the option that decides.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from glassnet.errors import InputError
from glassnet.support.lazy_import import require
from glassnet.tables.columns.conversion import cast_to_kinds
from glassnet.tables.containers import check_named
from glassnet.tables.reading.cell_types import CellTypes, as_text, clean_cells, without_gaps
from glassnet.tables.reading.delimited import IrregularTextError, TextLayout, find_layout, text_frames, wrong_encoding
from glassnet.tables.reading.notation import UNDECIDED, Mark, Notation, Order, decide
from glassnet.tables.reading.parquet import parquet_pieces, read_parquet
from glassnet.tables.reading.sources import (
    DETECT_ALL,
    MOST_UNPACKED,
    Format,
    ReadOptions,
    format_of,
    no_rows,
    pl,
    seekable,
)
from glassnet.tables.reading.typed_files import read_json_lines, read_sheet


class TableRead(NamedTuple):
    """A table from a file, its notation, and the texts that were read as missing values, by column."""

    frame: pl.DataFrame
    notation: Notation
    gaps: Mapping[str, Counter[str]]


def read_table(
    path: str | os.PathLike[str],
    missing: Sequence[str] | None = None,
    *,
    decimal: Mark | None = None,
    date_format: Order | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    format: Format | None = None,
    max_unpacked: int = MOST_UNPACKED,
    text: Sequence[str] = (),
) -> pl.DataFrame:
    r"""Read a table from a file.

    Text files may be delimited by comma, semicolon, tab, bar, colon or blanks, and in the usual encodings of Europe and
    East Asia; the first row holds the names of the columns. A column is a number, a boolean (true, false), a date or a
    time only if all cells of the file are; numbers with leading zeros are codes, and stay text. Whether "1.234" is more
    than one or more than a thousand, and "03/04/2025" in March or in April, all columns of the file say together; "12%"
    is 12. Spaces around cells do not count. An empty cell is a missing value, and so are "NA", "n/a", "NULL", "-" and
    their like (:data:`glassnet.tables.reading.notation.USUAL_GAPS`) where the other cells of the column are no text.

    Parameters
    ----------
    path : str or path
        A file that ends in .csv, .tsv, .tab, .txt, .jsonl or .ndjson (these also with .gz, .bz2, .xz or .zst), in
        .xlsx, .xls, .ods or the like, or in .parquet, .pq; a pipe; or "-", the standard input.
    missing : sequence of str, optional
        Texts that stand for a missing value instead, in every column, such as "?"; [] for none but the empty cell.
    decimal : {".", ","}, optional
        The decimal mark, where the file leaves it open. Columns that it does not suit are text.
    date_format : {"dmy", "mdy", "ymd"}, optional
        The order of day, month and year, where the file leaves it open. Years may then have two digits, those from 1969
        to 2068.
    delimiter : str, optional
        The character between cells, where the file leaves it open; " " stands for any number of blanks.
    encoding : str, optional
        The encoding, where the file leaves it open.
    sheet : str, optional
        The sheet of a spreadsheet, if several have cells.
    format : {"csv", "jsonl", "xlsx", "parquet"}, optional
        The file format, if the extension does not tell it.
    max_unpacked : int, default 4,000,000,000
        Bytes that a compressed file may unpack to, or a pipe may give.
    text : sequence of str, default ()
        Columns of codes, such as postcodes and identifiers: they stay text, though all of their cells could be numbers.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    InputError
        If the file is empty, has no rows, has rows of different length (with the line number), is damaged, does not
        match its extension, or is ambiguous without an option.
    OSError
        If it does not exist (FileNotFoundError), is a folder (IsADirectoryError) or cannot be read.
    MissingExtraError
        If polars, or the reader of spreadsheets, is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "people.csv"
    ...     _ = file.write_text("height;born;city;income\n1,85;01.05.2023;Ulm;1.234\n1,7;24.12.1984;;2.500\n")
    ...     read_table(file).rows()
    [(1.85, datetime.date(2023, 5, 1), 'Ulm', 1234), (1.7, datetime.date(1984, 12, 24), None, 2500)]
    """
    options = ReadOptions(missing, decimal, date_format, delimiter, encoding, sheet, format, max_unpacked, text)
    return read_file(path, options)[0]


def read_file(
    path: str | os.PathLike[str],
    options: ReadOptions = DETECT_ALL,
    learned: Notation = UNDECIDED,
    text: Container[str] = (),
    target: str | None = None,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> TableRead:
    """Read a table as :func:`read_table` does; also return its notation.

    Parameters
    ----------
    learned : Notation
        The notation of the training table: it resolves ambiguities of this one, and must not contradict it.
    text : container of str
        Other columns that stay text, and do not affect the notation.
    target : str, optional
        A row without a value in this column, such as the sum below a table, does not affect the types of columns: its
        cells are gaps. Files with types of their own keep them.
    kinds : mapping from str to str
        The content of columns in the table which a model learned from: each of their cells is read as such, by the
        notation of that table, independent of other cells.
    """
    require("polars", "Reading tables from files", "cli")
    with seekable(path, options.max_unpacked) as file:
        if not is_text(file, options):
            read = whole_table(file, options, learned, text, target, kinds)
            if len(read.frame) == 0:
                raise no_rows(file)
            return read
        pieces: list[pl.DataFrame] = []
        types, layout, total = infer_types(file, options, AnyOf(kinds, text), target, learned, keep=pieces)
        if total == 0:
            raise no_rows(file)
        notation, row = decide(types.observed(), file, layout.delimiter, options.notation, learned), 0
        for place, piece in enumerate(pieces):
            held = cast_to_kinds(piece, kinds, options.over(learned), row)
            pieces[place] = types.convert(held, notation)  # a piece of text is let go as soon as it is converted
            row += len(piece)
        return TableRead(pl.concat(pieces, how="vertical_relaxed"), notation, types.taken)


def scan_table(
    path: str | os.PathLike[str],
    rows: int = 50_000,
    options: ReadOptions = DETECT_ALL,
    *,
    learned: Notation = UNDECIDED,
    text: Container[str] = (),
    kinds: Mapping[str, str] = MappingProxyType({}),
    seen: CellStore | None = None,
) -> Iterator[pl.DataFrame]:
    r"""Read a table piece by piece, in bounded memory.

    A text file is read twice, the first time for the types of its columns, so that all pieces have the same types. JSON
    lines and spreadsheets are read whole.

    Parameters
    ----------
    path : str or path
        As for :func:`read_table`.
    rows : int, default 50,000
        At most so many rows in a piece.
    options : ReadOptions
        The other options of :func:`read_table`.
    learned : Notation
        The notation of the training table: it resolves ambiguities of this one, and must not contradict it.
    text : container of str
        Columns that stay text, whatever their cells. In other columns the type depends on all cells:
        "1.50" is a number beside numbers, and text beside "1.5a".
    kinds : mapping from str to str
        As for :func:`read_file`; a column with a cell that cannot be read so stays text, in that piece.
    seen : CellStore, optional
        Gets the cells of a text file while it is looked through, and may end that by an error of its own.

    Returns
    -------
    iterator of polars.DataFrame

    Raises
    ------
    InputError, OSError, MissingExtraError
        As :func:`read_table`; all before the first piece, except for damaged Parquet files.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "numbers.csv"
    ...     _ = file.write_text("n\n1\n2\n3\n")
    ...     [piece["n"].to_list() for piece in scan_table(file, rows=2)]
    [[1, 2], [3]]
    """
    require("polars", "Reading tables from files", "cli")
    if rows < 1:
        raise InputError("`rows` must be a positive integer", rows, "Give the number of rows per chunk")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(seekable(path, options.max_unpacked))
        if is_text(file, options):
            types, layout, total = infer_types(file, options, AnyOf(kinds, text), learned=learned, keep=seen)
            if total == 0:
                raise no_rows(file)
            notation = decide(types.observed(), file, layout.delimiter, options.notation, learned)
            pieces = _pieces(file, layout, types, notation, rows, options)
        elif format_of(file, options) == "parquet":
            read = (as_text(piece, options.text) for piece in parquet_pieces(file, rows, options.max_unpacked))
            pieces = (without_gaps(piece, options.over(learned).missing or ()) for piece in read)
        else:
            table = whole_table(file, options, learned, AnyOf(kinds, text)).frame
            if len(table) == 0:
                raise no_rows(file)
            pieces = table.iter_slices(rows)
        held = (cast_to_kinds(piece, kinds, options.over(learned), strict=False) for piece in pieces)
        return _until_done(held, stack.pop_all())
    raise AssertionError("unreachable")


def _until_done(pieces: Iterator[pl.DataFrame], held: contextlib.ExitStack) -> Iterator[pl.DataFrame]:
    with held:
        yield from pieces


def _pieces(
    path: Path, layout: TextLayout, types: CellTypes, notation: Notation, rows: int, options: ReadOptions
) -> Iterator[pl.DataFrame]:
    for frame in text_frames(path, layout, options.max_unpacked):
        yield from types.convert(clean_cells(frame, notation.missing or ()), notation).iter_slices(rows)


class CellStore(Protocol):
    """A store for the cells of a file while their types are inferred: a list, or files on a disk."""

    def append(self, piece: Any, /) -> None: ...

    def clear(self) -> None: ...


class AnyOf(Container[str]):
    """The names in any of several containers."""

    def __init__(self, *names: Container[str]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return any(name in some for some in self._names)


def infer_types(
    path: Path,
    options: ReadOptions,
    text: Container[str] = (),
    target: str | None = None,
    learned: Notation = UNDECIDED,
    keep: CellStore | None = None,
) -> tuple[CellTypes, TextLayout, int]:
    """Read a whole text file for its types, its true layout and its number of rows; `keep` gets the cells."""
    layout = find_layout(path, options.encoding, options.max_unpacked, options.delimiter)
    check_named(options.text, layout.names)
    text, known = AnyOf(options.text, text), options.over(learned)
    while True:
        types, total = CellTypes(text, known), 0
        if keep is not None:
            keep.clear()
        try:
            for frame in text_frames(path, layout, options.max_unpacked):
                cells = _labelled_cells(clean_cells(frame, known.missing or ()), target)
                types.update(cells)
                total += len(cells)
                if keep is not None and len(cells):
                    keep.append(cells)
        except UnicodeError as error:
            if layout.encoding != "utf-8" or options.encoding is not None or not isinstance(error, UnicodeDecodeError):
                raise wrong_encoding(path, layout.encoding, error) from None
            layout = find_layout(path, None, options.max_unpacked, options.delimiter, suspect=error.object)
        except IrregularTextError:
            layout = replace(layout, careful=True)
        else:
            return types, layout, total


def _labelled_cells(cells: pl.DataFrame, target: str | None) -> pl.DataFrame:
    """Make the text in rows without a target null."""
    if target not in cells.columns or not cells[target].null_count():
        return cells
    return cells.with_columns(pl.when(pl.col(target).is_not_null()).then(pl.col(pl.String)).name.keep())


def whole_table(
    path: Path,
    options: ReadOptions,
    learned: Notation,
    text: Container[str],
    target: str | None = None,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> TableRead:
    """Read a file that has types of its own; texts in JSON and spreadsheets are read as those of a text file."""
    known, text = options.over(learned), AnyOf(options.text, text)
    taken: Mapping[str, Counter[str]] = {}
    if format_of(path, options) == "parquet":
        table = as_text(read_parquet(path, options.max_unpacked), options.text)
        return TableRead(without_gaps(table, known.missing or ()), known, {})
    if format_of(path, options) == "jsonl":
        table = read_json_lines(path, options.max_unpacked)
    else:
        table, taken = read_sheet(path, options.sheet, options.max_unpacked, known.gaps, text)
    table = _labelled_cells(clean_cells(as_text(table, options.text), known.missing or ()), target)
    table = cast_to_kinds(table, kinds, known)
    types = CellTypes(AnyOf(kinds, text), known)
    types.update(table)
    notation = decide(types.observed(), path, "", options.notation, learned)
    return TableRead(types.convert(table, notation), notation, {**types.taken, **taken})


def is_text(path: Path, options: ReadOptions) -> bool:
    return format_of(path, options) == "csv"
