"""Workers: threads that each take their share of every batch, and meet at a barrier where they sleep.

A worker that spins while it waits takes the core from whoever it waits for; on a busy machine that makes everything
a hundred times slower. These look around for some microseconds, and then ask the operating system to wake them.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.compiled.memory import address

__all__ = ["Barrier", "Crew", "cores"]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


ARRIVED, ROUND, SLEEPERS, LOCK, UNLOCK, SLEEP, WAKE, MUTEX, CONDITION, BARRIER_SIZE = (16 * i for i in range(10))
"""What is where in a barrier's memory: three counts, the addresses of four functions, of a mutex and a condition.

Each has a cache line of its own, for all workers write to the counts.
"""

FUNCTIONS = {
    LOCK: "pthread_mutex_lock",
    UNLOCK: "pthread_mutex_unlock",
    SLEEP: "pthread_cond_wait",
    WAKE: "pthread_cond_broadcast",
}


@cache
def _pthread() -> Any | None:
    """The C library, if it has POSIX threads (that of Windows has none)."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "pthread_cond_wait") else None
    except (OSError, TypeError):
        return None


class Barrier:
    """The memory of a barrier; ``kernels/barrier.py`` waits at it."""

    def __init__(self) -> None:
        self.memory = np.zeros(BARRIER_SIZE, np.int64)
        self.address = address(self.memory)
        self.mutex, self.condition = np.zeros(16, np.int64), np.zeros(16, np.int64)
        library = _pthread()
        if library is not None:
            library.pthread_mutex_init(ctypes.c_void_p(address(self.mutex)), None)
            library.pthread_cond_init(ctypes.c_void_p(address(self.condition)), None)
            self.memory[MUTEX], self.memory[CONDITION] = address(self.mutex), address(self.condition)
            for place, name in FUNCTIONS.items():
                self.memory[place] = ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


class Crew:
    """So many workers, of which the calling thread is the first.

    Parameters
    ----------
    count : int
        At most so many; one where the system has no POSIX threads.
    """

    def __init__(self, count: int) -> None:
        self.count = count if _pthread() is not None else 1
        self.barrier = Barrier()
        self.threads = ThreadPoolExecutor(self.count - 1, "glassnet") if self.count > 1 else None

    def work(self, task: Callable[[int], None], count: int | None = None) -> None:
        """Let all workers (or `count`) do the task, which gets the worker's number."""
        others = range(1, self.count if count is None else count)
        futures = [self.threads.submit(task, worker) for worker in others] if self.threads is not None else []
        try:
            task(0)
        finally:  # a signal may come in between: the others still read and write our arrays
            for future in futures:
                future.result()

    def close(self) -> None:
        """Send the others home."""
        if self.threads is not None:
            self.threads.shutdown()
