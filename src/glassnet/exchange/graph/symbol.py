"""The symbol whose graph is one of nodes: operations on whole arrays, with NumPy's shapes and types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.exchange.graph.node import Array, Node, constant, rows_in
from glassnet.exchange.graph.numbers import as_node, called, full_like, where
from glassnet.ir import SymbolicArray, UntraceableError
from glassnet.ir.numpy_functions import COMPOSED, ELEMENTWISE


class Symbol(SymbolicArray):
    """Stands for an array in the functions of a model.

    Examples
    --------
    >>> from glassnet.exchange.graph.node import ROWS
    >>> x = Symbol.input("x", (ROWS, 3), np.float32)
    >>> np.maximum(x @ np.ones((3, 2), np.float32), 0).node
    <maximum (rows, 2) float32>
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @classmethod
    def input(cls, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Symbol:
        """What the graph will ask for."""
        return cls(Node("input", (), shape, np.dtype(dtype), {"name": name}))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.node.dtype

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def astype(self, dtype: npt.DTypeLike, *_: Any, **__: Any) -> Symbol:
        return Symbol(as_node(self.node, dtype))

    def written(self, result: Symbol) -> Symbol:
        return result.astype(self.dtype)

    def constant(self, value: Any) -> Symbol:
        return Symbol(symbolic(value))

    def __repr__(self) -> str:
        return f"Symbol({self.node!r})"

    # --------------------------------------------- numbers one by one, and sums

    def ufunc(self, ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Symbol:
        if ufunc.__name__ in COMPOSED:
            return self.constant(COMPOSED[ufunc.__name__](*inputs))
        return Symbol(called(ufunc, _nodes(inputs), dtype))

    def elementwise(self, function: Any, arguments: Any, options: Any) -> Symbol:
        if function in ELEMENTWISE:
            return self.constant(ELEMENTWISE[function](*arguments, **options))
        return Symbol((where if function is np.where else full_like)(*_nodes(arguments), **options))

    def product(self, a: Any, b: Any) -> Symbol:
        return matmul(a, b)

    def einsum(self, subscripts: str, *operands: Any) -> Symbol:
        return einsum(subscripts, *operands)

    def reduced(self, operation: str, axis: Any, keepdims: bool) -> Symbol:
        """Along one axis or several."""
        axes = [self.along(one) for one in (range(self.ndim) if axis is None else np.atleast_1d(axis).tolist())]
        dtype = np.dtype(np.int64) if operation == "sum" and self.dtype == np.bool_ else self.dtype
        result = self.astype(dtype)
        for one in axes:
            shape = (*result.shape[:one], 1, *result.shape[one + 1 :])
            result = Symbol(Node(operation, (result.node,), shape, dtype, {"axis": one}))
        return result if keepdims else result.without(axes)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Symbol:
        axis = self.along(axis)
        shape = (*self.shape[:axis], 1, *self.shape[axis + 1 :])
        result = Symbol(Node("argmax", (self.node,), shape, np.dtype(np.int64), {"axis": axis}))
        return result if keepdims else result.without([axis])

    def argsort(self, axis: int = -1, kind: str | None = None, stable: bool | None = None) -> Any:
        last = self._behind(axis)
        last.along(-1)
        places: Any = Symbol(Node("argsort", (last.node,), last.shape, np.dtype(np.int64)))
        return np.moveaxis(places, -1, axis)

    def _behind(self, axis: int) -> Symbol:
        """The same with this axis as the last."""
        array: Any = self
        moved: Any = np.moveaxis(array, axis, -1)
        return moved

    def along(self, axis: int) -> int:
        """An axis counted from the front, refused if it is that of the rows."""
        axis = axis % self.ndim
        if rows_in(self.shape[axis]):
            raise UntraceableError("an operation along the rows: a prediction must depend on its own row alone")
        return axis

    # ---------------------------------------------------------------- movements

    def reshaped(self, shape: Sequence[int]) -> Symbol:
        wanted = list(shape)
        if -1 in wanted:
            known = math.prod(size for size in wanted if size != -1)
            wanted[wanted.index(-1)] = self.size // known if known else 0
        if math.prod(wanted) != self.size:
            raise UntraceableError(f"shape {self.shape} as {tuple(wanted)}")
        if tuple(wanted) == self.shape:
            return self
        return Symbol(Node("reshape", (self.node,), tuple(map(int, wanted)), self.dtype))

    def with_axes(self, axes: Sequence[int | None]) -> Symbol:
        """Some axes, and new ones of length 1; those that are left out have that length, too."""
        return self.reshaped([1 if axis is None else self.shape[axis] for axis in axes])

    def without(self, axes: Sequence[int]) -> Symbol:
        """The same without axes of length 1."""
        return self.with_axes([axis for axis in range(self.ndim) if axis not in axes])

    def transpose(self, *axes: Any) -> Symbol:
        order = list(axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes)
        order = [axis % self.ndim for axis in order] or list(range(self.ndim))[::-1]
        if order == sorted(order):
            return self
        shape = tuple(self.shape[axis] for axis in order)
        return Symbol(Node("transpose", (self.node,), shape, self.dtype, {"axes": tuple(order)}))

    def sliced(self, axis: int, places: slice) -> Symbol:
        """A slice of one axis; all of the rows, or none of their business."""
        size = self.shape[axis]
        if places.step in (None, 1) and (places.start or 0) == 0 and places.stop in (None, size):
            return self
        if rows_in(size):
            raise UntraceableError("a selection of rows: a prediction must depend on its own row alone")
        chosen = range(size)[places]
        if len(chosen) == size and chosen.step == 1:
            return self
        shape = (*self.shape[:axis], len(chosen), *self.shape[axis + 1 :])
        about = {"axis": axis, "start": chosen.start, "stop": chosen.stop, "step": chosen.step}
        return Symbol(Node("slice", (self.node,), shape, self.dtype, about))

    def take(self, indices: Any, axis: int | None = None) -> Symbol:
        """The places of an axis, in the order in which they are asked for."""
        if axis is None:
            raise UntraceableError("np.take without an axis")
        places, axis = symbolic(indices), self.along(axis)
        if places.dtype.kind not in "iu":
            raise UntraceableError(f"an index of type {places.dtype}")
        if places.value is not None:
            places = constant(places.value % self.shape[axis], np.int64, places.name)
        shape = (*self.shape[:axis], *places.shape, *self.shape[axis + 1 :])
        return Symbol(Node("gather", (self.node, places), shape, self.dtype, {"axis": axis}))

    def take_along_axis(self, indices: Any, axis: int = -1) -> Any:
        values, places = self._behind(axis), self.constant(indices)._behind(axis)
        values.along(-1)
        taken: Any = Symbol(Node("take_along", (values.node, places.node), places.shape, values.dtype))
        return np.moveaxis(taken, -1, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Symbol:
        if axis is None:
            raise UntraceableError("np.repeat without an axis")
        return self.take(np.repeat(np.arange(self.shape[self.along(axis)]), repeats), axis)

    def concatenate(self, arrays: Sequence[Any], axis: int = 0) -> Symbol:
        symbols = [self.constant(array) for array in arrays]
        axis = axis % symbols[0].ndim
        dtype = np.result_type(*(symbol.dtype for symbol in symbols))
        filled = [symbol.astype(dtype) for symbol in symbols if symbol.shape[axis]]
        if any(rows_in(symbol.shape[axis]) for symbol in filled):
            raise UntraceableError("rows put behind other rows")
        if len(filled) == 1:
            return filled[0]
        rest = {(*symbol.shape[:axis], *symbol.shape[axis + 1 :]) for symbol in filled}
        if len(rest) != 1:
            raise UntraceableError(f"arrays beside each other of shapes {', '.join(str(one.shape) for one in filled)}")
        shape = (*filled[0].shape[:axis], sum(one.shape[axis] for one in filled), *filled[0].shape[axis + 1 :])
        return Symbol(Node("concat", tuple(one.node for one in filled), shape, dtype, {"axis": axis}))

    def tile(self, reps: Any) -> Symbol:
        times = [1] * (self.ndim - len(np.atleast_1d(reps))) + np.atleast_1d(reps).tolist()
        result = self.reshaped([1] * (len(times) - self.ndim) + list(self.shape))
        for axis, count in enumerate(times):
            result = result if count == 1 else self.concatenate([result] * count, axis)
        return result


class Numbers(np.ndarray[Any, Any]):
    """Numbers that were learned: an array like any other, which symbols may be used to look up places of.

    Examples
    --------
    >>> from glassnet.exchange.graph.node import ROWS
    >>> levels = Numbers.of(np.array([[1.0], [2.0]]), "W")
    >>> levels[Symbol.input("code", (ROWS,), np.int64)].node
    <gather (rows, 1) float64, axis=0>
    """

    name: str = ""

    def __array_finalize__(self, source: Any) -> None:
        self.name = getattr(source, "name", "")  # in another shape it is still what it was

    @classmethod
    def of(cls, array: Array, name: str = "") -> Numbers:
        """The array, with the name that it has in the model."""
        numbers = array.view(cls)
        numbers.name = name
        return numbers

    def __getitem__(self, key: Any) -> Any:
        return Symbol(constant(self))[key] if isinstance(key, Symbol) else super().__getitem__(key)


def symbolic(value: Any, dtype: npt.DTypeLike | None = None) -> Node:
    """The node of a symbol, or of a constant, in a type if one is given."""
    return as_node(value.node if isinstance(value, Symbol) else value, dtype)


def _nodes(values: Sequence[Any]) -> list[Any]:
    """Nodes in the place of symbols."""
    return [value.node if isinstance(value, Symbol) else value for value in values]


# ----------------------------------------------------------------- products


def matmul(a: Any, b: Any) -> Symbol:
    """The matrix product by NumPy's rules; a vector is a matrix of one row (in front) or one column (behind)."""
    x, y = Symbol(symbolic(a)), Symbol(symbolic(b))
    dtype = np.result_type(x.dtype, y.dtype)
    if y.ndim == 1:
        return matmul(x, y.with_axes([0, None])).without([max(1, x.ndim - 1)])
    if x.ndim == 1:
        product = matmul(x.with_axes([None, 0]), y)
        return product.without([product.ndim - 2])
    if x.shape[-1] != y.shape[-2] or rows_in(x.shape[-1]):
        raise UntraceableError(f"a matrix product of shapes {x.shape} and {y.shape}")
    shape = (*np.broadcast_shapes(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
    return Symbol(Node("matmul", (symbolic(x, dtype), symbolic(y, dtype)), shape, dtype))


def einsum(subscripts: str, *operands: Any) -> Symbol:
    """A sum of products of two arrays as one matrix product: shared letters first, then rows, then what is summed."""
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    names = inputs.split(",")
    plain = all(len(set(name)) == len(name) for name in (*names, output))
    if len(operands) != 2 or len(names) != 2 or not plain or "->" not in subscripts or "." in subscripts:
        raise UntraceableError(f"np.einsum({subscripts!r})")
    x, y = (Symbol(symbolic(operand)) for operand in operands)
    left, right = names
    sizes = dict(zip(left + right, x.shape + y.shape, strict=True))
    shared = [letter for letter in left if letter in right and letter in output]
    summed = [letter for letter in left if letter in right and letter not in output]
    rows, columns = ([letter for letter in name if letter not in shared + summed] for name in names)
    if sorted(output) != sorted([*shared, *rows, *columns]):
        raise UntraceableError(f"np.einsum({subscripts!r})")

    def size(letters: Sequence[str]) -> int:
        return math.prod(sizes[letter] for letter in letters)

    def arranged(symbol: Symbol, name: str, *groups: Sequence[str]) -> Symbol:
        order = [name.index(letter) for letter in (*shared, *groups[0], *groups[1])]
        return symbol.transpose(order).reshaped([*(sizes[one] for one in shared), *map(size, groups)])

    product = matmul(arranged(x, left, rows, summed), arranged(y, right, summed, columns))
    letters = [*shared, *rows, *columns]
    spread = product.reshaped([sizes[letter] for letter in letters])
    return spread.transpose([letters.index(letter) for letter in output])
