"""Compilation: from a kernel's builder to its text, to object code, which is cached, to an address.

LLVM's back end is only needed where something must be compiled. A kernel that is kept already is found by its text.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from glassnet.engines.compiled import kernel_cache, llvm
from glassnet.engines.compiled.code.kernel import Kernel, product_symbol, python_callable
from glassnet.engines.compiled.kernels.product import multiply, product_text
from glassnet.engines.compiled.kernels.rounded_product import ROUNDED, rounded_product_text
from glassnet.engines.compiled.llvm import Processor, processor
from glassnet.engines.compiled.reuse import is_ours, once
from glassnet.engines.compiled.verify import FormulaCheck
from glassnet.ir.scalar import capture, symbol

_lock = threading.RLock()
_loaded: dict[str, int] = {}


def kernel(builder: str, precision: str, *ingredients: Any) -> int:
    """Return the address of a kernel.

    Parameters
    ----------
    builder : str
        Which function writes it: "layer.forward" is ``forward`` in ``kernels/layer.py``. It is called with the kernel
        and the ingredients.
    precision : {"float32", "float64"}
    *ingredients
        Formulas (plain functions), and plain values.

    Raises
    ------
    UntraceableError
        If a formula uses an operation that cannot be traced.
    """

    def found() -> int:
        written = write(builder, precision, *ingredients)
        for each in (precision, ROUNDED):
            if product_symbol(each) in written.declared:
                product(each)
        for formula, rows, numbers in written.formulas.values():
            if not is_ours(formula):
                _try(formula, rows, numbers)
        return _loaded_or_compiled(builder, written.text())

    return once(found, builder, precision, *ingredients)


def text_of(builder: str, precision: str, *ingredients: Any, target: Processor | None = None) -> str:
    """Return the text of a kernel, named "kernel", for this processor or another."""
    return write(builder, precision, *ingredients, target=target).text()


def write(builder: str, precision: str, *ingredients: Any, target: Processor | None = None) -> Kernel:
    """Run a kernel's builder."""
    module, _, name = builder.partition(".")
    build = getattr(import_module(f"glassnet.engines.compiled.kernels.{module}"), name)
    written = Kernel("kernel", precision, target or processor())
    formulas = (callable(part) and not isinstance(part, type) for part in ingredients)
    build(
        written, *(written.formula(one) if is_one else one for one, is_one in zip(ingredients, formulas, strict=True))
    )
    return written


def _try(formula: Callable[..., Any], rows: int, numbers: int) -> None:
    """Refuse a formula whose code gives other numbers than the formula itself does for arrays.

    Raises
    ------
    UntraceableError
    """
    trial = FormulaCheck(formula, rows, numbers)
    run = python_callable(_loaded_or_compiled("trial", trial.code.text()), len(trial.addresses))
    run(*trial.addresses)
    trial.judge()


def product(precision: str) -> int:
    """Return the address of the product of two matrices, which kernels call by its symbol.

    Of precision "bfloat16" it is that of rounded numbers.
    """

    def found() -> int:
        if precision == ROUNDED:
            text = rounded_product_text(processor())
        else:
            text = product_text(multiply(processor(), precision), processor(), precision)
        # tiles are emitted in their final form, and the code around them takes no time
        address = _loaded_or_compiled("product", text, product_symbol(precision), passes=0)
        llvm.binding().add_symbol(product_symbol(precision), address)
        return address

    return once(found, "product", precision)


def reads(function: Callable[..., Any], position: int, arguments: int, precision: str) -> bool:
    """Return whether a formula uses its argument at this position; if not, the argument need not be stored."""

    def found() -> bool:
        symbols = [symbol(f"x{number}", precision) for number in range(arguments)]
        return symbols[position].node in capture(function, *symbols).nodes

    try:
        return once(found, "reads", function, position, arguments, precision)
    except Exception:  # the formula is traced again where the error can be reported
        return True


def _loaded_or_compiled(name: str, text: str, symbol: str = "kernel", passes: int = llvm.PASSES) -> int:
    """Return the address of a text's code: loaded already, or from the cache, or compiled now."""
    digest = hashlib.sha256(_circumstances() + f"{passes}\n{text}".encode()).hexdigest()
    key = f"{name.replace('.', '_')}_{digest[:32]}"
    with _lock:
        if key not in _loaded:
            code = kernel_cache.load(key)
            if code is None:
                code = llvm.object_code(text.replace(f"@{symbol}(", f"@{key}("), passes)
                kernel_cache.save(key, code)
            _loaded[key] = llvm.linked(code, key)
        return _loaded[key]


@cache
def _circumstances() -> bytes:
    """Return the dependencies of code besides its text: compiler and processor."""
    from llvmlite import __version__ as version

    return repr((version, processor(), llvm.ATTRIBUTES, llvm.UNROLLING)).encode()
