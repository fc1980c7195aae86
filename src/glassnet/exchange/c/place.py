"""Where a number lies in a table: a sum of loop counters, each times its step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["COUNTERS", "Place", "linear"]

COUNTERS = ("i", "j", "k", "l", "m", "n")
"""What loops count with, from the outermost."""


@dataclass(frozen=True)
class Place:
    """``offset + Σ step · term``; a term is a loop counter, or any whole number of C in parentheses.

    Examples
    --------
    >>> row = Place(2, (("i", 4),))
    >>> (row + Place(0, (("j", 1),))).text(), (row * 3).text(), Place().text()
    ('4 * i + j + 2', '12 * i + 6', '0')
    """

    offset: int = 0
    terms: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, term: str) -> Place:
        """The value of a loop counter or an expression."""
        return cls(0, ((term, 1),))

    def __add__(self, other: Place) -> Place:
        steps = dict(self.terms)
        for term, step in other.terms:
            steps[term] = steps.get(term, 0) + step
        return Place(self.offset + other.offset, tuple((term, step) for term, step in steps.items() if step))

    def __mul__(self, factor: int) -> Place:
        return Place(self.offset * factor, tuple((term, step * factor) for term, step in self.terms if factor))

    def step(self, term: str) -> int:
        """How far one step of a counter goes."""
        return dict(self.terms).get(term, 0)

    def hides(self, counter: str) -> bool:
        """Whether a counter decides about the place otherwise than by steps."""
        return any(term != counter and re.search(rf"\b{counter}\b", term) for term, _ in self.terms)

    def text(self) -> str:
        """In C."""
        parts = [term if step == 1 else f"{step} * {term}" for term, step in self.terms]
        return " + ".join([*parts, *([str(self.offset)] if self.offset or not parts else [])]).replace("+ -", "- ")


def linear(index: Sequence[Place], shape: Sequence[int]) -> Place:
    """The place of an index in an array whose last axis lies closest.

    Examples
    --------
    >>> linear([Place.of("i"), Place(1)], (5, 3)).text()
    '3 * i + 1'
    """
    place, step = Place(), 1
    for one, size in zip(reversed(index), reversed(shape), strict=True):
        place = one * step + place
        step *= size
    return place
