"""The instruction builder: arithmetic, casts, calls and memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.engines.compiled.code.operands import (
    BYTES,
    FLOATS,
    LETTERS,
    RANK,
    Pointer,
    Value,
    Variable,
    literal,
    memory_type,
    type_of,
)
from glassnet.ir import UntraceableError


class Instructions:
    """Emits instructions line by line; :class:`Code` adds the function around them."""

    number: str
    """The default type of numbers."""
    fused: bool
    """Whether the processor has fused multiply-adds."""

    def __init__(self) -> None:
        self.declared: dict[str, str] = {}
        self.entry: list[str] = []
        self.lines: list[str] = []
        self.metadata: list[str] = []
        self.count = 0

    # ------------------------------------------------------------- numbers

    def value(self, number: Any, like: Value) -> Value:
        """Return a Python number as an operand; it takes the type of the other operand, as in NumPy."""
        if isinstance(number, Value):
            return number
        kind = like.kind
        if isinstance(number, np.generic):
            if isinstance(number, np.float64) and kind == "float" and not _fits(number):
                kind = "double"  # as beside an array, to which a number of NumPy's gives its type
            number = number.item()
        if not isinstance(number, (bool, int, float)):
            raise UntraceableError("{value!r} inside a formula of single numbers", value=number)
        if isinstance(number, float) and kind not in FLOATS:
            kind = "double"
        elif kind == "i1" and not isinstance(number, bool):
            kind = "b64"  # no count, and it may go round
        return self.constant(number, kind, like.lanes)

    def constant(self, number: Any, kind: str, lanes: int = 1) -> Value:
        """Return a constant."""
        text = literal(number, kind)
        return Value(self, kind, text if lanes == 1 else f"splat ({type_of(kind)} {text})", lanes)

    def pair(self, x: Any, y: Any) -> tuple[Value, Value]:
        """Return two numbers in their common type."""
        x, y = (self.value(x, y), y) if isinstance(y, Value) else (x, self.value(y, x))
        kind = max(x.kind, y.kind, key=RANK.index)
        if kind == "float" and {x.kind, y.kind} & {"i32", "i64", "b64", "u64"}:
            kind = "double"
        x, y = x.as_kind(kind), y.as_kind(kind)
        lanes = max(x.lanes, y.lanes)
        return self.spread(x, lanes), self.spread(y, lanes)

    def spread(self, x: Value, lanes: int) -> Value:
        """Broadcast a number to all lanes."""
        if x.lanes == lanes:
            return x
        one, kind = Value(self, x.kind, x.text), type_of(x.kind, lanes)
        first = self.define(f"insertelement {kind} poison, {one.type} {one.text}, i64 0")
        mask = f"<{lanes} x i32> zeroinitializer"
        return Value(self, x.kind, self.define(f"shufflevector {kind} {first}, {kind} poison, {mask}"), lanes)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return a select."""
        if isinstance(condition, (bool, np.bool_)):
            return x if condition else y
        if not isinstance(x, Value) and not isinstance(y, Value):
            known = isinstance(x, (bool, np.bool_)) and isinstance(y, (bool, np.bool_))
            number = Value(self, "i1" if known else self.number, "")
            x = self.value(x, number)
        x, y = self.pair(x, y)
        lanes = max(condition.lanes, x.lanes)
        condition, x, y = (self.spread(value, lanes) for value in (condition, x, y))
        chosen = f"select {condition.type} {condition.text}, {x.type} {x.text}, {y.type} {y.text}"
        return Value(self, x.kind, self.define(chosen), lanes)

    def minimum(self, x: Any, y: Any) -> Any:
        """Return the minimum of two integers."""
        return self.where(x < y, x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        """Return the maximum of two integers."""
        return self.where(x > y, x, y)

    # -------------------------------------------------------- instructions

    def define(self, instruction: str) -> str:
        """Emit an instruction with a result; return the result's name."""
        self.count += 1
        self.lines.append(f"  %v{self.count} = {instruction}")
        return f"%v{self.count}"

    def instruction(self, name: str, *values: Value) -> Value:
        """Emit an instruction whose operands and result have one type."""
        first = values[0]
        texts = ", ".join(value.text for value in values)
        return Value(self, first.kind, self.define(f"{name} {first.type} {texts}"), first.lanes)

    def intrinsic(self, name: str, *values: Value) -> Value:
        """Call an LLVM intrinsic that is overloaded by type, such as "sqrt"."""
        first = values[0]
        if first.kind not in FLOATS:
            return self.intrinsic(name, *(value.as_kind("double") for value in values))
        letters = ("" if first.lanes == 1 else f"v{first.lanes}") + LETTERS[first.kind]
        return self.call(f"llvm.{name}.{letters}", first.kind, *values)

    def cast(self, instruction: str, x: Value, kind: str) -> Value:
        """Return a cast."""
        to = type_of(kind, x.lanes)
        return Value(self, kind, self.define(f"{instruction} {x.type} {x.text} to {to}"), x.lanes)

    def call(self, name: str, returns: str, *values: Any, lanes: int = 0) -> Value:
        """Call a function by name; the result has the lanes of the arguments, unless stated."""
        lanes = lanes or (values[0].lanes if values and isinstance(values[0], Value) else 1)
        kinds = [_argument(value) for value in values]
        result = "void" if returns == "void" else type_of(returns, lanes)
        self.declared[name] = f"{result} @{name}({', '.join(kinds)})"
        texts = ", ".join(f"{kind} {value.text}" for kind, value in zip(kinds, values, strict=True))
        return self._called(f"call {result} @{name}({texts})", returns, lanes)

    def call_at(self, address: Value, returns: str, *values: Any) -> Value:
        """Call a function by address."""
        place = self.define(f"inttoptr i64 {address.text} to ptr")
        texts = ", ".join(f"{_argument(value)} {value.text}" for value in values)
        return self._called(f"call {returns if returns == 'void' else type_of(returns)} {place}({texts})", returns, 1)

    def _called(self, call: str, returns: str, lanes: int) -> Value:
        if returns == "void":
            self.lines.append(f"  {call}")
            return Value(self, "i64", "0")
        return Value(self, returns, self.define(call), lanes)

    # -------------------------------------------------------------- memory

    def element(self, place: Pointer, index: Any) -> str:
        """Return the address of an element."""
        index = _index(index)
        return self.define(f"getelementptr inbounds {memory_type(place.kind)}, ptr {place.text}, i64 {index}")

    def load(self, place: Pointer, index: Any, lanes: int = 1) -> Value:
        """Load a number, or several adjacent ones."""
        kind = memory_type(place.kind, lanes)
        scope, align = place.scope, BYTES[place.kind]
        text = self.define(f"load {kind}, ptr {self.element(place, index)}, align {align}{scope}")
        return Value(self, place.kind, text, lanes)

    def store(self, place: Pointer, index: Any, value: Any) -> None:
        """Store a number."""
        value = self.value(value, Value(self, place.kind, "")).as_kind(place.kind)
        at = self.element(place, index)
        self.lines.append(f"  store {value.type} {value.text}, ptr {at}, align {BYTES[place.kind]}{place.scope}")

    def touch(self, place: Pointer, index: Any) -> None:
        """Store the number that is there already, so that this thread owns the cache line."""
        number, at = type_of(place.kind), self.element(place, index)
        now = self.define(f"load volatile {number}, ptr {at}, align {BYTES[place.kind]}")
        self.lines.append(f"  store volatile {number} {now}, ptr {at}, align {BYTES[place.kind]}")

    def copy(self, target: Pointer, source: Pointer, count: Any) -> None:
        """Copy numbers that do not overlap."""
        self.declared["llvm.memcpy.p0.p0.i64"] = "void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
        size = _index(count * BYTES[target.kind])
        self.lines.append(
            f"  call void @llvm.memcpy.p0.p0.i64(ptr {target.text}, ptr {source.text}, i64 {size}, i1 false)"
        )

    def pointer(self, address: Value, kind: str) -> Pointer:
        """Return an integer as a pointer."""
        return Pointer(self, kind, self.define(f"inttoptr i64 {address.text} to ptr"))

    def address(self, place: Pointer) -> Value:
        """Return a pointer as an integer."""
        return Value(self, "i64", self.define(f"ptrtoint ptr {place.text} to i64"))

    def atomic_add(self, place: Pointer, index: Any, value: Any) -> Value:
        """Atomic addition; returns the previous value."""
        value = self.value(value, Value(self, place.kind, ""))
        at = self.element(place, index)
        text = self.define(f"atomicrmw add ptr {at}, {value.type} {value.text} seq_cst, align {BYTES[place.kind]}")
        return Value(self, place.kind, text)

    def atomic_load(self, place: Pointer, index: Any) -> Value:
        """Atomic load of a number that other threads change."""
        at, kind = self.element(place, index), type_of(place.kind)
        text = self.define(f"load atomic {kind}, ptr {at} seq_cst, align {BYTES[place.kind]}")
        return Value(self, place.kind, text)

    def variable(self, value: Any, kind: str) -> Variable:
        """Return a variable with an initial value."""
        self.count += 1
        self.entry.append(f"  %p{self.count} = alloca {memory_type(kind)}")
        return Variable(Pointer(self, kind, f"%p{self.count}"), value)

    def vector(self, kind: str, lanes: int) -> Variable:
        """Return a vector variable, initially zero."""
        self.count += 1
        self.entry.append(f"  %p{self.count} = alloca {type_of(kind, lanes)}")
        return Variable(Pointer(self, kind, f"%p{self.count}"), self.constant(0.0, kind, lanes), lanes)

    def lanes_below(self, count: Value, lanes: int) -> Value:
        """Return a mask of the lanes whose index is below a count."""
        return self.lanes(lanes) < count

    def lanes(self, count: int) -> Value:
        """Return the indices of lanes."""
        return Value(self, "i64", f"<{', '.join(f'i64 {lane}' for lane in range(count))}>", count)

    def apart(self, places: Sequence[Pointer]) -> list[Pointer]:
        """Declare that pointers do not overlap; otherwise LLVM would test it, or not vectorise."""
        domain = self._metadata("distinct !{!{0}}")
        scopes = [self._metadata(f"distinct !{{!{{0}}, !{domain}}}") for _ in places]
        found = []
        for mine, place in zip(scopes, places, strict=True):
            others = self._metadata("!{" + ", ".join(f"!{scope}" for scope in scopes if scope != mine) + "}")
            alone = self._metadata(f"!{{!{mine}}}")
            found.append(replace(place, scope=f", !alias.scope !{alone}, !noalias !{others}"))
        return found

    def _metadata(self, text: str) -> int:
        number = len(self.metadata)
        self.metadata.append(text.replace("{0}", str(number)))
        return number


def _fits(number: np.float64) -> bool:
    """Return whether float32 takes a number for neither zero nor infinite that is not."""
    known = np.finfo(np.float32)
    return bool(number == 0 or not np.isfinite(number) or known.smallest_subnormal <= abs(number) <= known.max)


def _argument(value: Any) -> str:
    return "ptr" if isinstance(value, Pointer) else str(value.type)


def _index(index: Any) -> str:
    return index.as_kind("i64").text if isinstance(index, Value) else str(int(index))
