"""The tensor graph: nodes, and the symbol that records them while a layer's own functions run.

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

from glassnet.ir.branches import DECIDE
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

Shape = tuple[Any, ...]
"""Of ints and symbolic dimensions."""

LEAVES = ("input", "parameter", "statistic", "number", "counts", "gradient")
"""What is given: the batch and the gradient that comes back; what a layer learns and keeps; the numbers that it has;
where a gradient goes that nobody has written yet."""


@dataclass(frozen=True, eq=False)
class Node:
    """One operation.

    Parameters
    ----------
    op : str
        A leaf; a map by the name of NumPy's ufunc or function, "call" of a formula, "cast" or "dropout_mask"; "sum",
        "mean", "max", "min", "cumsum"; "matmul", "einsum"; "transpose", "reshape", "with_axes", "slice", "concatenate",
        "tile"; "gather", "scatter_add".
    inputs : tuple
        Nodes, dimensions and plain constants.
    shape : tuple
    attributes : dict
        What else it must know.
    """

    op: str
    inputs: tuple[Any, ...]
    shape: Shape
    attributes: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.op} {self.shape}>"


TAPE: ContextVar[list[Node]] = ContextVar("tape")
"""Nodes in the order in which they are made."""
PRECISION: ContextVar[str] = ContextVar("precision")
"""Of the numbers of the network whose layer is traced."""


def record(op: str, inputs: Sequence[Any], shape: Sequence[Any], **attributes: Any) -> Tensor:
    """A new node on the tape, and the tensor that stands for it."""
    node = Node(op, tuple(one.node if isinstance(one, Tensor) else one for one in inputs), tuple(shape), attributes)
    TAPE.get().append(node)
    return Tensor(node)


class Tensor(SymbolicArray):
    """A handle on a node. An assignment in place, of gradients and statistics, binds it to another node."""

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def shape(self) -> Shape:
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the network's numbers."""
        return np.dtype(PRECISION.get())

    def __bool__(self) -> bool:
        """Where a formula is followed to both answers, one of them."""
        decide = DECIDE.get()
        return super().__bool__() if decide is None else decide(self)

    def __iter__(self) -> Iterator[Any]:
        """A tuple of counts gives their sum alone, which is a dimension."""
        if self.node.op != "counts":
            self._refuse("a loop over the rows of an array")
        yield self.node.attributes["total"]

    # -------------------------------------------------------------- in place

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis and key != slice(None):
            raise UntraceableError("an assignment to a part of an array")
        if self.node.op == "gradient":
            if isinstance(value, int) and value == 0:
                return  # what is looked up is added to it
        elif self.node.op != "statistic":
            raise UntraceableError("an array written twice, or that is not the layer's to write to")
        if not isinstance(value, Tensor) or value.shape != self.shape:
            raise UntraceableError(f"an assignment of another shape than {self.shape}")
        self.node = value.node

    def add_at(self, places: Any, values: Any) -> None:
        if self.node.op != "gradient" or not isinstance(places, Tensor) or not isinstance(values, Tensor):
            raise UntraceableError("np.add.at other than to a gradient")
        if values.shape != (*places.shape, *self.shape[1:]):
            raise UntraceableError("a gradient of another shape than what was looked up")
        self.node = record("scatter_add", (self, places, values), self.shape).node

    # ------------------------------------------------------------------ maps

    def ufunc(self, ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Tensor:
        return record(ufunc.__name__, inputs, broadcast(inputs), **({} if dtype is None else {"dtype": dtype}))

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Tensor:
        return record(function.__name__, arguments, broadcast(arguments), **options)

    def elementary(self, name: str, *arguments: Any) -> Tensor:
        """One of the functions of :mod:`glassnet.formulas.elementary` that are none of NumPy's."""
        return record(name, arguments, broadcast(arguments))

    def astype(self, dtype: Any, copy: bool = True) -> Tensor:
        return record("cast", (self,), self.shape, dtype=dtype)

    # --------------------------------------------------- reductions, products

    def reduced(self, kind: str, axis: Any, keepdims: bool) -> Tensor:
        axes = {one % self.ndim for one in (range(self.ndim) if axis is None else np.atleast_1d(axis).tolist())}
        kept = [1 if place in axes else size for place, size in enumerate(self.shape)]
        shape = kept if keepdims else [size for place, size in enumerate(kept) if place not in axes]
        return record(kind, (self,), shape, axes=tuple(sorted(axes)), keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Tensor:
        return self.reduced("mean", axis, keepdims)

    def cumsum(self, axis: Any = None) -> Tensor:
        if self.ndim != 1:
            raise UntraceableError("np.cumsum of several axes")
        return record("cumsum", (self,), self.shape)

    def product(self, a: Any, b: Any) -> Tensor:
        shapes = [one.shape for one in (a, b) if isinstance(one, Tensor) and one.ndim > 1]
        if len(shapes) < 2 or shapes[0][-1] != shapes[1][-2]:
            raise UntraceableError("a product with something else than a matrix that fits")
        return record("matmul", (a, b), (*a.shape[:-1], b.shape[-1]))

    def einsum(self, subscripts: str, *operands: Any) -> Tensor:
        names, _, out = subscripts.replace(" ", "").partition("->")
        sizes: dict[str, Any] = {}
        for letters, one in zip(names.split(","), operands, strict=True):
            for letter, size in zip(letters, one.shape, strict=True):
                if sizes.setdefault(letter, size) != size:
                    raise UntraceableError(f"np.einsum({subscripts!r}) of shapes that do not fit")
        return record("einsum", operands, [sizes[one] for one in out], subscripts=f"{names}->{out}")

    # ------------------------------------------------------------- movements

    def transpose(self, *axes: Any) -> Tensor:
        order = tuple(axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes)
        order = order or tuple(reversed(range(self.ndim)))
        return record("transpose", (self,), [self.shape[one] for one in order], axes=order)

    def reshaped(self, shape: Any) -> Tensor:
        size, known = math.prod(self.shape), math.prod(one for one in shape if not _is_open(one))
        found = [size // known if _is_open(one) else one for one in shape]
        if math.prod(found) != size:
            raise UntraceableError(f"a shape of {found} for {self.shape}")
        return record("reshape", (self,), found)

    def with_axes(self, axes: Any) -> Tensor:
        return record("with_axes", (self,), [1 if one is None else self.shape[one] for one in axes], axes=list(axes))

    def sliced(self, axis: int, places: Any) -> Tensor:
        first, count = span(places, self.shape[axis])
        shape = (*self.shape[:axis], count, *self.shape[axis + 1 :])
        return record("slice", (self,), shape, axis=axis, first=first)

    def concatenate(self, arrays: Sequence[Any], axis: int) -> Tensor:
        shapes, at = [np.shape(one) if not isinstance(one, Tensor) else one.shape for one in arrays], axis % self.ndim
        others = {(*shape[:at], *shape[at + 1 :]) for shape in shapes}
        if len(others) > 1:
            raise UntraceableError("np.concatenate of shapes that do not fit")
        size = sum((shape[at] for shape in shapes[1:]), start=shapes[0][at])
        return record("concatenate", arrays, (*shapes[0][:at], size, *shapes[0][at + 1 :]), axis=at)

    def tile(self, reps: Any) -> Tensor:
        shape = [size * more for size, more in zip(self.shape, reps, strict=True)]
        return record("tile", (self,), shape, reps=tuple(reps))

    def take(self, places: Any, axis: int | None = None) -> Tensor:
        if not isinstance(places, Tensor) or axis not in (None, 0):
            raise UntraceableError("a choice of numbers other than W[rows]")
        return record("gather", (self, places), (*places.shape, *self.shape[1:]))


def span(places: Any, size: Any) -> tuple[Any, Any]:
    """Where a slice of an axis begins, and how long it is."""
    if not isinstance(places, slice) or places.step not in (None, 1):
        raise UntraceableError("a choice of numbers other than x[:, first:last]")
    first, last = places.start or 0, size if places.stop is None else places.stop
    if all(isinstance(one, int) for one in (first, last, size)):
        first, last, _ = places.indices(size)
        return first, max(0, last - first)
    if isinstance(first, int) and first < 0:
        raise UntraceableError("a slice from the end of an axis that is not known")
    return first, (last + size if isinstance(last, int) and last < 0 else last) - first


def broadcast(inputs: Sequence[Any]) -> Shape:
    """The shape of a map, by NumPy's rule."""
    for one in inputs:
        if isinstance(one, np.ndarray):
            raise UntraceableError(f"an array of shape {one.shape} that is none of its parameters")
    shapes = [
        one.shape if isinstance(one, Tensor) else () if isinstance(one, SymbolicDim) else np.shape(one)
        for one in inputs
    ]
    result: list[Any] = []
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = [shape[-axis] for shape in shapes if len(shape) >= axis and shape[-axis] != 1]
        if any(one != sizes[0] for one in sizes):
            raise UntraceableError(f"shapes {' and '.join(map(str, shapes))} together")
        result.insert(0, sizes[0] if sizes else 1)
    return tuple(result)


def _is_open(one: Any) -> bool:
    return isinstance(one, (int, np.integer)) and one == -1


SCALAR = Tensor(Node("number", (), ()))
"""In whose name a dimension's arithmetic is done."""
