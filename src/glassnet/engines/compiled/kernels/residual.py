"""The residual block: its beginning and its end, with the operations of its chain between them."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import offset, vector


def forward(number: Any) -> Any:
    """At the end: a = x + inside, where AUX is the place of inside."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        x, inside = vector(offset(A, o[Op.X]), size), vector(offset(A, o[Op.AUX]), size)
        a = vector(offset(A, o[Op.Y]), size)
        for i in range(size):
            a[i] = x[i] + inside[i]
        return 0.0

    return kernel


def backward(number: Any) -> Any:
    """At the end, the first on the way back: d_inside = d_a."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        d_inside, d_a = vector(offset(D, o[Op.AUX]), size), vector(offset(D, o[Op.Y]), size)
        for i in range(size):
            d_inside[i] = d_a[i]
        return 0.0

    return kernel


def joined(number: Any) -> Any:
    """At the beginning, the last on the way back: what came through the chain, and what went past it."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        d_x, d_a = vector(offset(D, o[Op.X]), size), vector(offset(D, o[Op.Y]), size)
        for i in range(size):
            d_x[i] = d_x[i] + d_a[i]
        return 0.0

    return kernel
