"""What other programs took of the machine while something was measured: then its seconds are too many."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["BUSY", "clock_with_company"]

BUSY = 0.15
"""Cores that others use: with more, seconds are not believed."""

NOT_BUSY = ("idle", "iowait", "steal", "guest", "guest_nice")
"""Parts of the processors' time in which nobody used them; a guest's is counted under user already."""


def clock_with_company(call: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds of a call, those that its processors worked for, and how many cores others used meanwhile."""
    started, own, all_of_us = time.perf_counter(), time.process_time(), _busy_seconds()
    call()
    seconds, worked = time.perf_counter() - started, time.process_time() - own
    others = _busy_seconds() - all_of_us - worked
    return seconds, worked, max(0.0, others) / seconds


def _busy_seconds() -> float:
    import psutil

    times = psutil.cpu_times()._asdict()
    return sum(value for name, value in times.items() if name not in NOT_BUSY)
