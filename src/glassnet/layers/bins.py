"""Edges of bins: quantiles of a column, or the cuts of a regression tree."""

from __future__ import annotations

import heapq

import numpy as np

from glassnet.layers.base import Array

LEAST_ROWS, LEAST_SHARE = 5, 0.005
"""A bin of a tree has at least so many rows, and at least such a share of them; of weighted rows so much weight, where
the mean is 1."""
ROUNDING = 1e-12
"""A cut that explains no larger share of the squares than that explains nothing."""
EQUAL = 2.0**-22
"""Sums of weights that differ by no larger share of all are equal: weights may have been rounded to float32."""


def as_columns(targets: Array) -> Array:
    """Return targets with a column for each output, and one for each class if there are more than two.

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


def quantile_edges(column: Array, bins: int, weight: Array | None = None) -> Array:
    """Return the quantiles that divide a column into bins; fewer, where it has few distinct values.

    With weights a bin holds a share of the weight: a row of weight 2 counts as the row twice.

    Examples
    --------
    >>> quantile_edges(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 9.0]), 3)
    array([1., 2., 9.])
    >>> quantile_edges(np.array([1.0, 2.0, 3.0, 9.0]), 3, np.array([1, 3, 1, 1]))
    array([1., 2., 9.])
    """
    shares = np.linspace(0, 1, bins + 1)
    if weight is None:
        return np.unique(np.quantile(column, shares, method="inverted_cdf"))
    order = np.argsort(column, kind="stable")
    order = order[weight[order] > 0]
    reached = np.cumsum(weight[order], dtype=np.float64)
    slack = EQUAL * reached[-1]
    return np.unique(column[order[np.searchsorted(reached, shares * reached[-1] - slack)]])


def tree_edges(column: Array, targets: Array, bins: int, weight: Array | None = None) -> Array:
    """Return the minimum, the cuts of a regression tree with a maximum number of leaves, and the maximum.

    The tree grows where the squared error falls most: for classes, whose targets are one column each, that is where the
    Gini impurity does.

    Parameters
    ----------
    column : array of shape (rows,)
    targets : array of shape (rows, outputs)
    bins : int
    weight : array of shape (rows,) or None
        How much each row counts, in any unit; None: all alike.

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
    if weight is not None:
        order = order[weight[order] > 0]
    ordered = column[order].astype(np.float64)
    # Squares of sums would drown differences of targets that lie far from zero, as years and moments do.
    if weight is None:
        moved = targets[order] - targets.mean(axis=0, dtype=np.float64)
        summed, squares, reached = moved, moved**2, np.arange(len(ordered) + 1)
    else:
        shares = weight[order] / weight[order].mean()
        moved = targets[order] - np.average(targets[order], axis=0, weights=shares)
        summed, squares = moved * shares[:, None], moved**2 * shares[:, None]
        reached = np.concatenate([[0.0], np.cumsum(shares)])
    sums = np.concatenate([np.zeros((1, targets.shape[1])), np.cumsum(summed, axis=0)])
    trifle = ROUNDING * float(squares.sum())
    least = max(LEAST_ROWS, int(LEAST_SHARE * len(ordered)))
    leaves = [_best_cut(ordered, sums, reached, 0, len(ordered), least)]
    cuts: list[float] = []
    while leaves and len(cuts) + 1 < bins:
        loss, first, place, end = heapq.heappop(leaves)
        if -loss <= trifle:
            break
        cuts.append((ordered[place - 1] + ordered[place]) / 2)
        leaves_of = (_best_cut(ordered, sums, reached, *part, least) for part in ((first, place), (place, end)))
        for leaf in leaves_of:
            heapq.heappush(leaves, leaf)
    return np.unique([ordered[0], *cuts, ordered[-1]])


def _best_cut(
    ordered: Array, sums: Array, reached: Array, first: int, end: int, least: float
) -> tuple[float, int, int, int]:
    """Return the reduction of the squared error by the best cut of a range of rows, and its position.

    `reached` says how many rows come before each place, or how much weight.
    """
    places = np.arange(first + 1, end)
    slack = EQUAL * reached[-1]
    enough = (reached[places] - reached[first] >= least - slack) & (reached[end] - reached[places] >= least - slack)
    places = places[enough & (ordered[places - 1] < ordered[places])]
    if not len(places):
        return 0.0, first, first, end
    whole = ((sums[end] - sums[first]) ** 2).sum() / (reached[end] - reached[first])
    below = ((sums[places] - sums[first]) ** 2).sum(axis=1) / (reached[places] - reached[first])
    above = ((sums[end] - sums[places]) ** 2).sum(axis=1) / (reached[end] - reached[places])
    gains = below + above - whole
    best = int(np.argmax(gains))
    return min(0.0, -float(gains[best])), first, int(places[best]), end
