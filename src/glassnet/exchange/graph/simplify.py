"""A graph with less to do: what is known is worked out, what is done twice is done once, what nobody needs is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.evaluate import compute
from glassnet.exchange.graph.node import Graph, Node, constant, in_order

__all__ = ["simplify"]

LARGEST: Final = 100_000
"""Numbers of a constant that may be made of smaller ones."""


def simplify(graph: Graph) -> Graph:
    """The same answers from fewer nodes.

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
        made[node] = alike.setdefault(_key(one := _smaller(node, inputs)), one)
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
    return node if inputs == node.inputs else replace(node, inputs=inputs)


def _size(node: Node) -> int:
    return int(np.prod(node.shape)) if node.shape else 1


def _key(node: Node) -> Any:
    """Equal for nodes that give the same."""
    if node.operation == "input":
        return node
    about = tuple(sorted((name, _hashable(value)) for name, value in node.attributes.items()))
    value = None if node.value is None else (node.value.dtype.str, node.value.tobytes())
    return node.operation, node.inputs, node.shape, node.dtype.str, about, value, node.name


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, np.ndarray)) else value
