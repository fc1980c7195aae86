"""The target processor: this one, or a lesser one that an environment variable names."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from glassnet.errors import InputError

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
    family: str
    """"x86", "aarch64", or another, on which subnormal numbers are not flushed."""


@cache
def processor() -> Processor:
    """The one that code is made for.

    Raises
    ------
    InputError
        If the switch names none, or this processor is of another family.
    """
    from llvmlite import binding as llvm

    name, family = os.environ.get(VARIABLE, ""), _family(llvm.get_process_triple())
    if name:
        if name not in LEVELS or family != "x86":
            levels = ", ".join(LEVELS)
            raise InputError(f"{VARIABLE} is one of {levels}, on x86-64", name, "Unset it for this processor")
        return Processor(name, "", LEVELS[name], 32 if LEVELS[name] == 512 else 16, LEVELS[name] > 128, family)
    features, arm = llvm.get_host_cpu_features(), family == "aarch64"
    bits = 512 if features.get("avx512vl") else 256 if features.get("avx") else 128
    registers, fused = 32 if bits == 512 or arm else 16, bool(features.get("fma")) or arm
    return Processor(llvm.get_host_cpu_name(), features.flatten(), bits, registers, fused, family)


def _family(triple: str) -> str:
    """From LLVM's name of a system, which begins with its architecture."""
    architecture = triple.partition("-")[0]
    if architecture in ("x86_64", "i386", "i686"):
        return "x86"
    return "aarch64" if architecture in ("aarch64", "arm64") else architecture
