"""The elementary functions that formulas are made of.

They are NumPy's (SciPy's for erf and erfc) under one roof, for one reason: code that traces formulas with symbols
has versions of exactly these of its own. NumPy itself asks a symbol what to do (``__array_ufunc__``); where no function
of NumPy's stands behind a name, the symbol is asked by that name (``elementary``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

__all__ = [
    *("bfloat16", "cos_turn", "erf", "erfc", "exp", "expm1", "gaussian", "indicator", "log", "log1p"),
    *("round_to_bfloat16", "sin_turn", "tanh", "whole_power"),
]


def exp(x: Any) -> Any:
    """e^x."""
    return np.exp(x)


def expm1(x: Any) -> Any:
    """e^x - 1, exact also where e^x is close to 1."""
    return np.expm1(x)


def gaussian(x: Any) -> Any:
    """e^(-x²)."""
    return _by_name("gaussian", x, _gaussian)


def _gaussian(x: Any) -> Any:
    return np.exp(-x * x)


def log(x: Any) -> Any:
    """The natural logarithm of x > 0."""
    return np.log(x)


def log1p(x: Any) -> Any:
    """ln(1 + x) for x > -1, exact also where x is close to 0."""
    return np.log1p(x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return np.tanh(x)


def erf(x: Any) -> Any:
    """The error function, 2/√π times the integral of e^(-t²) from 0 to x."""
    return _by_name("erf", x, partial(_of_scipy, "erf"))


def erfc(x: Any) -> Any:
    """1 - erf(x), exact also where erf(x) is close to 1."""
    return _by_name("erfc", x, partial(_of_scipy, "erfc"))


def _of_scipy(name: str, x: Any) -> Any:
    import scipy.special  # it costs start-up time that most networks need not pay

    # the ufunc itself: with SCIPY_ARRAY_API there is a function around it that takes arrays alone
    function = getattr(scipy.special, name)
    return getattr(function, "__wrapped__", function)(x)


def _by_name(name: str, x: Any, function: Callable[[Any], Any]) -> Any:
    """Call a symbol's function by name, or the function itself on numbers."""
    return x.elementary(name, x) if hasattr(type(x), "elementary") else function(x)


def cos_turn(x: Any) -> Any:
    """cos(2πx), x counted in turns: a whole number of turns is taken away without rounding, however large x is."""
    return _by_name("cos_turn", x, _cos_turn)


def _cos_turn(x: Any) -> Any:
    return np.sin(2 * np.pi * (0.25 - np.abs(x - np.rint(x))))


def sin_turn(x: Any) -> Any:
    """sin(2πx), exactly zero at whole and half turns; at whole ones with the sign of x."""
    return _by_name("sin_turn", x, _sin_turn)


def _sin_turn(x: Any) -> Any:
    r = x - np.rint(x)
    t = np.where(np.abs(r) <= 0.25, r, np.copysign(0.5, r) - r)
    return np.copysign(np.sin(2 * np.pi * t), np.where(r == 0, x, r))


def bfloat16(x: Any) -> Any:
    """x rounded to the eight binary digits of bfloat16, as float32: to the nearest, in the middle to the even one.

    Rounded numbers below 2^-56 in size become 0, those from 2^64 on infinite, each with its sign. So the product of two
    of them is exact in float32, and no sum of such products is subnormal: it makes no difference how a processor treats
    subnormal numbers, or whether it fuses multiply and add. NaN stays NaN.
    """
    return _by_name("bfloat16", x, _of_arrays)


def _of_arrays(x: Any) -> Any:
    return round_to_bfloat16(np.asanyarray(x, np.float32)).astype(np.result_type(x, np.float32), copy=False)[()]


BFLOAT16 = {"half": 0x7FFF, "least": 0x23800000, "most": 0x5F800000, "inf": 0x7F800000, "nan": 0x7FC00000}
"""Bits of float32 that the rounding needs: half a unit, 2^-56, 2^64, infinity and NaN."""


def round_to_bfloat16(x: Any) -> Any:
    """Numbers of float32 rounded to bfloat16: 0 below 2^-56 in size, infinite from 2^64 on; NaN stays NaN.

    >>> round_to_bfloat16(np.array([1.001, 257.0, 1e-20], np.float32))
    array([  1., 256.,   0.], dtype=float32)
    """
    size = np.abs(x).view(np.int32)
    size = np.where(size > BFLOAT16["inf"], BFLOAT16["nan"], size)
    upper = size >> 16
    odd = upper - (upper >> 1 << 1)
    rounded = (size + BFLOAT16["half"] + odd) >> 16 << 16
    rounded = np.where(rounded < BFLOAT16["least"], 0, rounded)
    large = np.where(rounded > BFLOAT16["inf"], rounded, BFLOAT16["inf"])
    rounded = np.where(rounded < BFLOAT16["most"], rounded, large)
    return np.copysign(rounded.view(np.float32), x)


COMPOSITIONS = {"gaussian": _gaussian, "cos_turn": _cos_turn, "sin_turn": _sin_turn}
"""Definitions in terms of other functions, for exports without these functions."""


def indicator(condition: Any, like: Any) -> Any:
    """1[condition]: one where the condition holds, zero elsewhere, in the floating-point type of `like`."""
    dtype = getattr(like, "dtype", np.float64)
    return np.multiply(condition, 1, dtype=dtype)


BITS = 5
"""Bits per digit of an exponent."""


def whole_power(x: Any, t: Any) -> Any:
    """x^t for a number x and a whole number t ≥ 0, or an array of such: the same bits on every processor.

    The last digits of NumPy's powers depend on the processor's vectors. Here t is taken by digits, the lowest first,
    and their powers of x, x^32, x^1024 and so on, each rounded once, are multiplied. A symbol has a power of its own.

    >>> whole_power(0.5, 3)
    0.125
    """
    if hasattr(type(t), "elementary") and not isinstance(t, np.ndarray):
        return x**t
    several, level = np.ndim(t) > 0, 0
    power, t = np.ones(np.shape(t)), t.astype(np.int64) if several else int(t)
    while t.any() if several else t:
        power, t, level = power * _powers(float(x), level)[t & 2**BITS - 1], t >> BITS, level + 1
    return power if several else float(power)


@lru_cache(maxsize=64)
def _powers(x: float, level: int) -> Any:
    """The powers of x^(32^level) for all digits."""
    number, power_of_two = x.as_integer_ratio()
    base, powers = (number, 1 - power_of_two.bit_length()), [(1, 0)]
    for _ in range(level * BITS):
        base = _product(base, base)
    for _ in range(2**BITS - 1):
        powers.append(_product(powers[-1], base))
    with np.errstate(all="ignore"):
        return np.array([np.ldexp(float(number), exponent) for number, exponent in powers])


def _product(x: tuple[int, int], y: tuple[int, int]) -> tuple[int, int]:
    """The product of two numbers, each an integer times a power of two, to 192 bits."""
    number = x[0] * y[0]
    surplus = max(number.bit_length() - 192, 0)
    return number >> surplus, x[1] + y[1] + surplus
