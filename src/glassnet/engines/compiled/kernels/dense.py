"""The dense layer: one product and one fused loop in each direction."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, matrix, offset, pointer, product, vector


def forward(number: Any, f: Any, parameters: int, bias: bool, keep_z: bool) -> Any:
    """z = c x W + b, a = f(z); z itself is kept only where the way back reads it.

    C holds f's parameters and c.
    """

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, inputs, outputs = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        weights, y, panel = offset(P, o[Op.P]), offset(A, o[Op.Y]), pointer(r[Run.PANEL], P)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        product(offset(A, o[Op.X]), inputs, 1, weights, outputs, 1, rows, outputs, inputs, False, y, outputs, panel)
        b = vector(offset(weights, inputs * outputs), outputs)
        a, kept = matrix(y, rows, outputs), matrix(offset(E, o[Op.E]), rows, outputs)
        for i in range(rows):
            for j in range(outputs):
                z = c * a[i, j]
                if bias:
                    z = z + b[j]
                if keep_z:
                    kept[i, j] = z
                a[i, j] = f(z, *q)
        return 0.0

    return kernel


def backward(number: Any, derivative: Any, parameters: int, bias: bool, keep_z: bool) -> Any:
    """d_z = d_a f'(z), d_W = c xᵀ d_z, d_b = Σ d_z, d_x = c d_z Wᵀ; the last only if anything before learns."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, inputs, outputs = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        d_weights, d_y, panel = offset(G, o[Op.P]), offset(D, o[Op.Y]), pointer(r[Run.PANEL], P)
        x, more = offset(A, o[Op.X]), r[Run.ACCUMULATE] != 0
        a, d = matrix(offset(A, o[Op.Y]), rows, outputs), matrix(d_y, rows, outputs)
        kept = matrix(offset(E, o[Op.E]), rows, outputs)
        d_b = vector(offset(d_weights, inputs * outputs), outputs)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        if bias and not more:
            for j in range(outputs):
                d_b[j] = zero
        for i in range(rows):
            for j in range(outputs):
                z = kept[i, j] if keep_z else zero
                d_z = d[i, j] * derivative(z, a[i, j], *q)
                d[i, j] = c * d_z
                if bias:
                    d_b[j] += d_z
        product(x, 1, inputs, d_y, outputs, 1, inputs, outputs, rows, more, d_weights, outputs, panel)
        if o[Op.WANT_DX]:
            d_x = offset(D, o[Op.X])
            product(d_y, outputs, 1, offset(P, o[Op.P]), 1, outputs, rows, inputs, outputs, False, d_x, inputs, panel)
        return 0.0

    return kernel
