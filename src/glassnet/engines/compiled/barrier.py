"""A barrier: its memory, and the compiled code that waits at it.

A worker spins for some microseconds, then sleeps until the operating system wakes it. One that only spins takes the
core from the worker that it waits for, which makes everything a hundred times slower on a busy machine.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.memory import address

PLACES = (16 * i for i in range(11))
ARRIVED, ROUND, SLEEPERS, ABANDONED, LOCK, UNLOCK, SLEEP, WAKE, MUTEX, CONDITION, BARRIER_SIZE = PLACES
"""Offsets in a barrier's memory: three counters, the abandoned flag, the addresses of four functions, of a mutex and
of a condition variable.

Each has a cache line of its own, since all workers write to the counters.
"""

FUNCTIONS = {
    LOCK: "pthread_mutex_lock",
    UNLOCK: "pthread_mutex_unlock",
    SLEEP: "pthread_cond_wait",
    WAKE: "pthread_cond_broadcast",
}


@cache
def pthread() -> Any | None:
    """The C library; None if it has no POSIX threads (Windows)."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "pthread_cond_wait") else None
    except (OSError, TypeError):
        return None


class Barrier:
    """The memory of a barrier, at which compiled code waits (:func:`wait`)."""

    def __init__(self) -> None:
        self.memory = np.zeros(BARRIER_SIZE, np.int64)
        self.address = address(self.memory)
        self.mutex, self.condition = np.zeros(16, np.int64), np.zeros(16, np.int64)
        self.renew()
        library = pthread()
        if library is not None:
            self.memory[MUTEX], self.memory[CONDITION] = address(self.mutex), address(self.condition)
            for place, name in FUNCTIONS.items():
                self.memory[place] = ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0

    def abandon(self) -> None:
        """Release all waiting workers, and let nobody wait any more."""
        self.memory[ABANDONED] = 1
        library = pthread()
        if library is not None:
            mutex, condition = ctypes.c_void_p(address(self.mutex)), ctypes.c_void_p(address(self.condition))
            library.pthread_mutex_lock(mutex)  # a worker is either asleep, or has not checked the flag yet
            library.pthread_cond_broadcast(condition)
            library.pthread_mutex_unlock(mutex)

    def renew(self) -> None:
        """Reset; no worker may be waiting. In a forked process the mutex may have been copied while locked."""
        library = pthread()
        if library is not None:
            library.pthread_mutex_init(ctypes.c_void_p(address(self.mutex)), None)
            library.pthread_cond_init(ctypes.c_void_p(address(self.condition)), None)
        self.memory[[ARRIVED, ROUND, SLEEPERS, ABANDONED]] = 0


SPINS = 3000
"""How often a worker checks the round before it sleeps: some tens of microseconds.

On an idle machine the others arrive in that time, and waking a sleeper would take as long again at every step (a wide
network: 2.9 ms with 200 spins, 2.3 ms with this); on a busy machine no more than that is lost. With 10,000 a step on a
busy machine takes half as long again.
"""


def wait(k: Any) -> None:
    """Write the wait for all workers: returns 0, or 1 if the barrier was abandoned.

    The last worker to arrive begins a new round. A worker that still finds the old round after `SPINS` checks sleeps on
    the condition variable. No wake-up is lost: a sleeper counts itself before it checks the round again, and the last
    worker looks for sleepers after it has begun the round.
    """
    b, workers = k.pointer(k.run[Run.BARRIER], "i64"), k.run[Run.WORKERS]

    def now(place: int) -> Value:
        return k.atomic_load(b, place)

    def call(function: int, first: int, second: int | None = None) -> None:
        k.call_at(b[function], "i32", b[first], k.constant(0, "i64") if second is None else b[second])

    arrived_in = now(ROUND)
    with k.when(k.atomic_add(b, ARRIVED, 1) == workers - 1):
        k.atomic_add(b, ARRIVED, -workers)
        k.atomic_add(b, ROUND, 1)
        with k.when(now(SLEEPERS) > 0):
            call(LOCK, MUTEX)
            call(WAKE, CONDITION)
            call(UNLOCK, MUTEX)
        k.give(0.0)
    for _ in k.range(SPINS):
        k.pause()
        with k.when(now(ROUND) != arrived_in):
            k.give(0.0)
    call(LOCK, MUTEX)
    k.atomic_add(b, SLEEPERS, 1)
    for _ in k.forever():
        with k.when((now(ROUND) != arrived_in) | (now(ABANDONED) != 0)):
            k.leave()
        call(SLEEP, CONDITION, MUTEX)
    k.atomic_add(b, SLEEPERS, -1)
    call(UNLOCK, MUTEX)
    k.give(k.where(now(ROUND) != arrived_in, 0.0, 1.0))
