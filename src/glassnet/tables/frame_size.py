"""The size of a frame once each cell stands for itself, and slices of a frame by that size.

Files and messages write a cell that comes often once, and then only where it is: as a dictionary, as views into one
text. So does polars in memory. A text of sixty thousand letters in a hundred thousand rows is three megabytes then, and
six gigabytes when it is written, or made into Python's objects. So cells are counted before either is done.
"""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.tables.sources import pl


def unfolded_size(frame: pl.DataFrame) -> int:
    """Bytes of all cells, each for itself.

    Examples
    --------
    >>> import polars as pl
    >>> unfolded_size(pl.DataFrame({"a": ["x" * 1000] * 50, "b": [1.0] * 50}))
    50400
    """
    long = frame.select(
        pl.col(pl.String).str.len_bytes().cast(pl.UInt64).sum(), pl.col(pl.Binary).bin.size().cast(pl.UInt64).sum()
    )
    levels = frame.select(pl.col(pl.Categorical, pl.Enum))
    rest = frame.select(pl.exclude(pl.String, pl.Categorical, pl.Enum, pl.Binary))
    texts = sum(count or 0 for count in (long.row(0) if long.width else ()))
    return texts + sum(map(_size_of_levels, levels.iter_columns())) + int(rest.estimated_size())


def _size_of_levels(column: pl.Series) -> int:
    """Of a column whose cells are places in a list of texts: how often each comes, times its length."""
    counts = column.alias("level").drop_nulls().value_counts(name="rows")
    return int((counts["level"].cast(pl.String).str.len_bytes().cast(pl.UInt64) * counts["rows"]).sum())


def sized_slices(frame: pl.DataFrame, rows: int, size: int) -> Iterator[pl.DataFrame]:
    """A frame in slices of so many rows and bytes at most; a row that is longer has its own.

    Examples
    --------
    >>> import polars as pl
    >>> [len(piece) for piece in sized_slices(pl.DataFrame({"a": ["x" * 1000] * 5}), 4, 3000)]
    [3, 1, 1]
    """
    for part in frame.iter_slices(rows):
        whole = unfolded_size(part)
        yield from part.iter_slices(max(1, min(len(part), len(part) * size // max(1, whole))))
