"""Waiting for what comes in its own time: until it is there, and never for so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.forks import PATIENCE


def wait_until(happened: Callable[[], object]) -> None:
    """Ask again and again; that it never comes is a failed test."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
