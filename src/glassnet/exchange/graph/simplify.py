"""Simplify a graph: constant folding, common subexpressions, dead nodes, factors folded into weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from glassnet.engines.ordered import product
from glassnet.exchange.graph.dataflow import Array, Graph, Node, compute, constant, rebuilt

LARGEST: Final = 100_000
"""Numbers of a constant that may be made of smaller ones."""


def simplify(graph: Graph, names: Mapping[Node, str] = MappingProxyType({}), *, across: bool = False) -> Graph:
    """Return an equivalent graph with fewer nodes.

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
    """Return a simpler node, given its simplified inputs."""
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
    """Replace equal parts of the columns of (rows, columns), stacked, by one movement, of shape (parts, rows, each)."""
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
    """Bypass concatenations: replace a slice of concatenated columns by the operand, or a slice of it."""
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
    """Return the part from one place to another of concatenated sources."""
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
    """Return a key that is equal for nodes of equal value."""
    if node.operation == "input":
        return (node,)
    about = tuple(sorted((name, _hashable(value)) for name, value in node.attributes.items()))
    value = None if node.value is None else (node.value.dtype.str, node.value.tobytes())
    return node.operation, node.inputs, node.shape, node.dtype.str, about, value


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return tuple(value) if isinstance(value, list) else value


def folded(graph: Graph) -> Graph:
    """Return an equivalent graph, up to rounding, with fewer multiplications and sums.

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
    """Folds constants into the weights, where no other node uses the value between."""

    def __init__(self) -> None:
        self.alone: set[Node] = set()
        """Nodes that one other reads, and no more."""

    def of(self, node: Node) -> Node:
        """Return a node, or an equivalent simpler one."""
        match node.operation:
            case "multiply":
                return self._multiply(node)
            case "add":
                return self._add(node)
            case "matmul" if _is_matrix(node.inputs[1]):
                return self._product(node)
        return node

    def _multiply(self, node: Node) -> Node:
        """Simplify f (x W) and f (x + c)."""
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
        """Simplify (x + c) + d."""
        for inner, other in (node.inputs, node.inputs[::-1]):
            more = _along_last(other, inner.shape)
            known = _known(inner, "add") if more is not None and inner in self.alone else None
            if known:
                return replace(node, inputs=(known[0], _constant(other, known[1] + more)))
        return node

    def _product(self, node: Node) -> Node:
        """Simplify (x · g) W and (x + c) W."""
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
        """Return a node that was created for a single reader."""
        self.alone.add(node)
        return node


def _is_matrix(node: Node) -> bool:
    return node.value is not None and node.value.ndim == 2


def _known(node: Node, operation: str) -> tuple[Node, Array] | None:
    """Return x and the constant of an operation between the two; None for other nodes."""
    if node.operation == operation:
        for x, other in (node.inputs, node.inputs[::-1]):
            value = _along_last(other, node.shape)
            if value is not None and x.shape == node.shape:
                return x, value
    return None


def _along_last(node: Node, shape: tuple[int, ...]) -> Array | None:
    """Return a constant as one number, or one for each place of the last axis of this shape; None if it is neither."""
    value = node.value
    if value is None or value.dtype.kind != "f" or value.size not in (1, shape[-1] if shape else 1):
        return None
    return None if value.shape[-1:] not in ((), (value.size,)) else value.ravel().astype(np.float64)


def _constant(like: Node, value: Array) -> Node:
    """Return a constant of the type and the scope of another node."""
    return replace(constant(value, like.dtype), scope=like.scope)


def _with_weights(product: Node, x: Node, factor: Array, named: Node) -> Node:
    """Return the product of x with weights that contain the factor."""
    weights = product.inputs[1]
    wide = weights.known.astype(np.float64) * factor
    known = replace(constant(wide.astype(weights.dtype), weights.dtype, weights.name), scope=weights.scope)
    return replace(product, inputs=(x, known), name=named.name)
