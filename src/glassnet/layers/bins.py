"""Edges of bins: quantiles of a column, or the cuts of a regression tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glassnet.layers.base import Array

LEAST_ROWS, LEAST_SHARE = 5, 0.005
"""A bin of a tree has at least so many rows, and at least such a share of them; of weighted rows so much weight, where
the mean is 1."""
CANDIDATES = 256
"""A tree cuts a column at some of the quantiles that divide it into so many parts."""
TOGETHER = 16
"""Columns whose trees grow at the same time: as many steps of NumPy as of one, while memory stays small."""
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


def tree_edges(columns: Array, targets: Array, bins: int, weight: Array | None = None) -> list[Array]:
    """Return for each column the minimum, the cuts of a regression tree with at most `bins` leaves, and the maximum.

    The tree grows where the squared error falls most: for classes, whose targets are one column each, that is where the
    Gini impurity does. It may cut at the quantiles that divide a column into `CANDIDATES`; of fewer distinct values,
    between any two.

    Parameters
    ----------
    columns : array of shape (rows, columns)
    targets : array of shape (rows, outputs)
    bins : int
    weight : array of shape (rows,) or None
        How much each row counts, in any unit; None: all alike.

    Notes
    -----
    Source: Gorishniy, Rubachev, Babenko (2022), *On Embeddings for Numerical Features in Tabular Deep Learning*,
    section 3.2.2, "target-aware bins"; candidates as in Ke et al. (2017), *LightGBM*, section 2.1.

    Examples
    --------
    >>> column = np.arange(20.0)
    >>> tree_edges(column[:, None], (column > 6)[:, None], 3)
    [array([ 0. ,  6.5, 19. ])]
    """
    shares = np.ones(len(columns))
    if weight is not None:
        counted = weight > 0
        columns, targets, shares = columns[counted], targets[counted], weight[counted] / weight[counted].mean()
    # Squares of sums would drown differences of targets that lie far from zero, as years and moments do.
    moved = targets - np.average(targets, axis=0, weights=shares)
    weighted = moved * shares[:, None]
    trifle = ROUNDING * float((moved * weighted).sum())
    least = max(LEAST_ROWS, int(LEAST_SHARE * len(columns))) - EQUAL * len(columns)
    found: list[Array] = []
    for start in range(0, columns.shape[1], TOGETHER):
        group = [Candidates.of(column, shares) for column in columns[:, start : start + TOGETHER].T]
        for own, cuts in zip(group, _Trees(group, weighted, shares).grown(bins, least, trifle), strict=True):
            found.append(np.array([own.lowest, *own.cuts[cuts[: len(own.cuts)]], own.highest]))
    return found


class Candidates(NamedTuple):
    """The numbers between values of a column where a tree may cut it, in order, and the bin between them of each row.

    NumPy sorts equal values in an order that depends on the processor: here the order makes no difference.
    """

    lowest: float
    cuts: Array
    highest: float
    bin_of: Array

    @classmethod
    def of(cls, column: Array, shares: Array) -> Candidates:
        """Return the candidates of a column, whose rows have these weights, 1 on average."""
        order = np.argsort(column)
        ordered = column[order].astype(np.float64) + 0.0  # no negative zero
        rank = np.empty(len(column), np.intp)
        rank[order] = np.concatenate([[0], np.cumsum(ordered[1:] > ordered[:-1])])
        values = ordered[np.flatnonzero(np.diff(ordered, prepend=-np.inf))]
        last = np.arange(len(values) - 1)  # the highest values of the bins but the last
        if len(last) >= CANDIDATES:
            reached = np.cumsum(np.bincount(rank, shares))
            quantiles = (np.arange(1, CANDIDATES) / CANDIDATES - EQUAL) * reached[-1]
            last = np.unique(np.minimum(np.searchsorted(reached, quantiles), len(last) - 1))
        low, high = values[last], values[last + 1]
        bin_of = np.searchsorted(last, np.arange(len(values)))[rank]
        return cls(values[0], low + (high - low) / 2, values[-1], bin_of)


class _Trees:
    """The trees of some columns, one for each: their places are the ends and the candidates between, in order.

    Attributes
    ----------
    sums : array of shape (columns, places, outputs)
        The sum of the targets below each place.
    reached : array of shape (columns, places)
        The weight below each place.
    """

    def __init__(self, columns: Sequence[Candidates], targets: Array, shares: Array) -> None:
        outputs, most = targets.shape[1], max(len(column.cuts) for column in columns) + 1
        self.sums = np.zeros((len(columns), most + 1, outputs))
        self.reached = np.zeros((len(columns), most + 1))
        for number, column in enumerate(columns):
            cells = column.bin_of[:, None] * outputs + np.arange(outputs)
            of_bins = np.bincount(cells.ravel(), targets.ravel(), most * outputs).reshape(most, outputs)
            self.sums[number, 1:] = np.cumsum(of_bins, axis=0)
            self.reached[number, 1:] = np.cumsum(np.bincount(column.bin_of, shares, most))

    def grown(self, bins: int, least: float, trifle: float) -> Array:
        """Return which candidates are cuts, shape (columns, candidates), of trees with at most so many leaves."""
        columns, last = self.reached.shape[0], self.reached.shape[1] - 1
        places = np.arange(last + 1)
        begin, end = np.zeros((columns, last + 1), np.intp), np.full((columns, last + 1), last)
        gains, cuts = np.full((columns, last + 1), -np.inf), np.zeros((columns, last + 1), bool)
        new = np.repeat([(places > 0) & (places < last)], columns, axis=0)
        for _ in range(bins - 1):
            column, place = np.nonzero(new)
            gains[new] = self._gains(column, place, begin[new], end[new], least)
            best = gains.argmax(axis=1)
            growing = np.flatnonzero(gains.max(axis=1) > trifle)
            if not len(growing):
                break
            cut = best[growing]
            cuts[growing, cut], gains[growing, cut] = True, -np.inf
            low, high = begin[growing, cut, None], end[growing, cut, None]
            cut = cut[:, None]
            below, above = (places > low) & (places < cut), (places > cut) & (places < high)
            end[growing], begin[growing] = np.where(below, cut, end[growing]), np.where(above, cut, begin[growing])
            new[...] = False
            new[growing] = below | above
        return cuts[:, 1:-1]

    def _gains(self, column: Array, place: Array, begin: Array, end: Array, least: float) -> Array:
        """Return by how much a cut at each place reduces the squared error; -inf where a leaf would be too small."""
        below = self.reached[column, place] - self.reached[column, begin]
        above = self.reached[column, end] - self.reached[column, place]
        enough = (below >= least) & (above >= least)
        column, place, begin, end = column[enough], place[enough], begin[enough], end[enough]
        below, above = below[enough], above[enough]
        low = self.sums[column, place] - self.sums[column, begin]
        high = self.sums[column, end] - self.sums[column, place]
        gains = np.full(len(enough), -np.inf)
        of_leaves = (low**2).sum(axis=1) / below + (high**2).sum(axis=1) / above
        gains[enough] = of_leaves - ((low + high) ** 2).sum(axis=1) / (below + above)
        return gains
