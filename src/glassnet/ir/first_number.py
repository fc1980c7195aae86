"""The first number of an array, as an equation with numbers filled in, from the array's graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import mul
from typing import Any, Final

import numpy as np

from glassnet.formulas import elementary
from glassnet.formulas.formula import of_numbers
from glassnet.ir.dims import SymbolicDim, resolved
from glassnet.ir.equations import written
from glassnet.ir.layer_names import NamedGraph
from glassnet.ir.layer_trace import BATCH
from glassnet.ir.numpy_functions import ELEMENTWISE
from glassnet.ir.symbolic_array import UntraceableError
from glassnet.ir.tensor import TraceNode

FEW = 8
"""The most terms of a printed sum."""
WHOLE: Final = frozenset(
    {"number", "reshape", "with_axes", "transpose", "slice", "concatenate", "tile", "matmul", "einsum", "sum", "mean"}
)
"""Operations that are not elementwise."""


class Element:
    """The elements of an array, from those of the arrays in its equation.

    Parameters
    ----------
    graph : NamedGraph
        The layer's computation.
    name : str
    node : TraceNode
        That it is the name of.
    """

    def __init__(self, graph: NamedGraph, name: str, node: TraceNode) -> None:
        self.graph, self.name, self.node = graph, name, node
        self.known: Mapping[str, Any] = {}
        self.sizes = graph.sizes

    def first(self, arrays: Mapping[str, Any]) -> str:
        """Return the first number as an equation; empty where it would have too many terms, or cannot be printed."""
        if any(one.op == "ngrams" for one in self.graph.within(self.name, self.node)):
            return ""
        reads = self.graph.reads(self.name, self.node)
        operands = {name: arrays[name] for name in sorted(reads) if name in arrays}
        if not operands or any(not each.size or max(each.shape) > FEW for each in operands.values()):
            return ""
        numbers = dict(enumerate(np.concatenate([np.ravel(one) for one in operands.values()])))
        self.sizes = self.graph.sizes | {BATCH: len(arrays["d_a"])}

        def of_arrays(*symbols: Any) -> Any:
            each = iter(symbols)
            self.known = {name: _array(one.shape, each) for name, one in operands.items()}
            return self.at_first(self.node)

        return written(of_arrays, {str(place): number for place, number in numbers.items()}, filled=True) or ""

    def slope(self, arrays: Mapping[str, Any]) -> Any:
        """Return all elements of the call of an elementwise formula."""
        names = [self.graph.named(one, self.name) for one in self.node.inputs]
        args = (arrays[name] if name else self.numbers(one) for name, one in zip(names, self.node.inputs, strict=True))
        return of_numbers(self.function(self.node), *args)

    def shape(self, node: TraceNode) -> tuple[int, ...]:
        return tuple(resolved(one, self.sizes) for one in node.shape)

    def at_first(self, value: Any) -> Any:
        """Return the first element alone: an elementwise function needs the first of each operand."""
        if isinstance(value, TraceNode) and self.named(value) is None and value.op not in WHOLE:
            return self.function(value)(*map(self.at_first, value.inputs))
        if isinstance(value, TraceNode) and self.named(value) is None and value.op == "matmul":
            x, y = map(self.numbers, value.inputs)
            numbers = x[..., :1, :] @ y[..., :1]
        else:
            numbers = self.numbers(value)
        return numbers.flat[0] if isinstance(numbers, np.ndarray) else numbers

    def named(self, value: Any) -> str | None:
        """Return the name of a known array."""
        name = self.graph.named(value, self.name)
        return name if name in self.known else None

    def numbers(self, value: Any) -> Any:
        """Return all elements of a node, by NumPy on arrays of symbols."""
        if isinstance(value, SymbolicDim):
            return float(value.at(self.sizes))
        if not isinstance(value, TraceNode):
            return value
        if (name := self.named(value)) is not None:
            return self.known[name].reshape(self.shape(value))
        about, inputs = value.attributes, [self.numbers(one) for one in value.inputs]
        match value.op:
            case "number":
                return self.graph.numbers[about["place"]]
            case "reshape" | "with_axes":
                return inputs[0].reshape(self.shape(value))
            case "transpose":
                return inputs[0].transpose(about["axes"])
            case "slice":
                first, last = (resolved(about[one], self.sizes) for one in ("first", "last"))
                last = None if last < 0 else last  # of a range down to the first place
                return inputs[0][(slice(None),) * about["axis"] + (slice(first, last, about["step"]),)]
            case "concatenate":
                return np.concatenate(inputs, about["axis"])
            case "tile":
                return np.tile(inputs[0], [resolved(one, self.sizes) for one in about["reps"]])
            case "matmul":
                return inputs[0] @ inputs[1]
            case "einsum":
                return _einsum(about["subscripts"], inputs)
            case "sum" | "mean":
                total = inputs[0].sum(axis=about["axes"], keepdims=about["keepdims"])
                return total if value.op == "sum" else total / float(inputs[0].size / np.size(total))
        return np.frompyfunc(self.function(value), len(inputs), 1)(*inputs)

    def function(self, node: TraceNode) -> Callable[..., Any]:
        """Return an elementwise operation."""
        if node.op == "call" and node.attributes["elementwise"]:
            formula: Callable[..., Any] = node.attributes["formula"]
            return formula
        if node.op == "cast":
            return lambda x: x
        known = getattr(elementary if node.op in elementary.__all__ else np, node.op, None)
        if known is None or not (
            isinstance(known, np.ufunc)
            or known in (*ELEMENTWISE, np.where, np.full_like)
            or node.op in elementary.__all__
        ):
            raise UntraceableError(node.op)
        return partial(known, **node.attributes)


def _array(shape: tuple[int, ...], each: Iterator[Any]) -> Any:
    """Return an array of new symbols."""
    array = np.empty(shape, object)
    for place in np.ndindex(shape):
        array[place] = next(each)
    return array


def _einsum(subscripts: str, arrays: Sequence[Any]) -> Any:
    """Compute an einsum of symbols; in NumPy's own each sum would begin with 0.

    >>> _einsum("ij,jk->ik", [np.eye(2), np.ones((2, 1))]).tolist()
    [[1.0], [1.0]]
    """
    names, _, out = subscripts.partition("->")
    order = [*out, *sorted({*names} - {*out, ","})]
    beside = [
        array.transpose([letters.index(one) for one in order if one in letters])[
            tuple(slice(None) if one in letters else None for one in order)
        ]
        for letters, array in zip(names.split(","), arrays, strict=True)
    ]
    product: Any = reduce(mul, beside)
    return product.sum(axis=tuple(range(len(out), len(order))))
