"""Parquet, which says of itself what it holds: read whole, within a limit, or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from glassnet.errors import InputError
from glassnet.tables.layout import all_named, check_unique
from glassnet.tables.sources import no_rows, pl, polars_errors
from glassnet.tables.unchanged import Unchanged

SAMPLE, TEXT = 1024, 16
"""Rows by which the size of a row is estimated; bytes that a text takes at least."""


def with_names(frame: Any, names: Sequence[str], path: Path) -> Any:
    """A frame, or what is to become one, whose columns without a name are called as those of a text file are.

    Raises
    ------
    InputError
        If a column is called so already.
    """
    renamed = {name: own for name, own in zip(names, all_named(names), strict=True) if name != own}
    if not renamed:
        return frame
    check_unique(all_named(names), path)
    return frame.rename(renamed)


def _scan(path: Path) -> Any:
    lazy = pl.scan_parquet(path, glob=False)
    return with_names(lazy, lazy.collect_schema().names(), path)


def look(path: Path) -> tuple[dict[str, Any], int]:
    """Columns and number of rows of a file."""
    with polars_errors(path):
        lazy = _scan(path)
        schema, rows = dict(lazy.collect_schema()), int(lazy.select(pl.len()).collect().item())
    return schema, rows


def read_rows(
    path: Path, start: int = 0, rows: int | None = None, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Some rows of a file; None: all from there on."""
    with polars_errors(path):
        lazy = _scan(path)
        frame: pl.DataFrame = (lazy if columns is None else lazy.select(columns)).slice(start, rows).collect()
    return frame


def read_parquet(path: Path, most: int) -> pl.DataFrame:
    """A whole file, if what it says of itself lets it fit: a million equal cells take some bytes of it."""
    schema, rows = look(path)
    with polars_errors(path):
        texts = sum(dtype in (pl.String, pl.Binary) for dtype in schema.values())
        row = pl.DataFrame(schema=schema).clear(SAMPLE).estimated_size() / SAMPLE + TEXT * texts
    if rows * row > most:
        rule = f"{path}, unpacked, must be at most {most / 1e9:.3g} GB"
        raise InputError(rule, f"{rows:,} rows of {row:.0f} bytes", "Raise the limit: --max-unpacked (max_unpacked=)")
    return read_rows(path)


def parquet_pieces(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """A file, so many rows at a time."""
    seen = Unchanged.now(path)
    _, total = look(path)
    if total == 0:
        raise no_rows(path)
    return _pieces(path, rows, total, seen)


def _pieces(path: Path, rows: int, total: int, seen: Unchanged) -> Iterator[pl.DataFrame]:
    for start in range(0, total, rows):
        with seen.while_read(path):
            piece = read_rows(path, start, rows)
        yield piece
