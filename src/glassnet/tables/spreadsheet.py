"""Sheets of Excel and LibreOffice, as tables of Python's values."""

from __future__ import annotations

import datetime
import zipfile
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.tables.layout import header_names
from glassnet.tables.limited_process import check_readable, too_large
from glassnet.tables.sources import pl, require
from glassnet.tables.values import level_text

SHEET_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
READ_PROGRAM: Final = """
import python_calamine
sheet, path = words
book = python_calamine.CalamineWorkbook.from_path(path)
for name in [sheet] if sheet else book.sheet_names:
    book.get_sheet_by_name(name)
"""
"""Opens a spreadsheet as it is read here. Two cells at the far ends of a sheet are a whole sheet: the library makes a
place for each cell between them."""


def read_sheet(
    path: Path, sheet: str | None, most: int, gaps: Collection[str] = (), text: Container[str] = ()
) -> tuple[pl.DataFrame, Mapping[str, Counter[str]]]:
    """Read a sheet whose first row that is not empty holds the names; which one, need not be said where one has cells.

    The values are as they are, where all of a column are of one kind, else text. A text of `gaps` among values that are
    none is a gap, but for columns of `text`; how often it was, is told by column.

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
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > most:
            raise too_large(path, most, f"{unpacked / 1e9:.3g} GB")
    check_readable([path], most, READ_PROGRAM, sheet or "")
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        cells = {name: book.get_sheet_by_name(name).to_python() for name in _wanted(path, book.sheet_names, sheet)}
    except calamine.CalamineError as error:
        raise InputError(f"{path} must be a spreadsheet, as its extension says", str(error), "Save it again") from None
    filled = {name: rows for name, rows in cells.items() if any(cell != "" for row in rows for cell in row)}
    if len(filled) != 1:
        received = "cells in the sheets " + ", ".join(map(repr, filled)) if filled else "no cell"
        raise InputError(f"The sheet of {path} must be specified", received, "Specify it with --sheet (sheet=)")
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


def _wanted(path: Path, names: Sequence[str], sheet: str | None) -> Sequence[str]:
    if sheet is None:
        return names
    if sheet not in names:
        rule = f"{path} must have the requested sheet"
        raise InputError(rule, repr(sheet), f"Available: {', '.join(map(repr, names))}")
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
