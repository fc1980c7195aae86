"""One part of a model as a function in C, for a single row.

What is computed of each number by itself is written into one loop, however many operations it takes; sums, products and
whatever is read more than once have arrays of their own. Movements (reshape, slice, transpose) are no work at all: what
they move is read where it lies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from glassnet.exchange.c.literals import C_TYPES, in_parentheses
from glassnet.exchange.c.operations import MOVEMENTS
from glassnet.exchange.c.parts import Part, shape_of, size_of, sources
from glassnet.exchange.c.place import same_but_for_ones
from glassnet.exchange.c.statements import Statements
from glassnet.exchange.c.values import Array, Parameter
from glassnet.exchange.graph import Node

STORED: Final = frozenset({"matmul", "sum", "max", "min", "argmax", "argsort", "concat", "lookup", "trees"})
"""Operations whose result has a place of its own."""
CHEAP: Final = frozenset({"cast", "negative", "isnan", "logical_not"})
"""Operations that may be done twice."""


@dataclass(frozen=True)
class Function:
    """A function, but for its name."""

    parameters: tuple[Parameter, ...]
    result: Node | None  # a single number that it returns; None: all is written where parameters say
    body: str
    used: frozenset[str]  # functions that the file must have
    stack: int  # bytes of its local arrays

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


def write_function(part: Part, names: dict[Node, str], quantized: Set[Node]) -> Function:
    """The function of a part; `names` are those of inputs and outputs of the graph."""
    return _Writer(part, names, quantized).function()


class _Writer(Statements):
    """Decides what has a place of its own, and where."""

    def __init__(self, part: Part, names: dict[Node, str], quantized: Set[Node]) -> None:
        super().__init__(quantized)
        self.part, self.named = part, names
        self.kept = set(part.outputs)
        self.given: list[Parameter] = []

    def function(self) -> Function:
        """The part, written."""
        for node in self.part.inputs:
            self._take_input(node)
        self.result = self._give_outputs()
        stored = self._stored()
        self._put_inside(stored)
        for node in self.part.nodes:
            if node in stored:
                self._write(node)
                self.arrays[node] = self._array(node)
        if self.result is not None and not self.returned:
            self.lines.append(f"return {self.arrays[self.result].name};")
        body = "\n".join(f"    {line}" for line in [*self.declared, *self.lines])
        # what is only looked up in an axis of length 1 need not be known
        read = [
            one
            for one in (*self.parameters, *self.given)
            if one.kind == "output" or re.search(rf"\b{one.name}\b", body)
        ]
        parameters = sorted(read, key=lambda one: {"input": 1, "output": 2}.get(one.kind, 0))
        return Function(tuple(parameters), self.result, body, frozenset(self.used), self.stack)

    def _take_input(self, node: Node) -> None:
        name = self._name(self.named.get(node, "x"))
        scalar = size_of(node) == 1
        kind = "const char *" if node.dtype.kind == "U" else C_TYPES[node.dtype.name] + " "
        declared = f"{kind}{name}" if scalar else f"const {kind}*restrict {name}"
        self.given.append(Parameter("input", node, name, declared))
        self.arrays[node] = Array(name, scalar)

    def _give_outputs(self) -> Node | None:
        """Where the outputs go; the one that is returned, if it is the only one and a single number."""
        outputs = self.part.outputs
        if len(outputs) == 1 and size_of(outputs[0]) == 1:
            return outputs[0]
        for node in outputs:
            name = self._name(self.named.get(node, "y"))
            kind = C_TYPES[node.dtype.name]
            if node in self.named and node.dtype.kind == "i":  # the place of a class, in the structure of the answers
                kind = "int"
                self.narrow.add(name)
            self.given.append(Parameter("output", node, name, f"{kind} *restrict {name}"))
            self.destinations[node] = Array(name)
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
                    moved = moved or (base.operation == "reshape" and not same_but_for_ones(base))
                    base = base.inputs[0]
                if base in inside:
                    readers[base].append(node)
                    whole = node.operation in ("matmul", "argmax", "argsort", "trees") or (
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
                    self.destinations[base] = Array(self._array(node).name, start=start)
                start += size_of(source)
