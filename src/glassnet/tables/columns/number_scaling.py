"""Scaling of number columns: standard or robust, with missing values filled and marked.

Numbers, booleans and durations are one block of columns, since scaling 784 columns one by one in Python would take
longer than training on them. A few outliers can change mean and deviation at will, but not median and quartiles; the
smooth clip bounds what lies far outside, without making two different numbers equal.

Source of robust scaling and smooth clip: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned
MLPs and Boosted Trees on Tabular Data*, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.engines.data import all_finite
from glassnet.errors import InputError
from glassnet.support.language import Text, joined, minus
from glassnet.tables.columns.dates import GAPS_MARKED, NEVER_VARIES
from glassnet.tables.columns.number_statistics import NumberSource, canonical, in_columns, refuse_infinity, some_names

Floats = npt.NDArray[np.float64]
CLIP = 3.0
"""The bound of the smooth clip."""
POINTS: Final = 8192
"""Points that stand for the values of a column."""
CELLS: Final = 1 << 21
"""Values of all columns that are kept as they are."""
FEWEST_ROWS, MOST_ROWS = 1 << 13, 1 << 20
"""Rows that are kept as they are, at least and at most."""


def weighted_quantiles(values: Floats, weights: Floats, shares: npt.ArrayLike) -> Floats:
    """Return weighted quantiles of numbers; between two values, the mean of both.

    The value up to which a share of the weight has come; where it comes out exactly between two values, the middle of
    both, as for the median of an even number of rows. So a row of weight 2 is the same as the row twice.

    Parameters
    ----------
    values : ndarray of shape (rows,)
        At least one; without NaN.
    weights : ndarray of shape (rows,)
        Positive.
    shares : array-like
        In [0, 1].

    Examples
    --------
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0, 10.0]), np.ones(4), [0.25, 0.5, 0.75])
    array([1.5, 2.5, 6.5])
    >>> weighted_quantiles(np.array([1.0, 2.0]), np.array([1.0, 3.0]), [0.5])
    array([2.])
    """
    order = np.argsort(values, kind="stable")
    ordered, reached = values[order], np.cumsum(weights[order])
    targets = np.asarray(shares) * reached[-1]
    slack = 1e-12 * reached[-1]  # sums of weights are equal that differ by rounding
    last = len(values) - 1
    low = np.minimum(np.searchsorted(reached, targets - slack), last)
    high = np.minimum(np.searchsorted(reached, targets + slack), last)
    with np.errstate(over="ignore"):
        middle: Floats = ordered[low] + (ordered[high] - ordered[low]) / 2
    # from one end of float64 to the other it is too far
    return np.where(np.isfinite(middle), middle, ordered[low] / 2 + ordered[high] / 2)


def median_and_distance(values: Floats, weights: Floats) -> tuple[float, float]:
    """Return the median and the distance of the quartiles of one number column.

    If the quartiles are equal, most rows have one value, the median. Then the other values decide: the farther one of
    their quartiles is scaled to 2, so that they can be distinguished, whatever a few extremes are. The source takes the
    extremes instead, by which the other values of a column that is mostly 0 can hardly be distinguished from 0.

    Parameters
    ----------
    values : ndarray of shape (rows,)
        Which vary; without NaN.
    weights : ndarray of shape (rows,)
        Positive.

    Examples
    --------
    >>> median_and_distance(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4))
    (2.5, 2.0)
    """
    low, median, high = weighted_quantiles(values, weights, [0.25, 0.5, 0.75])
    with np.errstate(over="ignore"):
        distance = high - low
    if not distance > 0 or not np.isfinite(distance):
        others = values != median
        ends = weighted_quantiles(values[others], weights[others], [0.25, 0.75])
        distance = np.abs(ends / 2 - median / 2).max()
    return float(median), float(distance)


def smooth_clip(x: Any, limit: float) -> Any:
    r""":math:`x / \sqrt{1 + (x / c)^2}`: nearly x where that is small, never beyond ±c.

    >>> smooth_clip(np.array([0.3, 3.0, 1e9]), 3.0).round(3)
    array([0.299, 2.121, 3.   ])
    """
    return x / np.hypot(1.0, x / limit)


def smooth_clip_inverse(y: Any, limit: float) -> Any:
    r"""Return the x of a y: :math:`y / \sqrt{1 - (y / c)^2}`; y within rounding of the limit gives a very large x.

    >>> smooth_clip_inverse(smooth_clip(np.array([-2.0, 50.0]), 3.0), 3.0).round(6)
    array([-2., 50.])
    """
    return y / np.sqrt(np.maximum(1.0 - (y / limit) ** 2, np.finfo(np.float64).eps))


def refuse_overflow(names: Sequence[str], infinite: Any, dtype: Any) -> None:
    """Refuse columns whose finite numbers are infinite once they are scaled as in training."""
    if infinite.any():
        raise InputError(
            Text("Numbers, scaled as in training, must fit into {dtype}", dtype=dtype),
            Text("a number many orders of magnitude beyond those in column {names}", names=some_names(names, infinite)),
            "Check its unit, or replace such values with a number or a missing value",
        )


def offset_within(centre: Floats, low: Floats, high: Floats) -> Floats:
    """Return the centre of each column, or 0 if float64 cannot hold the distance from it to an extreme.

    Examples
    --------
    >>> offset_within(np.array([2.0, 1e307]), np.array([0.0, -1.7e308]), np.array([4.0, 1.7e308])).tolist()
    [2.0, 0.0]
    """
    with np.errstate(over="ignore"):
        return np.where(np.isfinite(high - centre) & np.isfinite(low - centre), centre, 0.0)


class Summary(NamedTuple):
    """Points that stand for equal shares of the weight of each column; gaps have no weight.

    `points` has shape (columns, points) and is ascending; `weight` is the weight of each point, of shape (columns,), 0
    for a column without values.
    """

    points: Floats
    weight: Floats


class ColumnQuantiles:
    """Quantiles of many columns in one pass and in bounded memory; how the rows are cut changes no bit.

    Rows are kept as they are until there are too many. Then each column of them is summarized by :data:`POINTS` points,
    and two summaries of equally many rows are merged, as digits are carried in a sum. Nothing is random: the place of a
    point within its share alternates, so that the errors of one merge cancel those of the next.

    With n rows, m of which are kept as they are, the rank of a quantile is wrong by less than (1 + log2(n / m)) /
    `POINTS` of the rows: by 0.14 % for 50 million rows of 50 columns. Up to m rows it is exact. (For a million rows of
    50 columns the error is 0.01 %; that of a random sample of as many cells is 0.7 %.)

    Source: Munro, Paterson (1980), *Selection and Sorting with Limited Storage*, section 4; Manku, Rajagopalan, Lindsay
    (1998), *Approximate Medians and Other Quantiles in One Pass and with Limited Memory*, for the alternation.

    Parameters
    ----------
    columns : int

    Examples
    --------
    >>> quantiles = ColumnQuantiles(1)
    >>> quantiles.add(np.array([[3.0], [1.0], [np.nan]]), np.ones(3))
    >>> quantiles.values(0)
    (array([3., 1.]), array([1., 1.]))
    """

    def __init__(self, columns: int) -> None:
        self.points = max(1, min(POINTS, CELLS // 4 // max(1, columns)))
        self.most = min(MOST_ROWS, max(FEWEST_ROWS, CELLS // max(1, columns)))
        self.rows: list[tuple[Floats, Floats]] = []
        self.count = 0
        self.levels: list[Summary | None] = []
        self.merged = 0

    def add(self, values: Floats, weights: Floats) -> None:
        """Add rows of shape (rows, columns); a gap is NaN. They are kept, and must not change."""
        while self.count + len(values) > self.most:
            fitting = self.most - self.count
            rows = [*self.rows, (values[:fitting], weights[:fitting])]
            values, weights, self.rows, self.count = values[fitting:], weights[fitting:], [], 0
            cells, counted = (np.concatenate(arrays) for arrays in zip(*rows, strict=True))
            self._carry(self._summary([(column, counted) for column in cells.T], 0.5))
        if len(values):
            self.rows.append((values, weights))
            self.count += len(values)

    def merge(self, other: ColumnQuantiles) -> None:
        """Add the rows of another one, which come after."""
        for level, summary in enumerate(other.levels):
            if summary is not None:
                self._carry(summary, level)
        for values, weights in other.rows:
            self.add(values, weights)

    def values(self, column: int) -> tuple[Floats, Floats]:
        """Return the values of a column, or the points that stand for them, and the weight of each; without gaps."""
        found = [(rows[:, column], weights) for rows, weights in self.rows]
        found += [self._weighted(one, column) for one in self.levels if one is not None]
        values, weights = (np.concatenate([np.zeros(0), *arrays]) for arrays in zip(*found, strict=True))
        present = ~np.isnan(values)
        return values[present], weights[present]

    def _weighted(self, summary: Summary, column: int) -> tuple[Floats, Floats]:
        return summary.points[column], np.full(self.points, summary.weight[column])

    def _carry(self, summary: Summary, level: int = 0) -> None:
        """Add a summary of 2^level times as many rows as are kept."""
        self.levels += [None] * (level + 1 - len(self.levels))
        there = self.levels[level]
        if there is None:
            self.levels[level] = summary
            return
        self.levels[level], self.merged = None, self.merged + 1
        pairs = ([self._weighted(one, column) for one in (there, summary)] for column in range(len(summary.weight)))
        both = [[np.concatenate(arrays) for arrays in zip(*pair, strict=True)] for pair in pairs]
        self._carry(self._summary(both, 0.25 if self.merged % 2 else 0.75), level + 1)

    def _summary(self, columns: Sequence[Sequence[Floats]], within: float) -> Summary:
        """Summarize the values and weights of columns; a point is at this place within its share."""
        points, share = np.full((len(columns), self.points), np.nan), np.zeros(len(columns))
        for column, (values, weights) in enumerate(columns):
            present = ~np.isnan(values)
            ordered, weight = values[present], weights[present]
            if not len(ordered):
                continue
            if (weight == weight[0]).all():
                ordered, reached = np.sort(ordered), np.arange(1, len(ordered) + 1) * weight[0]
            else:
                order = np.argsort(ordered, kind="stable")
                ordered, reached = ordered[order], np.cumsum(weight[order])
            share[column] = reached[-1] / self.points
            places = np.searchsorted(reached, (np.arange(self.points) + within) * share[column])
            points[column] = ordered[np.minimum(places, len(ordered) - 1)]
        return Summary(points, share)


@dataclass(frozen=True)
class NumberBlock:
    """The encoding of the number columns: (value - offset) / scale; a missing value becomes the mean.

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
        The subtracted value: the mean (or median), or 0 where the table is sparse or not scaled, or a column reaches
        from one end of float64 to the other.
    scale : ndarray of shape (values,)
        The divisor: the standard deviation (or distance of the quartiles) of the training rows, or 1.
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
        """The encoding of a missing value; shape (values,)."""
        fill = (self.mean - self.offset) / self.scale
        return smooth_clip(fill, self.limit) if self.limit else fill

    def scaled(self, values: Floats) -> Floats:
        """Scale numbers of shape (rows, values) in place; a missing value stays NaN."""
        values -= self.offset
        values /= self.scale
        return smooth_clip(values, self.limit) if self.limit else values

    def action(self, index: int) -> Text:
        """Return the encoding of one of `sources`, in words."""
        if index >= self.values:
            return joined([NEVER_VARIES, GAPS_MARKED])
        offset, scale, mean = (minus(f"{array[index]:.6g}") for array in (self.offset, self.scale, self.mean))
        steps = [Text("minus {offset}", offset=offset)] if self.offset[index] else []
        steps += [Text("divided by {scale}", scale=scale)] if self.offset[index] or self.scale[index] != 1 else []
        steps += [Text("softly kept within {limit}", limit=f"±{self.limit:g}")] if self.limit else []
        steps += [Text("gaps marked and filled with {mean}", mean=mean)] if index in self.marked else []
        return joined(steps) if steps else Text("as it is")

    def decode(self, encoded: Floats) -> list[Floats]:
        """Return the numbers of each of the columns that give a value, in their units; a marked gap is NaN."""
        scaled = encoded[:, : self.values]
        numbers = (smooth_clip_inverse(scaled, self.limit) if self.limit else scaled) * self.scale + self.offset
        for mark, index in enumerate(self.marked.tolist(), start=self.values):
            if index < self.values:
                numbers[encoded[:, mark] > 0.5, index] = np.nan
        return list(numbers.T)

    def write(self, source: NumberSource, out: npt.NDArray[Any]) -> None:
        """Write the encoding of the columns `sources` of a table to `out`, of shape (rows, width).

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


def encode_sparse(block: NumberBlock, names: Sequence[str], csr: Any, dtype: np.dtype[Any]) -> Any:
    """Encode sparse rows as CSR of shape (rows, outputs) with sorted indices; `names` are those of `block.sources`.

    Raises
    ------
    InputError
        If a value is infinite or complex, or infinite after scaling.
    """
    from scipy import sparse

    csr = canonical(csr)[:, block.sources]
    csr.sort_indices()
    data = csr.data.astype(np.float64)
    columns = csr.indices
    missing = np.isnan(data)
    refuse_infinity(names, in_columns(np.isinf(data), columns, names))
    valued = columns < block.values
    with np.errstate(over="ignore"):
        data[valued] /= block.scale[columns[valued]]
        filled = valued & missing
        data[filled] = block.fill[columns[filled]]
        scaled = data.astype(dtype)
    refuse_overflow(names, in_columns(np.isinf(scaled), columns, names), scaled.dtype)
    values = type(csr)((scaled, columns, csr.indptr), shape=csr.shape)[:, : block.values]
    if len(block.marked):
        gaps = type(csr)((missing.astype(dtype), columns, csr.indptr), shape=csr.shape)[:, block.marked]
        gaps.eliminate_zeros()
        values = sparse.hstack([values, gaps], format="csr")
    values.sort_indices()
    return values
