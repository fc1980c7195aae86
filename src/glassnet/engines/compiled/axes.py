"""Symbols for arrays of three axes.

Those of members, (rows, members, columns of each), are grids looked at otherwise: in memory they are the same. Several
numbers of each column, (rows, columns, size), are cut out of grids and put together into grids; in between they lie
nowhere but in a kernel's scratch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.engines.compiled import grids
from glassnet.engines.compiled.grids import Grid, HowMany, LayerArray, common, span, times
from glassnet.engines.compiled.products import ColumnSums, Product, Weights
from glassnet.graph import UntraceableError

LAST = (-1, 2)


class Members(LayerArray):
    """A grid cut into members, (rows, members, columns of each). In memory it is the same, and so is its arithmetic."""

    cut = True

    def __init__(self, grid: Grid, width: Any) -> None:
        self.grid, self.members, self.width = grid, grid.columns // width, width

    @property
    def shape(self) -> Any:
        return self.grid.shape[0], self.members, self.width

    def __getitem__(self, places: Any) -> Any:
        return self.pieces[places]

    @cached_property
    def pieces(self) -> Pieces:
        """The same as several numbers of each column, for what only these can do."""
        return columns_as_one(self.grid, self.width)

    def times(self, W: Any) -> Members:
        """The product of all members' numbers with weights that they share."""
        return Members(times(self.grid, W, self.width), W.shape[-1])

    def reshaped(self, shape: Any) -> Any:
        return self.grid.reshaped(shape)

    def reduced(self, kind: str, axis: Any, keepdims: bool) -> Any:
        """A sum over the rows or over the members."""
        if kind != "sum" or axis not in (0, 1) or keepdims:
            raise UntraceableError(f"np.{kind} of members: only sums over rows (axis=0) or members (axis=1)")
        if axis == 0:
            return ColumnSums(self.grid, (self.members, self.width))
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


class Pieces(Grid):
    """Several numbers of each column, of each row or of all rows.

    Parameters
    ----------
    kind : str
        What it is, as of a grid; "part", "beside" and "total" (the sum) go along the last axis. "folded" are
        neighbouring columns of a grid as one, "lookup" rows of a parameter; "products" are those of each column with
        its own matrix.
    columns, size : int or Size
        1: the same for all.
    """

    cut = True

    def __init__(self, kind: str, columns: Any, size: Any, inputs: Any = (), rows: bool = True, **more: Any) -> None:
        function, dear = more.pop("function", None), more.pop("dear", False)
        super().__init__(kind, columns, tuple(inputs), function, rows, dear, **more)
        self.size = size

    @property
    def shape(self) -> Any:
        return (HowMany(), self.columns, self.size) if self.rows else (self.columns, self.size)

    @property
    def T(self) -> Any:  # noqa: N802
        """No product of matrices has three axes."""
        raise UntraceableError("the transpose of three axes")

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Any:
        """One of NumPy's functions of numbers that are no ufuncs; ones need no numbers to be like."""
        if function is np.ones_like and not options:
            return Pieces("each", self.columns, self.size, rows=self.rows, function=lambda: 1.0)
        return super().elementwise(function, arguments, options)

    def sliced(self, axis: int, places: Any) -> Pieces:
        """Some numbers of each column."""
        if axis != self.ndim - 1:
            raise UntraceableError("a choice of numbers other than x[:, :, first:last]")
        first, size = span(places, self.size)
        return Pieces("part", self.columns, size, (self,), self.rows, first=first)

    def reshaped(self, shape: Any) -> Grid:
        """All numbers of a row as columns of their own, (-1, columns)."""
        columns = self.columns * self.size
        if self.of_each_row(shape) != (columns,):
            raise UntraceableError("a shape other than (-1, columns times their numbers)")
        return Grid("flat", columns, (self,), rows=True, dear=True)

    def reduced(self, kind: str, axis: Any, keepdims: bool) -> Any:
        """A sum over the rows or along the last axis."""
        if kind == "sum" and axis == 0 and not keepdims and self.rows:
            return ColumnSums(self, (self.columns, self.size))
        if kind != "sum" or axis not in LAST or not keepdims or not self.rows:
            raise UntraceableError(f"np.{kind} of three axes: only sums over axis=0, or axis=2 with keepdims=True")
        return Pieces("total", self.columns, 1, (self,))


def columns_as_one(grid: Grid, size: Any = 1) -> Pieces:
    """So many neighbouring columns as one of several numbers."""
    return Pieces("folded", grid.columns // size, size, (grid,))


def _pieces(one: Any) -> Any:
    if isinstance(one, Weights) and len(one.shape) == 2 and not one.turned:
        return Pieces("vector", *one.shape, rows=False, place=one.parameter)
    if isinstance(one, Weights):
        raise UntraceableError("weights otherwise than in a product")
    return one.pieces if isinstance(one, Members) else one


def each(function: Callable[..., Any], *inputs: Any, kind: str = "each", **more: Any) -> Any:
    """A function of single numbers, at each place; of members also one of whole rows."""
    if not any(isinstance(one, Pieces) for one in inputs):
        cut = next(one for one in inputs if isinstance(one, Members))
        uncut = map(cut.uncut, inputs)
        return Members(grids.each(function, *uncut, kind=kind, width=cut.width, **more), cut.width)
    inputs = tuple(_pieces(one) for one in inputs)
    pieces = [one for one in inputs if isinstance(one, Pieces)]
    if kind != "each" or any(isinstance(one, Grid) and not one.cut and one.ndim for one in inputs):
        raise UntraceableError("several numbers of each column together with something of another shape")
    columns, size = common([one.columns for one in pieces]), common([one.size for one in pieces])
    return Pieces("each", columns, size, inputs, any(one.rows for one in pieces), function=function, **more)


def einsum(subscripts: str, x: Any, other: Any) -> Any:
    """Products of each member with weights of its own, and with what comes back: of each, or of all together."""
    names: dict[str, str] = {}
    form = "".join(names.setdefault(one, chr(ord("a") + len(names))) if one.isalpha() else one for one in subscripts)
    if any(isinstance(one, Pieces) for one in (x, other)):
        return _products(form, x, other)
    if isinstance(x, Members) and isinstance(other, Weights) and form in ("abc,bcd->abd", "abc,bdc->abd"):
        W = other if form == "abc,bcd->abd" else other.T
        return Members(times(x.grid, W, x.members, x.width), W.shape[-1])
    if isinstance(x, Members) and isinstance(other, Members) and form in ("abc,abd->bcd", "abc,abd->cd"):
        members = (x.members,) if form == "abc,abd->bcd" else ()
        return Product(other.grid, (*members, x.width, other.width), x.grid)
    raise UntraceableError(f"np.einsum({subscripts!r}) of what it is given")


def _products(form: str, x: Any, other: Any) -> Any:
    """Of each column: with its own matrix, with the transpose of it, or over all rows."""
    x, other = (one if isinstance(one, Weights) else _pieces(one) for one in (x, other))
    if isinstance(other, Weights) and form in ("abc,bcd->abd", "abc,bdc->abd"):
        W = other if form == "abc,bcd->abd" else other.T
        if W.shape[:2] == (x.columns, x.size):
            return Pieces("products", x.columns, W.shape[2], (x,), dear=True, weights=W)
    elif form == "abc,abd->bcd" and isinstance(x, Pieces) and isinstance(other, Pieces) and x.columns == other.columns:
        return Product(other, (x.columns, x.size, other.size), x)
    raise UntraceableError("np.einsum of shapes that do not fit")


def beside(arrays: Sequence[Any], axis: int) -> Pieces:
    """Numbers of each column behind each other."""
    parts = [_pieces(part) for part in arrays]
    columns = {part.columns if isinstance(part, Pieces) and part.rows else None for part in parts}
    if axis not in LAST or len(columns) > 1 or None in columns:
        raise UntraceableError("np.concatenate of three axes other than along the last")
    return Pieces("beside", columns.pop(), sum(part.size for part in parts), parts)
