"""How long a search may take, as people write it."""

from __future__ import annotations

import math
import re
from typing import Any

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import plain_number

UNITS = {"h": 3600.0, "min": 60.0, "m": 60.0, "s": 1.0}
PART = r"\s*(\d+(?:\.\d+)?)\s*(h|min|m|s)"


def budget_seconds(budget: str | float) -> float:
    """A length of time in seconds.

    Parameters
    ----------
    budget : str or float
        "90s", "10m" or "10 min", "1h30m"; a number alone is seconds.

    Raises
    ------
    InputError
        If it is no length of time, or not positive.
    InputTypeError
        If it is neither text nor a number.

    Examples
    --------
    >>> budget_seconds("10m"), budget_seconds("1h30m"), budget_seconds(45)
    (600.0, 5400.0, 45.0)
    >>> budget_seconds("10 parsecs")
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: `budget` must be a duration. Received: '10 parsecs'. For example "90s", "10m" \
or "1h30m".
    """
    rule, remedy = "`budget` must be a duration", 'For example "90s", "10m" or "1h30m"'
    seconds = _spelled(str.__str__(budget)) if isinstance(budget, str) else plain_number(budget)
    if seconds is None:
        raise InputTypeError(rule, shown(budget), remedy)
    if not (math.isfinite(seconds) and seconds > 0):
        raise InputError(rule, shown(budget), remedy)
    return seconds


class LengthOfTime:
    """As a rule of an option."""

    def taken(self, name: str, value: Any) -> float:
        return budget_seconds(value)


def _spelled(text: str) -> float:
    """The seconds that a text means; not a number where it means none."""
    text = text.strip()
    if re.fullmatch(rf"(?:{PART})+", text):
        return sum(float(number) * UNITS[unit] for number, unit in re.findall(PART, text))
    try:
        return float(text)
    except ValueError:
        return math.nan
