"""One part of a model as a function in C, for a single row.

What is computed of each number by itself is written into one loop, however many operations it takes; sums, products and
whatever is read more than once have arrays of their own. Movements (reshape, slice, transpose) are no work at all: what
they move is read where it lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from glassnet.exchange.c.literals import C_TYPES, in_parentheses, number
from glassnet.exchange.c.names import identifier
from glassnet.exchange.c.operations import MOVEMENTS, SINGLE, Expression, spell
from glassnet.exchange.c.parts import Part, shape_of, size_of, sources
from glassnet.exchange.c.place import COUNTERS, Place, linear
from glassnet.exchange.graph import Node

__all__ = ["Function", "Parameter", "write_function"]

STORED: Final = frozenset({"matmul", "sum", "max", "min", "argmax", "argsort", "concat", "lookup"})
"""Operations whose result has a place of its own."""
CHEAP: Final = frozenset({"cast", "negative", "isnan", "logical_not"})
"""Operations that may be done twice."""
CALLED: Final = {
    "absolute": "size",
    "argmax": "best",
    "argsort": "order",
    "concat": "row",
    "exp": "e",
    "isnan": "missing",
    "lookup": "code",
    "matmul": "sums",
    "max": "largest",
    "min": "smallest",
    "sqrt": "root",
    "subtract": "distance",
    "sum": "total",
}
"""What a result is called."""
FEW: Final = 8
"""Fewer outputs than this do not fill a vector of the processor."""
LONG: Final = 70
"""An expression of more signs is taken apart."""
TAKEN: Final = frozenset(COUNTERS) | {"in", "out", "parts"}


@dataclass(frozen=True)
class Parameter:
    """What a function is given.

    Attributes
    ----------
    kind : {"constant", "turned", "int8", "scale", "levels", "input", "output"}
        "turned" is a matrix of which each column lies in one piece; "int8" and "scale" are a table of weights and what its columns are multiplied by.
    node : Node
    name : str
    declared : str
        As it stands between the parentheses.
    """

    kind: str
    node: Node
    name: str
    declared: str


@dataclass(frozen=True)
class Function:
    """A function, but for its name.

    Attributes
    ----------
    parameters : tuple of Parameter
    result : Node or None
        A single number that it returns; None: everything is written where parameters say.
    body : str
    used : frozenset of str
        Functions that the file must have.
    stack : int
        Bytes of its local arrays.
    """

    parameters: tuple[Parameter, ...]
    result: Node | None
    body: str
    used: frozenset[str]
    stack: int

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for functions that do the same with different tables."""
        result = "" if self.result is None else self.result.dtype.name
        return result, self.body, *(f"{one.kind} {one.declared}" for one in self.parameters)

    def text(self, name: str) -> str:
        """The whole function."""
        result = "void" if self.result is None else C_TYPES[self.result.dtype.name]
        head = in_parentheses(f"static {result} {name}", [one.declared for one in self.parameters])
        return "\n".join([head, "{", self.body, "}", ""])


@dataclass(frozen=True)
class _Array:
    """Where the numbers of a node lie."""

    name: str
    scalar: bool = False
    start: int = 0


def write_function(part: Part, names: dict[Node, str], quantized: set[Node]) -> Function:
    """The function of a part.

    Parameters
    ----------
    part : Part
    names : dict
        What inputs and outputs of the graph are called.
    quantized : set of Node
        Constants that are weights of one byte.
    """
    return _Writer(part, names, quantized).function()


class _Writer:
    def __init__(self, part: Part, names: dict[Node, str], quantized: set[Node]) -> None:
        self.part, self.named, self.quantized = part, names, quantized
        self.kept = set(part.outputs)
        self.taken = set(TAKEN)
        self.arrays: dict[Node, _Array] = {}  # of what is computed already
        self.destinations: dict[Node, _Array] = {}  # of what is not
        self.turned: set[Node] = set()  # matrices of which each column lies in one piece
        self.singles: set[str] = set()  # addresses of a single number
        self.constants: dict[Node, str] = {}
        self.parameters: list[Parameter] = []
        self.given: list[Parameter] = []
        self.used: set[str] = set()
        self.lines: list[str] = []
        self.declared: list[str] = []
        self.stack = 0
        self.depth = 0
        # of the loop at work
        self.places: list[Place] = []
        self.visits: Counter[object] = Counter()
        self.counting = False
        self.local: dict[object, Expression] = {}
        self.statements: list[str] = []

    def function(self) -> Function:
        """The part, written."""
        for node in self.part.inputs:
            self._take_input(node)
        result = self._give_outputs()
        stored = self._stored()
        self._put_inside(stored)
        for node in self.part.nodes:
            if node in stored:
                self._write(node)
                self.arrays[node] = self._array(node)
        if result is not None:
            self.lines.append(f"return {self.arrays[result].name};")
        order = {"constant": 0, "turned": 0, "int8": 0, "scale": 0, "levels": 0, "input": 1, "output": 2}
        parameters = sorted([*self.parameters, *self.given], key=lambda one: order[one.kind])
        body = "\n".join(f"    {line}" for line in [*self.declared, *self.lines])
        return Function(tuple(parameters), result, body, frozenset(self.used), self.stack)

    # ------------------------------------------------------------ what is where

    def _take_input(self, node: Node) -> None:
        name = self._name(self.named.get(node, "x"))
        scalar = size_of(node) == 1
        kind = "const char *" if node.dtype.kind == "U" else C_TYPES[node.dtype.name] + " "
        declared = f"{kind}{name}" if scalar else f"const {kind}*restrict {name}"
        self.given.append(Parameter("input", node, name, declared))
        self.arrays[node] = _Array(name, scalar)

    def _give_outputs(self) -> Node | None:
        """Where the outputs go; the one that is returned, if it is the only one and a single number."""
        outputs = self.part.outputs
        if len(outputs) == 1 and size_of(outputs[0]) == 1:
            return outputs[0]
        for node in outputs:
            name = self._name(self.named.get(node, "y"))
            kind = "int" if node in self.named and node.dtype.kind == "i" else C_TYPES[node.dtype.name]
            self.given.append(Parameter("output", node, name, f"{kind} *restrict {name}"))
            self.destinations[node] = _Array(name)
            if size_of(node) == 1:
                self.singles.add(name)
        return None

    def _stored(self) -> set[Node]:
        """The nodes that have a place of their own: a single number a variable, several an array."""
        inside = set(self.part.nodes)
        stored = {node for node in inside if node.operation in STORED} | self.kept
        readers: dict[Node, list[Node]] = {node: [] for node in inside}
        for node in self.part.nodes:
            for place, source in enumerate(node.inputs):
                base, moved = source, False
                while base.operation in MOVEMENTS and base not in self.kept:
                    moved = moved or (base.operation == "reshape" and not _same_but_for_ones(base))
                    base = base.inputs[0]
                if base in inside:
                    readers[base].append(node)
                    whole = node.operation in ("matmul", "argmax", "argsort") or (
                        node.operation in ("gather", "take_along") and place == 0
                    )
                    if moved or whole:
                        stored.add(base)
        roots: dict[Node, set[Node]] = {}
        for node in reversed(self.part.nodes):
            reached = {root for reader in readers[node] for root in ({reader} if reader in stored else roots[reader])}
            roots[node] = reached
            larger = any(size_of(root) > size_of(node) for root in reached)
            if (len(reached) > 1 or larger) and node.operation not in CHEAP:
                stored.add(node)
        return stored

    def _put_inside(self, stored: set[Node]) -> None:
        """Let what is only to be put beside others be written where it will lie, without a copy."""
        readers = Counter(base for node in self.part.nodes for base in set(sources(node, self.kept)))
        for node in reversed(self.part.nodes):
            if node.operation != "concat" or any(size > 1 for size in shape_of(node)[: node.attributes["axis"]]):
                continue
            start = self._array(node).start
            for source in node.inputs:
                base = source
                while base.operation == "reshape" and base not in self.kept:
                    base = base.inputs[0]
                alone = base in stored and base not in self.kept and readers[base] == 1
                if alone and base not in self.destinations and size_of(base) > 1 and base.dtype == node.dtype:
                    self.destinations[base] = _Array(self._array(node).name, start=start)
                start += size_of(source)

    def _array(self, node: Node) -> _Array:
        """Where the numbers of a node are to go: an output of the function, or an array of its own."""
        if node not in self.destinations:
            name = self._name(_called(node))
            kind, size = C_TYPES[node.dtype.name], size_of(node)
            if size > 1:
                self.declared.append(f"{kind} {name}[{size}];")
                self.stack += node.dtype.itemsize * size
            self.destinations[node] = _Array(name, size == 1)
        return self.destinations[node]

    def _constant(self, node: Node) -> str:
        """The parameter for a table that was learned."""
        if node not in self.constants:
            name = self._name(identifier(node.name, "table"))
            kind = C_TYPES[node.dtype.name]
            if node in self.turned:
                self.parameters.append(Parameter("turned", node, name, f"const {kind} *restrict {name}"))
            elif node in self.quantized:
                self.parameters.append(Parameter("int8", node, name, f"const int8_t *restrict {name}"))
                self.parameters.append(Parameter("scale", node, f"{name}_scale", f"const {kind} *restrict {name}_scale"))
                self.taken.add(f"{name}_scale")
            else:
                self.parameters.append(Parameter("constant", node, name, f"const {kind} *restrict {name}"))
            self.constants[node] = name
        return self.constants[node]

    def _name(self, wanted: str) -> str:
        name, again = wanted, 1
        while name in self.taken:
            again += 1
            name = f"{wanted}_{again}"
        self.taken.add(name)
        return name

    # ------------------------------------------------------------- one number

    def _located(self, node: Node, index: Sequence[Place]) -> tuple[_Array, Place] | None:
        """The array and the place where a number lies, if it lies in an array."""
        index = _without_ones(node, index)
        if node in self.arrays:
            return self.arrays[node], linear(index, shape_of(node)) + Place(self.arrays[node].start)
        if node.operation == "constant":
            return _Array(self._constant(node)), linear(index, shape_of(node))
        if node.operation in MOVEMENTS:
            return self._moved(node, index)
        return None

    def _moved(self, node: Node, index: Sequence[Place]) -> tuple[_Array, Place] | None:
        source = node.inputs[0]
        if node.operation != "reshape" or _same_but_for_ones(node):
            return self._located(source, _before(node, index))
        found = self._located(source, [Place() for _ in source.shape])
        if found is None:
            return None
        # the source must lie there in one piece for its numbers to be counted through
        whole = self._in_one_piece(source)
        return (found[0], found[1] + linear(index, shape_of(node))) if whole else None

    def _in_one_piece(self, node: Node, axes: int | None = None) -> bool:
        """Whether the numbers of a node, or those of its last axes, lie in an array, and in their order."""
        counters = [Place.of(f"axis_{axis}") for axis in range(len(node.shape))]
        found = self._located(node, counters)
        if found is None:
            return False
        wanted = linear(_without_ones(node, counters), shape_of(node))
        checked = range(len(node.shape))[0 if axes is None else -axes :]
        return all(found[1].step(f"axis_{axis}") == wanted.step(f"axis_{axis}") for axis in checked)

    def _element(self, array: _Array, place: Place) -> str:
        text = place.text()
        return f"*{array.name}" if array.name in self.singles else f"{array.name}[{text}]"

    def _value(self, node: Node, index: Sequence[Place]) -> Expression:
        """One number of a node."""
        index = _without_ones(node, index)
        if node.operation == "constant" and size_of(node) == 1 and not node.name and node not in self.quantized:
            assert node.value is not None
            literal = number(node.value.ravel()[0], node.dtype)
            return Expression(literal, 9 if not literal.startswith("-") else 8)
        if node in self.arrays and self.arrays[node].scalar:
            return Expression(self.arrays[node].name)
        found = self._located(node, index)
        if found is not None:
            array, place = found
            if array.scalar:
                return Expression(array.name)
            self.places.append(place)
            return Expression(self._element(array, place))
        key = (node, tuple(place.text() for place in index))
        self.visits[key] += self.counting
        if key in self.local:
            return self.local[key]
        value = self._computed(node, index)
        if self.counting:
            self.local[key] = value
        elif node.operation not in MOVEMENTS and (self.visits[key] > 1 or len(value) > LONG):
            name = self._name(_called(node))
            self.statements.append(f"const {C_TYPES[node.dtype.name]} {name} = {value};")
            value = self.local[key] = Expression(name)
        return value

    def _as_name(self, value: Expression, dtype: str) -> Expression:
        """A value that may be written twice, for it is a name or a number."""
        if self.counting or " " not in value:
            return value
        name = self._name("t")
        self.statements.append(f"const {C_TYPES[dtype]} {name} = {value};")
        return Expression(name)

    def _computed(self, node: Node, index: Sequence[Place]) -> Expression:
        source = node.inputs[0]
        if node.operation in MOVEMENTS:
            return self._value(source, _before(node, index))
        if node.operation == "gather":
            axis, places = node.attributes["axis"], node.inputs[1]
            many = len(places.shape)
            at = self._value(places, index[axis : axis + many])
            return self._value(source, [*index[:axis], _place_of(at), *index[axis + many :]])
        if node.operation == "take_along":
            at = self._value(node.inputs[1], index)
            return self._value(source, [*index[:-1], _place_of(at)])
        assert node.operation in SINGLE, node
        operands = [self._value(one, list(index)[len(index) - len(one.shape) :]) for one in node.inputs]
        if node.operation in ("maximum", "minimum", "sign"):  # which name their operands twice
            operands = [self._as_name(value, node.inputs[0].dtype.name) for value in operands]
        return spell(node.operation, operands, node.inputs[-1].dtype.name, node.dtype.name, self.used)

    # -------------------------------------------------------------- statements

    def _write(self, node: Node) -> None:
        """Whatever computes a node that is stored."""
        self._prepare(node)
        match node.operation:
            case "matmul":
                self._write_product(node)
            case "sum" | "max" | "min" | "argmax":
                self._write_reduction(node)
            case "argsort":
                self._write_order(node)
            case "concat":
                self._write_beside(node)
            case "lookup":
                self._write_lookup(node)
            case _:
                self._write_values(node, node, lambda index: index)

    def _prepare(self, node: Node) -> None:
        """What is counted through in another shape must lie in one piece first."""
        for source in node.inputs:
            if source not in self.arrays and source.operation != "constant":
                self._prepare(source)
        if node.operation == "reshape" and not _same_but_for_ones(node):
            self._lay_out(node.inputs[0], len(node.inputs[0].shape))

    def _write_values(
        self, node: Node, target: Node, to: Callable[[Sequence[Place]], Sequence[Place]]
    ) -> None:
        """All numbers of a node into the array of a target, at the index there that `to` makes of the one here."""
        array = self._array(target)

        def body(index: Sequence[Place]) -> list[str]:
            # a node that is its own target is computed here; a part of a target may lie somewhere already
            here = node is target and node.operation not in MOVEMENTS
            value = self._computed(node, index) if here else self._value(node, index)
            if array.scalar:
                return [f"const {C_TYPES[target.dtype.name]} {array.name} = {value};"]
            place = linear(_without_ones(target, to(index)), shape_of(target)) + Place(array.start)
            self.places.append(place)
            return [f"{self._element(array, place)} = {value};"]

        self._loop(shape_of(node), body)

    def _write_beside(self, node: Node) -> None:
        axis, start = node.attributes["axis"], 0
        for source in node.inputs:
            if not self._lies_inside(source, node, _further(axis, start)([Place() for _ in node.shape])):
                self._write_values(source, node, _further(axis, start))
            start += shape_of(source)[axis]

    def _lies_inside(self, source: Node, node: Node, index: Sequence[Place]) -> bool:
        """Whether a part of what stands side by side has been written in its place already."""
        array = self._array(node)
        found = self._located(source, [Place() for _ in source.shape])
        place = linear(index, shape_of(node)) + Place(array.start)
        return found is not None and found == (_Array(array.name, start=found[0].start), place) and not array.scalar

    def _write_reduction(self, node: Node) -> None:
        """A sum, the largest, the smallest, or its place, along one axis."""
        axis, source, kind = node.attributes["axis"], node.inputs[0], C_TYPES[node.dtype.name]
        shape, array = shape_of(source), self._array(node)
        outer = tuple(1 if place == axis else size for place, size in enumerate(shape))
        name = array.name if array.scalar else self._name(_called(node))

        def body(index: Sequence[Place]) -> list[str]:
            counter = COUNTERS[self.depth]

            def at(place: Place) -> Expression:
                return self._value(source, [*index[:axis], place, *index[axis + 1 :]])

            first = {"sum": "0", "argmax": "0"}.get(node.operation) or at(Place())
            before = [*self._taken_statements(), f"{kind} {name} = {first};"]
            one = at(Place.of(counter))
            match node.operation:
                case "sum":
                    step = [f"{name} += {one};"]
                case "argmax":
                    step = [f"if ({one} > {at(Place.of(name))})", f"    {name} = {counter};"]
                case _:
                    sign = ">" if node.operation == "max" else "<"
                    step = [f"{name} = {one} {sign} {name} ? {one} : {name};"]
            inside = [*self._taken_statements(), *step]
            loop = _for(counter, shape[axis], inside, start=0 if node.operation == "sum" else 1)
            if array.scalar:
                return [*before, *loop]
            place = linear(index, shape_of(node)) + Place(array.start)
            self.places.append(place)
            return [*before, *loop, f"{self._element(array, place)} = {name};"]

        self._loop(outer, body)

    def _write_product(self, node: Node) -> None:
        """A matrix product: for each row on the left, the weighted sums of the rows on the right."""
        left, right = node.inputs
        shape, array = shape_of(node), self._array(node)
        turned = shape[-1] < FEW and right.operation == "constant" and right not in self.quantized
        if turned:  # for few outputs their weights lie side by side
            self.turned.add(right)
        self._lay_out(left, 1)
        self._lay_out(right, 2)
        name = array.name if not array.scalar else f"&{array.name}"
        if array.scalar:
            self.lines.append(f"{C_TYPES[node.dtype.name]} {array.name};")
        inputs, outputs = shape_of(left)[-1], shape[-1]

        def body(index: Sequence[Place]) -> list[str]:
            x = self._pointer(left, [*_broadcast(index[:-1], left), Place()])
            W = self._pointer(right, [*_broadcast([*index[:-2], Place()], right), Place()])
            place = linear([*index[:-1], Place()], shape) + Place(array.start)
            self.places.append(place)
            y = _moved_pointer(name, place)
            base = self._base(right)
            if base in self.quantized:
                scale = W.replace(self.constants[base], f"{self.constants[base]}_scale", 1)
                self.used.add("weighted_sums_int8")
                return [f"weighted_sums_int8({inputs}, {outputs}, {x}, {W}, {scale}, {y});"]
            called = "dot_products" if turned else "weighted_sums"
            self.used.add(f"{called} {node.dtype.name}")
            suffix = "" if node.dtype == np.float32 else f"_{C_TYPES[node.dtype.name]}"
            return [f"{called}{suffix}({inputs}, {outputs}, {x}, {W}, {y});"]

        self._loop((*shape[:-1], 1), body)

    def _pointer(self, node: Node, index: Sequence[Place]) -> str:
        """The address of the first number at an index."""
        found = self._located(node, index)
        assert found is not None
        self.places.append(found[1])
        name = f"&{found[0].name}" if found[0].scalar else found[0].name
        return _moved_pointer(name, found[1])

    def _lay_out(self, node: Node, axes: int) -> None:
        """See to it that the numbers of the last axes lie side by side, in an array of their own if need be."""
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

        def body(index: Sequence[Place]) -> list[str]:
            x = self._pointer(source, [*index[:-1], Place()])
            place = linear([*index[:-1], Place()], shape) + Place(array.start)
            self.places.append(place)
            return [f"ascending_{C_TYPES[source.dtype.name]}({shape[-1]}, {x}, {_moved_pointer(array.name, place)});"]

        self._loop((*shape[:-1], 1), body)

    def _write_lookup(self, node: Node) -> None:
        """A text's number, by a search among those that are known."""
        name = self._name("levels")
        self.parameters.append(Parameter("levels", node, name, f"const struct level *{name}"))
        self.used.add("look_up")
        count, otherwise = len(node.attributes["keys"]), node.attributes["default"]
        array = self._array(node)
        source = self._value(node.inputs[0], [Place() for _ in node.inputs[0].shape])
        self.lines.append(f"const int64_t {array.name} = look_up({source}, {name}, {count}, {otherwise});")

    def _taken_statements(self) -> list[str]:
        """What had to be computed before, taken over by whoever writes the next lines."""
        statements, self.statements = self.statements, []
        return statements

    def _loop(self, shape: Sequence[int], body: Callable[[Sequence[Place]], list[str]]) -> None:
        """Nested loops over the axes of a shape; axes that lie one behind the other everywhere share one."""
        axes = [axis for axis, size in enumerate(shape) if size > 1]
        groups = [[axis] for axis in axes]
        index = [Place.of(COUNTERS[axes.index(axis)]) if axis in axes else Place() for axis in range(len(shape))]
        places = self._tried(len(axes), index, body)
        for first in reversed(range(len(groups) - 1)):
            outer, inner = COUNTERS[first], COUNTERS[axes.index(groups[first + 1][-1])]
            length = 1
            for axis in groups[first + 1]:
                length *= shape[axis]
            if all(
                place.step(outer) == length * place.step(inner) and not place.hides(outer) and not place.hides(inner)
                for place in places
            ):
                groups[first : first + 2] = [[*groups[first], *groups[first + 1]]]
        index = [Place() for _ in shape]
        lengths = []
        for level, group in enumerate(groups):
            index[group[-1]] = Place.of(COUNTERS[level])
            lengths.append(_product(shape[axis] for axis in group))
        self._tried(len(groups), index, body)
        self.local = {}
        lines = body(index)
        lines = [*self._taken_statements(), *lines]
        for level in reversed(range(len(groups))):
            lines = _for(COUNTERS[level], lengths[level], lines)
        self.depth = 0
        self.lines += lines

    def _tried(self, depth: int, index: Sequence[Place], body: Callable[[Sequence[Place]], list[str]]) -> list[Place]:
        """Every place that the body reads or writes, and how often it needs which number; nothing is written."""
        names = set(self.taken)
        self.places, self.visits, self.local, self.statements = [], Counter(), {}, []
        self.counting, self.depth = True, depth
        body(index)
        self.counting = False
        self.taken = names | {word for one in self.constants.values() for word in (one, f"{one}_scale")}
        return self.places


def _called(node: Node) -> str:
    """What a result is called: as in the formula that it comes from, or else after what is done."""
    return identifier(node.name, CALLED.get(node.operation, "t"))


def _without_ones(node: Node, index: Sequence[Place]) -> list[Place]:
    """The index with 0 for each axis of length 1: what is there for one is there for all."""
    return [Place() if size == 1 else place for place, size in zip(index, shape_of(node), strict=True)]


def _same_but_for_ones(node: Node) -> bool:
    """Whether a reshape only adds or removes axes of length 1."""
    old, new = ([size for size in shape_of(one) if size > 1] for one in (node.inputs[0], node))
    return old == new


def _before(node: Node, index: Sequence[Place]) -> list[Place]:
    """Where a number was before it was moved."""
    source, about = node.inputs[0], node.attributes
    if node.operation == "slice":
        moved = list(index)
        moved[about["axis"]] = moved[about["axis"]] * about["step"] + Place(about["start"])
        return moved
    if node.operation == "transpose":
        moved = [Place()] * len(index)
        for place, axis in zip(index, about["axes"], strict=True):
            moved[axis] = place
        return moved
    longer = iter([place for place, size in zip(index, shape_of(node), strict=True) if size > 1])
    return [next(longer) if size > 1 else Place() for size in shape_of(source)]


def _broadcast(index: Sequence[Place], node: Node) -> list[Place]:
    """Of an index of the leading axes of a product those that one of its factors has."""
    own = shape_of(node)[:-1]
    return [Place() if size == 1 else place for place, size in zip(list(index)[-len(own) :], own, strict=True)]


def _further(axis: int, start: int) -> Callable[[Sequence[Place]], Sequence[Place]]:
    """An index so many places further along an axis."""
    return lambda index: [*index[:axis], index[axis] + Place(start), *index[axis + 1 :]]


def _place_of(value: str) -> Place:
    if value.isdigit():
        return Place(int(value))
    return Place.of(value if value.isidentifier() else f"({value})")


def _moved_pointer(name: str, place: Place) -> str:
    text = place.text()
    return name if text == "0" else f"{name} + {text}"


def _for(counter: str, length: int, lines: Sequence[str], start: int = 0) -> list[str]:
    head = f"for (int {counter} = {start}; {counter} < {length}; ++{counter})"
    inside = [f"    {line}" for line in lines]
    return [head, *inside] if len(lines) == 1 else [f"{head} {{", *inside, "}"]


def _product(sizes: Iterator[int]) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
