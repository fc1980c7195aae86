"""Finds in a graph what a trace has taken apart: functions that a language has as one, or writes in another way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.exchange.graph.legalize import asked, node_of, recording, tensor_of
from glassnet.exchange.graph.node import ROWS, Graph, Node, rebuilt, within


def recognized(graph: Graph, functions: Mapping[str, Callable[..., Any]]) -> Graph:
    """The same graph with some functions of a number as one operation each, where they are of single precision.

    Each, by the name that the operation gets, is traced itself, and its trace is looked for, so that nothing of it is
    written a second time. What it takes behind the number must be constants: they become attributes of the node.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> from glassnet.formulas import elementary
    >>> waves = graph_of(lambda x: elementary.cos_turn(2 * x), dtype=np.float32)
    >>> [node.operation for node in recognized(waves, {"cos_turn": elementary.cos_turn}).nodes]
    ['constant', 'input', 'multiply', 'cos_turn']
    """

    def named(name: str) -> Replacement:
        return lambda node, of, values: replace(node, operation=name, inputs=(of,), attributes=values)

    return _replaced(graph, [(_Pattern(function), named(name)) for name, function in functions.items()])


def respelled(graph: Graph, functions: Mapping[Callable[..., Any], Callable[..., Any]]) -> Graph:
    """The same graph with some functions of a number computed in another way, where they are of single precision.

    What both ways take behind the number are constants, one number or one for each column. The other way may give
    None: then all stays as it is.

    Examples
    --------
    >>> from glassnet.exchange.graph.legalize import graph_of
    >>> graph = graph_of(lambda x: np.exp(x) * np.exp(x), dtype=np.float32)
    >>> two, one = lambda z: np.exp(z) * np.exp(z), lambda z: np.exp(2 * z)
    >>> [node.operation for node in respelled(graph, {two: one}).nodes]
    ['constant', 'input', 'multiply', 'exp']
    """

    def computed(function: Callable[..., Any]) -> Replacement:
        def other(node: Node, of: Node, values: Mapping[str, Any]) -> Node | None:
            with within(node.scope), recording():
                result = function(tensor_of(of), **values)
                return None if result is None else node_of(result)

        return other

    return _replaced(graph, [(_Pattern(one, columns=True), computed(other)) for one, other in functions.items()])


Replacement = Callable[[Node, Node, dict[str, Any]], Node | None]
"""Of a node where a function was found, of what it is a function, and its constants, what takes its place."""


def _replaced(graph: Graph, patterns: Sequence[tuple[_Pattern, Replacement]]) -> Graph:
    made: dict[Node, Node] = {}

    def change(old: Node, new: Node) -> Node:
        made[old] = new
        for pattern, replacement in patterns:
            found = pattern.found(old) if old.dtype == np.float32 else None
            if found is not None:
                of, values = found
                made[old] = replacement(old, made[of], values) or made[old]
        return made[old]

    return rebuilt(graph, change)


class _Pattern:
    """How a function of a number and of some constants is computed; `columns`: each may be one for each column."""

    def __init__(self, function: Callable[..., Any], columns: bool = False) -> None:
        number, *values = inspect.signature(function).parameters
        with recording():
            x, constants = asked(number, (ROWS, 1), np.float32), [asked(name, (), np.float32) for name in values]
            self.number, self.columns = node_of(x), columns
            self.names = {node_of(one): name for one, name in zip(constants, values, strict=True)}
            self.end: Node = node_of(function(x, *constants))

    def found(self, node: Node) -> tuple[Node, dict[str, Any]] | None:
        """Of which node this one is the function, and with which constants; None: it is not."""
        known: dict[Node, Node] = {}
        if not self._same(self.end, node, known):
            return None
        return known[self.number], {name: _given(known[one]) for one, name in self.names.items()}

    def _same(self, pattern: Node, node: Node, known: dict[Node, Node]) -> bool:
        if pattern is self.number:
            return known.setdefault(pattern, node) is node
        if pattern in self.names:
            if node.value is None or not (self.columns or node.value.size == 1):
                return False
            return np.array_equal(_given(known.setdefault(pattern, node)), _given(node))
        if pattern.value is not None:
            return node.value is not None and node.dtype == pattern.dtype and np.array_equal(node.value, pattern.value)
        if pattern.operation != node.operation or len(pattern.inputs) != len(node.inputs):
            return False
        return all(self._same(one, other, known) for one, other in zip(pattern.inputs, node.inputs, strict=True))


def _given(node: Node) -> Any:
    """The value of a constant: a number, or an array of several."""
    return float(node.known.ravel()[0]) if node.known.size == 1 else node.known
