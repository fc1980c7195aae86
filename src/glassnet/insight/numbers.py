"""How numbers are written for people."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.support.language import minus

HUGE = 1e308
LARGEST = float(np.finfo(np.float64).max)


def beside(value: float, others: NDArray[Any]) -> str:
    """A number among others, all with as many decimals: the largest in size has three digits that mean something.

    Examples
    --------
    >>> beside(-0.0123, np.array([0.0123, -0.5])), beside(5386.2, np.array([5386.2]))
    ('−0.012', '5,386')
    """
    decimals = max(0, 2 - math.floor(math.log10(max(float(np.abs(others).max()), 1e-12))))
    return fixed(value, decimals)


def counted(rows: float) -> str:
    """A number of rows, or the sum of their weights.

    >>> counted(1200.0), counted(0.25)
    ('1,200', '0.25')
    """
    return f"{int(rows):,}" if rows == int(rows) else number(rows)


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals; what rounds to zero has no sign.

    Examples
    --------
    >>> fixed(-1234.5, 2), fixed(-0.0004, 3)
    ('−1,234.50', '0.000')
    """
    return minus(f"{value:z,.{decimals}f}")


def far_apart(low: float, high: float) -> bool:
    """Whether float64 does not hold how far two finite numbers are apart; that of their quarters it holds."""
    return not math.isfinite(float(high) - float(low))


def unit(numbers: NDArray[Any]) -> float:
    """What a picture counts these numbers in: 1, or where a margin around them would reach beyond float64, 1e308.

    Examples
    --------
    >>> unit(np.array([0.0, 1e300])), unit(np.array([-1e308, 1e308]))
    (1.0, 1e+308)
    """
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    return 1.0 if math.isfinite(2 * high - 2 * low) else HUGE


def counted_in(name: str, unit: float) -> str:
    """What stands beside an axis.

    Examples
    --------
    >>> counted_in("mass", 1.0), counted_in("mass", 1e308)
    ('mass', 'mass (1e308)')
    """
    counted = f"{unit:g}".replace("+", "")
    return name if unit == 1 else f"{name} ({counted})".strip()


def spaced(low: float, high: float, count: int) -> NDArray[np.float64]:
    """So many numbers, evenly spaced from one to the other.

    Examples
    --------
    >>> spaced(0, 1, 3).tolist(), spaced(-1.5e308, 1.5e308, 3).tolist()
    ([0.0, 0.5, 1.0], [-1.5e+308, 0.0, 1.5e+308])
    """
    return 4 * np.linspace(low / 4, high / 4, count) if far_apart(low, high) else np.linspace(low, high, count)


def around(low: float, high: float, margin: float) -> tuple[float, float]:
    """A range with a margin on both sides, a share of its width (1.0 if it has none), within float64.

    Examples
    --------
    >>> around(0, 10, 0.1), around(3, 3, 0.1)
    ((-1.0, 11.0), (2.0, 4.0))
    """
    low, high = float(low), float(high)  # Python's floats become infinite without a warning
    wide = (margin * high - margin * low if far_apart(low, high) else (high - low) * margin) or 1.0
    return max(low - wide, -LARGEST), min(high + wide, LARGEST)


def number(value: float) -> str:
    """A number in the units of a target, with four digits that mean something.

    Examples
    --------
    >>> [number(value) for value in (123456.7, 12.3456, -3, 0.000123456, float("nan"))]
    ['123,457', '12.35', '−3', '0.0001235', '-']
    """
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 1000:
        return minus(f"{value:,.0f}")
    return short(value)


def short(value: float, digits: int = 4) -> str:
    """A number with so many digits that mean something, however large or small.

    Examples
    --------
    >>> short(-1234567.8), short(0.000012)
    ('−1.235e+06', '1.2e−05')
    """
    return minus(f"{value:.{digits}g}")
