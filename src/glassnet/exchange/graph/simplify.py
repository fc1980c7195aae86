"""A graph with less to do: what is known is worked out, what is done twice is done once, what nobody needs is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.evaluate import compute
from glassnet.exchange.graph.node import Graph, Node, constant, rebuilt

LARGEST: Final = 100_000
"""Numbers of a constant that may be made of smaller ones."""


def simplify(graph: Graph, names: Mapping[Node, str] = MappingProxyType({}), *, across: bool = False) -> Graph:
    """The same answers from fewer nodes.

    With `across` parts of the model share what they compute alike, and read what another has only handed on.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> twice = graph_of(lambda x: np.exp(x) * np.exp(x))
    >>> len(twice.nodes), len(simplify(twice).nodes)
    (4, 3)
    """
    alike: dict[Any, Node] = {}

    def known(node: Node) -> Node:
        return alike.setdefault((*_key(node), None if across else node.scope), node)

    def change(old: Node, new: Node) -> Node:
        one = _smaller(new)
        if across:
            one = _direct(one, known)
        if old in names and not one.name and one.operation != "input":
            one = replace(one, name=names[old])
        return known(one)

    return rebuilt(graph, change)


def _smaller(node: Node) -> Node:
    """The node on top of inputs that are simple already."""
    inputs = node.inputs
    if inputs and all(source.operation == "constant" for source in inputs) and _size(node) <= LARGEST:
        with np.errstate(all="ignore"):
            value = compute(node, [source.value for source in inputs if source.value is not None])
        return replace(constant(value, node.dtype), scope=node.scope)
    if node.operation == "reshape":
        while inputs[0].operation == "reshape":
            inputs = inputs[0].inputs
        if inputs[0].shape == node.shape:
            return inputs[0]
    if node.operation == "concat":
        whole = _split_and_stacked(node)
        if whole is not None:
            return whole
    return node if inputs == node.inputs else replace(node, inputs=inputs)


def _split_and_stacked(node: Node) -> Node | None:
    """Equal parts of the columns of (rows, columns), stacked: the same in one movement, shape (parts, rows, each)."""
    cuts = [source.inputs[0] if source.operation == "reshape" else source for source in node.inputs]
    first = cuts[0]
    parts, rows, each = (*node.shape, 0, 0, 0)[:3]
    if first.operation != "slice" or node.attributes["axis"] != 0 or len(node.shape) != 3 or parts != len(cuts):
        return None
    table = first.inputs[0]
    wanted = [{"axis": 1, "start": i * each, "stop": (i + 1) * each, "step": 1} for i in range(parts)]
    found = [cut.attributes if cut.inputs and cut.inputs[0] is table else None for cut in cuts]
    if found != wanted or table.shape != (rows, parts * each):
        return None
    spread = replace(node, operation="reshape", inputs=(table,), shape=(rows, parts, each), attributes={})
    return replace(node, operation="transpose", inputs=(spread,), attributes={"axes": (1, 0, 2)})


def _size(node: Node) -> int:
    return int(np.prod(node.shape)) if node.shape else 1


def _direct(node: Node, known: Callable[[Node], Node]) -> Node:
    """Columns from where they come from: a slice of what was put beside others is one of those, or a slice of them."""
    while node.operation == "slice" and node.inputs[0].operation == "concat":
        (source,), (axis, start, stop, step) = (
            node.inputs,
            (node.attributes[n] for n in ("axis", "start", "stop", "step")),
        )
        if source.attributes["axis"] != axis or step != 1:
            return node
        parts = [known(_direct(part, known)) for part in _parts(source.inputs, axis, start, stop)]
        node = parts[0] if len(parts) == 1 else known(replace(source, inputs=tuple(parts), shape=node.shape))
    return node


def _parts(sources: Sequence[Node], axis: int, start: int, stop: int) -> Iterator[Node]:
    """What lies from one place to another of sources that stand beside each other."""
    begin = 0
    for source in sources:
        size = source.shape[axis]
        low, high = max(start - begin, 0), min(stop - begin, size)
        if low < high:
            about = {"axis": axis, "start": low, "stop": high, "step": 1}
            shape = (*source.shape[:axis], high - low, *source.shape[axis + 1 :])
            whole = high - low == size
            yield source if whole else Node("slice", (source,), shape, source.dtype, about, scope=source.scope)
        begin += size


def _key(node: Node) -> tuple[Any, ...]:
    """Equal for nodes that give the same."""
    if node.operation == "input":
        return (node,)
    about = tuple(sorted((name, _hashable(value)) for name, value in node.attributes.items()))
    value = None if node.value is None else (node.value.dtype.str, node.value.tobytes())
    return node.operation, node.inputs, node.shape, node.dtype.str, about, value


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return tuple(value) if isinstance(value, list) else value
