"""From numbers to places along one side of a chart, with round numbers to be written there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glassnet.display.chart import Array, Axis

HUGE, LARGEST = 1e308, float(np.finfo(np.float64).max)

MANY = 5
"""About so many numbers are written along a side."""


@dataclass(frozen=True)
class AxisScale:
    """The mapping of numbers to positions; `start` and `stop` are the ends of the axis."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False
    marks: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, axis: Axis, values: Array, start: float, stop: float, *, tight: bool = False) -> AxisScale:
        """Return a scale that all these values fit on; `tight`: which ends where they do, not at round numbers."""
        if axis.limits is not None:
            values = np.array(axis.limits, np.float64)
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        if axis.logarithmic(values) and low > 0:
            first, last = math.log10(low), math.log10(high)
            last = last if last > first else first + 1
            step = max(1, math.ceil((last - first) / MANY))
            marks = [10.0**power for power in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1, step)]
            return cls(first, last, start, stop, True, marks)
        if low == high and axis.whole:
            high = low + 1
        elif low == high:
            low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
            low, high = max(low, -LARGEST), min(high, LARGEST)
        marks = ticks(low, high, whole=axis.whole)
        if tight or axis.limits is not None:
            return cls(low, high, start, stop, False, marks)
        return cls(min(low, marks[0]), max(high, marks[-1]), start, stop, False, marks)

    def place(self, values: npt.ArrayLike) -> Array:
        """Map numbers to positions."""
        numbers = np.asarray(values, np.float64)
        at = np.log10(numbers) if self.logarithmic else numbers
        unit = 4 if far_apart(self.low, self.high) else 1
        share = (at / unit - self.low / unit) / (self.high / unit - self.low / unit)
        return self.start + share * (self.stop - self.start)


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Round numbers within a range, about so many.

    Examples
    --------
    >>> ticks(0.1, 0.9), ticks(1, 7, whole=True)
    ([0.2, 0.4, 0.6, 0.8], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    """
    rough = high / MANY - low / MANY if far_apart(low, high) else (high - low) / MANY
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.8)
    if whole:
        step = max(1.0, step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(place * step, digits) for place in range(first, last + 1)] or [low, high]


def far_apart(low: float, high: float) -> bool:
    """Return whether float64 does not hold how far two finite numbers are apart; that of their quarters it holds."""
    return not math.isfinite(float(high) - float(low))


def unit(numbers: Array) -> float:
    """Return the unit of these numbers in a picture: 1, or 1e308 where a margin around them would exceed float64.

    Examples
    --------
    >>> unit(np.array([0.0, 1e300])), unit(np.array([-1e308, 1e308]))
    (1.0, 1e+308)
    """
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    return 1.0 if math.isfinite(2 * high - 2 * low) else HUGE


def spaced(low: float, high: float, count: int) -> npt.NDArray[np.float64]:
    """So many numbers, evenly spaced from one to the other.

    Examples
    --------
    >>> spaced(0, 1, 3).tolist(), spaced(-1.5e308, 1.5e308, 3).tolist()
    ([0.0, 0.5, 1.0], [-1.5e+308, 0.0, 1.5e+308])
    """
    return 4 * np.linspace(low / 4, high / 4, count) if far_apart(low, high) else np.linspace(low, high, count)


def around(low: float, high: float, margin: float) -> tuple[float, float]:
    """Return a range with a margin on both sides, a share of its width (1.0 if it has none), within float64.

    Examples
    --------
    >>> around(0, 10, 0.1), around(3, 3, 0.1)
    ((-1.0, 11.0), (2.0, 4.0))
    """
    low, high = float(low), float(high)  # Python's floats become infinite without a warning
    wide = (margin * high - margin * low if far_apart(low, high) else (high - low) * margin) or 1.0
    return max(low - wide, -LARGEST), min(high + wide, LARGEST)
