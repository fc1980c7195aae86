"""The residual block: its beginning and its end, with the operations of its chain between them."""

from __future__ import annotations

from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.kernel import Kernel

INSIDE = Op.AUX
"""Where the chain's output is."""


def forward(k: Kernel) -> None:
    """At the end: a = x + inside."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, inside, a = (k.of_rows(k.A, column, n).start for column in (Op.X, INSIDE, Op.Y))
    for i in k.range(rows * n):
        a[i] = x[i] + inside[i]


def backward(k: Kernel) -> None:
    """At the end, the first on the way back: d_inside = d_a."""
    n = k.op[Op.INPUTS]
    k.of_rows(k.D, INSIDE, n).start.copy(k.of_rows(k.D, Op.Y, n).start, k.rows * n)


def joined(k: Kernel) -> None:
    """At the beginning, the last on the way back: what came through the chain, and what went past it."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a = k.of_rows(k.D, Op.X, n).start, k.of_rows(k.D, Op.Y, n).start
    for i in k.range(rows * n):
        d_x[i] = d_x[i] + d_a[i]
