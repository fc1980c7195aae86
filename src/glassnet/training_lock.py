"""What is being trained: one call at a time, and what is asked meanwhile is asked by that call alone.

Nothing of it is in the objects, so copies, pickles and clones of one that is being trained are free.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from typing import Any, Final, TypeVar

from glassnet.errors import InputError

R = TypeVar("R")

_AT_WORK: Final[dict[int, object]] = {}
"""By the number of an object the call that trains it."""
_OURS: Final[ContextVar[tuple[object, ...]]] = ContextVar("calls that train something, of which this is a part")

os.register_at_fork(after_in_child=_AT_WORK.clear)  # the threads that are at work do not come along


@contextlib.contextmanager
def training(*trained: object) -> Iterator[None]:
    """Within it objects are trained by this call alone.

    Raises
    ------
    InputError
        If another call is at work on one.
    """
    call = object()
    try:
        for one in trained:
            if _AT_WORK.setdefault(id(one), call) is not call:
                rule = f"One call at a time may train the same {type(one).__name__}"
                raise InputError(rule, "a second one", "Train a copy in each thread, or wait for the end")
        before = _OURS.set((*_OURS.get(()), call))
        try:
            yield
        finally:
            _OURS.reset(before)
    finally:
        for one in trained:
            if _AT_WORK.get(id(one)) is call:
                del _AT_WORK[id(one)]


def check_idle(asked: object) -> None:
    """Refuse what is being trained, unless the call that trains it asks.

    Raises
    ------
    InputError
        If it is.
    """
    call = _AT_WORK.get(id(asked))
    if call is not None and call not in _OURS.get(()):
        rule = f"A {type(asked).__name__} must not be asked while another call trains it"
        raise InputError(rule, "a call of another thread", "Ask a copy made before, or wait for the end")


def part_of_this(function: Callable[..., R]) -> Callable[..., R]:
    """A function for another thread, which belongs to the call that makes it."""
    here = copy_context()

    def run(*args: Any) -> R:
        return here.run(function, *args)

    return run
