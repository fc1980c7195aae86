r"""Integrated gradients: what each coordinate adds on the straight way from a baseline to a row.

.. math::
    c_i = (x_i - x'_i) \int_0^1 \frac{\partial f}{\partial x_i}\bigl(x' + \alpha (x - x')\bigr)\,d\alpha

The contributions of a row sum to f(x) - f(x'), whatever f is: completeness. A coordinate that f ignores gets 0.

Source: Sundararajan, Taly, Yan (2017), *Axiomatic Attribution for Deep Networks*, equation 1. Variant: the integral is
taken by Gauss and Legendre's rule, in more and more pieces until the sum is as complete as asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.layers.base import Array

__all__ = ["Contributions", "integrated_gradients"]

NODES = 32
"""Points in each piece of the way."""
PIECES = (1, 4, 16, 64)
"""Into how many pieces the way is divided: in more where it is not complete enough."""
BLOCK = 2_000_000
"""Numbers that are held at a time."""

Slopes = Callable[[list[Array], Array], tuple[Array, list[Array]]]
"""From points (several arrays, each with a row for each) and the numbers of their rows to values and gradients."""


@dataclass(frozen=True)
class Contributions:
    """What each coordinate adds.

    Attributes
    ----------
    parts : list of arrays of shape (rows, coordinates)
    base, value : arrays of shape (rows,)
        f at the baseline, and at the row.
    """

    parts: list[Array]
    base: Array
    value: Array

    @property
    def gap(self) -> Array:
        """What the contributions of each row lack to value - base."""
        return self.value - self.base - sum(part.sum(axis=1) for part in self.parts)


def integrated_gradients(slopes: Slopes, start: list[Array], end: list[Array], tolerance: Array) -> Contributions:
    """Integrate the gradient from one baseline to each row.

    Parameters
    ----------
    slopes : callable
    start : list of arrays of shape (1, coordinates)
        The baseline.
    end : list of arrays of shape (rows, coordinates)
    tolerance : array of shape (rows,)
        The gap that is small enough. It may stay larger after the largest number of pieces.

    Returns
    -------
    Contributions

    Examples
    --------
    >>> def square(points, rows):
    ...     return (points[0] ** 2).sum(axis=1), [2 * points[0]]
    >>> found = integrated_gradients(square, [np.zeros((1, 2))], [np.array([[3.0, -1.0]])], np.array([1e-6]))
    >>> found.parts[0].round(6), found.value
    (array([[9., 1.]]), array([10.]))
    """
    count = len(end[0])
    everyone = np.arange(count)
    base = slopes([np.repeat(point, count, axis=0) for point in start], everyone)[0]
    value = slopes(end, everyone)[0]
    found = Contributions([np.zeros(part.shape) for part in end], base, value)
    open_rows = everyone
    for pieces in PIECES:
        if not len(open_rows):
            break
        at_once = max(1, BLOCK // (NODES * pieces * max(part.shape[1] for part in end)))
        for first in range(0, len(open_rows), at_once):
            rows = open_rows[first : first + at_once]
            way = [part[rows] - point for part, point in zip(end, start, strict=True)]
            for part, mean, whole in zip(found.parts, _mean_slopes(slopes, start, way, rows, pieces), way, strict=True):
                part[rows] = mean * whole
        open_rows = open_rows[np.abs(found.gap[open_rows]) > tolerance[open_rows]]
    return found


def _mean_slopes(slopes: Slopes, start: list[Array], way: list[Array], rows: Array, pieces: int) -> list[Array]:
    """The mean gradient on the way from the baseline to each of some rows."""
    places, weights = _nodes(pieces)
    at_once = max(1, BLOCK // (len(rows) * max(part.shape[1] for part in way)))
    totals = [np.zeros(part.shape) for part in way]
    for first in range(0, len(places), at_once):
        some, share = places[first : first + at_once], weights[first : first + at_once]
        points = [
            (point + some[:, None, None].astype(part.dtype) * part).reshape(-1, part.shape[1])
            for point, part in zip(start, way, strict=True)
        ]
        _, gradients = slopes(points, np.tile(rows, len(some)))
        for total, gradient in zip(totals, gradients, strict=True):
            total += np.tensordot(share, gradient.reshape(len(some), *total.shape), axes=1)
    return totals


def _nodes(pieces: int) -> tuple[Array, Array]:
    """Places on the way from 0 to 1, and their weights, which sum to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    within, share = (nodes + 1) / (2 * pieces), weights / (2 * pieces)
    starts = np.arange(pieces) / pieces
    return (starts[:, None] + within).ravel(), np.tile(share, pieces)
