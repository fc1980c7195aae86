"""Which processor code is made for: this one, or by a switch a lesser one."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from glassnet.errors import InputError

__all__ = ["LEVELS", "Processor", "processor"]

VARIABLE = "GLASSNET_PROCESSOR"
"""The switch: one of LEVELS. Code is then made for that level, which this processor must have; for tests."""

LEVELS = {"x86-64-v2": 128, "x86-64-v3": 256, "x86-64-v4": 512}
"""Levels of the x86-64 architecture as its psABI names them, and how many bits their vectors have."""


class Processor(NamedTuple):
    """LLVM's name of a processor, its features in LLVM's spelling, and what tiles must know of its vectors."""

    name: str
    features: str
    bits: int
    """In a vector."""
    registers: int
    """For vectors."""
    fused: bool
    """Whether it has fused multiply-adds."""
    x86: bool


@cache
def processor() -> Processor:
    """The one that code is made for.

    Raises
    ------
    InputError
        If the switch names none.
    """
    from llvmlite import binding as llvm

    name = os.environ.get(VARIABLE, "")
    if name:
        if name not in LEVELS:
            raise InputError(f"{VARIABLE} is one of {', '.join(LEVELS)}", name, "Unset it for this processor")
        return Processor(name, "", LEVELS[name], 32 if LEVELS[name] == 512 else 16, LEVELS[name] > 128, x86=True)
    features = llvm.get_host_cpu_features()
    bits = 512 if features.get("avx512vl") else 256 if features.get("avx") else 128
    arm = llvm.get_process_triple().startswith(("aarch64", "arm64"))
    x86 = llvm.get_process_triple().startswith(("x86", "i386", "i686"))
    registers, fused = 32 if bits == 512 or arm else 16, bool(features.get("fma")) or arm
    return Processor(llvm.get_host_cpu_name(), features.flatten(), bits, registers, fused, x86)
