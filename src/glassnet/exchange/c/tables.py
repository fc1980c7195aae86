"""Learned numbers and texts as tables in C, of large matrices also with one byte for each weight."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.exchange.c.literals import C_TYPES, number, table, text
from glassnet.exchange.c.ngram_source import column_bytes, column_source
from glassnet.exchange.graph import Graph, Node
from glassnet.exchange.graph.dataflow import rebuilt
from glassnet.ir.printing import free_name

Array = npt.NDArray[Any]
LARGE: Final = 4096
"""Bytes from which on a table is aligned; smaller ones stay in the first cache, however they lie."""

ALIGNED: Final = """\
/* Large tables begin where a line of the cache does, so that no vector of theirs lies in two. */
#if defined(__GNUC__)
#define ALIGNED __attribute__((aligned(64)))
#elif defined(_MSC_VER)
#define ALIGNED __declspec(align(64))
#else
#define ALIGNED
#endif
"""
LARGEST = 127
FEW, FEWEST = 8, 256
"""A table of fewer outputs, or of fewer numbers, stays as it is."""


@dataclass(frozen=True)
class ConstantTable:
    """One table, of a kind as :class:`glassnet.exchange.c.operands.CParameter` has it."""

    name: str
    own: str  # within its part of the model: "layer_2_W" is that of every network
    kind: str
    node: Node

    @property
    def array(self) -> Array:
        """The numbers."""
        if self.kind == "constant":
            return self.node.known
        if self.kind == "turned":
            return np.swapaxes(self.node.known, -1, -2)
        whole, scale = quantized_table(self.node.known)
        return whole if self.kind == "int8" else scale

    @property
    def bytes(self) -> int:
        """What it takes of the memory of the constants; a text with a pointer and its number."""
        if self.kind == "ngrams":
            return column_bytes(self.node.attributes["column"])
        if self.kind == "levels":
            return sum(len(key.encode()) + 1 + 16 for key in self.node.attributes["keys"])
        return self.array.nbytes

    @property
    def aligned(self) -> bool:
        """Whether it is so large that its place matters."""
        return self.kind not in ("levels", "ngrams") and self.array.nbytes >= LARGE

    def text(self) -> str:
        """Return the table as C source."""
        if self.kind == "ngrams":
            return column_source(self.name, self.node.attributes["column"])
        if self.kind == "levels":
            about = self.node.attributes
            pairs = sorted(zip(about["keys"], about["values"], strict=True), key=lambda pair: pair[0].encode())
            entries = table(f"{{{text(key)}, {value}}}" for key, value in pairs)
            return f"static const struct level {self.name}[{len(pairs)}] = {{\n{entries}\n}};\n"
        array = self.array
        sizes = [size for size in array.shape if size > 1]
        shape = f"/* {' x '.join(map(str, sizes))} */\n" if len(sizes) > 1 else ""
        entries = table(number(one, array.dtype) for one in array.ravel())
        kind = f"{'ALIGNED ' if self.aligned else ''}{C_TYPES[array.dtype.name]}"
        return f"{shape}static const {kind} {self.name}[{array.size}] = {{\n{entries}\n}};\n"


class ConstantTables:
    """All tables of a file, equal ones only once."""

    def __init__(self) -> None:
        self._tables: dict[str, ConstantTable] = {}
        self._known: dict[Any, ConstantTable] = {}

    def add(self, part: str, own: str, kind: str, node: Node, taken: Container[str]) -> ConstantTable:
        """Return the table of a node, called after its part and its own name there, unless that is `taken`."""
        value = node.value
        column = node.attributes.get("column")
        known = node if column is None else column.ngrams
        key = (kind, known) if value is None else (kind, value.dtype.str, value.shape, value.tobytes())
        if key not in self._known:
            name = free_name(f"{part}_{own}", self._tables, taken)
            self._known[key] = self._tables[name] = ConstantTable(name, own, kind, node)
        return self._known[key]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[ConstantTable]:
        return iter(self._tables.values())

    @property
    def bytes(self) -> int:
        """What all of them take."""
        return sum(one.bytes for one in self)


def weights_of(graph: Graph) -> set[Node]:
    """Return the tables that rows are multiplied by, of float32, as far as they are large enough to be worth it."""
    return {
        right
        for node in graph.nodes
        if node.operation == "matmul"
        for right in node.inputs[1:]
        if right.operation == "constant"
        and right.dtype == np.float32
        and len(right.shape) == 2
        and _is_large(right.shape)
    }


def _is_large(shape: tuple[int, ...]) -> bool:
    return shape[1] >= FEW and shape[0] * shape[1] >= FEWEST


def quantized_table(weights: Array) -> tuple[Array, Array]:
    """Return integers from -127 to 127, and the scale of each output.

    Examples
    --------
    >>> quantized_table(np.array([[0.5, 3.0], [-1.0, 0.0]], np.float32))
    (array([[  64,  127],
           [-127,    0]], dtype=int8), array([0.00787402, 0.02362205], dtype=float32))
    """
    largest = np.abs(weights).max(axis=0)
    scale = (np.where(largest > 0, largest, 1) / LARGEST).astype(np.float32)
    return np.rint(weights / scale).astype(np.int8), scale


def dequantized(graph: Graph, quantized: set[Node]) -> Graph:
    """Return the same graph with the weights that are left of those tables."""

    def change(old: Node, new: Node) -> Node:
        if old not in quantized:
            return new
        whole, scale = quantized_table(old.known)
        return replace(old, value=whole * scale)

    return rebuilt(graph, change)
