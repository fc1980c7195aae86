"""A layer of somebody's own: its `forward` and `backward`, run with symbols for arrays (``grids.py``).

The way back is run twice, with the same places in memory: once for what flows back, on the rows of a worker, and once
for what is learned, where gradients are products and sums over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import Matrix, Pointer, UntraceableError
from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.grids import ColumnSums, Grid, Product, Vector, Weights
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.processor import processor
from glassnet.engines.compiled.sums import total
from glassnet.layers.base import Layer

__all__ = ["backward", "forward", "learn", "room"]

ROWS = Op.AUX
"""How many rows the buffers hold."""


class Going:
    """The pass of a batch, of which a kernel knows only whether it is training."""

    def __init__(self, training: bool) -> None:
        self.training = training

    def __getattr__(self, name: str) -> Any:
        raise UntraceableError(f"`{name}` of the pass")


@dataclass
class Target:
    """Where a gradient goes."""

    work: Work
    place: Pointer
    shape: tuple[int, ...]
    times: int = 0
    """How often it has been written: blocks of rows add to it, so it must be once."""

    def __setitem__(self, everything: Any, gradient: Any) -> None:
        if everything is not Ellipsis:
            raise UntraceableError("a gradient written in parts")
        self.times += 1
        self.work.learned(gradient, self.place, self.shape)


class Work:
    """One kernel of a layer: which of its numbers are computed, and where they are put.

    Parameters
    ----------
    k : Kernel
    layer : Layer
    width : int
        Of its input.
    """

    def __init__(self, k: Kernel, layer: Layer, width: int) -> None:
        self.k, self.layer, self.width = k, layer, width
        self.used = 0
        """Numbers a row in the room that is kept."""
        self.computing = True

    def memory(self, place: Matrix, columns: int) -> Grid:
        """A grid that lies somewhere."""
        return Grid(self, columns, lambda i, j: place[i, j], place)

    def kept(self, columns: int) -> Matrix:
        """The next place in the room that is kept."""
        k, before = self.k, self.used
        self.used += columns
        return (k.E + k.op[Op.E] + k.op[ROWS] * before + k.run[Run.AT] * columns).by(columns)

    def put(self, grid: Grid) -> Grid:
        """The grid in memory."""
        if grid.place is None:
            place = self.kept(grid.columns)
            self.fill(place, grid)
            grid.place, grid.number = place, lambda i, j: place[i, j]
        return grid

    def fill(self, place: Matrix, grid: Grid) -> None:
        """Compute all numbers of a grid."""
        if self.computing:
            for i, j in self.k.each(self.k.rows, grid.columns):
                place[i, j] = grid.at(i, j)

    def product(self, x: Grid, W: Weights) -> Grid:
        """x W."""
        k, x = self.k, self.put(x)
        place = self.kept(W.shape[1])
        if self.computing and x.place is not None:
            start, columns = x.place.start, x.place.columns
            k.product(
                start, (columns, 1), W.place, W.steps, k.rows, W.shape[1], W.shape[0], False, place.start, W.shape[1]
            )
        return self.memory(place, W.shape[1])

    def along_rows(self, kind: str, grid: Grid) -> Grid:
        """One number for each row."""
        k, grid = self.k, self.put(grid)
        place, matrix, n = self.kept(1), grid.place, grid.columns
        if self.computing and matrix is not None:
            for i in k.range(k.rows):
                row = matrix.start + i * n
                place[i, 0] = (
                    self._sum(row, n, kind == "mean") if kind in ("sum", "mean") else self._extreme(row, n, kind)
                )
        return self.memory(place, 1)

    def _sum(self, row: Pointer, n: int, mean: bool) -> Any:
        k = self.k
        whole = total(k, k.constant(n, "i64"), k.number, lambda at: at(row))
        return whole / float(n) if mean else whole

    def _extreme(self, row: Pointer, n: int, kind: str) -> Any:
        found = self.k.variable(row[0], self.k.number)
        for j in self.k.range(1, n):
            found.value = (np.maximum if kind == "max" else np.minimum)(found.value, row[j])
        return found.value

    def values(self) -> dict[str, Any]:
        """The layer's parameters by name."""
        found: dict[str, Any] = {}
        place = self.k.P + self.k.op[Op.P]
        for parameter in self.layer.parameters(self.width):
            found[parameter.name] = self._parameter(place, parameter.shape)
            place = place + int(np.prod(parameter.shape))
        return found

    def _parameter(self, place: Pointer, shape: tuple[int, ...]) -> Any:
        if len(shape) == 2:
            return Weights(place, (shape[0], shape[1]), (shape[1], 1))
        if len(shape) == 1:
            return Vector(self, shape[0], lambda j: place[j])
        raise UntraceableError(f"a parameter of shape {shape}")

    def gradients(self) -> dict[str, Target]:
        """Where the gradients of the parameters go; written where they are learned."""
        found: dict[str, Target] = {}
        place = self.k.G + self.k.op[Op.P]
        for parameter in self.layer.parameters(self.width):
            found[parameter.name] = Target(self, place, parameter.shape)
            place = place + int(np.prod(parameter.shape))
        return found

    def learned(self, gradient: Any, place: Pointer, shape: tuple[int, ...]) -> None:
        """A gradient; on the way back its operands are computed, and in `learn` it is."""
        if isinstance(gradient, Product):
            x, d = self.put(gradient.x), self.put(gradient.d)
            if shape != (x.columns, d.columns):
                raise UntraceableError(f"a gradient of shape {(x.columns, d.columns)} for a parameter of shape {shape}")
        elif not isinstance(gradient, ColumnSums) or shape != (gradient.grid.columns,):
            raise UntraceableError("a gradient that is neither xᵀ d nor a sum over the rows")

    def run(self, training: bool) -> tuple[Grid, dict[str, Any]]:
        """Forward: what comes out, and the record."""
        x: Any = self.memory(self.k.of_rows(self.k.A, Op.X, self.width), self.width)
        going: Any = Going(training)
        out: Any
        out, record = self.layer.forward(self.values(), x, going)
        if not isinstance(out, Grid) or out.columns != self.layer.outputs(self.width):
            raise UntraceableError("an output of another shape than `outputs` says")
        return out, record

    def recorded(self) -> dict[str, Any]:
        """The record of the way forward, in memory."""
        out, record = self.run(training=True)
        y = self.memory(self.k.of_rows(self.k.A, Op.Y, out.columns), out.columns)
        self.fill(_matrix(y), out)
        found: dict[str, Any] = {}
        for name, entry in record.items():
            found[name] = y if entry is out else self.put(entry) if isinstance(entry, Grid) else entry
        return found


class Learning(Work):
    """The kernel of the gradients: everything is in memory already."""

    def learned(self, gradient: Any, place: Pointer, shape: tuple[int, ...]) -> None:
        """A gradient, over all rows."""
        super().learned(gradient, place, shape)
        k = self.k
        if isinstance(gradient, Product):
            x, d = _matrix(self.put(gradient.x)), _matrix(self.put(gradient.d))
            first, last = k.share(k.constant(shape[0], "i64"))
            steps, more, rows = (1, x.columns), k.run[Run.ACCUMULATE], k.rows
            k.product(
                x.start + first, steps, d.start, (d.columns, 1), last - first, shape[1], rows, more,
                place + first * shape[1], shape[1],
            )  # fmt: skip
        else:
            k.sum_rows(place, k.constant(shape[0], "i64"), gradient.grid.at)


def _matrix(grid: Grid) -> Matrix:
    assert grid.place is not None
    return grid.place


def forward(k: Kernel, layer: Layer, width: int, training: bool, *_: Any) -> int:
    """The kernel forward; gives the numbers a row that it keeps."""
    work = Work(k, layer, width)
    if training:
        work.recorded()
    else:
        out, _record = work.run(training=False)
        work.fill(k.of_rows(k.A, Op.Y, out.columns), out)
    return work.used


def backward(k: Kernel, layer: Layer, width: int, *_: Any) -> int:
    """The kernel back."""
    work = Work(k, layer, width)
    d_x = _back(work)
    with k.when(k.op[Op.WANT_DX] != 0):
        work.fill(k.of_rows(k.D, Op.X, width), d_x)
    return work.used


def learn(k: Kernel, layer: Layer, width: int, *_: Any) -> int:
    """The kernel of the gradients."""
    work = Learning(k, layer, width)
    _back(work, computing=False)
    return work.used


def _back(work: Work, computing: bool = True) -> Grid:
    work.computing = False
    record = work.recorded()
    work.computing = computing
    columns = work.layer.outputs(work.width)
    d_y = work.memory(work.k.of_rows(work.k.D, Op.Y, columns), columns)
    gradients = work.gradients()
    d_x = work.layer.backward(work.values(), record, d_y, gradients)  # type: ignore[arg-type]
    if any(target.times != 1 for target in gradients.values()):
        raise UntraceableError("a gradient that is not written once")
    if not isinstance(d_x, Grid) or d_x.columns != work.width:
        raise UntraceableError("a gradient of the input of another shape than the input")
    return d_x


def room(layer: Layer, width: int, precision: str) -> int:
    """Numbers a row that all three kernels keep."""
    return backward(Kernel("trial", precision, processor()), layer, width)
