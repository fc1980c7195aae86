"""The parts of a model that become functions: a column's way to numbers, a layer, what is made of the outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from glassnet.exchange.c.operations import MOVEMENTS
from glassnet.exchange.graph import Graph, Node, Scope, rows_in


@dataclass(eq=False)
class Part:
    """Nodes of one scope, in order, which are computed together, with what it takes from others and others from it.

    Without constants, inputs, and movements, which every part reads through by itself.
    """

    scope: Scope
    nodes: list[Node] = field(default_factory=list)
    inputs: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    behind: set[Part] = field(default_factory=set)


def shape_of(node: Node) -> tuple[int, ...]:
    """The shape for a single row."""
    return tuple(rows_in(size) or size for size in node.shape)


def size_of(node: Node) -> int:
    """How many numbers a single row has."""
    count = 1
    for size in shape_of(node):
        count *= size
    return count


def sources(node: Node, kept: set[Node]) -> Iterator[Node]:
    """What a node is computed from, seen through movements; those that are kept are seen as themselves."""
    for source in node.inputs:
        while source.operation in MOVEMENTS and source not in kept:
            source = source.inputs[0]
        yield source


def parts_of(graph: Graph) -> list[Part]:
    """The parts of a graph, each behind those that it needs."""
    wanted = set(graph.outputs.values())
    of: dict[Node, Part] = {}
    parts: list[Part] = []
    current: dict[Scope, Part] = {}
    for node in graph.nodes:
        if node.operation in ("constant", "input") or (node.operation in MOVEMENTS and node not in wanted):
            continue
        needed = [of[source] for source in sources(node, wanted) if source in of]
        part = current.get(node.scope)
        if part is None or any(part in other.behind for other in needed if other is not part):
            # a part that comes after others which need what its scope has computed already is another one
            part = current[node.scope] = Part(node.scope)
            parts.append(part)
        part.nodes.append(node)
        for other in needed:
            if other is not part:
                part.behind |= {other} | other.behind
        of[node] = part
    _connect(parts, of, wanted)
    return _in_order(parts)


def _connect(parts: Sequence[Part], of: dict[Node, Part], wanted: set[Node]) -> None:
    for part in parts:
        for node in part.nodes:
            for source in sources(node, wanted):
                if source.operation == "constant" or of.get(source) is part:
                    continue
                if source not in part.inputs:
                    part.inputs.append(source)
                if source in of and source not in of[source].outputs:
                    of[source].outputs.append(source)
            if node in wanted and node not in part.outputs:
                part.outputs.append(node)


def _in_order(parts: Sequence[Part]) -> list[Part]:
    """Each behind what it needs; what is `behind` may have grown after others copied it."""
    ordered: list[Part] = []
    waiting = list(parts)
    while waiting:
        ready = next(part for part in waiting if not (part.behind - {part}) & set(waiting))
        ordered.append(ready)
        waiting.remove(ready)
    return ordered
