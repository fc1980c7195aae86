"""An activation by itself: number by number, or row by row."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, matrix, offset, vector

EACH = Op.AUX + 1
"""How many rows of the formula there are in a row: one for each member."""


def forward(number: Any, f: Any, parameters: int) -> Any:
    """a = f(x)."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        x, a = vector(offset(A, o[Op.X]), size), vector(offset(A, o[Op.Y]), size)
        q = load_all(offset(C, o[Op.C]), parameters)
        for i in range(size):
            a[i] = f(x[i], *q)
        return 0.0

    return kernel


def backward(number: Any, derivative: Any, parameters: int) -> Any:
    """d_x = d_a f'(x)."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        x, a = vector(offset(A, o[Op.X]), size), vector(offset(A, o[Op.Y]), size)
        d_x, d_a = vector(offset(D, o[Op.X]), size), vector(offset(D, o[Op.Y]), size)
        q = load_all(offset(C, o[Op.C]), parameters)
        for i in range(size):
            d_x[i] = d_a[i] * derivative(x[i], a[i], *q)
        return 0.0

    return kernel


def rows_forward(number: Any, f: Any, parameters: int) -> Any:
    """a = f(x) of whole rows, as many side by side as a vector holds: they lie transposed, column by column."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, width = r[Run.ROWS] * o[EACH], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, width), matrix(offset(A, o[Op.Y]), rows, width)
        lanes = max(16, min(o[Op.OUTPUTS], -(-rows // 16) * 16))
        aside = offset(E, o[Op.E])
        x_t, a_t = vector(aside, width * lanes), vector(offset(aside, width * lanes), width * lanes)
        spare = vector(offset(aside, 2 * width * lanes), o[Op.AUX] * lanes)
        q = load_all(offset(C, o[Op.C]), parameters)
        for first in range(0, rows, lanes):
            some = min(lanes, rows - first)
            for j in range(width):
                for i in range(lanes):
                    x_t[j * lanes + i] = x[first + i, j] if i < some else zero
            f(width, lanes, (x_t,), q, a_t, spare)
            for i in range(some):
                for j in range(width):
                    a[first + i, j] = a_t[j * lanes + i]
        return 0.0

    return kernel


def rows_backward(number: Any, back: Any, parameters: int) -> Any:
    """d_x from x, a and d_a, whole rows."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, width = r[Run.ROWS] * o[EACH], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, width), matrix(offset(A, o[Op.Y]), rows, width)
        d_x, d_a = matrix(offset(D, o[Op.X]), rows, width), matrix(offset(D, o[Op.Y]), rows, width)
        lanes = max(16, min(o[Op.OUTPUTS], -(-rows // 16) * 16))
        aside, size = offset(E, o[Op.E]), width * lanes
        x_t, a_t = vector(aside, width * lanes), vector(offset(aside, size), width * lanes)
        d_t, out_t = vector(offset(aside, 2 * size), width * lanes), vector(offset(aside, 3 * size), width * lanes)
        spare = vector(offset(aside, 4 * size), o[Op.AUX] * lanes)
        q = load_all(offset(C, o[Op.C]), parameters)
        for first in range(0, rows, lanes):
            some = min(lanes, rows - first)
            for j in range(width):
                for i in range(lanes):
                    x_t[j * lanes + i] = x[first + i, j] if i < some else zero
                    a_t[j * lanes + i] = a[first + i, j] if i < some else zero
                    d_t[j * lanes + i] = d_a[first + i, j] if i < some else zero
            back(width, lanes, (x_t, a_t, d_t), q, out_t, spare)
            for i in range(some):
                for j in range(width):
                    d_x[first + i, j] = out_t[j * lanes + i]
        return 0.0

    return kernel
