"""Kernels of values with a third axis: column by column, with the rows of a block in one vector.

They lie in scratch while the kernel is at a column, and nowhere else; the way back computes them once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from glassnet.engines.compiled.addressing import ValueAddresses
from glassnet.engines.compiled.code import Matrix, Pointer, Value
from glassnet.engines.compiled.code.formula_lowering import lower
from glassnet.engines.compiled.lowered_values import (
    ColumnSums,
    Grid,
    LevelProduct,
    Lookups,
    OverRows,
    Pieces,
    Product,
    in_order,
)
from glassnet.engines.compiled.memory import BLOCK, BLOCK_ROWS, GRAIN, TOUCHED, Op, Run
from glassnet.engines.compiled.memory_plan import MemoryPlan
from glassnet.formulas.layer_formulas import level
from glassnet.ir import UntraceableError

OF_BINS = ("bin", "filled", "reached", "bin sums")
"""Kinds of values that products with levels of bins are made of."""
STRIPS = (8, 1)
"""How many values of a column form a vector, where the rows do not."""


COUNTED = 64
"""Rows whose bins are counted at a time: one sum alone would wait for each addition."""


def _ahead(p: Any, count: Any) -> Any:
    """Return a place, or several adjacent ones, so many numbers further on."""
    return (lambda place: p(place + count)) if callable(p) else p + count


def _read(place: Pointer, p: Any) -> Any:
    return p(place) if callable(p) else place[p]


def room(one: Pieces) -> Any:
    """Return how many numbers of scratch memory a value takes, for a column of a block."""
    return one.size * BLOCK if one.rows else one.size


def _held(reached: list[Grid], learned: list[OverRows]) -> list[Pieces]:
    """Return the values to keep in scratch memory: sums, their operands, copies, and expensive values read twice."""
    pieces = [one for one in reached if isinstance(one, Pieces) and (one.rows or one.kind in OF_BINS)]
    by_rows = any(one.kind in OF_BINS for one in pieces) and not any(
        one.kind in ("products", "total") for one in pieces
    )
    by_rows &= not any(isinstance(gradient, Product) for gradient in learned)
    uses = Counter(one.number for grid in pieces for one in grid.symbols)
    operands = {grid.inputs[0].number for grid in pieces if grid.kind == "products"}
    for gradient in learned:
        if isinstance(gradient, Product):
            operands |= {one.number for one in gradient.grids}
        elif isinstance(gradient, ColumnSums):  # takes several rows at a time, by arithmetic alone
            uses[gradient.d.number] += 2
    found, expensive = [], set[int]()
    for one in pieces:
        takes_long = one.expensive or any(of.number in expensive for of in one.symbols)
        sums = one.kind in ("products", "total", *OF_BINS) or one.number in operands
        copied = one.kind in ("folded", "beside") and uses[one.number] and (one.size == 1 or not by_rows)
        if sums or copied or (takes_long and uses[one.number] > 1):
            found.append(one)
        elif takes_long:
            expensive.add(one.number)
    return found


def held_in_scratch(plan: MemoryPlan) -> list[list[Pieces]]:
    """Return the values that each of the kernels forward, backward and learn keeps in scratch memory for a column."""
    passes = [_held(plan.reached(computed, []), []) for computed in (plan.forward, plan.backward)]
    return [*passes, _held(plan.reached([], plan.operands), plan.learned)]


class ColumnLoops(ValueAddresses):
    """The values of a kernel that have three axes."""

    j: Value
    """The current column."""
    begin: Any
    """The first row of the current block."""
    some: Any
    """The number of its rows."""
    of_cell: dict[int, Any]
    """Values that were computed for the current row and place."""

    def _in_scratch(self, reached: list[Grid], roots: list[Grid]) -> dict[int, Pointer]:
        self.holding = _held(reached, self.plan.learned if roots else [])
        places, before = {}, 0
        for one in self.holding:
            places[one.number] = self.k.scratch() + before
            before = before + self.count(room(one))
        return places

    # ---------------------------------------------------------------- loops

    def through(self, roots: list[Grid], first: Any, last: Any) -> Iterator[None]:
        """Loop over blocks of rows and columns, with the roots' operands in scratch memory.

        Blocks depend on the batch alone, so a sum over rows has one shape for any number of workers.
        """
        k, reached = self.k, {one.number for one in self._behind(roots)}
        for self.begin in k.range(0, k.rows, step=k.op[BLOCK_ROWS]):
            self.some = k.minimum(k.op[BLOCK_ROWS], k.rows - self.begin)
            for _ in self.columns(roots, first, last):
                for one in self.holding:
                    if one.number in reached:
                        self._hold(one)
                yield

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
        """Loop over the rows of the block and the values of a column; for a single row the values form the vector."""
        k, alone, size = self.k, self.some == 1, self.count(one.size)
        with k.when(alone):
            for p in k.range(size):
                self.of_cell = {}
                self._look_up(one, 0)
                yield k.constant(0, "i64"), p
        with k.otherwise(alone):
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

    def _hold(self, one: Pieces) -> None:
        """Store the values of the current column in scratch memory."""
        k, place, size = self.k, self.held[one.number], self.count(one.size)
        if one.kind == "products":
            W, (x,) = one.more["weights"], one.inputs
            depth, j = self.count(x.size), 0 if one.columns == 1 else self.j
            start, steps = self.P + self.offsets[W.parameter] + j * depth * size, (depth, 1) if W.turned else (1, size)
            by_rows = self.held[x.number], (self.some, 1)
            k.product(start, steps, *by_rows, size, self.some, depth, False, place, self.some)
        elif one.kind in OF_BINS:
            self._hold_bins(one, place)
        elif one.kind == "total":
            place.fill(self.some, 0.0)
            for i, p in self.cells(one.inputs[0]):
                place[i] = place[i] + self.cell(one.inputs[0], i, p)
        else:
            for part, before in self.put_together(one):
                for i, p in self.cells(part):
                    number = self._cell(part, i, p) if part is one else self.cell(part, i, p)
                    place[(before + p) * self.some + i] = number

    def _hold_bins(self, one: Pieces, place: Pointer) -> None:
        k, j = self.k, 0 if one.columns == 1 else self.j
        if one.kind == "bin sums":
            place.fill(self.count(one.size), 0.0)
            return
        if one.kind == "reached":
            W = one.more["weights"]
            bins, size = map(self.count, W.shape[1:])
            for p, lanes, _ in self.strips(size):
                before = k.vector(k.number, lanes)
                for bin in k.range(bins):
                    k.store(place + bin * size, p, before.value)
                    row = self.P + self.offsets[W.parameter] + (j * bins + bin) * size
                    before.value = before.value + k.load(row, p, lanes)
            return
        numbers, statistic = self.held[one.inputs[0].number], one.inputs[1]
        size = self.count(statistic.size)
        edges = self.S + self.statistics[statistic.more["place"]] + j * size
        if one.kind == "filled":
            bins = self.held[one.inputs[2].number]
            for i in k.range(self.some):
                edge = edges + bins[i].as_kind("i64")
                place[i] = lower(level, numbers[i], edge[0], edge[1])
            return
        for start in k.range(0, self.some, step=COUNTED):  # there is room for whole vectors
            below, x = k.vector(k.number, COUNTED), k.load(numbers, start, COUNTED)
            for edge in k.range(1, size - 1):
                below.value = below.value + k.where(x >= edges[edge], 1.0, 0.0)
            k.store(place, start, below.value)

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

    def put_together(self, grid: Grid) -> Iterator[tuple[Any, Any]]:
        """Yield the parts of a concatenation with their offsets; of another grid, the grid itself."""
        before: Any = 0
        for one in grid.symbols if grid.kind == "beside" else [grid]:
            yield one, before
            before = before + self.count(one.columns if grid.size is None else one.size)

    def write(self, one: Pieces, target: Matrix, first: Any) -> None:
        """Store all columns in memory, from a column of the target on."""
        k, size = self.k, self.count(one.size)
        for _ in self.through([one], 0, self.count(one.columns)):
            for part, before in self.put_together(one):
                for i in k.range(self.some):
                    self._look_up(part, i)
                    row = target.start + (self.begin + i) * target.columns + (first + self.j * size + before)
                    for p, _, at in self._places(part):
                        k.store(row, p, self.cell(part, i, at))

    # -------------------------------------------------------------- learning

    def learn_by_columns(self, gradients: list[tuple[int, OverRows]]) -> None:
        """Accumulate the gradients of this worker's columns over all rows."""
        k = self.k
        for columns, some in groupby(gradients, lambda pair: pair[1].d.columns):
            group = list(some)
            first, last = k.share(k.value(self.count(columns), Value(k, "i64", "")))
            for _ in self.through([grid for _, gradient in group for grid in gradient.grids], first, last):
                fresh = (k.run[Run.ACCUMULATE] == 0) & (self.begin == 0)
                for parameter, gradient in group:
                    self._learn_column(gradient, self.G + self.offsets[parameter], fresh)

    def _learn_column(self, gradient: OverRows, place: Pointer, fresh: Value) -> None:
        k, d, size = self.k, gradient.d, self.count(gradient.d.size)
        if isinstance(gradient, Product):
            x, depth = self.held[gradient.x.number], self.count(gradient.x.size)
            B, b, target = self.held[d.number], (1, self.some), place + self.j * depth * size
            k.product(x, (self.some, 1), B, b, depth, size, self.some, ~fresh, target, size)
            return
        if isinstance(gradient, LevelProduct):
            self._learn_levels(gradient, place, fresh)
            return
        if any(of.kind == "folded" and of.number not in self.held for of in self._inline(d)):  # it lies row by row
            for p, lanes, at in self._places(d):
                total, q = k.vector(k.number, lanes), self.j * size + p
                with k.when(~fresh):
                    total.value = k.load(place, q, lanes)
                for i in k.range(self.some):
                    self.of_cell = {}
                    self._look_up(d, i)
                    total.value = total.value + self.cell(d, i, at)
                k.store(place, q, total.value)
            return
        for p in k.range(size):

            def term(at: Any, p: Value = p) -> Any:
                self.of_cell = {}
                return self.cell(d, at, p)

            q = self.j * size + p
            place[q] = k.where(fresh, 0.0, place[q]) + k.total(self.some, k.number, term)

    def _learn_levels(self, gradient: LevelProduct, place: Pointer, fresh: Value) -> None:
        """Sum d by bin, as it is and times the bin's level; of a bin that is full the former counts."""
        k, d, (_, bins, size) = self.k, gradient.d, map(self.count, gradient.shape)
        bin, filled, sums = (self.held[one.number] for one in gradient.grids[1:])
        for i in k.range(self.some):
            self._look_up(d, i)
            row = sums + bin[i].as_kind("i64") * (2 * size)
            for p, lanes, at in self._places(d):
                number = self.cell(d, i, at)
                k.store(row, p, k.load(row, p, lanes) + number)
                k.store(row + size, p, filled[i] * number + k.load(row + size, p, lanes))
        for p, lanes, _ in self.strips(size):
            behind = k.vector(k.number, lanes)
            for done in k.range(bins):
                at = bins - 1 - done
                row, target = sums + at * (2 * size), place + (self.j * bins + at) * size
                before = k.where(fresh, 0.0, k.load(target, p, lanes))
                k.store(target, p, before + (behind.value + k.load(row + size, p, lanes)))
                behind.value = behind.value + k.load(row, p, lanes)

    def learn_lookups(self, gradient: Lookups, parameter: int, sparse: bool) -> None:
        """Scatter-add the gradient into this worker's rows of the parameter.

        `sparse`: only the rows that were looked up are written, and marked as touched. The gradient of the others was
        set to zero by the update.
        """
        k, d, place = self.k, gradient.d, self.G + self.offsets[parameter]
        rows, size = map(self.count, gradient.shape)
        first, last = k.share(k.value(rows, Value(k, "i64", "")))
        if not sparse:
            with k.when(k.run[Run.ACCUMULATE] == 0):
                (place + first * size).fill((last - first) * size, 0.0)
        self.begin = 0
        for i in k.range(k.rows):
            for _ in self.columns(gradient.grids, 0, self.count(d.columns)):
                self.of_place = {}
                row = self.at(gradient.places, i, self.j)
                with k.when((row >= first) & (row < last)):
                    numbers = place + row * size
                    for p in k.range(size):
                        self.of_cell = {}
                        numbers[p] = numbers[p] + self.cell(d, i, p)
                    if sparse:
                        self._touch(k.op[Op.P] + self.offsets[parameter] + row * size, size)

    def _touch(self, begin: Value, size: Any) -> None:
        touched = self.k.pointer(self.k.op[TOUCHED], "i64")
        for grain in self.k.range(begin // GRAIN, (begin + size - 1) // GRAIN + 1):
            touched[grain] = touched[grain] | 1
