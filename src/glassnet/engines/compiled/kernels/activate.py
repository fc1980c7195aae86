"""An activation by itself: number by number, or row by row."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.rows import side_by_side

EACH = Op.AUX
"""How many rows of the formula there are in a row: one for each member."""


def forward(k: Kernel, f: Any, parameters: int) -> None:
    """a = f(x)."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a = k.of_rows(k.A, Op.X, n).start, k.of_rows(k.A, Op.Y, n).start
    q = k.parameters(parameters)
    for i in k.range(rows * n):
        a[i] = f(x[i], *q)


def backward(k: Kernel, derivative: Any, parameters: int) -> None:
    """d_x = d_a f'(x)."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a = k.of_rows(k.A, Op.X, n).start, k.of_rows(k.A, Op.Y, n).start
    d_x, d_a = k.of_rows(k.D, Op.X, n).start, k.of_rows(k.D, Op.Y, n).start
    q = k.parameters(parameters)
    for i in k.range(rows * n):
        d_x[i] = d_a[i] * derivative(x[i], a[i], *q)


def rows_forward(k: Kernel, f: Any, parameters: int) -> None:
    """a = f(x) of whole rows."""
    width, each = k.op[Op.INPUTS], k.op[EACH]
    x, a = (k.of_rows(k.A, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    side_by_side(k, f, k.rows * each, width, (x,), k.parameters(parameters), a)


def rows_backward(k: Kernel, back: Any, parameters: int) -> None:
    """d_x from x, a and d_a, whole rows."""
    width, each = k.op[Op.INPUTS], k.op[EACH]
    x, a = (k.of_rows(k.A, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    d_x, d_a = (k.of_rows(k.D, column, each * width).start.by(width) for column in (Op.X, Op.Y))
    side_by_side(k, back, k.rows * each, width, (x, a, d_a), k.parameters(parameters), d_x)
