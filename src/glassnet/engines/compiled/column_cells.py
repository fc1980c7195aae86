"""Values with a third axis, column by column: which are computed for a row of the block and a place, and how.

They lie in scratch while the kernel is at a column, and nowhere else; the way back computes them once more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from glassnet.engines.compiled.addressing import ValueAddresses
from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.lowered_values import Grid, Pieces, in_order
from glassnet.ir import UntraceableError

STRIPS = (8, 1)
"""How many values of a column form a vector, where the rows do not."""


def _ahead(p: Any, count: Any) -> Any:
    """Return a place, or several adjacent ones, so many numbers further on."""
    return (lambda place: p(place + count)) if callable(p) else p + count


def _read(place: Pointer, p: Any) -> Any:
    return p(place) if callable(p) else place[p]


class ColumnCells(ValueAddresses):
    """The numbers of values that have three axes, at the current column."""

    j: Value
    """The current column."""
    begin: Any
    """The first row of the current block."""
    some: Any
    """The number of its rows."""
    of_cell: dict[int, Any]
    """Values that were computed for the current row and place."""
    learns: bool
    """Whether this is the kernel of the gradients."""

    def _behind(self, roots: list[Any]) -> list[Grid]:
        """Return the values that the roots depend on, up to those in memory."""
        return in_order(roots, lambda one: one.number in self.ready)

    def columns(self, roots: list[Grid], first: Any, last: Any) -> Iterator[None]:
        """Loop over columns; values of a whole column, running sums too, are computed before its rows."""
        k, plain = self.k, [one for one in self._behind(roots) if not one.rows and one.size is None]
        own = [one for one in plain if one.number not in self.numbers]
        running = {one.number: k.variable(0, "i64") for one in own if one.kind == "cumsum"}
        if running and first != 0:
            raise UntraceableError("a running sum over columns that several workers share")
        for self.j in k.range(first, last):
            self.of_column = {}
            for one in own:
                self.of_place = {}
                number = self.at(one.inputs[0] if one.kind == "cumsum" else one, 0, self.j)
                if one.kind == "cumsum":
                    running[one.number].value = number = running[one.number].value + number
                self.of_column[one.number] = number
            yield
        self.of_column = {}

    def _inline(self, one: Grid) -> list[Grid]:
        """Return the values that are computed in its place, up to those in memory or scratch."""
        return in_order([one], lambda of: of is not one and (of.number in self.ready or of.number in self.held))

    def cells(self, one: Pieces) -> Iterator[tuple[Value, Value]]:
        """Loop over the rows of the block and the values of a column; for a single row the values form the vector.

        Gradients are hardly ever those of a single row, and each loop costs time to compile.
        """
        k, alone, size = self.k, self.some == 1, self.count(one.size)
        if not self.learns:
            with k.when(alone):
                for p in k.range(size):
                    self.of_cell = {}
                    self._look_up(one, 0)
                    yield k.constant(0, "i64"), p
        with contextlib.nullcontext() if self.learns else k.otherwise(alone):
            for p in k.range(size):
                self.of_cell = {}
                for of_column in self._inline(one):
                    if isinstance(of_column, Pieces) and not of_column.rows:
                        self.cell(of_column, None, p)
                known = self.of_cell
                for i in k.range(self.some):
                    self.of_cell = known.copy()
                    self._look_up(one, i)
                    yield i, p

    # --------------------------------------------------------------- numbers

    def cell(self, grid: Any, i: Any, p: Any) -> Any:
        """Return a value of the current column, in a row of the block; `i` may stand for several rows."""
        if not isinstance(grid, Pieces):
            return self.at(grid, i, 0)
        if grid.size == 1:
            p = 0  # one number for all, however it is read
        if grid.number in self.held:
            place = self.held[grid.number] + p * self.some
            return i(place) if callable(i) else place[i]
        if grid.number not in self.of_cell:
            self.of_cell[grid.number] = self._cell(grid, i, p)
        return self.of_cell[grid.number]

    def _cell(self, one: Pieces, i: Any, p: Any) -> Any:
        size, j = self.count(one.size), 0 if one.columns == 1 else self.j
        if one.kind in ("vector", "statistic"):
            of_layer, offsets = (self.P, self.offsets) if one.kind == "vector" else (self.S, self.statistics)
            return _read(of_layer + offsets[one.more["place"]] + j * size, p)
        if one.kind == "lookup":
            return _read(self.P + self.offsets[one.more["place"]] + self.of_row[one.number] * size, p)
        if one.kind == "interpolated":
            (bin, filled), W = self.of_row[one.number], one.more["weights"]
            row = self.P + self.offsets[W.parameter] + j * self.count(W.shape[1]) * size + bin * size
            return filled * _read(row, p) + _read(self.held[one.inputs[2].number] + bin * size, p)
        if one.kind == "folded":
            return self.elsewhere(one.inputs[0], self.begin + i, _ahead(p, j * size))
        if one.kind == "part":
            known, self.of_cell = self.of_cell, {}
            number = self.cell(one.inputs[0], i, _ahead(p, self.count(one.more["first"])))
            self.of_cell = known
            return number
        return self.function(one)(*(self.cell(other, i, p) for other in one.inputs))

    def _look_up(self, one: Grid, i: Any) -> None:
        """The rows of parameters that a row of the block gathers, and the bins that its numbers lie in."""
        for other in self._inline(one):
            if other.kind == "lookup":
                self.of_place = {}
                self.of_row[other.number] = self.at(other.inputs[0], self.begin + i, self.j)
            elif other.kind == "interpolated":
                bin, filled = (self.held[level.number][i] for level in other.inputs[:2])
                self.of_row[other.number] = bin.as_kind("i64"), filled

    def strips(self, size: Any, widths: Sequence[int] = STRIPS) -> Iterator[tuple[Value, int, Any]]:
        """Loop over the values of a column, several at a time and the rest one by one: place, how many, how to read."""
        done = self.k.variable(0, "i64")
        for lanes in widths:
            for p in self.k.range(done.value, size - (lanes - 1), step=lanes):
                self.of_cell = {}
                yield p, lanes, p if lanes == 1 else partial(self.k.load, index=p, lanes=lanes)
                done.value = p + lanes

    def _places(self, one: Grid) -> Iterator[tuple[Value, int, Any]]:
        """Loop over the values of a column in a row: one by one, where rows are adjacent in scratch memory."""
        held = (of for of in self._inline(one) if of.number in self.held and of.rows)
        yield from self.strips(self.count(one.size), (1,) if any(of.size != 1 for of in held) else STRIPS)
