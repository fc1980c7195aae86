"""Dropout: the mask is a function of seed, step, layer and element, so it is drawn where it is needed."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel


def forward(k: Kernel, random_bits: Any, uniform: Any, keep_mask: Any) -> None:
    """a = x · mask; the mask is kept for the way back."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a, mask = k.of_rows(k.A, Op.X, n).start, k.of_rows(k.A, Op.Y, n).start, k.of_rows(k.E, Op.E, n).start
    key = random_bits(k.run[Run.KEY].as_kind("u64"), k.op[Op.LAYER].as_kind("u64"))
    before = k.run[Run.FIRST] * n  # elements count through the whole batch, whoever has which rows
    (rate,) = k.parameters(1)
    for i in k.range(rows * n):
        kept = keep_mask(uniform(key, (before + i).as_kind("u64")), rate, x[i])
        mask[i] = kept
        a[i] = x[i] * kept


def backward(k: Kernel) -> None:
    """d_x = d_a · mask."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a, mask = k.of_rows(k.D, Op.X, n).start, k.of_rows(k.D, Op.Y, n).start, k.of_rows(k.E, Op.E, n).start
    for i in k.range(rows * n):
        d_x[i] = d_a[i] * mask[i]
