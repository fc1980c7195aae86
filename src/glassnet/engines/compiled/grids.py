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
from glassnet.engines.compiled.products import ColumnSums, Transposed, Weights
from glassnet.engines.compiled.sizes import Size

__all__ = ["Arithmetic", "Grid", "common", "each", "in_order", "span", "times"]

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

    cut: bool = False
    """Whether there are three axes."""

    dtype = np.dtype("float32")
    """What a formula is told that asks; its code has the numbers of the network."""

    def __bool__(self) -> bool:
        raise UntraceableError("a choice that is not np.where")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.add and method == "at":
            target, places, d = inputs
            return target.add_looked_up(places, d)
        if method != "__call__" or set(options) - {"dtype"}:
            raise UntraceableError(f"np.{ufunc.__name__} with {method} or options")
        if ufunc is np.matmul:
            x, W = inputs
            if not isinstance(x, Arithmetic):
                raise UntraceableError("a product of something else than a grid")
            return x.times(W)
        return each(lambda *numbers: ufunc(*numbers, **options), *inputs, dear=ufunc.__name__ in SLOW)

    def times(self, W: Any) -> Any:
        """The product with weights."""
        raise UntraceableError("a product of several numbers of each column without np.einsum")

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As an array's, of truth values; of numbers whose range a layer of glassnet's own knows, to whole ones."""
        if np.dtype(dtype) == np.intp and isinstance(getattr(self, "columns", 0), Size):
            return each(lambda number: number.as_kind("i64"), self)
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
        if function is np.cumsum and self.ndim == 1 and not options:
            return Grid("cumsum", self.columns, (self,))
        if function is np.size and self.ndim == 1:
            return self.columns
        return each(lambda *numbers: function(*numbers, **options), *arguments)

    def reshape(self, *shape: Any) -> Any:
        """As it is, (-1, columns), or cut into members, (-1, members, columns of each)."""
        if shape == (-1, self.columns):
            return self
        if not self.rows or len(shape) != 3 or shape[0] != -1 or shape[1] * shape[2] != self.columns:
            raise UntraceableError("a shape other than (-1, columns) and (-1, members, columns of each)")
        return _axes().Members(self, shape[2])

    def __getitem__(self, places: Any) -> Grid:
        if isinstance(places, tuple) and len(places) == 3 and places[-1] is None:
            return _axes().columns_as_one(self[places[:-1]])
        every, which = places if isinstance(places, tuple) and len(places) == 2 else (None, None)
        if every != slice(None) or not self.rows:
            raise UntraceableError("a choice of numbers other than x[:, first:last]")
        first, columns = span(which, self.columns)
        return Grid("part", columns, (self,), rows=True, first=first)

    def times(self, W: Any) -> Grid:
        """The product with weights."""
        return times(self, W, self.columns)

    def look_up(self, W: Weights) -> Any:
        """The rows of a parameter whose numbers stand here."""
        if not isinstance(self.columns, Size) or not self.rows:
            raise UntraceableError("rows of a parameter that may not be there")
        return _axes().Pieces("lookup", self.columns, W.shape[1], (self,), place=W.parameter)

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
        count = Grid("count", count=self.columns) if isinstance(self.columns, Size) else self.columns
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


def each(function: Callable[..., Any], *inputs: Any, dear: bool = False, kind: str = "each", **more: Any) -> Any:
    """A function of single numbers, at each place; or, if its kind is "rows", of whole rows."""
    if any(isinstance(one, Arithmetic) and one.cut for one in inputs):
        return _axes().each(function, *inputs, dear=dear, kind=kind, **more)
    if any(isinstance(one, Weights) for one in inputs):
        raise UntraceableError("weights otherwise than in a product")
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


def _tile(x: Any, times: Any) -> Grid:
    if not isinstance(x, Grid) or not x.rows or len(times) != 2 or times[0] != 1:
        raise UntraceableError("np.tile other than of a grid along its rows")
    return Grid("tile", x.columns * times[1], (x,), rows=True, dear=True)


def _beside(grids: Any) -> Grid:
    if not all(isinstance(grid, Grid) and grid.rows for grid in grids):
        raise UntraceableError("np.concatenate of something else than grids")
    some = [grid for grid in grids if grid.columns != 0]
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
