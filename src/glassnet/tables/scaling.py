"""Robust scaling: numbers centred on their median and divided by the distance of their quartiles.

A mean and a deviation are whatever a few outliers make of them; median and quartiles are not.

Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular
Data*, section 3, "robust scale".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["median_and_distance", "weighted_quantiles"]

Floats = npt.NDArray[np.float64]


def weighted_quantiles(values: Floats, weights: Floats, shares: npt.ArrayLike) -> Floats:
    """Quantiles of numbers, each counting as often as its weight says; a number between two is their mean.

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
    wanted = np.asarray(shares) * reached[-1]
    slack = 1e-12 * reached[-1]  # sums of weights are equal that differ by rounding
    last = len(values) - 1
    low = np.minimum(np.searchsorted(reached, wanted - slack), last)
    high = np.minimum(np.searchsorted(reached, wanted + slack), last)
    with np.errstate(over="ignore"):
        middle: Floats = ordered[low] + (ordered[high] - ordered[low]) / 2
    # from one end of float64 to the other it is too far
    return np.where(np.isfinite(middle), middle, ordered[low] / 2 + ordered[high] / 2)


def median_and_distance(values: Floats, weights: Floats) -> tuple[float, float]:
    """Median and distance of the quartiles of one number column.

    Where the quartiles are equal most rows have one value, the median. Then the others decide: the farther one of their
    quartiles comes out at 2, so that they can be told apart whatever a few extremes are. The source takes the extremes
    instead, among which the others of a column that is mostly 0 are hard to tell from 0.

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
