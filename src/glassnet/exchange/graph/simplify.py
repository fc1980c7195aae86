"""A graph with less to do: what is known is worked out, what is done twice is done once, what nobody needs is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.evaluate import compute
from glassnet.exchange.graph.node import Graph, Node, constant, in_order

__all__ = ["simplify"]

LARGEST: Final = 100_000
"""Numbers of a constant that may be made of smaller ones."""


def simplify(graph: Graph, names: Mapping[Node, str] = MappingProxyType({})) -> Graph:
    """The same answers from fewer nodes.

    Parameters
    ----------
    graph : Graph
    names : mapping from Node to str, optional
        What nodes are called where they are computed.

    Examples
    --------
    >>> from glassnet.exchange.graph.node import ROWS, Input
    >>> from glassnet.exchange.graph.symbol import Symbol
    >>> x = Symbol.input("x", (ROWS, 1), np.float64)
    >>> twice = Graph((Input("x", "number", x.node),), {"y": (np.exp(x) * np.exp(x)).node})
    >>> len(twice.nodes), len(simplify(twice).nodes)
    (4, 3)
    """
    made: dict[Node, Node] = {}
    alike: dict[Any, Node] = {}
    for node in in_order(graph.outputs.values()):
        inputs = tuple(made[source] for source in node.inputs)
        one = _smaller(node, inputs)
        if node in names and not one.name and one.operation != "input":
            one = replace(one, name=names[node])
        made[node] = alike.setdefault(_key(one), one)
    return replace(graph, outputs={name: made[node] for name, node in graph.outputs.items()})


def _smaller(node: Node, inputs: tuple[Node, ...]) -> Node:
    """The node on top of inputs that are simple already."""
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
        whole = _split_and_stacked(node, inputs)
        if whole is not None:
            return whole
    return node if inputs == node.inputs else replace(node, inputs=inputs)


def _split_and_stacked(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    """Equal parts of the columns of (rows, columns), stacked: the same in one movement, shape (parts, rows, each)."""
    cuts = [source.inputs[0] if source.operation == "reshape" else source for source in inputs]
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


def _key(node: Node) -> Any:
    """Equal for nodes of one part of the model that give the same; parts stay whole."""
    if node.operation == "input":
        return node
    about = tuple(sorted((name, _hashable(value)) for name, value in node.attributes.items()))
    value = None if node.value is None else (node.value.dtype.str, node.value.tobytes())
    return node.operation, node.inputs, node.shape, node.dtype.str, about, value, node.scope


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, np.ndarray)) else value
