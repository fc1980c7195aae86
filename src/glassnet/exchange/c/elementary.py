"""The elementary functions in C, from the very text that the compiled engine has them from.

The C library's take one number at a time; those of `engines/compiled/elementary.py` are straight-line arithmetic, which
compilers turn into instructions for many numbers at once. They are written in plain Python, of arithmetic, choices and
a few operations on bits: here that text is read, and said again in C. So there is one place where such a function is
written, and its accuracy is the one that is tested there.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from glassnet.exchange.c.translation import Translation, called_in, fields_of
from glassnet.formulas.elementary import cos_turn, sin_turn

__all__ = ["ELEMENTARY", "TAKEN_APART", "elementary_source"]

ELEMENTARY: Final = ("exp", "expm1", "log", "log1p", "tanh", "erf", "gaussian", "erfc", "cos_turn", "sin_turn")
"""The functions that there are of single precision, called exp_f and so on."""

TAKEN_APART: Final[Mapping[str, Callable[[Any], Any]]] = {
    "cos_turn": cos_turn,
    "sin_turn": sin_turn,
}
"""Those that a trace takes apart, for to NumPy they are several operations."""

PRIMITIVES: Final = {
    "to_bits": """\
/* The bits of a number as a whole number, and back. */
static inline int32_t to_bits(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
""",
    "to_number": """\
static inline float to_number(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
""",
    "nearest": """\
/* The nearest whole number, as rintf has it: a sum with 2^23 has no digits behind the point. */
static inline float nearest(float x)
{
    const float rounded = copysignf((fabsf(x) + 8388608.0f) - 8388608.0f, x);
    return fabsf(x) < 8388608.0f ? rounded : x;
}
""",
}
"""What Python cannot say either, and the engine has instructions for."""


def elementary_source(names: set[str]) -> str:
    """The functions of these names in C, and what they are made of, each before it is used.

    Examples
    --------
    >>> [line for line in elementary_source({"exp"}).splitlines() if "exp_f" in line]
    ['static inline float exp_f(float x)']
    """
    functions = _functions()
    needed: list[str] = []

    def need(name: str) -> None:
        for other in called_in(functions[name]) if name in functions else ():
            if other in functions or other in PRIMITIVES:
                need(other)
        if name not in needed:
            needed.append(name)

    for name in (*ELEMENTARY, "nearest"):
        if name in names:
            need(name)
    fields, polynomials = fields_of(functions.values()), _polynomials()
    return "\n".join(
        PRIMITIVES[one] if one in PRIMITIVES else Translation(functions[one], _spelled, fields, polynomials).text()
        for one in needed
    )


def _spelled(name: str) -> str:
    return f"{name}_f" if name in ELEMENTARY else name


@functools.cache
def _functions() -> dict[str, Callable[..., Any]]:
    """The engine's functions of float32, and those inside them, as Python functions."""
    from glassnet.engines.compiled import elementary

    found = dict(elementary.family(np.float32))
    waiting, polynomials = list(found.values()), _polynomials()
    while waiting:
        for name, value in inspect.getclosurevars(waiting.pop()).nonlocals.items():
            if inspect.isfunction(value) and name not in found and name not in polynomials:
                found[name] = value
                waiting.append(value)
    return found


def _polynomials() -> dict[str, tuple[float, ...]]:
    from glassnet.engines.compiled import elementary

    over, under = elementary.ERF_FAR[np.float32]
    return {
        "exp_tail": elementary.EXP_TAIL[np.float32],
        "log_tail": elementary.LOG_TAIL[np.float32],
        "erf_near": elementary.ERF_NEAR[np.float32],
        "turn_tail": elementary.TURN_TAIL[np.float32],
        "erf_over": over,
        "erf_under": under,
    }
