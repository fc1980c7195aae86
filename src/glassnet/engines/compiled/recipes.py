"""The recipe of a layer's operation: the kernels that carry it out, and how much room they need, with its widths open.

An engine fills in the widths and has a row of its table: `operations.py` here, `web/network.js` in a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from glassnet.engines.compiled.jit import once
from glassnet.engines.compiled.memory_plan import MemoryPlan, memory_plan
from glassnet.engines.compiled.program import reductions_of
from glassnet.ir.trace import Structure

BUILDERS: Final = {
    **{name: f"layer.{name}" for name in ("forward", "backward", "learn")},
    **{name: f"whole_batch.{name}" for name in ("measure", "measure_back", "follow")},
}
"""What writes each of the kernels that an operation may have."""


@dataclass(frozen=True)
class Recipe:
    """What an operation needs.

    Attributes
    ----------
    plan : MemoryPlan
    of : tuple
        What each kernel is made of, behind what it alone is told.
    kernels : set of str
        Those that it has, of `BUILDERS`: `measure` and `measure_back` find what a column has from all rows, before the
        way forward and the way back; `follow` brings statistics up to date after a step.
    kept, columns : int or SymbolicDim
        How many numbers it keeps of a row for the way back, and how many of its columns.
    """

    plan: MemoryPlan
    of: tuple[Any, ...]
    kernels: frozenset[str]
    kept: Any
    columns: Any

    @cached_property
    def scratch(self) -> list[tuple[int, int, Any]]:
        """For each formula of rows: how many rows it needs room for, how many numbers more, and the width of a row."""
        found = []
        for grid in (*self.plan.forward, *self.plan.backward):
            if grid.kind == "rows":
                inputs = sum(one.rows for one in grid.symbols)
                spare = reductions_of(grid.function, inputs, len(grid.inputs) - inputs)
                found.append((inputs + 1, spare, grid.more.get("width", grid.columns)))
        return found


def recipe_of(precision: str, parts: Structure, training: bool, want_dx: bool) -> Recipe:
    """The recipe of a layer; `want_dx`: whether anything before it learns.

    Raises
    ------
    UntraceableError
        If the layer does what cannot be written down.
    """
    way = precision, training, want_dx
    return once(lambda: _recipe(parts, *way), "recipe", parts.text, *way)


def _recipe(parts: Structure, precision: str, training: bool, want_dx: bool) -> Recipe:
    way = training, want_dx
    if parts.ours and training and memory_plan(precision, True, True, *parts.text).for_d_x:
        way = True, True  # the kernels leave out what nobody wants
    plan = memory_plan(precision, *way, *parts.text)
    kernels = {"forward"}
    if training and (plan.backward if want_dx else plan.backward[: len(plan.backward) - len(plan.for_d_x)]):
        kernels.add("backward")
    if plan.learned:
        kernels.add("learn")
    if training and plan.columns:
        ahead = [plan.is_ahead(grid) for grid in plan.measured]
        kernels |= {"measure"} if any(ahead) else set()
        kernels |= set() if all(ahead) else {"measure_back"}
    if training and plan.after[None]:
        kernels.add("follow")
    kept, columns = (sum(grid.columns for grid in some) for some in (plan.kept, plan.columns))
    return Recipe(plan, (*way, *parts.text), frozenset(kernels), kept, columns)
