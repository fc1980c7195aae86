"""Coercion of untrusted arguments to plain Python values, whatever they raise when they are used.

An argument may come from any library, or be a mistake: its length or its conversion to a number may raise any
exception. So the code that reads them catches all exceptions, here and nowhere else.
"""

from __future__ import annotations

import contextlib
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from itertools import islice
from numbers import Real
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.language import Text
from glassnet.support.messages import of_shape

MOST_ENTRIES = 1_000_000
"""The most entries of a list; endless iterators must end somewhere."""
_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]*)?(?:e[0-9]{1,2})?)\s*(?:([kmgt])(i?))?b?")


@contextlib.contextmanager
def coercing(rule: str, value: Any, remedy: str) -> Iterator[None]:
    """Turn any exception of a foreign object into an InputError.

    Raises
    ------
    InputTypeError
        In place of the exception; glassnet's own errors and MemoryError pass through.
    """
    try:
        yield
    except (InputError, InputTypeError, MemoryError):
        raise
    except Exception as error:  # an object of any library may raise anything
        raise InputTypeError(rule, shown(value), remedy) from error


def offers(value: Any, *names: str) -> bool:
    """Return whether a value has all these attributes; one that raises has none."""
    try:
        return all(hasattr(value, name) for name in names)
    except Exception:  # hasattr lets all but AttributeError through
        return False


def plain_integer(value: Any) -> int | None:
    """Return the integer that a value represents; booleans do not count as integers.

    >>> plain_integer(np.int8(3)), plain_integer(3.0), plain_integer(True)
    (3, None, None)
    """
    if isinstance(value, (bool, np.bool_, np.timedelta64)):
        return None
    try:
        return operator.index(value)
    except Exception:  # its `__index__` may do anything
        return None


def plain_number(value: Any) -> float | None:
    """Return the float that a value represents.

    >>> plain_number(np.array(0.5)), plain_number(10**400), plain_number("0.5")
    (0.5, inf, None)
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_, np.timedelta64)) or not isinstance(value, (Real, Decimal)):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return float("inf")
    except Exception:  # its `__float__` may do anything
        return None


def real_array(what: str, value: Any, remedy: str) -> np.ndarray[Any, Any]:
    """Return the array of real numbers or booleans that a value represents; None becomes NaN.

    Raises
    ------
    InputTypeError
        If it is not; `what` is the subject of the error's rule.
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = np.asarray([_real(entry) for entry in array.flat]).reshape(array.shape)
    except Exception as error:  # rows of different lengths, or any failure of an object's conversion
        received = f"{error}" or shown(value)
        raise InputTypeError(Text("{what} must be an array of numbers", what=what), received, remedy) from error
    if array.dtype.kind not in "biuf":
        raise InputTypeError(
            Text("{what} must be an array of real numbers", what=what), Text("dtype {dtype}", dtype=array.dtype), remedy
        )
    return array


def _real(entry: Any) -> float:
    if isinstance(entry, (str, bytes)):
        raise TypeError(f"the text {entry!r}")
    return math.nan if entry is None else float(entry)


def plain_dict(value: Any) -> dict[Any, Any] | None:
    """Return the dict that a value represents.

    >>> plain_dict({"a": 1}), plain_dict([("a", 1)])
    ({'a': 1}, None)
    """
    try:
        return dict(value) if isinstance(value, Mapping) else None
    except Exception:  # an object that only resembles a dict may raise anything
        return None


def plain_json(value: Any, infinite: Callable[[float], Any] = lambda number: None) -> Any:
    """Plain data for JSON: arrays as lists, NumPy's numbers as numbers, other objects as text.

    Parameters
    ----------
    value : object
    infinite : callable of (float), optional
        The replacement of inf and NaN; null by default.

    Examples
    --------
    >>> plain_json({1: (np.float64("nan"), np.arange(2))}), plain_json([float("inf")], infinite=str)
    ({'1': [None, [0, 1]]}, ['inf'])
    """
    if isinstance(value, Mapping):
        return {str(key): plain_json(item, infinite) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item, infinite) for item in value]
    if hasattr(value, "tolist"):
        return plain_json(value.tolist(), infinite)
    if isinstance(value, float):
        return value if math.isfinite(value) else infinite(value)
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def place(name: str, value: Any, count: int, remedy: str = "Count from 0") -> int:
    """Return the number of one of so many things, from 0.

    Raises
    ------
    InputError, InputTypeError
        If there is no such thing, or it is no number.
    """
    rule, number = Text("{name} must be an integer from 0 to {last}", name=name, last=count - 1), plain_integer(value)
    if number is None:
        raise InputTypeError(rule, shown(value), remedy)
    if not 0 <= number < count:
        raise InputError(rule, shown(value), remedy)
    return number


def column_place(name: str, value: Any, known: Sequence[str]) -> int:
    """Return the index of a column that is given by name or number.

    Raises
    ------
    InputError, InputTypeError
        If there is no such column.

    Examples
    --------
    >>> column_place("`column`", "age", ["town", "age"]), column_place("`column`", 0, ["town", "age"])
    (1, 0)
    """
    if not isinstance(value, str):
        return place(name, value, len(known), Text("Or a name of: {known}", known=", ".join(known)))
    column = str.__str__(value)
    if column in known:
        return known.index(column)
    near = get_close_matches(column, known, n=1)
    remedy = Text("Did you mean {name!r}?", name=near[0]) if near else Text("Choose one of them")
    raise InputError(
        Text("{option} must be one of: {choices}", option=name, choices=", ".join(known)), shown(column), remedy
    )


def listed(name: str, value: Any, remedy: str, once: bool = False) -> list[Any]:
    """Return the entries of a list, a tuple, or an array of one dimension.

    ``once``: what can be read but once will do, too.

    Raises
    ------
    InputError, InputTypeError
        If it is none of them, or something else that does not end.
    """
    rule = Text("{option} must be a list", option=name)
    flat = isinstance(value, np.ndarray) and value.ndim == 1
    many = flat or isinstance(value, Sequence) or (once and isinstance(value, Iterable))
    if isinstance(value, (str, bytes, bytearray)) or not many:
        raise InputTypeError(rule, shown(value), remedy)
    entries: list[Any] = []
    with coercing(rule, value, remedy):
        ends = type(value) in (list, tuple, np.ndarray)
        entries.extend(value if ends else islice(value, MOST_ENTRIES + 1))
        if not ends and len(entries) > MOST_ENTRIES:
            raise InputError(
                Text("{name} must have at most {count} entries", name=name, count=MOST_ENTRIES),
                Text("more", context="received"),
                "Give a list",
            )
    return entries


def by_rows(X: Any) -> Any:
    """Return a sparse table by rows (CSR), with validated indices: SciPy's kernels, and ours, do not check them.

    Examples
    --------
    >>> from scipy import sparse
    >>> by_rows(sparse.csc_array([[0, 2], [1, 0]])).indices
    array([1, 0], dtype=int32)
    """
    if len(X.shape) != 2:
        rule = Text("A sparse table must have two dimensions")
        raise InputError(rule, of_shape(X.shape), "Give one row per sample; a single row has the shape (1, columns)")
    try:
        if offers(X, "check_format"):
            X.check_format(full_check=True)
    except ValueError as error:
        rule = Text("A sparse table must have an index of a column for each number, and rows that follow each other")
        raise InputError(rule, f"{error}", "Create it with scipy.sparse.csr_array((data, (rows, columns)))") from error
    return X.tocsr()


def rows_of(name: str, value: Any) -> tuple[Any, Any, Any]:
    """Further rows as (X, y, sample_weight); the third is None if it was not given.

    Raises
    ------
    InputTypeError
        If it is no such tuple.
    """
    parts: list[Any] = []
    with coercing(Text("{name} must be (X, y) or (X, y, sample_weight)", name=name), value, "Give a tuple"):
        parts = list(value) if isinstance(value, (tuple, list)) else []
    if len(parts) not in (2, 3):
        raise InputTypeError(
            Text("{name} must be (X, y) or (X, y, sample_weight)", name=name), shown(value), "Give a tuple"
        )
    X, y, *weight = parts
    return X, y, weight[0] if weight else None


def bytes_of(text: str) -> int | None:
    """Return a size as people write it, in bytes; None if it is none.

    The prefixes k, M, G, T are powers of 1000, and Ki, Mi, Gi, Ti powers of 1024 (IEC 80000-13).

    Examples
    --------
    >>> bytes_of("4GB"), bytes_of("4 GiB"), bytes_of("500 mb"), bytes_of("1.5k"), bytes_of("1e9"), bytes_of("much")
    (4000000000, 4294967296, 500000000, 1500, 1000000000, None)
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None:
        return None
    number, prefix, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** (" kmgt".index(prefix or " ")))
