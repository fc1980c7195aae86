"""NumPy's functions of whole arrays, done to symbols."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from glassnet.exchange.graph.indexing import gather, sliced
from glassnet.exchange.graph.node import Node, constant, rows_in
from glassnet.exchange.graph.symbol import Symbol, UntraceableError, along, elementwise, symbolic

__all__ = ["FUNCTIONS", "matmul"]


def _symbol(value: Any) -> Symbol:
    return value if isinstance(value, Symbol) else Symbol(symbolic(value))


# --------------------------------------------------------------- reductions


def _reduced(operation: str, x: Symbol, axis: Any, keepdims: bool) -> Symbol:
    """A reduction along one or several axes."""
    axes = [along(x, one) for one in (range(x.ndim) if axis is None else np.atleast_1d(axis).tolist())]
    dtype = np.dtype(np.int64) if operation == "sum" and x.dtype == np.bool_ else x.dtype
    result = x.astype(dtype)
    for one in axes:
        shape = tuple(1 if place == one else size for place, size in enumerate(result.shape))
        result = Symbol(Node(operation, (result.node,), shape, dtype, {"axis": one}))
    return result if keepdims else _without(result, axes)


def _without(x: Symbol, axes: Sequence[int]) -> Symbol:
    return x.reshape([size for place, size in enumerate(x.shape) if place not in axes])


def _sum(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    return _reduced("sum", _symbol(a), axis, keepdims)


def _max(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    return _reduced("max", _symbol(a), axis, keepdims)


def _min(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    return _reduced("min", _symbol(a), axis, keepdims)


def _mean(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    x = _symbol(a)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    return _sum(x, axis, keepdims) / math.prod(x.shape[one] for one in axes)


def _var(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    distance = a - _mean(a, axis, keepdims=True)
    return _mean(distance * distance, axis, keepdims)


def _std(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sqrt(_var(a, axis, keepdims))


def _argmax(a: Any, axis: Any = None, keepdims: bool = False) -> Symbol:
    axis = along(a, axis)
    shape = tuple(1 if place == axis else size for place, size in enumerate(a.shape))
    result = Symbol(Node("argmax", (a.node,), shape, np.dtype(np.int64), {"axis": axis}))
    return result if keepdims else _without(result, [axis])


def _argsort(a: Any, axis: int = -1, kind: str | None = None, stable: bool | None = None) -> Symbol:
    last = _moveaxis(a, axis, -1)
    along(last, -1)
    places = Symbol(Node("argsort", (last.node,), last.shape, np.dtype(np.int64)))
    return _moveaxis(places, -1, axis)


def _sort(a: Any, axis: int = -1, kind: str | None = None, stable: bool | None = None) -> Symbol:
    return _take_along_axis(a, _argsort(a, axis), axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2):
        raise UntraceableError(f"np.linalg.norm with ord={ord}")
    return np.sqrt(_sum(x * x, axis, keepdims))


# ------------------------------------------------------- each number by itself


def _where(condition: Any, x: Any, y: Any) -> Symbol:
    weak = [value if _is_plain(value) else symbolic(value).dtype for value in (x, y)]
    dtype = np.result_type(*weak)
    test = symbolic(condition, np.bool_)
    return elementwise("where", test, symbolic(x, dtype), symbolic(y, dtype), dtype=dtype)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    raised = a if a_min is None else np.maximum(a, a_min)
    return raised if a_max is None else np.minimum(raised, a_max)


def _full_like(a: Any, fill_value: Any, dtype: Any = None) -> Symbol:
    kept = symbolic(fill_value, a.dtype if dtype is None else dtype)
    return elementwise("where", (a == a).node, kept, kept, dtype=kept.dtype)


def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0) -> Any:
    ends = np.finfo(x.dtype)
    return np.clip(np.where(np.isnan(x), nan, x), ends.min, ends.max)


def _round(a: Any, decimals: int = 0) -> Any:
    return np.rint(a * 10.0**decimals) / 10.0**decimals if decimals else np.rint(a)


# ---------------------------------------------------------------- movements


def _moveaxis(a: Any, source: Any, destination: Any) -> Symbol:
    sources = [one % a.ndim for one in np.atleast_1d(source).tolist()]
    targets = [one % a.ndim for one in np.atleast_1d(destination).tolist()]
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for target, one in sorted(zip(targets, sources, strict=True)):
        order.insert(target, one)
    return a.transpose(order)


def _swapaxes(a: Any, axis1: int, axis2: int) -> Symbol:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return a.transpose(order)


def _expand_dims(a: Any, axis: int) -> Symbol:
    shape = list(a.shape)
    shape.insert(axis % (a.ndim + 1), 1)
    return a.reshape(shape)


def _squeeze(a: Any, axis: Any = None) -> Symbol:
    ones = [place for place, size in enumerate(a.shape) if size == 1]
    return _without(a, ones if axis is None else [one % a.ndim for one in np.atleast_1d(axis).tolist()])


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Symbol:
    symbols = [_symbol(array) for array in arrays]
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


def _stack(arrays: Sequence[Any], axis: int = 0) -> Symbol:
    return _concatenate([_expand_dims(_symbol(array), axis) for array in arrays], axis)


def _hstack(arrays: Sequence[Any]) -> Symbol:
    return _concatenate(arrays, axis=min(1, arrays[0].ndim - 1))


def _column_stack(arrays: Sequence[Any]) -> Symbol:
    return _concatenate([array if array.ndim > 1 else array.reshape(-1, 1) for array in map(_symbol, arrays)], 1)


def _split(array: Any, indices_or_sections: Any, axis: int = 0) -> list[Symbol]:
    size = array.shape[along(array, axis)]
    if isinstance(indices_or_sections, (int, np.integer)):
        if size % indices_or_sections:
            raise UntraceableError(f"{size} columns in {indices_or_sections} equal parts")
        edges = list(range(0, size + 1, size // int(indices_or_sections)))
    else:
        edges = [0, *indices_or_sections, size]
    return [sliced(array, axis % array.ndim, slice(low, high)) for low, high in itertools.pairwise(edges)]


def _tile(A: Any, reps: Any) -> Symbol:
    times = [1] * (A.ndim - len(np.atleast_1d(reps))) + np.atleast_1d(reps).tolist()
    result = A.reshape([1] * (len(times) - A.ndim) + list(A.shape))
    for axis, count in enumerate(times):
        result = result if count == 1 else _concatenate([result] * count, axis)
    return result


def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Symbol:
    if axis is None:
        raise UntraceableError("np.repeat without an axis")
    places = np.repeat(np.arange(a.shape[along(a, axis)]), repeats)
    return gather(a, constant(places), axis % a.ndim)


def _broadcast_to(array: Any, shape: tuple[int, ...]) -> Symbol:
    result = array.reshape([1] * (len(shape) - array.ndim) + list(array.shape))
    return _tile(result, [new // old for new, old in zip(shape, result.shape, strict=True)])


def _take(a: Any, indices: Any, axis: int | None = None) -> Symbol:
    if axis is None:
        raise UntraceableError("np.take without an axis")
    return gather(_symbol(a), symbolic(indices), axis % a.ndim)


def _take_along_axis(arr: Any, indices: Any, axis: int = -1) -> Symbol:
    values, places = _moveaxis(_symbol(arr), axis, -1), _moveaxis(_symbol(indices), axis, -1)
    along(values, -1)
    taken = Symbol(Node("take_along", (values.node, places.node), places.shape, values.dtype))
    return _moveaxis(taken, -1, axis)


# ----------------------------------------------------------------- products


def matmul(a: Any, b: Any) -> Symbol:
    """The matrix product by NumPy's rules; a vector is a matrix of one row (in front) or one column (behind)."""
    x, y = _symbol(a), _symbol(b)
    dtype = np.result_type(x.dtype, y.dtype)
    if y.ndim == 1:
        return _without(matmul(x, y.reshape(-1, 1)), [max(1, x.ndim - 1)])
    if x.ndim == 1:
        product = matmul(x.reshape(1, -1), y)
        return _without(product, [product.ndim - 2])
    if x.shape[-1] != y.shape[-2] or rows_in(x.shape[-1]):
        raise UntraceableError(f"a matrix product of shapes {x.shape} and {y.shape}")
    shape = (*np.broadcast_shapes(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
    return Symbol(Node("matmul", (symbolic(x, dtype), symbolic(y, dtype)), shape, dtype))


def _einsum(subscripts: str, *operands: Any, optimize: Any = None) -> Symbol:
    """A sum of products of two arrays as one matrix product: shared letters first, then rows, then what is summed."""
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    names = inputs.split(",")
    plain = all(len(set(name)) == len(name) for name in (*names, output))
    if len(operands) != 2 or len(names) != 2 or not plain or "->" not in subscripts or "." in subscripts:
        raise UntraceableError(f"np.einsum({subscripts!r})")
    x, y = map(_symbol, operands)
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
        return symbol.transpose(order).reshape([*(sizes[one] for one in shared), *map(size, groups)])

    product = matmul(arranged(x, left, rows, summed), arranged(y, right, summed, columns))
    letters = [*shared, *rows, *columns]
    spread = product.reshape([sizes[letter] for letter in letters])
    return spread.transpose([letters.index(letter) for letter in output])


FUNCTIONS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    np.sum: _sum,
    np.mean: _mean,
    np.var: _var,
    np.std: _std,
    np.max: _max,
    np.min: _min,
    np.argmax: _argmax,
    np.argsort: _argsort,
    np.sort: _sort,
    np.linalg.norm: _norm,
    np.where: _where,
    np.clip: _clip,
    np.full_like: _full_like,
    np.zeros_like: lambda a, dtype=None: _full_like(a, 0, dtype),
    np.ones_like: lambda a, dtype=None: _full_like(a, 1, dtype),
    np.nan_to_num: _nan_to_num,
    np.round: _round,
    np.copy: lambda a: a,
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.reshape: lambda a, shape: a.reshape(shape),
    np.ravel: lambda a: a.ravel(),
    np.transpose: lambda a, axes=(): a.transpose(axes or ()),
    np.moveaxis: _moveaxis,
    np.swapaxes: _swapaxes,
    np.expand_dims: _expand_dims,
    np.squeeze: _squeeze,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.hstack: _hstack,
    np.column_stack: _column_stack,
    np.split: _split,
    np.tile: _tile,
    np.repeat: _repeat,
    np.broadcast_to: _broadcast_to,
    np.take: _take,
    np.take_along_axis: _take_along_axis,
    np.einsum: _einsum,
    np.dot: matmul,
}
