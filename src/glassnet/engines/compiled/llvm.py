"""LLVM: the target processor, object code of the text of a kernel, and its address once it is linked.

LLVM's compiler is loaded when first needed: a kernel that is kept already needs none.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any, NamedTuple

from glassnet.errors import InputError
from glassnet.support.language import Text

__all__ = [
    *("ATTRIBUTES", "LEVELS", "PASSES", "UNROLLING", "VARIABLE"),
    *("Processor", "binding", "linked", "object_code", "optimised", "processor"),
]

VARIABLE = "GLASSNET_PROCESSOR"
"""The switch: one of LEVELS. Code is then made for that level, which this processor must have; for tests."""

LEVELS = {"x86-64-v2": 128, "x86-64-v3": 256, "x86-64-v4": 512}
"""Levels of the x86-64 architecture as its psABI names them, and how many bits their vectors have."""

PASSES = 3
"""How much LLVM does to make code fast: all that it can."""

UNROLLING = False
"""Loops unrolled beside their vectors take as long to compile as all else, and save nothing that could be measured."""

ATTRIBUTES = "attributes #0 = { nounwind }\n"


ARCH_PRCTL, REQUEST_PERMISSION, TILE_DATA = 158, 0x1023, 18
"""Linux's system call on x86-64, its request for part of the processor's state, and the part that tiles are."""


LARGE_CACHE, FIRST_CACHE = 48 * 1024, 188
"""Bytes of a first cache for data that holds a panel of products, and what the GNU C library calls the size of it."""


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
    matrix_unit: bool = False
    """Whether it has Intel's unit for products of bfloat16 (AMX), and Linux grants it."""
    large_cache: bool = False
    """Whether its first cache has 48 KB or more, for data."""


@cache
def processor() -> Processor:
    """Return the processor for which code is compiled.

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
            raise InputError(
                Text("{variable} is one of {levels}, on x86-64", variable=VARIABLE, levels=levels),
                name,
                "Unset it for this processor",
            )
        return Processor(name, "", LEVELS[name], 32 if LEVELS[name] == 512 else 16, LEVELS[name] > 128, family)
    features, arm = llvm.get_host_cpu_features(), family == "aarch64"
    bits = 512 if features.get("avx512vl") else 256 if features.get("avx") else 128
    registers, fused = 32 if bits == 512 or arm else 16, bool(features.get("fma")) or arm
    unit = bits == 512 and bool(features.get("amx-bf16")) and _tiles_granted()
    large = sys.platform == "linux" and os.sysconf(FIRST_CACHE) >= LARGE_CACHE
    return Processor(llvm.get_host_cpu_name(), features.flatten(), bits, registers, fused, family, unit, large)


def _tiles_granted() -> bool:
    """Return whether Linux grants this process the registers of the matrix unit, for all its threads and its forks."""
    return sys.platform == "linux" and ctypes.CDLL(None).syscall(ARCH_PRCTL, REQUEST_PERMISSION, TILE_DATA) == 0


def _family(triple: str) -> str:
    """Return the architecture from LLVM's name of a system."""
    architecture = triple.partition("-")[0]
    if architecture in ("x86_64", "i386", "i686"):
        return "x86"
    return "aarch64" if architecture in ("aarch64", "arm64") else architecture


def optimised(text: str, passes: int = PASSES, target: Any = None, layout: str = "") -> Any:
    """Return LLVM's module of a text, after all passes; for this processor, or another with its layout of data."""
    llvm, target = binding(), target or _target()
    module = llvm.parse_assembly(text + ATTRIBUTES)
    module.triple, module.data_layout = target.triple, layout or str(target.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=passes)
    options.loop_vectorization, options.loop_unrolling = True, UNROLLING
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return module


def object_code(text: str, passes: int) -> bytes:
    """Return the object code of a kernel's text, for this processor.

    Raises
    ------
    TypeError
        If it calls a function that this system does not have.
    """
    llvm, module = binding(), optimised(text, passes)
    _linker()  # now all symbols are known that a kernel may name
    for function in module.functions:
        # an unknown symbol would end the process where the code is loaded
        if (
            function.is_declaration
            and not function.name.startswith("llvm.")
            and not llvm.address_of_symbol(function.name)
        ):
            raise TypeError(f"it calls {function.name}, which this system does not have")
    return bytes(_target().emit_object(module))


def linked(code: bytes, symbol: str) -> int:
    """Return the address of a symbol of such code."""
    linker = _linker()
    linker.add_object_file(binding().ObjectFileRef.from_data(code))
    linker.finalize_object()
    return int(linker.get_function_address(symbol))


@cache
def binding() -> Any:
    """LLVM, loaded when first needed."""
    from llvmlite import binding

    return binding


@cache
def _target() -> Any:
    llvm = binding()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features, *_ = processor()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=name, features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )


@cache
def _linker() -> Any:
    llvm = binding()
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
