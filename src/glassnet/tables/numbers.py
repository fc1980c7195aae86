"""Number columns, all at once: centred, scaled, gaps filled and marked.

Numbers, booleans and durations are one block of columns, since centring and scaling 784 columns one by one in Python
would take longer than training on them. Everything is computed in float64 on a piece of rows that fits into the
processor's cache, and written once into the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.data import all_finite
from glassnet.errors import InputError, some
from glassnet.tables.clip import smooth_clip
from glassnet.tables.even_blocks import EvenBlocks

Floats = npt.NDArray[np.float64]

# A spread below this share of the largest value is rounding, not information: a few units in the last place.
_ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class NumberSource:
    """Number columns of one table, read piece by piece.

    Attributes
    ----------
    names : sequence of str
        Names of the columns, for messages.
    rows : int
    matrix : ndarray of shape (rows, any) or None
        The table, if it is one array.
    positions : ndarray of int of shape (columns,) or None
        The columns of `matrix` to read; None: all, in order.
    columns : list of ndarray of shape (rows,)
        The columns, if there is no matrix.
    """

    names: Sequence[str]
    rows: int
    matrix: npt.NDArray[Any] | None = None
    positions: npt.NDArray[np.intp] | None = None
    columns: Sequence[npt.NDArray[Any]] = ()

    def pieces(self) -> range:
        """Return the first rows of the pieces; the step is a piece's number of rows."""
        return range(0, self.rows, EvenBlocks(len(self.names)).rows)

    def read(self, rows: slice) -> Floats:
        """Read some rows into a new array of shape (rows, columns)."""
        if self.matrix is None:
            piece = np.empty((len(self.columns), len(range(*rows.indices(self.rows)))))
            for index, column in enumerate(self.columns):
                piece[index] = column[rows]
            return piece.T
        if self.positions is None:
            return self.matrix[rows].astype(np.float64, order="C")
        return np.take(self.matrix[rows], self.positions, axis=1).astype(np.float64, order="C", copy=False)

    def read_column(self, index: int) -> Floats:
        """Read one column whole, as a new array of shape (rows,)."""
        if self.matrix is None:
            return np.array(self.columns[index], dtype=np.float64)
        position = index if self.positions is None else self.positions[index]
        return np.array(self.matrix[:, position], dtype=np.float64)


@dataclass(frozen=True)
class Statistics:
    """What the training rows say about number columns; each array has shape (columns,).

    Attributes
    ----------
    mean, deviation : ndarray of float64
        Weighted mean and standard deviation (of the population: divided by the sum of weights) of the values present.
    low, high : ndarray of float64
        Smallest and largest value; NaN for a column without any.
    gaps : ndarray of bool
        Whether a value is missing in some row.
    """

    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats
    gaps: npt.NDArray[np.bool_]

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Whether a column has two values that differ by more than rounding."""
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        return (self.low < self.high) & (self.deviation > _ROUNDING * largest)


class RunningStatistics:
    """Statistics of number columns while rows come, piece by piece; how they are cut changes no bit.

    Means and sums of squares of even blocks are merged by Chan, Golub and LeVeque's rule ("Updating formulae and a
    pairwise algorithm for computing sample variances", 1979, equation 2.1 in its weighted form), which does not cancel
    as the difference of two large sums would.

    Parameters
    ----------
    columns : int

    Examples
    --------
    >>> running = RunningStatistics(1)
    >>> running.add(NumberSource(["a"], 3, np.array([[1.0], [3.0], [np.nan]])), np.ones(3))
    >>> running.settle()
    >>> running.mean, running.deviation(), running.gaps
    (array([2.]), array([1.]), array([ True]))
    """

    def __init__(self, columns: int) -> None:
        self.total, self.mean, self.squares = np.zeros(columns), np.zeros(columns), np.zeros(columns)
        self.low, self.high = np.full(columns, np.inf), np.full(columns, -np.inf)
        self.gaps = np.zeros(columns, dtype=np.bool_)
        self._by_column = False
        self._blocks = EvenBlocks(columns, 0, 0)

    def add(self, source: NumberSource, weights: Floats) -> None:
        """Gather some more rows of the same columns, with a positive weight for each."""
        if self._by_column != (source.matrix is None):  # sums depend on what stands beside each other in memory
            self.settle()
            self._by_column = source.matrix is None
            self._blocks = EvenBlocks(len(self.mean), int(self._by_column), 0)

        def read(rows: slice) -> tuple[Floats, Floats]:
            piece = source.read(rows)
            return piece.T if self._by_column else piece, weights[rows]

        for block in self._blocks.add(source.rows, read):
            self._add(*block)

    def settle(self) -> None:
        """Count the rows, too, that wait for others."""
        for block in self._blocks.rest():
            self._add(*block)

    def _add(self, piece: Floats, weight: Floats) -> None:
        """Gather a block, which is overwritten; a gap is NaN."""
        piece = piece.T if self._by_column else piece
        with np.errstate(over="ignore", invalid="ignore"):
            low, high = piece.min(axis=0), piece.max(axis=0)
            present: npt.NDArray[np.bool_] | None = None
            share: Any = weight.sum()
            if np.isnan(low).any():
                present = ~np.isnan(piece)
                self.gaps |= ~present.all(axis=0)
                share = np.einsum("i,ij->j", weight, present)
                low = np.min(piece, axis=0, where=present, initial=np.inf)
                high = np.max(piece, axis=0, where=present, initial=-np.inf)
                piece[~present] = 0.0
            self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)
            sums = np.einsum("i,ij->j", weight, piece)
            mean = np.divide(sums, share, out=np.zeros(len(self.mean)), where=share > 0)
            piece -= mean
            if present is not None:
                piece[~present] = 0.0
            self._merge(share, mean, np.einsum("i,ij,ij->j", weight, piece, piece))

    def merge(self, other: RunningStatistics) -> None:
        """Gather what another one has."""
        self.settle()
        other.settle()
        self.gaps |= other.gaps
        self.low, self.high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        with np.errstate(over="ignore", invalid="ignore"):
            self._merge(other.total, other.mean, other.squares)

    def _merge(self, share: Any, mean: Floats, squares: Floats) -> None:
        merged = self.total + share
        part = np.divide(share, merged, out=np.zeros(len(self.mean)), where=merged > 0)
        self.squares += squares + (mean - self.mean) ** 2 * self.total * part
        self.mean += (mean - self.mean) * part
        self.total = merged

    @property
    def extreme(self) -> npt.NDArray[np.intp]:
        """The columns whose squares leave float64, for values beyond 1e154 or below 1e-154."""
        deviation = self.deviation()
        return np.flatnonzero((self.low < self.high) & ~((deviation > 1e-140) & (deviation < 1e140)))

    def deviation(self) -> Floats:
        """Of the rows so far, divided by the sum of their weights."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.sqrt(np.divide(self.squares, self.total, out=np.zeros(len(self.mean)), where=self.total > 0))

    def statistics(self, names: Sequence[str], again: Callable[[int], tuple[float, float]]) -> Statistics:
        """What the rows say; `again` gives mean and deviation of one of the extreme columns, measured otherwise.

        Raises
        ------
        InputError
            If a column holds an infinity.
        """
        self.settle()
        empty = self.low > self.high
        refuse_infinity(names, np.isinf(self.low) & ~empty | np.isinf(self.high) & ~empty)
        mean, deviation, low, high = self.mean.copy(), self.deviation(), self.low.copy(), self.high.copy()
        for index in self.extreme.tolist():
            mean[index], deviation[index] = again(index)
        for statistic in (mean, deviation, low, high):
            statistic[empty] = np.nan
        return Statistics(mean, deviation, low, high, self.gaps.copy())


def scaled_moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Mean and deviation of numbers whose squares leave float64."""
    largest = float(np.abs(values).max())
    # Two divisions, since the reciprocal of a subnormal number is infinite.
    scaled, share = values / largest, weights / weights.sum()
    mean = float((share * scaled).sum())
    return mean * largest, float(np.sqrt((share * (scaled - mean) ** 2).sum())) * largest


def refuse_infinity(names: Sequence[str], infinite: Any) -> None:
    """Raise an error that names the columns of which `infinite` is true, if any."""
    if infinite.any():
        raise InputError(
            "Numbers must be finite (or NaN, for a missing value)",
            f"infinity in column {_some(names, infinite)}",
            "Replace such values with a number or a missing value",
        )


def refuse_overflow(names: Sequence[str], infinite: Any, dtype: Any) -> None:
    """The same of columns whose numbers were finite, and no longer are, scaled by what is usual in training."""
    if infinite.any():
        raise InputError(
            f"Numbers, scaled as in training, must fit into {dtype}",
            f"a number many orders of magnitude beyond those in column {_some(names, infinite)}",
            "Check its unit, or replace such values with a number or a missing value",
        )


def _some(names: Sequence[str], chosen: Any) -> str:
    return some([repr(names[index]) for index in np.flatnonzero(chosen).tolist()])


def offset_within(centre: Floats, low: Floats, high: Floats) -> Floats:
    """The centre of each column, or 0 where an extreme is so far from it that float64 does not hold the distance.

    Examples
    --------
    >>> offset_within(np.array([2.0, 1e307]), np.array([0.0, -1.7e308]), np.array([4.0, 1.7e308])).tolist()
    [2.0, 0.0]
    """
    with np.errstate(over="ignore"):
        return np.where(np.isfinite(high - centre) & np.isfinite(low - centre), centre, 0.0)


@dataclass(frozen=True)
class NumberBlock:
    """What is done to the number columns: (value - offset) / scale, a gap becomes the mean.

    With a `limit` a smooth clip follows. A gap is filled with the mean (with robust scaling the median): for centred
    columns that is 0, so a gap adds nothing to the first layer and its indicator alone speaks for it.

    Attributes
    ----------
    sources : ndarray of int of shape (columns,)
        Which input columns are read: first those that give a value, then those that only mark gaps.
    values : int
        How many of `sources` give a value.
    mean : ndarray of shape (values,)
        Mean (or median) of the training rows.
    offset : ndarray of shape (values,)
        What is subtracted: the mean (or median), or 0 where the table is sparse or not scaled, or a column reaches from
        one end of float64 to the other.
    scale : ndarray of shape (values,)
        What it is divided by: the standard deviation (or distance of the quartiles) of the training rows, or 1.
    marked : ndarray of int
        Which of `sources` (by position in it) had gaps in the training rows, and so have an indicator.
    limit : float
        A smooth clip keeps the outputs below it; 0: none does.
    """

    sources: npt.NDArray[np.intp]
    values: int
    mean: Floats
    offset: Floats
    scale: Floats
    marked: npt.NDArray[np.intp]
    limit: float = 0.0

    @property
    def width(self) -> int:
        """Number of output columns."""
        return self.values + len(self.marked)

    @property
    def fill(self) -> Floats:
        """What stands in the matrix for a gap; shape (values,)."""
        fill = (self.mean - self.offset) / self.scale
        return smooth_clip(fill, self.limit) if self.limit else fill

    def scaled(self, values: Floats) -> Floats:
        """Numbers of shape (rows, values), which are overwritten, as they stand in the matrix; a gap stays one."""
        values -= self.offset
        values /= self.scale
        return smooth_clip(values, self.limit) if self.limit else values

    def write(self, source: NumberSource, out: npt.NDArray[Any]) -> None:
        """Overwrite `out`, of shape (rows, width), with what stands for the columns `sources` of a table.

        Raises
        ------
        InputError
            If a value is infinite, or so large that it is after scaling.
        """
        pieces = source.pieces()
        with np.errstate(over="ignore", invalid="ignore"):
            for start in pieces:
                rows = slice(start, start + pieces.step)
                piece = source.read(rows)
                target = out[rows]
                target[:, : self.values] = self.scaled(piece[:, : self.values])
                if len(self.marked) or not all_finite(target[:, : self.values]):
                    self._mend(source, rows, piece, target)

    def _mend(self, source: NumberSource, rows: slice, piece: Floats, target: npt.NDArray[Any]) -> None:
        missing = np.isnan(piece)
        values = target[:, : self.values]
        np.copyto(values, self.fill, where=missing[:, : self.values], casting="same_kind")
        target[:, self.values :] = missing[:, self.marked]
        if np.isinf(piece).any() or not all_finite(values):
            refuse_infinity(source.names, np.isinf(source.read(rows)).any(axis=0))  # the piece is scaled by now
            refuse_overflow(source.names[: self.values], np.isinf(values).any(axis=0), target.dtype)
