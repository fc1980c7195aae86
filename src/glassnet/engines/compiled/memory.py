"""Addresses of arrays, and sizes that keep what different workers write apart."""

from __future__ import annotations

from glassnet.layers.base import Array

__all__ = ["LINE", "address", "whole_lines"]

LINE = 16
"""Numbers that certainly fill a cache line."""


def address(array: Array) -> int:
    """Where an array begins; whoever keeps the address keeps the array."""
    return int(array.__array_interface__["data"][0])


def whole_lines(count: int) -> int:
    """At least so many numbers: the next worker's begin on a cache line of their own."""
    return -(-max(count, 1) // LINE) * LINE
