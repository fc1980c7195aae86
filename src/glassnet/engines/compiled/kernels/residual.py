"""The residual block: kernels before and after the operations of its chain."""

from __future__ import annotations

from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.kernel import Kernel

INSIDE = Op.AUX
"""The field with the place of the chain's output."""


def forward(k: Kernel) -> None:
    """After the chain: a = x + inside."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, inside, a = (k.of_rows(k.A, column, n).start for column in (Op.X, INSIDE, Op.Y))
    for i in k.range(rows * n):
        a[i] = x[i] + inside[i]


def backward(k: Kernel) -> None:
    """After the chain, so first in the backward pass: d_inside = d_a."""
    n = k.op[Op.INPUTS]
    k.of_rows(k.D, INSIDE, n).start.copy(k.of_rows(k.D, Op.Y, n).start, k.rows * n)


def joined(k: Kernel) -> None:
    """Before the chain, so last in the backward pass: add the gradients through the chain and past it."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a = k.of_rows(k.D, Op.X, n).start, k.of_rows(k.D, Op.Y, n).start
    for i in k.range(rows * n):
        d_x[i] = d_x[i] + d_a[i]
