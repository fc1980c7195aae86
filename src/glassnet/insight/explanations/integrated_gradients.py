r"""Integrated gradients: what each coordinate adds on the straight way from a baseline to a row.

.. math::
    c_i = (x_i - x'_i) \int_0^1 \frac{\partial f}{\partial x_i}\bigl(x' + \alpha (x - x')\bigr)\,d\alpha

The contributions of a row sum to f(x) - f(x'), whatever f is: completeness. A coordinate that f ignores gets 0.

Where f first makes several numbers e of each coordinate, by broken lines, the derivative jumps at every edge that the
way crosses. Behind e it does not. So the integral is taken there, as one of Stieltjes's:

.. math::
    c_i = \int \Bigl\langle \frac{\partial f}{\partial e_i},\, d e_i(\alpha) \Bigr\rangle

by the trapezoidal rule: what a piece of the way adds is the mean gradient of its two ends times how far e comes. How
complete that is can be seen on every piece, where the contributions must sum to the difference of f at its two ends. So
the way is halved just where something is lacking: at kinks, and where f bends much.

Source: Sundararajan, Taly, Yan (2017), *Axiomatic Attribution for Deep Networks*, equation 1. Variant: the integral is
taken behind broken lines, and by as many points as it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.layers.base import Array

PIECES = 32
"""Into how many pieces a way is divided at first."""
HALVINGS = 16
"""How often a piece is halved at most."""
BLOCK = 2_000_000
"""Numbers of points that are held at a time, before anything is halved."""

Slopes = Callable[[list[Array], Array], tuple[Array, list[Array]]]
"""From points (several arrays, each with a row for each) and the numbers of their rows to values and gradients."""
Curve = Callable[[Array], Array]
"""From coordinates to what is made of them."""


@dataclass(frozen=True)
class Contributions:
    """The contribution of each coordinate."""

    parts: list[Array]
    base: Array  # f at the baseline, for each row
    value: Array

    @property
    def gap(self) -> Array:
        """The difference between the sum of contributions and value - base, for each row."""
        return self.value - self.base - sum(part.sum(axis=1) for part in self.parts)


def integrated_gradients(
    slopes: Slopes, start: list[Array], end: list[Array], curves: Sequence[Curve], tolerance: Array
) -> Contributions:
    """Integrate the gradient from a baseline (arrays with one row) to each row, up to a gap without regard to sign.

    Each array goes to `slopes` as its curve makes it of the points, and the contributions are those of what it makes.

    Examples
    --------
    >>> def square(points, rows):
    ...     return (points[0] ** 2).sum(axis=1), [2 * points[0]]
    >>> start, end = [np.zeros((1, 2))], [np.array([[3.0, -1.0]])]
    >>> found = integrated_gradients(square, start, end, [lambda point: point], np.array([1e-6]))
    >>> found.parts[0].round(6), found.value
    (array([[9., 1.]]), array([10.]))
    """
    count, widths = len(end[0]), [curve(point).shape[1] for curve, point in zip(curves, start, strict=True)]
    found = Contributions([np.zeros((count, width)) for width in widths], np.empty(count), np.empty(count))
    at_once = max(1, BLOCK // (PIECES * sum(widths)))
    for first in range(0, count, at_once):
        some = slice(first, first + at_once)
        walk = _Walk(slopes, start, [part[some] for part in end], curves, np.arange(count)[some])
        walk.refine(tolerance[some])
        for part, contributions in zip(found.parts, walk.contributions(), strict=True):
            part[some] = contributions
        found.base[some], found.value[some] = walk.values[walk.places == 0], walk.values[walk.places == 1]
    return found


class _Walk:
    """Points on the ways to some rows, one way after the other: whose each is, where (0 to 1), f and its gradient."""

    def __init__(
        self, slopes: Slopes, start: list[Array], end: list[Array], curves: Sequence[Curve], rows: Array
    ) -> None:
        self.slopes, self.start, self.curves, self.rows = slopes, start, curves, rows
        self.way = [part - point for part, point in zip(end, start, strict=True)]
        self.owner = np.repeat(np.arange(len(rows)), PIECES + 1)
        self.places = np.tile(np.linspace(0, 1, PIECES + 1), len(rows))
        self.values, self.points, self.gradients = self._visit(self.owner, self.places)

    def refine(self, tolerance: Array) -> None:
        """Halve pieces until what those of each way lack is small enough.

        What they lack has either sign, so the root of the sum of squares counts, beside the sum itself.
        """
        for _ in range(HALVINGS):
            owner, gap = self.owner[1:], self._gaps()
            root = np.sqrt(np.bincount(owner, gap**2))
            lacking = np.maximum(root, np.abs(np.bincount(owner, gap))) > tolerance
            fair = np.minimum(tolerance, root) / np.sqrt(np.bincount(owner, self._within)) / 2
            split = np.flatnonzero(lacking[owner] & (np.abs(gap) > fair[owner]))
            if not len(split):
                break
            self._halve(split)

    def contributions(self) -> list[Array]:
        """What all pieces of a way add, for each row."""
        totals = []
        for points, gradients in zip(self.points, self.gradients, strict=True):
            parts = np.diff(points, axis=0) * _means(gradients)
            parts[~self._within] = 0
            totals.append(np.add.reduceat(parts, np.flatnonzero(self.places == 0), axis=0, dtype=np.float64))
        return totals

    @property
    def _within(self) -> Array:
        """Whether from a point to the next is a piece of a way, and not a leap to the next way."""
        return np.diff(self.owner) == 0

    def _gaps(self) -> Array:
        """What each piece lacks; a leap lacks nothing."""
        gaps = np.diff(self.values)
        for points, gradients in zip(self.points, self.gradients, strict=True):
            gaps -= np.einsum("pc,pc->p", np.diff(points, axis=0), _means(gradients))
        return np.where(self._within, gaps, 0.0)

    def _halve(self, split: Array) -> None:
        """Visit the middles of some pieces, which are known by the points where they begin."""
        owner, places = self.owner[split], (self.places[split] + self.places[split + 1]) / 2
        values, points, gradients = self._visit(owner, places)
        self.owner = np.insert(self.owner, split + 1, owner)
        self.places = np.insert(self.places, split + 1, places)
        self.values = np.insert(self.values, split + 1, values)
        for kept, visited in zip((self.points, self.gradients), (points, gradients), strict=True):
            kept[:] = [np.insert(old, split + 1, new, axis=0) for old, new in zip(kept, visited, strict=True)]

    def _visit(self, owner: Array, places: Array) -> tuple[Array, list[Array], list[Array]]:
        """The value at some places, the points as `slopes` takes them, and the gradients there."""
        points = [
            curve(point + places[:, None].astype(way.dtype) * way[owner])
            for curve, point, way in zip(self.curves, self.start, self.way, strict=True)
        ]
        values, gradients = self.slopes(points, self.rows[owner])
        return values, points, gradients


def _means(gradients: Array) -> Array:
    """The mean gradient of the two ends of each piece."""
    means: Array = (gradients[1:] + gradients[:-1]) / 2
    return means
