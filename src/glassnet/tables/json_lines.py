"""JSON lines: an object in each, as a row of a table."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from glassnet.tables.limited_process import check_readable
from glassnet.tables.parquet import with_names
from glassnet.tables.sources import damage_reported, no_rows, open_bytes, pl, polars_errors

READ_PROGRAM: Final = """
from pathlib import Path
from glassnet.tables.json_lines import _read
_read(Path(words[1]), int(words[0]))
"""
"""Reads a file as it is read here. A thousand names of which each row has another are a million cells."""


def read_json_lines(path: Path, most: int) -> pl.DataFrame:
    """The objects of a file as rows of a table, with all of their names as columns."""
    check_readable([path], most, READ_PROGRAM, str(most))
    return _read(path, most)


def _read(path: Path, most: int) -> pl.DataFrame:
    with open_bytes(path, most) as file, damage_reported(path):
        content = file.read()
    if not content.strip():
        raise no_rows(path)
    with polars_errors(path, "JSON lines: an object in each, as its name says"):
        table = pl.read_ndjson(content, infer_schema_length=None)
    table = table.select(_in_order(table.columns, content))
    return with_names(table, table.columns, path)


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
