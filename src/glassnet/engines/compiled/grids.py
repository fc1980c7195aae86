"""Symbols for a layer's arrays: what its own `forward` and `backward` do to them becomes a graph.

A symbol stands for a number of each row and column of a batch, of each column alone (a parameter of one axis), or for a
single number. Arithmetic on symbols computes nothing; it says how a number follows from others. What is made of the
graph, and which of its numbers come to lie in memory, is the business of ``kernels/layer.py``.

Neither the number of columns nor a layer's numbers need be known: a :class:`Size` and a number of the layer stand in
the operation's row of the table. So one kernel serves layers of all widths.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.compiled.code import UntraceableError
from glassnet.engines.compiled.code.functions import LIBRARY
from glassnet.engines.compiled.products import ColumnSums, Product, Transposed, Weights
from glassnet.engines.compiled.sizes import Size

__all__ = ["Grid", "Members", "each", "in_order"]

ALONG = (-1, 1)
SLOW = {"divide", "exp", "expm1", "log", "log1p", "power", "sqrt", "tanh", *LIBRARY}
"""What takes longer than to read a number from memory; so does a formula, and a function that has a name only."""

_numbers = itertools.count()


class Shape(NamedTuple):
    """The shape of a batch; how many rows there are nobody may ask, for a block is not the batch."""

    rows: Any
    columns: Any

    def __getitem__(self, axis: Any) -> Any:
        if axis in ALONG:
            return self.columns
        if axis == 0 and self.rows is not None:
            return self.rows
        raise UntraceableError("the number of rows of a block, which is not that of the batch")

    def __iter__(self) -> Iterator[Any]:
        raise UntraceableError("the number of rows of a block, which is not that of the batch")


class Arithmetic(np.lib.mixins.NDArrayOperatorsMixin):
    """What is done to numbers one by one."""

    dtype = np.dtype("float32")
    """What a formula is told that asks; its code has the numbers of the network."""

    def __bool__(self) -> bool:
        raise UntraceableError("a choice that is not np.where")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or set(options) - {"dtype"}:
            raise UntraceableError(f"np.{ufunc.__name__} with {method} or options")
        if ufunc is np.matmul:
            return _product(*inputs)
        return each(lambda *numbers: ufunc(*numbers, **options), *inputs, dear=ufunc.__name__ in SLOW)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As an array's, of truth values."""
        return each(lambda number: number.astype(dtype), self)

    def elementary(self, name: str, *arguments: Any) -> Any:
        """A function of numbers by its name."""
        return each(lambda *numbers: numbers[0].elementary(name, *numbers), *arguments, dear=True)


class Grid(Arithmetic):
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
        self.reduced: dict[str, Grid] = {}
        """What has been asked of it along its rows."""
        self.back: bool = any(one.back for one in self.symbols) or kind == "d_y"
        """Whether it follows from the gradient that comes back."""

    @property
    def symbols(self) -> list[Grid]:
        """Those of its inputs that are no plain numbers."""
        return [one for one in self.inputs if isinstance(one, Grid)]

    @property
    def ndim(self) -> int:
        """As an array's."""
        return 2 if self.rows else int(self.kind != "number" and self.columns != 1)

    @property
    def shape(self) -> Any:
        """Of a batch only the columns are known."""
        return Shape(self.more.get("count"), self.columns) if self.rows else (self.columns,)[: self.ndim]

    @property
    def T(self) -> Transposed:  # noqa: N802
        """The transpose, which products for gradients begin with."""
        return Transposed(self)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function.__name__ in ("sum", "mean", "max", "min", "var", "std"):
            return getattr(self, function.__name__)(*arguments[1:], **options)
        if function in (np.concatenate, np.hstack) and (function is np.hstack or options.get("axis") in ALONG):
            return _beside(arguments[0])
        if function is np.tile:
            return _tile(*arguments, **options)
        return each(lambda *numbers: function(*numbers, **options), *arguments)

    def reshape(self, *shape: Any) -> Any:
        """As it is, (-1, columns), or cut into members, (-1, members, columns of each)."""
        if shape == (-1, self.columns):
            return self
        if not self.rows or len(shape) != 3 or shape[0] != -1 or shape[1] * shape[2] != self.columns:
            raise UntraceableError("a shape other than (-1, columns) and (-1, members, columns of each)")
        return Members(self, shape[2])

    def __getitem__(self, places: Any) -> Grid:
        every, which = places if isinstance(places, tuple) and len(places) == 2 else (None, None)
        if every != slice(None) or not isinstance(which, slice) or which.step not in (None, 1):
            raise UntraceableError("a choice of numbers other than x[:, first:last]")
        first, last, _ = which.indices(self.columns)
        return Grid("part", max(0, last - first), (self,), rows=True, first=first)

    def _reduced(self, kind: str, axis: Any, keepdims: bool) -> Any:
        """One number for each row, or for each column over all rows."""
        if axis == 0 and not keepdims and kind == "sum":
            return ColumnSums(self, (self.columns,))
        if axis not in ALONG or not keepdims or not self.rows:
            raise UntraceableError(f"np.{kind} other than along a row (axis=-1, keepdims=True)")
        if kind not in self.reduced:
            self.reduced[kind] = Grid(kind, 1, (self,), rows=True, dear=True)
        return self.reduced[kind]

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self._reduced("sum", axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        if axis == 0 and not keepdims and self.rows:
            return self.reduced.setdefault("down", Grid("down", self.columns, (self,), dear=True))
        count = Grid("count", size=self.columns) if isinstance(self.columns, Size) else self.columns
        return self._reduced("sum", axis, keepdims) / count

    def var(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        away = self - self.mean(axis, keepdims)
        return (away * away).mean(axis, keepdims)

    def std(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return np.sqrt(self.var(axis, keepdims))

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self._reduced("max", axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self._reduced("min", axis, keepdims)


class Members(Arithmetic):
    """A grid cut into members, (rows, members, columns of each). In memory it is the same, and so is its arithmetic."""

    def __init__(self, grid: Grid, width: Any) -> None:
        self.grid, self.members, self.width = grid, grid.columns // width, width

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function is np.einsum:
            return _einsum(*arguments, **options)
        if function is np.where:
            return each(function, *arguments)
        raise UntraceableError(f"np.{function.__name__} of members")

    def reshape(self, *shape: Any) -> Any:
        """As the grid's."""
        return self.grid.reshape(*shape)

    def sum(self, axis: Any = None) -> Any:
        """As NumPy's, over the rows or over the members."""
        if axis == 0:
            return ColumnSums(self.grid, (self.members, self.width))
        if axis != 1:
            raise UntraceableError("a sum of members other than over rows (axis=0) or members (axis=1)")
        return Grid("members", self.width, (self.grid,), rows=True, dear=True)

    def uncut(self, other: Any) -> Any:
        """What stands beside the grid for what stands beside the members."""
        if isinstance(other, Members) and other.width == self.width:
            return other.grid
        if isinstance(other, Weights) and other.shape == (self.members, self.width) and not other.turned:
            return Grid("vector", self.grid.columns, place=other.parameter)
        if isinstance(other, (Members, Weights)) or (isinstance(other, Grid) and other.ndim):
            raise UntraceableError("members together with something of another shape")
        return other


def each(function: Callable[..., Any], *inputs: Any, dear: bool = False, kind: str = "each", **more: Any) -> Any:
    """A function of single numbers, at each place; or, if its kind is "rows", of whole rows."""
    for cut in inputs:
        if isinstance(cut, Members):
            more["width"] = cut.width
            return Members(each(function, *map(cut.uncut, inputs), dear=dear, kind=kind, **more), cut.width)
    if any(isinstance(one, Weights) for one in inputs):
        raise UntraceableError("weights otherwise than in a product")
    grids = [one for one in inputs if isinstance(one, Grid)]
    wide = [one.columns for one in grids if one.columns != 1]
    if any(columns != wide[0] for columns in wide):
        raise UntraceableError(f"rows of {' and '.join(str(columns) for columns in wide)} numbers together")
    rows = any(one.rows for one in grids)
    return Grid(kind, wide[0] if wide else 1, inputs, function, rows, dear, **more)


def _product(x: Any, W: Any) -> Any:
    if isinstance(x, Members):
        return Members(_times(x.grid, W, x.width), W.shape[-1])
    if isinstance(x, Grid):
        return _times(x, W, x.columns)
    raise UntraceableError("a product of something else than a grid")


def _times(grid: Any, W: Any, *shape: Any) -> Grid:
    """A product with weights whose shape begins like this: those of all, or a matrix of each member."""
    if not isinstance(W, Weights) or W.shape[:-1] != shape:
        raise UntraceableError("a product with something else than weights that fit")
    return Grid("product", grid.columns // shape[-1] * W.shape[-1], (grid,), rows=True, dear=True, weights=W)


def _einsum(subscripts: str, x: Any, other: Any, optimize: Any = False) -> Any:
    """Products of each member with weights of its own, and with what comes back: of each, or of all together."""
    names: dict[str, str] = {}
    form = "".join(names.setdefault(one, chr(ord("a") + len(names))) if one.isalpha() else one for one in subscripts)
    if isinstance(x, Members) and isinstance(other, Weights) and form in ("abc,bcd->abd", "abc,bdc->abd"):
        W = other if form == "abc,bcd->abd" else other.T
        return Members(_times(x.grid, W, x.members, x.width), W.shape[-1])
    if isinstance(x, Members) and isinstance(other, Members) and form in ("abc,abd->bcd", "abc,abd->cd"):
        members = (x.members,) if form == "abc,abd->bcd" else ()
        return Product(other.grid, (*members, x.width, other.width), x.grid)
    raise UntraceableError(f"np.einsum({subscripts!r}) of what it is given")


def _tile(x: Any, times: Any) -> Grid:
    if not isinstance(x, Grid) or not x.rows or len(times) != 2 or times[0] != 1:
        raise UntraceableError("np.tile other than of a grid along its rows")
    return Grid("tile", x.columns * times[1], (x,), rows=True, dear=True)


def _beside(grids: Any) -> Grid:
    if not all(isinstance(grid, Grid) and grid.rows for grid in grids):
        raise UntraceableError("np.concatenate of something else than grids")
    return Grid("beside", sum(grid.columns for grid in grids), tuple(grids), rows=True, dear=True)


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
