"""The names of a layer's arrays, its record and its parameters, as found in its graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from glassnet.ir.dims import SymbolicDim
from glassnet.ir.layer_trace import INPUTS, structure, trace
from glassnet.ir.tensor import TraceNode, record
from glassnet.layers.base import Array, Layer, Pass, Record, Values
from glassnet.layers.chain import Residual

SAME: Final = frozenset({"reshape", "with_axes", "cast"})
"""Operations that give the same numbers in another shape."""


class _BlockChain(Layer):
    """The inside of a residual block, whose layers have equations of their own."""

    def forward(self, values: Values, x: Array, run: Pass) -> tuple[Array, Record]:
        inside: Any = record("chain", (x,), x.shape, x.dtype)
        return inside, {}

    def backward(self, values: Values, record_: Record, d_y: Array, gradients: Values) -> Array:
        d_x: Any = record("chain_back", (d_y,), d_y.shape, d_y.dtype)
        return d_x


class NamedGraph:
    """The graph of a layer's training step, with the names of its arrays.

    Nodes with the same numbers count as one, whatever their shapes: a mean that is computed twice has one name.

    Attributes
    ----------
    layer : Layer
    numbers : list of float
        Those of the layer, in the order of its fields.
    sizes : dict of str to int
        Of its dimensions, but for the rows.
    defined : dict of str to TraceNode
        The named, computed arrays: the layer's records, "f'(z)", "d_" of each parameter, and "d_x".

    Examples
    --------
    >>> from glassnet import Dense
    >>> graph = NamedGraph(Dense(3, "tanh"), 2)
    >>> sorted(graph.reads("z", graph.defined["z"]))
    ['W', 'b', 'x']
    """

    def __init__(self, layer: Layer, inputs: int) -> None:
        self.layer = layer
        if isinstance(layer, Residual):
            graph = trace((replace(layer, layers=(_BlockChain(),)), SymbolicDim(INPUTS)), "float64", True, Pass(True))
            self.numbers, self.sizes = list[float](), {INPUTS: inputs}
        else:
            found = structure(layer, inputs)
            graph = trace(found.text, "float64", True)
            self.numbers = found.numbers
            self.sizes = {INPUTS: inputs, **dict(zip(graph.counts, found.counts, strict=True))}
        self.ids: dict[Any, int] = {}
        self.known: dict[TraceNode, int] = {}
        self.names: dict[int, str] = {}
        forward = {name: node for name, node in graph.record.items() if name[0] != "_" and not name.startswith("d_")}
        backward = {name: node for name, node in graph.record.items() if name.startswith("d_")}
        known: dict[str, Any] = {"x": graph.x, "d_a": graph.d_y} | graph.parameters | graph.statistics
        for name, node in (known | forward).items():
            self.names.setdefault(self.key(node), name)
        slopes = {
            f"f'({self.names.get(self.key(node.inputs[0]), 'z')})": node
            for node in graph.backward
            if node.op == "call" and node.attributes["derivative"] and node.attributes["elementwise"]
        }
        learned = {f"d_{name}": node for name, node in graph.gradients.items()}
        for name, node in (slopes | backward | learned).items():
            self.names.setdefault(self.key(node), name)
        forward.pop("x", None)
        self.defined: dict[str, Any] = forward | slopes | backward | learned | {"d_x": graph.d_x}

    def key(self, value: Any) -> Any:
        """Return the same node for all nodes with the same numbers."""
        if not isinstance(value, TraceNode):
            return "given", id(value) if isinstance(value, np.ndarray) else value
        if value not in self.known:
            if value.op in SAME:
                found = self.key(value.inputs[0])
            elif value.op == "slice" and (part := self.part(value)) is not None:
                found = self.key(part)
            else:
                about = {name: str(one) for name, one in value.attributes.items() if name != "keepdims"}
                shallow = (
                    value.op,
                    *map(self.key, value.inputs),
                    *sorted(about.items()),
                    *([] if value.inputs else [value]),
                )
                found = self.ids.setdefault(shallow, len(self.ids))
            self.known[value] = found
        return self.known[value]

    def part(self, node: TraceNode) -> Any:
        """Return the part of a concatenation that a slice selects, if it is a whole one; for a whole axis the array."""
        (source,), axis = node.inputs, node.attributes["axis"]
        first, last = node.attributes["first"], node.attributes["last"]
        if node.attributes["step"] != 1:
            return None
        if first == 0 and last == source.shape[axis]:
            return source
        while source.op == "reshape":
            source = source.inputs[0]
        if source.op != "concatenate" or source.attributes["axis"] != axis:
            return None
        start: Any = 0
        for one in source.inputs:
            if (start, start + one.shape[axis]) == (first, last):
                return one
            start = start + one.shape[axis]
        return None

    def named(self, value: Any, besides: str) -> str | None:
        """Return the name of an array, except for the one that is being printed."""
        name = self.names.get(self.key(value)) if isinstance(value, TraceNode) else None
        return None if name == besides else name

    def constant(self, value: Any) -> Any:
        """Return the value of a constant of the layer's counts; None for anything else."""
        if not isinstance(value, TraceNode):
            return value
        if value.op == "counts":
            return np.array(self.numbers[value.attributes["place"] :])
        if value.op not in ("add", "subtract", "cumsum", "multiply"):
            return None
        inputs = list(map(self.constant, value.inputs))
        return None if any(one is None for one in inputs) or value.attributes else getattr(np, value.op)(*inputs)

    def within(self, name: str, node: Any) -> Iterator[TraceNode]:
        """Yield the nodes of an equation, up to the names in it."""
        if isinstance(node, TraceNode):
            yield node
            if self.named(node, name) is None:
                for one in node.inputs:
                    yield from self.within(name, one)

    def reads(self, name: str, node: Any) -> frozenset[str]:
        """Return the names in an equation."""
        found = (self.named(one, name) for one in self.within(name, node))
        return frozenset(one for one in found if one is not None)

    def size(self, value: Any) -> Any:
        """Return a dimension as a number, if it does not depend on the batch."""
        is_open = isinstance(value, SymbolicDim) and value.names - self.sizes.keys()
        return value if is_open or not isinstance(value, SymbolicDim) else value.at(self.sizes)
