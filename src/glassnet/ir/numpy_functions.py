"""NumPy functions of symbols: elementwise ones in terms of others, array functions of methods; types of results."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from glassnet.ir.symbolic_array import SymbolicArray, UntraceableError

# --------------------------------------------- numbers, for symbols of single ones too

COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "positive": lambda x: x,
    "fabs": np.absolute,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "ceil": lambda x: -np.floor(-x),
    "log2": lambda x: np.log(x) / math.log(2),
    "log10": lambda x: np.log(x) / math.log(10),
    "exp2": lambda x: np.exp(x * math.log(2)),
    "tan": lambda x: np.sin(x) / np.cos(x),
    "sinh": lambda x: (np.expm1(x) - np.expm1(-x)) / 2,
    "cosh": lambda x: (np.exp(x) + np.exp(-x)) / 2,
    "logaddexp": lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-np.abs(np.where(x == y, 0.0, x - y)))),
    "isfinite": lambda x: np.abs(x) < math.inf,
    "isinf": lambda x: np.abs(x) == math.inf,
}
"""Ufuncs in terms of others, for graphs that have no operation for them."""


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    raised = a if a_min is None else np.maximum(a, a_min)
    return raised if a_max is None else np.minimum(raised, a_max)


def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0) -> Any:
    ends = np.finfo(x.dtype)
    return np.clip(np.where(np.isnan(x), nan, x), ends.min, ends.max)


ELEMENTWISE: Final[dict[Any, Callable[..., Any]]] = {
    np.zeros_like: lambda a, dtype=None: np.full_like(a, 0, dtype),
    np.ones_like: lambda a, dtype=None: np.full_like(a, 1, dtype),
    np.clip: _clip,
    np.nan_to_num: _nan_to_num,
    np.round: lambda a, decimals=0: np.rint(a * 10.0**decimals) / 10.0**decimals if decimals else np.rint(a),
}
"""Elementwise functions that are no ufuncs, in terms of ufuncs, np.where and np.full_like."""

# ------------------------------------------------------------- whole arrays


def _among(values: Iterable[Any]) -> Any:
    """Return the symbol among a function's arguments."""
    return next(value for value in values if isinstance(value, SymbolicArray))


def _method(name: str) -> Callable[..., Any]:
    """Return a method as a function of its first argument, which need not be the symbol."""

    def called(a: Any, *more: Any, **options: Any) -> Any:
        symbol = a if isinstance(a, SymbolicArray) else _among([*more, *options.values()]).constant(a)
        return getattr(symbol, name)(*more, **options)

    return called


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2):
        raise UntraceableError("np.linalg.norm with ord={order}", order=ord)
    return np.sqrt((x * x).sum(axis, keepdims=keepdims))


# ---------------------------------------------------------------- movements


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    sources = [one % a.ndim for one in np.atleast_1d(source).tolist()]
    targets = [one % a.ndim for one in np.atleast_1d(destination).tolist()]
    order = [axis for axis in range(a.ndim) if axis not in sources]
    for target, one in sorted(zip(targets, sources, strict=True)):
        order.insert(target, one)
    return a.transpose(order)


def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return a.transpose(order)


def _expand_dims(a: Any, axis: int) -> Any:
    axes: list[int | None] = list(range(a.ndim))
    axes.insert(axis % (a.ndim + 1), None)
    return a.with_axes(axes)


def _squeeze(a: Any, axis: Any = None) -> Any:
    ones = [place for place in range(a.ndim) if a.shape[place] == 1]
    gone = ones if axis is None else [one % a.ndim for one in np.atleast_1d(axis).tolist()]
    return a.with_axes([place for place in range(a.ndim) if place not in gone])


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Any:
    return _among(arrays).concatenate(arrays, axis)


def _split(array: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    axis = axis % array.ndim
    size = array.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if size % sections:
            raise UntraceableError("{size} columns in {sections} equal parts", size=size, sections=sections)
        edges = [place * (size // sections) for place in range(sections + 1)]
    else:
        edges = [0, *indices_or_sections, size]
    return [array.sliced(axis, slice(low, high)) for low, high in itertools.pairwise(edges)]


def _broadcast_to(array: Any, shape: tuple[int, ...]) -> Any:
    result = array.reshape([1] * (len(shape) - array.ndim) + list(array.shape))
    return result.tile([new // old for new, old in zip(shape, result.shape, strict=True)])


METHODS: Final = (
    *("sum", "mean", "var", "std", "max", "min", "argmax", "argsort", "cumsum", "ravel", "copy", "tile", "take"),
    *("take_along_axis", "repeat"),
)

FUNCTIONS: Final[dict[Any, Callable[..., Any]]] = {
    **{getattr(np, name): _method(name) for name in METHODS},
    np.sort: lambda a, axis=-1, kind=None, stable=None: a.take_along_axis(a.argsort(axis), axis),
    np.linalg.norm: _norm,
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a: math.prod(a.shape),
    np.reshape: lambda a, shape: a.reshape(shape),
    np.transpose: lambda a, axes=(): a.transpose(*axes),
    np.moveaxis: moveaxis,
    np.swapaxes: _swapaxes,
    np.expand_dims: _expand_dims,
    np.squeeze: _squeeze,
    np.concatenate: _concatenate,
    np.stack: lambda arrays, axis=0: _concatenate([np.expand_dims(array, axis) for array in arrays], axis),
    np.hstack: lambda arrays: _concatenate(arrays, min(1, arrays[0].ndim - 1)),
    np.column_stack: lambda arrays: _concatenate([a if a.ndim > 1 else a.reshape(-1, 1) for a in arrays], 1),
    np.split: _split,
    np.broadcast_to: _broadcast_to,
    np.einsum: lambda subscripts, *operands, optimize=None: _among(operands).einsum(subscripts, *operands),
    np.dot: np.matmul,
}


class SciPy:
    """SciPy functions of symbols, in the array namespace that SciPy asks for."""

    class special:  # noqa: N801
        """As ``scipy.special``."""

        erf = staticmethod(lambda x: x.elementary("erf", x))
        erfc = staticmethod(lambda x: x.elementary("erfc", x))
        expit = staticmethod(lambda x: x.elementary("expit", x))


BITWISE: Final = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
"""Operations on truth values that Python spells `&`, `|` and `~`."""


def kind(value: Any) -> Any:
    """Return the type of a value; for a plain number its Python type, which is weaker than any dtype."""
    if is_plain(value):
        return np.dtype(np.bool_) if isinstance(value, bool) else int if isinstance(value, int) else float
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise UntraceableError("an array of {dtype}", dtype=array.dtype)
    return array.dtype


def is_plain(value: Any) -> bool:
    """Return whether it is a Python number."""
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


@cache
def promoted(ufunc: Any, kinds: tuple[Any, ...], dtype: Any = None) -> tuple[list[Any], Any]:
    """Return the types to which a ufunc casts its operands, and its result type: integer, float32, float64 or bool.

    Parameters
    ----------
    ufunc : numpy.ufunc
    kinds : tuple of (dtype or type)
        Of the operands, as :func:`kind` gives them.
    dtype : dtype-like, optional
        The requested type of the result.

    Raises
    ------
    UntraceableError
        If NumPy would refuse, or bits are meant.

    Examples
    --------
    >>> promoted(np.multiply, (np.dtype("float32"), float))
    ([dtype('float32'), dtype('float32')], dtype('float32'))
    >>> promoted(np.divide, (int, int))[1]
    <class 'float'>
    """
    name = ufunc.__name__
    if name in BITWISE and any(np.dtype(one) != np.bool_ for one in kinds):
        raise UntraceableError("np.{function} of numbers", function=name)
    plain = not any(isinstance(one, np.dtype) for one in kinds)
    results = (None if dtype is None else np.dtype(dtype),) * ufunc.nout
    try:
        *sources, result = ufunc.resolve_dtypes((*(map(np.dtype, kinds) if plain else kinds), *results))
    except TypeError as error:
        raise UntraceableError("np.{function} of {dtypes}", function=name, dtypes=", ".join(map(str, kinds))) from error
    whole = np.dtype(np.uint64 if np.uint64 in sources else np.int64)
    if any(source.kind in "iu" for source in sources):
        sources = [whole for _ in sources]
    if result.kind in "iu":
        result = whole
    if any(one.kind == "f" and one.itemsize == 2 for one in (*sources, result)):
        sources, result = [np.dtype(np.float32) for _ in sources], np.dtype(np.float32)
    return sources, float if plain and result.kind == "f" else result
