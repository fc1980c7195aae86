"""Workers: threads that each take their share of the work.

In training they meet at a barrier at every step, and sleep there. A worker that spins while it waits takes the core
from whoever it waits for; on a busy machine that makes everything a hundred times slower. These look around for some
microseconds, and then ask the operating system to wake them. Where nobody waits for anybody, as in a prediction, all
that is going on in the process shares one pool of threads.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np

from glassnet.engines.compiled.memory import address
from glassnet.errors import InputError

Task = Callable[[int], None]
"""What one worker does, who is told its number."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


PLACES = (16 * i for i in range(11))
ARRIVED, ROUND, SLEEPERS, ABANDONED, LOCK, UNLOCK, SLEEP, WAKE, MUTEX, CONDITION, BARRIER_SIZE = PLACES
"""What is where in a barrier's memory: three counts, whether nobody shall wait any more, the addresses of four
functions, of a mutex and of a condition.

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
        self.renew()
        library = _pthread()
        if library is not None:
            self.memory[MUTEX], self.memory[CONDITION] = address(self.mutex), address(self.condition)
            for place, name in FUNCTIONS.items():
                self.memory[place] = ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0

    def abandon(self) -> None:
        """Whoever waits here for somebody who will not come, or would wait, leaves."""
        self.memory[ABANDONED] = 1
        library = _pthread()
        if library is not None:
            mutex, condition = ctypes.c_void_p(address(self.mutex)), ctypes.c_void_p(address(self.condition))
            library.pthread_mutex_lock(mutex)  # a sleeper is either asleep, or has not looked yet
            library.pthread_cond_broadcast(condition)
            library.pthread_mutex_unlock(mutex)

    def renew(self) -> None:
        """As if nobody had been here; there must be nobody. In a forked process the mutex may be a locked one."""
        library = _pthread()
        if library is not None:
            library.pthread_mutex_init(ctypes.c_void_p(address(self.mutex)), None)
            library.pthread_cond_init(ctypes.c_void_p(address(self.condition)), None)
        self.memory[[ARRIVED, ROUND, SLEEPERS, ABANDONED]] = 0


class Crew:
    """So many workers who meet, of whom the calling thread is the first.

    Parameters
    ----------
    count : int
        At most so many; one where the system has no POSIX threads.

    Raises
    ------
    InputError
        If the system lets no more threads start.
    """

    def __init__(self, count: int) -> None:
        self.count = count if _pthread() is not None else 1
        self.barrier = Barrier()
        self._start()

    def _start(self) -> None:
        """The threads; after an error, and in a process that was forked, others."""
        self.barrier.renew()
        self.process = os.getpid()
        self.inboxes: list[SimpleQueue[Task | None]] = [SimpleQueue() for _ in range(1, self.count)]
        self.outbox: SimpleQueue[BaseException | None] = SimpleQueue()
        weakref.finalize(self, _send_home, self.inboxes).atexit = False  # if a signal has kept it from being closed
        self.threads = [
            Thread(
                target=_serve, args=(worker, inbox, self.outbox, self.barrier), name=f"glassnet-{worker}", daemon=True
            )
            for worker, inbox in enumerate(self.inboxes, 1)
        ]
        try:
            for thread in self.threads:
                thread.start()
        except BaseException as error:
            self.close()
            if not isinstance(error, RuntimeError):
                raise
            rule = "The system must allow a thread for each worker"
            raise InputError(rule, f"{self.count} workers: {error}", "Train with CompiledEngine(workers=1)") from error

    def work(self, task: Task, count: int | None = None) -> None:
        """Let all workers (or `count`) do the task, who may wait for each other in it.

        If it begins with some and not with others (a signal may be heard at any time), those leave again.
        """
        others = (self.count if count is None else count) - 1
        if not others:
            task(0)
            return
        if len(self.threads) < self.count - 1 or self.process != os.getpid():
            self._start()
        inboxes = self.inboxes[:others]
        try:
            for inbox in inboxes:
                inbox.put(task)
            task(0)
            errors = [error for _ in inboxes if (error := self.outbox.get()) is not None]
            if errors:
                raise errors[0]
        except BaseException:
            self.barrier.abandon()
            self.close()
            raise

    def close(self) -> None:
        """Send the others home."""
        _send_home(self.inboxes)
        for thread in self.threads:
            while thread.is_alive():  # they still read and write our arrays, whatever signals come
                with contextlib.suppress(KeyboardInterrupt):
                    thread.join()
        self.threads = []


def _serve(
    worker: int, inbox: SimpleQueue[Task | None], outbox: SimpleQueue[BaseException | None], barrier: Barrier
) -> None:
    """What a worker of a crew does. It does not know the crew, which can so be forgotten."""
    while (task := inbox.get()) is not None:
        try:
            task(worker)
            outbox.put(None)
        except BaseException as error:
            barrier.abandon()
            outbox.put(error)
        del task  # it holds on to all that it works on


def _send_home(inboxes: list[SimpleQueue[Task | None]]) -> None:
    for inbox in inboxes:
        inbox.put(None)


class Pool:
    """So many workers who never meet: threads of a pool that the whole process shares, and the calling thread.

    Parameters
    ----------
    count : int
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def work(self, task: Task, count: int | None = None) -> None:
        """Let all workers (or `count`) do the task. Where no thread is free, the calling one does more of them."""
        parts = deque(range(self.count if count is None else count))
        if len(parts) == 1:
            task(0)
            return
        outbox: SimpleQueue[BaseException | None] = SimpleQueue()

        def take() -> None:
            while parts:
                try:
                    part = parts.popleft()
                except IndexError:  # somebody else was faster
                    return
                try:
                    task(part)
                    outbox.put(None)
                except BaseException as error:
                    outbox.put(error)

        wanted = len(parts)
        with contextlib.suppress(RuntimeError):  # the system lets no thread start
            for _ in range(wanted - 1):
                _threads().submit(take)
        take()
        errors = [error for _ in range(wanted) if (error := outbox.get()) is not None]
        if errors:
            raise errors[0]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, cores() - 1), "glassnet")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads do not come along into a forked process
