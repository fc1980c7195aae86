"""From a kernel's Python function to an address: Numba compiles, object code is kept, LLVM's linker loads it.

Numba is only needed where something must be compiled. A kernel that is kept already is loaded without it, which saves
a third of a second in every process.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import threading
from collections.abc import Callable
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.engines.compiled import store, tiles
from glassnet.engines.compiled.processor import processor
from glassnet.engines.compiled.specialize import fingerprint, specialize

__all__ = ["FAST", "PRODUCT_ARGUMENTS", "kernel", "product", "product_room", "product_symbol", "python_callable"]

FAST = {"error_model": "numpy", "fastmath": {"nsz", "contract", "reassoc"}}
"""What the compiler may do in a kernel's own arithmetic, which is sums over rows: add in any order, and fuse.

Never that there is no NaN: it is how divergence shows. And never within a formula, whose order of operations is what
keeps it exact: there products and sums may be fused, and nothing else (``OPTIONS`` in ``elementary.py``).
"""

POINTERS = 9
"""How many pointers to numbers a kernel gets after the two tables: P, S, G, A, D, E, C, Y, W."""

ARGUMENTS = 4 + POINTERS
"""``kernel(result, error, op, run, P, S, G, A, D, E, C, Y, W)``, addresses as integers.

result is where the float64 goes that a kernel returns, error where an exception would go, if one were raised: that is
how Numba's functions are called.

op and run are tables of int64: the operation's own, and the worker's. P parameters, S statistics, G gradient, A
activations, D their gradients, E what else must be kept, C constants, Y targets, W weights of the rows.
"""

PRODUCT = "product.multiply"
MULTIPLYING = ("dense.", "members.")
"""What calls it."""
PRODUCT_ARGUMENTS = 16
"""``product(result, error, A, a_row, a_column, B, b_row, b_column, m, n, k, add, C, c_row, c_column, panel)``, all of
them integers; see its kernel."""

_lock = threading.RLock()
_loaded: dict[str, int] = {}


def kernel(builder: str, precision: str, *ingredients: Any) -> int:
    """The address of a kernel.

    Parameters
    ----------
    builder : str
        Which function makes it: "dense.forward" is ``forward`` in ``kernels/dense.py``. It is called with the number
        type and the ingredients.
    precision : {"float32", "float64"}
    *ingredients
        Formulas (plain functions, which are brought to the precision), and plain values.
    """
    if builder.startswith(MULTIPLYING):
        product(precision)
    key = _key(builder, precision, ingredients)
    return _loaded_or(key, lambda: _compile(builder, precision, ingredients, key))


def _loaded_or(key: str, compile: Callable[[], bytes]) -> int:
    """Where the code of a key has been loaded to: from the folder of kernels, or else as it is compiled now."""
    with _lock:
        if key not in _loaded:
            code = store.load(key)
            if code is None:
                code = compile()
                store.save(key, code)
            _loaded[key] = _link(code, key)
        return _loaded[key]


@cache
def product(precision: str) -> int:
    """The address of the product of two matrices, which kernels call by its symbol."""
    key = _key("tiles.text", precision, ())

    def assembled() -> bytes:
        return bytes(_target().emit_object(_llvm().parse_assembly(tiles.text(processor(), precision, key))))

    _llvm().add_symbol(tiles.symbol(np.dtype(precision).itemsize), _loaded_or(key, assembled))
    widths = tiles.widths(processor(), precision)
    columns, lanes, tallest = zip(*((width.columns, width.lanes, width.tallest) for width in widths), strict=True)
    address = kernel(PRODUCT, precision, columns, lanes, tallest)
    _llvm().add_symbol(product_symbol(precision), address)
    return address


def product_room(precision: str) -> int:
    """How many numbers the product needs room for: a part of B, and some rows of C."""
    return (tiles.DEPTH + tiles.NARROW) * tiles.widths(processor(), precision)[0].columns


def product_symbol(precision: str) -> str:
    """What the product is called where it is called."""
    return f"glassnet_product_{precision}"


def python_callable(address: int, arguments: int = ARGUMENTS) -> Callable[..., int]:
    """A kernel to be called from Python, without the GIL; the arguments that it never reads may be left out."""
    return ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * arguments)(address)


def _key(builder: str, precision: str, ingredients: tuple[Any, ...]) -> str:
    digest = hashlib.sha256(_circumstances())
    for part in (builder, precision, *ingredients):
        digest.update((fingerprint(part) if callable(part) else repr(part)).encode() + b"\0")
    return f"{builder.replace('.', '_')}_{digest.hexdigest()[:32]}"


@cache
def _circumstances() -> bytes:
    """What all compiled code depends on: this very package, the compilers, the processor."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    digest.update(import_module("glassnet").__version__.encode())  # where there are only .pyc files, it has to do
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(metadata.version(package).encode())
    digest.update(platform.python_version().encode())
    digest.update(repr(processor()).encode())
    for setting in (*sorted(_numba_settings()), *_numba_file()):
        digest.update(setting.encode() + b"\0")
    return digest.digest()


IDLE_SETTINGS = ("NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "NUMBA_THREADING_LAYER", "NUMBA_THREADING_LAYER_PRIORITY")
"""Of Numba's settings those that change no kernel: it neither runs threads for us nor keeps anything."""


def _numba_settings() -> list[str]:
    """What the environment tells Numba, such as NUMBA_OPT."""
    return [f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_") and k not in IDLE_SETTINGS]


def _numba_file() -> list[str]:
    """What a file in the working directory tells it."""
    try:
        return [Path(".numba_config.yaml").read_text(errors="replace")]
    except OSError:  # there is none, as a rule
        return []


def _compile(builder: str, precision: str, ingredients: tuple[Any, ...], key: str) -> bytes:
    """Compile a kernel to object code."""
    from numba import config
    from numba.extending import register_jitable

    from glassnet.engines.compiled import elementary

    config.CPU_NAME, config.CPU_FEATURES, *_ = processor()  # it makes its vectors as wide as that one's
    elementary.install()
    number = np.dtype(precision).type
    module, _, name = builder.partition(".")
    build = getattr(import_module(f"glassnet.engines.compiled.kernels.{module}"), name)
    # left as calls, formulas would keep the loops around them from becoming vectors
    inline = register_jitable(**elementary.OPTIONS)
    function = build(number, *(specialize(part, precision, inline) if callable(part) else part for part in ingredients))
    function.__name__ = function.__qualname__ = key
    module, name = _lower(function, *_types(builder, precision))
    _linker()  # now all symbols are known that a kernel may name
    for value in (*module.functions, *module.global_variables):
        if value.name == name:
            value.name = key
        elif not value.is_declaration:
            value.linkage = "internal"  # helpers of the same name in other kernels are not the same helpers
        elif not value.name.startswith("llvm.") and _llvm().address_of_symbol(value.name) is None:
            # where the kernel is loaded there may be no Numba, and an unknown symbol would end the process
            raise TypeError(f"it calls {value.name}; a formula is to be of single numbers, and to raise nothing")
    return bytes(_target().emit_object(module))


def _types(builder: str, precision: str) -> tuple[Any, ...]:
    """Numba's types of a kernel's arguments."""
    import numba

    if builder == PRODUCT:
        return (numba.int64,) * (PRODUCT_ARGUMENTS - 2)
    table, numbers = numba.types.CPointer(numba.int64), numba.types.CPointer(numba.from_dtype(np.dtype(precision)))
    return (table, table, *[numbers] * POINTERS)


def _lower(function: Callable[..., Any], *arguments: Any) -> tuple[Any, str]:
    """A kernel's optimised LLVM code, and its name in it.

    What ``numba.cfunc`` does, without its wrapper, which reports exceptions to Python: no kernel raises one.
    """
    import numba
    from numba.core.compiler import Flags, compile_extra
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    flags = Flags()
    cpu_target.options.parse_as_flags(flags, {"nopython": True} | FAST)
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    flags.nrt = False  # a kernel owns no arrays, so there are no references to count
    with global_compiler_lock:
        result = compile_extra(
            cpu_target.typing_context, cpu_target.target_context, function, arguments, numba.float64, flags, {}
        )
        result.library.finalize()
    return _llvm().parse_assembly(result.library.get_llvm_str()), result.fndesc.llvm_func_name


def _link(code: bytes, key: str) -> int:
    linker = _linker()
    linker.add_object_file(_llvm().ObjectFileRef.from_data(code))
    linker.finalize_object()
    return int(linker.get_function_address(key))


@cache
def _llvm() -> Any:
    """LLVM, loaded when first needed."""
    from llvmlite import binding

    return binding


@cache
def _target() -> Any:
    llvm = _llvm()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features, *_ = processor()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=name, features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )


@cache
def _linker() -> Any:
    llvm = _llvm()
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
