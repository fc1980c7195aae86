"""Memoization by formulas and values that cannot change."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

T = TypeVar("T")

PLAIN = (bool, int, float, str, type(None))
"""Types of immutable values."""

_known: dict[tuple[Any, ...], Any] = {}


def once(find: Callable[[], T], *of: Any) -> T:
    """The result of a function of formulas and values: memoized if all formulas are glassnet's own."""
    if not all(map(is_immutable, of)):
        return find()
    if of not in _known:
        _known[of] = find()
    return _known[of]


def is_immutable(part: Any) -> bool:
    """Whether a formula, a value or a layer's class cannot change."""
    if isinstance(part, tuple):
        return all(map(is_immutable, part))
    return isinstance(part, PLAIN) or is_ours(part)


def is_ours(function: Any) -> bool:
    """Whether it is a function of glassnet's own, which reads nothing that changes."""
    if isinstance(function, type):
        return function.__module__.startswith("glassnet.")
    if not isinstance(function, FunctionType) or function.__closure__:
        return False
    # where it is defined; functools.wraps changes `__module__`
    return str(function.__globals__.get("__name__")).startswith("glassnet.")
