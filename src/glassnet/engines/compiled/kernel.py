"""What every kernel gets: the two tables, the places of all numbers, and what it does with them again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from glassnet.engines.compiled.code import BYTES, LETTERS, NUMBER, Code, Matrix, Pointer, Value
from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.processor import Processor

POINTERS = ("P", "S", "G", "A", "D", "E", "C", "Y", "W")
"""Places of numbers: P parameters, S statistics, G gradient, A activations, D their gradients, E what else must be
kept, C constants, Y targets, W weights of the rows."""

LANES = 16
"""Sums of numbers side by side that are taken beside each other."""

ARGUMENTS = 2 + len(POINTERS)
"""``kernel(op, run, P, S, G, A, D, E, C, Y, W)``: op and run are tables of int64, the operation's and the worker's."""


def product_symbol(precision: str) -> str:
    """What the product of two matrices is called where it is called."""
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
        """How many rows there are."""
        return self.run[Run.ROWS]

    def of_rows(self, letter: Pointer, column: int, width: Any) -> Matrix:
        """The matrix of these rows whose place stands in a column of the operation."""
        start = letter + self.op[column] + self.run[Run.AT] * width
        return start.by(width)

    def scratch(self) -> Pointer:
        """Room of this worker's own, for as long as the kernel runs."""
        return self.pointer(self.run[Run.SCRATCH], self.number)

    def parameters(self, count: int, column: int = Op.C) -> tuple[Value, ...]:
        """Constants of the operation: the trailing arguments of a formula."""
        return (self.C + self.op[column]).all(count)

    def as_number(self, x: Value) -> Value:
        """A count as a number of the network."""
        return x.as_kind(self.number)

    # ----------------------------------------------------------- what is done

    def share(self, count: Any) -> tuple[Value, Value]:
        """Which of so many this worker does, from the first to before the last."""
        worker, workers = self.run[Run.WORKER], self.run[Run.WORKERS]
        return count * worker // workers, count * (worker + 1) // workers

    def each(self, rows: Any, columns: Any) -> Iterator[tuple[Value, Value]]:
        """All places of a matrix."""
        for i in self.range(rows):
            for j in self.range(columns):
                yield i, j

    def sum_rows(self, target: Pointer, columns: Any, term: Callable[[Value, Any], Any]) -> None:
        """``target[j] = Σ_i term(i, j)`` over all rows of the batch, in their order, of this worker's share of columns.

        Columns are taken so many at a time that their sums stay in registers; for these j says how to read the numbers
        behind a place, as in `total`. Rows of an earlier block are in it already: where a batch is cut does not matter.
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
        """The sum of `count` terms, of numbers side by side, always taken in the same shape.

        A sum one after the other is slow, one in whatever order suits the processor has other bits on the next. Here
        number k goes to lane k modulo 16, whatever vectors there are; in the end the lanes are added in pairs, as in a
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
        add: Any, C: Pointer, c_row: Any,
    ) -> None:  # fmt: skip
        """C = A B, or C += A B if `add`, where A has m rows and k columns, and B has n columns.

        `a` says how many numbers further the next row of A begins, and the next column; `b` the same of B. The numbers
        of a row of C lie side by side.
        """
        size = BYTES[self.number]
        like = Value(self, "i64", "")

        def long(number: Any) -> Value:
            return self.value(number, like).as_kind("i64")

        def matrix(place: Pointer, steps: tuple[Any, Any]) -> list[Value]:
            return [self.address(place), *(long(step * size) for step in steps)]

        counts = [long(number) for number in (m, n, k, add)]
        values = [*matrix(A, a), *matrix(B, b), *counts, *matrix(C, (c_row, 1)), self.run[Run.PANEL]]
        self.call(product_symbol(self.precision), "void", *values)


def _masked(code: Code, place: Pointer, there: Value) -> Value:
    """The numbers of the lanes that are there, and zeros."""
    zeros = code.constant(0, place.kind, LANES)
    align = code.constant(BYTES[place.kind], "i32")
    return code.call(
        f"llvm.masked.load.v{LANES}{LETTERS[place.kind]}.p0", place.kind, place, align, there, zeros, lanes=LANES
    )


def _lanes(x: Value, first: int, count: int) -> Value:
    """So many lanes of a number."""
    if count == 1:
        return Value(x.code, x.kind, x.code.define(f"extractelement {x.type} {x.text}, i64 {first}"))
    mask = ", ".join(f"i32 {first + i}" for i in range(count))
    picked = x.code.define(f"shufflevector {x.type} {x.text}, {x.type} poison, <{count} x i32> <{mask}>")
    return Value(x.code, x.kind, picked, count)
