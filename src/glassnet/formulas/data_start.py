r"""Weights and biases at the start that suit the rows on which the network will be trained.

Whatever the inputs are (scaled badly, correlated, mostly zeros), each unit begins with sums of variance 1, and with
a boundary that runs among the rows and not far outside.

Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular
Data*, section 3 and appendix A; the biases: Steinwart (2019), *A Sober Look at Neural Network Initializations*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["unit_variance", "within_data"]

POINTS = 5
"""Rows among which a unit's boundary is drawn."""

STEPS = 2**32
"""Shares of all weight that are drawn alike. NumPy draws one of n rows from so many steps, too; so a row of weight 2 is
drawn where the row twice would be."""

ROUNDING = 64
"""Units in the last place of a sum below which its deviation is rounding: such a unit's inputs do not vary."""


def unit_variance(z: Any, weight: Any = None) -> Any:
    """For each unit the factor that brings its sums z, shape (rows, units), to variance 1; 1 where they do not vary.

    A row of weight 2 counts as the row twice.

    >>> unit_variance(np.array([[0.0, 3.0], [4.0, 3.0]]))
    array([0.5, 1. ])
    >>> unit_variance(np.array([[0.0], [4.0], [9.0]]), np.array([3, 3, 0]))
    array([0.5])
    """
    if weight is None:
        variance, squares = np.var(z, axis=0), np.mean(z**2, axis=0)
    else:
        variance = np.average((z - np.average(z, axis=0, weights=weight)) ** 2, axis=0, weights=weight)
        squares = np.average(z**2, axis=0, weights=weight)
    varies = variance > (ROUNDING * np.finfo(z.dtype).eps) ** 2 * squares
    return np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 1.0).astype(z.dtype)


def within_data(rng: np.random.Generator, z: Any, weight: Any = None, points: int = POINTS) -> Any:
    """For each unit minus a random weighted mean of its sums in a few rows: there its z is 0 with this bias.

    The weights of that mean are Exp(1) numbers divided by their sum, which makes all weighted means of these rows
    equally likely. A row is drawn as often as its own weight says: with weight 2 as the row twice, one behind the
    other, with weight 0 never.

    >>> within_data(np.random.default_rng(0), np.full((10, 2), 3.0))
    array([-3., -3.])
    >>> within_data(np.random.default_rng(0), np.array([[3.0, 3.0], [9.0, 9.0]]), np.array([1, 0]))
    array([-3., -3.])
    """
    rows, units = z.shape
    share = rng.exponential(size=(points, units))
    if weight is None:
        row = rng.integers(rows, size=(points, units))
    else:
        reached = np.cumsum(weight, dtype=np.float64)
        row = np.searchsorted(reached, rng.integers(STEPS, size=(points, units)) / STEPS * reached[-1], side="right")
    return -(share * z[row, np.arange(units)]).sum(axis=0) / share.sum(axis=0)
