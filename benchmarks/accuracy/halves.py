"""Two halves of the tables: presets may be chosen by the figures of half a; of half b some tables were studied."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["HALVES", "half_of_each"]

HALVES = ("a", "b", "all")


def half_of_each(names: Sequence[str]) -> dict[str, str]:
    """The first table of the index belongs to half a, the second to half b, the third to half a, and so on.

    Always over the whole index, whichever tables are asked for: a table never changes sides.
    """
    return {name: "ab"[place % 2] for place, name in enumerate(names)}
