"""A formula over whole rows, written for NumPy arrays, as loops over numbers.

A formula such as softmax takes maxima and sums along a row. It is called with symbols in the place of arrays; each
reduction becomes a loop through the columns, and so does the result. So the formula is written once, as in the book,
and needs no array in between.

Rows lie side by side: a table of (columns, lanes) holds one row in each lane, so that all arithmetic is of vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import TYPES, Code, Matrix, Pointer, Value
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.processor import processor
from glassnet.ir import SymbolicArray, UntraceableError

LANES = 64
"""Rows treated at once, at most. Compiled code is not told, or it would write out every lane and use no vectors."""

GATHER: dict[str, tuple[float, Callable[[Any, Any], Any]]] = {
    "max": (-np.inf, np.maximum),
    "min": (np.inf, np.minimum),
    "sum": (0.0, np.add),
    "mean": (0.0, np.add),
}
"""Reductions along a row: what they begin with, and how one more number comes in."""


class Row(SymbolicArray):
    """What a formula computes for a row: a number for each column, or one for all."""

    def __init__(self, loops: Loops, number: Callable[[Value, Value], Any]) -> None:
        self.loops, self.number = loops, number

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return np.dtype(TYPES[self.loops.kind])

    def reduced(self, kind: str, axis: Any, keepdims: bool) -> Row:
        """One number for all columns."""
        if axis not in (-1, 1) or not keepdims:
            raise UntraceableError(f"{kind} other than along a row (axis=-1, keepdims=True)")
        return self.loops.reduce(kind, self)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Row:
        """As NumPy's; divided once."""
        return self.reduced("mean", axis, keepdims)

    def each(self, function: Callable[..., Any], inputs: Sequence[Any], **options: Any) -> Row:
        """A function of single numbers, at each column."""

        def number(j: Value, i: Value) -> Any:
            return function(*(one.number(j, i) if isinstance(one, Row) else one for one in inputs), **options)

        return Row(self.loops, number)

    def ufunc(self, ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Row:
        return self.each(ufunc, inputs, **({} if dtype is None else {"dtype": dtype}))

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Row:
        return self.each(function, arguments, **options)

    def elementary(self, name: str, *arguments: Any) -> Row:
        """A function of numbers by its name."""
        return self.each(lambda *numbers: numbers[0].elementary(name, *numbers), arguments)

    def astype(self, dtype: Any, copy: bool = True) -> Row:
        """As an array's, of truth values."""
        return self.each(lambda number: number.astype(dtype), [self])


class Loops:
    """The loops of one formula: of all lanes through all columns, once for each reduction."""

    def __init__(self, code: Code, width: Any, lanes: Any, spare: Pointer, kind: str) -> None:
        self.code, self.width, self.lanes, self.spare, self.kind = code, width, lanes, spare, kind
        self.reductions = 0

    def row(self, table: Pointer) -> Row:
        """The symbol of a table of (columns, lanes)."""
        return Row(self, lambda j, i: table[j * self.lanes + i])

    def reduce(self, kind: str, row: Row) -> Row:
        """One number for all columns."""
        code, lanes = self.code, self.lanes
        start, gather = GATHER[kind]
        totals = self.spare + self.reductions * lanes
        self.reductions += 1
        totals.fill(lanes, start)
        for j in code.range(self.width):
            for i in code.range(lanes):
                totals[i] = gather(totals[i], row.number(j, i))
        if kind == "mean":
            for i in code.range(lanes):
                totals[i] = totals[i] / self.width.as_kind(self.kind)
        return Row(self, lambda j, i: totals[i])


def through(
    code: Code, f: Any, width: Any, lanes: Any, tables: Sequence[Pointer], values: Sequence[Any], result: Pointer,
    spare: Pointer,
) -> int:  # fmt: skip
    """result = f(tables, values), where tables and result are (columns, lanes); gives how many reductions it took."""
    loops = Loops(code, width, lanes, spare, result.kind)
    row = f(*(loops.row(table) for table in tables), *values)
    if not isinstance(row, Row):
        raise UntraceableError(f"{row!r}, which is no row")
    for j in code.range(width):
        for i in code.range(lanes):
            result[j * lanes + i] = row.number(j, i)
    return loops.reductions


def reductions(f: Any, inputs: int, parameters: int) -> int:
    """How many numbers a row a formula needs in between.

    Raises
    ------
    UntraceableError
        If it uses what no loop is known for.

    Examples
    --------
    >>> from glassnet.formulas.activations import softmax
    >>> reductions(softmax, inputs=1, parameters=0)
    2
    """
    code: Any = Code("trial", "void", [("table", "*double"), ("size", "i64")], processor())
    table, size = code.table, code.size
    return through(code, f, size, size, [table] * inputs, table.all(parameters), table, table)


def side_by_side(
    k: Kernel, f: Any, rows: Any, width: Any, inputs: Sequence[Matrix], values: Sequence[Any], result: Matrix
) -> None:
    """result = f(inputs, values) of whole rows: so many at a time are transposed, treated, and transposed back."""
    lanes = k.maximum(16, k.minimum(LANES, (rows + 15) // 16 * 16))
    scratch = k.scratch()
    tables = [scratch + number * width * lanes for number in range(len(inputs) + 1)]
    spare = scratch + (len(inputs) + 1) * width * lanes
    for first in k.range(0, rows, step=lanes):
        some = k.minimum(lanes, rows - first)
        for j in k.range(width):
            for i in k.range(some):  # what the lanes behind the last row hold is never used
                for table, matrix in zip(tables, inputs, strict=False):
                    table[j * lanes + i] = matrix[first + i, j]
        through(k, f, width, lanes, tables[:-1], values, tables[-1], spare)
        for i in k.range(some):
            for j in k.range(width):
                result[first + i, j] = tables[-1][j * lanes + i]
