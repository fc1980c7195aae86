"""Cut a model into parts (the encoding of a column, a layer, the answer), and write each as a function in C.

A function works on a single row. Operations on single numbers are fused into one loop; sums, products and values that
are read more than once have arrays of their own. Movements (reshape, slice, transpose) cost nothing: their input is
read where it lies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from glassnet.exchange.c.literals import C_TYPES, in_parentheses
from glassnet.exchange.c.operands import CArray, CParameter, same_but_for_ones, shape_of, size_of
from glassnet.exchange.c.scalar_code import MOVEMENTS
from glassnet.exchange.c.statements import Statements
from glassnet.exchange.graph import Graph, Node, Scope

STORED: Final = frozenset(
    {"matmul", "sum", "max", "min", "argmax", "argsort", "concat", "lookup", "ngrams", "sparse_matmul"}
)
"""Operations whose result has a place of its own."""
CHEAP: Final = frozenset({"cast", "negative", "isnan", "logical_not"})
"""Operations that may be done twice."""


@dataclass(frozen=True)
class CFunction:
    """A function, but for its name."""

    parameters: tuple[CParameter, ...]
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
        """Return the whole function."""
        result = "void" if self.result is None else C_TYPES[self.result.dtype.name]
        head = in_parentheses(f"static {result} {name}", [one.declared for one in self.parameters])
        return "\n".join([head, "{", self.body, "}", ""])


def write_function(part: Subgraph, names: dict[Node, str], quantized: Set[Node]) -> CFunction:
    """Return the function of a part; `names` are those of inputs and outputs of the graph."""
    return _FunctionWriter(part, names, quantized).function()


class _FunctionWriter(Statements):
    """Decides which nodes are stored, and where."""

    def __init__(self, part: Subgraph, names: dict[Node, str], quantized: Set[Node]) -> None:
        super().__init__(quantized)
        self.part, self.named = part, names
        self.kept = set(part.outputs)
        self.given: list[CParameter] = []

    def function(self) -> CFunction:
        """Return the part as a function."""
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
        # an index into an axis of length 1 need not be computed
        read = [
            one
            for one in (*self.parameters, *self.given)
            if one.kind == "output" or re.search(rf"\b{one.name}\b", body)
        ]
        parameters = sorted(read, key=lambda one: {"input": 1, "output": 2}.get(one.kind, 0))
        return CFunction(tuple(parameters), self.result, body, frozenset(self.used), self.stack)

    def _take_input(self, node: Node) -> None:
        name = self._name(self.named.get(node, "x"))
        scalar = size_of(node) == 1
        kind = "const char *" if node.dtype.kind == "U" else C_TYPES[node.dtype.name] + " "
        declared = f"{kind}{name}" if scalar else f"const {kind}*restrict {name}"
        self.given.append(CParameter("input", node, name, declared))
        self.arrays[node] = CArray(name, scalar)

    def _give_outputs(self) -> Node | None:
        """Decide where the outputs are written; a single output of one number is returned."""
        outputs = self.part.outputs
        if len(outputs) == 1 and size_of(outputs[0]) == 1:
            return outputs[0]
        for node in outputs:
            name = self._name(self.named.get(node, "y"))
            kind = C_TYPES[node.dtype.name]
            if node in self.named and node.dtype.kind == "i":  # the place of a class, in the structure of the answers
                kind = "int"
                self.narrow.add(name)
            self.given.append(CParameter("output", node, name, f"{kind} *restrict {name}"))
            self.destinations[node] = CArray(name)
            if size_of(node) == 1:
                self.singles.add(name)
        return None

    def _stored(self) -> set[Node]:
        """Return the nodes with storage of their own: a variable for a single number, an array for several."""
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
                    whole = node.operation in ("matmul", "sparse_matmul", "argmax", "argsort") or (
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
        """Write nodes that are only concatenated straight into the result, without a copy."""
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
                    self.destinations[base] = CArray(self._array(node).name, start=start)
                start += size_of(source)


@dataclass(eq=False)
class Subgraph:
    """Nodes of one scope, in order, which are computed together, with what it takes from others and others from it.

    Without constants, inputs, and movements, which every part reads through by itself.
    """

    scope: Scope
    nodes: list[Node] = field(default_factory=list)
    inputs: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    behind: set[Subgraph] = field(default_factory=set)


def sources(node: Node, kept: set[Node]) -> Iterator[Node]:
    """Return the nodes that a node is computed from, through movements; stored nodes stand for themselves."""
    for source in node.inputs:
        while source.operation in MOVEMENTS and source not in kept:
            source = source.inputs[0]
        yield source


def parts_of(graph: Graph) -> list[Subgraph]:
    """Return the parts of a graph in topological order."""
    wanted = set(graph.outputs.values())
    of: dict[Node, Subgraph] = {}
    parts: list[Subgraph] = []
    current: dict[Scope, Subgraph] = {}
    for node in graph.nodes:
        if node.operation in ("constant", "input") or (node.operation in MOVEMENTS and node not in wanted):
            continue
        needed = [of[source] for source in sources(node, wanted) if source in of]
        part = current.get(node.scope)
        if part is None or any(part in other.behind for other in needed if other is not part):
            # a part that comes after others which need what its scope has computed already is another one
            part = current[node.scope] = Subgraph(node.scope)
            parts.append(part)
        part.nodes.append(node)
        for other in needed:
            if other is not part:
                part.behind |= {other} | other.behind
        of[node] = part
    _connect(parts, of, wanted)
    return _in_order(parts)


def _connect(parts: Sequence[Subgraph], of: dict[Node, Subgraph], wanted: set[Node]) -> None:
    for part in parts:
        for node in part.nodes:
            for source in sources(node, wanted):
                if source.operation == "constant" or of.get(source) is part:
                    continue
                if source not in part.inputs:
                    part.inputs.append(source)
                if source in of and source not in of[source].outputs:
                    of[source].outputs.append(source)
            if node in wanted and node not in part.outputs:
                part.outputs.append(node)


def _in_order(parts: Sequence[Subgraph]) -> list[Subgraph]:
    """Sort topologically; `behind` may have grown after others copied it."""
    ordered: list[Subgraph] = []
    waiting = list(parts)
    while waiting:
        ready = next(part for part in waiting if not (part.behind - {part}) & set(waiting))
        ordered.append(ready)
        waiting.remove(ready)
    return ordered
