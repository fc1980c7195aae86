"""Slopes by trying out: central differences of several steps, brought together, and the kinks that they cannot cross.

A central difference errs by the square of its step, and by rounding divided by it: a large step is not yet the slope,
a small one counts the last digits only. Richardson's extrapolation takes the error of the larger steps out, so that
none has to be small. Nothing here knows a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.layers.base import Array

Moved = Callable[[Array, Array], Array]
"""What a function gives when it is asked to move these numbers so far, each by itself: a value for each."""

STEPS = (4e-3, 1e-3, 2.5e-4, 6.25e-5)
"""Each a quarter of the one before. A number larger than 1 is moved in proportion."""

CLOSE = (6.25e-5, 6.25e-6, 6.25e-7, 6.25e-8)
"""For a closer look, where slope and gradient disagree: is there a kink on the way, or right here?"""

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""What the difference of two values loses, as a share of the values."""

SMALL = 0.01
"""A number smaller than this share of the largest of its group is compared with that share."""

UNSURE = 1e-3
"""Slopes that differ from step to step excuse an error of so much at most."""


@dataclass(frozen=True)
class Compared:
    """A gradient beside the slopes, number by number."""

    slope: Array  # of the steps that agree best, or of smaller ones where those cross a kink
    error: Array  # the gradient's distance from it as a share of the larger of both; 0 at a kink
    kink: Array  # where the slopes to the left and to the right differ, so that there is no derivative
    wrong: Array  # where there is one, and the gradient is another


def slopes(moved: Moved, at: Array) -> tuple[Array, Array]:
    """The slope at each number, and how far the estimates of it are apart.

    Notes
    -----
    Source: Ridders (1982), *Accurate computation of F'(x) and F'(x) F''(x)*: the entry of Neville's table with the
    smallest difference from its neighbours is taken, since with too small a step rounding makes them differ again.

    Examples
    --------
    >>> at = np.array([0.0, 1.0])
    >>> slope, _ = slopes(lambda which, far: np.exp(at[which] + far), at)
    >>> bool(np.abs(slope - np.exp(at)).max() < 1e-11)
    True
    """
    every = np.arange(at.size)
    best, apart = np.full(at.shape, np.nan), np.full(at.shape, np.inf)
    former: list[Array] = []
    for step in STEPS:
        far = step * _size(at)
        row = [(moved(every, far) - moved(every, -far)) / (2 * far)]
        for order, above in enumerate(former, 1):
            weight = 16.0**order  # the step is a quarter, and the errors are of even orders
            row.append((weight * row[-1] - above) / (weight - 1))
            distance = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - above))
            better = distance < apart
            best, apart = np.where(better, row[-1], best), np.where(better, distance, apart)
        former = row
    return best, apart


def compare(moved: Moved, at: Array, gradient: Array, tolerance: float) -> Compared:
    """Put a gradient beside the slopes, and look closer where they disagree."""
    slope, apart = slopes(moved, at)
    value = np.abs(moved(np.arange(at.size), np.zeros(at.shape)))
    both = np.abs([gradient, slope])
    # a number whose effect is lost in the rounding of the value cannot be told from 0
    least = np.maximum(
        SMALL * np.max(both, initial=0, where=np.isfinite(both)), ROUNDING * value / (STEPS[0] * tolerance)
    )
    scale = np.maximum(np.maximum(*both), np.maximum(least, np.finfo(np.float64).tiny))
    error, kink = np.abs(gradient - slope) / scale, np.zeros(at.shape, bool)
    for number in np.flatnonzero(~(error <= tolerance)):
        look = _closer(moved, at, int(number), float(gradient[number]), tolerance * float(scale[number]))
        if look is not None:
            slope[number], kink[number] = look
            error[number] = 0 if kink[number] else abs(gradient[number] - slope[number]) / scale[number]
    wrong = ~(error <= np.maximum(tolerance, np.minimum(10 * apart / scale, UNSURE)))
    return Compared(slope, error, kink, wrong)


def _closer(moved: Moved, at: Array, number: int, claimed: float, near: float) -> tuple[float, bool] | None:
    """A slope that agrees, of steps that cross no kink; or the mean slope at a kink right here; or None: neither."""
    which, size = np.array([number]), float(_size(at)[number])
    middle = moved(which, np.zeros(1))[0]
    jumps: list[float] = []
    for step in CLOSE:
        far = step * size
        right, left = (moved(which, np.array([way * far]))[0] for way in (1, -1))
        slope, jump = (right - left) / (2 * far), abs(right - 2 * middle + left) / far
        rounding = ROUNDING * abs(middle) / far
        if rounding <= near and abs(slope - claimed) <= near:
            return float(slope), False
        if not jumps or 20 * rounding < jumps[0]:
            jumps.append(jump)
            mean, least = slope, 10 * rounding
    # where a function is smooth, the slopes to both sides come together as the step shrinks; at a kink they do not
    if jumps[-1] > max(least, jumps[0] / 2, abs(mean - claimed) / 1000) and len(jumps) > 1:
        return float(mean), True
    return None


def _size(at: Array) -> Array:
    return np.maximum(1.0, np.abs(at))
