"""LLVM: object code of the text of a kernel, and where that code is once it is linked.

It is loaded when first needed: a kernel that is kept already needs no compiler.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from glassnet.engines.compiled.processor import processor

__all__ = ["ATTRIBUTES", "PASSES", "UNROLLING", "binding", "linked", "object_code", "optimised"]

PASSES = 3
"""How much LLVM does to make code fast: all that it can."""

UNROLLING = False
"""Loops unrolled beside their vectors take as long to compile as all else, and save nothing that could be measured."""

ATTRIBUTES = "attributes #0 = { nounwind }\n"


def optimised(text: str, passes: int = PASSES, target: Any = None, layout: str = "") -> Any:
    """LLVM's module of a text, after all passes; for this processor, or another with its layout of data."""
    llvm, target = binding(), target or _target()
    module = llvm.parse_assembly(text + ATTRIBUTES)
    module.triple, module.data_layout = target.triple, layout or str(target.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=passes)
    options.loop_vectorization, options.loop_unrolling = True, UNROLLING
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return module


def object_code(text: str, passes: int) -> bytes:
    """Of the text of a kernel, for this processor.

    Raises
    ------
    TypeError
        If it calls what this system does not have.
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
    """The address of a symbol of such code."""
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
