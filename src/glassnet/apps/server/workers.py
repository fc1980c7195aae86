"""Several processes that answer at one port: they inherit one listening socket, and whoever is idle takes a connection.

The process that was started starts them, hands signals on, and replaces one that dies; it answers no requests itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from glassnet.apps.server.log import LOG
from glassnet.apps.server.metrics import SHARED
from glassnet.apps.usage import UsageError
from glassnet.errors import InputError
from glassnet.support.language import Text, get_language, speaking

Work = Callable[[Callable[[str], object]], object]
"""Answers requests until a signal to stop; calls what it gets with the digest of its model once it listens."""
PAUSE = 1.0
"""Seconds until a worker that died is started anew, so that one that always dies costs little."""


def check_workers(workers: int) -> int:
    """The number of workers, where so many can share a socket."""
    if workers < 1:
        raise UsageError("--workers must be a positive integer", f"{workers}", "For example 2, one for each core")
    if workers > 1 and sys.platform == "win32":
        raise UsageError("--workers must be 1 on Windows", f"{workers}", "Start several servers on different ports")
    return workers


def run_workers(work: Work, count: int, announce: Callable[[str], object]) -> None:
    """Run so many processes that each do `work`, which must be picklable, until a signal to stop."""
    workers = WorkerProcesses(work)
    with tempfile.TemporaryDirectory(prefix="glassnet-metrics-") as folder, workers.handling_signals():
        os.environ[SHARED] = folder  # where they add up their metrics
        try:
            workers.run(count, announce)
        finally:
            del os.environ[SHARED]


class WorkerProcesses:
    """The processes that are running, by their sentinels, each with the connection by which it says how it began."""

    def __init__(self, work: Work) -> None:
        self.work, self.stopping = work, False
        self.running: dict[int, tuple[SpawnProcess, Connection]] = {}

    def run(self, count: int, announce: Callable[[str], object]) -> None:
        """Start them, and replace those that die, until all have stopped as they were told."""
        for _ in range(count):
            self._start()
        began = [self._began(*each) for each in self.running.values()]
        if not self.stopping:
            announce(began[0])
        while self.running:
            for sentinel in self.running.keys() & connection.wait(list(self.running)):
                process, said = self.running.pop(sentinel)
                process.join()
                mark_process_dead(process.pid, os.environ[SHARED])  # type: ignore[no-untyped-call]
                if not self.stopping:
                    LOG.error("worker %s ended (%s), another one starts", process.pid, _reason(process, said))
                    time.sleep(PAUSE)
                    self._start()

    def _start(self) -> None:
        said, tells = connection.Pipe(duplex=False)
        process = get_context("spawn").Process(target=_worker, args=(self.work, tells, get_language()), daemon=True)
        process.start()
        tells.close()  # so that there is an end of it when the worker ends
        self.running[process.sentinel] = process, said
        if self.stopping:  # since a moment ago
            process.terminate()

    def _began(self, process: SpawnProcess, said: Connection) -> str:
        """Wait for one of the first: what is wrong with these is wrong with all."""
        try:
            found = said.recv()
        except EOFError:
            if self.stopping:
                return ""
            process.join()
            rule, received = Text("Each worker must start"), Text("exit code {code}", code=process.exitcode)
            self.stop()
            raise InputError(rule, received, "There may be too little memory: use fewer --workers") from None
        if isinstance(found, Exception):
            self.stop()
            raise found
        return str(found)

    def stop(self) -> None:
        """Let them answer what is pending, and end."""
        self.stopping = True
        for process, _ in list(self.running.values()):
            process.terminate()

    def reload(self) -> None:
        """Let each load the model's file again."""
        for process, _ in list(self.running.values()):
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGHUP)

    @contextlib.contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Hand on the signals to stop and to reload."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stop()

        def reload(number: int, frame: FrameType | None) -> None:
            self.reload()

        handlers: dict[int, Any] = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: reload}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _worker(work: Work, tells: Connection, language: Any) -> None:
    """What each process does. Ctrl-C reaches all at once: it is left to the one that was started."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with speaking(language):
            work(tells.send)
    except Exception as error:  # of any kind: the process that was started says it
        tells.send(error)
        raise SystemExit(1) from None


def _end_with_parent() -> None:
    parent: Any = parent_process()
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _reason(process: SpawnProcess, said: Connection) -> object:
    """Why it ended: its error, or its exit code."""
    with contextlib.suppress(EOFError):
        while said.poll():
            found = said.recv()
            if isinstance(found, Exception):
                return found
    return f"exit code {process.exitcode}"
