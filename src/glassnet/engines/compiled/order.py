"""The order of the rows in an epoch, drawn in native code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np

from glassnet.engines.compiled.fields import RUN_SIZE, Run
from glassnet.engines.compiled.jit import kernel, python_callable
from glassnet.engines.compiled.memory import address
from glassnet.formulas.random import random_bits, whole_below
from glassnet.layers.base import Array

Table = ctypes.c_int64 * RUN_SIZE


def shuffled(seed: int, epoch: int, rows: int) -> Array:
    """See :func:`glassnet.formulas.random.row_order`: the same numbers."""
    order, table = np.empty(rows, np.int64), Table()
    table[Run.SEED], table[Run.T], table[Run.ORDER_SIZE] = seed, epoch, rows
    _draw()(address(order), table)
    return order


@cache
def _draw() -> Callable[..., float]:
    return python_callable(kernel("order.shuffled", "float64", random_bits, whole_below), 2)
