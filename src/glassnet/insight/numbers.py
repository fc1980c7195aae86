"""How numbers are written for people."""

from __future__ import annotations

import math

__all__ = ["number"]


def number(value: float) -> str:
    """A number in the units of a target, with four digits that mean something.

    Examples
    --------
    >>> [number(value) for value in (123456.7, 12.3456, -3, 0.000123456, float("nan"))]
    ['123,457', '12.35', '-3', '0.0001235', '-']
    """
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
