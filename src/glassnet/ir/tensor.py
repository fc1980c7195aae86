"""The tensor graph: its nodes, and the symbol that records them.

All that NumPy does to an array comes down to the methods of :class:`Tensor` (``symbolic_array.py`` says how); each
records one node. Nothing is computed, and nothing is known of memory or of any target.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.ir.dims import SymbolicDim
from glassnet.ir.numpy_functions import kind, moveaxis, promoted
from glassnet.ir.symbolic_array import DECIDE, SymbolicArray, UntraceableError, followed
from glassnet.support.language import Text, joined

Shape = tuple[Any, ...]
"""A tuple of ints and symbolic dimensions."""

LEAVES = ("input", "ngrams", "parameter", "statistic", "number", "counts", "gradient")
"""Leaves: the batch and the gradient of the output; the n-grams of the batch, a matrix that is stored sparsely;
parameters and statistics; a layer's numbers and counts; where a gradient goes that has not been written yet."""


@dataclass(frozen=True, eq=False)
class TraceNode:
    """An operation.

    Parameters
    ----------
    op : str
        A leaf; a map by the name of NumPy's ufunc or function, "call" of a formula, "cast", "view" or "dropout_mask";
        "sum", "mean", "max", "min", "cumsum", "argmax", "argsort"; "matmul", "einsum"; "transpose", "reshape",
        "with_axes", "slice", "concatenate", "tile"; "gather", "take_along", "scatter_add"; "constant".
    inputs : tuple
        Nodes, dimensions, plain numbers, and arrays that are known.
    shape : tuple
    dtype : dtype or type
        As in NumPy; `float` for numbers that take the type of the other operand.
    attributes : dict
        Further settings of the operation.
    """

    op: str
    inputs: tuple[Any, ...]
    shape: Shape
    dtype: Any
    attributes: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.op} {self.shape}>"


TAPE: ContextVar[list[TraceNode]] = ContextVar("tape")
"""Nodes in the order of their creation."""


def record(op: str, inputs: Sequence[Any], shape: Sequence[Any], dtype: Any, /, **attributes: Any) -> Tensor:
    """Append a node to the tape, and return its tensor."""
    nodes = tuple(one.node if isinstance(one, Tensor) else one for one in inputs)
    node = TraceNode(op, nodes, tuple(shape), dtype, attributes)
    TAPE.get().append(node)
    return Tensor(node)


DTYPE_AT = {np.zeros_like: 1, np.ones_like: 1, np.full_like: 2}
"""The position of the argument `dtype` of functions that have one."""


class Tensor(SymbolicArray):
    """A tensor is a handle on a node; an in-place assignment binds it to another node."""

    def __init__(self, node: TraceNode) -> None:
        self.node = node

    @property
    def shape(self) -> Shape:
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.node.dtype)

    @property
    def size(self) -> Any:
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Tensor({self.node!r})"

    def constant(self, value: Any) -> Tensor:
        """Return a constant as a tensor; a tensor itself."""
        if isinstance(value, Tensor):
            return value
        is_text = isinstance(value, np.ndarray) and value.dtype.kind == "U"
        return record("constant", (), np.shape(value), value.dtype if is_text else kind(value), value=value)

    def __bool__(self) -> bool:
        """Return the answer to the test of a symbol, where both branches are traced."""
        decide = DECIDE.get()
        return super().__bool__() if decide is None else decide(self)

    def number_by_number(self, function: Any, arguments: Sequence[Any]) -> Any:
        """Return the elementwise result of a formula with branches, as selects."""
        return followed(function, arguments, np.where, shape=self.shape)

    def __iter__(self) -> Iterator[Any]:
        """Yield the sum of a tuple of counts, a dimension; its elements are unknown."""
        if self.node.op != "counts":
            self._refuse(Text("a loop over the rows of an array"))
        yield self.node.attributes["total"]

    # -------------------------------------------------------------- in place

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis and key != slice(None):
            raise UntraceableError("an assignment to a part of an array")
        if self.node.op == "gradient":
            if isinstance(value, int) and value == 0:
                return  # the gradients of the looked-up rows are added to it
        elif self.node.op != "statistic":
            raise UntraceableError("an array written twice, or that is not the layer's to write to")
        if not isinstance(value, Tensor) or value.shape != self.shape:
            raise UntraceableError("an assignment of another shape than {shape}", shape=self.shape)
        self.node = value.node

    def add_at(self, places: Any, values: Any) -> None:
        if self.node.op != "gradient" or not isinstance(places, Tensor) or not isinstance(values, Tensor):
            raise UntraceableError("np.add.at other than to a gradient")
        if values.shape != (*places.shape, *self.shape[1:]):
            raise UntraceableError("a gradient of another shape than what was looked up")
        self.node = record("scatter_add", (self, places, values), self.shape, self.dtype).node

    # ------------------------------------------------------------------ maps

    def ufunc(self, ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Tensor:
        _, found = promoted(ufunc, tuple(map(_kind, inputs)), dtype)
        return record(ufunc.__name__, inputs, broadcast(inputs), found, **({} if dtype is None else {"dtype": dtype}))

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Tensor:
        at = DTYPE_AT.get(function, len(arguments))
        options = {
            name: one for name, one in {"dtype": (*arguments[at:], None)[0], **options}.items() if one is not None
        }
        arguments = arguments[:at]
        of = arguments[1:] if function is np.where else [one for one in arguments if one is not None]
        dtype = options.get("dtype", arguments[0].dtype if function in DTYPE_AT else _common(of))
        return record(function.__name__, arguments, broadcast(arguments), np.dtype(dtype), **options)

    def elementary(self, name: str, *arguments: Any) -> Tensor:
        """Return a function of :mod:`glassnet.formulas.elementary` that NumPy does not have."""
        return record(name, arguments, broadcast(arguments), promoted(np.exp, (self.dtype,))[1])

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Tensor:
        return record("cast", (self,), self.shape, np.dtype(dtype), dtype=dtype)

    def written(self, result: Any) -> Any:
        return result if result.dtype == self.dtype else result.astype(self.dtype)

    def view(self, dtype: Any) -> Tensor:
        """Return a bit cast."""
        return record("view", (self,), self.shape, np.dtype(dtype), dtype=dtype)

    # --------------------------------------------------- reductions, products

    def reduced(self, operation: str, axis: Any, keepdims: bool) -> Tensor:
        if not self.shape:
            raise UntraceableError("`{operation}`, which is no function of single numbers", operation=operation)
        axes = {one % self.ndim for one in (range(self.ndim) if axis is None else np.atleast_1d(axis).tolist())}
        kept = [1 if place in axes else size for place, size in enumerate(self.shape)]
        shape = kept if keepdims else [size for place, size in enumerate(kept) if place not in axes]
        dtype = np.dtype(np.int64) if operation == "sum" and self.dtype == np.bool_ else self.node.dtype
        return record(operation, (self,), shape, dtype, axes=tuple(sorted(axes)), keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Tensor:
        if self.dtype.kind != "f":
            return self.astype(np.float64).mean(axis, keepdims=keepdims)
        return self.reduced("mean", axis, keepdims)

    def cumsum(self, axis: Any = None) -> Tensor:
        if self.ndim != 1:
            raise UntraceableError("np.cumsum of several axes")
        return record("cumsum", (self,), self.shape, self.node.dtype)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        if axis is None:
            raise UntraceableError("np.argmax without an axis")
        axis = axis % self.ndim
        shape = [*self.shape[:axis], *[1] * keepdims, *self.shape[axis + 1 :]]
        return record("argmax", (self,), shape, np.dtype(np.int64), axis=axis)

    def argsort(self, axis: int = -1, kind: str | None = None, stable: bool | None = None) -> Any:
        last: Any = moveaxis(self, axis, -1)
        return moveaxis(record("argsort", (last,), last.shape, np.dtype(np.int64)), -1, axis)

    def product(self, a: Any, b: Any) -> Any:
        """Return the matrix product by NumPy's rules; a vector is a row on the left, and a column on the right."""
        x, y = self.constant(a), self.constant(b)
        if y.ndim == 1:
            return self.product(x, y.with_axes([0, None])).with_axes(range(max(1, x.ndim - 1)))
        if x.ndim == 1:
            product = self.product(x.with_axes([None, 0]), y)
            return product.with_axes([one for one in range(product.ndim) if one != product.ndim - 2])
        if x.shape[-1] != y.shape[-2]:
            raise UntraceableError("a matrix product of shapes {first} and {second}", first=x.shape, second=y.shape)
        shape = (*_together([x.shape[:-2], y.shape[:-2]]), x.shape[-2], y.shape[-1])
        return record("matmul", (x, y), shape, np.result_type(x.dtype, y.dtype))

    def einsum(self, subscripts: str, *operands: Any) -> Tensor:
        names, arrow, out = subscripts.replace(" ", "").partition("->")
        letters = names.split(",")
        if not arrow or "." in names or any(len({*one}) < len(one) for one in (*letters, out)):
            raise UntraceableError(f"np.einsum({subscripts!r})")
        sizes: dict[str, Any] = {}
        for each, one in zip(letters, operands, strict=True):
            for letter, size in zip(each, one.shape, strict=True):
                if sizes.setdefault(letter, size) != size:
                    raise UntraceableError("np.einsum({subscripts!r}) of shapes that do not fit", subscripts=subscripts)
        shape, dtype = [sizes[one] for one in out], _common(operands)
        return record("einsum", operands, shape, dtype, subscripts=f"{names}->{out}")

    # ------------------------------------------------------------- movements

    def transpose(self, *axes: Any) -> Tensor:
        dimensions = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = tuple(one % self.ndim for one in dimensions) or tuple(reversed(range(self.ndim)))
        return record("transpose", (self,), [self.shape[one] for one in order], self.node.dtype, axes=order)

    def reshaped(self, shape: Any) -> Tensor:
        size, known = math.prod(self.shape), math.prod(one for one in shape if not _is_open(one))
        found = [(size // known if known else 0) if _is_open(one) else one for one in shape]
        if math.prod(found) != size:
            raise UntraceableError("a shape of {shape} for {other}", shape=found, other=self.shape)
        return record("reshape", (self,), found, self.node.dtype)

    def with_axes(self, axes: Any) -> Tensor:
        axes = list(axes)
        shape = [1 if one is None else self.shape[one] for one in axes]
        return record("with_axes", (self,), shape, self.node.dtype, axes=axes)

    def sliced(self, axis: int, places: Any) -> Tensor:
        first, last, count, step = span(places, self.shape[axis])
        shape = (*self.shape[:axis], count, *self.shape[axis + 1 :])
        return record("slice", (self,), shape, self.node.dtype, axis=axis, first=first, last=last, step=step)

    def concatenate(self, arrays: Sequence[Any], axis: int) -> Tensor:
        shapes, at = [np.shape(one) if not isinstance(one, Tensor) else one.shape for one in arrays], axis % self.ndim
        others = {(*shape[:at], *shape[at + 1 :]) for shape in shapes if shape[at] != 0}
        if len(others) > 1:
            raise UntraceableError(
                "np.concatenate of shapes {shapes}, which do not fit", shapes=joined(map(str, shapes), Text(" and "))
            )
        size = sum((shape[at] for shape in shapes[1:]), start=shapes[0][at])
        shape = (*shapes[0][:at], size, *shapes[0][at + 1 :])
        return record("concatenate", arrays, shape, _common(arrays), axis=at)

    def tile(self, reps: Any) -> Tensor:
        times = np.atleast_1d(reps).tolist() if not isinstance(reps, tuple) else list(reps)
        new = len(times) - self.ndim
        if new > 0:
            return self.with_axes([None] * new + list(range(self.ndim))).tile(reps)
        times = [1] * -new + times
        shape = [size * more for size, more in zip(self.shape, times, strict=True)]
        return record("tile", (self,), shape, self.node.dtype, reps=tuple(times))

    def take(self, places: Any, axis: int | None = None) -> Tensor:
        """Gather along an axis."""
        if axis is None:
            raise UntraceableError("np.take without an axis")
        axis = axis % self.ndim
        if not isinstance(places, Tensor):
            places = np.asanyarray(places)
        if places.dtype.kind not in "iu":
            raise UntraceableError("an index of type {dtype}", dtype=places.dtype)
        shape = (*self.shape[:axis], *places.shape, *self.shape[axis + 1 :])
        return record("gather", (self, places), shape, self.node.dtype, axis=axis)

    def take_along_axis(self, indices: Any, axis: int = -1) -> Any:
        values: Any = moveaxis(self, axis, -1)
        places: Any = moveaxis(self.constant(indices), axis, -1)
        taken = record("take_along", (values, places), places.shape, self.node.dtype)
        return moveaxis(taken, -1, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        if axis is None:
            raise UntraceableError("np.repeat without an axis")
        return self.take(np.repeat(np.arange(self.shape[axis]), repeats), axis)


def span(places: Any, size: Any) -> tuple[Any, Any, Any, int]:
    """First, last, length and step of a slice of an axis."""
    if not isinstance(places, slice):
        raise UntraceableError("a choice of numbers other than x[:, first:last]")
    if isinstance(size, int) and all(one is None or isinstance(one, int) for one in (places.start, places.stop)):
        chosen = range(size)[places]
        return chosen.start, chosen.stop, len(chosen), chosen.step
    first, last = places.start or 0, size if places.stop is None else places.stop
    if places.step not in (None, 1):
        raise UntraceableError("a choice of numbers other than x[:, first:last]")
    if isinstance(first, int) and first < 0:
        raise UntraceableError("a slice from the end of an axis that is not known")
    last = last + size if isinstance(last, int) and last < 0 else last
    return first, last, last - first, 1


def broadcast(inputs: Sequence[Any]) -> Shape:
    """Return the broadcast shape, by NumPy's rules."""
    return _together(
        [
            one.shape if isinstance(one, Tensor) else () if isinstance(one, SymbolicDim) else np.shape(one)
            for one in inputs
        ]
    )


def _together(shapes: Sequence[Shape]) -> Shape:
    result: list[Any] = []
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = [shape[-axis] for shape in shapes if len(shape) >= axis and shape[-axis] != 1]
        if any(one != sizes[0] for one in sizes):
            raise UntraceableError("arrays of shapes {shapes} together", shapes=joined(map(str, shapes), Text(" and ")))
        result.insert(0, sizes[0] if sizes else 1)
    return tuple(result)


def _kind(one: Any) -> Any:
    return one.node.dtype if isinstance(one, Tensor) else int if isinstance(one, SymbolicDim) else kind(one)


def _common(values: Sequence[Any]) -> Any:
    """Return the common type of several values."""
    kinds = list(map(_kind, values))
    return np.result_type(*(one if isinstance(one, np.dtype) else one() for one in kinds))


def _is_open(one: Any) -> bool:
    return isinstance(one, (int, np.integer)) and one == -1


SCALAR = Tensor(TraceNode("number", (), (), float))
"""The tensor through which arithmetic on dimensions is recorded."""
