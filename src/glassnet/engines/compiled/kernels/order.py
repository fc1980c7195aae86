"""The order of the rows in an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.formulas.random import ORDER


def shuffled(k: Kernel, random_bits: Any, whole_below: Any) -> None:
    """``row_order`` of SEED, of epoch T and ORDER_SIZE rows, to where an operation stands else."""
    order, seed = k.op, k.run[Run.SEED].as_kind("u64")
    key = random_bits(random_bits(seed, k.run[Run.T].as_kind("u64")), np.uint64(ORDER))
    for row in k.range(k.run[Run.ORDER_SIZE]):
        index = row.as_kind("u64")
        place = whole_below(key, index, index + 1).as_kind("i64")
        order[row] = order[place]  # where it is the row's own place, what is read does not matter
        order[place] = row
