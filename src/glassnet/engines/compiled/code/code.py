"""Emission of native code by running Python: a kernel's function is called once, with operands for numbers.

Operations on an operand are not computed but emitted as LLVM instructions. A kernel gets a :class:`Code` as well, for
whatever has no operator in Python: loops, branches, memory, and formulas, whose graphs are lowered where they are
called (``formula_lowering.py``).

    for i in code.range(rows):
        a[i] = f(x[i])

emits one loop, whose body are the operations on the symbolic index `i`.

Every instruction stands for itself: no sum is taken in another order, and a product that goes into a sum is fused with
it wherever that is written, here and by no compiler (``_add`` in ``operands.py``). So a number has the same bits
whatever vectors LLVM makes of a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from glassnet.engines.compiled.code.formula_lowering import lower
from glassnet.engines.compiled.code.instructions import Instructions
from glassnet.engines.compiled.code.operands import (
    FLOATS,
    Pointer,
    Value,
    type_of,
)
from glassnet.engines.compiled.llvm import Processor

FLUSH = {"x86": 0x8040, "aarch64": 1 << 24}
"""Flags that flush subnormal results and operands to zero: two bits of x86's register MXCSR, one of ARM's FPCR."""


class Code(Instructions):
    """The text of one function.

    Parameters
    ----------
    name : str
    returns : str
        The return type: one of the types of numbers, or "void".
    arguments : sequence of (str, str)
        Their names, and their types; "*float" is a place of such numbers.
    processor : Processor
        Which it is for.
    """

    def __init__(self, name: str, returns: str, arguments: Sequence[tuple[str, str]], processor: Processor) -> None:
        super().__init__()
        self.name, self.returns, self.processor, self.fused = name, returns, processor, processor.fused
        kinds = (kind.strip("*") for _, kind in arguments)
        self.number = next((kind for kind in kinds if kind in FLOATS), "double")
        self.parts: dict[str, Code] = {}
        self.exits: list[str] = []
        self.ended = False
        self.formulas: dict[int, tuple[Callable[..., Any], int, int]] = {}
        """Which formulas have been called, with how many rows and numbers, by their identity: some are not hashable."""
        texts = [f"{'ptr' if kind[0] == '*' else type_of(kind)} %{argument}" for argument, kind in arguments]
        self.head = f"{'void' if returns == 'void' else type_of(returns)} @{name}({', '.join(texts)})"
        for argument, kind in arguments:
            symbol: Any = Value(self, kind, f"%{argument}")
            if kind[0] == "*":
                symbol = Pointer(self, kind[1:], f"%{argument}")
            setattr(self, argument, symbol)

    def text(self) -> str:
        """Return the whole text, to be followed by the attributes #0."""
        texts = [part.body("internal ") for part in self.parts.values()]
        declared = self.declared.copy()
        for part in self.parts.values():
            declared |= part.declared
        outside = "".join(f"declare {text}\n" for name, text in declared.items() if name not in self.parts)
        metadata = "".join(f"!{number} = {text}\n" for number, text in enumerate(self.metadata))
        return "\n".join([outside, *texts, self.body(), metadata])

    def body(self, linkage: str = "") -> str:
        """Return the function alone."""
        if not self.ended:
            self.give(0)
        lines = "\n".join(["entry:", *self.entry, "  br label %start", "start:", *self.lines])
        # without this attribute LLVM uses narrower vectors than some processors have
        width = f'"prefer-vector-width"="{self.processor.bits}"'
        return f"define {linkage}{self.head} #0 {width} {{\n{lines}\n}}\n"

    def part(
        self, name: str, arguments: Sequence[tuple[str, str]], build: Callable[[Any], None], *values: Any
    ) -> Value:
        """Call a local function, which is emitted at its first call."""
        if name not in self.parts:
            self.parts[name] = part = Code(name, self.returns, arguments, self.processor)
            build(part)
        return self.call(name, self.returns, *values)

    # ----------------------------------------------------------- processor

    def pause(self) -> None:
        """Emit a spin-wait hint: the core's other thread gets its resources."""
        if self.processor.family == "x86":
            self.call("llvm.x86.sse2.pause", "void")
        elif self.processor.family == "aarch64":
            self.call("llvm.aarch64.hint", "void", self.constant(1, "i32"))  # yield

    def flush_subnormals(self) -> Value:
        """Flush subnormal numbers of this thread to zero from here on; returns the mode to restore.

        The gradients of a network that fits its rows well die out through such numbers, and some processors need a
        hundred times as long for each. Elsewhere than on x86 and 64-bit ARM nothing is done.
        """
        if self.processor.family not in FLUSH:
            return self.constant(0, "i32")
        before = self._control()
        self.restore_subnormals(before | FLUSH[self.processor.family])
        return before

    def _control(self) -> Value:
        """Return the floating-point control register."""
        if self.processor.family == "aarch64":
            return self.call("llvm.aarch64.get.fpcr", "i64")
        place = self.variable(0, "i32").place
        self.call("llvm.x86.sse.stmxcsr", "void", place)
        return place[0]

    def restore_subnormals(self, before: Value) -> None:
        """Restore the mode before :meth:`flush_subnormals`."""
        if self.processor.family == "aarch64":
            self.call("llvm.aarch64.set.fpcr", "void", before)
        elif self.processor.family == "x86":
            self.call("llvm.x86.sse.ldmxcsr", "void", self.variable(before, "i32").place)

    # -------------------------------------------------------------- events

    def range(self, *bounds: Any, step: Any = 1) -> Iterator[Value]:
        """A loop, as Python's own: ``for i in code.range(n)``."""
        start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds
        i = self.variable(start, "i64")
        head, body, leave = self._labels(3)
        self.go(head)
        self.begin(head)
        now = i.value
        self.branch(now < stop, body, leave)
        self.begin(body)
        self.exits.append(leave)
        yield now
        self.exits.pop()
        if not self.ended:
            i.value = now + step
            self.go(head)
        self.begin(leave)

    def forever(self) -> Iterator[None]:
        """A loop that :meth:`leave` ends."""
        body, leave = self._labels(2)
        self.go(body)
        self.begin(body)
        self.exits.append(leave)
        yield
        self.exits.pop()
        if not self.ended:
            self.go(body)
        self.begin(leave)

    def leave(self) -> None:
        """Leave the loop."""
        self.go(self.exits[-1])

    @contextmanager
    def when(self, condition: Any) -> Iterator[None]:
        """The block where a condition holds."""
        body, end = self._labels(2)
        self.branch(condition, body, end)
        self.begin(body)
        yield
        if not self.ended:
            self.go(end)
        self.begin(end)

    @contextmanager
    def otherwise(self, condition: Any) -> Iterator[None]:
        """The block where it does not hold."""
        with self.when(~condition):
            yield

    def give(self, value: Any) -> None:
        """Return from the function."""
        if self.returns == "void":
            self.lines.append("  ret void")
        else:
            value = self.value(value, Value(self, self.returns, "")).as_kind(self.returns)
            self.lines.append(f"  ret {value.type} {value.text}")
        self.ended = True

    def branch(self, condition: Value, yes: str, no: str) -> None:
        """A conditional branch."""
        self.lines.append(f"  br i1 {condition.text}, label %{yes}, label %{no}")

    def go(self, label: str) -> None:
        """A branch."""
        self.lines.append(f"  br label %{label}")
        self.ended = True

    def begin(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.ended = False

    def _labels(self, count: int) -> list[str]:
        self.count += 1
        return [f"l{self.count}_{i}" for i in range(count)]

    # ------------------------------------------------------------ formulas

    def formula(self, function: Callable[..., Any]) -> Inlined:
        """Return a formula as a kernel calls it."""
        return Inlined(self, function)


@dataclass(frozen=True)
class Inlined:
    """A formula in a function: called with operands, it is lowered there."""

    code: Code
    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        self.note(0, len(arguments))
        return lower(self.function, *arguments)

    def note(self, rows: int, values: int) -> None:
        """Record a call with this many rows and this many single numbers."""
        self.code.formulas[id(self.function)] = self.function, rows, values
