"""A function of single numbers, of all numbers of an array."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.kernel import Kernel

SOURCE, TARGET = range(2)
"""Where in an operation the two addresses stand."""


def number(k: Kernel, formula: Any) -> None:
    """``target = formula(source)`` for ROWS numbers."""
    source, target = k.pointer(k.op[SOURCE], k.number), k.pointer(k.op[TARGET], k.number)
    for i in k.range(k.run[Run.ROWS]):
        target[i] = formula(source[i])
