"""The parametric activation: as much of an activation as each unit has learned to want."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.kernel import Kernel


def forward(k: Kernel, f: Any, blend: Any, parameters: int) -> None:
    """a = x + α (f(x) - x)."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, n)
    alpha, q = k.P + k.op[Op.P], k.parameters(parameters)
    for i, j in k.each(rows, n):
        a[i, j] = blend(x[i, j], f(x[i, j], *q), alpha[j])


def backward(k: Kernel, f: Any, derivative: Any, blend: Any, parameters: int) -> None:
    """d_x, and each row's part of d_α; f is computed once more, which is less than to keep it."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, parts = k.of_rows(k.A, Op.X, n), k.of_rows(k.E, Op.E, n)
    d_x, d_a = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, n)
    alpha, q = k.P + k.op[Op.P], k.parameters(parameters)
    for i, j in k.each(rows, n):
        fx = f(x[i, j], *q)
        parts[i, j] = d_a[i, j] * (fx - x[i, j])
        d_x[i, j] = d_a[i, j] * blend(1.0, derivative(x[i, j], fx, *q), alpha[j])


def learn(k: Kernel) -> None:
    """d_α = Σ d_a (f(x) - x)."""
    n = k.op[Op.INPUTS]
    parts = k.of_rows(k.E, Op.E, n)
    k.sum_rows(k.G + k.op[Op.P], n, lambda i, j: parts[i, j])
