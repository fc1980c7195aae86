"""Finds in a graph what is one function of the engine: the waves of an embedding are a cosine in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph import ROWS, Graph, Node
from glassnet.exchange.graph.node import in_order
from glassnet.exchange.graph.symbol import Symbol
from glassnet.formulas import elementary

__all__ = ["recognized"]

SEVERAL: Final[dict[str, Callable[[Any], Any]]] = {"cos_turn": elementary.cos_turn, "sin_turn": elementary.sin_turn}
"""Elementary functions that a trace takes apart, for to NumPy they are several operations."""


def recognized(graph: Graph) -> Graph:
    """The same graph with those functions, of single precision, as one operation each.

    Examples
    --------
    >>> from glassnet.exchange.graph import Input
    >>> x = Symbol.input("x", (ROWS, 1), np.float32)
    >>> waves = Graph((Input("x", "number", x.node),), {"y": elementary.cos_turn(2 * x).node})
    >>> [node.operation for node in recognized(waves).nodes]
    ['constant', 'input', 'multiply', 'cos_turn']
    """
    asked = Symbol.input("", (ROWS, 1), np.float32)
    patterns = {name: function(asked).node for name, function in SEVERAL.items()}
    made: dict[Node, Node] = {}
    for node in in_order(graph.outputs.values()):
        inputs = tuple(made[source] for source in node.inputs)
        made[node] = node if inputs == node.inputs else replace(node, inputs=inputs)
        for name, pattern in patterns.items():
            found: dict[Node, Node] = {}
            if node.dtype == np.float32 and _match(pattern, node, asked.node, found):
                made[node] = replace(node, operation=name, inputs=(made[found[asked.node]],), attributes={})
    return replace(graph, outputs={name: made[node] for name, node in graph.outputs.items()})


def _match(pattern: Node, node: Node, asked: Node, found: dict[Node, Node]) -> bool:
    """Whether a node is computed as the pattern is, of one and the same number that is asked for."""
    if pattern is asked:
        return found.setdefault(asked, node) is node
    if pattern.value is not None:
        return node.value is not None and node.dtype == pattern.dtype and np.array_equal(node.value, pattern.value)
    if pattern.operation != node.operation or len(pattern.inputs) != len(node.inputs):
        return False
    return all(_match(one, other, asked, found) for one, other in zip(pattern.inputs, node.inputs, strict=True))
