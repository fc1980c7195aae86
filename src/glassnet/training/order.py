"""The order of the rows in each epoch: by chance, and the same for the same seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.layers.base import Array

__all__ = ["orders"]

AHEAD = 16_384
"""Rows whose order is drawn at a time: those of many short epochs in half of the time that it takes one by one."""


def orders(seed: int, rows: int, epochs: range) -> Iterator[Array]:
    """The order of the rows in each of these epochs: a permutation that follows from the seed and the epoch alone.

    Parameters
    ----------
    seed, rows : int
    epochs : range
        The numbers of the epochs, those of earlier trainings counted: whoever goes on draws what would have come next.

    Examples
    --------
    >>> [order.tolist() for order in orders(seed=0, rows=4, epochs=range(1, 3))]
    [[3, 0, 2, 1], [2, 1, 0, 3]]
    >>> [order.tolist() for order in orders(seed=0, rows=4, epochs=range(2, 3))]
    [[2, 1, 0, 3]]
    """
    at_once = max(1, AHEAD // rows)
    for first in range(0, len(epochs), at_once):
        some = epochs[first : first + at_once]
        yield from [np.random.default_rng((seed, epoch)).permutation(rows) for epoch in some]
