"""Bounds of what is predicted: a price is never below zero, a share never above one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.errors import InputError, shown
from glassnet.layers.base import Array
from glassnet.support.coercion import listed
from glassnet.support.options import Number, Optional

Ends = tuple[float | None, float | None]
FARTHEST = float(np.finfo(np.float64).max)
"""Where there is no bound: beyond it is no number."""


class Bounds:
    """As a rule of an option: the smallest and the largest number; None on one of the sides: none there."""

    def taken(self, name: str, value: Any) -> Ends:
        remedy = "For example (0, None) for numbers that are never negative"
        end = Optional(Number("(-inf, inf)", remedy))
        found = [end.taken(f"Each of {name}", one) for one in listed(name, value, remedy)]
        if len(found) != 2 or found == [None, None] or not np.less(*ends(found)):
            raise InputError(
                f"{name} must be a smaller and a larger number, either of which may be None", shown(value), remedy
            )
        return found[0], found[1]


def ends(bounds: Sequence[float | None]) -> tuple[float, float]:
    """Both ends as numbers.

    >>> ends((0.0, None))[0]
    0.0
    """
    low, high = bounds
    return -FARTHEST if low is None else low, FARTHEST if high is None else high


def within(values: Array, bounds: Sequence[float | None] | None) -> Array:
    """Values brought between the bounds, where there are such.

    >>> within(np.array([-3.0, 7.0]), (0.0, None)).tolist()
    [0.0, 7.0]
    """
    return values if bounds is None else np.clip(values, *ends(bounds))


def check_within(values: Array, bounds: Sequence[float | None] | None) -> None:
    """Refuse targets to learn from that no prediction may be."""
    if bounds is None:
        return
    (lowest, highest), low, high = ends(bounds), float(values.min()), float(values.max())
    if low < lowest or high > highest:
        rule = f"Targets must lie within `bounds`, {bounds}"
        raise InputError(rule, f"{low:g} to {high:g}", "Widen them, or correct those rows")
