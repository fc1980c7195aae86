"""Kernels of whole arrays: an elementwise function, the order of an epoch's rows, the factors of a schedule.

Python calls the first two; a page, where no Python is there to ask a schedule, all three.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.formulas.random import ORDER

SOURCE, TARGET = range(2)
"""The fields of an operation that hold the two addresses."""


def number(k: Kernel, formula: Any) -> None:
    """``target = formula(source)`` for ROWS numbers."""
    source, target = k.pointer(k.op[SOURCE], k.number), k.pointer(k.op[TARGET], k.number)
    for i in k.range(k.run[Run.ROWS]):
        target[i] = formula(source[i])


def shuffled(k: Kernel, random_bits: Any, whole_below: Any) -> None:
    """``row_order`` of SEED, epoch T and ORDER_SIZE rows, written to the address passed instead of an operation."""
    order, seed = k.op, k.run[Run.SEED].as_kind("u64")
    key = random_bits(random_bits(seed, k.run[Run.T].as_kind("u64")), np.uint64(ORDER))
    for row in k.range(k.run[Run.ORDER_SIZE]):
        index = row.as_kind("u64")
        place = whole_below(key, index, index + 1).as_kind("i64")
        order[row] = order[place]  # where it is the row's own place, what is read does not matter
        order[place] = row


def factors(k: Kernel, formula: Any, parameters: int) -> None:
    """The factors of a schedule for STEPS steps, in place of the progress values in A; C holds its parameters."""
    q = k.C.all(parameters)
    for step in k.range(k.run[Run.STEPS]):
        k.A[step] = formula(k.A[step], *q)
