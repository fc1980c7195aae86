"""Resident memory of this process, and a large table that is made without a second copy of it."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy as np

__all__ = ["fill", "peak_bytes", "resident_bytes", "restart_peak"]

STATUS = Path("/proc/self/status")
BLOCK = 10_000


def resident_bytes() -> int:
    """Now."""
    import psutil

    return psutil.Process().memory_info().rss


def peak_bytes() -> int:
    """The most that there was so far (on Linux since `restart_peak`)."""
    if STATUS.exists():  # getrusage would count the parent's memory from before this program was loaded
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def restart_peak() -> None:
    """Forget the peak so far, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def fill(X: np.ndarray, classes: int) -> np.ndarray:
    """Random numbers into X, block by block, and classes that follow from them."""
    rng = np.random.default_rng(0)
    y = np.empty(len(X), np.int64)
    outer = rng.standard_normal((X.shape[1], classes), dtype=np.float32)
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        rng.standard_normal(out=block, dtype=np.float32)
        y[start : start + BLOCK] = (block @ outer).argmax(axis=1)
    return y
