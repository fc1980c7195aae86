"""Rows in blocks of so many, counted from the first, however they come.

Sums of fractions depend on how they are parted. So whoever adds up the rows of a table does it block by block, and the
blocks are the same whether the rows come all at once or batch by batch: then the sums are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Arrays = tuple[npt.NDArray[Any], ...]

NUMBERS: Final = 131_072
"""Of a block: a megabyte of float64, about what a core's second-level cache holds."""


class EvenBlocks:
    """Parts rows into blocks, and keeps those that do not fill one until more come.

    Parameters
    ----------
    columns : int
        The wider the rows are, the fewer make a block.
    axes : int
        Of each array the axis of its rows.

    Examples
    --------
    >>> blocks = EvenBlocks(NUMBERS // 2, 0)
    >>> [[block.tolist() for (block,) in blocks.add(3, lambda rows: (np.arange(3)[rows],))] for _ in range(2)]
    [[[0, 1]], [[2, 0], [1, 2]]]
    >>> list(blocks.rest())
    []
    """

    def __init__(self, columns: int, *axes: int) -> None:
        self.rows = max(1, NUMBERS // max(1, columns))
        self.axes = axes
        self._waiting: list[Arrays] = []
        self._count = 0

    def add(self, count: int, read: Callable[[slice], Arrays]) -> Iterator[Arrays]:
        """Take some more rows, of which `read` gives a slice of each array, and give the blocks that are full."""
        start = 0
        while start < count:
            rows = slice(start, min(count, start + self.rows - self._count))
            start, found = rows.stop, read(rows)
            if rows.stop - rows.start == self.rows:
                yield found
                continue
            self._waiting.append(tuple(np.array(array) for array in found))  # what is read may be overwritten
            self._count += rows.stop - rows.start
            if self._count == self.rows:
                yield from self.rest()

    def rest(self) -> Iterator[Arrays]:
        """The rows that fill no block, if there are any; those that come later begin a new one."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        if len(waiting) == 1:
            yield waiting[0]
        elif waiting:
            parts = zip(self.axes, zip(*waiting, strict=True), strict=True)
            yield tuple(np.concatenate(arrays, axis=axis) for axis, arrays in parts)
