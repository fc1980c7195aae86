"""Values per column over all rows: means before the forward and backward pass, statistics after a step."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.addressing import Numbers
from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.grids import Grid, in_order
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.memory_plan import MemoryPlan, memory_plan


class WholeBatch(Numbers):
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
    """Values over all rows, before the forward pass."""
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
