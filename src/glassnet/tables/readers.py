"""Tables from files and pipes: CSV and its relatives, compressed or not, JSON lines, spreadsheets and Parquet.

Delimiter, encoding, notation and types are found out; what cannot be found out without guessing is an error that names
the option which says it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from glassnet.errors import InputError
from glassnet.tables.cells import CellTypes, as_text, clean_cells
from glassnet.tables.delimited import IrregularTextError, text_frames
from glassnet.tables.layout import Layout, find_layout
from glassnet.tables.notation import UNDECIDED, Mark, Notation, Order, decide
from glassnet.tables.parquet import parquet_pieces, read_parquet, with_names
from glassnet.tables.reading import FOUND_OUT, Format, ReadOptions, format_of
from glassnet.tables.rows import check_named
from glassnet.tables.sources import (
    MOST_UNPACKED,
    damage_reported,
    no_rows,
    open_bytes,
    pl,
    polars_errors,
    require,
    seekable,
)
from glassnet.tables.spreadsheet import read_sheet


def read_table(
    path: str | os.PathLike[str],
    missing: Sequence[str] = (),
    *,
    decimal: Mark | None = None,
    date_format: Order | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    format: Format | None = None,
    max_unpacked: int = MOST_UNPACKED,
    text: Sequence[str] = (),
) -> pl.DataFrame:
    r"""Read a table from a file.

    Text files may be delimited by comma, semicolon, tab or bar, and in the usual encodings of Europe and East Asia; the
    first row holds the names of the columns. A column is a number, a boolean (true, false), a date or a time only if
    all cells of the file are; numbers with leading zeros are codes, and stay text. Whether "1.234" is more than one or
    more than a thousand, and "03/04/2025" in March or in April, all columns of the file say together; "12 %" is 12.
    Spaces around cells do not count. An empty cell is a missing value.

    Parameters
    ----------
    path : str or path
        A file that ends in .csv, .tsv, .tab, .txt, .jsonl or .ndjson (these also with .gz, .bz2, .xz or .zst), in
        .xlsx, .xls, .ods or the like, or in .parquet, .pq; a pipe; or "-", the standard input.
    missing : sequence of str, default ()
        Other texts that stand for a missing value, such as "NA" or "?". None by default, since "None" or "null" may
        be a category.
    decimal : {".", ","}, optional
        The decimal mark, where the file leaves it open. Columns that it does not suit are text.
    date_format : {"dmy", "mdy"}, optional
        Whether the day or the month comes first, where the file leaves it open.
    encoding : str, optional
        The encoding, where the file leaves it open.
    sheet : str, optional
        The sheet of a spreadsheet, if several have cells.
    format : {"csv", "jsonl", "xlsx", "parquet"}, optional
        What the file is, if its name does not say so.
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
        If the file is empty, has no rows, has rows of different length (with the line number), is damaged, is not
        what its name says, or leaves open what only an option can say.
    OSError
        If it does not exist (FileNotFoundError), is a folder (IsADirectoryError) or cannot be read.
    MissingExtraError
        If polars, or what reads spreadsheets, is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "people.csv"
    ...     _ = file.write_text("height;born;city;income\n1,85;01.05.2023;Ulm;1.234\n1,7;24.12.1984;;2.500\n")
    ...     read_table(file).rows()
    [(1.85, datetime.date(2023, 5, 1), 'Ulm', 1234), (1.7, datetime.date(1984, 12, 24), None, 2500)]
    """
    options = ReadOptions(missing, decimal, date_format, encoding, sheet, format, max_unpacked, text)
    return read_file(path, options)[0]


def read_file(
    path: str | os.PathLike[str],
    options: ReadOptions = FOUND_OUT,
    learned: Notation = UNDECIDED,
    text: Container[str] = (),
    target: str | None = None,
) -> tuple[pl.DataFrame, Notation]:
    """A table as :func:`read_table` reads it, and the notation that it is in.

    Parameters
    ----------
    learned : Notation
        That of the table which a model learned from: it settles what this one leaves open, and must not contradict it.
    text : container of str
        Other columns that stay text, and have no say in the notation.
    target : str, optional
        A row without a value in this column, such as the sum below a table, has no say in what the columns are: its
        cells are gaps. Files that have types of their own keep them.
    """
    require("polars", "Reading tables from files", "cli")
    with seekable(path, options.max_unpacked) as file:
        notation = learned
        if is_text(file, options):
            pieces: list[pl.DataFrame] = []
            types, layout, total = survey(file, options, text, target, keep=pieces)
            if total == 0:
                raise no_rows(file)
            notation = decide(types.observed(), file, layout.delimiter, options.notation, learned)
            for place, piece in enumerate(pieces):
                pieces[place] = types.convert(piece, notation)  # a piece of text is let go as soon as it is converted
            table = pl.concat(pieces)
        else:
            table, notation = whole_table(file, options, learned, text, target)
            if len(table) == 0:
                raise no_rows(file)
        return table, notation


def scan_table(
    path: str | os.PathLike[str],
    rows: int = 50_000,
    options: ReadOptions = FOUND_OUT,
    *,
    learned: Notation = UNDECIDED,
    text: Container[str] = (),
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
        What else :func:`read_table` takes.
    learned : Notation
        That of the table which a model learned from: it settles what this one leaves open, and must not contradict it.
    text : container of str
        Columns that stay text, whatever is in them. Elsewhere what a cell becomes depends on all others:
        "1.50" is a number beside numbers, and text beside "1.5a".

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
        raise InputError("`rows` must be a positive integer", rows, "Give the number of rows of a piece")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(seekable(path, options.max_unpacked))
        if is_text(file, options):
            types, layout, total = survey(file, options, text)
            if total == 0:
                raise no_rows(file)
            notation = decide(types.observed(), file, layout.delimiter, options.notation, learned)
            pieces = _pieces(file, layout, types, notation, rows, options)
        elif format_of(file, options) == "parquet":
            pieces = (as_text(piece, options.text) for piece in parquet_pieces(file, rows))
        else:
            table = whole_table(file, options, learned, text)[0]
            if len(table) == 0:
                raise no_rows(file)
            pieces = table.iter_slices(rows)
        return _until_done(pieces, stack.pop_all())
    raise AssertionError("unreachable")


def _until_done(pieces: Iterator[pl.DataFrame], held: contextlib.ExitStack) -> Iterator[pl.DataFrame]:
    with held:
        yield from pieces


def _pieces(
    path: Path, layout: Layout, types: CellTypes, notation: Notation, rows: int, options: ReadOptions
) -> Iterator[pl.DataFrame]:
    for frame in text_frames(path, layout, options.max_unpacked):
        yield from types.convert(clean_cells(frame, options.missing), notation).iter_slices(rows)


class Cells(Protocol):
    """Where the cells of a file are kept while its types are found out: a list, or a place on a disk."""

    def append(self, piece: Any, /) -> None: ...

    def clear(self) -> None: ...


class _Either(Container[str]):
    """The names in one of several containers."""

    def __init__(self, *names: Container[str]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return any(name in some for some in self._names)


def survey(
    path: Path,
    options: ReadOptions,
    text: Container[str] = (),
    target: str | None = None,
    keep: Cells | None = None,
) -> tuple[CellTypes, Layout, int]:
    """Read a whole text file for its types, its true layout, and how many rows it has; `keep` gets the cells."""
    layout = find_layout(path, options.encoding, options.max_unpacked)
    check_named(options.text, layout.names)
    text = _Either(options.text, text)
    while True:
        types, total = CellTypes(text), 0
        if keep is not None:
            keep.clear()
        try:
            for frame in text_frames(path, layout, options.max_unpacked):
                cells = _labelled_cells(clean_cells(frame, options.missing), target)
                types.update(cells)
                total += len(cells)
                if keep is not None and len(cells):
                    keep.append(cells)
        except UnicodeDecodeError as error:
            if layout.encoding != "utf-8" or options.encoding is not None:
                received = f"{layout.encoding}, then {error}"
                remedy = "Save it as UTF-8, or name its encoding with --encoding (encoding=)"
                raise InputError(f"{path} must be text in one encoding", received, remedy) from None
            layout = find_layout(path, None, options.max_unpacked, suspect=error.object)
        except IrregularTextError:
            layout = replace(layout, careful=True)
        else:
            return types, layout, total


def _labelled_cells(cells: pl.DataFrame, target: str | None) -> pl.DataFrame:
    """Without the text in rows whose target is a gap."""
    if target not in cells.columns or not cells[target].null_count():
        return cells
    return cells.with_columns(pl.when(pl.col(target).is_not_null()).then(pl.col(pl.String)).name.keep())


def whole_table(
    path: Path, options: ReadOptions, learned: Notation, text: Container[str], target: str | None = None
) -> tuple[pl.DataFrame, Notation]:
    """A file that has types of its own; texts in JSON and in spreadsheets are read as those of a text file."""
    if format_of(path, options) == "parquet":
        decimal, dates = options.decimal or learned.decimal, options.date_format or learned.dates
        return as_text(read_parquet(path, options.max_unpacked), options.text), Notation(decimal, dates)
    if format_of(path, options) == "jsonl":
        with open_bytes(path, options.max_unpacked) as file, damage_reported(path):
            content = file.read()
        if not content.strip():
            raise no_rows(path)
        with polars_errors(path, "JSON lines: an object in each, as its name says"):
            table = pl.read_ndjson(content, infer_schema_length=None)
        table = table.select(_in_order(table.columns, content))
        table = with_names(table, table.columns, path)
    else:
        table = read_sheet(path, options.sheet, options.max_unpacked)
    table = _labelled_cells(clean_cells(as_text(table, options.text), options.missing), target)
    types = CellTypes(_Either(options.text, text))
    types.update(table)
    notation = decide(types.observed(), path, "", options.notation, learned)
    return types.convert(table, notation), notation


def _in_order(columns: Sequence[str], lines: bytes) -> list[str]:
    """Names of columns in the order in which they come first: polars has those of objects with more than 32 by chance.

    Which network a training begins with depends on their order.
    """
    found: dict[str, None] = {}
    for line in io.BytesIO(lines):
        if len(found) == len(columns):
            break
        with contextlib.suppress(ValueError, TypeError, RecursionError):  # blank, or read more generously by polars
            found |= dict.fromkeys(json.loads(line))
    return [name for name in found if name in {*columns}] + sorted({*columns} - {*found})


def is_text(path: Path, options: ReadOptions) -> bool:
    return format_of(path, options) == "csv"
