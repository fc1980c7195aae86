"""Operands: numbers with their LLVM type, whose arithmetic emits instructions; pointers, matrices, loop variables."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.ir import UntraceableError

if TYPE_CHECKING:
    from glassnet.engines.compiled.code.instructions import Instructions


from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from glassnet.engines.compiled.code.code import Code
    from glassnet.engines.compiled.code.instructions import Instructions

TYPES = {"float": np.float32, "double": np.float64, "i1": np.bool_, "i32": np.int32, "i64": np.int64}
TYPES |= {"b64": np.int64, "u64": np.uint64}
"""Types of operands in LLVM's words, plus u64 (unsigned) and b64 (the bits of a double, which may wrap around)."""
BYTES = {"float": 4, "double": 8, "i1": 1, "i32": 4, "i64": 8, "b64": 8, "u64": 8}
RANK = ("i1", "i32", "i64", "b64", "u64", "float", "double")
"""Promotion: of two types the later one."""
FLOATS = ("float", "double")
NUMBER = {"float32": "float", "float64": "double"}
"""LLVM's name of a network's precision."""
LETTERS = {"float": "f32", "double": "f64", "i64": "i64"}
"""Suffixes of LLVM's intrinsics by type."""


def type_of(kind: str, lanes: int = 1) -> str:
    """Return LLVM's name of a type, or of a vector of it."""
    word = "i64" if kind in ("u64", "b64") else kind
    return word if lanes == 1 else f"<{lanes} x {word}>"


def memory_type(kind: str, lanes: int = 1) -> str:
    """Return the type in memory, where a boolean takes a byte."""
    return "i8" if kind == "i1" else type_of(kind, lanes)


def kind_of(dtype: np.dtype[Any]) -> str:
    """Return the type of an array's elements."""
    return next(kind for kind, known in TYPES.items() if np.dtype(known) == dtype)


def literal(number: Any, kind: str) -> str:
    """Return a constant as LLVM reads it: floats by their bits."""
    if kind in FLOATS:
        with np.errstate(all="ignore"):
            return f"0x{struct.unpack('<Q', struct.pack('<d', float(TYPES[kind](number))))[0]:016X}"
    if kind == "i1":
        return "true" if number else "false"
    return str(int(number))


SIGNED = {"<": "slt", "<=": "sle", ">": "sgt", ">=": "sge", "==": "eq", "!=": "ne"}
UNSIGNED = SIGNED | {"<": "ult", "<=": "ule", ">": "ugt", ">=": "uge"}
ORDERED = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}


def _sides(function: Callable[..., Any]) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """Return an operator and its reflected form; other types get NotImplemented."""

    def left(self: Value, other: Any) -> Any:
        return function(*self.code.pair(self, other)) if isinstance(other, OPERANDS) else NotImplemented

    def right(self: Value, other: Any) -> Any:
        return function(*self.code.pair(other, self)) if isinstance(other, OPERANDS) else NotImplemented

    return left, right


class Value:
    """An operand: a number at run time, or a vector of `lanes` numbers."""

    __slots__ = ("code", "factors", "kind", "lanes", "text")

    def __init__(self, code: Instructions, kind: str, text: str, lanes: int = 1) -> None:
        self.code, self.kind, self.text, self.lanes = code, kind, text, lanes
        self.factors: tuple[Value, Value] | None = None
        """Its factors, if it is a product."""

    @property
    def type(self) -> str:
        """LLVM's name of the type."""
        return type_of(self.kind, self.lanes)

    __array_ufunc__ = None  # beside it a number of NumPy's is an operand like any other

    def __bool__(self) -> bool:
        raise TypeError("what holds is known when the code runs: Code.where, Code.when")

    # --------------------------------------------------------- arithmetic

    __add__, __radd__ = _sides(lambda x, y: _add(x, y))
    __sub__, __rsub__ = _sides(lambda x, y: _subtract(x, y))
    __mul__, __rmul__ = _sides(lambda x, y: _multiply(x, y))
    __truediv__, __rtruediv__ = _sides(lambda x, y: _divide(x, y))
    __floordiv__, __rfloordiv__ = _sides(lambda x, y: _integer(x, y, "sdiv", "udiv"))
    __mod__, __rmod__ = _sides(lambda x, y: _integer(x, y, "srem", "urem"))
    __lshift__, __rlshift__ = _sides(lambda x, y: _integer(x, y, "shl", "shl"))
    __rshift__, __rrshift__ = _sides(lambda x, y: _integer(x, y, "ashr", "lshr"))
    __and__, __rand__ = _sides(lambda x, y: _integer(x, y, "and", "and"))
    __or__, __ror__ = _sides(lambda x, y: _integer(x, y, "or", "or"))
    __xor__, __rxor__ = _sides(lambda x, y: _integer(x, y, "xor", "xor"))
    __lt__, __gt__ = _sides(lambda x, y: _compare("<", x, y))
    __le__, __ge__ = _sides(lambda x, y: _compare("<=", x, y))
    __eq__, __ne__ = (_sides(lambda x, y, sign=sign: _compare(sign, x, y))[0] for sign in ("==", "!="))
    __hash__ = object.__hash__

    def __invert__(self) -> Any:
        if self.kind != "i1":
            raise UntraceableError("~ of a number")
        return self ^ True

    def __neg__(self) -> Any:
        return self.code.instruction("fneg", self) if self.kind in FLOATS else 0 - self

    def __abs__(self) -> Any:
        return self.code.intrinsic("fabs", self)

    # ------------------------------------------------------------- types

    def as_kind(self, kind: str) -> Value:
        """Return a cast to another type."""
        if kind == self.kind:
            return self
        if {kind, self.kind} <= {"i64", "u64", "b64"}:
            return Value(self.code, kind, self.text, self.lanes)
        if self.kind in FLOATS:
            into = ("fptrunc" if kind == "float" else "fpext") if kind in FLOATS else "fptosi"
        elif kind in FLOATS:
            into = "uitofp" if self.kind in ("i1", "u64") else "sitofp"
        elif BYTES[kind] > BYTES[self.kind]:
            into = "zext" if self.kind == "i1" else "sext"
        else:
            into = "trunc"
        return self.code.cast(into, self, kind)


OPERANDS = (Value, bool, int, float, np.generic)
"""Types that arithmetic accepts."""


def _add(x: Value, y: Value) -> Value:
    """x + y; if an operand is a product (the first, if both are), a fused multiply-add."""
    if x.kind not in FLOATS:
        return _whole("add", x, y)
    for one, other in ((x, y), (y, x)):
        if one.factors and x.code.fused:
            return x.code.intrinsic("fma", *one.factors, other)
    return x.code.instruction("fadd", x, y)


def _subtract(x: Value, y: Value) -> Value:
    if x.kind not in FLOATS:
        return _whole("sub", x, y)
    if x.code.fused and x.factors:
        return x.code.intrinsic("fma", *x.factors, -y)
    if x.code.fused and y.factors:
        return x.code.intrinsic("fma", -y.factors[0], y.factors[1], x)
    return x.code.instruction("fsub", x, y)


def _multiply(x: Value, y: Value) -> Value:
    if x.kind not in FLOATS:
        return _whole("mul", x, y)
    product = x.code.instruction("fmul", x, y)
    product.factors = x, y
    return product


def _divide(x: Value, y: Value) -> Value:
    if x.kind not in FLOATS:
        x, y = x.as_kind("double"), y.as_kind("double")
    return x.code.instruction("fdiv", x, y)


def _compare(sign: str, x: Value, y: Value) -> Value:
    names = ORDERED if x.kind in FLOATS else UNSIGNED if x.kind in ("u64", "i1") else SIGNED
    compare = "fcmp" if x.kind in FLOATS else "icmp"
    return Value(x.code, "i1", x.code.define(f"{compare} {names[sign]} {x.type} {x.text}, {y.text}"), x.lanes)


def _whole(name: str, x: Value, y: Value) -> Value:
    """Integer arithmetic: i64 never overflows, other types wrap around."""
    if x.kind == "i1":
        raise UntraceableError("arithmetic with truth values alone")
    return x.code.instruction(f"{name} nsw" if x.kind == "i64" else name, x, y)


def _integer(x: Value, y: Value, signed: str, unsigned: str) -> Value:
    if x.kind in FLOATS:
        raise UntraceableError("{operation} of numbers with a point", operation=signed)
    if x.kind == "b64" and signed in ("sdiv", "srem"):
        raise UntraceableError("a division that would have to look for zeros, and round down")
    return x.code.instruction(unsigned if x.kind == "u64" else signed, x, y)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer to contiguous numbers of one type."""

    code: Instructions
    kind: str
    text: str
    scope: str = ""
    """Metadata that excludes aliasing; see :meth:`Code.apart`."""

    def __add__(self, count: Any) -> Pointer:
        """Return the pointer plus an offset in numbers."""
        return replace(self, text=self.code.element(self, count))

    def __getitem__(self, index: Any) -> Value:
        return self.code.load(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.code.store(self, index, value)

    def all(self, count: int) -> tuple[Value, ...]:
        """Return the first `count` numbers: the trailing arguments of a formula."""
        return tuple(self[i] for i in range(count))

    def by(self, columns: Any) -> Matrix:
        """Return it as a row-major matrix."""
        return Matrix(self, columns)

    def fill(self, count: Any, value: Any) -> None:
        """Fill numbers with a value."""
        for i in cast("Code", self.code).range(count):
            self[i] = value

    def copy(self, source: Pointer, count: Any) -> None:
        """Copy numbers from another pointer."""
        self.code.copy(self, source, count)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix in memory."""

    start: Pointer
    columns: Any

    def __getitem__(self, place: tuple[Any, Any]) -> Value:
        return self.start[place[0] * self.columns + place[1]]

    def __setitem__(self, place: tuple[Any, Any], value: Any) -> None:
        self.start[place[0] * self.columns + place[1]] = value


class Variable:
    """A variable that changes between iterations of a loop."""

    def __init__(self, place: Pointer, value: Any, lanes: int = 1) -> None:
        self.place, self.lanes = place, lanes
        self.value = value

    @property
    def value(self) -> Value:
        """Its current value."""
        return self.place.code.load(self.place, 0, self.lanes)

    @value.setter
    def value(self, value: Any) -> None:
        self.place[0] = value
