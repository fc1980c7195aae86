"""The environment that a measured process gets: how many threads, and nothing that holds its BLAS back."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["ROOT", "environment"]

ROOT = Path(__file__).parents[2]

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# A BLAS that is told to take the kernels of another processor is not what this processor can do.
HELD_BACK = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR")


def environment(threads: int, **more: str) -> dict[str, str]:
    """The environment of this process with so many threads for every library."""
    found = {name: value for name, value in os.environ.items() if name not in HELD_BACK}
    found |= dict.fromkeys(THREADS, str(threads))
    found |= {
        "PYTHONWARNINGS": "ignore",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",  # no pool of compilers that lives on beside what is measured
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "JAX_PLATFORMS": "cpu",
    }
    return found | more
