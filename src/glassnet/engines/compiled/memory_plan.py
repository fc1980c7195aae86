"""The memory plan of a layer: which values of its lowered graph are stored, and where.

A value is stored for the backward pass if it is a product or a sum, or takes longer to compute again than to read, and
if the backward pass reads it at all. Everything else is computed where it is used.
"""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

from glassnet.engines.compiled.lower_layer import Lowering
from glassnet.engines.compiled.lowered_values import Grid, Lookups, OverRows, Pieces, Product, SparseProduct, in_order
from glassnet.engines.compiled.reuse import once
from glassnet.ir import UntraceableError
from glassnet.ir.layer_trace import SHARES, LayerTrace, trace

STORED = ("product", "sparse_product", "sum", "max", "min", "rows", "beside", "flat", "tile", "members", "mask", "down")
"""Kinds of grids that are computed once and stored."""
OF_PARAMETERS = ("vector", "products", "lookup", "reached", "interpolated")
OF_MEMORY, SUMS = ("product", "sparse_product", "rows"), ("sum", "max", "min")
PRODUCTS = (Product, SparseProduct)
"""Gradients that are products, of what lies in memory."""
GIVEN = ("x", "d_y", "vector", "statistic", "number", "count", "counts", "root", "batch")


class MemoryPlan:
    """The values that the kernels of a layer compute, and where they are stored.

    Attributes
    ----------
    x, out, d_y, d_x : Grid
        Inputs and outputs; d_x is None where it is not needed.
    forward, backward : list of Grid
        The results of the two kernels, in order; all of them lie in memory.
    for_d_x : list of Grid
        The end of the backward pass, for d_x alone, in separate loops and products: a kernel skips it where the table
        marks it as not needed. Empty where these share loops with the rest.
    learned : list of Product or ColumnSums
        The gradients, parameter by parameter.
    places : dict of int to str
        Where a grid lies, by its number: in "x", "y", "d_x", "d_y", "kept", or "column".
    kept : list of Grid
        The grids with memory of their own, one after the other.
    columns, measured : list of Grid
        The grids with one value per column, from all rows: as stored, and in the order of computation.
    statistics : list of Grid
    after : dict of (float or None) to dict of int to Grid
        The statistics after a step, by their numbers; by the `share` of ``Layer.update_statistics``.
    shapes : list of tuple
        Of the parameters.
    rates : list of int
        Which of the layer's numbers are rates of dropout.
    numbers : list of float
        What must stand in the table beside those of the layer's structure.
    """

    def __init__(self, trace: LayerTrace, precision: str, training: bool, want_dx: bool) -> None:
        lowering = Lowering(trace, precision)
        self.training, self.shapes = training, [lowering.shape(node) for node in trace.parameters.values()]
        self.statistics: list[Grid] = [lowering.values[node] for node in trace.statistics.values()]
        if len({one.shape for one in self.statistics}) > 1:
            raise UntraceableError("statistics of several shapes")
        self.x: Grid = lowering.values[trace.x]
        out = lowering.forward()
        self.rates, self.numbers = lowering.rates, lowering.numbers
        self.d_x: Grid | None = None
        self.d_y = Grid("d_y", out.columns, rows=True)
        self.places = {self.x.number: "x", self.d_y.number: "d_y"}
        self.out = self._put(out, "y")
        self.kept: list[Grid] = []
        self.columns: list[Grid] = []
        self.learned: list[OverRows] = []
        self.backward: list[Grid] = []
        self.for_d_x: list[Grid] = []
        if training:
            self._plan_back(*lowering.backward(self.d_y), want_dx)
            self.after = {share: lowering.after(share) for share in SHARES}
            self._reach([grid for after in self.after.values() for grid in after.values()], back=True)
        self._reach([self.out, *(grid for grid in self.kept if self.is_ahead(grid))], back=False)
        self._give(self.out)
        self.forward = self._computed([self.out], back=False)
        self.measured = [self._of_all(grid) for grid in in_order(self.columns) if self._is_column(grid)]
        self.kept = [grid for grid in self.kept if self.places[grid.number] == "kept"]

    @property
    def nothing(self) -> bool:
        """Whether the layer is the identity, forward and backward."""
        return self.out.more.get("copy") == "x" and (self.d_x is None or self.d_x.more.get("copy") == "d_y")

    @property
    def scattered(self) -> bool:
        """Whether workers share gradients other than by a parameter's first axis, or gradients read parameters."""
        return any(map(self._is_scattered, self.learned))

    def _is_scattered(self, gradient: OverRows) -> bool:
        by_columns = isinstance(gradient.d, Pieces) and not isinstance(gradient, Lookups)
        by_members = len(gradient.shape) > 1 + isinstance(gradient, PRODUCTS) and not isinstance(gradient.d, Pieces)
        read = [one for one in in_order(_computed_anew(gradient), self._is_placed) if one.kind in OF_PARAMETERS]
        own = [one for one in read if by_columns and isinstance(one, Pieces) and one.kind != "lookup"]
        return by_members or len(read) > len(own)

    def reached(self, computed: list[Grid], roots: list[Grid]) -> list[Grid]:
        """Return all values that a kernel computes or reads for some grids, up to those in memory."""
        ready = set(self.places) - {grid.number for grid in computed}
        return in_order([*computed, *roots], lambda grid: grid.number in ready)

    @property
    def operands(self) -> list[Grid]:
        """The operands of gradients."""
        return [grid for gradient in self.learned for grid in gradient.grids]

    def _put(self, grid: Grid, place: str) -> Grid:
        """Return a grid with memory of its own; a copy, if it is stored already."""
        if grid.number in self.places:
            grid = Grid("each", grid.columns, (grid,), lambda number: number, True, copy=grid.kind)
        self.places[grid.number] = place
        return grid

    def is_ahead(self, grid: Grid) -> bool:
        """Return whether it is computed in the forward pass."""
        return grid.number < self.d_y.number or grid is self.out

    def _computed(self, last: list[Grid], back: bool) -> list[Grid]:
        found = [grid for grid in in_order([*self.kept, *last]) if self.is_ahead(grid) != back]
        return [
            grid for grid in found if self._is_placed(grid) and grid.kind not in GIVEN and not self._is_column(grid)
        ]

    def _is_column(self, grid: Grid) -> bool:
        return self.places.get(grid.number) == "column"

    def _of_all(self, grid: Grid) -> Grid:
        """Store values that depend on all rows; they come before all row-wise values of the same pass."""
        behind = in_order(grid.symbols, self._is_placed)
        others = [one for one in behind if self._is_column(one)]
        if others and (any(one.kind == "part" for one in behind) or any(one.columns != grid.columns for one in others)):
            raise UntraceableError("a mean over all rows of another column's mean, which another worker may measure")
        for one in behind:
            place = self.places.get(one.number, "x")
            if place not in ("x", "column", "d_y") and self.is_ahead(one) == self.is_ahead(grid):
                raise UntraceableError("a mean over all rows of what is made row by row")
        return grid

    def _plan_back(self, d_x: Grid, learned: list[OverRows], want_dx: bool) -> None:
        self.learned = learned
        products = [gradient for gradient in self.learned if not _computed_anew(gradient)]
        operands = [grid for gradient in products for grid in gradient.grids]
        for grid in operands:
            self._keep(grid)
        self._reach([grid for grid in operands if not self.is_ahead(grid)], back=True)
        # a separate kernel adds up; expensive terms are computed before it, once for all sums
        for grid in sorted(self._summed, key=lambda grid: grid.number):
            if any(
                one.expensive and one.kind == "each" and one.rows and not self.is_ahead(one)
                for one in in_order([grid], self._is_placed)
            ):
                self._keep(grid)
        self._reach(self._summed, back=True)
        needed = set(self.places)
        if want_dx:
            self.d_x = self._put(d_x, "d_x")
            self._reach([self.d_x], back=True)
            self._give(self.d_x)
        for grid in self.kept:  # a value computed from d_y alone may overwrite it
            if grid.kind == "each" and grid.columns == self.d_y.columns and self._alone(self.d_y, grid):
                self.places[grid.number] = "d_y"
                break
        self.backward = self._computed(self._last, back=True)
        if want_dx and not any(grid.number not in needed and self.is_ahead(grid) for grid in self.kept):
            self.for_d_x = self._behind(needed)

    def _behind(self, needed: set[int]) -> list[Grid]:
        """Return the part of the backward pass for d_x alone, if it comes last and shares no loop with the rest."""
        first = next(place for place, grid in enumerate(self.backward) if grid.number not in needed)
        tail = self.backward[first:]
        border = first == 0 or any(grid.kind in OF_MEMORY for grid in self.backward[first - 1 : first + 1])
        mixed = not border or self.columns or any(grid.number in needed for grid in tail)
        return [] if mixed else tail

    @property
    def _last(self) -> list[Grid]:
        return [] if self.d_x is None else [self.d_x]

    @property
    def _summed(self) -> list[Grid]:
        return [grid for gradient in self.learned for grid in _computed_anew(gradient)]

    def _keep(self, grid: Grid) -> None:
        if grid.number not in self.places and grid.size is None:
            self.places[grid.number] = "kept" if grid.rows else "column"
            (self.kept if grid.rows else self.columns).append(grid)

    def _reach(self, roots: list[Grid], back: bool) -> None:
        """Store what must be in memory to compute the roots."""
        waiting, seen = list(roots), set[int]()
        while waiting:
            grid = waiting.pop()
            ahead = back and self.is_ahead(grid)
            if grid.number in seen or grid.kind in GIVEN or (ahead and grid.number in self.places):
                continue
            seen.add(grid.number)
            stored = grid.kind in STORED and grid.size is None
            if stored or (grid.expensive and (ahead if grid.rows else grid.down or not self.training)):
                self._keep(grid)
                if ahead and self._is_placed(grid):
                    continue
            for one in grid.symbols if stored else ():
                # products and formulas of rows read memory; sums take a vector at a time, by arithmetic alone
                for needed in in_order([one], self._is_placed) if grid.kind in SUMS else [one]:
                    if needed.rows and (
                        needed.columns != 1 and needed.expensive if grid.kind in SUMS else grid.kind in OF_MEMORY
                    ):
                        self._keep(needed)
            for one in grid.symbols:  # parts of a concatenation are computed in place
                waiting += one.symbols if grid.kind == "beside" and one.kind == "flat" else [one]

    def _is_placed(self, grid: Grid) -> bool:
        return grid.number in self.places

    def _give(self, grid: Grid) -> None:
        """Let a product share memory with the grid that is computed from it elementwise, if nothing else needs it."""
        for source in reversed(self.kept):
            if source.kind == "product" and source.columns == grid.columns and self._alone(source, grid):
                self.places[source.number] = self.places[grid.number]
                return

    def _at_once(self, root: Grid, target: Grid) -> bool:
        """Return whether one loop computes both at a place before it writes either one."""
        first, last = sorted((root.number, target.number))
        beside = root.kind == target.kind == "each" and root.columns == target.columns
        return root is target or (beside and not any(first < number < last for number in self.places))

    def _alone(self, source: Grid, target: Grid) -> bool:
        """Return whether the target alone needs the source, elementwise."""
        for root in [*self.kept, self.out, *self._last]:
            behind = in_order(root.symbols, self._is_placed)
            if root is not source and any(one is source for one in behind):
                between = [one for one in behind if not self._is_placed(one)]
                moved = root.kind != "each" or any(one.kind not in ("each", *GIVEN) for one in between)
                if moved or not self._at_once(root, target):
                    return False
        learned = [one for grid in self._summed for one in in_order([grid], self._is_placed)]
        learned += self.operands
        return not any(one is source for one in learned)


def _computed_anew(gradient: OverRows) -> list[Grid]:
    """Return the values that a gradient's kernel computes again, since they are not stored."""
    in_memory = isinstance(gradient, PRODUCTS) and not isinstance(gradient.d, Pieces)
    return [] if in_memory else gradient.grids


def memory_plan(precision: str, training: bool, want_dx: bool, *text: Any) -> MemoryPlan:
    """Return the memory plan of all layers of one structure (:class:`glassnet.ir.layer_trace.Structure`)."""

    def planned() -> MemoryPlan:
        traced = once(lambda: trace(text, precision, training), "trace", precision, training, *text)
        return MemoryPlan(traced, precision, training, want_dx)

    return copy_context().run(once, planned, "memory_plan", precision, training, want_dx, *text)
