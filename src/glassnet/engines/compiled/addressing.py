"""Addressing: where the values of a layer's graph are in memory, and how a kernel computes those that are not."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.formula_lowering import lower
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.lowered_values import Grid
from glassnet.engines.compiled.memory import COLUMNS, COUNTS, OP_SIZE, ROWS, Op, Run
from glassnet.engines.compiled.memory_plan import MemoryPlan
from glassnet.formulas.random import random_bits
from glassnet.ir.dims import resolved

PLACED = {"kept": "kept", "column": "columns"}
"""The values there, one after the other."""

Along = Callable[[Pointer], Value]
"""Instead of a column: several adjacent columns from an offset on."""


class ValueAddresses:
    """The values of a memory plan in one kernel: their addresses, and how to compute one from others.

    Parameters
    ----------
    k : Kernel
    plan : MemoryPlan
    computed : list of Grid
        The grids that this kernel writes to memory, in this order.
    roots : list of Grid
        The other grids that it reads.
    all_rows : bool
        Whether it goes through the batch, and not through the worker's own rows.
    constants : Pointer or None
        Where the constants of all operations lie, if it is not in C.
    """

    def __init__(
        self,
        k: Kernel,
        plan: MemoryPlan,
        computed: list[Grid],
        roots: list[Grid] | None = None,
        all_rows: bool = False,
        constants: Pointer | None = None,
    ) -> None:
        self.k, self.plan = k, plan
        # read at the beginning, for it is not known that nothing else is written there
        self.counts = {column: k.op[column] for column in (Op.INPUTS, *range(COUNTS, OP_SIZE))}
        self.first_row: Any = 0 if all_rows else k.run[Run.AT]
        self.ready = set(plan.places) - {grid.number for grid in computed}
        """Values that are in memory already."""
        self.of_row: dict[int, Any] = {}
        self.of_place: dict[int, Any] = {}
        self.of_column: dict[int, Any] = {}
        sizes = [math.prod(map(self.count, shape)) for shape in plan.shapes]
        self.offsets = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
        sizes = [math.prod(map(self.count, one.shape)) for one in plan.statistics]
        self.statistics = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
        self.constants = constants or k.C
        reached = plan.reached(computed, roots or [])
        known = [grid for grid in reached if grid.number in plan.places]
        columns = {grid.number: self.count(grid.columns) for grid in known}
        places = {self._where(grid): self._place(grid, columns[grid.number]) for grid in known}
        # one buffer lies apart from the other
        learned = k.P + k.op[Op.P], k.G + k.op[Op.P], k.S + k.op[Op.S]
        held = self._in_scratch(reached, roots or [])
        *starts, self.P, self.G, self.S = k.apart([*places.values(), *held.values(), *learned])
        found = dict(zip((*places, *held), starts, strict=True))
        places, self.held = {where: found[where] for where in places}, {number: found[number] for number in held}
        self.matrices = {grid.number: places[self._where(grid)].by(columns[grid.number]) for grid in known}
        self.numbers: dict[int, Any] = {}
        for grid in reached:
            plain = all(one.number in self.numbers for one in grid.symbols)
            of_columns = grid.down or grid.kind in ("vector", "statistic")
            if not grid.rows and grid.columns == 1 and not of_columns and plain:
                self.numbers[grid.number] = self._number(grid)
        self.mask_key: Any = None
        if any(grid.kind == "mask" for grid in computed):
            self.mask_key = lower(random_bits, k.run[Run.KEY].as_kind("u64"), k.op[Op.LAYER].as_kind("u64"))
            self.first = k.run[Run.FIRST]

    def _in_scratch(self, reached: list[Grid], roots: list[Grid]) -> dict[int, Pointer]:
        """Scratch memory, by value, while a kernel works on a column; empty here."""
        return {}

    # --------------------------------------------------------------- places

    def count(self, size: Any) -> Any:
        """Return a number of columns, as an operand."""
        return resolved(size, self.counts)

    def _where(self, grid: Grid) -> Any:
        place = self.plan.places[grid.number]
        return grid.number if place in ("kept", "column") else place

    def _place(self, grid: Grid, columns: Any) -> Pointer:
        k, place = self.k, self.plan.places[grid.number]
        if place not in ("kept", "column"):
            letter, column = k.D if place.startswith("d_") else k.A, Op.X if place.endswith("x") else Op.Y
            return letter + k.op[column] + self.first_row * columns
        before: Any = 0
        for one in takewhile(lambda one: one is not grid, getattr(self.plan, PLACED[place])):
            before = before + self.count(one.columns)
        if place == "column":
            return k.E + k.op[COLUMNS] + before
        return k.E + k.op[Op.E] + k.op[ROWS] * before + self.first_row * columns

    # --------------------------------------------------------------- numbers

    def _number(self, grid: Grid) -> Any:
        k = self.k
        if grid.kind == "number":
            return self.constants[k.op[Op.C] + grid.more["place"]]
        if grid.kind == "batch":
            return k.run[Run.BATCH].as_kind("double")
        if grid.kind == "each":
            return grid.function(*(self.numbers[one.number] if isinstance(one, Grid) else one for one in grid.inputs))
        count = self.count(grid.more["count"]).as_kind("double")
        return k.intrinsic("sqrt", count) if grid.kind == "root" else count

    def at(self, grid: Any, i: Any, j: Any) -> Any:
        """Return the value of a grid at a row and a column."""
        if not isinstance(grid, Grid):
            return grid
        if grid.number in self.numbers:
            number = self.numbers[grid.number]
            return number if number.kind == "i1" else number.as_kind(self.k.number)
        for found in (self.of_row, self.of_column):
            if grid.number in found:
                return found[grid.number]
        if grid.number not in self.of_place:
            self.of_place[grid.number] = self._at(grid, i, j)
        return self.of_place[grid.number]

    def _at(self, grid: Grid, i: Any, j: Any) -> Any:
        if grid.columns == 1:
            j = 0  # one number for all columns, however it is read
        if grid.number in self.ready:
            matrix = self.matrices[grid.number]
            if not grid.rows:
                return matrix.start[j] if not callable(j) else j(matrix.start)
            return matrix[i, j] if not callable(j) else j(matrix.start + i * matrix.columns)
        if grid.kind in ("vector", "statistic"):
            of_layer, offsets = (self.P, self.offsets) if grid.kind == "vector" else (self.S, self.statistics)
            place = of_layer + offsets[grid.more["place"]]
            return place[j] if not callable(j) else j(place)
        if grid.kind == "part":
            first = self.count(grid.more["first"])
            return self.elsewhere(grid.inputs[0], i, (lambda place: j(place + first)) if callable(j) else j + first)
        if grid.kind == "counts":
            return self.constants[self.k.op[Op.C] + grid.more["place"] + j].as_kind("i64")
        return self.function(grid)(*(self.at(one, i, j) for one in grid.inputs))

    def function(self, grid: Grid) -> Callable[..., Any]:
        """Return the function that is applied to the inputs at each place."""
        return self.k.formula(grid.function) if grid.more.get("formula") else grid.function

    def elsewhere(self, grid: Grid, i: Any, j: Any) -> Any:
        """Return the value of a grid at a column of its own."""
        kept, self.of_place, self.of_column = (self.of_place, self.of_column), {}, {}
        found = self.at(grid, i, j)
        self.of_place, self.of_column = kept
        return found
