"""Kernels of values with a third axis: column by column, with the rows of a block in one vector.

They lie in scratch while the kernel is at a column, and nowhere else; the way back computes them once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from glassnet.engines.compiled.code import Matrix, Pointer, Value
from glassnet.engines.compiled.level_products import OF_BINS, LevelProducts
from glassnet.engines.compiled.lowered_values import (
    ColumnSums,
    Grid,
    LevelProduct,
    Lookups,
    OverRows,
    Pieces,
    Product,
)
from glassnet.engines.compiled.memory import BLOCK, BLOCK_ROWS, GRAIN, TOUCHED, Op, Run
from glassnet.engines.compiled.memory_plan import MemoryPlan


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


class ColumnLoops(LevelProducts):
    """The values of a kernel that have three axes."""

    def _in_scratch(self, reached: list[Grid], roots: list[Grid]) -> dict[int, Pointer]:
        self.learns = bool(roots)
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
