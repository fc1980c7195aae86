"""Two halves of the tables: presets may be chosen by the figures of half a; half b is reported on."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["HALVES", "ORDERS", "half_of_each"]

HALVES = ("a", "b", "all")

ORDERS = ("index", "name")
"""What the tables of a folder may be dealt out by."""


def half_of_each(names: Sequence[str], order: str = "index") -> dict[str, str]:
    """The first table in this order belongs to half a, the second to half b, the third to half a, and so on.

    Always over the whole index, whichever tables are asked for: a table never changes sides.
    """
    return {name: "ab"[place % 2] for place, name in enumerate(sorted(names) if order == "name" else names)}
