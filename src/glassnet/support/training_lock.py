"""A lock: an object is trained by one call at a time, and used by that call alone meanwhile.

The lock is not in the object, so copies, pickles and clones of one that is being trained are free.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from typing import Any, Final, TypeVar

from glassnet.errors import InputError
from glassnet.support.language import Text

R = TypeVar("R")

_TRAINING: Final[dict[int, object]] = {}
"""The call that trains an object, by the object's `id`."""
_CALLS: Final[ContextVar[tuple[object, ...]]] = ContextVar("calls that train something, of which this is a part")

os.register_at_fork(after_in_child=_TRAINING.clear)  # a fork does not copy the training threads


@contextlib.contextmanager
def locked_for_training(*trained: object) -> Iterator[None]:
    """Lock objects for training within the context.

    Raises
    ------
    InputError
        If another call is training one of them.
    """
    call = object()
    try:
        for one in trained:
            if _TRAINING.setdefault(id(one), call) is not call:
                rule = Text("Only one call at a time may train a {name}", name=type(one).__name__)
                raise InputError(rule, "a second one", "Train a copy in each thread, or wait until training ends")
        before = _CALLS.set((*_CALLS.get(()), call))
        try:
            yield
        finally:
            _CALLS.reset(before)
    finally:
        for one in trained:
            if _TRAINING.get(id(one)) is call:
                del _TRAINING[id(one)]


def check_idle(model: object) -> None:
    """Refuse an object that another call is training.

    Raises
    ------
    InputError
        If it is.
    """
    call = _TRAINING.get(id(model))
    if call is not None and call not in _CALLS.get(()):
        rule = Text("A {name} must not be used while another call trains it", name=type(model).__name__)
        raise InputError(rule, "a call of another thread", "Use a copy made before, or wait until training ends")


def in_this_call(function: Callable[..., R]) -> Callable[..., R]:
    """Return a function for another thread that counts as a part of this call."""
    here = copy_context()

    def run(*args: Any) -> R:
        return here.run(function, *args)

    return run
