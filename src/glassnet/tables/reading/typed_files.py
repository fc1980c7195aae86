"""Files whose cells have types: spreadsheets (Excel, LibreOffice) and JSON lines (an object in each, as a row)."""

from __future__ import annotations

import codecs
import contextlib
import datetime
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.reading.delimited import check_names, header_names
from glassnet.tables.reading.memory_limits import check_readable, too_large
from glassnet.tables.reading.parquet import with_names
from glassnet.tables.reading.sources import damage_reported, no_rows, open_bytes, pl, polars_errors

SHEET_PROGRAM: Final = """
import python_calamine
sheet, path = words
book = python_calamine.CalamineWorkbook.from_path(path)
for name in [sheet] if sheet else book.sheet_names:
    book.get_sheet_by_name(name)
"""
"""Opens a spreadsheet as it is read here. Two cells at the far ends of a sheet are a whole sheet: the library makes a
place for each cell between them."""
JSON_PROGRAM: Final = """
from pathlib import Path
from glassnet.tables.reading.typed_files import _read
_read(Path(words[1]), int(words[0]))
"""
"""Reads a file as it is read here. A thousand names of which each row has another are a million cells."""
DEEPEST: Final = 64
"""Levels of a line; polars takes long for more, and older versions of it unlimited memory."""
DIGITS: Final = 20
"""Digits of an integer, with its sign; not every version of polars reads more."""
_SIGN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]')


def read_sheet(
    path: Path, sheet: str | None, most: int, gaps: Collection[str] = (), text: Container[str] = ()
) -> tuple[pl.DataFrame, Mapping[str, Counter[str]]]:
    """Read a sheet whose first nonempty row holds the names; it need not be named if only one has cells.

    The values are unchanged if all of a column are of one kind, else text. A text of `gaps` among other values is a
    missing value, except in columns of `text`; the counts of such texts are returned by column.

    Raises
    ------
    InputError
        If the file is damaged or takes more bytes than allowed, the sheet is not there or not clear, or it has no
        header.
    MissingExtraError
        If python-calamine is not installed.
    """
    calamine = require("python_calamine", "Reading spreadsheets", "excel")
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
            raise _damaged(path, error) from None
        if unpacked > most:
            raise too_large(path, most, Text("{count:.3g} GB", count=unpacked / 1000000000.0))
    check_readable([path], most, SHEET_PROGRAM, sheet or "")
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        cells = {name: book.get_sheet_by_name(name).to_python() for name in _sheets(path, book.sheet_names, sheet)}
    except calamine.CalamineError as error:
        raise _damaged(path, error) from None
    filled = {name: rows for name, rows in cells.items() if any(cell != "" for row in rows for cell in row)}
    if len(filled) != 1:
        received = "cells in the sheets " + ", ".join(map(repr, filled)) if filled else "no cell"
        raise InputError(
            Text("The sheet of {file} must be specified", file=path), received, "Specify it with --sheet (sheet=)"
        )
    rows = [row for row in next(iter(filled.values())) if any(cell != "" for cell in row)]
    first = [[level_text(cell) or "" for cell in row] for row in rows[:101]]
    names = header_names(path, first[0], first[1:])
    columns: Iterable[Sequence[Any]] = zip(*rows[1:], strict=True) if len(rows) > 1 else [()] * len(names)
    taken: dict[str, Counter[str]] = {}
    found = []
    for name, column in zip(names, columns, strict=True):
        words = Counter(cell.strip() for cell in column if isinstance(cell, str) and cell.strip())
        typed = {type(cell) for cell in column} != {str} and name not in text
        if words and typed and words.keys() <= {*gaps}:
            taken[name], column = words, ["" if isinstance(cell, str) else cell for cell in column]
        found.append(_column(name, column))
    return pl.DataFrame(found), taken


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        Text("{file} must be a spreadsheet, as its extension says", file=path), str(error), "Save it again"
    )


def _sheets(path: Path, names: Sequence[str], sheet: str | None) -> Sequence[str]:
    if sheet is None:
        return names
    if sheet not in names:
        rule = Text("{path} must have the requested sheet", path=path)
        raise InputError(rule, repr(sheet), Text("Available: {some}", some=", ".join(map(repr, names))))
    return [sheet]


def _column(name: str, cells: Sequence[Any]) -> pl.Series:
    known = {type(cell) for cell in cells if cell != ""}
    values = [None if cell == "" else cell for cell in cells]
    if known <= {int, float} and known:
        whole = all(value is None or float(value).is_integer() for value in values)
        return pl.Series(name, values, pl.Int64 if whole else pl.Float64, strict=False)
    if known <= {datetime.date, datetime.datetime} and len(known) == 2:
        values = [value if isinstance(value, datetime.datetime | None) else _midnight(value) for value in values]
        return pl.Series(name, values, pl.Datetime("us"))
    if len(known) == 1 and known <= {bool, datetime.date, datetime.datetime, datetime.time, datetime.timedelta}:
        return pl.Series(name, values)
    return pl.Series(name, list(map(level_text, values)), pl.String)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def read_json_lines(path: Path, most: int) -> pl.DataFrame:
    """Read the objects of a file as rows of a table, with all of their names as columns."""
    check_readable([path], most, JSON_PROGRAM, str(most))
    return _read(path, most)


def _read(path: Path, most: int) -> pl.DataFrame:
    with open_bytes(path, most) as file, damage_reported(path):
        content = file.read().removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        raise no_rows(path)
    _check_depth(path, content)
    with polars_errors(path, Text("{file} must be JSON lines: an object in each, as its extension says")):
        try:
            table = pl.read_json(_array(content), infer_schema_length=None)
        except pl.exceptions.PolarsError:
            _check_lines(path, content)
            raise
    names = _in_order(table.columns, content)
    check_names(names, path)  # before any of them is selected
    return with_names(table.select(names), names, path)


def _array(lines: bytes) -> bytes:
    """Join the objects to a list: older versions of polars infer types from the first hundred lines only."""
    return b"[" + b",".join(line for line in lines.split(b"\n") if line.strip()) + b"]"


def _check_lines(path: Path, lines: bytes) -> None:
    """Refuse the line that polars cannot read; its own errors count characters, and name its own types."""
    several: dict[str, bool] = {}  # whether the values of a name are lists or objects
    for number, line in enumerate(io.BytesIO(lines), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_no_constant, parse_int=_whole_number)
        except ValueError as error:
            raise _no_object(path, number, str(getattr(error, "msg", error))) from None
        if not isinstance(row, dict):
            raise _no_object(path, number, Text("a value of type {name}", name=type(row).__name__))
        for name, value in row.items():
            if value is not None and several.setdefault(name, isinstance(value, dict | list)) != (
                isinstance(value, dict | list)
            ):
                rule = Text("The values of {name!r} in {file} must be of one kind", name=name, file=path)
                raise InputError(
                    rule,
                    Text("a list or an object, and others; line {number}", number=number),
                    "Give each value a column of its own",
                )


def _no_object(path: Path, number: int, received: str) -> InputError:
    return InputError(
        Text("Line {line} of {file} must be an object of JSON", line=number, file=path),
        received,
        "Correct the line, or remove it",
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no number of JSON; a missing value is null")


def _whole_number(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"a whole number of {len(digits)} digits; write it with a fraction, or as text")
    return int(digits)


def _check_depth(path: Path, lines: bytes) -> None:
    for number, line in enumerate(io.BytesIO(lines), 1):
        if line.count(b"[") + line.count(b"{") <= DEEPEST:
            continue
        level = 0
        for sign in _SIGN.finditer(line):
            level += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(sign[0], 0)
            if level > DEEPEST:
                rule = Text("Values within values must be at most {most} levels deep in JSON lines", most=DEEPEST)
                raise InputError(
                    rule,
                    Text("more in line {number} of {path}", number=number, path=path),
                    "Give each value a column of its own",
                )


def _in_order(columns: Sequence[str], lines: bytes) -> list[str]:
    """Return the names of columns in order of appearance: polars shuffles those of objects with more than 32.

    Which network a training begins with depends on their order.
    """
    found: dict[str, None] = {}
    for line in io.BytesIO(lines):
        if len(found) == len(columns):
            break
        with contextlib.suppress(ValueError, TypeError, RecursionError):  # blank, or read more generously by polars
            found |= dict.fromkeys(json.loads(line))
    return [name for name in found if name in {*columns}] + sorted({*columns} - {*found})
