"""The values of a lowered layer: grids, one number per row and column, and the operations on them.

``memory_plan.py`` decides which of the values lie in memory, and ``kernels/layer.py`` makes code of them. Sizes may be
open (:class:`glassnet.ir.dims.SymbolicDim` of the table's columns).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from glassnet.ir import UntraceableError
from glassnet.support.language import Text, joined

_numbers = itertools.count()


class Grid:
    """A value per row and column.

    Parameters
    ----------
    kind : str
        The operation: "each" is `function` of the `inputs` at each place; "rows" the same of whole rows; "part" are the
        columns from `first` on; "beside" are inputs beside each other, "tile" is one again and again; "product",
        "sparse_product" (the sums begin with the input); "sum", "max" and "min" along rows, "members" the sum over the
        members of a row, "down" the mean over all rows; "mask"; the others are given.
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
        self.along: dict[str, Any] = {}
        """Reductions of it along rows, by kind; its levels of bins."""
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
        The operation, as of a grid; "part", "beside" and "total" (the sum) go along the last axis. "folded" are
        neighbouring columns of a grid as one, "lookup" rows of a parameter; "products" are those of each column with
        its own matrix. Of the levels of bins, which are 1 up to the bin of a number and 0 behind it: "bin" is which one
        that is, "filled" its level, "reached" the sums of the matrix's rows before each bin, and "interpolated" the
        product, of these; "bin sums" is room for its gradient.
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


class Sparse(NamedTuple):
    """The n-grams of the rows, the left operand of products; transposed, of a gradient's product.

    Parameters
    ----------
    columns : int or SymbolicDim
    turned : bool
    weights : Weights or None
        What they are multiplied by: the product is added to a grid, which its sums begin with.
    """

    columns: Any
    turned: bool = False
    weights: Weights | None = None


class Transposed(NamedTuple):
    """A transposed grid, the left operand of a gradient's product."""

    grid: Grid


class Rounded(NamedTuple):
    """Numbers rounded to bfloat16: operands of products, which round them themselves."""

    value: Any


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
    rounded: bool = False
    """Whether the operands are rounded to bfloat16."""

    @property
    def grids(self) -> list[Grid]:
        """The operands."""
        return [self.x, self.d]


@dataclass
class SparseProduct(OverRows):
    """tᵀ d: the gradient of weights of n-grams."""


@dataclass
class LevelProduct(OverRows):
    """xᵀ d, where x are levels of bins: sums of d by bin."""

    levels: Levels
    sums: Pieces

    @property
    def grids(self) -> list[Grid]:
        """The operands, and room for the sums."""
        return [self.d, *self.levels, self.sums]


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


class Levels(NamedTuple):
    """Levels of bins, by the bin that a number lies in and how full that one is."""

    bin: Pieces
    filled: Pieces


def common(counts: list[Any]) -> Any:
    """Return the broadcast size of an axis."""
    wide = [count for count in counts if count != 1]
    if any(count != wide[0] for count in wide):
        raise UntraceableError("rows of {widths} numbers together", widths=joined(map(str, wide), Text(" and ")))
    return wide[0] if wide else 1


def in_order(roots: list[Grid], stop: Callable[[Grid], bool] = lambda grid: False) -> list[Grid]:
    """Return the roots and all that they depend on, in topological order, not beyond grids at which to stop."""
    found: dict[int, Grid] = {}
    waiting = list(roots)
    while waiting:
        grid = waiting.pop()
        if grid.number not in found:
            found[grid.number] = grid
            waiting += () if stop(grid) else grid.symbols
    return [found[number] for number in sorted(found)]


def mapped(function: Callable[..., Any], *inputs: Any, expensive: bool = False, kind: str = "each", **more: Any) -> Any:
    """Return an elementwise function; of kind "rows", a function of whole rows."""
    if any(isinstance(one, OverRows) for one in inputs):
        return _scaled(function, inputs, expensive)
    if any(isinstance(one, Pieces) for one in inputs):
        return _map_pieces(function, inputs, kind, expensive=expensive, **more)
    view = next((one for one in inputs if isinstance(one, MemberView)), None)
    if view is not None:
        flat = [_beside_members(view, one) for one in inputs]
        return MemberView(mapped(function, *flat, expensive=expensive, kind=kind, width=view.width, **more), view.width)
    if any(isinstance(one, (Weights, Transposed, Sparse, Rounded)) for one in inputs):
        raise UntraceableError("weights, n-grams or rounded numbers otherwise than in a product")
    grids = [one for one in inputs if isinstance(one, Grid)]
    rows = any(one.rows for one in grids)
    return Grid(kind, common([one.columns for one in grids]), tuple(inputs), function, rows, expensive, **more)


def _scaled(function: Callable[..., Any], inputs: Sequence[Any], expensive: bool) -> OverRows:
    """Return a sum over rows times or divided by a number: its terms are scaled instead."""
    over = [one for one in inputs if isinstance(one, OverRows)]
    others = [one for one in inputs if not isinstance(one, OverRows)]
    if len(over) > 1 or any(isinstance(one, (MemberView, Weights)) or getattr(one, "rows", False) for one in others):
        raise UntraceableError("arithmetic with a sum over the rows")
    return replace(over[0], d=mapped(function, over[0].d, *others, expensive=expensive))


def scales(name: str, first: Any) -> bool:
    """Return whether a map is linear, so that it can be applied to the terms of a sum."""
    return name in ("multiply", "negative") or (name == "divide" and isinstance(first, OverRows))


def _map_pieces(function: Callable[..., Any], inputs: Sequence[Any], kind: str, **more: Any) -> Pieces:
    some = [pieces(one) for one in inputs]
    cut = [one for one in some if isinstance(one, Pieces)]
    plain = [one for one in some if isinstance(one, (Grid, Weights)) and not isinstance(one, Pieces)]
    if kind != "each" or any(isinstance(one, Weights) or one.rows or one.columns != 1 for one in plain):
        raise UntraceableError("several numbers of each column together with something of another shape")
    columns, size = common([one.columns for one in cut]), common([one.size for one in cut])
    return Pieces("each", columns, size, some, any(one.rows for one in cut), function=function, **more)


def _beside_members(view: MemberView, other: Any) -> Any:
    """Return the operand for the grid that corresponds to an operand for its members."""
    if isinstance(other, MemberView) and other.width == view.width:
        return other.grid
    if isinstance(other, Weights) and other.shape == (view.members, view.width) and not other.turned:
        return Grid("vector", view.grid.columns, place=other.parameter)
    if isinstance(other, (MemberView, Weights, Transposed)) or (is_plain(other) and (other.rows or other.columns != 1)):
        raise UntraceableError("members together with something of another shape")
    return other


def is_plain(one: Any) -> bool:
    """Return whether it has at most two axes, rows and columns."""
    return isinstance(one, Grid) and not isinstance(one, Pieces)


def pieces(one: Any) -> Any:
    """Return a value with a third axis, where there are several numbers per column."""
    if isinstance(one, Weights) and len(one.shape) == 2 and not one.turned:
        return Pieces("vector", *one.shape, rows=False, place=one.parameter)
    return one.pieces if isinstance(one, MemberView) else one


def over_rows(x: Any) -> ColumnSums:
    if isinstance(x, MemberView):
        return ColumnSums(x.grid, (x.members, x.width))
    if not isinstance(x, Grid):
        raise UntraceableError("a sum over something else than rows")
    return ColumnSums(x, (x.columns, x.size) if isinstance(x, Pieces) else (x.columns,))


def product(x: Any, W: Any) -> Any:
    """Return rows times weights, or the gradient: transposed rows times rows."""
    if isinstance(x, Rounded) and isinstance(W, Rounded):
        return _of_rounded(product(x.value, W.value))
    if isinstance(x, Transposed) and is_plain(W) and W.rows:
        return Product(W, (x.grid.columns, W.columns), x.grid)
    if isinstance(x, Sparse) and x.turned and is_plain(W) and W.rows:
        return SparseProduct(W, (x.columns, W.columns))
    if isinstance(x, Sparse) and isinstance(W, Weights) and not (x.turned or W.turned):
        return x._replace(weights=W)
    if isinstance(x, MemberView) and isinstance(W, Weights) and len(W.shape) == 2:
        return MemberView(_times(x.grid, W, x.width), W.shape[-1])
    if is_plain(x) and x.rows and isinstance(W, Weights) and len(W.shape) == 2:
        return _times(x, W, x.columns)
    raise UntraceableError("a product with something else than weights that fit")


def _of_rounded(found: Any) -> Any:
    """Return a product as one of rounded operands."""
    if isinstance(found, Product):
        return replace(found, rounded=True)
    if isinstance(found, MemberView | Grid) and not isinstance(found, Pieces):
        (found.grid if isinstance(found, MemberView) else found).more["rounded"] = True
        return found
    raise UntraceableError("a product of rounded numbers other than with matrices")


def _times(grid: Grid, W: Weights, *shape: Any) -> Grid:
    """Return a product with weights whose shape begins like this: shared weights, or a matrix for each member."""
    if W.shape[:-1] != shape:
        raise UntraceableError("a product with something else than weights that fit")
    return Grid("product", grid.columns // shape[-1] * W.shape[-1], (grid,), rows=True, expensive=True, weights=W)


def transposed(x: Any, axes: tuple[int, ...]) -> Any:
    if isinstance(x, Rounded):
        return Rounded(transposed(x.value, axes))
    if isinstance(x, Weights) and axes == (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2):
        return turned(x)
    if is_plain(x) and x.rows and axes == (1, 0):
        return Transposed(x)
    if isinstance(x, Sparse):
        return x._replace(turned=not x.turned)
    raise UntraceableError("the transpose {axes} of what it is given", axes=axes)


def turned(W: Weights) -> Weights:
    *members, n, m = W.shape
    return Weights(W.parameter, (*members, m, n), not W.turned)


def contracted(subscripts: str, x: Any, other: Any = None) -> Any:
    """Batched products of members or columns with their own weights, and the gradients of these."""
    if isinstance(x, Rounded) and isinstance(other, Rounded):
        return _of_rounded(contracted(subscripts, x.value, other.value))
    names: dict[str, str] = {}
    form = "".join(names.setdefault(one, chr(ord("a") + len(names))) if one.isalpha() else one for one in subscripts)
    by_columns = isinstance(x, Pieces) or isinstance(other, Pieces)
    x = pieces(x) if by_columns else x
    if isinstance(other, Weights) and len(other.shape) == 3 and form in ("abc,bcd->abd", "abc,bdc->abd"):
        W = other if form == "abc,bcd->abd" else turned(other)
        if isinstance(x, Pieces) and W.shape[:2] == (x.columns, x.size):
            if (levels := levels_of(x)) and not W.turned:
                reached = Pieces("reached", x.columns, x.size * W.shape[2], rows=False, weights=W)
                return Pieces("interpolated", x.columns, W.shape[2], (*levels, reached), weights=W)
            return Pieces("products", x.columns, W.shape[2], (x,), expensive=True, weights=W)
        if isinstance(x, MemberView):
            return MemberView(_times(x.grid, W, x.members, x.width), W.shape[-1])
    other = pieces(other) if by_columns else other
    if form == "abc,abd->bcd" and isinstance(x, Pieces) and isinstance(other, Pieces) and x.columns == other.columns:
        shape, levels = (x.columns, x.size, other.size), levels_of(x)
        if not levels:
            return Product(other, shape, x)
        sums = Pieces("bin sums", x.columns, 2 * x.size * other.size, rows=False)
        return LevelProduct(other, shape, levels, sums)
    if form in ("abc,abd->bcd", "abc,abd->cd") and isinstance(x, MemberView) and isinstance(other, MemberView):
        members = (x.members,) if form == "abc,abd->bcd" else ()
        return Product(other.grid, (*members, x.width, other.width), x.grid)
    raise UntraceableError("np.einsum({subscripts!r}) of what it is given", subscripts=subscripts)


def levels_of(x: Pieces) -> Levels | None:
    """Return the bins and their levels, if that is what a value is (:func:`glassnet.formulas.layer_formulas.level`)."""

    def operands(one: Any, name: str) -> tuple[Any, ...]:
        of = getattr(getattr(one, "function", None), "args", ()) if isinstance(one, Pieces) else ()
        return one.inputs if of == (name,) else (None, None)

    if "levels" in x.along:
        bin, filled = x.along["levels"]
        return Levels(bin, filled)
    one, above = operands(x, "minimum")
    zero, share = operands(above, "maximum")
    moved, width = operands(share, "divide")
    (numbers, low), (high, from_low) = operands(moved, "subtract"), operands(width, "subtract")
    ends = [part.more.get("first") if getattr(part, "kind", "") == "part" else None for part in (low, high)]
    if (one, zero, ends) != (1.0, 0.0, [0, 1]) or low is not from_low or numbers.size != 1:
        return None
    (edges,) = low.inputs
    if high.inputs != low.inputs or edges.kind != "statistic":
        return None
    bin = Pieces("bin", x.columns, 1, (numbers, edges))
    x.along["levels"] = levels = Levels(bin, Pieces("filled", x.columns, 1, (numbers, edges, bin)))
    return levels


def beside(arrays: Sequence[Any], axis: int) -> Grid:
    """Concatenation of columns, or along the third axis."""
    if all(is_plain(one) and one.rows for one in arrays) and axis == 1:
        some = [grid for grid in arrays if grid.columns != 0]
        if len(some) == 1:
            return some[0]
        return Grid("beside", sum(grid.columns for grid in some), tuple(some), rows=True, expensive=True)
    parts = [pieces(part) for part in arrays]
    columns = {part.columns if isinstance(part, Pieces) and part.rows else None for part in parts}
    if axis != 2 or len(columns) > 1 or None in columns:
        raise UntraceableError("np.concatenate other than along the last axis")
    return Pieces("beside", columns.pop(), sum(part.size for part in parts), parts)
