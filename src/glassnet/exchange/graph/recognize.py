"""Finds in a graph what a trace has taken apart: functions that a language has as one, or writes in another way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.exchange.graph.node import ROWS, Graph, Node, in_order
from glassnet.exchange.graph.symbol import Symbol

__all__ = ["recognized"]


def recognized(graph: Graph, functions: Mapping[str, Callable[..., Any]]) -> Graph:
    """The same graph with some functions of a number as one operation each, where they are of single precision.

    Parameters
    ----------
    graph : Graph
    functions : mapping from str to callable
        By the name that the operation gets. Each is traced itself, and its trace is looked for, so that nothing of it
        is written a second time. What it takes behind the number must be constants: they become attributes of the node.

    Examples
    --------
    >>> from glassnet.exchange.graph import Input
    >>> from glassnet.formulas import elementary
    >>> x = Symbol.input("x", (ROWS, 1), np.float32)
    >>> waves = Graph((Input("x", "number", x.node),), {"y": elementary.cos_turn(2 * x).node})
    >>> [node.operation for node in recognized(waves, {"cos_turn": elementary.cos_turn}).nodes]
    ['constant', 'input', 'multiply', 'cos_turn']
    """
    patterns = {name: _Pattern(function) for name, function in functions.items()}
    made: dict[Node, Node] = {}
    for node in in_order(graph.outputs.values()):
        inputs = tuple(made[source] for source in node.inputs)
        made[node] = node if inputs == node.inputs else replace(node, inputs=inputs)
        for name, pattern in patterns.items():
            found = pattern.found(node) if node.dtype == np.float32 else None
            if found is not None:
                of, values = found
                made[node] = replace(node, operation=name, inputs=(made[of],), attributes=values)
    return replace(graph, outputs={name: made[node] for name, node in graph.outputs.items()})


class _Pattern:
    """How a function of a number and of some constants is computed."""

    def __init__(self, function: Callable[..., Any]) -> None:
        number, *values = inspect.signature(function).parameters
        asked = Symbol.input(number, (ROWS, 1), np.float32)
        constants = [Symbol.input(name, (), np.float32) for name in values]
        self.number = asked.node
        self.names = {one.node: name for one, name in zip(constants, values, strict=True)}
        self.end: Node = function(asked, *constants).node

    def found(self, node: Node) -> tuple[Node, dict[str, float]] | None:
        """Of which node this one is the function, and with which constants; None: it is not."""
        known: dict[Node, Node] = {}
        if not self._same(self.end, node, known):
            return None
        return known[self.number], {name: _number(known[one]) for one, name in self.names.items()}

    def _same(self, pattern: Node, node: Node, known: dict[Node, Node]) -> bool:
        if pattern is self.number:
            return known.setdefault(pattern, node) is node
        if pattern in self.names:
            return node.value is not None and _number(known.setdefault(pattern, node)) == _number(node)
        if pattern.value is not None:
            return node.value is not None and node.dtype == pattern.dtype and np.array_equal(node.value, pattern.value)
        if pattern.operation != node.operation or len(pattern.inputs) != len(node.inputs):
            return False
        return all(self._same(one, other, known) for one, other in zip(pattern.inputs, node.inputs, strict=True))


def _number(node: Node) -> float:
    """The value of a constant of one number; of others NaN, which is like no other."""
    return float(node.value.ravel()[0]) if node.value is not None and node.value.size == 1 else float("nan")
