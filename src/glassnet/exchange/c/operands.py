"""Operands of a part of a model in C: where each number lies, or the expression that computes it.

An index is a sum of loop counters, each times its step.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from glassnet.exchange.c.literals import C_TYPES, identifier, number
from glassnet.exchange.c.scalar_code import CALLABLE, MOVEMENTS, SINGLE, spell
from glassnet.exchange.graph import Node, rows_in
from glassnet.ir.printing import ATOM, UNARY, Expression, free_name

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
    "ngrams": "values",
    "sqrt": "root",
    "subtract": "distance",
    "sum": "total",
}
"""What a result is called."""
LONG: Final = 70
"""An expression of more signs is taken apart."""
FAR_TOO_LONG: Final = 10_000
"""An expression of more signs is not even counted through."""
COUNTERS: Final = ("i", "j", "k", "l", "m", "n")
"""What loops count with, from the outermost."""
TAKEN: Final = frozenset(COUNTERS) | {"in", "out", "parts"} | CALLABLE
"""What nothing in a function may be called: it would hide what the function needs."""


@dataclass(frozen=True)
class CParameter:
    """What a function is given: an "input", an "output", or a table that was learned.

    A table is a "constant"; "turned", a matrix of which each column lies in one piece; "int8" and "scale", weights and
    what their columns are multiplied by; "levels", texts with their numbers; or "ngrams", what a column of text knows.
    """

    kind: str
    node: Node
    name: str
    declared: str  # as it stands between the parentheses


@dataclass(frozen=True)
class CArray:
    """Where the numbers of a node lie: from a place of an array on, or as a variable."""

    name: str
    scalar: bool = False
    start: int = 0


class FunctionState:
    """The state while a function is written."""

    def __init__(self, quantized: Set[Node]) -> None:
        self.quantized = quantized  # constants that are weights of one byte
        self.taken = set(TAKEN)
        self.arrays: dict[Node, CArray] = {}  # of nodes that are computed already
        self.destinations: dict[Node, CArray] = {}  # of nodes that are not
        self.turned: set[Node] = set()  # matrices of which each column lies in one piece
        self.singles: set[str] = set()  # addresses of a single number
        self.narrow: set[str] = set()  # arrays of int, where the graph has larger whole numbers
        self.constants: dict[Node, str] = {}
        self.parameters: list[CParameter] = []
        self.used: set[str] = set()
        self.declared: list[str] = []
        self.stack = 0
        # of the loop at work
        self.places: list[Offset] = []
        self.visits: Counter[object] = Counter()
        self.counting = False
        self.local: dict[object, Expression] = {}
        self.statements: list[str] = []

    def _array(self, node: Node) -> CArray:
        """Return the array for the values of a node: an output of the function, or one of its own."""
        if node not in self.destinations:
            name = self._name(called(node))
            kind, size = C_TYPES[node.dtype.name], size_of(node)
            if size > 1:
                self.declared.append(f"{kind} {name}[{size}];")
                self.stack += node.dtype.itemsize * size
            self.destinations[node] = CArray(name, size == 1)
        return self.destinations[node]

    def _constant(self, node: Node) -> str:
        """Return the parameter for a learned table."""
        if node not in self.constants:
            name = self.constants[node] = self._name(identifier(node.name, "table"))
            kind = C_TYPES[node.dtype.name]
            whole = node in self.quantized and node not in self.turned
            of = "turned" if node in self.turned else "int8" if whole else "constant"
            self.parameters.append(CParameter(of, node, name, f"const {'int8_t' if whole else kind} *restrict {name}"))
            if whole:
                scale = f"{name}_scale"
                self.parameters.append(CParameter("scale", node, scale, f"const {kind} *restrict {scale}"))
                self.taken.add(scale)
        return self.constants[node]

    def _name(self, wanted: str) -> str:
        name = free_name(wanted, self.taken)
        self.taken.add(name)
        return name

    # ------------------------------------------------------------- one number

    def _located(self, node: Node, index: Sequence[Offset]) -> tuple[CArray, Offset] | None:
        """Return the array and the offset of a number, if it lies in an array."""
        index = without_ones(node, index)
        if node in self.arrays:
            return self.arrays[node], linear(index, shape_of(node)) + Offset(self.arrays[node].start)
        if node.operation == "constant":
            return CArray(self._constant(node)), linear(index, shape_of(node))
        if node.operation in MOVEMENTS:
            return self._moved(node, index)
        return None

    def _moved(self, node: Node, index: Sequence[Offset]) -> tuple[CArray, Offset] | None:
        source = node.inputs[0]
        if node.operation != "reshape" or same_but_for_ones(node):
            return self._located(source, before_moving(node, index))
        found = self._located(source, [Offset() for _ in source.shape])
        if found is None:
            return None
        # the source must lie there in one piece for its numbers to be counted through
        whole = self._in_one_piece(source)
        return (found[0], found[1] + linear(index, shape_of(node))) if whole else None

    def _in_one_piece(self, node: Node, axes: int | None = None) -> bool:
        """Whether the numbers of a node, or those of its last axes, lie in an array, and in their order."""
        counters = [Offset.of(f"axis_{axis}") for axis in range(len(node.shape))]
        found = self._located(node, counters)
        if found is None:
            return False
        wanted = linear(without_ones(node, counters), shape_of(node))
        checked = range(len(node.shape))[0 if axes is None else -axes :]
        return all(found[1].step(f"axis_{axis}") == wanted.step(f"axis_{axis}") for axis in checked)

    def _element(self, array: CArray, place: Offset) -> str:
        text = place.text()
        return f"*{array.name}" if array.name in self.singles else f"{array.name}[{text}]"

    def _value(self, node: Node, index: Sequence[Offset]) -> Expression:
        """Return one number of a node."""
        index = without_ones(node, index)
        if node.operation == "constant" and size_of(node) == 1 and not node.name and node not in self.quantized:
            literal = number(node.known.ravel()[0], node.dtype)
            return Expression(literal, UNARY if literal.startswith("-") else ATOM)
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
            if len(value) > FAR_TOO_LONG:  # it doubles wherever a number is read twice; its counters matter
                counters = (one for one in COUNTERS if re.search(rf"\b{one}\b", value))
                value = Expression(f"t_{len(self.local)}({', '.join(counters)})")
            self.local[key] = value
        elif node.operation not in MOVEMENTS and (self.visits[key] > 1 or len(value) > LONG):
            name = self._name(called(node))
            self.statements.append(f"const {C_TYPES[node.dtype.name]} {name} = {value};")
            value = self.local[key] = Expression(name)
        return value

    def _as_name(self, value: Expression, dtype: str) -> Expression:
        """Return a value that may be written twice: a name or a number."""
        if self.counting or " " not in value:
            return value
        name = self._name("t")
        self.statements.append(f"const {C_TYPES[dtype]} {name} = {value};")
        return Expression(name)

    def _computed(self, node: Node, index: Sequence[Offset]) -> Expression:
        source = node.inputs[0]
        if node.operation in MOVEMENTS:
            return self._value(source, before_moving(node, index))
        if node.operation == "gather":
            axis, places = node.attributes["axis"], node.inputs[1]
            many = len(places.shape)
            at = self._value(places, index[axis : axis + many])
            return self._value(source, [*index[:axis], Offset.of(at), *index[axis + many :]])
        if node.operation == "take_along":
            at = self._value(node.inputs[1], index)
            return self._value(source, [*index[:-1], Offset.of(at)])
        assert node.operation in SINGLE, node
        operands = [self._value(one, list(index)[len(index) - len(one.shape) :]) for one in node.inputs]
        if node.operation in ("maximum", "minimum", "sign"):  # which name their operands twice
            operands = [self._as_name(value, node.inputs[0].dtype.name) for value in operands]
        return spell(node.operation, operands, node.inputs[-1].dtype.name, node.dtype.name, self.used)


def called(node: Node) -> str:
    """Return the name of a result: that in its formula, or else one for its operation."""
    return identifier(node.name, CALLED.get(node.operation, "t"))


@dataclass(frozen=True)
class Offset:
    """``offset + Σ step · term``; a term is a loop counter, or any whole number of C in parentheses.

    Examples
    --------
    >>> row = Offset(2, (("i", 4),))
    >>> (row + Offset(0, (("j", 1),))).text(), (row * 3).text(), Offset().text()
    ('4 * i + j + 2', '12 * i + 6', '0')
    """

    offset: int = 0
    terms: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, value: str) -> Offset:
        """Return the index of a loop counter, a number, or an expression."""
        if value.isdigit():
            return cls(int(value))
        return cls(0, ((value if re.fullmatch(r"\w+(\[[^][]*\])?", value) else f"({value})", 1),))

    def __add__(self, other: Offset) -> Offset:
        steps = dict(self.terms)
        for term, step in other.terms:
            steps[term] = steps.get(term, 0) + step
        return Offset(self.offset + other.offset, tuple((term, step) for term, step in steps.items() if step))

    def __mul__(self, factor: int) -> Offset:
        return Offset(self.offset * factor, tuple((term, step * factor) for term, step in self.terms if factor))

    def step(self, term: str) -> int:
        """Return the stride of a counter."""
        return dict(self.terms).get(term, 0)

    def hides(self, counter: str) -> bool:
        """Whether a counter decides about the place otherwise than by steps."""
        return any(term != counter and re.search(rf"\b{counter}\b", term) for term, _ in self.terms)

    def text(self) -> str:
        """Return the index in C."""
        parts = [term if step == 1 else f"{step} * {term}" for term, step in self.terms]
        return " + ".join([*parts, *([str(self.offset)] if self.offset or not parts else [])]).replace("+ -", "- ")

    def pointer(self, name: str) -> str:
        """Return the address of the place in an array."""
        return name if self.text() == "0" else f"{name} + {self.text()}"


def linear(index: Sequence[Offset], shape: Sequence[int]) -> Offset:
    """Return the offset of an index in an array in row-major order.

    Examples
    --------
    >>> linear([Offset.of("i"), Offset(1)], (5, 3)).text()
    '3 * i + 1'
    """
    place, step = Offset(), 1
    for one, size in zip(reversed(index), reversed(shape), strict=True):
        place = one * step + place
        step *= size
    return place


def without_ones(node: Node, index: Sequence[Offset]) -> list[Offset]:
    """Return the index with 0 for each axis of length 1, which is broadcast."""
    return [Offset() if size == 1 else place for place, size in zip(index, shape_of(node), strict=True)]


def same_but_for_ones(node: Node) -> bool:
    """Whether a reshape only adds or removes axes of length 1."""
    old, new = ([size for size in shape_of(one) if size > 1] for one in (node.inputs[0], node))
    return old == new


def before_moving(node: Node, index: Sequence[Offset]) -> list[Offset]:
    """Return the index of a number before a movement."""
    source, about = node.inputs[0], node.attributes
    if node.operation == "slice":
        moved = list(index)
        moved[about["axis"]] = moved[about["axis"]] * about["step"] + Offset(about["start"])
        return moved
    if node.operation == "transpose":
        moved = [Offset()] * len(index)
        for place, axis in zip(index, about["axes"], strict=True):
            moved[axis] = place
        return moved
    longer = iter([place for place, size in zip(index, shape_of(node), strict=True) if size > 1])
    return [next(longer) if size > 1 else Offset() for size in shape_of(source)]


def shape_of(node: Node) -> tuple[int, ...]:
    """Return the shape for a single row."""
    return tuple(rows_in(size) or size for size in node.shape)


def size_of(node: Node) -> int:
    """Return the number of values of a single row."""
    count = 1
    for size in shape_of(node):
        count *= size
    return count
