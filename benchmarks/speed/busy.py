"""Other processes that want the cores, too: those that are started for it, and those that nobody asked for."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

__all__ = ["busy_cores", "busy_with_others"]

SETTLE = 0.3
"""Seconds until they run and the system has spread them."""


@contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Within it, so many processes each keep a core busy."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(SETTLE if count else 0)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def busy_with_others() -> float:
    """How many cores are in use in a second in which the benchmark does nothing."""
    time.sleep(0.2)  # what has just ended is gone then
    return psutil.cpu_percent(interval=1.0) / 100 * psutil.cpu_count()
