"""Memoization by formulas and values that cannot change, and reuse of lowered networks.

Members begin to train at the same moment and need the same: one thread makes it, and the others wait for it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Hashable, Iterator
from types import FunctionType
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

PLAIN = (bool, int, float, str, type(None))
"""Types of immutable values."""

MOST_LOWERED = 64
"""Lowered networks that are kept, those used last: a few kilobytes each."""

_known: dict[tuple[Any, ...], Any] = {}
_lowered: dict[Hashable, Any] = {}
_lock = threading.Lock()
_making: dict[Hashable, threading.RLock] = {}
"""What a thread is making now."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_making.clear)  # a forked process does not have that thread


class Lowered(Protocol):
    """A network lowered for one purpose."""

    @property
    def reusable(self) -> bool:
        """Whether it follows from its key alone: not if a user's own formula or layer takes part, which may change."""


L = TypeVar("L", bound=Lowered)


def reused(lower: Callable[[], L], *key: Any) -> L:
    """Return a lowered network: the one kept under this key, or a new one, which is kept if it is reusable."""
    try:
        hash(key)
    except TypeError:  # a user's layer that is not hashable
        return lower()
    found: L | None = _kept(key)
    if found is None:
        with _alone(key):
            found = _kept(key)
            if found is None:
                found = lower()
                if found.reusable:
                    with _lock:
                        _lowered[key] = found
                        if len(_lowered) > MOST_LOWERED:
                            del _lowered[next(iter(_lowered))]
    return found


def _kept(key: Hashable) -> Any:
    """Return the lowered network under a key, which is now the one used last; None if there is none."""
    with _lock:
        found = _lowered.pop(key, None)
        if found is not None:
            _lowered[key] = found
        return found


@contextlib.contextmanager
def _alone(key: Hashable) -> Iterator[None]:
    """Let one thread at a time be within the context, of those with this key."""
    with _lock:
        own = _making.setdefault(key, threading.RLock())
    try:
        with own:
            yield
    finally:
        _making.pop(key, None)


def once(find: Callable[[], T], *of: Any) -> T:
    """Return the result of a function of formulas and values: memoized if all formulas are glassnet's own."""
    if not all(map(is_immutable, of)):
        return find()
    if of not in _known:
        with _alone(of):
            if of not in _known:
                _known[of] = find()
    return _known[of]


def is_immutable(part: Any) -> bool:
    """Return whether a formula, a value or a layer's class cannot change."""
    if isinstance(part, tuple):
        return all(map(is_immutable, part))
    return isinstance(part, PLAIN) or is_ours(part)


def is_ours(function: Any) -> bool:
    """Return whether it is a function of glassnet's own, which reads nothing that changes."""
    if isinstance(function, type):
        return function.__module__.startswith("glassnet.")
    if not isinstance(function, FunctionType) or function.__closure__:
        return False
    # where it is defined; functools.wraps changes `__module__`
    return str(function.__globals__.get("__name__")).startswith("glassnet.")
