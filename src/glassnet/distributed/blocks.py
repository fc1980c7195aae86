"""The blocks of a table as workers open them: rows with targets and weights, in an order that nobody changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.checks import check_rows
from glassnet.estimators.out_of_core import named
from glassnet.estimators.partitions import in_partitions
from glassnet.layers.base import Array
from glassnet.tables.containers import as_frame, check_named, is_frame
from glassnet.tables.opened_table import TableRows

AT_ONCE = 65_536
"""Rows of a table in memory that make a block."""


@dataclass(frozen=True)
class Stored:
    """A block of a table that lies in files: whoever opens it reads it."""

    blocks: Any
    number: int


@dataclass(frozen=True)
class Columns:
    """What the columns of a block are for; `check` makes an array of targets, or says what is wrong with them."""

    target: str
    weight: str | None
    check: Callable[[Any], Array]


def blocks_of(X: Any, y: Any, weight: Array | None) -> list[Any]:
    """The blocks of a table, as arguments for workers: of a DataFrame of Dask, of blocks that lie elsewhere (see
    :mod:`glassnet.tables.reading.table_blocks`), or of a table in memory with its targets and weights.
    """
    if in_partitions(X):
        return list(X.to_delayed())
    if hasattr(X, "pieces"):
        return [Stored(X, number) for number in range(len(X.rows))]
    starts = range(0, len(y), AT_ONCE)
    whole = TableRows(X, y, weight)
    return [whole.take(np.arange(start, min(start + AT_ONCE, len(y)))) for start in starts]


def opened(block: Any, columns: Columns | None) -> Iterator[TableRows]:
    """The rows of a block that count, some at a time, in order; without columns it is one of a table in memory.

    Raises
    ------
    InputError, InputTypeError
        If a column is not there, or targets or weights are none.
    """
    if columns is None:
        yield block
        return
    stored = isinstance(block, Stored)
    with named(block.blocks.labels[block.number]) if stored else contextlib.nullcontext():
        for frame in block.blocks.pieces(block.number) if stored else [block]:
            if len(frame):
                yield from _labelled(frame, columns)


def _labelled(frame: Any, columns: Columns) -> Iterator[TableRows]:
    if not is_frame(frame):
        raise InputError("A block of a table must be a DataFrame", type(frame).__name__, "See dask.dataframe")
    table = as_frame(frame)
    wanted = [columns.target, *([columns.weight] if columns.weight else [])]
    check_named(wanted, table.columns)
    weight = None if columns.weight is None else table[columns.weight].to_numpy()
    if weight is None or weight.any():  # a block may have none of weight, if others have
        X = table.drop(wanted).to_native()
        yield TableRows(*check_rows(X, table[columns.target].to_numpy(), weight, columns.check))
