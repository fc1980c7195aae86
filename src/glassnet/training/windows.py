"""In which order rows are learned from: all by chance, or where they are too many for memory, window by window.

Rows on a disk lie in blocks of a few hundred kilobytes. An epoch takes the blocks in an order drawn by chance, so many
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
from typing import Any, Final, Protocol

import numpy as np

from glassnet.engines import ReferenceEngine
from glassnet.formulas.random import stream_key
from glassnet.layers.base import Array
from glassnet.training.scratch import Scratch

__all__ = ["AllRows", "Learned", "Order", "Windows"]

BLOCK_BYTES: Final = 1 << 18
"""About so many are read at a place of the disk: enough for its speed, few enough for a window of many places."""
SHARE: Final = 4
"""A window of each training under way together have this part of the memory."""
AT_ONCE: Final = 1 << 20
"""So many rows are counted at a time."""


class Order(Protocol):
    """Which rows are learned from, and in which order."""

    @property
    def learned(self) -> int:
        """How many."""

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Array]:
        """The numbers of the rows of an epoch, in order, in arrays of whole batches each but the last."""

    def of(self, X: Any) -> Any:
        """The rows that are learned from, as what gives some of them by their numbers."""

    def digest(self) -> str | None:
        """Of the rows and their order; None: whoever wants to know looks at the rows."""


@dataclass(frozen=True)
class AllRows:
    """All rows of a table in memory.

    Parameters
    ----------
    learned : int
        Their number.
    """

    learned: int

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Array]:
        yield engine.order(seed, epoch, self.learned)

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
    >>> scratch = Scratch(64, 1, np.float32)
    >>> windows = Windows(scratch, block=8, window=2)
    >>> portions = list(windows.portions(get_engine("reference"), seed=0, epoch=1, batch_size=10))
    >>> [len(portion) for portion in portions], len(np.unique(np.concatenate(portions)))
    ([10, 20, 10, 24], 64)
    """

    scratch: Scratch
    block: int
    window: int
    held: Array | None = None

    @classmethod
    def within(cls, scratch: Scratch, memory: int, trainings: int, held: Array | None = None) -> Windows:
        """Windows for so many trainings at a time in so many bytes."""
        block = max(8, BLOCK_BYTES // scratch.row_bytes // 8 * 8)
        window = memory // SHARE // max(1, trainings) // (block * scratch.row_bytes)
        return cls(scratch, block, max(1, window), held)

    @property
    def learned(self) -> int:
        if self.held is None:
            return self.scratch.rows
        return self.scratch.rows - int(np.bitwise_count(self.held).sum(dtype=np.int64))

    def portions(self, engine: ReferenceEngine, seed: int, epoch: int, batch_size: int) -> Iterator[Array]:
        """See :class:`Order`. The blocks of the next window are asked for ahead, those of the last are let go."""
        blocks = -(-self.scratch.rows // self.block)
        count = -(-blocks // self.window)
        sequence = np.arange(blocks)
        if count > 1:
            sequence = engine.order(int(stream_key(seed, 0, epoch)), epoch, blocks)
        windows = [np.sort(of_window) for of_window in np.array_split(sequence, count)]
        left = np.zeros(0, np.int64)
        for number, of_window in enumerate(windows):
            if number + 1 < count:
                self._tell(windows[number + 1], self.scratch.expect)
            rows = self._rows(of_window)
            key = seed if number == 0 else int(stream_key(seed, number, epoch))
            order = np.concatenate([left, rows[engine.order(key, epoch, len(rows))]])
            whole = len(order) if number + 1 == count else len(order) // batch_size * batch_size
            left = order[whole:]
            if whole:
                yield order[:whole]
            if count > 1:
                self._tell(of_window, self.scratch.release)

    def of(self, X: Any) -> Any:
        return Learned(X, self)

    def digest(self) -> str | None:
        held = b"" if self.held is None else hashlib.sha256(self.held.data).digest()
        told = f"{self.scratch.digest()} in blocks of {self.block}, {self.window} at a time".encode()
        return hashlib.sha256(told + held).hexdigest()

    def learns(self, rows: Array) -> Array:
        """Whether each of some rows is learned from."""
        if self.held is None:
            return np.ones(len(rows), bool)
        return (self.held[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1 == 0

    def held_rows(self, most: int) -> Array:
        """The numbers of the rows that are not learned from, or of so many of them, evenly spread."""
        count = self.scratch.rows - self.learned
        step, passed = max(1, -(-count // most)), 0
        chosen: list[Array] = []
        for start in range(0, self.scratch.rows, AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, self.scratch.rows))
            held = rows[~self.learns(rows)]
            chosen.append(held[-passed % step :: step])
            passed += len(held)
        return np.concatenate(chosen)

    def numbered(self, places: Array) -> Array:
        """The numbers of some of the rows that are learned from, by their places among these, which ascend."""
        if self.held is None:
            return places
        passed, chosen = 0, []
        for start in range(0, self.scratch.rows, AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, self.scratch.rows))
            learned = rows[self.learns(rows)]
            low, high = np.searchsorted(places, (passed, passed + len(learned)))
            chosen.append(learned[places[low:high] - passed])
            passed += len(learned)
        return np.concatenate(chosen)

    def _rows(self, of_window: Array) -> Array:
        """The rows of some blocks that are learned from, in order."""
        rows = (of_window[:, None] * self.block + np.arange(self.block)).ravel()
        rows = rows[: np.searchsorted(rows, self.scratch.rows)]
        return rows if self.held is None else rows[self.learns(rows)]

    def _tell(self, of_window: Array, tell: Any) -> None:
        for block in of_window.tolist():
            tell(block * self.block, min((block + 1) * self.block, self.scratch.rows))


class Learned:
    """The rows of a table that are learned from, taken by their places among these."""

    def __init__(self, X: Any, windows: Windows) -> None:
        self.X, self.windows = X, windows
        self.shape = (windows.learned, *X.shape[1:])

    def __getitem__(self, places: Array) -> Array:
        rows: Array = self.X[self.windows.numbered(np.asarray(places))]
        return rows
