"""The dense layer: one product and one fused loop in each direction, and a product for its weights."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel


def forward(k: Kernel, f: Any, parameters: int, bias: bool, keep_z: bool) -> None:
    """z = c x W + b, a = f(z); z itself is kept only where the way back reads it.

    C holds f's parameters and c.
    """
    rows, inputs, outputs = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS]
    x, a, kept = k.of_rows(k.A, Op.X, inputs), k.of_rows(k.A, Op.Y, outputs), k.of_rows(k.E, Op.E, outputs)
    weights = k.P + k.op[Op.P]
    b = weights + inputs * outputs
    *q, c = k.parameters(parameters + 1)
    k.product(x.start, (inputs, 1), weights, (outputs, 1), rows, outputs, inputs, False, a.start, outputs)
    for i, j in k.each(rows, outputs):
        z = c * a[i, j]
        if bias:
            z = z + b[j]
        if keep_z:
            kept[i, j] = z
        a[i, j] = f(z, *q)


def backward(k: Kernel, derivative: Any, parameters: int, keep_z: bool) -> None:
    """d_z = d_a f'(z), d_x = c d_z Wᵀ, the latter only if anything before learns; c d_z takes the place of d_a."""
    rows, inputs, outputs = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS]
    a, d, kept = k.of_rows(k.A, Op.Y, outputs), k.of_rows(k.D, Op.Y, outputs), k.of_rows(k.E, Op.E, outputs)
    *q, c = k.parameters(parameters + 1)
    for i, j in k.each(rows, outputs):
        z = kept[i, j] if keep_z else a[i, j]
        d[i, j] = c * (d[i, j] * derivative(z, a[i, j], *q))
    with k.when(k.op[Op.WANT_DX] != 0):
        d_x = k.of_rows(k.D, Op.X, inputs).start
        k.product(d.start, (outputs, 1), k.P + k.op[Op.P], (1, outputs), rows, inputs, outputs, False, d_x, inputs)


def learn(k: Kernel, parameters: int, bias: bool) -> None:
    """d_W = c xᵀ d_z and d_b = Σ d_z: of d_W this worker's share of rows, of d_b its share of columns."""
    rows, inputs, outputs = k.rows, k.op[Op.INPUTS], k.op[Op.OUTPUTS]
    x, d = k.of_rows(k.A, Op.X, inputs), k.of_rows(k.D, Op.Y, outputs)
    d_weights, more = k.G + k.op[Op.P], k.run[Run.ACCUMULATE]
    first, last = k.share(inputs)
    of_share = d_weights + first * outputs
    k.product(x.start + first, (1, inputs), d.start, (outputs, 1), last - first, outputs, rows, more, of_share, outputs)
    if bias:
        one_over_c = 1.0 / k.parameters(parameters + 1)[-1]
        k.sum_rows(d_weights + inputs * outputs, outputs, lambda i, j: d[i, j] * one_over_c)
