"""A table in blocks, read by workers: statistics for the encoder and the targets, validation rows, and shards.

The order of the rows in the blocks never changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.distributed.workers import Call, Workers
from glassnet.errors import InputError
from glassnet.estimators.checks import check_rows, with_class_weights
from glassnet.estimators.out_of_core import named
from glassnet.estimators.targets import Targets, TargetSurvey
from glassnet.formulas.random import stream_key, uniform
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.tables import TableEncoder
from glassnet.tables.containers import as_frame, check_named, in_partitions, is_frame
from glassnet.tables.fit_statistics import FitStatistics
from glassnet.tables.opened_table import TableRows, open_dense, row_count
from glassnet.tables.reading.table_blocks import joined
from glassnet.training import Rows
from glassnet.training.fingerprint import rows_digest

JUDGES: Final = 2**64 - 3
"""In the place of a layer's number: the random stream that draws the validation rows."""
SAMPLE: Final = 10_000
"""Rows that come here to begin by."""
MOST_JUDGES: Final = 100_000
"""Rows that judge, at most: they are here, and are answered after each epoch."""
PIECES: Final = 16
"""So many pieces of the table make a shard, so that an order of its rows is not an order of the shards."""
AT_ONCE = 65_536
"""Rows of a table in memory that make a block."""


class Share(NamedTuple):
    """Which rows judge: each is drawn by its number in the table, however it is cut into blocks."""

    seed: int
    fraction: float

    def judging(self, first: int, count: int) -> Array:
        """A mask of rows from number `first`."""
        if self.fraction == 0:
            return np.zeros(count, bool)
        numbers = np.arange(first, first + count, dtype=np.uint64)
        return np.asarray(uniform(stream_key(self.seed, 0, JUDGES), numbers) < self.fraction)


class BlockStatistics(NamedTuple):
    """The statistics of one block or of all; the validation rows, and a sample of the training rows."""

    table: FitStatistics
    targets: TargetSurvey
    judging: list[TableRows]
    sample: list[TableRows]


@dataclass(frozen=True)
class Encoding:
    """How rows become what a network learns from."""

    encoder: TableEncoder
    targets: Targets
    class_weights: Array | None

    def rows(self, X: Any, y: Array, weight: Array | None) -> Rows:
        """Encoded."""
        targets = self.targets.encode(y)
        return Rows(self.encoder.transform(X), targets, with_class_weights(weight, targets, self.class_weights))


@dataclass
class DistributedTable:
    """Blocks, and who opens them."""

    blocks: Sequence[Any]
    columns: ColumnRoles | None
    workers: Workers

    def count(self) -> tuple[int, int]:
        """Count the rows of each block; gives how many there are, and how many columns to learn from."""
        found = self.workers.results([Call(_count, (block, self.columns)) for block in self.blocks])
        self.counts = [rows for rows, _ in found]
        self.starts = [0, *accumulate(self.counts)]
        self.rows = self.starts[-1]
        if not self.rows:
            raise InputError(
                "A table must have training rows", Text("none", context="received"), "Provide at least one"
            )
        return self.rows, max(columns for _, columns in found)

    def together(self) -> TableRows:
        """All rows, here."""
        found = self.workers.results([Call(_rows, (block, self.columns)) for block in self.blocks])
        return together([some for rows in found for some in rows])

    def look_through(self, share: Share, *, quantiles: bool, numbers: bool) -> BlockStatistics:
        """Compute the statistics of all blocks, and merge them in order.

        `quantiles`: columns are to be scaled by quartiles. `numbers`: targets are numbers, and not classes.
        """
        each: list[BlockStatistics] = self.workers.results(
            [
                Call(_look_through, (block, self.columns, share, start, self.rows, quantiles, numbers))
                for block, start in zip(self.blocks, self.starts, strict=False)
            ]
        )
        whole = each[0]
        for found in each[1:]:
            whole.table.merge(found.table)
            whole.targets.merge(found.targets)
            whole.judging.extend(found.judging)
            whole.sample.extend(found.sample)
        return whole

    def shards(self, shards: int, encoding: Encoding, share: Share) -> list[Any]:
        """Encoded rows of each shard, kept by the workers."""
        calls = []
        for pieces in dealt(self.rows, shards):
            slices = [one for begin, end in pieces for one in self._slices(begin, end)]
            bounds = [(self.starts[block], begin, end) for block, begin, end in slices]
            blocks = [self.blocks[block] for block, _, _ in slices]
            calls.append(Call(_encoded, (encoding, self.columns, share, bounds, *blocks)))
        return self.workers.kept(calls)

    def _slices(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Rows of the table by the blocks that they are in, and their numbers there."""
        for block, (first, last) in enumerate(pairwise(self.starts)):
            if max(begin, first) < min(end, last):
                yield block, max(begin, first) - first, min(end, last) - first


def dealt(rows: int, shards: int) -> list[list[tuple[int, int]]]:
    """The rows of each shard, as pieces that are dealt to them in turn.

    Raises
    ------
    InputError
        If there are fewer rows than shards.

    Examples
    --------
    >>> dealt(5, 2)
    [[(0, 1), (2, 3)], [(1, 2), (3, 5)]]
    """
    if rows < shards:
        raise InputError(
            "Every shard must have training rows",
            Text("{rows} rows for {shards} shards", rows=rows, shards=shards),
            "Use fewer shards",
        )
    pieces = shards * min(PIECES, rows // shards)
    bounds = [(number * rows // pieces, (number + 1) * rows // pieces) for number in range(pieces)]
    return [bounds[shard::shards] for shard in range(shards)]


def _rows(block: Any, columns: ColumnRoles | None) -> list[TableRows]:
    return list(opened(block, columns))


def together(parts: Sequence[TableRows]) -> TableRows:
    """One table of several that follow each other."""
    weights = [part.weight for part in parts if part.weight is not None]
    y, weight = np.concatenate([part.y for part in parts]), np.concatenate(weights) if weights else None
    return TableRows(joined([part.X for part in parts]), y, weight)


def _count(block: Any, columns: ColumnRoles | None) -> tuple[int, int]:
    """Its rows, and the columns to learn from."""
    rows = width = 0
    for some in opened(block, columns):
        rows, width = rows + len(some.y), open_dense(some.X).shape[1]
    return rows, width


def _look_through(
    block: Any, columns: ColumnRoles | None, share: Share, first: int, rows: int, quantiles: bool, numbers: bool
) -> BlockStatistics:
    found = BlockStatistics(FitStatistics(quantiles=quantiles), TargetSurvey(), [], [])
    for some in opened(block, columns):
        count = len(some.y)
        judging = share.judging(first, count)
        places = np.arange(first, first + count)
        # of each stretch of rows that is as long as the table is larger than the sample, the last one
        sampled = (places + 1) * min(SAMPLE, rows) // rows > places * min(SAMPLE, rows) // rows
        found.targets.add(some.y, some.weight, numbers=numbers)
        learned = some.take(np.flatnonzero(~judging)) if judging.any() else some
        if len(learned.y):
            found.table.add(learned.X, np.ones(len(learned.y)) if learned.weight is None else learned.weight)
        for kept, mask in ((found.judging, judging), (found.sample, sampled & ~judging)):
            if mask.any():
                kept.append(some.take(np.flatnonzero(mask)))
        first += count
    found.table.flush()
    return found


def _encoded(
    encoding: Encoding,
    columns: ColumnRoles | None,
    share: Share,
    bounds: Sequence[tuple[int, int, int]],
    *blocks: Any,
) -> Rows:
    """The rows of a shard: of each block those between two numbers, without those that judge."""
    parts = []
    for block, (first, begin, end) in zip(blocks, bounds, strict=True):
        place = 0
        for some in opened(block, columns):
            within = np.arange(max(begin - place, 0), min(end - place, len(some.y)))
            if len(within):
                learned = within[~share.judging(first + place, len(some.y))[within]]
                if len(learned):
                    parts.append(encoding.rows(*some.take(learned)))
            place += len(some.y)
            if place >= end:
                break
    if not parts:
        raise InputError("Every shard must have training rows", "one whose rows all judge", "Use fewer shards")
    X, y, weights = (list(arrays) for arrays in zip(*parts, strict=True))
    weight = None if weights[0] is None else np.concatenate(weights)
    return Rows(np.concatenate(X), np.concatenate(y), weight)


def described(rows: Rows, digested: bool) -> tuple[int, float, str]:
    """How many rows a shard has, the sum of their weights, and if wanted what they are, in some letters."""
    weight = float(len(rows.y)) if rows.weight is None else float(np.sum(rows.weight, dtype=np.float64))
    return len(rows.y), weight, rows_digest(rows) if digested else ""


@dataclass(frozen=True)
class StoredBlock:
    """A block of a table that lies in files: it is read where it is opened."""

    blocks: Any
    number: int


@dataclass(frozen=True)
class ColumnRoles:
    """The roles of a block's columns; `check` makes an array of targets, or raises an error.

    None: targets or weights are beside the table, or there are no weights.
    """

    target: str | None
    weight: str | None
    check: Callable[[Any], Array]


def blocks_of(X: Any, y: Any, weight: Any) -> list[Any]:
    """The blocks of a table, as arguments for workers: of a DataFrame or an array of Dask with targets and weights of
    Dask beside it, of blocks that lie elsewhere (see :mod:`glassnet.tables.reading.table_blocks`), or of a table in
    memory with its targets and weights.

    Raises
    ------
    InputError
        If what is beside the table is in another number of blocks.
    """
    if in_partitions(X):
        return _blocks_of_dask(X, y, weight)
    if hasattr(X, "pieces"):
        return [StoredBlock(X, number) for number in range(len(X.rows))]
    starts = range(0, len(y), AT_ONCE)
    whole = TableRows(X, y, weight)
    return [whole.take(np.arange(start, min(start + AT_ONCE, len(y)))) for start in starts]


def _blocks_of_dask(X: Any, y: Any, weight: Any) -> list[Any]:
    blocks = _row_blocks(X)
    beside = [_row_blocks(part) if in_partitions(part) else None for part in (y, weight)]
    if beside == [None, None]:
        return blocks
    for name, parts in zip(("y", "sample_weight"), beside, strict=True):
        if parts is not None and len(parts) != len(blocks):
            rule = Text("X and `{name}` of Dask must have the same blocks of rows", name=name)
            received = Text("{count} and {other}", count=len(blocks), other=len(parts))
            raise InputError(rule, received, "Use .repartition() or .rechunk(), or put all columns into one DataFrame")
    from dask.delayed import delayed

    rows, none = delayed(TableRows, pure=False), [None] * len(blocks)
    return [rows(*parts) for parts in zip(blocks, *(parts or none for parts in beside), strict=True)]


def _row_blocks(collection: Any) -> list[Any]:
    """The blocks of a collection of Dask; those of an array have all columns."""
    if hasattr(collection, "map_partitions"):
        return list(collection.to_delayed())
    blocks: list[Any] = collection.rechunk(dict.fromkeys(range(1, collection.ndim), -1)).to_delayed().ravel().tolist()
    return blocks


def opened(block: Any, columns: ColumnRoles | None) -> Iterator[TableRows]:
    """The rows of a block that count, some at a time, in order; without columns it is one of a table in memory.

    Raises
    ------
    InputError, InputTypeError
        If a column is not there, or targets or weights are none.
    """
    if columns is None:
        yield block
        return
    stored = isinstance(block, StoredBlock)
    with named(block.blocks.labels[block.number]) if stored else contextlib.nullcontext():
        for piece in block.blocks.pieces(block.number) if stored else [block]:
            X, y, weight = piece if isinstance(piece, TableRows) else (piece, None, None)
            if row_count(X):
                yield from _labelled(X, y, weight, columns)


def _labelled(X: Any, y: Any, weight: Any, columns: ColumnRoles) -> Iterator[TableRows]:
    if not (is_frame(X) or isinstance(X, np.ndarray)):
        rule = Text("A block of a table must be a DataFrame or an array of NumPy")
        raise InputError(rule, type(X).__name__, "See dask.dataframe and dask.array")
    named = [name for name in (columns.target, columns.weight) if name is not None]
    if named:
        table = as_frame(X)
        check_named(named, table.columns)
        y = y if columns.target is None else table[columns.target].to_numpy()
        weight = weight if columns.weight is None else table[columns.weight].to_numpy()
        X = table.drop(named).to_native()
    if weight is None or np.any(weight):  # a block may have none of weight, if others have
        yield TableRows(*check_rows(X, y, weight, columns.check))
