"""Numbers that are names: a day, a plot, an amount with an outcome of its own.

A smooth function of such a number, or one of some bins, cannot tell its values apart. So they become levels, too: one
column of codes beside the number, for a network that learns what each value means. Whether a column is such a one shows
in the targets: rows of one value have more in common than rows of the values next to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.support.language import Text

Floats = npt.NDArray[np.float64]

FEWEST_VALUES: Final = 32
"""Fewer values than these are told apart by bins."""
MOST_VALUES: Final = 1000
"""The maximum number of values with codes: the most frequent ones."""
COMMON_ROWS, COMMON_SHARE = 16, 0.005
"""Values in more rows, and in a larger share of them, are told apart by bins, and are no evidence."""
NEIGHBORS: Final = 32
"""So many rows on either side show what the values next to one have in common."""
EVIDENCE: Final = 9.0
"""The fewest standard errors by which rows of one value must be more alike than chance makes them."""
ALIKE: Final = 0.12
"""The smallest correlation of rows of one value. With less, columns of measurements brought losses, not gains."""
SHARE: Final = 0.02
"""The smallest share of the targets' variance that values must explain."""
JUDGED: Final = 10_000
"""The rows of a longer table, drawn at random, that show whether numbers are names: of so many, a value that is one of
the `MOST_VALUES` in a column of no more has ten."""
DISORDER: Final = 0.02
"""The largest share of changes from row to row against the order in which rows came."""


@dataclass(frozen=True)
class NumberLevels:
    """The codes of a number column: 1, 2, ... for its `values`, in order, 0 for others and for gaps.

    Whole numbers are compared exactly: days such as 20240131 have more digits than float32. Others are compared in
    float32, so that a column may have either precision.

    Examples
    --------
    >>> import numpy as np
    >>> NumberLevels("day", 0, "number", (3.0, 7.5, 9.0)).codes(np.array([7.5, 3.0, 4.0, np.nan])).tolist()
    [2, 1, 0, 0]
    """

    name: str
    source: int
    kind: str
    values: tuple[float, ...]

    @property
    def outputs(self) -> list[str]:
        """Names of the output columns."""
        return [f"{self.name} (code)"]

    @property
    def codes_in_use(self) -> int:
        """Number of codes besides 0."""
        return len(self.values)

    @property
    def action(self) -> Text:
        """The encoding of the column, in words."""
        return Text("codes 1 to {codes} of single values", codes=len(self.values))

    @cached_property
    def singles(self) -> Floats:
        """The values, shape (values,)."""
        return np.array(self.values)

    def codes(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        """Return the code of each number, shape (rows,)."""
        compared = as_compared(np.asarray(numbers, np.float64))
        places = np.minimum(np.searchsorted(self.singles, compared), len(self.values) - 1)
        return np.where(self.singles[places] == compared, places + 1, 0)


def as_compared(numbers: Any) -> Any:
    """Return float64 numbers as they are compared, also in a graph: those with a fraction are rounded to float32."""
    return np.where(np.rint(numbers) == numbers, numbers, numbers.astype(np.float32).astype(np.float64))


def are_names(numbers: npt.NDArray[Any], targets: Floats) -> bool:
    """Return whether the numbers of a column are names.

    The residuals of the targets from the mean of the rows with values next to a row's own are compared within each
    value: their covariance is 0 where the targets follow from the number smoothly. A column in whose order the rows
    stand says when they came: later ones will bring other values.

    Parameters
    ----------
    numbers : array of shape (rows,)
        In the order of the rows; a gap is NaN. Of a long table :data:`JUDGED` rows.
    targets : array of shape (rows, outputs)
        For classes, a column for each.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> day = rng.integers(100, size=1000)
    >>> names, trend = rng.normal(size=100)[day], day / 100
    >>> are_names(day, names[:, None]), are_names(day, trend[:, None])
    (True, False)
    """
    numbers = as_compared(np.asarray(numbers, np.float64))
    known = np.isfinite(numbers)
    order = np.argsort(numbers[known], kind="stable")
    begin, counts = _runs(numbers[known][order])
    if not FEWEST_VALUES <= len(begin) <= len(order) / 2 or _in_order(numbers[known]):
        return False
    return _are_alike(targets[np.flatnonzero(known)[order]], begin, counts)


def values_with_codes(numbers: npt.NDArray[Any]) -> tuple[float, ...]:
    """Return the most frequent values of a column of names, in order, of those that several rows have.

    >>> values_with_codes(np.array([7, 3, 7, 5, 3]))
    (3.0, 7.0)
    """
    numbers = as_compared(np.asarray(numbers, np.float64))
    ordered = np.sort(numbers[np.isfinite(numbers)], kind="stable")
    begin, counts = _runs(ordered)
    usual = np.sort(np.argsort(-counts, kind="stable")[:MOST_VALUES])
    return tuple(ordered[begin[usual[counts[usual] > 1]]].tolist())


def _runs(ordered: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return where each value begins, and its number of rows."""
    begin = np.flatnonzero(np.diff(ordered, prepend=-np.inf) > 0)
    return begin, np.diff(begin, append=len(ordered))


def _in_order(numbers: Floats) -> bool:
    """Return whether numbers rise, or fall, from row to row, but for a few places."""
    steps = np.sign(np.diff(numbers))
    return abs(steps.sum()) >= (1 - 2 * DISORDER) * np.abs(steps).sum()


def _are_alike(targets: Floats, begin: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> bool:
    """Return whether rows of one value have more in common than with those next to it; rows are in order of values."""
    rows = len(targets)
    moved = targets - targets.mean(axis=0)
    sums = np.zeros((rows + 1, moved.shape[1]))
    np.cumsum(moved, axis=0, out=sums[1:])
    end = begin + counts
    low, high = np.maximum(begin - NEIGHBORS, 0), np.minimum(end + NEIGHBORS, rows)
    around = (high - low - counts)[:, None]
    whole = np.square(moved).sum()
    moved -= np.repeat((sums[high] - sums[end] + sums[begin] - sums[low]) / around, counts, axis=0)
    together = (np.add.reduceat(moved, begin) ** 2).sum(axis=1)
    squares = np.square(moved, out=moved)  # of the residuals
    variance = squares.sum() / rows
    alone = np.add.reduceat(squares.sum(axis=1), begin)
    some = (counts > 1) & (counts <= max(COMMON_ROWS, COMMON_SHARE * rows))
    counts, pairs = counts[some], counts[some] - 1
    # the mean of the neighbors has a variance, too, which all rows of a value share
    explained = ((together - alone)[some] / pairs - variance * counts / around[some, 0]).sum()
    chance = variance * np.sqrt(2 * (counts / pairs).sum())
    least = max(EVIDENCE * chance, ALIKE * variance * counts.sum(), SHARE * whole)
    return bool(explained > least)
