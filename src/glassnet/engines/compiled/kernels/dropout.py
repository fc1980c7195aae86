"""Dropout: the mask is a function of seed, step, layer and element, so it is drawn where it is needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, offset, vector


def forward(number: Any, random_bits: Any, uniform: Any, keep_mask: Any) -> Any:
    """a = x · mask; the mask is kept for the way back."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        width = o[Op.INPUTS]
        size = r[Run.ROWS] * width
        x, a = vector(offset(A, o[Op.X]), size), vector(offset(A, o[Op.Y]), size)
        mask = vector(offset(E, o[Op.E]), size)
        key = random_bits(np.uint64(r[Run.KEY]), np.uint64(o[Op.LAYER]))
        before = r[Run.FIRST] * width  # elements count through the whole batch, whoever has which rows
        (rate,) = load_all(offset(C, o[Op.C]), 1)
        for i in range(size):
            kept = keep_mask(uniform(key, np.uint64(before + i)), rate, x[i])
            mask[i] = kept
            a[i] = x[i] * kept
        return 0.0

    return kernel


def backward(number: Any) -> Any:
    """d_x = d_a · mask."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        size = r[Run.ROWS] * o[Op.INPUTS]
        d_x, d_a = vector(offset(D, o[Op.X]), size), vector(offset(D, o[Op.Y]), size)
        mask = vector(offset(E, o[Op.E]), size)
        for i in range(size):
            d_x[i] = d_a[i] * mask[i]
        return 0.0

    return kernel
