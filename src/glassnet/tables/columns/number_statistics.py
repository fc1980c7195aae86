"""Statistics of number columns, gathered in chunks or from a sparse array.

Everything is computed in float64 on a chunk of rows that fits into the processor's cache. Sums of fractions depend on
how they are split; therefore rows are always added in the same blocks, whether they come at once or in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.messages import some

Floats = npt.NDArray[np.float64]

# A spread below this share of the largest value is rounding, not information: a few units in the last place.
_ROUNDING = 8 * np.finfo(np.float64).eps
Arrays = tuple[npt.NDArray[Any], ...]
NUMBERS: Final = 131_072
"""The entries of a block: a megabyte of float64, about the size of a core's second-level cache."""


class EvenBlocks:
    """Splits rows into blocks of one size, and keeps an incomplete block until more rows come.

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
        """Add rows, of which `read` returns a slice of each array, and yield the complete blocks."""
        start = 0
        while start < count:
            rows = slice(start, min(count, start + self.rows - self._count))
            start, found = rows.stop, read(rows)
            if rows.stop - rows.start == self.rows:
                yield found
                continue
            self._waiting.append(tuple(np.array(array) for array in found))  # the caller may overwrite its arrays
            self._count += rows.stop - rows.start
            if self._count == self.rows:
                yield from self.rest()

    def rest(self) -> Iterator[Arrays]:
        """Yield the rows of an incomplete block; later rows begin a new one."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        if len(waiting) == 1:
            yield waiting[0]
        elif waiting:
            parts = zip(self.axes, zip(*waiting, strict=True), strict=True)
            yield tuple(np.concatenate(arrays, axis=axis) for axis, arrays in parts)


@dataclass(frozen=True)
class NumberSource:
    """Number columns of one table, read in chunks.

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
        """Read one column as a new array of shape (rows,)."""
        if self.matrix is None:
            return np.array(self.columns[index], dtype=np.float64)
        position = index if self.positions is None else self.positions[index]
        return np.array(self.matrix[:, position], dtype=np.float64)


@dataclass(frozen=True)
class Statistics:
    """Statistics of the number columns of the training rows; each array has shape (columns,).

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
    """Statistics of number columns, updated chunk by chunk; the chunking changes no bit.

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
    >>> running.flush()
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
        """Add rows of the same columns, each with a positive weight."""
        if self._by_column != (source.matrix is None):  # sums depend on the order in memory
            self.flush()
            self._by_column = source.matrix is None
            self._blocks = EvenBlocks(len(self.mean), int(self._by_column), 0)

        def read(rows: slice) -> tuple[Floats, Floats]:
            piece = source.read(rows)
            return piece.T if self._by_column else piece, weights[rows]

        for block in self._blocks.add(source.rows, read):
            self._add(*block)

    def flush(self) -> None:
        """Add the rows of an incomplete block, too."""
        for block in self._blocks.rest():
            self._add(*block)

    def _add(self, piece: Floats, weight: Floats) -> None:
        """Add a block, which is overwritten; a missing value is NaN."""
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
        """Add the rows of another one."""
        self.flush()
        other.flush()
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
        """The columns whose squares leave float64: with values beyond 1e154 or below 1e-154."""
        deviation = self.deviation()
        return np.flatnonzero((self.low < self.high) & ~((deviation > 1e-140) & (deviation < 1e140)))

    def deviation(self) -> Floats:
        """Return the deviation of the rows so far, divided by the sum of their weights."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.sqrt(np.divide(self.squares, self.total, out=np.zeros(len(self.mean)), where=self.total > 0))

    def statistics(self, names: Sequence[str], again: Callable[[int], tuple[float, float]]) -> Statistics:
        """Return the statistics of the rows; `again` measures mean and deviation of an extreme column otherwise.

        Raises
        ------
        InputError
            If a column holds an infinity.
        """
        self.flush()
        empty = self.low > self.high
        refuse_infinity(names, np.isinf(self.low) & ~empty | np.isinf(self.high) & ~empty)
        mean, deviation, low, high = self.mean.copy(), self.deviation(), self.low.copy(), self.high.copy()
        for index in self.extreme.tolist():
            mean[index], deviation[index] = again(index)
        for statistic in (mean, deviation, low, high):
            statistic[empty] = np.nan
        return Statistics(mean, deviation, low, high, self.gaps.copy())


def scaled_moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Return mean and deviation of numbers whose squares overflow or underflow float64."""
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
            Text("infinity in column {names}", names=some_names(names, infinite)),
            "Replace such values with a number or a missing value",
        )


def some_names(names: Sequence[str], chosen: Any) -> str:
    return some([repr(names[index]) for index in np.flatnonzero(chosen).tolist()])


def canonical(csr: Any) -> Any:
    """Return a CSR array of real numbers with sorted indices and without duplicates.

    Raises
    ------
    InputError
        If it holds anything but real numbers and booleans.
    """
    if csr.dtype.kind not in "biuf":
        problem = "Complex data not supported" if csr.dtype.kind == "c" else f"Sparse data of type {csr.dtype}"
        raise InputError(
            Text("{problem_found}: a sparse table must contain real numbers", problem_found=problem),
            None,
            "Convert it to float64",
        )
    if not csr.has_canonical_format:
        csr = csr.copy()  # the caller's array must not change
        csr.sum_duplicates()
    return csr


def sparse_statistics(csr: Any, weights: npt.NDArray[np.float64]) -> Statistics:
    """Return the statistics of the columns of a canonical CSR array, whose zeros are not stored.

    Raises
    ------
    InputError
        If a value is infinite.
    """
    rows, width = csr.shape
    columns, data = csr.indices, csr.data.astype(np.float64)
    weight = np.repeat(weights, np.diff(csr.indptr))
    missing = np.isnan(data)
    names = [f"x{index}" for index in range(width)]
    refuse_infinity(names, in_columns(np.isinf(data), columns, names))
    gap_counts = np.bincount(columns[missing], minlength=width)
    gap_weights = np.bincount(columns[missing], weight[missing], minlength=width)
    columns, data, weight = columns[~missing], data[~missing], weight[~missing]
    stored = np.bincount(columns, minlength=width)
    stored_weight = np.bincount(columns, weight, minlength=width)
    total = weights.sum() - gap_weights
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    np.minimum.at(low, columns, data)
    np.maximum.at(high, columns, data)
    # in powers of two, which change no digit, squares of huge or tiny numbers neither overflow nor vanish
    largest = np.where(low <= high, np.maximum(np.abs(low), np.abs(high)), 1.0)
    unit = np.ldexp(1.0, np.frexp(largest)[1] - 1)
    data /= unit[columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(columns, weight * data, minlength=width) / total
        # The zeros that are not stored deviate by the mean, each by the same.
        squares = np.bincount(columns, weight * (data - mean[columns]) ** 2, minlength=width)
        deviation = np.sqrt((squares + np.maximum(total - stored_weight, 0.0) * mean**2) / total)
    mean, deviation = mean * unit, deviation * unit
    zeros = stored + gap_counts < rows
    low[zeros] = np.minimum(low[zeros], 0.0)
    high[zeros] = np.maximum(high[zeros], 0.0)
    empty = low > high
    for statistic in (mean, deviation, low, high):
        statistic[empty] = np.nan
    return Statistics(mean, deviation, low, high, gap_counts > 0)


def in_columns(cells: npt.NDArray[np.bool_], columns: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[Any]:
    """Return for each column whether it has any of these stored cells."""
    return np.bincount(columns[cells], minlength=len(names)) > 0
