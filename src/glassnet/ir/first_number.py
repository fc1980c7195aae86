"""The first number of an array as a formula of single numbers, from the graph that the array has."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from glassnet.formulas import elementary
from glassnet.formulas.formula import of_numbers
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.equations import written
from glassnet.ir.layer_names import NamedGraph
from glassnet.ir.symbolic_array import UntraceableError
from glassnet.ir.tensor import Node
from glassnet.ir.trace import BATCH

FEW = 8
"""Of more rows or columns nobody reads a sum."""
Place = tuple[int, ...]


class Element:
    """The numbers of an array one by one, from those of the arrays that its equation reads.

    Parameters
    ----------
    graph : NamedGraph
        What the layer computes.
    name : str
    node : Node
        That it is the name of.
    """

    def __init__(self, graph: NamedGraph, name: str, node: Node) -> None:
        self.graph, self.name, self.node = graph, name, node
        self.known: Mapping[str, list[Any]] = {}
        self.sizes = graph.sizes

    def first(self, arrays: Mapping[str, Any]) -> str:
        """The first number as a formula, filled in; empty where it would be of too many, or cannot be written."""
        reads = self.graph.reads(self.name, self.node)
        given = {name: arrays[name] for name in sorted(reads) if name in arrays}
        if not given or any(not each.size or max(each.shape) > FEW for each in given.values()):
            return ""
        numbers = dict(enumerate(np.concatenate([np.ravel(one) for one in given.values()])))
        self.sizes = self.graph.sizes | {BATCH: len(arrays["d_a"])}

        def of_arrays(*symbols: Any) -> Any:
            each = iter(symbols)
            self.known = {name: [next(each) for _ in range(one.size)] for name, one in given.items()}
            return self.at(self.node, (0,) * len(self.node.shape))

        return written(of_arrays, {str(place): number for place, number in numbers.items()}, filled=True) or ""

    def slope(self, arrays: Mapping[str, Any]) -> Any:
        """Of a formula's call all numbers."""
        names = [self.graph.named(one, self.name) for one in self.node.inputs]
        numbers = [self.at(one, ()) for one, name in zip(self.node.inputs, names, strict=True) if name is None]
        return of_numbers(self.node.attributes["formula"], *(arrays[name] for name in names if name), *numbers)

    def shape(self, value: Any) -> Place:
        shape = value.shape if isinstance(value, Node) else np.shape(value)
        return tuple(one.at(self.sizes) if isinstance(one, SymbolicDim) else one for one in shape)

    def at(self, value: Any, place: Place) -> Any:
        if isinstance(value, SymbolicDim):
            return float(value.at(self.sizes))
        if not isinstance(value, Node):
            return value
        shape = self.shape(value)
        name = self.graph.named(value, self.name)
        if name is not None and name in self.known:
            return self.known[name][int(np.ravel_multi_index(place, shape)) if shape else 0]
        find = getattr(self, f"_{value.op}", None)
        if find is not None:
            return find(value, place)
        function = getattr(elementary if value.op in elementary.__all__ else np, value.op)
        return function(*self.beside(value.inputs, place), **value.attributes)

    def beside(self, inputs: Any, place: Place) -> list[Any]:
        """The numbers of several arrays that meet in one place."""
        return [self.at(one, self.met(self.shape(one), place)) for one in inputs]

    @staticmethod
    def met(shape: Place, place: Place) -> Place:
        return tuple(0 if size == 1 else one for size, one in zip(shape, place[len(place) - len(shape) :], strict=True))

    def _number(self, node: Node, place: Place) -> Any:
        return self.graph.numbers[node.attributes["place"]]

    def _call(self, node: Node, place: Place) -> Any:
        if not node.attributes["elementwise"]:
            raise UntraceableError("a formula of whole rows")
        return node.attributes["formula"](*self.beside(node.inputs, place))

    def _reshape(self, node: Node, place: Place) -> Any:
        before = self.shape(node.inputs[0])
        found = np.unravel_index(np.ravel_multi_index(place, self.shape(node)), before)
        return self.at(node.inputs[0], tuple(map(int, found)))

    _with_axes = _reshape

    def _transpose(self, node: Node, place: Place) -> Any:
        found = dict(zip(node.attributes["axes"], place, strict=True))
        return self.at(node.inputs[0], tuple(found[axis] for axis in range(len(place))))

    def _matmul(self, node: Node, place: Place) -> Any:
        x, y = node.inputs
        *apart, row, column = place
        inner = range(self.shape(x)[-1])
        return reduce(
            add,
            (
                self.at(x, self.met(self.shape(x), (*apart, row, i)))
                * self.at(y, self.met(self.shape(y), (*apart, i, column)))
                for i in inner
            ),
        )

    def _einsum(self, node: Node, place: Place) -> Any:
        names, _, out = node.attributes["subscripts"].partition("->")
        letters = names.split(",")
        sizes = {
            one: size
            for each, of in zip(letters, node.inputs, strict=True)
            for one, size in zip(each, self.shape(of), strict=True)
        }
        summed = [one for one in sizes if one not in out]
        terms = []
        for inner in itertools.product(*(range(sizes[one]) for one in summed)):
            at = dict(zip(out, place, strict=True)) | dict(zip(summed, inner, strict=True))
            factors = (
                self.at(of, tuple(at[one] for one in each)) for each, of in zip(letters, node.inputs, strict=True)
            )
            terms.append(reduce(lambda x, y: x * y, factors))
        return reduce(add, terms)

    def _sum(self, node: Node, place: Place) -> Any:
        shape, axes = self.shape(node.inputs[0]), node.attributes["axes"]
        kept = iter(place)
        at = [next(kept) if axis not in axes or node.attributes["keepdims"] else 0 for axis in range(len(shape))]
        ranges = [range(size) if axis in axes else [at[axis]] for axis, size in enumerate(shape)]
        return reduce(add, (self.at(node.inputs[0], one) for one in itertools.product(*ranges)))

    def _mean(self, node: Node, place: Place) -> Any:
        shape = self.shape(node.inputs[0])
        return self._sum(node, place) / float(np.prod([shape[axis] for axis in node.attributes["axes"]]))

    def _slice(self, node: Node, place: Place) -> Any:
        axis, first = node.attributes["axis"], node.attributes["first"]
        start = first.at(self.sizes) if isinstance(first, SymbolicDim) else first
        moved = [one + start if at == axis else one for at, one in enumerate(place)]
        return self.at(node.inputs[0], tuple(moved))

    def _concatenate(self, node: Node, place: Place) -> Any:
        axis = node.attributes["axis"]
        before = 0
        for one in node.inputs:
            size = self.shape(one)[axis]
            if place[axis] < before + size:
                return self.at(one, tuple(p - before if at == axis else p for at, p in enumerate(place)))
            before += size
        raise IndexError(place)

    def _tile(self, node: Node, place: Place) -> Any:
        shape = self.shape(node.inputs[0])
        return self.at(node.inputs[0], tuple(one % size for one, size in zip(place, shape, strict=True)))
