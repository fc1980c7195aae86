"""Sums of numbers that lie side by side, always taken in the same shape.

A sum one after the other is slow, and one in whatever order suits the processor has other bits on the next. Here number
k goes to lane k modulo 16, whatever vectors there are; in the end the lanes are added in pairs, as in a tournament.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from glassnet.engines.compiled.code import BYTES, LETTERS, Code, Pointer, Value

__all__ = ["total"]

LANES = 16


def total(code: Code, count: Any, kind: str, term: Callable[[Callable[[Pointer], Value]], Any]) -> Value:
    """The sum of `count` terms.

    Parameters
    ----------
    code : Code
    count : int or Value
    kind : {"float", "double"}
        The type of the sum.
    term : callable
        ``term(at)`` is a term, where ``at(place)`` is the number behind a place that belongs to it.
    """
    lanes = code.vector(kind, LANES)
    whole = count // LANES * LANES
    for start in code.range(whole, step=LANES):
        lanes.value = lanes.value + term(partial(code.load, index=start, lanes=LANES)).as_kind(kind)
    with code.when(whole < count):
        there = code.lanes_below(count - whole, LANES)
        last = term(lambda place: _masked(code, place + whole, there)).as_kind(kind)
        lanes.value = lanes.value + code.where(there, last, code.constant(0.0, kind, LANES))
    result, half = lanes.value, LANES // 2
    while half:
        result = _lanes(result, 0, half) + _lanes(result, half, half)
        half //= 2
    return result


def _masked(code: Code, place: Pointer, there: Value) -> Value:
    """The numbers of the lanes that are there, and zeros."""
    zeros = code.constant(0, place.kind, LANES)
    align = code.constant(BYTES[place.kind], "i32")
    return code.call(
        f"llvm.masked.load.v{LANES}{LETTERS[place.kind]}.p0", place.kind, place, align, there, zeros, lanes=LANES
    )


def _lanes(x: Value, first: int, count: int) -> Value:
    """So many lanes of a number."""
    if count == 1:
        return Value(x.code, x.kind, x.code.define(f"extractelement {x.type} {x.text}, i64 {first}"))
    mask = ", ".join(f"i32 {first + i}" for i in range(count))
    picked = x.code.define(f"shufflevector {x.type} {x.text}, {x.type} poison, <{count} x i32> <{mask}>")
    return Value(x.code, x.kind, picked, count)
