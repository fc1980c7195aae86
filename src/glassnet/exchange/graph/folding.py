"""Known numbers become part of the weights beside them: c (x W), (x · g) W and (x + c) W are one product each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from glassnet.engines.ordered import product
from glassnet.exchange.graph.node import Array, Graph, Node, constant, rebuilt


def folded(graph: Graph) -> Graph:
    """The same answers, to rounding, with fewer multiplications and sums.

    Examples
    --------
    >>> from glassnet import Dense, NeuralNetwork, Scale
    >>> from glassnet.exchange.graph import model_graph
    >>> graph = model_graph(NeuralNetwork(3, [Scale(), Dense(2, "tanh", parametrization="ntk")]))
    >>> [node.operation for node in folded(graph).nodes if node.operation != "constant"]
    ['input', 'matmul', 'add', 'tanh']
    """
    uses = Counter(source for node in graph.nodes for source in node.inputs)
    uses.update(graph.outputs.values())
    folding = _Folding()

    def change(old: Node, new: Node) -> Node:
        better = folding.of(new)
        if uses[old] == 1:
            folding.alone.add(better)
        return better

    return rebuilt(graph, change)


class _Folding:
    """What is known goes back into the weights, where nobody else wants what lies between."""

    def __init__(self) -> None:
        self.alone: set[Node] = set()
        """Nodes that one other reads, and no more."""

    def of(self, node: Node) -> Node:
        """The node, or another that gives the same."""
        match node.operation:
            case "multiply":
                return self._multiply(node)
            case "add":
                return self._add(node)
            case "matmul" if _is_matrix(node.inputs[1]):
                return self._product(node)
        return node

    def _multiply(self, node: Node) -> Node:
        """f (x W) and f (x + c)."""
        for inner, other in (node.inputs, node.inputs[::-1]):
            factor = _along_last(other, inner.shape)
            if factor is None or inner not in self.alone:
                continue
            if inner.operation == "matmul" and _is_matrix(inner.inputs[1]):
                return _with_weights(inner, inner.inputs[0], factor, node)
            known = _known(inner, "add")
            if known:
                x, c = known
                scaled = self._own(self.of(replace(node, inputs=(x, other))))
                return replace(node, operation="add", inputs=(scaled, _constant(inner, c * factor)))
        return node

    def _add(self, node: Node) -> Node:
        """(x + c) + d."""
        for inner, other in (node.inputs, node.inputs[::-1]):
            more = _along_last(other, inner.shape)
            known = _known(inner, "add") if more is not None and inner in self.alone else None
            if known:
                return replace(node, inputs=(known[0], _constant(other, known[1] + more)))
        return node

    def _product(self, node: Node) -> Node:
        """(x · g) W and (x + c) W."""
        inner, weights = node.inputs
        if inner not in self.alone:
            return node
        scaled = _known(inner, "multiply")
        if scaled:
            return self.of(_with_weights(node, scaled[0], np.broadcast_to(scaled[1], inner.shape[-1:])[:, None], node))
        raised = _known(inner, "add")
        if raised:
            sums = product(np.broadcast_to(raised[1], inner.shape[-1:]), weights.known.astype(np.float64))
            lowered = self._own(self.of(replace(node, inputs=(raised[0], weights))))
            return replace(node, operation="add", inputs=(lowered, _constant(inner, sums)), name="")
        return node

    def _own(self, node: Node) -> Node:
        """One that was just made for one reader."""
        self.alone.add(node)
        return node


def _is_matrix(node: Node) -> bool:
    return node.value is not None and node.value.ndim == 2


def _known(node: Node, operation: str) -> tuple[Node, Array] | None:
    """x and the constant, of an x that such an operation brings together with one; None: it is another node."""
    if node.operation == operation:
        for x, other in (node.inputs, node.inputs[::-1]):
            value = _along_last(other, node.shape)
            if value is not None and x.shape == node.shape:
                return x, value
    return None


def _along_last(node: Node, shape: tuple[int, ...]) -> Array | None:
    """A constant as one number, or one for each place of the last axis of such a shape; None: it is neither."""
    value = node.value
    if value is None or value.dtype.kind != "f" or value.size not in (1, shape[-1] if shape else 1):
        return None
    return None if value.shape[-1:] not in ((), (value.size,)) else value.ravel().astype(np.float64)


def _constant(like: Node, value: Array) -> Node:
    """A constant of the type and the part of the model of another node."""
    return replace(constant(value, like.dtype), scope=like.scope)


def _with_weights(product: Node, x: Node, factor: Array, named: Node) -> Node:
    """The product of x with weights that have the factor in them."""
    weights = product.inputs[1]
    wide = weights.known.astype(np.float64) * factor
    known = replace(constant(wide.astype(weights.dtype), weights.dtype, weights.name), scope=weights.scope)
    return replace(product, inputs=(x, known), name=named.name)
