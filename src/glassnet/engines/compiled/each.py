"""Elementary functions of whole arrays in native code: those of kernels, for whoever has no kernel."""

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
    return python_callable(kernel("each.number", precision, getattr(elementary, name)), 2)
