"""Grids: the values of a lowered layer, one per row and column.

What is made of these records, and which of the numbers come to lie in memory, is the business of ``memory_plan.py`` and
``kernels/layer.py``. Sizes may be open (:class:`glassnet.ir.dims.SymbolicDim` of the table's columns).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from glassnet.ir import UntraceableError

_numbers = itertools.count()


class Grid:
    """A value per row and column.

    Parameters
    ----------
    kind : str
        What it is: "each" is `function` of the `inputs` at each place; "rows" the same of whole rows; "part" are the
        columns from `first` on; "beside" are inputs beside each other, "tile" is one again and again; "product", "sum",
        "max" and "min" along rows, "members" the sum over the members of a row, "down" the mean over all rows; "mask";
        the others are given.
    columns : int or SymbolicDim
        1: the same for all columns.
    rows : bool
        Whether it differs from row to row.
    expensive : bool
        Whether to compute it once more takes longer than to keep it.
    """

    size: Any = None
    """The size of the third axis, if there is one."""

    def __init__(
        self,
        kind: str,
        columns: Any = 1,
        inputs: tuple[Any, ...] = (),
        function: Any = None,
        rows: bool = False,
        expensive: bool = False,
        **more: Any,
    ) -> None:
        self.kind, self.columns, self.inputs, self.function, self.rows = kind, columns, inputs, function, rows
        self.expensive, self.more, self.number = expensive, more, next(_numbers)
        self.down: bool = any(one.down for one in self.symbols) or kind == "down"
        """Whether it depends on all rows of the batch."""
        self.along: dict[str, Grid] = {}
        """Reductions of it along rows, by kind."""
        self.back: bool = any(one.back for one in self.symbols) or kind == "d_y"
        """Whether it depends on the gradient of the output."""

    @property
    def symbols(self) -> list[Grid]:
        """Its inputs other than plain numbers."""
        return [one for one in self.inputs if isinstance(one, Grid)]

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape of a statistic."""
        return (self.columns,) if self.size is None else (self.columns, self.size)


class Pieces(Grid):
    """Several values per column, for each row or for all rows; they exist in a kernel's scratch memory only.

    Parameters
    ----------
    kind : str
        What it is, as of a grid; "part", "beside" and "total" (the sum) go along the last axis. "folded" are
        neighbouring columns of a grid as one, "lookup" rows of a parameter; "products" are those of each column with
        its own matrix.
    columns, size : int or SymbolicDim
        1: the same for all.
    """

    def __init__(self, kind: str, columns: Any, size: Any, inputs: Any = (), rows: bool = True, **more: Any) -> None:
        function, expensive = more.pop("function", None), more.pop("expensive", False)
        super().__init__(kind, columns, tuple(inputs), function, rows, expensive, **more)
        self.size = size


class MemberView:
    """A grid as (rows, members, columns of each): the same values in the same memory."""

    def __init__(self, grid: Grid, width: Any) -> None:
        self.grid, self.members, self.width = grid, grid.columns // width, width

    @cached_property
    def pieces(self) -> Pieces:
        """The same with a third axis, for operations that need one."""
        return Pieces("folded", self.members, self.width, (self.grid,))


class Weights(NamedTuple):
    """A parameter as an operand of products: a matrix, or with three axes one for each member."""

    parameter: int
    shape: tuple[Any, ...]
    turned: bool = False


class Transposed(NamedTuple):
    """A transposed grid, the left operand of a gradient's product."""

    grid: Grid


@dataclass
class OverRows:
    """A sum over all rows, possibly scaled: a gradient."""

    d: Grid
    shape: tuple[Any, ...]

    @property
    def grids(self) -> list[Grid]:
        """The operands."""
        return [self.d]


@dataclass
class Product(OverRows):
    """xᵀ d: the gradient of weights, shared by members or of each."""

    x: Grid

    @property
    def grids(self) -> list[Grid]:
        """The operands."""
        return [self.x, self.d]


@dataclass
class ColumnSums(OverRows):
    """A sum over rows: the gradient of a vector, or of one for each member."""


@dataclass
class Lookups(OverRows):
    """Scatter-add of d into the rows of a parameter that were gathered: its gradient."""

    places: Grid

    @property
    def grids(self) -> list[Grid]:
        """The operands."""
        return [self.d, self.places]


def common(counts: list[Any]) -> Any:
    """The broadcast size of an axis."""
    wide = [count for count in counts if count != 1]
    if any(count != wide[0] for count in wide):
        raise UntraceableError(f"rows of {' and '.join(map(str, wide))} numbers together")
    return wide[0] if wide else 1


def in_order(roots: list[Grid], stop: Callable[[Grid], bool] = lambda grid: False) -> list[Grid]:
    """The roots and all that they depend on, in topological order, not beyond grids at which to stop."""
    found: dict[int, Grid] = {}
    waiting = list(roots)
    while waiting:
        grid = waiting.pop()
        if grid.number not in found:
            found[grid.number] = grid
            waiting += () if stop(grid) else grid.symbols
    return [found[number] for number in sorted(found)]
