"""How numbers are written for people."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.support.language import minus


def beside(value: float, others: NDArray[Any]) -> str:
    """Return a number with as many decimals as the largest of several has with three significant digits.

    Examples
    --------
    >>> beside(-0.0123, np.array([0.0123, -0.5])), beside(5386.2, np.array([5386.2]))
    ('−0.012', '5,386')
    """
    decimals = max(0, 2 - math.floor(math.log10(max(float(np.abs(others).max()), 1e-12))))
    return fixed(value, decimals)


def counted(rows: float) -> str:
    """Return a number of rows, or the sum of their weights.

    >>> counted(1200.0), counted(0.25)
    ('1,200', '0.25')
    """
    return f"{int(rows):,}" if rows == int(rows) else number(rows)


def fixed(value: float, decimals: int, *, grouped: bool = True) -> str:
    """Format with a number of decimals, thousands `grouped` by commas; what rounds to zero has no sign.

    Examples
    --------
    >>> fixed(-1234.5, 2), fixed(-0.0004, 3)
    ('−1,234.50', '0.000')
    """
    return minus(f"{value:z{',' if grouped else ''}.{decimals}f}")


def counted_in(name: str, unit: float) -> str:
    """Return the label of an axis, with its unit.

    Examples
    --------
    >>> counted_in("mass", 1.0), counted_in("mass", 1e308)
    ('mass', 'mass (1e308)')
    """
    counted = f"{unit:g}".replace("+", "")
    return name if unit == 1 else f"{name} ({counted})".strip()


def number(value: float) -> str:
    """Return a number in the units of a target, with four digits that mean something.

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
    """Return a number with so many digits that mean something, however large or small.

    Examples
    --------
    >>> short(-1234567.8), short(0.000012)
    ('−1.235e+06', '1.2e−05')
    """
    return minus(f"{value:.{digits}g}")


def number_text(value: float) -> str:
    """Return a number as it stands in a table; thousands are set apart from five digits on, so that years stay years.

    Examples
    --------
    >>> [number_text(value) for value in (1984.0, 15024, 0.123456, -2.5, 1234567.8)]
    ['1984', '15,024', '0.1235', '−2.5', '1,234,568']
    """
    size = abs(float(value))
    if not math.isfinite(size):
        return minus(str(value))
    if size >= 10_000:
        return minus(f"{value:,.0f}") if size < 1e15 else short(value)
    return minus(f"{value:.0f}") if size == int(size) else short(value)


def tick(value: float) -> str:
    """Return a round number in a few letters: 20k, 1.5M.

    Examples
    --------
    >>> tick(20_000), tick(-1_500_000), tick(0.25), tick(1984), tick(1e300)
    ('20k', '−1.5M', '0.25', '1984', '1e+300')
    """
    if abs(value) < 10_000:
        return number_text(value)
    if abs(value) >= 1e15:
        return short(value)
    size = next((size for size in ((1e9, "G"), (1e6, "M")) if abs(value) >= size[0]), (1e3, "k"))
    return f"{short(value / size[0])}{size[1]}"


def probability(value: float) -> str:
    """Return a probability with three digits that mean something, of it or of what it lacks to 1.

    Examples
    --------
    >>> [probability(value) for value in (0.29841372, 0.5, 0.99987654, 1.0)]
    ['0.298', '0.5', '0.999877', '1']
    """
    decimals = 2 - math.floor(math.log10(max(min(value, 1 - value), 1e-9)))
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def row_count(count: int) -> str:
    """Format a number of rows in a few letters.

    Examples
    --------
    >>> row_count(999), row_count(1234), row_count(12_345)
    ('999', '1.2k', '12k')
    """
    return f"{count}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"


def steady(value: float) -> str:
    """Format a number that is redrawn, with four decimals where they suffice, so that it keeps its width.

    Examples
    --------
    >>> steady(0.5), steady(12.345678), steady(1e-5), steady(-123456.0)
    ('0.5000', '12.3457', '1e−05', '−1.235e+05')
    """
    size = abs(value)
    return minus(f"{value:.4f}" if size == 0 or 1e-3 <= size < 1e3 else f"{value:.4g}")


def plain(value: float, digits: int = 4) -> str:
    """Format with significant digits as it can be typed or stands in a formula: with an ASCII sign, and no -0.

    Examples
    --------
    >>> plain(-0.0123456), plain(-0.0), plain(3e-4, 2)
    ('-0.01235', '0', '0.0003')
    """
    return f"{value + 0.0:.{digits}g}"


def percent(share: float, digits: int = 1) -> str:
    """Format a share with fixed decimals, as those beside it; all and nothing have no decimals.

    Examples
    --------
    >>> percent(0.1234), percent(0.96), percent(1)
    ('12.3%', '96.0%', '100%')
    """
    return f"{100 * share:.{0 if share in (0, 1) else digits}f}%"


def short_percent(share: float, digits: int = 4) -> str:
    """Format a share with significant digits, in as few letters as it takes.

    Examples
    --------
    >>> short_percent(0.9), short_percent(0.975), short_percent(0.01234, 2), short_percent(15.04, 2)
    ('90%', '97.5%', '1.2%', '1504%')
    """
    return f"{100 * share:.{max(digits, len(f'{100 * share:.0f}'))}g}%"
