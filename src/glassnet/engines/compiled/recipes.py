"""The recipe of a layer's operation: its kernels and the memory that they need, with symbolic widths.

With the widths filled in it is a row of the table: `operations.py` here, `web/network.js` in a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from glassnet.engines.compiled.columns import held_in_scratch
from glassnet.engines.compiled.grids import Lookups
from glassnet.engines.compiled.memory_plan import memory_plan
from glassnet.engines.compiled.once import once
from glassnet.engines.compiled.program import reductions_of
from glassnet.ir.trace import Structure

BUILDERS: Final = {
    **{name: f"layer.{name}" for name in ("forward", "backward", "learn")},
    **{name: f"whole_batch.{name}" for name in ("measure", "measure_back", "follow")},
}
"""The builders of the kernels that an operation may have."""


@dataclass(frozen=True)
class Recipe:
    """The requirements of an operation; a dimension is an int, or a SymbolicDim of the table's fields.

    Attributes
    ----------
    of : tuple
        What each kernel is made of, behind what it alone is told.
    kernels : set of str
        Those that it has, of `BUILDERS`: `measure` and `measure_back` find what a column has from all rows, before the
        way forward and the way back; `follow` brings statistics up to date after a step.
    nothing : bool
        Whether the layer does nothing on this way.
    whole_batch : bool
        Whether it takes all rows of a batch at once.
    kept, columns : dimension
        How many numbers it keeps of a row for the way back, and how many of its columns.
    scratch : list of dimension
        How many numbers its loops over columns need room for, of each row of a block; the largest counts.
    formulas : list of (callable, int, int, dimension)
        Its formulas of whole rows, with how many rows and how many parameters they take, and the width of a row.
    numbers, rates : list
        Constants beside those of the layer's structure; which of all are rates of dropout.
    looked_up : list of int
        Parameters of which a step reads some rows alone.
    scattered : bool
        Whether its gradients are shared out to workers otherwise than by a parameter's first axis.
    """

    of: tuple[Any, ...]
    kernels: frozenset[str]
    nothing: bool
    whole_batch: bool
    kept: Any
    columns: Any
    scratch: list[Any]
    formulas: list[tuple[Any, int, int, Any]]
    numbers: list[float]
    rates: list[int]
    looked_up: list[int]
    scattered: bool

    @cached_property
    def rows(self) -> list[tuple[int, int, Any]]:
        """For each formula of rows: how many rows it needs room for, how many numbers more, and the width of a row."""
        return [(rows + 1, reductions_of(f, rows, values), wide) for f, rows, values, wide in self.formulas]


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
        way = True, True  # the kernels skip d_x at run time
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
    rows = [grid for grid in (*plan.forward, *plan.backward) if grid.kind == "rows"]
    taken = [sum(one.rows for one in grid.symbols) for grid in rows]
    return Recipe(
        of=(*way, *parts.text),
        kernels=frozenset(kernels),
        nothing=plan.nothing and parts.ours,
        whole_batch=training and bool(plan.columns),
        kept=sum(grid.columns for grid in plan.kept),
        columns=sum(grid.columns for grid in plan.columns),
        scratch=[sum(one.size for one in held) for held in held_in_scratch(plan)],
        formulas=[
            (grid.function, count, len(grid.inputs) - count, grid.more.get("width", grid.columns))
            for grid, count in zip(rows, taken, strict=True)
        ],
        numbers=plan.numbers,
        rates=plan.rates,
        looked_up=[place for place, one in enumerate(plan.learned) if isinstance(one, Lookups)],
        scattered=plan.scattered,
    )
