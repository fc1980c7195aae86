"""The dense layer: one product and one fused loop in each direction."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import gemm, load_all, matrix, offset, vector


def forward(number: Any, f: Any, parameters: int, bias: bool, keep_z: bool) -> Any:
    """z = c x W + b, a = f(z); z itself is kept only where the way back reads it.

    C holds f's parameters and c.
    """
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, inputs, outputs = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        weights, y = offset(P, o[Op.P]), offset(A, o[Op.Y])
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        if rows > 1:
            gemm(False, False, rows, outputs, inputs, c, offset(A, o[Op.X]), weights, zero, y)
        else:
            _one_row(c, vector(offset(A, o[Op.X]), inputs), matrix(weights, inputs, outputs), vector(y, outputs))
        b = vector(offset(weights, inputs * outputs), outputs)
        a, kept = matrix(y, rows, outputs), matrix(offset(E, o[Op.E]), rows, outputs)
        for i in range(rows):
            for j in range(outputs):
                z = a[i, j]
                if bias:
                    z = z + b[j]
                if keep_z:
                    kept[i, j] = z
                a[i, j] = f(z, *q)
        return 0.0

    @register_jitable
    def _one_row(c: Any, x: Any, w: Any, y: Any) -> None:
        """c x W, where calling BLAS would cost more than the product."""
        for j in range(w.shape[1]):
            y[j] = zero
        for k in range(w.shape[0]):
            for j in range(w.shape[1]):
                y[j] += c * x[k] * w[k, j]

    return kernel


def backward(number: Any, derivative: Any, parameters: int, bias: bool, keep_z: bool) -> Any:
    """d_z = d_a f'(z), d_W = c xᵀ d_z, d_b = Σ d_z, d_x = c d_z Wᵀ; the last only if anything before learns."""
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, inputs, outputs = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        d_weights, d_y = offset(G, o[Op.P]), offset(D, o[Op.Y])
        a, d = matrix(offset(A, o[Op.Y]), rows, outputs), matrix(d_y, rows, outputs)
        kept = matrix(offset(E, o[Op.E]), rows, outputs)
        d_b = vector(offset(d_weights, inputs * outputs), outputs)
        q = load_all(offset(C, o[Op.C]), parameters)
        (c,) = load_all(offset(C, o[Op.C] + parameters), 1)
        if bias and r[Run.ACCUMULATE] == 0:
            for j in range(outputs):
                d_b[j] = zero
        for i in range(rows):
            for j in range(outputs):
                z = kept[i, j] if keep_z else zero
                d_z = d[i, j] * derivative(z, a[i, j], *q)
                d[i, j] = d_z
                if bias:
                    d_b[j] += d_z
        before = one if r[Run.ACCUMULATE] else zero
        gemm(True, False, inputs, outputs, rows, c, offset(A, o[Op.X]), d_y, before, d_weights)
        if o[Op.WANT_DX]:
            gemm(False, True, rows, inputs, outputs, c, d_y, offset(P, o[Op.P]), zero, offset(D, o[Op.X]))
        return 0.0

    return kernel
