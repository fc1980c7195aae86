"""Some rows, where all would be too many: evenly spread, or drawn by lot."""

from __future__ import annotations

import numpy as np

from glassnet.layers.base import Array


def evenly_spaced(count: int, most: int) -> Array:
    """At most so many of the numbers below `count`, evenly spread, the first and the last among them.

    Examples
    --------
    >>> evenly_spaced(9, 3), evenly_spaced(2, 3)
    (array([0, 4, 8]), array([0, 1]))
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def sample_rows(count: int, most: int, seed: int = 0) -> Array:
    """At most so many of the numbers below `count`, drawn by lot, in ascending order; all, if they are not more.

    Examples
    --------
    >>> sample_rows(9, 3), sample_rows(2, 3)
    (array([..., ..., ...]), array([0, 1]))
    """
    return (
        np.arange(count) if count <= most else np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
    )
