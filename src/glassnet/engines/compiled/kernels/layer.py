"""The kernels of a layer, made of its own `forward` and `backward` (``memory_plan.py``).

What comes row after row (arithmetic, and sums along rows) is one loop over the rows; products and formulas of whole
rows stand between such loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from glassnet.engines.compiled.addressing import Along, ValueAddresses
from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.code.formula_lowering import lower, maximum, minimum
from glassnet.engines.compiled.code.kernel import LANES, Kernel
from glassnet.engines.compiled.column_loops import ColumnLoops
from glassnet.engines.compiled.kernels import sparse_product
from glassnet.engines.compiled.lowered_values import (
    Grid,
    Lookups,
    OverRows,
    Pieces,
    Product,
    SparseProduct,
    Weights,
    in_order,
)
from glassnet.engines.compiled.memory import Op, Run
from glassnet.engines.compiled.memory_plan import OF_MEMORY, SUMS, MemoryPlan, memory_plan
from glassnet.engines.compiled.rows import side_by_side
from glassnet.formulas.random import sixteen_bits
from glassnet.formulas.regularization import keep_mask

OWN_LOOP = ("beside", "tile", "members", "mask")
"""Kinds of grids with a loop over columns of their own."""


class LayerEmitter(ColumnLoops):
    """The emission of one kernel: loops over rows and columns, and the products between them."""

    # ---------------------------------------------------------------- loops

    def compute(self, computed: list[Grid]) -> None:
        """Emit and store grids in order."""
        for whole, group in groupby(computed, lambda grid: grid.number if self._is_whole(grid) else 0):
            if whole:
                self.whole(*group)
            else:
                self.row_by_row(list(group))

    def _is_whole(self, grid: Grid) -> bool:
        """Return whether it has loops of its own over rows."""
        return grid.kind in (*OF_MEMORY, "flat") or any(map(self._is_in_place, grid.symbols))

    def _is_in_place(self, grid: Grid) -> bool:
        """Return whether it is written column by column into a concatenation."""
        return grid.kind == "flat" and grid.number not in self.matrices

    def row_by_row(self, grids: list[Grid]) -> None:
        """Row-wise grids: one loop."""
        k = self.k
        flat = len({grid.columns for grid in grids}) == 1 and all(map(self._is_flat, grids))
        if flat:
            for at in k.range(k.rows * self.count(grids[0].columns)):
                self.fill(grids, 0, at)
        else:
            for i in k.range(k.rows):
                self.of_row = {}
                for columns, group in groupby(grids, lambda grid: None if _is_alone(grid) else grid.columns):
                    for some in [[grid] for grid in group] if columns is None else [list(group)]:
                        self._of_row(some, i, columns)
            self.of_row = {}
        self.ready |= {grid.number for grid in grids}

    def _of_row(self, grids: list[Grid], i: Value, columns: Any) -> None:
        """Emit for one row a single value, a concatenation, or a group of grids with equally many columns."""
        for grid in grids:
            self._prepare(grid, i)
        if columns is not None:
            for j in self.k.range(self.count(columns)):
                self.fill(grids, i, j)
        elif grids[0].kind in OWN_LOOP:
            getattr(self, grids[0].kind)(grids[0], i)
        else:
            self.one_of_row(grids[0], i)
        self.ready |= {grid.number for grid in grids}

    def _is_flat(self, grid: Grid) -> bool:
        """Return whether rows can be flattened, since no value depends on row or column alone."""
        return (
            all(
                one.number in self.numbers
                or (one.columns == grid.columns and one.kind in ("x", "d_y", "each", "product") and one.rows)
                for one in in_order([grid], lambda one: one.number in self.ready)
            )
            and grid.columns != 1
        )

    def _prepare(self, grid: Grid, i: Value) -> None:
        """Compute values per row before the loop over columns."""
        for one in in_order(grid.symbols, lambda one: one.number in self.ready):
            there = one.number in self.of_row or (one.kind in (*SUMS, *OWN_LOOP) and one.number not in self.ready)
            if one.rows and one.columns == 1 and not there:
                self.of_place = {}
                self.of_row[one.number] = self._at(one, i, 0)

    def fill(self, grids: list[Grid], i: Any, j: Any) -> None:
        """Emit one value of each grid: all are computed before the first is stored."""
        self.of_place = {}
        numbers = [self.at(grid, i, j) for grid in grids]
        for grid, number in zip(grids, numbers, strict=True):
            self.matrices[grid.number][i, j] = number

    def one_of_row(self, grid: Grid, i: Value) -> None:
        """Emit a value per row."""
        k, x, self.of_place = self.k, grid.inputs[0], {}
        if grid.kind == "sum":
            n = k.value(self.count(x.columns), Value(k, "i64", ""))

            def term(at: Along) -> Any:
                self.of_place = {}
                return self.at(x, i, at)

            found = k.total(n, k.number, term)
        elif grid.kind in ("max", "min"):
            extreme = k.variable(self.at(x, i, k.constant(0, "i64")), k.number)
            for j in k.range(1, self.count(x.columns)):
                self.of_place = {}
                extreme.value = (maximum if grid.kind == "max" else minimum)(extreme.value, self.at(x, i, j))
            found = extreme.value
        else:
            found = self._at(grid, i, 0)
        self.matrices[grid.number][i, 0] = found
        self.of_row[grid.number] = self.k.value(found, Value(k, k.number, "")).as_kind(k.number)

    def beside(self, grid: Grid, i: Value) -> None:
        """Emit a concatenation, except for parts that are in place already."""
        for one, done in self.put_together(grid):
            if not self._is_in_place(one):
                for j in self.k.range(self.count(one.columns)):
                    self.of_place = {}
                    self.matrices[grid.number][i, j + done] = self.at(one, i, j)

    def tile(self, grid: Grid, i: Value) -> None:
        """Emit a copy of a row for each member."""
        x, place = grid.inputs[0], self.matrices[grid.number]
        columns = self.count(x.columns)
        for member, j in self.k.each(self.count(grid.columns // x.columns), columns):
            self.of_place = {}
            place[i, member * columns + j] = self.at(x, i, j)

    def members(self, grid: Grid, i: Value) -> None:
        """Emit the sum over members, from the first to the last."""
        x, place = grid.inputs[0], self.matrices[grid.number]
        (place.start + i * place.columns).fill(place.columns, 0.0)
        for member, j in self.k.each(self.count(x.columns // grid.columns), place.columns):
            self.of_place = {}
            place[i, j] = place[i, j] + self.at(x, i, member * place.columns + j)

    def mask(self, grid: Grid, i: Value) -> None:
        """Emit a dropout mask: of 64 columns, those 16 apart share a hash."""
        k, columns = self.k, self.count(grid.columns)
        place = self.matrices[grid.number].start + i * columns
        row, groups, whole = (self.first + i) * ((columns + 63) // 64), columns // 64, columns // LANES * LANES
        for group in k.range(groups):
            for part in range(0, 64, LANES):
                place[group * 64 + part] = self._kept(grid, (row + group) * 64 + (part + k.lanes(LANES)))
        for start in k.range(groups * 64, whole, step=LANES):
            place[start] = self._kept(grid, row * 64 + start + k.lanes(LANES))
        for j in k.range(whole, columns):
            place[j] = self._kept(grid, row * 64 + j)

    def _kept(self, grid: Grid, element: Value) -> Value:
        """Return the mask of an element, or of adjacent ones."""
        k, rate = self.k, self.at(grid.inputs[0], 0, 0)
        bits = lower(sixteen_bits, self.mask_key, element.as_kind("u64"))
        numbers = bits.as_kind("i32").as_kind(k.number)  # few processors convert eight integers of 64 bits at once
        return lower(keep_mask, numbers, rate, numbers)

    def whole(self, grid: Grid) -> None:
        """Emit a product, a formula of rows, or values with a third axis."""
        k, result = self.k, self.matrices[grid.number]
        if grid.kind == "flat":
            self.write(grid.inputs[0], result, 0)
        elif grid.kind == "beside":
            for one, done in self.put_together(grid):
                if self._is_in_place(one):
                    self.write(one.inputs[0], result, done)
            for i in k.range(k.rows):
                self.beside(grid, i)
        elif grid.kind == "sparse_product":
            W: Weights = grid.more["weights"]
            result.start.copy(self.matrices[grid.symbols[0].number].start, k.rows * result.columns)
            sparse_product.add_product(k, self.P + self.offsets[W.parameter], result.columns, result.start)
        elif grid.kind == "product":
            W = grid.more["weights"]
            source, (n, m) = grid.inputs[0], map(self.count, W.shape[-2:])
            x, place = self.matrices[source.number].start, self.P + self.offsets[W.parameter]
            steps = (1, n) if W.turned else (m, 1)
            for o, beside, rows in self.products(W.shape, source):
                to, matrix = result.start + o * m, place + o * (n * m)
                rounded = grid.more.get("rounded", False)
                k.product(x + o * n, (beside * n, 1), matrix, steps, rows, m, n, False, to, beside * m, rounded)
        else:
            width = grid.more.get("width", grid.columns)
            rows, columns = k.rows * self.count(grid.columns // width), self.count(width)
            inputs = [self.matrices[one.number].start.by(columns) for one in grid.symbols if one.rows]
            values = [self.at(one, 0, 0) for one in grid.inputs if not isinstance(one, Grid) or not one.rows]
            side_by_side(k, k.formula(grid.function), rows, columns, inputs, values, result.start.by(columns))
        self.ready.add(grid.number)

    def products(self, shape: tuple[Any, ...], x: Grid) -> Iterator[tuple[Any, Any, Any]]:
        """Loop over the products with weights of a shape: matrix, number of adjacent members that share it, rows.

        A matrix that all members share is multiplied once, with all their numbers below each other.
        """
        if len(shape) == 2:
            yield 0, 1, self.k.rows * self.count(x.columns // shape[0])
            return
        members = self.count(shape[0])
        for o in self.k.range(members):
            yield o, members, self.k.rows

    # -------------------------------------------------------------- learning

    def learn(self, gradients: list[OverRows], sparse: bool) -> None:
        """Emit the gradients over all rows; `sparse`: of gathered rows only."""
        by_columns = []
        for parameter, gradient in enumerate(gradients):
            if isinstance(gradient, Lookups):
                self.learn_lookups(gradient, parameter, sparse)
            elif isinstance(gradient.d, Pieces):
                by_columns.append((parameter, gradient))
            else:
                self._learn(gradient, parameter)
        if by_columns:
            self.learn_by_columns(by_columns)

    def _learn(self, gradient: OverRows, parameter: int) -> None:
        k, place = self.k, self.G + self.offsets[parameter]
        if isinstance(gradient, SparseProduct):
            ngrams, n = map(self.count, gradient.shape)
            sparse_product.gradient(k, self.matrices[gradient.d.number].start, ngrams, n, place)
            return
        if isinstance(gradient, Product):
            x, d = (self.matrices[grid.number].start for grid in (gradient.x, gradient.d))
            n, m = map(self.count, gradient.shape[-2:])
            (first, last), more = k.share(k.value(n, Value(k, "i64", ""))), k.run[Run.ACCUMULATE]
            for o, beside, rows in self.products(gradient.shape, gradient.x):
                begin, of_d, steps = o * n + first, d + o * m, (1, beside * n)
                to = place + begin * m
                rounded = gradient.rounded
                k.product(x + begin, steps, of_d, (beside * m, 1), last - first, m, rows, more, to, m, rounded)
            return
        grid = gradient.d

        def term(i: Value, j: Value) -> Any:
            self.of_place = {}
            return self.at(grid, i, j)

        k.sum_rows(place, k.value(self.count(grid.columns), Value(k, "i64", "")), term)


def _is_alone(grid: Grid) -> bool:
    """Return whether it has no loop over columns to share."""
    return grid.kind in OWN_LOOP or grid.columns == 1


def forward(k: Kernel, *of: Any) -> None:
    """The forward kernel; `of` are the arguments of :func:`memory_plan` after the precision."""
    plan = memory_plan(k.precision, *of)
    if plan.measured and not plan.training:  # it depends on parameters and statistics only
        WholeBatch(k, plan, plan.measured).measure(plan.measured)
    LayerEmitter(k, plan, plan.forward).compute(plan.forward)


def backward(k: Kernel, *of: Any) -> None:
    """The backward kernel."""
    plan = memory_plan(k.precision, *of)
    work, always = LayerEmitter(k, plan, plan.backward), len(plan.backward) - len(plan.for_d_x)
    work.compute(plan.backward[:always])
    if plan.for_d_x:
        with k.when(k.op[Op.WANT_DX] != 0):
            work.compute(plan.for_d_x)


def learn(k: Kernel, sparse: bool, *of: Any) -> None:
    """The kernel of the gradients."""
    plan = memory_plan(k.precision, *of)
    LayerEmitter(k, plan, [], plan.operands).learn(plan.learned, sparse)


class WholeBatch(ValueAddresses):
    """The emission of one of these kernels."""

    def measure(self, grids: list[Grid]) -> None:
        """Emit means over all rows, and other values per column, for this worker's columns."""
        k, rows = self.k, self.k.run[Run.BATCH]
        together: list[Grid] = []
        for grid in [*grids, None]:
            needs = [] if grid is None else in_order(grid.symbols, lambda one: one.number in self.ready)
            alone = grid is None or grid.kind != "down" or any(one.columns != grid.columns for one in together)
            if together and (alone or any(one is other for one in needs for other in together)):
                self._add_up(together, rows)
                together = []
            if grid is None:
                return
            if grid.kind == "down":
                together.append(grid)
                continue
            for j in k.range(*(self._share(grid) if self.plan.training else (0, self.count(grid.columns)))):
                self.of_place = {}
                self.matrices[grid.number].start[j] = self._at(grid, 0, j)
            self.ready.add(grid.number)

    def _share(self, grid: Grid) -> tuple[Value, Value]:
        return self.k.share(self.k.value(self.count(grid.columns), Value(self.k, "i64", "")))

    def _add_up(self, grids: list[Grid], rows: Value) -> None:
        k, targets = self.k, [self.matrices[grid.number].start for grid in grids]
        first, last = self._share(grids[0])
        for target in targets:
            (target + first).fill(last - first, 0.0)
        for i in k.range(rows):
            for j in k.range(first, last):
                self.of_place = {}
                numbers = [self.at(grid.inputs[0], i, j) for grid in grids]
                for target, number in zip(targets, numbers, strict=True):
                    target[j] = target[j] + number
        for j in k.range(first, last):
            for target in targets:
                target[j] = target[j] / k.as_number(rows)
        self.ready |= {grid.number for grid in grids}

    def follow(self, after: dict[int, Grid]) -> None:
        """Emit the statistics after a step, by the first worker alone."""
        k = self.k
        for j in k.range(self.count(self.plan.statistics[0].columns)):
            self.of_place = {}
            numbers = [self.at(grid, 0, j) for grid in after.values()]
            for place, number in zip(after, numbers, strict=True):
                (self.S + self.statistics[place])[j] = number


def measure(k: Kernel, *of: Any) -> None:
    """Compute values over all rows, before the forward pass."""
    _measure(k, memory_plan(k.precision, *of), back=False)


def measure_back(k: Kernel, *of: Any) -> None:
    """The same before the backward pass."""
    _measure(k, memory_plan(k.precision, *of), back=True)


def _measure(k: Kernel, plan: MemoryPlan, back: bool) -> None:
    grids = [grid for grid in plan.measured if plan.is_ahead(grid) != back]
    WholeBatch(k, plan, grids, all_rows=True).measure(grids)


def follow(k: Kernel, share: float | None, *of: Any) -> None:
    """The update of running statistics after a step."""
    with k.when(k.run[Run.WORKER] > 0):
        k.give(0.0)
    plan = memory_plan(k.precision, *of)
    after = plan.after[share]
    work = WholeBatch(k, plan, [], list(after.values()), constants=k.W + k.run[Run.WEIGHT_SPACE])
    work.follow(after)
