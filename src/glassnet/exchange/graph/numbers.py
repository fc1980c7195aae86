"""Nodes of numbers one by one: conversions, and functions in the types in which NumPy would compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from glassnet.exchange.graph.evaluate import UFUNCS
from glassnet.exchange.graph.node import Node, constant, rows_in
from glassnet.ir import UntraceableError

LOGICAL: Final = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
BOOLEAN_ARITHMETIC: Final = ("multiply", "maximum", "minimum", "add")


def as_node(value: Any, dtype: npt.DTypeLike | None = None) -> Node:
    """A node, or numbers that are known as one; in a type if one is given."""
    if isinstance(value, Node):
        return value if dtype is None else _cast(value, np.dtype(dtype))
    array = np.asarray(value)
    if array.dtype == object:
        raise UntraceableError(f"{value!r} in the place of an array")
    if any(map(rows_in, array.shape)):
        raise UntraceableError("a new array that is as long as there are rows")
    return constant(array, dtype, getattr(value, "name", ""))


def _cast(node: Node, wanted: np.dtype[Any]) -> Node:
    if wanted == node.dtype:
        return node
    if wanted.kind in "iu":
        wanted = np.dtype(np.int64)
    if wanted not in (np.bool_, np.int64, np.float32, np.float64) or node.dtype.kind == "U":
        raise UntraceableError(f"a conversion from {node.dtype} to {wanted}")
    return Node("cast", (node,), node.shape, wanted)


def called(ufunc: Any, inputs: Sequence[Any], dtype: Any) -> Node:
    """What a ufunc gives, its inputs brought to the type in which NumPy would compute."""
    name = ufunc.__name__
    kinds = [_kind(value) for value in inputs]
    if name in LOGICAL:
        if any(np.dtype(kind) != np.bool_ for kind in kinds):
            raise UntraceableError(f"np.{name} of numbers")
        name = LOGICAL[name]
    if name not in UFUNCS:
        raise UntraceableError(f"np.{name}")
    if name.startswith("logical"):
        return _each(name, *(as_node(value, np.bool_) for value in inputs), dtype=np.bool_)
    wanted = (None,) * ufunc.nout if dtype is None else (np.dtype(dtype),) * ufunc.nout
    try:
        *sources, result = ufunc.resolve_dtypes((*kinds, *wanted))
    except TypeError as error:
        raise UntraceableError(f"np.{name} of {', '.join(map(str, kinds))}") from error
    if any(source.kind in "iu" for source in sources):
        sources = [np.dtype(np.int64) for _ in sources]
    if result.kind in "iu":
        result = np.dtype(np.int64)
    if sources[0] == np.bool_ and name in BOOLEAN_ARITHMETIC:
        name = "logical_and" if name in ("multiply", "minimum") else "logical_or"
    if any(np.dtype(kind).itemsize == 2 for kind in (*sources, result) if kind.kind == "f"):
        sources, result = [np.dtype(np.float32) for _ in sources], np.dtype(np.float32)
    nodes = [as_node(value, source) for value, source in zip(inputs, sources, strict=True)]
    return _each(name, *nodes, dtype=result)


def _each(operation: str, *inputs: Node, dtype: npt.DTypeLike) -> Node:
    """A node of each number by itself."""
    try:
        shape = np.broadcast_shapes(*(node.shape for node in inputs))
    except ValueError as error:
        raise UntraceableError(f"{operation} of shapes {', '.join(str(node.shape) for node in inputs)}") from error
    return Node(operation, inputs, shape, np.dtype(dtype))


def _kind(value: Any) -> Any:
    """The type of a value; of a plain number the Python type, which yields to that of any array."""
    if isinstance(value, bool):
        return np.dtype(np.bool_)
    if _is_plain(value):
        return int if isinstance(value, int) else float
    if isinstance(value, Node):
        return value.dtype
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise UntraceableError(f"an array of {array.dtype}")
    return array.dtype


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


def where(condition: Any, x: Any, y: Any) -> Node:
    """One of two numbers, in the type that both have."""
    dtype = np.result_type(*(value if _is_plain(value) else as_node(value).dtype for value in (x, y)))
    return _each("where", as_node(condition, np.bool_), as_node(x, dtype), as_node(y, dtype), dtype=dtype)


def full_like(a: Node, number: Any, dtype: Any = None) -> Node:
    """One number for each of another node."""
    kept = as_node(number, a.dtype if dtype is None else dtype)
    return _each("where", _each("equal", a, a, dtype=np.bool_), kept, kept, dtype=kept.dtype)
