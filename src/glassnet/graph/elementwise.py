"""Functions of numbers, one by one, that are made of others: for symbols of arrays and of single numbers alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

__all__ = ["COMPOSED", "ELEMENTWISE"]

COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "positive": lambda x: x,
    "fabs": np.absolute,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "ceil": lambda x: -np.floor(-x),
    "log2": lambda x: np.log(x) / math.log(2),
    "log10": lambda x: np.log(x) / math.log(10),
    "exp2": lambda x: np.exp(x * math.log(2)),
    "tan": lambda x: np.sin(x) / np.cos(x),
    "sinh": lambda x: (np.expm1(x) - np.expm1(-x)) / 2,
    "cosh": lambda x: (np.exp(x) + np.exp(-x)) / 2,
    "logaddexp": lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-np.abs(np.where(x == y, 0.0, x - y)))),
    "isfinite": lambda x: np.abs(x) < math.inf,
    "isinf": lambda x: np.abs(x) == math.inf,
}
"""Ufuncs by their names, for a graph that has no operation for them."""


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    raised = a if a_min is None else np.maximum(a, a_min)
    return raised if a_max is None else np.minimum(raised, a_max)


def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0) -> Any:
    ends = np.finfo(x.dtype)
    return np.clip(np.where(np.isnan(x), nan, x), ends.min, ends.max)


def _round(a: Any, decimals: int = 0) -> Any:
    return np.rint(a * 10.0**decimals) / 10.0**decimals if decimals else np.rint(a)


ELEMENTWISE: Final[dict[Any, Callable[..., Any]]] = {
    np.zeros_like: lambda a, dtype=None: np.full_like(a, 0, dtype),
    np.ones_like: lambda a, dtype=None: np.full_like(a, 1, dtype),
    np.clip: _clip,
    np.nan_to_num: _nan_to_num,
    np.round: _round,
}
"""NumPy's functions that are no ufuncs, by those and by np.where and np.full_like, which every graph has itself."""
