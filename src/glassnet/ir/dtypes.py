"""NumPy's type promotion: the types of operands and result of an operation."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from glassnet.ir.symbolic_array import UntraceableError

BITWISE: Final = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
"""Operations on truth values that Python spells `&`, `|` and `~`."""


def kind(value: Any) -> Any:
    """The type of a value; for a plain number its Python type, which is weaker than any dtype."""
    if is_plain(value):
        return np.dtype(np.bool_) if isinstance(value, bool) else int if isinstance(value, int) else float
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise UntraceableError(f"an array of {array.dtype}")
    return array.dtype


def is_plain(value: Any) -> bool:
    """Whether it is a Python number."""
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


@cache
def promoted(ufunc: Any, kinds: tuple[Any, ...], dtype: Any = None) -> tuple[list[Any], Any]:
    """The types to which a ufunc casts its operands, and the type of its result: integer, float32, float64 or bool.

    Parameters
    ----------
    ufunc : numpy.ufunc
    kinds : tuple of (dtype or type)
        Of the operands, as :func:`kind` gives them.
    dtype : dtype-like, optional
        What the caller asked for.

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
        raise UntraceableError(f"np.{name} of numbers")
    plain = not any(isinstance(one, np.dtype) for one in kinds)
    wanted = (None if dtype is None else np.dtype(dtype),) * ufunc.nout
    try:
        *sources, result = ufunc.resolve_dtypes((*(map(np.dtype, kinds) if plain else kinds), *wanted))
    except TypeError as error:
        raise UntraceableError(f"np.{name} of {', '.join(map(str, kinds))}") from error
    whole = np.dtype(np.uint64 if np.uint64 in sources else np.int64)
    if any(source.kind in "iu" for source in sources):
        sources = [whole for _ in sources]
    if result.kind in "iu":
        result = whole
    if any(one.kind == "f" and one.itemsize == 2 for one in (*sources, result)):
        sources, result = [np.dtype(np.float32) for _ in sources], np.dtype(np.float32)
    return sources, float if plain and result.kind == "f" else result
