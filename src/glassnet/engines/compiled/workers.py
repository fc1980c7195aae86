"""Workers: threads that each take their share of every batch, and meet at a barrier where they sleep.

A worker that spins while it waits takes the core from whoever it waits for; on a busy machine that makes everything
a hundred times slower. These ask the operating system to wake them.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.threads import one_blas_thread

__all__ = ["Barrier", "Crew", "cores"]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pthread() -> Any | None:
    """The C library, if it has barriers (macOS and Windows have none)."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "pthread_barrier_wait") else None
    except (OSError, TypeError):
        return None


class Barrier:
    """Where `count` workers wait for each other."""

    def __init__(self, count: int) -> None:
        library = _pthread()
        self.memory = np.zeros(16, np.int64)
        self.address = self.memory.ctypes.data
        self.wait = 0
        if count > 1 and library is not None:
            library.pthread_barrier_init(ctypes.c_void_p(self.address), None, ctypes.c_uint(count))
            self.wait = ctypes.cast(library.pthread_barrier_wait, ctypes.c_void_p).value or 0


def _alone(task: Callable[[int], float], worker: int) -> float:
    with one_blas_thread():  # some libraries have a limit for each thread
        return task(worker)


class Crew:
    """So many workers, of which the calling thread is the first.

    Parameters
    ----------
    count : int
        At most so many; one where the system has no barriers.
    """

    def __init__(self, count: int) -> None:
        self.count = count if _pthread() is not None else 1
        self.barrier = Barrier(self.count)
        self.threads = ThreadPoolExecutor(self.count - 1, "glassnet") if self.count > 1 else None

    def work(self, task: Callable[[int], float], count: int | None = None) -> float:
        """Let all workers (or `count`) do the task, which gets the worker's number; what the first returns."""
        others = range(1, self.count if count is None else count)
        futures = [self.threads.submit(_alone, task, worker) for worker in others] if self.threads is not None else []
        try:
            return task(0)
        finally:  # a signal may come in between: the others still read and write our arrays
            for future in futures:
                future.result()

    def close(self) -> None:
        """Send the others home."""
        if self.threads is not None:
            self.threads.shutdown()
