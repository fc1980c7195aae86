r"""Integrated gradients: what each coordinate adds on the straight way from a baseline to a row.

.. math::
    c_i = (x_i - x'_i) \int_0^1 \frac{\partial f}{\partial x_i}\bigl(x' + \alpha (x - x')\bigr)\,d\alpha

The contributions of a row sum to f(x) - f(x'), whatever f is: completeness. A coordinate that f ignores gets 0.

How complete the sum is can be seen on every piece of the way, where the contributions must sum to the difference of f
at its two ends. So the way is halved just where something is lacking: at kinks, and where f is steep.

Source: Sundararajan, Taly, Yan (2017), *Axiomatic Attribution for Deep Networks*, equation 1. Variant: the integral is
taken by Gauss and Legendre's rule, and piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.layers.base import Array

NODES = 8
"""Points in each piece of the way."""
PIECES = 4
"""Into how many pieces the way is divided at first."""
HALVINGS = 16
"""How often a piece is halved at most."""
BLOCK = 2_000_000
"""Numbers that are held at a time."""

Slopes = Callable[[list[Array], Array], tuple[Array, list[Array]]]
"""From points (several arrays, each with a row for each) and the numbers of their rows to values and gradients."""


@dataclass(frozen=True)
class Contributions:
    """What each coordinate adds."""

    parts: list[Array]
    base: Array  # f at the baseline, for each row
    value: Array

    @property
    def gap(self) -> Array:
        """What the contributions of each row lack to value - base."""
        return self.value - self.base - sum(part.sum(axis=1) for part in self.parts)


def integrated_gradients(slopes: Slopes, start: list[Array], end: list[Array], tolerance: Array) -> Contributions:
    """Integrate the gradient from a baseline (arrays with one row) to each row, up to a gap without regard to sign.

    Examples
    --------
    >>> def square(points, rows):
    ...     return (points[0] ** 2).sum(axis=1), [2 * points[0]]
    >>> found = integrated_gradients(square, [np.zeros((1, 2))], [np.array([[3.0, -1.0]])], np.array([1e-6]))
    >>> found.parts[0].round(6), found.value
    (array([[9., 1.]]), array([10.]))
    """
    count, wide = len(end[0]), sum(part.shape[1] for part in end)
    found = Contributions([np.zeros(part.shape) for part in end], np.empty(count), np.empty(count))
    at_once = max(1, BLOCK // (NODES * PIECES * wide))
    for first in range(0, count, at_once):
        rows = np.arange(first, min(first + at_once, count))
        walk = _Walk(slopes, start, [part[rows] for part in end], rows)
        walk.refine(tolerance[rows])
        for part, contributions in zip(found.parts, walk.contributions(), strict=True):
            part[rows] = contributions
        found.base[rows], found.value[rows] = walk.ends
    return found


class _Walk:
    """The ways to some rows, in pieces: whose each is, where it begins and ends (0 to 1), f there, and what it adds."""

    def __init__(self, slopes: Slopes, start: list[Array], end: list[Array], rows: Array) -> None:
        self.slopes, self.start, self.rows = slopes, start, rows
        self.way = [part - point for part, point in zip(end, start, strict=True)]
        places = np.linspace(0, 1, PIECES + 1)
        everyone = np.arange(len(rows))
        values = np.stack([self._values(everyone, np.full(len(rows), place)) for place in places])
        self.ends = values[0], values[-1]
        self.owner = np.tile(everyone, PIECES)
        self.low, self.high = np.repeat(places[:-1], len(rows)), np.repeat(places[1:], len(rows))
        self.value_low, self.value_high = values[:-1].ravel(), values[1:].ravel()
        self.parts = self._integrals(self.owner, self.low, self.high)

    def refine(self, tolerance: Array) -> None:
        """Halve pieces until what those of each way lack is small enough."""
        for _ in range(HALVINGS):
            gap = np.abs(self.value_high - self.value_low - sum(part.sum(axis=1) for part in self.parts))
            lacking = np.bincount(self.owner, gap, len(self.rows)) > tolerance
            fair = tolerance / np.bincount(self.owner, minlength=len(self.rows)) / 2
            split = lacking[self.owner] & (gap > fair[self.owner])
            if not split.any():
                break
            self._halve(split)

    def _halve(self, split: Array) -> None:
        owner, low, high = self.owner[split], self.low[split], self.high[split]
        middle = (low + high) / 2
        value = self._values(owner, middle)
        halves = self._integrals(np.tile(owner, 2), np.append(low, middle), np.append(middle, high))
        self.parts = [np.concatenate([part[~split], half]) for part, half in zip(self.parts, halves, strict=True)]
        self.low = np.concatenate([self.low[~split], low, middle])
        self.high = np.concatenate([self.high[~split], middle, high])
        self.value_high = np.concatenate([self.value_high[~split], value, self.value_high[split]])
        self.value_low = np.concatenate([self.value_low[~split], self.value_low[split], value])
        self.owner = np.concatenate([self.owner[~split], owner, owner])

    def contributions(self) -> list[Array]:
        """What all pieces of a way add, for each row."""
        totals = [np.zeros(part.shape) for part in self.way]
        for total, part in zip(totals, self.parts, strict=True):
            np.add.at(total, self.owner, part)
        return totals

    def _values(self, owner: Array, places: Array) -> Array:
        return self.slopes(self._points(owner, places), self.rows[owner])[0]

    def _integrals(self, owner: Array, low: Array, high: Array) -> list[Array]:
        """What each of some pieces adds."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        found = [np.empty((len(owner), part.shape[1])) for part in self.way]
        at_once = max(1, BLOCK // (NODES * sum(part.shape[1] for part in self.way)))
        for first in range(0, len(owner), at_once):
            some = slice(first, first + at_once)
            middle, half = (low[some] + high[some]) / 2, (high[some] - low[some]) / 2
            places = (middle[:, None] + half[:, None] * nodes).ravel()
            owners = np.repeat(owner[some], NODES)
            _, gradients = self.slopes(self._points(owners, places), self.rows[owners])
            for part, way, gradient in zip(found, self.way, gradients, strict=True):
                means = np.einsum("pnc,n->pc", gradient.reshape(len(middle), NODES, -1), weights)
                part[some] = means * half[:, None] * way[owner[some]]
        return found

    def _points(self, owner: Array, places: Array) -> list[Array]:
        return [
            point + places[:, None].astype(way.dtype) * way[owner]
            for point, way in zip(self.start, self.way, strict=True)
        ]
