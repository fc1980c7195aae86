"""Parquet, which says of itself what it holds: read whole, within a limit, or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.errors import InputError
from glassnet.tables.sources import no_rows, polars_errors

if TYPE_CHECKING:
    import polars as pl

__all__ = ["parquet_pieces", "read_parquet"]

SAMPLE, TEXT = 1024, 16
"""Rows by which the size of a row is estimated; bytes that a text takes at least."""


def read_parquet(path: Path, most: int) -> pl.DataFrame:
    """A whole Parquet file, if what it says of itself lets it fit: a million equal cells take some bytes of it."""
    import polars as pl

    with polars_errors(path, "a Parquet file"):
        lazy = pl.scan_parquet(path, glob=False)
        schema, rows = lazy.collect_schema(), lazy.select(pl.len()).collect().item()
        texts = sum(dtype in (pl.String, pl.Binary) for dtype in schema.dtypes())
        row = pl.DataFrame(schema=schema).clear(SAMPLE).estimated_size() / SAMPLE + TEXT * texts
    if rows * row > most:
        rule = f"{path}, unpacked, must be at most {most / 1e9:.3g} GB"
        raise InputError(rule, f"{rows:,} rows of {row:.0f} bytes", "Raise the limit: --max-unpacked (max_unpacked=)")
    with polars_errors(path, "a Parquet file"):
        return lazy.collect()
    raise AssertionError("unreachable")


def parquet_pieces(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    import polars as pl

    with polars_errors(path, "a Parquet file"):
        lazy = pl.scan_parquet(path, glob=False)
        total = lazy.select(pl.len()).collect().item()
    if total == 0:
        raise no_rows(path)

    def pieces() -> Iterator[pl.DataFrame]:
        for start in range(0, total, rows):
            with polars_errors(path, "a Parquet file"):
                piece = lazy.slice(start, rows).collect()
            yield piece

    return pieces()
