"""Parquet, which says of itself what it holds: read whole, within a limit, or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.tables.frame_size import sized_slices, unfolded_size
from glassnet.tables.layout import all_named, check_names
from glassnet.tables.limited_process import check_readable, too_large
from glassnet.tables.sources import no_rows, pl, polars_errors
from glassnet.tables.unchanged import Unchanged

TRIED: Final = 200_000_000
"""Bytes of a file that is read twice, the first time in another process."""
READ_PROGRAM: Final = """
import polars as pl
from glassnet.tables.frame_size import unfolded_size
for path in words[1:]:
    lazy, start, size = pl.scan_parquet(path, glob=False), 0, 0
    while len(frame := lazy.slice(start, 500_000).collect()):
        start, size = start + len(frame), size + unfolded_size(frame)
        if size > int(words[0]):
            sys.exit(2)
"""
"""Reads a file, and counts its cells one by one."""
PIECE: Final = 64_000_000
"""Bytes of cells that are given at a time, as far as a row is not longer."""
SAMPLE, TEXT = 1024, 16
"""Rows by which the size of a row is estimated; bytes that a text takes at least."""


def with_names(frame: Any, names: Sequence[str], path: Path) -> Any:
    """A frame, or what is to become one, whose columns without a name are called as those of a text file are.

    Raises
    ------
    InputError
        If a column is called so already, or by a pattern.
    """
    renamed = {name: own for name, own in zip(names, all_named(names), strict=True) if name != own}
    check_names(all_named(names), path)
    return frame.rename(renamed) if renamed else frame


def _scan(path: Path) -> Any:
    lazy = pl.scan_parquet(path, glob=False)
    schema = lazy.collect_schema()
    # Older versions of polars read a type of somebody's own as what it is stored as, and know no such types.
    own = [name for name, kind in schema.items() if type(kind).__name__ == "Extension"]
    return with_names(lazy.with_columns(pl.col(own).ext.storage()) if own else lazy, schema.names(), path)


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


def try_to_read(paths: Sequence[Path], most: int) -> None:
    """Refuse a small file that needs much memory, however it says so; a large one brings what it takes, as a rule."""
    check_readable([path for path in paths if path.stat().st_size <= TRIED], most, READ_PROGRAM, str(most))


def read_parquet(path: Path, most: int) -> pl.DataFrame:
    """A whole file, if what it says of itself lets it fit: a million equal cells take some bytes of it."""
    try_to_read([path], most)
    schema, rows = look(path)
    with polars_errors(path):
        texts = sum(dtype in (pl.String, pl.Binary) for dtype in schema.values())
        row = pl.DataFrame(schema=schema).clear(SAMPLE).estimated_size() / SAMPLE + TEXT * texts
    if rows * row > most:
        raise too_large(path, most, f"{rows:,} rows of {row:.0f} bytes")
    frame = read_rows(path)
    _check_unfolded(path, unfolded_size(frame), most)
    return frame


def parquet_pieces(path: Path, rows: int, most: int) -> Iterator[pl.DataFrame]:
    """A file, at most so many rows at a time; fewer where they are long."""
    seen = Unchanged.now(path)
    try_to_read([path], most)
    _, total = look(path)
    if total == 0:
        raise no_rows(path)
    return _pieces(path, rows, total, seen, most)


def _check_unfolded(path: Path, size: int, most: int) -> None:
    if size > most:
        raise too_large(path, most, f"{size / 1e9:.3g} GB, many cells of which are one in the file")


def _pieces(path: Path, rows: int, total: int, seen: Unchanged, most: int) -> Iterator[pl.DataFrame]:
    size = 0
    for start in range(0, total, rows):
        with seen.while_read(path):
            piece = read_rows(path, start, rows)
        if len(piece) < min(rows, total - start):
            rule = f"{path} must have as many rows as its metadata says"
            raise InputError(rule, f"{start + len(piece):,} of {total:,}", "Get a fresh copy of it")
        size += unfolded_size(piece)
        _check_unfolded(path, size, most)
        yield from sized_slices(piece, rows, PIECE)
