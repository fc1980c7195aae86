"""Where a number lies in a table, a sum of loop counters, each times its step; and where it was before it was moved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.exchange.c.parts import shape_of
from glassnet.exchange.graph import Node

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
    def of(cls, value: str) -> Place:
        """The value of a loop counter, a number, or an expression."""
        if value.isdigit():
            return cls(int(value))
        return cls(0, ((value if re.fullmatch(r"\w+(\[[^][]*\])?", value) else f"({value})", 1),))

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

    def pointer(self, name: str) -> str:
        """The address of the place in an array."""
        return name if self.text() == "0" else f"{name} + {self.text()}"


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


def without_ones(node: Node, index: Sequence[Place]) -> list[Place]:
    """The index with 0 for each axis of length 1: what is there for one is there for all."""
    return [Place() if size == 1 else place for place, size in zip(index, shape_of(node), strict=True)]


def same_but_for_ones(node: Node) -> bool:
    """Whether a reshape only adds or removes axes of length 1."""
    old, new = ([size for size in shape_of(one) if size > 1] for one in (node.inputs[0], node))
    return old == new


def before_moving(node: Node, index: Sequence[Place]) -> list[Place]:
    """Where a number was before it was moved."""
    source, about = node.inputs[0], node.attributes
    if node.operation == "slice":
        moved = list(index)
        moved[about["axis"]] = moved[about["axis"]] * about["step"] + Place(about["start"])
        return moved
    if node.operation == "transpose":
        moved = [Place()] * len(index)
        for place, axis in zip(index, about["axes"], strict=True):
            moved[axis] = place
        return moved
    longer = iter([place for place, size in zip(index, shape_of(node), strict=True) if size > 1])
    return [next(longer) if size > 1 else Place() for size in shape_of(source)]
