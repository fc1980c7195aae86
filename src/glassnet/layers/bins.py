"""Where the bins of a number end: at quantiles of a column, or at the cuts of a regression tree of that column."""

from __future__ import annotations

import heapq

import numpy as np

from glassnet.layers.base import Array

LEAST_ROWS, LEAST_SHARE = 5, 0.005
"""A bin of a tree has at least so many rows, and at least such a share of them."""
ROUNDING = 1e-12
"""A cut that explains no larger share of the squares than that explains nothing."""


def as_columns(targets: Array) -> Array:
    """Targets with a column for each output, and one for each class if there are more than two.

    Examples
    --------
    >>> as_columns(np.array([2, 0, 1]))
    array([[0., 0., 1.],
           [1., 0., 0.],
           [0., 1., 0.]])
    """
    if targets.ndim == 1 and targets.dtype.kind in "iu" and targets.max() > 1:
        return np.eye(int(targets.max()) + 1)[targets]
    return targets.reshape(len(targets), -1)


def quantile_edges(column: Array, bins: int) -> Array:
    """The quantiles that part a column into so many bins; fewer, where it has few different values.

    Examples
    --------
    >>> quantile_edges(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 9.0]), 3)
    array([1., 2., 9.])
    """
    return np.unique(np.quantile(column, np.linspace(0, 1, bins + 1), method="inverted_cdf"))


def tree_edges(column: Array, targets: Array, bins: int) -> Array:
    """The least value, the cuts of a regression tree with so many leaves at most, and the greatest value.

    The tree grows where the squared error falls most: for classes, whose targets are one column each, that is where the
    Gini impurity does.

    Parameters
    ----------
    column : array of shape (rows,)
    targets : array of shape (rows, outputs)
    bins : int

    Notes
    -----
    Source: Gorishniy, Rubachev, Babenko (2022), *On Embeddings for Numerical Features in Tabular Deep Learning*,
    section 3.2.2, "target-aware bins".

    Examples
    --------
    >>> column = np.arange(20.0)
    >>> tree_edges(column, (column > 6)[:, None], 3)
    array([ 0. ,  6.5, 19. ])
    """
    order = np.argsort(column, kind="stable")
    ordered = column[order].astype(np.float64)
    # Squares of sums would drown differences of targets that lie far from zero, as years and moments do.
    moved = targets[order] - targets.mean(axis=0, dtype=np.float64)
    sums = np.concatenate([np.zeros((1, targets.shape[1])), np.cumsum(moved, axis=0)])
    trifle = ROUNDING * float((moved**2).sum())
    least = max(LEAST_ROWS, int(LEAST_SHARE * len(ordered)))
    leaves = [_best_cut(ordered, sums, 0, len(ordered), least)]
    cuts: list[float] = []
    while leaves and len(cuts) + 1 < bins:
        loss, first, place, end = heapq.heappop(leaves)
        if -loss <= trifle:
            break
        cuts.append((ordered[place - 1] + ordered[place]) / 2)
        leaves_of = (_best_cut(ordered, sums, *part, least) for part in ((first, place), (place, end)))
        for leaf in leaves_of:
            heapq.heappush(leaves, leaf)
    return np.unique([ordered[0], *cuts, ordered[-1]])


def _best_cut(ordered: Array, sums: Array, first: int, end: int, least: int) -> tuple[float, int, int, int]:
    """How much the squared error changes by the best cut of some rows that lie together, and where that is."""
    places = np.arange(first + least, end - least + 1)
    places = places[ordered[places - 1] < ordered[places]]
    if not len(places):
        return 0.0, first, first, end
    whole = ((sums[end] - sums[first]) ** 2).sum() / (end - first)
    below = ((sums[places] - sums[first]) ** 2).sum(axis=1) / (places - first)
    above = ((sums[end] - sums[places]) ** 2).sum(axis=1) / (end - places)
    gains = below + above - whole
    best = int(np.argmax(gains))
    return min(0.0, -float(gains[best])), first, int(places[best]), end
