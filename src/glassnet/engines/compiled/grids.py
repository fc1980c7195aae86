"""Symbols for a layer's arrays: what its own `forward` and `backward` do to them is written down.

A grid stands for a number of each row and column of a block. Arithmetic on grids computes nothing; it says how a number
follows from others, and becomes one loop where the numbers are wanted in memory: as the operand of a product, along a
row, in the record for the way back, or as what comes out. Products of grids and weights are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.engines.compiled.code import TYPES, Matrix, Pointer, UntraceableError, Value

if TYPE_CHECKING:
    from glassnet.engines.compiled.kernels.own import Work

__all__ = ["ColumnSums", "Grid", "Product", "Vector", "Weights"]

REDUCTIONS: dict[Any, str] = {np.sum: "sum", np.mean: "mean", np.max: "max", np.min: "min"}
ALONG = (-1, 1)


class Shape(NamedTuple):
    """The shape of a grid; how many rows there are nobody may ask, for a block is not the batch."""

    rows: Any
    columns: int

    def __getitem__(self, axis: Any) -> Any:
        if axis in ALONG:
            return self.columns
        raise UntraceableError("the number of rows of a block, which is not that of the batch")

    def __iter__(self) -> Iterator[Any]:
        raise UntraceableError("the number of rows of a block, which is not that of the batch")


class Grid(np.lib.mixins.NDArrayOperatorsMixin):
    """A number of each row and column, as it follows from others; `place` is where it lies, if it does."""

    ndim = 2

    def __init__(
        self, work: Work, columns: int, number: Callable[[Value, Any], Any], place: Matrix | None = None
    ) -> None:
        self.work, self.columns, self.number, self.place = work, columns, number, place

    @property
    def shape(self) -> Shape:
        """Of which only the columns are known."""
        return Shape(None, self.columns)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return np.dtype(TYPES[self.work.k.number])

    @property
    def T(self) -> Transposed:  # noqa: N802
        """The transpose, which products for gradients begin with."""
        return Transposed(self)

    def __bool__(self) -> bool:
        raise UntraceableError("a choice that is not np.where")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or set(options) - {"dtype"}:
            raise UntraceableError(f"np.{ufunc.__name__} with {method} or options")
        if ufunc is np.matmul:
            return _product(*inputs)
        return self.each(lambda *numbers: ufunc(*numbers, **options), *inputs)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function in REDUCTIONS:
            return self.reduced(function, *arguments[1:], **options)
        if function in (np.concatenate, np.hstack) and (function is np.hstack or options.get("axis") in ALONG):
            return _beside(arguments[0])
        return self.each(lambda *numbers: function(*numbers, **options), *arguments)

    def elementary(self, name: str, *arguments: Any) -> Grid:
        """A function of numbers by its name."""
        return self.each(lambda *numbers: numbers[0].elementary(name, *numbers), *arguments)

    def each(self, function: Callable[..., Any], *inputs: Any) -> Grid:
        """A function of single numbers, at each place."""
        grids = [one for one in inputs if isinstance(one, (Grid, Vector))]
        columns = max(one.columns for one in grids)
        if any(one.columns not in (1, columns) for one in grids):
            raise UntraceableError(f"rows of {' and '.join(str(one.columns) for one in grids)} numbers together")

        def number(i: Value, j: Value) -> Any:
            return function(*(one.at(i, j) if isinstance(one, (Grid, Vector)) else one for one in inputs))

        return Grid(self.work, columns, number)

    def at(self, i: Value, j: Any) -> Any:
        """The number at a place; a single column is that of all."""
        return self.number(i, 0 if self.columns == 1 else j)

    def __getitem__(self, places: Any) -> Grid:
        every, which = places if isinstance(places, tuple) and len(places) == 2 else (None, None)
        if every != slice(None) or not isinstance(which, slice) or which.step not in (None, 1):
            raise UntraceableError("a choice of numbers other than x[:, first:last]")
        first, last, _ = which.indices(self.columns)
        return Grid(self.work, max(0, last - first), lambda i, j: self.at(i, j + first))

    def reduced(self, function: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """One number for each row, or for each column over all rows."""
        if axis == 0 and not keepdims and function is np.sum:
            return ColumnSums(self)
        if axis not in ALONG or not keepdims:
            raise UntraceableError(f"np.{function.__name__} other than along a row (axis=-1, keepdims=True)")
        return self.work.along_rows(REDUCTIONS[function], self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self.reduced(np.sum, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self.reduced(np.mean, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self.reduced(np.max, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """As NumPy's."""
        return self.reduced(np.min, axis, keepdims)


class Vector(np.lib.mixins.NDArrayOperatorsMixin):
    """A parameter of one axis: a number of each column, the same in all rows."""

    ndim = 1

    def __init__(self, work: Work, columns: int, number: Callable[[Any], Any]) -> None:
        self.work, self.columns, self.number = work, columns, number

    __bool__ = Grid.__bool__
    __array_ufunc__ = Grid.__array_ufunc__
    __array_function__ = Grid.__array_function__
    elementary = Grid.elementary
    dtype = Grid.dtype

    @property
    def shape(self) -> tuple[int]:
        """As an array's."""
        return (self.columns,)

    def each(self, function: Callable[..., Any], *inputs: Any) -> Any:
        """A function of single numbers, at each place; a vector, if all inputs are."""
        grid = Grid.each(self, function, *inputs)  # type: ignore[arg-type]
        if any(isinstance(one, Grid) for one in inputs):
            return grid
        return Vector(self.work, grid.columns, lambda j: grid.number(j, j))

    def at(self, i: Value, j: Any) -> Any:
        """The number at a place."""
        return self.number(0 if self.columns == 1 else j)


class Weights:
    """A parameter of two axes, for products alone."""

    __array_ufunc__ = None  # x @ W asks here

    def __init__(self, place: Pointer, shape: tuple[int, int], steps: tuple[int, int]) -> None:
        self.place, self.shape, self.steps = place, shape, steps

    @property
    def T(self) -> Weights:  # noqa: N802
        """The transpose."""
        return Weights(self.place, self.shape[::-1], self.steps[::-1])

    def __rmatmul__(self, grid: Any) -> Grid:
        return _product(grid, self)


class Transposed(NamedTuple):
    """A grid by columns."""

    grid: Grid

    def __matmul__(self, other: Any) -> Product:
        if not isinstance(other, Grid):
            raise UntraceableError("a product of a transposed grid with something else than a grid")
        return Product(self.grid, other)


@dataclass
class Product:
    """xᵀ d: the gradient of weights."""

    x: Grid
    d: Grid

    def __mul__(self, factor: Any) -> Product:
        return Product(self.x, self.d * factor)

    __rmul__ = __mul__


@dataclass
class ColumnSums:
    """The sum over all rows: the gradient of a vector."""

    grid: Grid

    def __mul__(self, factor: Any) -> ColumnSums:
        return ColumnSums(self.grid * factor)

    __rmul__ = __mul__


def _product(x: Any, W: Any) -> Grid:
    if not isinstance(x, Grid) or not isinstance(W, Weights) or x.columns != W.shape[0]:
        raise UntraceableError("a product other than of a grid with weights that fit")
    return x.work.product(x, W)


def _beside(grids: Any) -> Grid:
    """Grids beside each other: each number is chosen by its column."""
    first, *others = grids
    if not all(isinstance(grid, Grid) for grid in grids):
        raise UntraceableError("np.concatenate of something else than grids")
    work, columns = first.work, sum(grid.columns for grid in grids)
    place, done = work.kept(columns), 0
    for grid in (first, *others):
        work.fill(_Shifted(place, done), grid)
        done += grid.columns
    return work.memory(place, columns)


class _Shifted(NamedTuple):
    """A matrix from a column on."""

    place: Matrix
    first: int

    def __setitem__(self, at: tuple[Any, Any], value: Any) -> None:
        self.place[at[0], at[1] + self.first] = value
