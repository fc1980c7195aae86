"""A formula in one precision, and a fingerprint that changes whenever the formula does.

A compiler takes every literal for a float64, which would draw all arithmetic of a float32 network up to float64. So
the *constants* of the function's code are replaced by numbers of the wanted precision. The formula itself is not
touched, let alone written again. Functions that it calls and values that it closes over are treated alike.
"""

from __future__ import annotations

import dis
import hashlib
import sys
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from glassnet.formulas import elementary
from glassnet.formulas.activations import sigmoid

__all__ = ["choose", "clip", "fingerprint", "ones_like", "reads", "reads_others", "specialize", "zeros_like"]

ELEMENTARY = tuple(getattr(elementary, name) for name in elementary.__all__)
"""Left as they are: the compiler has its own versions of them."""

Function = Callable[..., Any]


def choose(condition: Any, x: Any, y: Any) -> Any:
    """What ``np.where`` is in a formula of single numbers; the compiler's own would make an array of it."""
    return np.where(condition, x, y)


def clip(x: Any, low: Any, high: Any) -> Any:
    """What ``np.clip`` is there."""
    return np.clip(x, low, high)


def zeros_like(x: Any) -> Any:
    """What ``np.zeros_like`` is there."""
    return np.zeros_like(x)


def ones_like(x: Any) -> Any:
    """What ``np.ones_like`` is there."""
    return np.ones_like(x)


STAND_INS = (choose, clip, zeros_like, ones_like)
"""Left as they are, too."""


class _NumPy(ModuleType):
    """What ``np`` is inside a compiled formula: NumPy's functions of single numbers.

    Those that the compiler is slow at are replaced. Others there are none: ``np.sum`` of a single number would be that
    number, and the formula another than the one that NumPy computes.
    """

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if isinstance(value, np.ufunc):
            return _REPLACED.get(value, value)
        if isinstance(value, (float, type)):
            return value
        raise AttributeError(f"np.{name} is no function of single numbers")


_REPLACED: dict[Any, Function] = {
    getattr(np, name): getattr(elementary, name) for name in elementary.__all__ if hasattr(np, name)
}
SCIPY: dict[str, Function] = {"erf": elementary.erf, "erfc": elementary.erfc, "expit": sigmoid}
"""SciPy's functions, which the compiler does not know, and ours."""

_NUMPY = _NumPy("numpy in formulas")
_NUMPY.__dict__.update(where=choose, clip=clip, zeros_like=zeros_like, ones_like=ones_like)


def specialize(function: Function, precision: str, mark: Callable[[Function], Function]) -> Function:
    """The function in one precision.

    Parameters
    ----------
    function : callable
        A plain Python function of scalars; it may call other such functions of its module.
    precision : {"float32", "float64"}
    mark : callable
        What makes a function callable from compiled code; applied to this one and to those that it calls.
    """
    if function in ELEMENTARY or function in STAND_INS:
        return function
    number = np.dtype(precision).type
    plain = (int, float) if number is np.float32 else ()  # beside a float64 they are what they should be

    def convert(value: Any) -> Any:
        if value is np:
            return _NUMPY
        if _is_scipys(value):
            return convert(SCIPY[value.__name__])
        if isinstance(value, np.ufunc):
            return _REPLACED.get(value, value)
        if callable(value) and value in (np.where, np.clip, np.zeros_like, np.ones_like):
            return getattr(_NUMPY, value.__name__)
        if isinstance(value, FunctionType):
            return specialize(value, precision, mark)
        if isinstance(value, tuple):
            return tuple(map(convert, value))
        return number(value) if type(value) in plain else value

    python: FunctionType = _plain(function)
    code = python.__code__
    constants = tuple(c if c is None or isinstance(c, (str, CodeType)) else convert(c) for c in code.co_consts)
    namespace = dict(python.__globals__) | {name: convert(value) for name, value in _globals(python)}
    cells = tuple(CellType(convert(cell.cell_contents)) for cell in python.__closure__ or ())
    narrowed = FunctionType(
        code.replace(co_consts=constants), namespace, python.__name__, python.__defaults__, cells or None
    )
    return mark(narrowed)


def fingerprint(function: Function) -> str:
    """A text that is the same for the same formula in every process, and another for any other formula."""
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def reads(function: Function, position: int) -> bool:
    """Whether a function reads its argument at this position at all: what nobody reads need not be kept."""
    code = _plain(function).__code__
    if position >= code.co_argcount:  # among those that *arguments take up
        return True
    name = code.co_varnames[position]
    if name in code.co_cellvars:  # a function within it has it
        return True
    loads = (step for step in dis.get_instructions(function) if step.opname.startswith("LOAD_FAST"))
    return any(name in (step.argval if isinstance(step.argval, tuple) else (step.argval,)) for step in loads)


def reads_others(function: Function) -> bool:
    """Whether a function of somebody's own reads anything beside its arguments, which may change between two calls."""
    python = _plain(function)
    ours = (python.__module__ or "").startswith("glassnet.")  # code that `exec` runs may have no module
    return not ours and bool(_globals(python) or python.__closure__)


def _is_scipys(value: Any) -> bool:
    """Whether it is one of SciPy's functions that we have: a ufunc, or a function around one, whatever its file."""
    if isinstance(value, np.ufunc):
        return value.__name__ in SCIPY
    if not isinstance(value, FunctionType) or value.__name__ not in SCIPY:
        return False
    return value is getattr(sys.modules.get("scipy.special"), value.__name__, None)


def _parts(function: Function, seen: set[Function]) -> Iterator[str]:
    """Everything that a function's result can depend on."""
    if function in seen or function in ELEMENTARY or function in STAND_INS:
        yield function.__name__
        return
    seen.add(function)
    python = _plain(function)
    yield from _code_parts(python.__code__)
    cells = ((f"cell {i}", cell.cell_contents) for i, cell in enumerate(python.__closure__ or ()))
    for name, value in (*_globals(python), *cells, ("defaults", python.__defaults__)):
        yield name
        yield from _value_parts(value, python.__code__, seen)


def _value_parts(value: Any, code: CodeType, seen: set[Function]) -> Iterator[str]:
    if _is_scipys(value):
        yield f"scipy {value.__name__}"
    elif isinstance(value, FunctionType):
        yield from _parts(value, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
        if value is not np:  # somebody's own: what the function may read of it
            for name in _names(code):
                if name in vars(value):
                    yield name
                    yield from _value_parts(vars(value)[name], code, seen)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    elif isinstance(value, tuple):
        for entry in value:
            yield from _value_parts(entry, code, seen)
    elif isinstance(value, frozenset):
        yield repr(sorted(map(repr, value)))
    else:
        yield repr(value)


def _code_parts(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)


def _names(code: CodeType) -> list[str]:
    """The names of globals and attributes in a function, and in those within it."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return [*code.co_names, *(name for function in inner for name in _names(function))]


def _globals(function: FunctionType) -> list[tuple[str, Any]]:
    """What a function reads from its module by name."""
    return [(name, function.__globals__[name]) for name in _names(function.__code__) if name in function.__globals__]


def _plain(function: Function) -> FunctionType:
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is not a plain Python function")
    return function
