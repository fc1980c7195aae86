"""A formula in one precision, and a fingerprint that changes whenever the formula does.

A compiler takes every literal for a float64, which would draw all arithmetic of a float32 network up to float64. So
the *constants* of the function's code are replaced by numbers of the wanted precision. The formula itself is not
touched, let alone written again. Functions that it calls and values that it closes over are treated alike.
"""

from __future__ import annotations

import dis
import hashlib
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from glassnet.formulas import elementary

__all__ = ["choose", "fingerprint", "reads", "specialize"]

ELEMENTARY = tuple(getattr(elementary, name) for name in elementary.__all__)
"""Left as they are: the compiler has its own versions of them."""

Function = Callable[..., Any]


def choose(condition: Any, x: Any, y: Any) -> Any:
    """What ``np.where`` is in a formula of single numbers; the compiler's own would make an array of it."""
    return np.where(condition, x, y)


class _NumPy(ModuleType):
    """What ``np`` is inside a compiled formula: NumPy, with the compiler's versions of what it is slow at."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        return _REPLACED.get(value, value) if isinstance(value, np.ufunc) else value


_REPLACED: dict[Any, Function] = {
    getattr(np, name): getattr(elementary, name) for name in elementary.__all__ if hasattr(np, name)
}
_NUMPY = _NumPy("numpy in formulas")
_NUMPY.where = choose  # type: ignore[attr-defined]


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
    if function in ELEMENTARY or function is choose:
        return function
    number = np.dtype(precision).type
    plain = (int, float) if number is np.float32 else ()  # beside a float64 they are what they should be

    def convert(value: Any) -> Any:
        if value is np:
            return _NUMPY
        if value is np.where:
            return choose
        if isinstance(value, np.ufunc):
            # erf is SciPy's, which the compiler does not know
            return elementary.erf if value.__name__ == "erf" else _REPLACED.get(value, value)
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
    name = _plain(function).__code__.co_varnames[position]
    loads = (step for step in dis.get_instructions(function) if step.opname.startswith("LOAD_FAST"))
    return any(name in (step.argval if isinstance(step.argval, tuple) else (step.argval,)) for step in loads)


def _parts(function: Function, seen: set[Function]) -> Iterator[str]:
    if function in seen or function in ELEMENTARY:
        yield function.__name__
        return
    seen.add(function)
    python = _plain(function)
    yield from _code_parts(python.__code__)
    cells = ((f"cell {i}", cell.cell_contents) for i, cell in enumerate(python.__closure__ or ()))
    for name, value in (*_globals(python), *cells, ("defaults", python.__defaults__)):
        yield name
        if isinstance(value, FunctionType):
            yield from _parts(value, seen)
        else:
            yield value.__name__ if isinstance(value, ModuleType) else repr(value)


def _code_parts(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        else:
            yield repr(constant)


def _globals(function: FunctionType) -> list[tuple[str, Any]]:
    """What a function reads from its module by name."""
    return [(name, function.__globals__[name]) for name in function.__code__.co_names if name in function.__globals__]


def _plain(function: Function) -> FunctionType:
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is not a plain Python function")
    return function
