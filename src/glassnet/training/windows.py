"""The order of training rows: shuffled, or for tables larger than memory window by window.

Rows on a disk lie in blocks of some hundred kilobytes. An epoch takes the blocks in an order drawn by chance, so many
at a time as memory holds: this is a window, and the rows within it are shuffled. Every row comes once an epoch, and
the order follows from seed, epoch and the two sizes. With one window it is that of a table in memory, bit for bit.

How well it is shuffled: rows of one block come within the same window, so a batch is drawn from as many places of the
table as the window has blocks. Where a file is sorted by class, the share of a class among the rows of a window of w
blocks is off by sqrt(p (1 - p) / w) for a class of share p: by 3.5 % of all rows for half of them and 200 blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from glassnet.engines import ReferenceEngine
from glassnet.formulas.random import stream_key
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows, TextStore, matrix_of
from glassnet.support.prefetch import ahead
from glassnet.training.early_stopping import Rows
from glassnet.training.scratch import Scratch, ScratchFile, ScratchTexts

BLOCK_BYTES: Final = 1 << 17
"""Bytes per read: enough for the disk's speed, few enough for a window of many places."""
SHARE: Final = 10
"""The windows of all trainings together have this part of the memory. There are three of each at times: one that is
learned from, one that comes next, and one that is being read."""
AT_ONCE: Final = 1 << 20
"""Rows that are counted at a time."""


class Portion(NamedTuple):
    """A part of an epoch: the order of its rows, and the rows; None: the same as before."""

    order: Array
    rows: Rows | None = None


class Order(Protocol):
    """The training rows and their order."""

    @property
    def learned(self) -> int:
        """The number of training rows."""

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Portion]:
        """Yield the rows of an epoch, in order, in portions of whole batches each but the last."""

    def first(self, rows: Rows, batch_size: int) -> Rows:
        """Sample rows, at least a batch, for an engine to prepare for."""

    def of(self, X: Any) -> Any:
        """Return the training rows, as a function of row numbers."""

    def digest(self) -> str | None:
        """Return a digest of the rows and their order; None: it is computed from the rows."""


@dataclass(frozen=True)
class AllRows:
    """All rows of a table in memory.

    Parameters
    ----------
    learned : int
        Their number.
    """

    learned: int

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Portion]:
        yield Portion(engine.order(seed, epoch, self.learned))

    def first(self, rows: Rows, batch_size: int) -> Rows:
        return rows

    def of(self, X: Any) -> Any:
        return X

    def digest(self) -> str | None:
        return None


@dataclass(frozen=True, eq=False)
class Windows:
    """Rows on a disk.

    Parameters
    ----------
    scratch : Scratch
    block : int
        Rows of a block: a multiple of 8.
    window : int
        Blocks of a window.
    held : array of uint8, or None
        A bit for each row, 1 for those that are not learned from (:func:`numpy.packbits`, the first is the lowest).

    Examples
    --------
    >>> from glassnet.engines import get_engine
    >>> scratch = Scratch(64, 1, np.float32, np.zeros(1))
    >>> windows = Windows(scratch, block=8, window=2)
    >>> portions = list(windows.portions(get_engine("reference"), seed=0, epoch=1, batch_size=10))
    >>> [len(portion.order) for portion in portions]
    [10, 20, 10, 24]
    """

    scratch: Scratch
    block: int
    window: int
    held: Array | None = None

    @classmethod
    def within(cls, scratch: Scratch, memory: int, trainings: int, held: Array | None = None) -> Windows:
        """Return windows for parallel trainings within a limit of bytes."""
        block = max(8, BLOCK_BYTES // scratch.row_bytes // 8 * 8)
        window = memory // SHARE // max(1, trainings) // (block * scratch.row_bytes)
        return cls(scratch, block, max(1, window), held)

    @cached_property
    def learned(self) -> int:
        if self.held is None:
            return self.scratch.rows
        return self.scratch.rows - int(np.bitwise_count(self.held).sum(dtype=np.int64))

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Portion]:
        """See :class:`Order`. The next window is read while one is used."""
        blocks = -(-self.scratch.rows // self.block)
        count = -(-blocks // self.window)
        sequence = np.arange(blocks)
        if count > 1:
            sequence = engine.order(int(stream_key(seed, 0, epoch)), epoch, blocks)
        windows = [np.sort(of_window) for of_window in np.array_split(sequence, count)]
        left: Rows | None = None
        parts = ahead(count, lambda number: self._load(windows[number], batch_size))
        for number, (of_window, rows) in enumerate(zip(windows, parts, strict=True)):
            places = batch_size + np.flatnonzero(self.learns(self._rows(of_window)))
            key = seed if number == 0 else int(stream_key(seed, number, epoch))
            order = places[engine.order(key, epoch, len(places))]
            if left is not None:  # an incomplete batch begins the next one
                rows = _after(left, rows)
                order = np.concatenate([np.arange(len(left.y)), order])
            whole = len(order) if number + 1 == count else len(order) // batch_size * batch_size
            left = rows.take(order[whole:])
            if isinstance(left.X, TextRows):
                left = left._replace(X=left.X.with_own_store())
            if whole:
                yield Portion(order[:whole], rows)

    def first(self, rows: Rows, batch_size: int) -> Rows:
        """See :class:`Order`."""
        return self._room(min(batch_size, self.learned))

    def of(self, X: Any) -> Any:
        return Learned(X, self)

    def digest(self) -> str | None:
        held = b"" if self.held is None else hashlib.sha256(self.held.data).digest()
        layout = f"{self.scratch.digest()} in blocks of {self.block}, {self.window} at a time".encode()
        return hashlib.sha256(layout + held).hexdigest()

    def learns(self, rows: Array) -> Array:
        """Return whether each of some rows is a training row."""
        if self.held is None:
            return np.ones(len(rows), bool)
        return (self.held[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1 == 0

    def held_rows(self, most: int) -> Array:
        """Return the numbers of validation rows, or of some of them, evenly spaced."""
        count = self.scratch.rows - self.learned
        step, passed = max(1, -(-count // most)), 0
        chosen: list[Array] = []
        for rows in self.chunks():
            held = rows[~self.learns(rows)]
            chosen.append(held[-passed % step :: step])
            passed += len(held)
        return np.concatenate(chosen)

    def numbered(self, places: Array) -> Array:
        """Return the numbers of some training rows, by their ascending positions among these."""
        if self.held is None:
            return places
        passed = 0
        chosen: list[Array] = []
        for rows in self.chunks():
            learned = rows[self.learns(rows)]
            low, high = np.searchsorted(places, (passed, passed + len(learned)))
            chosen.append(learned[places[low:high] - passed])
            passed += len(learned)
        return np.concatenate(chosen)

    def chunks(self) -> Iterator[Array]:
        """Yield the numbers of all rows, in parts that take little memory."""
        for start in range(0, self.scratch.rows, AT_ONCE):
            yield np.arange(start, min(start + AT_ONCE, self.scratch.rows))

    @cached_property
    def usual(self) -> tuple[float, float]:
        """The largest weight of training rows, and their mean relative to it."""
        file = self.scratch.weight
        assert file is not None
        largest = max(float(one.max()) for one in self._learned_weights(file) if len(one))
        total = sum(float((one / largest).sum()) for one in self._learned_weights(file))
        return largest, total / self.learned

    def _learned_weights(self, file: ScratchFile) -> Iterator[Array]:
        for rows in self.chunks():
            yield file[int(rows[0]) : int(rows[-1]) + 1][self.learns(rows)]

    def _rows(self, of_window: Array) -> Array:
        """Return the rows of some blocks, in order."""
        rows = (of_window[:, None] * self.block + np.arange(self.block)).ravel()
        return rows[: np.searchsorted(rows, self.scratch.rows)]

    def _room(self, rows: int) -> Rows:
        """Return arrays for some rows, of the types that engines take."""
        X, y, weight = self.scratch.X, self.scratch.y, self.scratch.weight
        shares = None if weight is None else np.ones(rows, X.dtype)
        table: Any = np.zeros((rows, *X.shape[1:]), X.dtype)
        if isinstance(X, ScratchTexts):
            none = TextStore(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), X.ngrams)
            table = TextRows(table, np.zeros(rows, np.int64), none)
        return Rows(table, np.zeros((rows, *y.shape[1:]), X.dtype), shares)

    def _load(self, of_window: Array, before: int) -> Rows:
        """Return the rows of some blocks, after space for further rows."""
        scratch, place = self.scratch, before
        sizes = np.minimum((of_window + 1) * self.block, scratch.rows) - of_window * self.block
        loaded, table = self._room(before + int(sizes.sum())), scratch.X
        if isinstance(table, ScratchTexts):
            ends = np.minimum((of_window + 1) * self.block, scratch.rows).tolist()
            blocks = zip((of_window * self.block).tolist(), ends, strict=True)
            store = TextStore.joined([loaded.X.store, *(table.store(start, stop) for start, stop in blocks)])
            places = np.concatenate([np.zeros(before, np.int64), np.arange(1, store.rows)])
            loaded, table = loaded._replace(X=TextRows(loaded.X.matrix, places, store)), table.matrix
        for block, size in zip(of_window.tolist(), sizes.tolist(), strict=True):
            start, target = block * self.block, slice(place, place + size)
            table.read(start, matrix_of(loaded.X)[target])
            loaded.y[target] = scratch.y[start : start + size]
            if scratch.weight is not None and loaded.weight is not None:
                largest, mean = self.usual
                loaded.weight[target] = scratch.weight[start : start + size] / largest / mean
            place += size
        return loaded


def _after(left: Rows, rows: Rows) -> Rows:
    """Overwrite the first rows with those that were left."""
    count = len(left.y)
    for to, of in zip(rows, left, strict=True):
        if to is not None:
            matrix_of(to)[:count] = matrix_of(of)
    if not isinstance(rows.X, TextRows):
        return rows
    places = np.concatenate([rows.X.store.rows + left.X.places, rows.X.places[count:]])
    return rows._replace(X=TextRows(rows.X.matrix, places, TextStore.joined([rows.X.store, left.X.store])))


class Learned:
    """The training rows of a table, indexed by their positions among these."""

    def __init__(self, X: Any, windows: Windows) -> None:
        self.X, self.windows = X, windows
        self.shape = (windows.learned, *X.shape[1:])

    def __getitem__(self, places: Array) -> Array:
        rows: Array = self.X[self.windows.numbered(np.asarray(places))]
        return rows
