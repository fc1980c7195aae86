"""Where a number was before it was moved, and other things that indices are good for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from glassnet.exchange.c.parts import shape_of
from glassnet.exchange.c.place import Place
from glassnet.exchange.graph import Node

__all__ = [
    *(
        "before_moving",
        "further",
        "in_loop",
        "leading",
        "moved_pointer",
        "place_of",
        "same_but_for_ones",
        "without_ones",
    ),
]


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


def leading(index: Sequence[Place], node: Node) -> list[Place]:
    """Of an index of the leading axes of a product those that one of its factors has."""
    own = shape_of(node)[:-1]
    return [Place() if size == 1 else place for place, size in zip(list(index)[-len(own) :], own, strict=True)]


def further(axis: int, start: int) -> Callable[[Sequence[Place]], Sequence[Place]]:
    """An index so many places further along an axis."""
    return lambda index: [*index[:axis], index[axis] + Place(start), *index[axis + 1 :]]


def place_of(value: str) -> Place:
    if value.isdigit():
        return Place(int(value))
    return Place.of(value if re.fullmatch(r"\w+(\[[^][]*\])?", value) else f"({value})")


def moved_pointer(name: str, place: Place) -> str:
    text = place.text()
    return name if text == "0" else f"{name} + {text}"


def in_loop(counter: str, length: int, lines: Sequence[str], start: int = 0) -> list[str]:
    head = f"for (int {counter} = {start}; {counter} < {length}; ++{counter})"
    inside = [f"    {line}" for line in lines]
    return [head, *inside] if len(lines) == 1 else [f"{head} {{", *inside, "}"]
