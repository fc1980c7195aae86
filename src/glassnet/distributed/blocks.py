"""The blocks of a table as workers open them: rows with targets and weights, in an order that nobody changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.checks import check_rows
from glassnet.estimators.out_of_core import named
from glassnet.estimators.partitions import in_partitions
from glassnet.layers.base import Array
from glassnet.tables import keep_labelled, take
from glassnet.tables.rows import as_frame, check_named, is_frame

__all__ = ["Columns", "Labelled", "Stored", "blocks_of", "opened"]

AT_ONCE = 65_536
"""Rows of a table in memory that make a block."""


class Labelled(NamedTuple):
    """Rows with what is to be learned from them."""

    X: Any
    y: Array
    weight: Array | None

    def take(self, rows: Array) -> Labelled:
        """Some of them, by number or mask."""
        return Labelled(take(self.X, rows), self.y[rows], None if self.weight is None else self.weight[rows])


@dataclass(frozen=True)
class Stored:
    """A block of a table that lies in files: whoever opens it reads it."""

    blocks: Any
    number: int


@dataclass(frozen=True)
class Columns:
    """What the columns of a block are for.

    Parameters
    ----------
    target : str
    weight : str or None
    drop : tuple of str
        Not learned from.
    check : callable
        Makes an array of targets, or says what is wrong with them.
    labelled : bool
        Whether rows without a target are left out; else they are an error.
    """

    target: str
    weight: str | None
    drop: tuple[str, ...]
    check: Callable[[Any], Array]
    labelled: bool = False


def blocks_of(X: Any, y: Any, weight: Array | None) -> list[Any]:
    """The blocks of a table, as arguments for workers.

    Parameters
    ----------
    X : DataFrame of Dask, blocks that lie elsewhere (see :mod:`glassnet.tables.blocks`), or a table in memory
    y, weight : arrays or None
        Of a table in memory.
    """
    if in_partitions(X):
        return list(X.to_delayed())
    if hasattr(X, "pieces"):
        return [Stored(X, number) for number in range(len(X.rows))]
    starts = range(0, len(y), AT_ONCE)
    whole = Labelled(X, y, weight)
    return [whole.take(np.arange(start, min(start + AT_ONCE, len(y)))) for start in starts]


def opened(block: Any, columns: Columns | None) -> Iterator[Labelled]:
    """The rows of a block that count, some at a time, in order.

    Parameters
    ----------
    block : Labelled, Stored, or a DataFrame
    columns : Columns or None
        None: the block is one of a table in memory.

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


def _labelled(frame: Any, columns: Columns) -> Iterator[Labelled]:
    if not is_frame(frame):
        raise InputError("A block of a table must be a DataFrame", type(frame).__name__, "See dask.dataframe")
    table = as_frame(frame)
    wanted: Sequence[str] = [columns.target, *([columns.weight] if columns.weight else [])]
    check_named((*wanted, *columns.drop), table.columns)
    if columns.labelled:
        if table[columns.target].is_null().all():
            return
        frame = keep_labelled(frame, frame[columns.target]).X
        table = as_frame(frame)
    weight = None if columns.weight is None else table[columns.weight].to_numpy()
    if weight is not None and not weight.any():
        return  # a block may have none of weight, if others have
    X = table.drop([*wanted, *columns.drop]).to_native()
    yield Labelled(*check_rows(X, table[columns.target].to_numpy(), weight, columns.check))
