"""Factors that are known become part of the weights beside them: c (x W) and (x · g) W are one product each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from glassnet.exchange.graph.node import Array, Graph, Node, constant, in_order

__all__ = ["folded"]


def folded(graph: Graph) -> Graph:
    """The same answers, to rounding, with fewer multiplications.

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
    made: dict[Node, Node] = {}
    alone: set[Node] = set()
    for node in in_order(graph.outputs.values()):
        inputs = tuple(made[source] for source in node.inputs)
        one = node if inputs == node.inputs else replace(node, inputs=inputs)
        made[node] = _folded(one, alone)
        if uses[node] == 1:
            alone.add(made[node])
    return replace(graph, outputs={name: made[node] for name, node in graph.outputs.items()})


def _folded(node: Node, alone: set[Node]) -> Node:
    """Of a product behind or before a factor the product alone, where nobody else wants what lies between."""
    if node.operation == "multiply":
        for product, factor in (node.inputs, node.inputs[::-1]):
            if product in alone and product.operation == "matmul" and _is_matrix(product.inputs[1]):
                columns = _along_last(factor, product.shape)
                if columns is not None:
                    return _with_weights(product, product.inputs[0], columns, node)
    if node.operation == "matmul" and node.inputs[0] in alone and _is_matrix(node.inputs[1]):
        scaled = node.inputs[0]
        if scaled.operation == "multiply":
            for x, factor in (scaled.inputs, scaled.inputs[::-1]):
                rows = _along_last(factor, scaled.shape)
                if rows is not None and x.shape == scaled.shape:
                    return _with_weights(node, x, rows[..., None], node)
    return node


def _is_matrix(node: Node) -> bool:
    return node.value is not None and node.value.ndim == 2


def _along_last(node: Node, shape: tuple[int, ...]) -> Array | None:
    """A constant as one number, or one for each place of the last axis of such a shape; None: it is neither."""
    value = node.value
    if value is None or value.size not in (1, shape[-1]) or value.shape[-1:] not in ((), (value.size,)):
        return None
    return value.ravel()


def _with_weights(product: Node, x: Node, factor: Array, named: Node) -> Node:
    """The product of x with weights that have the factor in them."""
    weights = product.inputs[1]
    assert weights.value is not None
    wide = weights.value.astype(np.float64) * factor
    known = replace(constant(wide.astype(weights.dtype), weights.dtype, weights.name), scope=weights.scope)
    return replace(product, inputs=(x, known), name=named.name)
