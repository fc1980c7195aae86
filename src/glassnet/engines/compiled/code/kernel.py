"""The builder that every kernel gets: the two tables, all buffers, and common loops, sums and products."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from glassnet.engines.compiled.code import BYTES, LETTERS, NUMBER, Code, Matrix, Pointer, Value
from glassnet.engines.compiled.llvm import Processor
from glassnet.engines.compiled.memory import Op, Run

POINTERS = ("P", "S", "G", "A", "D", "E", "C", "Y", "W")
"""Buffers: P parameters, S statistics, G gradient, A activations, D their gradients, E other stored values,
C constants, Y targets, W weights of the rows."""

LANES = 16
"""Partial sums of adjacent numbers."""

ARGUMENTS = 2 + len(POINTERS)
"""``kernel(op, run, P, S, G, A, D, E, C, Y, W)``: op and run are tables of int64, the operation's and the worker's."""


def product_symbol(precision: str) -> str:
    """Return the symbol of the matrix product."""
    return f"glassnet_product_{precision}"


class Kernel(Code):
    """The code of one kernel."""

    op: Pointer
    run: Pointer
    P: Pointer
    S: Pointer
    G: Pointer
    A: Pointer
    D: Pointer
    E: Pointer
    C: Pointer
    Y: Pointer
    W: Pointer

    def __init__(self, name: str, precision: str, processor: Processor) -> None:
        number = NUMBER[precision]
        tables = [("op", "*i64"), ("run", "*i64")]
        super().__init__(name, "double", [*tables, *((letter, f"*{number}") for letter in POINTERS)], processor)
        self.precision = precision

    # --------------------------------------------------------------- places

    @property
    def rows(self) -> Value:
        """The number of rows."""
        return self.run[Run.ROWS]

    def of_rows(self, letter: Pointer, column: int, width: Any) -> Matrix:
        """Return the matrix of these rows whose offset is in a field of the operation."""
        start = letter + self.op[column] + self.run[Run.AT] * width
        return start.by(width)

    def scratch(self) -> Pointer:
        """Scratch memory of this worker."""
        return self.pointer(self.run[Run.SCRATCH], self.number)

    def parameters(self, count: int, column: int = Op.C) -> tuple[Value, ...]:
        """Return the operation's constants: trailing arguments of a formula."""
        return (self.C + self.op[column]).all(count)

    def as_number(self, x: Value) -> Value:
        """Return an integer as a number of the network's type."""
        return x.as_kind(self.number)

    # ------------------------------------------------------------ operations

    def share(self, count: Any) -> tuple[Value, Value]:
        """Return the share of this worker in a range: begin and end."""
        worker, workers = self.run[Run.WORKER], self.run[Run.WORKERS]
        return count * worker // workers, count * (worker + 1) // workers

    def each(self, rows: Any, columns: Any) -> Iterator[tuple[Value, Value]]:
        """Loop over all places of a matrix."""
        for i in self.range(rows):
            for j in self.range(columns):
                yield i, j

    def sum_rows(self, target: Pointer, columns: Any, term: Callable[[Value, Any], Any]) -> None:
        """``target[j] = Σ_i term(i, j)`` over all rows of the batch, in their order, of this worker's share of columns.

        Columns are taken in groups whose sums stay in registers; j then reads several adjacent numbers, as in `total`.
        The sum continues that of earlier blocks, so it does not matter where a batch is cut.
        """
        first, last = self.share(columns)
        done = self.variable(first, "i64")
        for lanes in (4 * LANES, LANES, 1):  # one sum alone would wait for each addition
            for start in self.range(done.value, last - (lanes - 1), step=lanes):
                j = start if lanes == 1 else partial(self.load, index=start, lanes=lanes)
                sums = self.vector(self.number, lanes)
                with self.when(self.run[Run.ACCUMULATE] != 0):
                    sums.value = self.load(target, start, lanes)
                for i in self.range(self.rows):
                    sums.value = sums.value + term(i, j)
                self.store(target, start, sums.value)
                done.value = start + lanes

    def total(self, count: Any, kind: str, term: Callable[[Callable[[Pointer], Value]], Any]) -> Value:
        """Return the sum of `count` adjacent terms, always in the same order.

        A sequential sum is slow, and one in an order that suits the processor differs between processors. Here
        term k goes to lane k modulo 16, whatever the vectors; in the end the lanes are added in pairs, as in a
        tournament.

        Parameters
        ----------
        count : int or Value
        kind : {"float", "double"}
            The type of the sum.
        term : callable
            ``term(at)`` is a term, where ``at(place)`` is the number behind a place that belongs to it.
        """
        lanes = self.vector(kind, LANES)
        whole = count // LANES * LANES
        for start in self.range(whole, step=LANES):
            lanes.value = lanes.value + term(partial(self.load, index=start, lanes=LANES)).as_kind(kind)
        with self.when(whole < count):
            there = self.lanes_below(count - whole, LANES)
            last = term(lambda place: _masked(self, place + whole, there)).as_kind(kind)
            lanes.value = lanes.value + self.where(there, last, self.constant(0.0, kind, LANES))
        result, half = lanes.value, LANES // 2
        while half:
            result = _lanes(result, 0, half) + _lanes(result, half, half)
            half //= 2
        return result

    def product(
        self, A: Pointer, a: tuple[Any, Any], B: Pointer, b: tuple[Any, Any], m: Any, n: Any, k: Any,
        add: Any, C: Pointer, c_row: Any, rounded: bool = False,
    ) -> None:  # fmt: skip
        """C = A B, or C += A B if `add`, where A has m rows and k columns, and B has n columns.

        `a` and `b` are the strides of A and B: numbers to the next row, and to the next column. Rows of C are
        contiguous. `rounded`: of the numbers of A and B rounded to bfloat16.
        """
        size = BYTES[self.number]
        like = Value(self, "i64", "")

        def long(number: Any) -> Value:
            return self.value(number, like).as_kind("i64")

        def matrix(place: Pointer, steps: tuple[Any, Any]) -> list[Value]:
            return [self.address(place), *(long(step * size) for step in steps)]

        counts = [long(number) for number in (m, n, k, add)]
        values = [*matrix(A, a), *matrix(B, b), *counts, *matrix(C, (c_row, 1)), self.run[Run.PANEL]]
        self.call(product_symbol("bfloat16" if rounded else self.precision), "void", *values)


def python_callable(address: int, arguments: int = ARGUMENTS) -> Callable[..., float]:
    """Return a kernel as a Python callable without the GIL; trailing arguments that it never reads are optional."""
    return ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_void_p] * arguments)(address)


def _masked(code: Code, place: Pointer, there: Value) -> Value:
    """Return the numbers of the lanes that exist, else zeros."""
    zeros = code.constant(0, place.kind, LANES)
    align = code.constant(BYTES[place.kind], "i32")
    return code.call(
        f"llvm.masked.load.v{LANES}{LETTERS[place.kind]}.p0", place.kind, place, align, there, zeros, lanes=LANES
    )


def _lanes(x: Value, first: int, count: int) -> Value:
    """Return a number in several lanes."""
    if count == 1:
        return Value(x.code, x.kind, x.code.define(f"extractelement {x.type} {x.text}, i64 {first}"))
    mask = ", ".join(f"i32 {first + i}" for i in range(count))
    picked = x.code.define(f"shufflevector {x.type} {x.text}, {x.type} poison, <{count} x i32> <{mask}>")
    return Value(x.code, x.kind, picked, count)
