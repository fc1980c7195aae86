"""Operands of products of bfloat16, rounded and packed into what tiles read, as LLVM's text.

A *cell* is what a tile reads at a time, four bytes: a rounded float32 for vectors, a pair of bfloat16 for the matrix
unit. Cells are copied row after row, or transposed in squares as wide as a vector. Each function exists twice: for
places that all exist, and for a part, with zeros for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from glassnet.engines.compiled.kernels.tile_text import pointers, prefetch, spread, transposed
from glassnet.formulas.elementary import BFLOAT16

MAGNITUDE, SIGN = 0x7FFFFFFF, 0x80000000
"""Bits of a float32: its size, its sign."""


class Source(NamedTuple):
    """Where the numbers of a row of cells lie in a matrix."""

    name: str
    numbers: int
    """Adjacent numbers for each cell."""
    rows: int
    """Rows of the matrix for each row of cells."""


SINGLE, ALONG, ACROSS = Source("single", 1, 1), Source("along", 2, 1), Source("across", 1, 2)
"""A number; a pair in a row; a pair in a column."""


class Packing(NamedTuple):
    """A function that packs.

    It is called with the address of the matrix and its distance from row to row, the same of the cells, and, as far as
    they apply, the number of rows of cells, and how many numbers of a row and how many rows of the matrix exist.
    """

    source: Source
    lanes: int
    vectors: int
    """Vectors of a row that is copied; 0: a square is transposed."""
    part: bool

    @property
    def name(self) -> str:
        """The function's name."""
        what = f"copy_{self.vectors}" if self.vectors else "turn"
        return f"{what}_{self.source.name}{'_part' if self.part else ''}"

    @property
    def text(self) -> Iterator[str]:
        """The function's text."""
        arguments = ["from", "from_row", "to", "to_row", *["rows"][: self.vectors]]
        arguments += ["valid", "present"] if self.part else []
        yield f"define internal void @{self.name}({', '.join(f'i64 %{name}' for name in arguments)}) #1 {{"
        yield "start:"
        yield from pointers("from", "to")
        yield from self._copy() if self.vectors else self._turn()
        yield "  ret void"
        yield "}"

    def _copy(self) -> Iterator[str]:
        """Yield the loop over the rows."""
        yield f"  %down = mul i64 %from_row, {self.source.rows}"
        yield "  br label %check"
        yield "check:"
        yield "  %row = phi i64 [0, %start], [%row_then, %stored]"
        yield "  %at = phi ptr [%from_, %start], [%at_then, %stored]"
        yield "  %into = phi ptr [%to_, %start], [%into_then, %stored]"
        yield "  %more = icmp slt i64 %row, %rows"
        yield "  br i1 %more, label %step, label %end"
        yield "step:"
        yield from self._cells([("%at", "%row", vector) for vector in range(self.vectors)])
        for vector in range(self.vectors):
            yield from prefetch(f"%ahead{vector}", f"<{self.lanes} x i32>", "%at", self.vectors + vector)
        for vector in range(self.vectors):
            yield f"  %into{vector} = getelementptr <{self.lanes} x i32>, ptr %into, i64 {vector}"
            yield f"  store <{self.lanes} x i32> %cell{vector}, ptr %into{vector}, align 4"
        yield "  br label %stored"
        yield "stored:"
        yield "  %row_then = add i64 %row, 1"
        yield "  %at_then = getelementptr i8, ptr %at, i64 %down"
        yield "  %into_then = getelementptr i8, ptr %into, i64 %to_row"
        yield "  br label %check"
        yield "end:"

    def _turn(self) -> Iterator[str]:
        """Yield the transpose of a square."""
        rows = range(self.lanes)
        for i in rows:
            yield f"  %start{i} = mul i64 %from_row, {i * self.source.rows}"
            yield f"  %at{i} = getelementptr i8, ptr %from_, i64 %start{i}"
        yield from self._cells([(f"%at{i}", str(i), 0) for i in rows])
        cells, kind = [f"%cell{i}" for i in rows], f"<{self.lanes} x i32>"
        yield from transposed(cells, kind, self.lanes)
        for i, cell in enumerate(cells):
            yield f"  %to_start{i} = mul i64 %to_row, {i}"
            yield f"  %to{i} = getelementptr i8, ptr %to_, i64 %to_start{i}"
            yield f"  store {kind} {cell}, ptr %to{i}, align 4"

    def _cells(self, places: list[tuple[str, str, int]]) -> Iterator[str]:
        """Yield vectors of cells, each from the start of a row, the row's number among those of cells, and a vector."""
        source, lanes = self.source, self.lanes * self.source.numbers
        loads = [(*place, down) for place in places for down in range(source.rows)]
        for n, (row, number, vector, down) in enumerate(loads):
            if down:
                yield f"  %row_at{n} = getelementptr i8, ptr {row}, i64 %from_row"
                row = f"%row_at{n}"
            yield f"  %x_at{n} = getelementptr <{lanes} x float>, ptr {row}, i64 {vector}"
            yield from self._loaded(n, number, vector * lanes, down, lanes)
        yield from rounded(len(loads), lanes)
        for n in range(len(places)):
            if source.numbers == 2:
                yield f"  %high{n} = lshr <{lanes} x i32> %bits{n}, splat (i32 16)"
                yield f"  %half{n} = trunc <{lanes} x i32> %high{n} to <{lanes} x i16>"
                yield f"  %cell{n} = bitcast <{lanes} x i16> %half{n} to <{self.lanes} x i32>"
            elif source.rows == 2:
                yield f"  %high{n} = lshr <{lanes} x i32> %bits{2 * n}, splat (i32 16)"
                yield f"  %cell{n} = or <{lanes} x i32> %high{n}, %bits{2 * n + 1}"
            else:
                yield f"  %cell{n} = bitcast <{lanes} x i32> %bits{n} to <{lanes} x i32>"

    def _loaded(self, n: int, row: str, first: int, down: int, lanes: int) -> Iterator[str]:
        """Yield a vector of numbers, with zeros for those that do not exist."""
        if not self.part:
            yield f"  %x{n} = load <{lanes} x float>, ptr %x_at{n}, align 4"
            return
        yield f"  %place{n} = mul i64 {row}, {self.source.rows}"
        yield f"  %number{n} = add i64 %place{n}, {down}"
        yield f"  %exists{n} = icmp slt i64 %number{n}, %present"
        yield f"  %behind{n} = select i1 %exists{n}, i64 %valid, i64 0"
        yield from lanes_below(f"%present{n}", f"%behind{n}", first, lanes)
        yield (
            f"  %x{n} = call <{lanes} x float> @llvm.masked.load.v{lanes}f32.p0("
            f"ptr %x_at{n}, i32 4, <{lanes} x i1> %present{n}, <{lanes} x float> zeroinitializer)"
        )

    @property
    def declared(self) -> str:
        """The declaration of what it calls, if it calls anything."""
        lanes = self.lanes * self.source.numbers
        kind = f"<{lanes} x float>"
        masked = f"declare {kind} @llvm.masked.load.v{lanes}f32.p0(ptr, i32, <{lanes} x i1>, {kind})"
        return masked if self.part else ""


def lanes_below(name: str, count: str, first: int, lanes: int) -> Iterator[str]:
    """Yield a mask of the lanes that exist, where the first of them has this number."""
    yield from spread(f"{name}_all", count, lanes, "i64")
    numbers = ", ".join(f"i64 {first + lane}" for lane in range(lanes))
    yield f"  {name} = icmp slt <{lanes} x i64> <{numbers}>, {name}_all"


def rounded_where_usual(n: str, lanes: int) -> Iterator[str]:
    """Yield the rounding of a vector x`n`, right for sizes from 2^-56 to 2^64, as back`n`; its bits are u`n`.

    65536 x, made by adding 16 to the exponent, is a multiple of the last place that x has in bfloat16. x - 65536 x is
    rounded to such a multiple, too (from 1 to 1.00002 times a power of two, to half of it, which is as good), so adding
    65536 x again gives x, rounded.
    """
    kind, floats = f"<{lanes} x i32>", f"<{lanes} x float>"
    yield f"  %u{n} = bitcast {floats} %x{n} to {kind}"
    yield f"  %higher{n} = add {kind} %u{n}, splat (i32 {16 << 23})"
    yield f"  %away{n} = bitcast {kind} %higher{n} to {floats}"
    yield f"  %there{n} = fsub {floats} %x{n}, %away{n}"
    yield f"  %back{n} = fadd {floats} %there{n}, %away{n}"


def rounded(count: int, lanes: int) -> Iterator[str]:
    """Yield ``bfloat16`` (``formulas/elementary.py``) of vectors x0, x1, ..., as the bits of float32: bits0, bits1, ...

    What is too large is rare, so it is a branch. Zero may lose its sign: no sum can tell.
    """
    kind, floats, mask, numbers = f"<{lanes} x i32>", f"<{lanes} x float>", f"<{lanes} x i1>", range(count)
    half, least, most, infinite, nan = (BFLOAT16[name] for name in ("half", "least", "most", "inf", "nan"))
    for n in numbers:
        yield from rounded_where_usual(str(n), lanes)
        yield f"  %a{n} = and {kind} %u{n}, splat (i32 {MAGNITUDE})"
        # these limits have an odd last digit below them, so what lies in the middle is rounded up to them
        yield f"  %enough{n} = icmp sge {kind} %a{n}, splat (i32 {least - half - 1})"
        yield f"  %kept{n} = select {mask} %enough{n}, {floats} %back{n}, {floats} zeroinitializer"
        yield f"  %usual{n} = bitcast {floats} %kept{n} to {kind}"
        yield f"  %large{n} = icmp sge {kind} %a{n}, splat (i32 {most - half - 1})"
    joined = "%large0"
    for n in numbers[1:]:
        yield f"  %some{n} = or {mask} {joined}, %large{n}"
        joined = f"%some{n}"
    yield f"  %lanes = bitcast {mask} {joined} to i{lanes}"
    yield f"  %any = icmp ne i{lanes} %lanes, 0"
    yield "  br label %choice"
    yield "choice:"
    yield "  br i1 %any, label %extreme, label %rounded"
    yield "extreme:"
    for n in numbers:
        yield f"  %nan{n} = icmp sgt {kind} %a{n}, splat (i32 {infinite})"
        yield f"  %far{n} = select {mask} %nan{n}, {kind} splat (i32 {nan}), {kind} splat (i32 {infinite})"
        yield f"  %sign{n} = and {kind} %u{n}, splat (i32 {SIGN - (1 << 32)})"
        yield f"  %signed{n} = or {kind} %sign{n}, %far{n}"
        yield f"  %every{n} = select {mask} %large{n}, {kind} %signed{n}, {kind} %usual{n}"
    yield "  br label %rounded"
    yield "rounded:"
    for n in numbers:
        yield f"  %bits{n} = phi {kind} [%usual{n}, %choice], [%every{n}, %extreme]"
