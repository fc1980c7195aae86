"""JSON lines: an object in each, as a row of a table."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from glassnet.errors import InputError
from glassnet.tables.layout import check_names
from glassnet.tables.limited_process import check_readable
from glassnet.tables.parquet import with_names
from glassnet.tables.sources import damage_reported, no_rows, open_bytes, pl, polars_errors

READ_PROGRAM: Final = """
from pathlib import Path
from glassnet.tables.json_lines import _read
_read(Path(words[1]), int(words[0]))
"""
"""Reads a file as it is read here. A thousand names of which each row has another are a million cells."""

DEEPEST: Final = 64
"""Levels of a line; polars takes long over more, and older versions of it memory without end."""
DIGITS: Final = 20
"""Of a whole number, with its sign; more are not read by every version of polars."""
_SIGN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]')


def read_json_lines(path: Path, most: int) -> pl.DataFrame:
    """The objects of a file as rows of a table, with all of their names as columns."""
    check_readable([path], most, READ_PROGRAM, str(most))
    return _read(path, most)


def _read(path: Path, most: int) -> pl.DataFrame:
    with open_bytes(path, most) as file, damage_reported(path):
        content = file.read().removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        raise no_rows(path)
    _check_depth(path, content)
    with polars_errors(path, "JSON lines: an object in each, as its extension says"):
        try:
            table = pl.read_json(_array(content), infer_schema_length=None)
        except pl.exceptions.PolarsError:
            _check_lines(path, content)
            raise
    names = _in_order(table.columns, content)
    check_names(names, path)  # before any of them is selected
    return with_names(table.select(names), names, path)


def _array(lines: bytes) -> bytes:
    """The objects as a list: older versions of polars take the first hundred lines for all that there are."""
    return b"[" + b",".join(line for line in lines.split(b"\n") if line.strip()) + b"]"


def _check_lines(path: Path, lines: bytes) -> None:
    """Refuse what polars cannot read by its line; polars counts characters, and speaks of its own types."""
    several: dict[str, bool] = {}  # whether the values of a name are lists or objects
    for number, line in enumerate(io.BytesIO(lines), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_no_constant, parse_int=_whole_number)
        except ValueError as error:
            raise _no_object(path, number, str(getattr(error, "msg", error))) from None
        if not isinstance(row, dict):
            raise _no_object(path, number, f"a value of type {type(row).__name__}")
        for name, value in row.items():
            if value is not None and several.setdefault(name, isinstance(value, dict | list)) != (
                isinstance(value, dict | list)
            ):
                rule = f"The values of {name!r} in {path} must be of one kind"
                raise InputError(
                    rule, f"a list or an object, and others; line {number}", "Give each value a column of its own"
                )


def _no_object(path: Path, number: int, received: str) -> InputError:
    return InputError(f"Line {number} of {path} must be an object of JSON", received, "Correct the line, or remove it")


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
                rule = f"Values within values must be at most {DEEPEST} levels deep in JSON lines"
                raise InputError(rule, f"more in line {number} of {path}", "Give each value a column of its own")


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
