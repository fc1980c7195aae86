"""Other processes that want the cores, too."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["busy_cores"]

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
