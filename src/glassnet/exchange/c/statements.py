"""Statements: loops over elementwise operations, and the operations that need more than that."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence, Set
from typing import Final

import numpy as np

from glassnet.exchange.c.literals import C_TYPES, in_loop
from glassnet.exchange.c.operands import (
    COUNTERS,
    CArray,
    CParameter,
    FunctionState,
    Offset,
    called,
    linear,
    same_but_for_ones,
    shape_of,
    without_ones,
)
from glassnet.exchange.c.scalar_code import MOVEMENTS
from glassnet.exchange.graph import Node
from glassnet.exchange.graph.dataflow import in_order
from glassnet.ir.printing import UNARY, Expression

FEW: Final = 8
"""Fewer outputs than this do not fill a vector of the processor."""


class Statements(FunctionState):
    """Writes the nodes of a part that have a place of their own, one after the other."""

    def __init__(self, quantized: Set[Node]) -> None:
        super().__init__(quantized)
        self.lines: list[str] = []
        self.depth = 0
        self.result: Node | None = None  # the node whose value is returned
        self.returned = False

    def _write(self, node: Node) -> None:
        """Write the statements that compute a stored node."""
        self._prepare(node)
        match node.operation:
            case "matmul" | "sparse_matmul":
                self._write_product(node)
            case "sum" | "max" | "min" | "argmax":
                self._write_reduction(node)
            case "argsort":
                self._write_order(node)
            case "concat":
                self._write_beside(node)
            case "lookup":
                self._write_lookup(node)
            case "ngrams":
                self._write_ngrams(node)
            case _:
                self._write_values(node, node, lambda index: index)

    def _prepare(self, node: Node) -> None:
        """Make the operands of reshapes contiguous first."""
        for one in in_order([node], self.arrays):
            if one.operation == "reshape" and one not in self.arrays and not same_but_for_ones(one):
                self._lay_out(one.inputs[0], len(one.inputs[0].shape))

    def _write_values(self, node: Node, target: Node, to: Callable[[Sequence[Offset]], Sequence[Offset]]) -> None:
        """Write all numbers of a node into the array of a target; `to` maps an index here to the one there."""
        array = self._array(target)

        def body(index: Sequence[Offset]) -> list[str]:
            # a node that is its own target is computed here; a part of a target may lie somewhere already
            here = node is target and node.operation not in MOVEMENTS
            value = self._computed(node, index) if here else self._value(node, index)
            if target is self.result:
                return [f"return {value};"]
            if array.scalar:
                return [f"const {C_TYPES[target.dtype.name]} {array.name} = {value};"]
            place = linear(without_ones(target, to(index)), shape_of(target)) + Offset(array.start)
            self.places.append(place)
            return [f"{self._element(array, place)} = {self._fitting(array, value)};"]

        self._loop(shape_of(node), body)
        self.returned = self.returned or target is self.result

    def _fitting(self, array: CArray, value: Expression) -> Expression:
        """Return a value in the type of the array that it goes into."""
        return Expression(f"(int){value.within(UNARY)}", UNARY) if array.name in self.narrow else value

    def _write_beside(self, node: Node) -> None:
        axis, start = node.attributes["axis"], 0
        for source in node.inputs:
            if not self._lies_inside(source, node, _further(axis, start)([Offset() for _ in node.shape])):
                self._write_values(source, node, _further(axis, start))
            start += shape_of(source)[axis]

    def _lies_inside(self, source: Node, node: Node, index: Sequence[Offset]) -> bool:
        """Whether a part of what stands side by side has been written in its place already."""
        array = self._array(node)
        found = self._located(source, [Offset() for _ in source.shape])
        place = linear(index, shape_of(node)) + Offset(array.start)
        return found is not None and found == (CArray(array.name, start=found[0].start), place) and not array.scalar

    def _write_reduction(self, node: Node) -> None:
        """Return a sum, the largest, the smallest, or its place, along one axis."""
        axis, source, kind = node.attributes["axis"], node.inputs[0], C_TYPES[node.dtype.name]
        shape, array = shape_of(source), self._array(node)
        outer = tuple(1 if place == axis else size for place, size in enumerate(shape))
        name = array.name if array.scalar else self._name(called(node))

        def body(index: Sequence[Offset]) -> list[str]:
            counter = COUNTERS[self.depth]

            def at(place: Offset) -> Expression:
                return self._value(source, [*index[:axis], place, *index[axis + 1 :]])

            first = {"sum": "0", "argmax": "0"}.get(node.operation) or at(Offset())
            before = [*self._taken_statements(), f"{kind} {name} = {first};"]
            one = at(Offset.of(counter))
            match node.operation:
                case "sum":
                    step = [f"{name} += {one};"]
                case "argmax":
                    step = [f"if ({one} > {at(Offset.of(name))})", f"    {name} = {counter};"]
                case _:
                    sign = ">" if node.operation == "max" else "<"
                    step = [f"{name} = {one} {sign} {name} ? {one} : {name};"]
            inside = [*self._taken_statements(), *step]
            loop = in_loop(counter, shape[axis], inside, start=0 if node.operation == "sum" else 1)
            if array.scalar:
                return [*before, *loop]
            place = linear(index, shape_of(node)) + Offset(array.start)
            self.places.append(place)
            return [*before, *loop, f"{self._element(array, place)} = {self._fitting(array, Expression(name))};"]

        self._loop(outer, body)

    def _write_product(self, node: Node) -> None:
        """Return a matrix product: for each row on the left, the weighted sums of the rows on the right."""
        left, right = node.inputs
        shape, array = shape_of(node), self._array(node)
        few = shape[-1] < FEW and node.operation == "matmul"
        turned = few and right.operation == "constant" and right not in self.quantized
        if turned:  # for few outputs their weights lie side by side
            self.turned.add(right)
        self._lay_out(left, 1)
        self._lay_out(right, 2)
        name = array.name if not array.scalar else f"&{array.name}"
        if array.scalar:
            self.lines.append(f"{C_TYPES[node.dtype.name]} {array.name};")
        inputs, outputs = shape_of(left)[-1], shape[-1]

        def body(index: Sequence[Offset]) -> list[str]:
            x = self._pointer(left, [*_leading(index[:-1], left), Offset()])
            W = self._pointer(right, [*_leading([*index[:-2], Offset()], right), Offset()])
            place = linear([*index[:-1], Offset()], shape) + Offset(array.start)
            self.places.append(place)
            y = place.pointer(name)
            base = self._base(right)
            if base in self.quantized:
                scale = W.replace(self.constants[base], f"{self.constants[base]}_scale", 1)
                self.used.add("weighted_sums_int8")
                return [f"weighted_sums_int8({inputs}, {outputs}, {x}, {W}, {scale}, {y});"]
            sparse = node.operation == "sparse_matmul"
            called = "sparse_sums" if sparse else "dot_products" if turned else "weighted_sums"
            self.used.add(f"{called} {node.dtype.name}")
            suffix = "" if node.dtype == np.float32 else f"_{C_TYPES[node.dtype.name]}"
            return [f"{called}{suffix}({inputs}, {outputs}, {x}, {W}, {y});"]

        self._loop((*shape[:-1], 1), body)

    def _pointer(self, node: Node, index: Sequence[Offset]) -> str:
        """Return the address of the first number at an index."""
        found = self._located(node, index)
        assert found is not None
        self.places.append(found[1])
        name = f"&{found[0].name}" if found[0].scalar else found[0].name
        return found[1].pointer(name)

    def _lay_out(self, node: Node, axes: int) -> None:
        """Make the numbers of the last axes contiguous, in an array of their own if necessary."""
        if not self._in_one_piece(node, axes):
            self._write_values(node, node, lambda index: index)
            self.arrays[node] = self._array(node)

    def _base(self, node: Node) -> Node:
        while node.operation in MOVEMENTS and node not in self.arrays:
            node = node.inputs[0]
        return node

    def _write_order(self, node: Node) -> None:
        source = node.inputs[0]
        self._lay_out(source, 1)
        self.used.add(f"ascending {source.dtype.name}")
        shape, array = shape_of(node), self._array(node)

        def body(index: Sequence[Offset]) -> list[str]:
            x = self._pointer(source, [*index[:-1], Offset()])
            place = linear([*index[:-1], Offset()], shape) + Offset(array.start)
            self.places.append(place)
            return [f"ascending_{C_TYPES[source.dtype.name]}({shape[-1]}, {x}, {place.pointer(array.name)});"]

        self._loop((*shape[:-1], 1), body)

    def _write_lookup(self, node: Node) -> None:
        """Return a text's number, by a search among those that are known."""
        name = self._name("known")
        self.parameters.append(CParameter("levels", node, name, f"const struct level *{name}"))
        self.used.add("look_up")
        count, otherwise = len(node.attributes["keys"]), node.attributes["default"]
        array = self._array(node)
        source = self._value(node.inputs[0], [Offset() for _ in node.inputs[0].shape])
        self.lines.append(f"const int64_t {array.name} = look_up({source}, {name}, {count}, {otherwise});")

    def _write_ngrams(self, node: Node) -> None:
        """Return the values of the n-grams of a text, nearly all of them 0."""
        name = self._name("known")
        self.parameters.append(CParameter("ngrams", node, name, f"const struct ngrams *{name}"))
        self.used.add("ngrams of a vocabulary" if node.attributes["column"].ngrams else "ngrams by hashes")
        array = self._array(node)
        if array.scalar:
            self.lines.append(f"float {array.name};")
        source = self._value(node.inputs[0], [Offset() for _ in node.inputs[0].shape])
        self.lines.append(f"ngram_values({source}, {name}, {'&' * array.scalar}{array.name});")

    def _taken_statements(self) -> list[str]:
        """Return the statements that must stand before, handed over to the writer of the next lines."""
        statements, self.statements = self.statements, []
        return statements

    def _loop(self, shape: Sequence[int], body: Callable[[Sequence[Offset]], list[str]]) -> None:
        """Write nested loops over the axes of a shape; axes that are contiguous in every array share one."""
        axes = [axis for axis, size in enumerate(shape) if size > 1]
        groups = [[axis] for axis in axes]
        index = [Offset.of(COUNTERS[axes.index(axis)]) if axis in axes else Offset() for axis in range(len(shape))]
        places = self._tried(len(axes), index, body)
        for first in reversed(range(len(groups) - 1)):
            outer, inner = COUNTERS[first], COUNTERS[axes.index(groups[first + 1][-1])]
            length = math.prod(shape[axis] for axis in groups[first + 1])
            if all(
                place.step(outer) == length * place.step(inner) and not place.hides(outer) and not place.hides(inner)
                for place in places
            ):
                groups[first : first + 2] = [[*groups[first], *groups[first + 1]]]
        index = [Offset() for _ in shape]
        lengths = []
        for level, group in enumerate(groups):
            index[group[-1]] = Offset.of(COUNTERS[level])
            lengths.append(math.prod(shape[axis] for axis in group))
        self._tried(len(groups), index, body)
        self.local = {}
        lines = body(index)
        lines = [*self._taken_statements(), *lines]
        for level in reversed(range(len(groups))):
            lines = in_loop(COUNTERS[level], lengths[level], lines)
        self.depth = 0
        self.lines += lines

    def _tried(
        self, depth: int, index: Sequence[Offset], body: Callable[[Sequence[Offset]], list[str]]
    ) -> list[Offset]:
        """Return every place that the body reads or writes, and how often it needs which number; nothing is written."""
        names = set(self.taken)
        self.places, self.visits, self.local, self.statements = [], Counter(), {}, []
        self.counting, self.depth = True, depth
        body(index)
        self.counting = False
        self.taken = names | {word for one in self.constants.values() for word in (one, f"{one}_scale")}
        return self.places


def _leading(index: Sequence[Offset], node: Node) -> list[Offset]:
    """Return the indices of the leading axes of a product that one of its factors has."""
    own = shape_of(node)[:-1]
    return [Offset() if size == 1 else place for place, size in zip(list(index)[-len(own) :], own, strict=True)]


def _further(axis: int, start: int) -> Callable[[Sequence[Offset]], Sequence[Offset]]:
    """Return an index so many places further along an axis."""
    return lambda index: [*index[:axis], index[axis] + Offset(start), *index[axis + 1 :]]
