"""The parametric activation: as much of an activation as each unit has learned to want."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, matrix, offset, vector


def forward(number: Any, f: Any, blend: Any, parameters: int) -> Any:
    """a = x + α (f(x) - x)."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, n)
        alpha, q = vector(offset(P, o[Op.P]), n), load_all(offset(C, o[Op.C]), parameters)
        for i in range(rows):
            for j in range(n):
                a[i, j] = blend(x[i, j], f(x[i, j], *q), alpha[j])
        return 0.0

    return kernel


def backward(number: Any, f: Any, derivative: Any, blend: Any, parameters: int) -> Any:
    """d_α and d_x; f is computed once more, which is less than to keep it."""
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_a = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, n)
        alpha, d_alpha = vector(offset(P, o[Op.P]), n), vector(offset(G, o[Op.P]), n)
        q = load_all(offset(C, o[Op.C]), parameters)
        if r[Run.ACCUMULATE] == 0:
            for j in range(n):
                d_alpha[j] = zero
        for i in range(rows):
            for j in range(n):
                fx = f(x[i, j], *q)
                d_alpha[j] += d_a[i, j] * (fx - x[i, j])
                d_x[i, j] = d_a[i, j] * blend(one, derivative(x[i, j], fx, *q), alpha[j])
        return 0.0

    return kernel
