"""From a kernel's Python function to an address: Numba compiles, object code is kept, LLVM's linker loads it.

Numba is only needed where something must be compiled. A kernel that is kept already is loaded without it, which saves
a third of a second in every process.
"""

from __future__ import annotations

import ctypes
import hashlib
import platform
import threading
from collections.abc import Callable
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.engines.compiled import store
from glassnet.engines.compiled.specialize import fingerprint, specialize

__all__ = ["FAST", "kernel", "python_callable"]

FAST = {"error_model": "numpy", "fastmath": {"nsz", "contract", "reassoc", "arcp"}}
"""What the compiler may do: add in any order, and fuse. Never that there is no NaN: it is how divergence shows."""

POINTERS = 9
"""How many pointers to numbers a kernel gets after the two tables: P, S, G, A, D, E, C, Y, W."""

ARGUMENTS = 4 + POINTERS
"""``kernel(result, error, op, run, P, S, G, A, D, E, C, Y, W)``, addresses as integers.

result is where the float64 goes that a kernel returns, error where an exception would go, if one were raised: that is
how Numba's functions are called.

op and run are tables of int64: the operation's own, and the worker's. P parameters, S statistics, G gradient, A
activations, D their gradients, E what else must be kept, C constants, Y targets, W weights of the rows.
"""

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
    key = _key(builder, precision, ingredients)
    with _lock:
        if key not in _loaded:
            code = store.load(key)
            if code is None:
                code = _compile(builder, precision, ingredients, key)
                store.save(key, code)
            _loaded[key] = _link(code, key)
        return _loaded[key]


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
    llvm = _llvm()
    digest.update(f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}".encode())
    return digest.digest()


def _compile(builder: str, precision: str, ingredients: tuple[Any, ...], key: str) -> bytes:
    """Compile a kernel to object code."""
    from numba.extending import register_jitable

    from glassnet.engines.compiled import elementary

    elementary.install()
    number = np.dtype(precision).type
    module, _, name = builder.partition(".")
    build = getattr(import_module(f"glassnet.engines.compiled.kernels.{module}"), name)
    # left as calls, formulas would keep the loops around them from becoming vectors
    inline = register_jitable(forceinline=True)
    function = build(number, *(specialize(part, precision, inline) if callable(part) else part for part in ingredients))
    function.__name__ = function.__qualname__ = key
    module, name = _lower(function, precision)
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


def _lower(function: Callable[..., Any], precision: str) -> tuple[Any, str]:
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
    table, numbers = numba.types.CPointer(numba.int64), numba.types.CPointer(numba.from_dtype(np.dtype(precision)))
    arguments = (table, table, *[numbers] * POINTERS)
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
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )


@cache
def _linker() -> Any:
    llvm = _llvm()
    linker = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    from scipy.linalg import cython_blas

    for name in ("sgemm", "dgemm"):
        llvm.add_symbol(f"glassnet_{name}", _cython_address(cython_blas, name))
    return linker


def _cython_address(module: Any, name: str) -> int:
    """The address of a C function that a Cython module offers."""
    capsule = module.__pyx_capi__[name]
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(get_pointer(capsule, get_name(capsule)))
