"""Addresses of arrays, and buffers that keep what different workers write apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.layers.base import Array

__all__ = ["LINE", "address", "buffers"]

LINE = 16
"""Numbers that certainly fill a cache line."""

LINE_BYTES = 64


def address(array: Array) -> int:
    """Where an array begins; whoever keeps the address keeps the array."""
    return int(array.__array_interface__["data"][0])


def buffers(workers: int, count: int, dtype: np.dtype[Any]) -> Array:
    """At least so many zeros for each worker, shape (workers, numbers), each worker's on cache lines of their own."""
    count = -(-max(count, 1) // LINE) * LINE
    memory = np.zeros(workers * count * dtype.itemsize + LINE_BYTES, np.uint8)
    start = -address(memory) % LINE_BYTES
    return memory[start : start + workers * count * dtype.itemsize].view(dtype).reshape(workers, count)
