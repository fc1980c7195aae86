"""Workers: threads that share the work of a batch, and how many of them a training step is worth.

A team meets at a barrier in every step; a pool, shared by the whole process, is for work without meetings, such as
predictions. No bit depends on how many workers there are.

At a barrier a worker spins for some microseconds, then sleeps until the operating system wakes it. One that only spins
takes the core from the worker that it waits for, which makes everything a hundred times slower on a busy machine.

How many are worth it is measured while training. A second worker halves the work, but each waits for the other: on an
idle machine that pays for all but the smallest networks; where other processes want the processors, it makes a step
many times slower. So both counts are tried now and then, and the faster one goes on. Trainings of one process know of
each other, and share the processors instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import sys
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from queue import SimpleQueue
from threading import Thread
from typing import Any
from weakref import WeakSet

import numpy as np

from glassnet.engines.compiled.memory import address
from glassnet.errors import InputError
from glassnet.support.language import Text

Task = Callable[[int], None]
"""Work of one worker, called with the worker's number."""


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

WORK_PER_CALL = 2_000_000_000
"""Multiplications after which compiled code returns to Python, where signals are handled: hundredths of a second."""

STEPS_PER_CALL = 20_000
"""The most steps in one call, however small. Where a call ends follows from the work, never from a clock."""

TRIAL, TRIAL_STEPS, TRIAL_MOST = 20, 5, 8
"""A trial is this much shorter than a usual call, but has at least `TRIAL_STEPS` steps, since the first are slow;
unless these are more than an eighth of a call: of steps that take so long, one or two tell enough."""

FIRST_TRIALS, SHORT_WAIT, LONG_WAIT = 4, 2, 40
"""How many trials there are at the beginning, and how many calls lie between later ones: few after a change of the best
count, twice as many after each trial without one, up to some seconds."""

WORTH_A_WORKER = 500_000
"""Multiplications in a step, for each worker, below which a single worker is faster on every machine."""

SURELY_WORTH = 7_500_000
"""The same, above which all workers are faster on an idle machine, so that one trial of each count is enough."""

GAIN = 0.9
"""More workers must save a tenth of the time, since they take processors from other processes, or drain the battery."""


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_in_a_team() -> int:
    """Return the number of workers that may meet at a barrier: 1 where the system has no POSIX threads."""
    return sys.maxsize if pthread() is not None else 1


@cache
def pthread() -> Any | None:
    """Return the C library; None if it has no POSIX threads (Windows)."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "pthread_cond_wait") else None
    except (OSError, TypeError):
        return None


class Barrier:
    """The memory of a barrier, at which compiled code waits (``kernels/driver.py``)."""

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
        """Release all waiting workers, and let none wait any more."""
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


class Team:
    """Workers that meet at a barrier; the calling thread is the first of them.

    Parameters
    ----------
    count : int
        At most :func:`most_in_a_team`.

    Raises
    ------
    InputError
        If the system refuses to start a thread.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.barrier = Barrier()
        self._start()

    def _start(self) -> None:
        """Start the threads, also anew after an error and in a forked process."""
        self.barrier.renew()
        self.process = os.getpid()
        self.inboxes: list[SimpleQueue[Task | None]] = [SimpleQueue() for _ in range(1, self.count)]
        self.outbox: SimpleQueue[BaseException | None] = SimpleQueue()
        weakref.finalize(self, _stop, self.inboxes).atexit = False  # where a signal has prevented `close`
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
            rule = Text("The system must allow a thread for each worker")
            raise InputError(
                rule,
                Text("{count} workers: {error}", count=self.count, error=error),
                "Train with CompiledEngine(workers=1)",
            ) from error

    def work(self, task: Task, count: int | None = None) -> None:
        """Run the task in all workers (or `count`), which may wait for each other in it.

        If a signal interrupts its start, the workers that have begun are released from the barrier.
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
        """Stop the threads, and wait for them."""
        _stop(self.inboxes)
        for thread in self.threads:
            while thread.is_alive():  # it still reads and writes our arrays, whatever signals come
                with contextlib.suppress(KeyboardInterrupt):
                    thread.join()
        self.threads = []


def _serve(
    worker: int, inbox: SimpleQueue[Task | None], outbox: SimpleQueue[BaseException | None], barrier: Barrier
) -> None:
    """The loop of a team's thread. It holds no reference to the team, so the team can be collected."""
    while (task := inbox.get()) is not None:
        try:
            task(worker)
            outbox.put(None)
        except BaseException as error:
            barrier.abandon()
            outbox.put(error)
        del task  # it refers to all arrays that it works on


def _stop(inboxes: list[SimpleQueue[Task | None]]) -> None:
    for inbox in inboxes:
        inbox.put(None)


class Pool:
    """Workers that never meet: the calling thread, and threads of a pool that the whole process shares.

    Parameters
    ----------
    count : int
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def work(self, task: Task, count: int | None = None) -> None:
        """Run the task in all workers (or `count`); the calling thread takes over what no other is free for."""
        parts = deque(range(self.count if count is None else count))
        if len(parts) == 1:
            task(0)
            return
        outbox: SimpleQueue[BaseException | None] = SimpleQueue()

        def take() -> None:
            while parts:
                try:
                    part = parts.popleft()
                except IndexError:  # another thread was faster
                    return
                try:
                    task(part)
                    outbox.put(None)
                except BaseException as error:
                    outbox.put(error)

        count = len(parts)
        with contextlib.suppress(RuntimeError):  # the system refuses to start a thread
            for _ in range(count - 1):
                _threads().submit(take)
        take()
        errors = [error for _ in range(count) if (error := outbox.get()) is not None]
        if errors:
            raise errors[0]


def in_background(task: Callable[[], object]) -> None:
    """Run a task in a thread of the pool, if the system grants one. Its errors are lost."""
    with contextlib.suppress(RuntimeError):
        _threads().submit(task)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, cores() - 1), "glassnet")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a forked process has none of these threads


class WorkerTuner:
    """Chooses the number of workers, and the number of steps, of each call of compiled code.

    Parameters
    ----------
    most : int
        The number of workers there are.
    work : int
        Multiplications in a step.
    fixed : bool
        Whether to use all of them, without measurement.

    Examples
    --------
    >>> tuner = WorkerTuner(2, 2_000_000, fixed=False)
    >>> for _ in range(5):
    ...     workers, steps = tuner.next()
    ...     tuner.record(workers, steps, seconds=steps * (1.0 if workers == 2 else 0.5))
    >>> tuner.next()  # two took longer than one
    (1, 1000)
    """

    def __init__(self, most: int, work: int, fixed: bool) -> None:
        self.most, self.fixed = most, fixed
        self.steps = max(1, min(STEPS_PER_CALL, WORK_PER_CALL // max(work, 1)))
        self.trial_steps = max(1, self.steps // TRIAL, min(TRIAL_STEPS, self.steps // TRIAL_MOST))
        self.trials = 2 if work > SURELY_WORTH * most else FIRST_TRIALS
        self.calls, self.wait = 0, SHORT_WAIT
        self.due = self.trials + self.wait
        """The call at which the other count is tried again."""
        self.seconds = {1: math.inf, most: math.inf}
        """Of a step by the number of workers, as last measured."""

    @property
    def best(self) -> int:
        """The faster number of workers, as far as is known."""
        return self.most if self.fixed or self.seconds[self.most] < GAIN * self.seconds[1] else 1

    def next(self) -> tuple[int, int]:
        """Return the number of workers and of steps of the next call."""
        if self.fixed:
            return self.most, self.steps
        if self.calls < self.trials:
            return (self.most, 1)[self.calls % 2], self.trial_steps
        if self.calls >= self.due:
            return self.most + 1 - self.best, self.trial_steps
        return self.best, self.steps

    def record(self, workers: int, steps: int, seconds: float) -> None:
        """Record the time of a call; of the first trials the fastest counts, afterwards the latest."""
        each, first, before = seconds / steps, self.calls < self.trials, self.best
        self.seconds[workers] = min(each, self.seconds[workers]) if first else each
        self.calls += 1
        if not first and (workers != before or self.best != before):
            self.wait = min(2 * self.wait, LONG_WAIT) if self.best == before else SHORT_WAIT
            self.due = self.calls + self.wait


@lru_cache(maxsize=256)
def shared_tuner(most: int, work: int) -> WorkerTuner:
    """Return the tuner of all trainings of this process whose steps are of this size."""
    return WorkerTuner(most, work, fixed=most == 1)


active_trainings: WeakSet[Any] = WeakSet()
"""The trainings that run in this process."""


def fair_share(most: int) -> int:
    """Return the number of workers of each active training, at most `most` for this one."""
    return max(1, min(most, cores() // max(1, len(active_trainings))))
