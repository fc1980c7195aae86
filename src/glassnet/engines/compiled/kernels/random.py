"""The keys of the random numbers of many steps."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import Run
from glassnet.engines.compiled.kernel import Kernel


def keys(k: Kernel, random_bits: Any) -> None:
    """Those of STEPS steps after step T, from the seed in KEY, to KEYS."""
    target, seed = k.pointer(k.run[Run.KEYS], "u64"), k.run[Run.KEY].as_kind("u64")
    for step in k.range(k.run[Run.STEPS]):
        target[step] = random_bits(seed, (k.run[Run.T] + step + 1).as_kind("u64"))
