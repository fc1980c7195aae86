"""Kernels called for whole arrays: elementary functions with the same bits everywhere, the order of an epoch's rows."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import RUN_SIZE, Run
from glassnet.engines.compiled.jit import kernel, python_callable
from glassnet.engines.compiled.memory import address
from glassnet.formulas import elementary
from glassnet.formulas.random import random_bits, whole_below
from glassnet.layers.base import Array

Addresses = ctypes.c_int64 * 2
Table = ctypes.c_int64 * RUN_SIZE


def each(name: str, x: Any) -> Array:
    """The function of this name in :mod:`glassnet.formulas.elementary`, with the same bits on every processor.

    Examples
    --------
    >>> each("exp", np.zeros(2, np.float32))
    array([1., 1.], dtype=float32)
    """
    source = np.ascontiguousarray(x, np.result_type(x, np.float32))
    target, table = np.empty(source.shape, source.dtype), Table()
    table[Run.ROWS] = source.size
    _function(name, source.dtype.name)(Addresses(address(source), address(target)), table)
    return target


@cache
def _function(name: str, precision: str) -> Callable[..., float]:
    return python_callable(kernel("arrays.number", precision, getattr(elementary, name)), 2)


def shuffled(seed: int, epoch: int, rows: int) -> Array:
    """See :func:`glassnet.formulas.random.row_order`: the same numbers."""
    order, table = np.empty(rows, np.int64), Table()
    table[Run.SEED], table[Run.T], table[Run.ORDER_SIZE] = seed, epoch, rows
    _order()(address(order), table)
    return order


@cache
def _order() -> Callable[..., float]:
    return python_callable(kernel("arrays.shuffled", "float64", random_bits, whole_below), 2)
