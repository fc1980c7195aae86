"""A layer as a graph: its own `forward` and `backward`, run once with symbols, and which numbers lie in memory.

A number is kept for the way back if it is a product or a sum, or takes longer to compute once more than to read, and
if the way back reads it at all. Everything else is computed where it is wanted.
"""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

from glassnet.engines.compiled.axes import Pieces
from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.given import Going, Target, parameter, statistic
from glassnet.engines.compiled.grids import PRECISION, Grid, in_order
from glassnet.engines.compiled.machine import once
from glassnet.engines.compiled.parts import symbolic
from glassnet.engines.compiled.products import Lookups, OverRows, Product
from glassnet.engines.compiled.sizes import Size
from glassnet.graph import UntraceableError
from glassnet.layers.base import Layer

STORED = ("product", "sum", "max", "min", "rows", "beside", "flat", "tile", "members", "mask", "down")
"""Kinds of grids that are computed once, and whose numbers lie in memory then."""
OF_PARAMETERS = ("vector", "products", "lookup")
OF_MEMORY, SUMS = ("product", "rows"), ("sum", "max", "min")
GIVEN = ("x", "d_y", "vector", "statistic", "number", "count", "counts", "root", "batch")


class Drawing:
    """The graph of a layer, and where its numbers lie.

    Attributes
    ----------
    x, out, d_y, d_x : Grid
        What comes and goes; d_x is None where nobody wants it.
    forward, backward : list of Grid
        What the two kernels compute, in this order; all of it comes to lie in memory.
    for_d_x : list of Grid
        What the way back computes at its end, for d_x alone, in loops and products of its own: a kernel leaves it out
        where the table says that nobody wants it. Empty where that is mixed with the rest.
    learned : list of Product or ColumnSums
        The gradients, parameter by parameter.
    places : dict of int to str
        Where a grid lies, by its number: in "x", "y", "d_x", "d_y", "kept", or "column".
    kept : list of Grid
        What lies in room of its own, one behind the other.
    columns, measured : list of Grid
        The same of what each column has of its own, from all rows; and in the order in which it is computed.
    statistics : list of Statistic
    after : dict of (float or None) to dict of int to Grid
        What becomes of the statistics after a step, by their numbers; by the `share` of ``Layer.update_statistics``.
    shapes : list of tuple
        Of the parameters.
    rates : list of int
        Which of the layer's numbers are rates of dropout.
    numbers : list of float
        What must stand in the table beside those that :class:`glassnet.engines.compiled.parts.Parts` found.
    """

    def __init__(self, layer: Layer, width: Any, training: bool, want_dx: bool) -> None:
        self.training, parameters = training, layer.parameters(width)
        self.shapes = [parameter.shape for parameter in parameters]
        values: Any = {p.name: parameter(place, p.shape) for place, p in enumerate(parameters)}
        kept = layer.statistics(width)
        if any(len(one.shape) > 2 for one in kept) or len({one.shape for one in kept}) > 1:
            raise UntraceableError("statistics of three axes, or of several shapes")
        self.statistics = [statistic(place, one.shape) for place, one in enumerate(kept)]
        self.layer, self.values = layer, values | {p.name: one for p, one in zip(kept, self.statistics, strict=True)}
        going: Any = Going(training)
        self.x: Grid = Grid("x", width, rows=True)
        out: Any
        out, record = layer.forward(self.values, self.x, going)  # type: ignore[arg-type]
        known = isinstance(out, Grid) and out.rows and out.size is None
        if not known or (not isinstance(width, Size) and out.columns != layer.outputs(width)):
            raise UntraceableError("an output of another shape than `outputs` says")
        self.rates, self.numbers, self.record = going.rates, going.numbers, record
        self.d_x: Grid | None = None
        self.d_y = Grid("d_y", out.columns, rows=True)
        self.places = {self.x.number: "x", self.d_y.number: "d_y"}
        self.out = self._put(out, "y")
        self.kept: list[Grid] = []
        self.columns: list[Grid] = []
        self.learned: list[Any] = []
        self.backward: list[Grid] = []
        self.for_d_x: list[Grid] = []
        if training:
            self._draw_back(layer, values, want_dx)
            self.after = {share: self._after(share) for share in (None, 1.0)}
            self._reach([grid for after in self.after.values() for grid in after.values()], back=True)
        self._reach([self.out, *(grid for grid in self.kept if self.is_ahead(grid))], back=False)
        self._give(self.out)
        self.forward = self._computed([self.out], back=False)
        self.measured = [self._of_all(grid) for grid in in_order(self.columns) if self._is_column(grid)]
        self.kept = [grid for grid in self.kept if self.places[grid.number] == "kept"]

    @property
    def nothing(self) -> bool:
        """Whether what comes out is what goes in, and the same of gradients."""
        return self.out.more.get("copy") == "x" and (self.d_x is None or self.d_x.more.get("copy") == "d_y")

    @property
    def scattered(self) -> bool:
        """Whether gradients are shared out otherwise than by a parameter's first axis, or read parameters."""
        return any(map(self._is_scattered, self.learned))

    def _is_scattered(self, gradient: OverRows) -> bool:
        by_columns = isinstance(gradient.d, Pieces) and not isinstance(gradient, Lookups)
        by_members = len(gradient.shape) > 1 + isinstance(gradient, Product) and not isinstance(gradient.d, Pieces)
        read = [one for one in in_order(_computed_anew(gradient), self._is_placed) if one.kind in OF_PARAMETERS]
        own = [one for one in read if by_columns and isinstance(one, Pieces) and one.kind != "lookup"]
        return by_members or len(read) > len(own)

    def reached(self, computed: list[Grid], roots: list[Grid]) -> list[Grid]:
        """What a kernel comes across that computes some grids and reads others: all up to what lies in memory."""
        ready = set(self.places) - {grid.number for grid in computed}
        return in_order([*computed, *roots], lambda grid: grid.number in ready)

    @property
    def operands(self) -> list[Grid]:
        """What gradients are made of."""
        return [grid for gradient in self.learned for grid in gradient.grids]

    def _put(self, grid: Grid, place: str) -> Grid:
        """A grid in a place of its own; a copy, if it has one already."""
        if grid.number in self.places:
            grid = Grid("each", grid.columns, (grid,), lambda number: number, True, copy=grid.kind)
        self.places[grid.number] = place
        return grid

    def is_ahead(self, grid: Grid) -> bool:
        """Whether it is computed on the way forward."""
        return grid.number < self.d_y.number or grid is self.out

    def _after(self, share: float | None) -> dict[int, Grid]:
        for one in self.statistics:
            one.more["after"] = None
        self.x.more["count"] = Grid("batch")
        self.layer.update_statistics(self.values, self.record, share)
        del self.x.more["count"]
        return {place: one.more["after"] for place, one in enumerate(self.statistics) if one.more["after"] is not None}

    def _computed(self, last: list[Grid], back: bool) -> list[Grid]:
        found = [grid for grid in in_order([*self.kept, *last]) if self.is_ahead(grid) != back]
        return [
            grid for grid in found if self._is_placed(grid) and grid.kind not in GIVEN and not self._is_column(grid)
        ]

    def _is_column(self, grid: Grid) -> bool:
        return self.places.get(grid.number) == "column"

    def _of_all(self, grid: Grid) -> Grid:
        """What follows from all rows; before any of what is made row by row on the same way."""
        behind = in_order(grid.symbols, self._is_placed)
        others = [one for one in behind if self._is_column(one)]
        if others and (any(one.kind == "part" for one in behind) or any(one.columns != grid.columns for one in others)):
            raise UntraceableError("a mean over all rows of another column's mean, which another worker may measure")
        for one in behind:
            place = self.places.get(one.number, "x")
            if place not in ("x", "column", "d_y") and self.is_ahead(one) == self.is_ahead(grid):
                raise UntraceableError("a mean over all rows of what is made row by row")
        return grid

    def _draw_back(self, layer: Layer, values: Any, want_dx: bool) -> None:
        targets: Any = {name: Target(shape) for name, shape in zip(values, self.shapes, strict=True)}
        d_x: Any = layer.backward(self.values, self.record, self.d_y, targets)  # type: ignore[arg-type]
        if any(len(target.gradients) != 1 for target in targets.values()):
            raise UntraceableError("a gradient that is not written once")
        if not isinstance(d_x, Grid) or d_x.columns != self.x.columns:
            raise UntraceableError("a gradient of the input of another shape than the input")
        self.learned = [target.gradients[0] for target in targets.values()]
        products = [gradient for gradient in self.learned if not _computed_anew(gradient)]
        operands = [grid for gradient in products for grid in gradient.grids]
        for grid in operands:
            self._keep(grid)
        self._reach([grid for grid in operands if not self.is_ahead(grid)], back=True)
        # a kernel of its own adds up; what takes long is computed before, and what of that several sums need, once
        for grid in sorted(self._summed, key=lambda grid: grid.number):
            if any(
                one.dear and one.kind == "each" and one.rows and not self.is_ahead(one)
                for one in in_order([grid], self._is_placed)
            ):
                self._keep(grid)
        self._reach(self._summed, back=True)
        needed = set(self.places)
        if want_dx:
            self.d_x = self._put(d_x, "d_x")
            self._reach([self.d_x], back=True)
            self._give(self.d_x)
        for grid in self.kept:  # what follows from the gradient that comes may take its place
            if grid.kind == "each" and grid.columns == self.d_y.columns and self._alone(self.d_y, grid):
                self.places[grid.number] = "d_y"
                break
        self.backward = self._computed(self._last, back=True)
        if want_dx and not any(grid.number not in needed and self.is_ahead(grid) for grid in self.kept):
            self.for_d_x = self._behind(needed)

    def _behind(self, needed: set[int]) -> list[Grid]:
        """What the way back computes beside what is needed, if that is behind it, and no loop has numbers of both."""
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
        """Keep what must lie in memory so that the roots can be computed."""
        waiting, seen = list(roots), set[int]()
        while waiting:
            grid = waiting.pop()
            ahead = back and self.is_ahead(grid)
            if grid.number in seen or grid.kind in GIVEN or (ahead and grid.number in self.places):
                continue
            seen.add(grid.number)
            stored = grid.kind in STORED and grid.size is None
            if stored or (grid.dear and (ahead if grid.rows else grid.down or not self.training)):
                self._keep(grid)
                if ahead and self._is_placed(grid):
                    continue
            for one in grid.symbols if stored else ():
                # products and formulas of rows read memory; sums take a vector at a time, by arithmetic alone
                for needed in in_order([one], self._is_placed) if grid.kind in SUMS else [one]:
                    if needed.rows and (
                        needed.columns != 1 and needed.dear if grid.kind in SUMS else grid.kind in OF_MEMORY
                    ):
                        self._keep(needed)
            for one in grid.symbols:  # what is put beside something is computed in its place
                waiting += one.symbols if grid.kind == "beside" and one.kind == "flat" else [one]

    def _is_placed(self, grid: Grid) -> bool:
        return grid.number in self.places

    def _give(self, grid: Grid) -> None:
        """Let a product lie where the grid will that alone is made of it, number by number."""
        for source in reversed(self.kept):
            if source.kind == "product" and source.columns == grid.columns and self._alone(source, grid):
                self.places[source.number] = self.places[grid.number]
                return

    def _at_once(self, root: Grid, target: Grid) -> bool:
        """Whether one loop computes both at a place before it writes either."""
        first, last = sorted((root.number, target.number))
        beside = root.kind == target.kind == "each" and root.columns == target.columns
        return root is target or (beside and not any(first < number < last for number in self.places))

    def _alone(self, source: Grid, target: Grid) -> bool:
        """Whether only the target needs the source, number by number."""
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
    """What a gradient's own kernel computes once more, for it does not lie in memory."""
    in_memory = isinstance(gradient, Product) and not isinstance(gradient.d, Pieces)
    return [] if in_memory else gradient.grids


def draw(precision: str, training: bool, want_dx: bool, what: Any, *text: Any) -> Drawing:
    """The graph of a layer, or of all layers of one text (:class:`glassnet.engines.compiled.parts.Parts`)."""

    def drawn() -> Drawing:
        PRECISION.set(precision)
        if isinstance(what, Layer):
            return Drawing(what, text[0], training, want_dx)
        return Drawing(symbolic((what, *text), precision), Size(Op.INPUTS), training, want_dx)

    return copy_context().run(once, drawn, "draw", precision, training, want_dx, what, *text)
