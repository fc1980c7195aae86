"""Libraries at work, each in its process, and how they take turns."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.speed.cases import Case
from benchmarks.speed.environment import ROOT, environment

__all__ = ["Contender", "TaskError", "Worker", "prepare", "rounds", "summary", "team"]

PAUSE = 0.05
"""Seconds before each measurement, in which its process gets the processor back."""

PATIENCE = 300.0
"""Seconds after which a task counts as failed."""


@dataclass(frozen=True)
class Contender:
    """A library with a number of threads.

    Parameters
    ----------
    name : str
        Of the library, as in the tables.
    threads : int
    peer : str
        What `peers` knows it by; empty: none, for tasks without a library.
    options : dict
        Of the peer.
    note : str
        What tells it apart from another of the same name and threads.
    """

    name: str
    threads: int
    peer: str
    options: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def label(self) -> str:
        """A name of its own."""
        return f"{self.name}, {self.note or ('1 thread' if self.threads == 1 else f'{self.threads} threads')}"


class TaskError(Exception):
    """A task failed."""


class Worker:
    """The process of a contender."""

    def __init__(self, contender: Contender, **more: str) -> None:
        self.contender = contender
        settings = {
            "peer": contender.peer,
            "options": contender.options,
            # XLA has no number of threads: it takes as many as there are cores it may run on.
            "one_core": contender.threads == 1
            and contender.peer in ("jax", "keras")
            and hasattr(os, "sched_setaffinity"),
        }
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115  (lives as long as the process)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.speed.worker", json.dumps(settings)],
            cwd=ROOT,
            env=environment(contender.threads, **more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.ready = False

    def ask(self, task: str, **arguments: Any) -> Any:
        """The answer to a task.

        Raises
        ------
        TaskError
            If it failed, ended or took too long.
        """
        if not self.ready:
            self._answer()
            self.ready = True
        try:
            print(json.dumps({"task": task, "arguments": arguments}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise TaskError(self._last_words()) from None
        return self._answer()

    def freeze(self) -> None:
        """Let it do nothing at all: some libraries' threads go on to wait for work at full speed."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the process."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def _answer(self) -> Any:
        alarm = threading.Timer(PATIENCE, self.process.kill)
        alarm.start()
        try:
            line = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise TaskError(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise TaskError(answer["error"].splitlines()[0])
        return answer["result"]

    def _last_words(self) -> str:
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1] if lines else "ended without a word, or took too long"


@contextmanager
def alone(worker: Worker, workers: Sequence[Worker]) -> Iterator[None]:
    """Within it the other workers are frozen."""
    others = [other for other in workers if other is not worker]
    for other in others:
        other.freeze()
    try:
        time.sleep(PAUSE)
        yield
    finally:
        for other in others:
            other.thaw()


@contextmanager
def team(contenders: Sequence[Contender], **more: str) -> Iterator[list[Worker]]:
    """Their workers; they end with the block."""
    workers = [Worker(contender, **more) for contender in contenders]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def prepare(
    workers: Sequence[Worker], case: Case, seconds: float, every_form: bool = True, least_epochs: int = 1
) -> tuple[list[Worker], dict[str, dict[str, Any]]]:
    """Get a case ready in all workers: those that can, and by label what became of each.

    They compile as many at a time as there are cores, but which form is fastest they try one after the other.
    """
    outcome: dict[str, dict[str, Any]] = {}

    def build(worker: Worker) -> None:
        try:
            outcome[worker.contender.label] = worker.ask("build", case=case.as_dict(), every_form=every_form)
        except TaskError as error:
            outcome[worker.contender.label] = {"unsupported": str(error)}

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(build, workers))
    able = []
    for worker in workers:
        found = outcome[worker.contender.label]
        if "unsupported" not in found:
            try:
                with alone(worker, workers):
                    found |= worker.ask("choose", seconds=seconds, least_epochs=least_epochs)
            except TaskError as error:
                outcome[worker.contender.label] = {"unsupported": str(error)}
                continue
            able.append(worker)
    return able, outcome


def rounds(workers: Sequence[Worker], count: int, measure: Callable[[Worker], Any]) -> dict[str, list[Any]]:
    """Measure each worker once a round, by label; whoever began a round ends the next."""
    found: dict[str, list[Any]] = {worker.contender.label: [] for worker in workers}
    for number in range(count):
        turn = number % max(1, len(workers))
        for worker in [*workers[turn:], *workers[:turn]]:
            with alone(worker, workers):
                found[worker.contender.label].append(measure(worker))
    return found


def summary(values: Sequence[float]) -> dict[str, Any]:
    """The median of several measurements and how far they spread."""
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "min": ordered[0], "max": ordered[-1], "rounds": len(ordered)}
