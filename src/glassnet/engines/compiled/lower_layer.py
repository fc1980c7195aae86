"""Lowering: each node of a layer's graph becomes a grid, or a view of one.

Widths stay open: a dimension is a sum of products of the columns of the operation's row of the table, a number of the
layer a place among the constants. So one kernel serves layers of all widths.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from glassnet.engines.compiled.approximations import ULPS
from glassnet.engines.compiled.code.formula_lowering import LIBRARY, emit
from glassnet.engines.compiled.jit import reads
from glassnet.engines.compiled.lowered_values import (
    Grid,
    Lookups,
    MemberView,
    OverRows,
    Pieces,
    Rounded,
    Sparse,
    Weights,
    beside,
    contracted,
    is_plain,
    mapped,
    over_rows,
    pieces,
    product,
    scales,
    transposed,
)
from glassnet.engines.compiled.memory import COUNTS, Op
from glassnet.ir import UntraceableError
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.layer_trace import BATCH, INPUTS, LayerTrace
from glassnet.ir.tensor import TraceNode
from glassnet.support.language import Text

SLOW: Final = {"divide", "sqrt", *LIBRARY, *ULPS}
"""Operations that take longer than reading a number from memory; so do formulas."""


class Lowering:
    """The nodes of one trace, lowered in order.

    Attributes
    ----------
    rates : list of int
        Which of the layer's numbers are rates of dropout.
    numbers : list of float
        Those that are not known to be the layer's.
    """

    def __init__(self, trace: LayerTrace, precision: str) -> None:
        self.trace, self.precision = trace, precision
        self.dims: dict[str, Any] = {name: SymbolicDim(COUNTS + place) for place, name in enumerate(trace.counts)}
        self.dims[INPUTS] = SymbolicDim(Op.INPUTS)
        self.sizes: dict[SymbolicDim, Any] = {}
        self.rates: list[int] = []
        self.numbers: list[float] = []
        self.batch: Grid | None = None
        """The number of rows, where a layer may use it."""
        self.values: dict[TraceNode, Any] = {node: self._leaf(node) for node in trace.leaves}
        self.slopes = self._slopes()

    def size(self, dim: Any) -> Any:
        """Return a dimension in terms of the table's fields."""
        if not isinstance(dim, SymbolicDim):
            return dim
        if dim not in self.sizes:
            if BATCH in dim.names:
                raise UntraceableError("the number of rows of a block, which is not that of the batch")
            self.sizes[dim] = dim.at(self.dims)
        return self.sizes[dim]

    def shape(self, node: TraceNode) -> tuple[Any, ...]:
        """Return the shape of a parameter or a statistic."""
        return tuple(map(self.size, node.shape))

    def forward(self) -> Grid:
        """Lower the forward pass; return the output."""
        for node in self.trace.forward:
            self._lower(node)
            if node in self.slopes:  # it takes no more memory than z, and shares subexpressions with the activation
                self._lower(self.slopes[node])
        return self._of_rows(self.trace.output, Text("an output that is no number of each row and column"))

    def backward(self, d_y: Grid) -> tuple[Grid, list[OverRows]]:
        """Lower the backward pass; return the gradients of the input, and of the parameters in order."""
        self.values[self.trace.d_y] = d_y  # type: ignore[index]
        for node in self.trace.backward:
            self._lower(node)
        gradients = [self.values[node] for node in self.trace.gradients.values()]
        for one, parameter in zip(gradients, self.trace.parameters.values(), strict=True):
            if not isinstance(one, OverRows) or one.shape != self.shape(parameter):
                raise UntraceableError("a gradient that is neither xᵀ d nor a sum over the rows")
        return self._of_rows(self.trace.d_x, Text("a gradient of the input that is no number of each row")), gradients

    def after(self, share: float | None) -> dict[int, Grid]:
        """Return the statistics after a step, by number."""
        nodes, after = self.trace.after[share]
        self.batch = Grid("batch")
        for node in nodes:
            self._lower(node)
        self.batch = None
        found = {}
        for place, (name, statistic) in enumerate(self.trace.statistics.items()):
            if name in after:
                found[place] = one = self.values[after[name]]
                if not isinstance(one, Grid) or one.rows or one.columns != self.size(statistic.shape[0]):
                    raise UntraceableError("a statistic that is no number of each column")
        return found

    def _of_rows(self, node: TraceNode | None, reason: Text) -> Grid:
        found = self.values[node]  # type: ignore[index]
        if not isinstance(found, Grid) or isinstance(found, Pieces) or not found.rows:
            raise UntraceableError(reason)
        return found

    def _slopes(self) -> dict[TraceNode, TraceNode]:
        """Return derivatives that need z, by their activation: they are computed in the forward pass."""
        ahead = set(self.trace.forward)
        return {
            node.inputs[1]: node
            for node in self.trace.backward
            if self._is_slope(node) and node.inputs[1] in ahead and self._needs_z(node)
        }

    def _is_slope(self, node: TraceNode) -> bool:
        return node.op == "call" and node.attributes["derivative"] and node.attributes["elementwise"]

    def _needs_z(self, node: TraceNode) -> bool:
        return reads(node.attributes["formula"], 0, len(node.inputs), self.precision)

    # ---------------------------------------------------------------- leaves

    def _leaf(self, node: TraceNode) -> Any:
        place: Any = node.attributes.get("place")
        match node.op:
            case "input":
                return Grid("x", self.size(node.shape[1]), rows=True)
            case "number":
                return Grid("number", place=place)
            case "counts":
                return Grid("counts", self.size(node.shape[0]), place=place)
            case "parameter" if len(node.shape) in (2, 3):
                return Weights(place, self.shape(node))
            case "statistic" if len(node.shape) == 2:
                columns, size = self.shape(node)
                return Pieces("statistic", columns, size, rows=False, place=place)
            case _ if len(node.shape) == 1:
                return Grid("vector" if node.op == "parameter" else "statistic", *self.shape(node), place=place)
        raise UntraceableError("a {operation} of shape {shape}", operation=node.op, shape=node.shape)

    # ------------------------------------------------------------ operations

    def _lower(self, node: TraceNode) -> None:
        if node not in self.values:
            self.values[node] = self._lowered(node, [self._operand(one) for one in node.inputs])

    def _operand(self, one: Any) -> Any:
        if isinstance(one, TraceNode):
            if one not in self.values and one.op != "gradient":
                self._lower(one)
            return self.values.get(one)
        if isinstance(one, np.ndarray):
            raise UntraceableError("an array of shape {shape} that is none of its parameters", shape=one.shape)
        return one if not isinstance(one, SymbolicDim) else self._number(one)

    def _number(self, dim: SymbolicDim) -> Grid:
        """Return a dimension as a grid."""
        if self.batch is None or BATCH not in dim.names:
            return Grid("count", count=self.size(dim))
        total: Any = None
        for (above, below), times in dim.terms.items():
            if below:
                raise UntraceableError("a share of the number of rows")
            factors = [self.batch if name == BATCH else self._number(SymbolicDim(name)) for name in above]
            product: Any = times if times != 1 or not factors else factors.pop()
            for factor in factors:
                product = mapped(operator.mul, product, factor)
            total = product if total is None else mapped(operator.add, total, product)
        return total

    def _lowered(self, node: TraceNode, a: list[Any]) -> Any:
        x: Any = a[0] if a else None
        about = node.attributes
        match node.op:
            case "ngrams":
                return Sparse(self.size(node.shape[1]))
            case "call":
                return self._call(node, a)
            case "dropout_mask":
                return self._mask(*a)
            case "sum" | "mean" | "max" | "min":
                return self._reduced(node, x)
            case "cumsum" if isinstance(x, Grid):
                return Grid("cumsum", x.columns, (x,))
            case "bfloat16":
                return Rounded(x)
            case "matmul":
                return product(*a)
            case "einsum":
                return contracted(about["subscripts"], *a)
            case "transpose":
                return transposed(x, about["axes"])
            case "reshape":
                return self._reshaped(x, node.shape)
            case "with_axes" if is_plain(x) and x.rows and about["axes"] == [0, 1, None]:
                return Pieces("folded", x.columns, 1, (x,))
            case "slice" if about["step"] == 1:
                return self._sliced(x, node)
            case "concatenate":
                return beside(a, about["axis"])
            case "tile" if is_plain(x) and x.rows and len(about["reps"]) == 2 and about["reps"][0] == 1:
                return Grid("tile", x.columns * self.size(about["reps"][1]), (x,), rows=True, expensive=True)
            case "gather" if (
                isinstance(x, Weights) and not x.turned and is_plain(a[1]) and a[1].rows and not about["axis"]
            ):
                if not self.trace.ours:
                    raise UntraceableError("rows of a parameter that may not be there")
                return Pieces("lookup", a[1].columns, x.shape[1], (a[1],), place=x.parameter)
            case "scatter_add" if is_plain(a[1]) and a[1].rows:
                return Lookups(pieces(a[2]), self.shape(node), a[1])
            case "add" if isinstance(a[1], Sparse) and a[1].weights and is_plain(x) and x.rows:
                return Grid("sparse_product", x.columns, (x,), rows=True, expensive=True, weights=a[1].weights)
            case "constant":
                return self._operand(np.asarray(about["value"]))
            case "slice" | "argmax" | "argsort" | "take_along":
                raise UntraceableError("a choice of numbers other than x[:, first:last] and W[rows]")
            case "power" if isinstance(node.inputs[0], SymbolicDim):
                if node.inputs[1] != 0.5:
                    raise UntraceableError("a power of a dimension other than its root")
                return Grid("root", count=self.size(node.inputs[0]))
            case "power":
                return mapped(partial(emit, "float_power"), *a, expensive=True)
            case "cast" if np.dtype(about["dtype"]) == np.intp and isinstance(x, Grid) and self.trace.ours:
                return mapped(lambda number: number.as_kind("i64"), *a)  # a layer of glassnet's own knows the range
            case "cast":
                return mapped(partial(emit, "cast", **about), *a)
            case "ones_like" if not about and isinstance(pieces(x), Pieces):
                x = pieces(x)
                return Pieces("each", x.columns, x.size, rows=x.rows, function=lambda: 1.0)
            case name if any(isinstance(one, OverRows) for one in a) and not scales(name, x):
                raise UntraceableError("a sum over the rows that is more than scaled")
            case name if name in ULPS or hasattr(np, name):
                return mapped(partial(emit, name, **about), *a, expensive=name in SLOW)
        raise UntraceableError("np.{function} of what it is given", function=node.op)

    def _call(self, node: TraceNode, a: list[Any]) -> Any:
        """Lower the call of a formula, which stays one step of a kernel."""
        about = node.attributes
        if self._is_slope(node) and not self._needs_z(node):
            a = [a[1], *a[1:]]  # z need not be kept for it
        kind = "each" if about["elementwise"] else "rows"
        return mapped(about["formula"], *a, expensive=True, kind=kind, formula=True)

    def _mask(self, x: Any, rate: Any) -> Grid:
        if not is_plain(x) or not x.rows:
            raise UntraceableError("a mask of something else than rows")
        if not isinstance(rate, Grid):
            rate, self.numbers = Grid("number", place=len(self.numbers)), [*self.numbers, float(rate)]
        if rate.kind != "number":
            raise UntraceableError("a rate of dropout that is no number of the layer")
        self.rates.append(rate.more["place"])
        return Grid("mask", x.columns, (rate,), rows=True)

    def _reduced(self, node: TraceNode, x: Any) -> Any:
        kind, axes, keepdims = node.op, node.attributes["axes"], node.attributes["keepdims"]
        if isinstance(x, Grid) and not x.rows:
            raise UntraceableError("np.{function} of what has no rows", function=kind)
        if kind == "sum" and axes == (0,) and not keepdims:
            return over_rows(x)
        if kind == "mean":
            if axes == (0,) and is_plain(x):
                return x.along.setdefault("down", Grid("down", x.columns, (x,), expensive=True))
            total = self._reduced(replace(node, op="sum"), x)
            count = [one for place, one in enumerate(node.inputs[0].shape) if place in axes]
            return mapped(operator.truediv, total, self._operand(count[0]) if len(count) == 1 else None, expensive=True)
        if is_plain(x) and axes == (1,) and keepdims:
            if kind not in x.along:
                x.along[kind] = Grid(kind, 1, (x,), rows=True, expensive=True)
            return x.along[kind]
        if kind == "sum" and axes == (1,) and not keepdims and isinstance(x, MemberView):
            return Grid("members", x.width, (x.grid,), rows=True, expensive=True)
        if kind == "sum" and axes == (2,) and keepdims and isinstance(pieces(x), Pieces):
            x = pieces(x)
            return Pieces("total", x.columns, 1, (x,))
        raise UntraceableError(
            "np.{function} along {axes} with keepdims={keepdims}", function=kind, axes=axes, keepdims=keepdims
        )

    def _reshaped(self, x: Any, shape: Sequence[Any]) -> Any:
        """Lower a reshape between (rows, columns) and (rows, members, columns of each)."""
        if not isinstance(x, (Grid, MemberView)) or shape[0] != SymbolicDim(BATCH) or len(shape) not in (2, 3):
            raise UntraceableError("a shape of {shape}", shape=tuple(shape))
        if isinstance(x, Pieces):
            if len(shape) != 2:
                raise UntraceableError("a shape other than (-1, columns times their numbers)")
            return Grid("flat", x.columns * x.size, (x,), rows=True, expensive=True)
        grid = x.grid if isinstance(x, MemberView) else x
        return MemberView(grid, self.size(shape[2])) if len(shape) == 3 else grid

    def _sliced(self, x: Any, node: TraceNode) -> Grid:
        """Lower a slice of columns, or of the third axis."""
        axis, first, count = node.attributes["axis"], self.size(node.attributes["first"]), self.size(node.shape[-1])
        last = axis == len(node.shape) - 1
        if last and is_plain(x) and x.rows:
            return Grid("part", count, (x,), rows=True, first=first)
        x = pieces(x) if isinstance(x, MemberView) else x
        if last and isinstance(x, Pieces):
            return Pieces("part", x.columns, count, (x,), x.rows, first=first)
        raise UntraceableError("a choice of numbers other than x[:, first:last] and x[:, :, first:last]")
