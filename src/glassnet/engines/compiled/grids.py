"""Symbols for a layer's arrays: what its own `forward` and `backward` do to them becomes a graph.

A symbol stands for a number of each row and column of a batch, of each column alone (a parameter of one axis), or for a
single number. Arithmetic on symbols computes nothing; it says how a number follows from others. What is made of the
graph, and which of its numbers come to lie in memory, is the business of ``kernels/layer.py``.

Neither the number of columns nor a layer's numbers need be known: a :class:`Size` and a number of the layer stand in
the operation's row of the table. So one kernel serves layers of all widths.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from glassnet.engines.compiled.arithmetic import Arithmetic
from glassnet.engines.compiled.products import ColumnSums, Transposed, Weights
from glassnet.engines.compiled.sizes import Size
from glassnet.graph import SymbolicArray, UntraceableError

ALONG = (-1, 1)

PRECISION: ContextVar[str] = ContextVar("precision")
"""Of the network whose layer is drawn."""

_numbers = itertools.count()


class HowMany(SymbolicArray):
    """The number of rows, which nobody may ask, for a block is not the batch."""

    def _refuse(self, what: str) -> NoReturn:
        raise UntraceableError("the number of rows of a block, which is not that of the batch")

    def ufunc(self, *_: Any) -> Any:
        self._refuse("arithmetic")


class LayerArray(Arithmetic):
    """An array of a layer, of two axes or of three."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the network's numbers."""
        return np.dtype(PRECISION.get())

    def each(self, function: Callable[..., Any], *inputs: Any, dear: bool = False) -> Any:
        return each(function, *inputs, dear=dear)

    def product(self, x: Any, W: Any) -> Any:
        if not isinstance(x, LayerArray):
            raise UntraceableError("a product of something else than a grid")
        return x.times(W)

    def times(self, W: Any) -> Any:
        """The product with weights."""
        raise UntraceableError("a product of several numbers of each column without np.einsum")

    def concatenate(self, arrays: Sequence[Any], axis: int) -> Any:
        return _beside(arrays, axis)

    def einsum(self, subscripts: str, x: Any, other: Any) -> Any:
        return _axes().einsum(subscripts, x, other)


class Grid(LayerArray):
    """A number of each row and column, as it follows from others.

    Parameters
    ----------
    kind : str
        What it is: "each" is `function` of the `inputs` at each place; "rows" the same of whole rows; "part" are the
        columns from `first` on; "beside" are inputs beside each other, "tile" is one again and again; "product", "sum",
        "max" and "min" along rows, "members" the sum over the members of a row, "down" the mean over all rows; "mask";
        the others are given.
    columns : int or Size
        1: the same for all columns.
    rows : bool
        Whether it differs from row to row.
    """

    size: Any = None
    """How many numbers each column has, where there is a third axis for them."""

    def __init__(
        self,
        kind: str,
        columns: Any = 1,
        inputs: tuple[Any, ...] = (),
        function: Any = None,
        rows: bool = False,
        dear: bool = False,
        **more: Any,
    ) -> None:
        self.kind, self.columns, self.inputs, self.function, self.rows = kind, columns, inputs, function, rows
        self.dear = dear
        """Whether to compute it once more takes longer than to keep it."""
        self.more, self.number = more, next(_numbers)
        self.down: bool = any(one.down for one in self.symbols) or kind == "down"
        """Whether it follows from all rows of the batch."""
        self.along: dict[str, Grid] = {}
        """What has been asked of it along its rows."""
        self.back: bool = any(one.back for one in self.symbols) or kind == "d_y"
        """Whether it follows from the gradient that comes back."""

    @property
    def symbols(self) -> list[Grid]:
        """Those of its inputs that are no plain numbers."""
        return [one for one in self.inputs if isinstance(one, Grid)]

    @property
    def shape(self) -> Any:
        if self.rows:
            return self.more.get("count", HowMany()), self.columns
        return () if self.kind == "number" or self.columns == 1 else (self.columns,)

    @property
    def T(self) -> Transposed:  # noqa: N802
        """The transpose, which products for gradients begin with."""
        return Transposed(self)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As an array's, of truth values; of numbers whose range a layer of glassnet's own knows, to whole ones."""
        if np.dtype(dtype) == np.intp and isinstance(self.columns, Size):
            return self.each(lambda number: number.as_kind("i64"), self)
        return super().astype(dtype)

    def reshaped(self, shape: Any) -> Any:
        """As it is, (-1, columns), or cut into members, (-1, members, columns of each)."""
        each = self.of_each_row(shape)
        if each == (self.columns,):
            return self
        if len(each) != 2 or each[0] * each[1] != self.columns:
            raise UntraceableError("a shape other than (-1, columns) and (-1, members, columns of each)")
        return _axes().Members(self, each[1])

    def of_each_row(self, shape: Any) -> Any:
        """What is behind the rows in a shape."""
        if not self.rows or not (isinstance(shape[0], HowMany) or shape[0] == -1):
            raise UntraceableError("a shape that does not begin with the rows")
        return (self.columns * (self.size or 1),) if shape[1:] == (-1,) else shape[1:]

    def with_axes(self, axes: Any) -> Any:
        """Each column as one of several numbers."""
        if not self.rows or axes != [0, 1, None]:
            raise UntraceableError("a new axis other than x[:, :, None]")
        return _axes().columns_as_one(self)

    def sliced(self, axis: int, places: Any) -> Any:
        """Some columns beside each other."""
        if not self.rows or axis != 1:
            raise UntraceableError("a choice of numbers other than x[:, first:last]")
        first, columns = span(places, self.columns)
        return Grid("part", columns, (self,), rows=True, first=first)

    def tile(self, reps: Any) -> Grid:
        """All columns again and again."""
        if not self.rows or self.cut or len(reps) != 2 or reps[0] != 1:
            raise UntraceableError("np.tile other than of a grid along its rows")
        return Grid("tile", self.columns * reps[1], (self,), rows=True, dear=True)

    def cumsum(self) -> Grid:
        """Running sums over the columns."""
        if self.ndim != 1:
            raise UntraceableError("np.cumsum other than over columns")
        return Grid("cumsum", self.columns, (self,))

    def times(self, W: Any) -> Grid:
        """The product with weights."""
        return times(self, W, self.columns)

    def look_up(self, W: Weights) -> Any:
        """The rows of a parameter whose numbers stand here."""
        if not isinstance(self.columns, Size) or not self.rows:
            raise UntraceableError("rows of a parameter that may not be there")
        return _axes().Pieces("lookup", self.columns, W.shape[1], (self,), place=W.parameter)

    def reduced(self, kind: str, axis: Any, keepdims: bool) -> Any:
        """One number for each row, or for each column over all rows."""
        if axis == 0 and not keepdims and kind == "sum" and self.rows:
            return ColumnSums(self, (self.columns,))
        if axis not in ALONG or not keepdims or not self.rows:
            raise UntraceableError(f"np.{kind} other than along a row (axis=-1, keepdims=True)")
        if kind not in self.along:
            self.along[kind] = Grid(kind, 1, (self,), rows=True, dear=True)
        return self.along[kind]

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """As NumPy's; over all rows a number of each column."""
        if axis == 0 and self.rows and not self.cut:
            return self.along.setdefault("down", Grid("down", self.columns, (self,), dear=True))
        return super().mean(axis, keepdims=keepdims)


def each(function: Callable[..., Any], *inputs: Any, dear: bool = False, kind: str = "each", **more: Any) -> Any:
    """A function of single numbers, at each place; or, if its kind is "rows", of whole rows."""
    inputs = tuple(Grid("count", count=one) if isinstance(one, Size) else one for one in inputs)
    if any(isinstance(one, LayerArray) and one.cut for one in inputs):
        return _axes().each(function, *inputs, dear=dear, kind=kind, **more)
    if any(isinstance(one, (Weights, HowMany)) for one in inputs):
        raise UntraceableError("weights otherwise than in a product, or the number of rows of a block")
    grids = [one for one in inputs if isinstance(one, Grid)]
    rows = any(one.rows for one in grids)
    return Grid(kind, common([one.columns for one in grids]), inputs, function, rows, dear, **more)


def common(counts: list[Any]) -> Any:
    """How many numbers arrays have along an axis, where 1 stands for any."""
    wide = [count for count in counts if count != 1]
    if any(count != wide[0] for count in wide):
        raise UntraceableError(f"rows of {' and '.join(map(str, wide))} numbers together")
    return wide[0] if wide else 1


def span(which: Any, count: Any) -> tuple[Any, Any]:
    """Where a slice of so many begins, and how long it is."""
    if not isinstance(which, slice) or which.step not in (None, 1):
        raise UntraceableError("a choice of numbers other than x[:, first:last]")
    first, last = which.start or 0, count if which.stop is None else which.stop
    if all(isinstance(one, int) for one in (first, last, count)):
        first, last, _ = which.indices(count)
        return first, max(0, last - first)
    return first, (last + count if isinstance(last, int) and last < 0 else last) - first


def _axes() -> Any:
    """Symbols for three axes, which are made of grids."""
    from glassnet.engines.compiled import axes

    return axes


def times(grid: Grid, W: Any, *shape: Any) -> Grid:
    """A product with weights whose shape begins like this: those of all, or a matrix of each member."""
    if not isinstance(W, Weights) or W.shape[:-1] != shape:
        raise UntraceableError("a product with something else than weights that fit")
    return Grid("product", grid.columns // shape[-1] * W.shape[-1], (grid,), rows=True, dear=True, weights=W)


def _beside(arrays: Sequence[Any], axis: int) -> Any:
    if isinstance(arrays[0], LayerArray) and arrays[0].cut:
        return _axes().beside(arrays, axis)
    if axis not in ALONG or not all(isinstance(one, Grid) and one.rows for one in arrays):
        raise UntraceableError("np.concatenate of something else than grids along their rows")
    some = [grid for grid in arrays if grid.columns != 0]
    if len(some) == 1:
        return some[0]
    return Grid("beside", sum(grid.columns for grid in some), tuple(some), rows=True, dear=True)


def in_order(roots: list[Grid], stop: Callable[[Grid], bool] = lambda grid: False) -> list[Grid]:
    """All that the roots follow from, each behind what it follows from; but what is behind a grid to stop at."""
    found: dict[int, Grid] = {}
    waiting = list(roots)
    while waiting:
        grid = waiting.pop()
        if grid.number not in found:
            found[grid.number] = grid
            waiting += () if stop(grid) else grid.symbols
    return [found[number] for number in sorted(found)]
