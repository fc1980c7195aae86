"""Elementwise NumPy functions, and functions of the C library, as instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.compiled.code.value import FLOATS, Value


def power(x: Value, exponent: Any) -> Any:
    """x to a power: small integers are products, one half is a square root."""
    if isinstance(exponent, (int, float, np.number)) and float(exponent) in (1.0, 2.0, 3.0, 4.0):
        square = x * x
        return (x, square, square * x, square * square)[int(exponent) - 1]
    if isinstance(exponent, (int, float, np.number)) and float(exponent) == 0.5:
        return x.code.intrinsic("sqrt", x)
    return from_library("pow", *x.code.pair(x, exponent))


def _sign(x: Value) -> Any:
    code = x.code
    return code.where(x > 0, 1.0, code.where(x < 0, -1.0, code.where(x == 0, 0.0, x)))


def maximum(x: Value, y: Value) -> Any:
    """NaN if one is."""
    x, y = x.code.pair(x, y)
    return x.code.where((x >= y) | (x != x), x, y)


def minimum(x: Value, y: Value) -> Any:
    """NaN if one is."""
    x, y = x.code.pair(x, y)
    return x.code.where((x <= y) | (x != x), x, y)


INSTRUCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: x // y,
    "remainder": lambda x, y: x % y,
    "float_power": lambda x, y: from_library("pow", *x.code.pair(x, y)),
    "negative": lambda x: -x,
    "absolute": abs,
    "sqrt": lambda x: x.code.intrinsic("sqrt", x),
    "sign": _sign,
    "maximum": maximum,
    "minimum": minimum,
    "fmax": lambda x, y: x.code.where((x >= y) | (y != y), *x.code.pair(x, y)),
    "fmin": lambda x, y: x.code.where((x <= y) | (y != y), *x.code.pair(x, y)),
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "logical_and": lambda x, y: x & y,
    "logical_or": lambda x, y: x | y,
    "logical_not": lambda x: ~x,
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "invert": lambda x: ~x,
    "left_shift": lambda x, y: x << y,
    "right_shift": lambda x, y: x >> y,
    "isnan": lambda x: x != x,
    "rint": lambda x: x.code.intrinsic("rint", x),
    "floor": lambda x: x.code.intrinsic("floor", x),
    "ceil": lambda x: x.code.intrinsic("ceil", x),
    "trunc": lambda x: x.code.intrinsic("trunc", x),
    "copysign": lambda x, y: x.code.intrinsic("copysign", *x.code.pair(x, y)),
}
"""NumPy's functions of single numbers by their names, beside those in ``elementary.py``."""

LIBRARY = {
    name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "exp2", "log2", "log10", "cbrt", "hypot", "fmod")
}
LIBRARY |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}
"""Functions of the C library, which take one number at a time, so loops with them are not vectorised."""


def from_library(name: str, *numbers: Value) -> Value:
    """A function of the C library, lane by lane."""
    code = numbers[0].code
    numbers = numbers if len(numbers) == 1 else code.pair(*numbers)
    kind = numbers[0].kind if numbers[0].kind in FLOATS else "double"
    numbers, symbol = tuple(x.as_kind(kind) for x in numbers), f"{name}f" if kind == "float" else name
    lanes = numbers[0].lanes
    if lanes == 1:
        return code.call(symbol, kind, *numbers)
    found = Value(code, kind, "poison", lanes)
    for lane in range(lanes):
        each = (f"extractelement {x.type} {x.text}, i64 {lane}" for x in numbers)
        one = code.call(symbol, kind, *(Value(code, kind, code.define(text)) for text in each))
        put = f"insertelement {found.type} {found.text}, {one.type} {one.text}, i64 {lane}"
        found = Value(code, kind, code.define(put), lanes)
    return found
