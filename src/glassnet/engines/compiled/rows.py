"""A formula over whole rows, written for NumPy arrays, as loops over numbers.

A formula such as softmax takes maxima and sums along a row. In its graph each of these becomes a loop through the
columns, and so does the result, which computes all between them once more at each column. So the formula is written
once, as in the book, and needs no array in between.

Rows lie side by side: a table of (columns, lanes) holds one row in each lane, so that all arithmetic is of vectors.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from glassnet.engines.compiled.code import Code, Matrix, Pointer
from glassnet.engines.compiled.code.code import Inlined
from glassnet.engines.compiled.code.formula_lowering import Placeholder, captured, described, emit, maximum, minimum
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.ir import UntraceableError
from glassnet.ir.tensor import TraceNode

LANES = 64
"""The most rows at a time. LLVM must not see this constant, or it would unroll the lanes and use no vectors."""

GATHER: Final[dict[str, tuple[float, Callable[[Any, Any], Any]]]] = {
    "max": (-np.inf, maximum),
    "min": (np.inf, minimum),
    "sum": (0.0, operator.add),
    "mean": (0.0, operator.add),
}
"""Reductions along a row: the initial value, and the function that adds a number."""

At = Callable[[Any, Any], Any]
"""A row: ``at(j, i)`` is the number of column j in lane i."""


class Loops:
    """The loops of one formula: of all lanes through all columns, once for each reduction.

    Parameters
    ----------
    code : Code
    f : Inlined
    width, lanes
        How many columns there are, and rows side by side.
    spare : Pointer
        Room for the reductions; its numbers are of the type of all rows.
    rows : sequence of callable
        The formula's arguments.
    values : sequence
        Its trailing arguments: numbers, the same for all rows.
    """

    def __init__(
        self, code: Code, f: Inlined, width: Any, lanes: Any, spare: Pointer, rows: Sequence[At], values: Sequence[Any]
    ) -> None:
        self.code, self.width, self.lanes, self.spare, self.reductions = code, width, lanes, spare, 0
        f.note(len(rows), len(values))
        known: list[Any] = [*rows]
        graph, given = captured(
            f.function, *[Placeholder(spare.kind, rows=True)] * len(rows), *described(values, known)
        )
        self.known: dict[Any, Any] = dict(zip(given, known, strict=True))
        for node in graph.made:
            if node.op in GATHER:
                self.known[node] = self._reduced(node)
            elif not node.shape:
                self.known[node] = self._emitted(node)
        self.output = graph.outputs[0]
        if graph.several or not isinstance(self.output, TraceNode) or not self.output.shape:
            raise UntraceableError("{value!r}, which is no row", value=self.output)

    def number(self, j: Any, i: Any) -> Any:
        """Return the result of the formula at a column, in a lane."""
        return self._number(self.output, j, i)

    def _number(self, of: Any, *place: Any) -> Any:
        if not isinstance(of, TraceNode):
            return of
        if of not in self.known:
            return self._emitted(of, *place)
        return self.known[of](*place) if of.shape else self.known[of]

    def _emitted(self, node: TraceNode, *place: Any) -> Any:
        return emit(node.op, *(self._number(one, *place) for one in node.inputs), **node.attributes)

    def _reduced(self, node: TraceNode) -> At:
        """Return a reduction along the row."""
        code, lanes, (x,) = self.code, self.lanes, node.inputs
        if node.attributes != {"axes": (1,), "keepdims": True}:
            raise UntraceableError("{operation} other than along a row (axis=-1, keepdims=True)", operation=node.op)
        start, gather = GATHER[node.op]
        totals = self.spare + self.reductions * lanes
        self.reductions += 1
        totals.fill(lanes, start)
        for j in code.range(self.width):
            for i in code.range(lanes):
                totals[i] = gather(totals[i], self._number(x, j, i))
        if node.op == "mean":
            for i in code.range(lanes):
                totals[i] = totals[i] / self.width.as_kind(self.spare.kind)
        return lambda j, i: totals[i]


def through(
    code: Code, f: Inlined, width: Any, lanes: Any, tables: Sequence[Pointer], values: Sequence[Any], result: Pointer,
    spare: Pointer,
) -> int:  # fmt: skip
    """result = f(tables, values), where tables and result are (columns, lanes); gives how many reductions it took."""

    def row(table: Pointer) -> At:
        return lambda j, i: table[j * lanes + i]

    loops = Loops(code, f, width, lanes, spare, [*map(row, tables)], values)
    for j in code.range(width):
        for i in code.range(lanes):
            result[j * lanes + i] = loops.number(j, i)
    return loops.reductions


def reductions(function: Callable[..., Any], rows: int, parameters: int) -> int:
    """Return the number of reductions that a formula needs.

    Examples
    --------
    >>> from glassnet.formulas.activations import softmax
    >>> reductions(softmax, rows=1, parameters=0)
    2
    """
    formula = captured(function, *[Placeholder("double", rows=True)] * rows, *[Placeholder("double")] * parameters)
    return sum(node.op in GATHER for node in formula.graph.made)


def side_by_side(
    k: Kernel, f: Inlined, rows: Any, width: Any, inputs: Sequence[Matrix], values: Sequence[Any], result: Matrix
) -> None:
    """result = f(inputs, values) of whole rows: so many at a time are transposed, treated, and transposed back."""
    lanes = k.maximum(16, k.minimum(LANES, (rows + 15) // 16 * 16))
    scratch = k.scratch()
    tables = [scratch + number * width * lanes for number in range(len(inputs) + 1)]
    spare = scratch + (len(inputs) + 1) * width * lanes
    for first in k.range(0, rows, step=lanes):
        some = k.minimum(lanes, rows - first)
        for j in k.range(width):
            for i in k.range(some):  # the lanes behind the last row are never used
                for table, matrix in zip(tables, inputs, strict=False):
                    table[j * lanes + i] = matrix[first + i, j]
        through(k, f, width, lanes, tables[:-1], values, tables[-1], spare)
        for i in k.range(some):
            for j in k.range(width):
                result[first + i, j] = tables[-1][j * lanes + i]
