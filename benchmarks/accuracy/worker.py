"""A process in which the trials of one model run: a crash, a leak or the threads of one library touch no other."""

from __future__ import annotations

import logging
import multiprocessing
import os
import traceback
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.accuracy.trial import Order, Trials

__all__ = ["Worker"]


class Worker:
    """The process; it starts with the first order, and again after one that ended it."""

    def __init__(self) -> None:
        self.process: multiprocessing.process.BaseProcess | None = None
        self.connection: Connection | None = None

    def ask(self, order: Order, patience: float) -> dict[str, Any]:
        """What came of an order: figures and "status": "ok", or "failed" or "too slow" with an "error"."""
        if self.process is None or self.connection is None:
            self._start()
        self.connection.send(order)
        try:
            if self.connection.poll(patience):
                return self.connection.recv()
        except EOFError:
            self.process.join()
            code = self.process.exitcode
            self.process = None
            return {"status": "failed", "error": f"the process ended with code {code}"}
        self.process.kill()
        self.close()
        return {"status": "too slow", "error": f"nothing within {patience:.0f} s"}

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.connection.close()
            self.process.join()
            self.process = None

    def _start(self) -> None:
        # a fresh interpreter, not a copy of this one: a library must find no threads and no imports of another
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()


def serve(connection: Connection) -> None:
    """Carry out orders until the other side hangs up."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    trials = Trials()
    while True:
        try:
            order = connection.recv()
        except EOFError:
            return
        try:
            answer = {"status": "ok"} | trials.run(order)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}, line {where.lineno}"
            answer = {"status": "failed", "error": f"{type(error).__name__}: {error} ({place})"}
        connection.send(answer)
