"""Tiles of products of numbers rounded to bfloat16: small products by vectors, as LLVM's text.

In each block of 32 places along the inner axis a number of C has two chains of multiply-adds, one over the even places
and one over the odd ones, both from zero. Their sum is added to C.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from glassnet.engines.compiled.kernels.packing import lanes_below, rounded_where_usual
from glassnet.engines.compiled.kernels.tile_text import addresses_of_c, pointers, prefetch, spread
from glassnet.formulas.rounded_products import BLOCK

SIZE = 4
"""Bytes of a number, and of a cell of packed operands."""

VECTORS = 2
"""Vectors of cells in a row of a panel of B."""


class Tile(NamedTuple):
    """Some rows of C, as wide as two vectors."""

    rows: int
    lanes: int
    fused: bool
    a_row: int
    """The distance between rows of packed A."""
    direct: bool = False
    """Whether B is read where it lies and rounded in registers, of usual numbers; else it is packed."""
    part: bool = False
    """Whether the last columns are missing in C; packed B has zeros there."""

    @property
    def name(self) -> str:
        """The name of the function."""
        return f"tile_{self.rows}{'_direct' if self.direct else ''}{'_part' if self.part else ''}"

    @property
    def registers(self) -> int:
        """Vectors that it needs at a time: both chains of all sums, a row of B, a number of A, what a row was like."""
        return self.rows * 2 * VECTORS + VECTORS + 1 + 2 * self.direct

    @property
    def kind(self) -> str:
        """LLVM's type of a vector."""
        return f"<{self.lanes} x float>"

    @property
    def sums(self) -> list[tuple[int, int]]:
        """Row and vector of all sums."""
        return [(i, j) for i in range(self.rows) for j in range(VECTORS)]

    @property
    def text(self) -> Iterator[str]:
        """C = A B, or C += A B if `add` is not 0, for `places` along the inner axis.

        A direct tile ends before a block that has other numbers than usual ones, and returns how many places are done.
        """
        yield f"define internal {'i64' if self.direct else 'void'} @{self.name}("
        yield "  i64 %A, i64 %B, i64 %b_row, i64 %places,"
        yield f"  i64 %C, i64 %c_row, i64 %add{', i64 %columns' if self.part else ''}) #1 {{"
        yield "start:"
        yield from pointers("A", "B", "C")
        yield from addresses_of_c(self.rows, VECTORS, self.kind)
        for j in range(VECTORS) if self.part else ():
            yield from lanes_below(f"%there{j}", "%columns", j * self.lanes, self.lanes)
        yield "  %any = icmp sgt i64 %places, 0"
        yield "  br i1 %any, label %block, label %none"
        yield "none:"
        yield "  %kept = icmp ne i64 %add, 0"
        yield "  br i1 %kept, label %end, label %clear"
        yield "clear:"
        yield from (self._stored("zeroinitializer", i, j) for i, j in self.sums)
        yield "  br label %end"
        yield "block:"
        yield "  %left = phi i64 [%places, %start], [%left_then, %summed]"
        yield "  %continued = phi i64 [%add, %start], [1, %summed]"
        yield "  %a_block = phi ptr [%A_, %start], [%a_last, %summed]"
        yield "  %b_block = phi ptr [%B_, %start], [%b_last, %summed]"
        yield f"  %whole = icmp sgt i64 %left, {BLOCK}"
        yield f"  %steps = select i1 %whole, i64 {BLOCK}, i64 %left"
        yield "  br label %even"
        yield from self._chains()
        yield "done:"
        for name in "ab":
            yield f"  %{name}_last = phi ptr [%{name}_odd, %even], [%{name}_then, %odd]"
        for i, j in self.sums:
            yield f"  %last_odd{i}_{j} = phi {self.kind} [%sum_odd{i}_{j}, %even], [%then_odd{i}_{j}, %odd]"
        for seen in ("all", "any") if self.direct else ():
            yield f"  %{seen}_last = phi <{self.lanes} x i32> [%{seen}_odd, %even], [%{seen}_then, %odd]"
        for i, j in self.sums:
            yield f"  %both{i}_{j} = fadd {self.kind} %then_even{i}_{j}, %last_odd{i}_{j}"
        if self.direct:
            yield from self._usual()
        yield "  %held = icmp ne i64 %continued, 0"
        yield "  br i1 %held, label %added, label %summed"
        yield "added:"
        for i, j in self.sums:
            yield self._loaded(f"%before{i}_{j}", i, j)
            yield f"  %more{i}_{j} = fadd {self.kind} %before{i}_{j}, %both{i}_{j}"
        yield "  br label %summed"
        yield "summed:"
        here = "%usual" if self.direct else "%done"
        for i, j in self.sums:
            yield f"  %after{i}_{j} = phi {self.kind} [%both{i}_{j}, {here}], [%more{i}_{j}, %added]"
        yield from (self._stored(f"%after{i}_{j}", i, j) for i, j in self.sums)
        yield "  %left_then = sub i64 %left, %steps"
        yield "  %further = icmp sgt i64 %left_then, 0"
        yield "  br i1 %further, label %block, label %end"
        yield "end:"
        if self.direct:
            yield "  %rest = phi i64 [%left, %done], [0, %summed], [0, %none], [0, %clear]"
            yield "  %finished = sub i64 %places, %rest"
        yield f"  ret {'i64 %finished' if self.direct else 'void'}"
        yield "}"

    def _usual(self) -> Iterator[str]:
        """Yield the end of the loop if a number has another size than from 2^-31 up to 2, which weights seldom have.

        All others have 0, 1 and 1 in three bits of the exponent, which takes two operations for each.
        """
        kind = f"<{self.lanes} x i32>"
        yield f"  %ones = and {kind} %all_last, splat (i32 {0x30000000})"
        yield f"  %one = and {kind} %any_last, splat (i32 {0x40000000})"
        yield f"  %bits = or {kind} %ones, %one"
        yield f"  %other = icmp ne {kind} %bits, splat (i32 {0x30000000})"
        yield f"  %lanes = bitcast <{self.lanes} x i1> %other to i{self.lanes}"
        yield f"  %some = icmp ne i{self.lanes} %lanes, 0"
        yield "  br i1 %some, label %end, label %usual"
        yield "usual:"

    def _chains(self) -> Iterator[str]:
        """Yield the loop over the places of a block; it ends after an even one if their number is odd."""
        yield "even:"
        yield "  %steps_left = phi i64 [%steps, %block], [%steps_then, %odd]"
        yield from (f"  %{name}_even = phi ptr [%{name}_block, %block], [%{name}_then, %odd]" for name in "ab")
        for chain in ("even", "odd"):
            for i, j in self.sums:
                before = f"[zeroinitializer, %block], [%then_{chain}{i}_{j}, %odd]"
                yield f"  %sum_{chain}{i}_{j} = phi {self.kind} {before}"
        for seen, start in (("all", "splat (i32 -1)"), ("any", "zeroinitializer")) if self.direct else ():
            yield f"  %{seen}_even = phi <{self.lanes} x i32> [{start}, %block], [%{seen}_then, %odd]"
        yield from self._place("even", "odd")
        yield "  %paired = icmp sgt i64 %steps_left, 1"
        yield "  br i1 %paired, label %odd, label %done"
        yield "odd:"
        yield from self._place("odd", "then")
        yield "  %steps_then = sub i64 %steps_left, 2"
        yield "  %again = icmp sgt i64 %steps_then, 0"
        yield "  br i1 %again, label %even, label %done"

    def _place(self, chain: str, following: str) -> Iterator[str]:
        """Yield the products of a place, added to one chain of each sum, and the addresses of the next place."""
        for j in range(VECTORS):
            yield f"  %b_{chain}_at{j} = getelementptr {self.kind}, ptr %b_{chain}, i64 {j}"
            yield f"  %x_{chain}{j} = load {self.kind}, ptr %b_{chain}_at{j}, align {SIZE}"
            if self.direct:
                yield from prefetch(f"%ahead_{chain}{j}", self.kind, f"%b_{chain}", VECTORS + j)
                yield from rounded_where_usual(f"_{chain}{j}", self.lanes)
        for seen, operation in (("all", "and"), ("any", "or")) if self.direct else ():
            kind, both = f"<{self.lanes} x i32>", f"%{seen}_{chain}_both"
            yield f"  {both} = {operation} {kind} %u_{chain}0, %u_{chain}1"
            yield f"  %{seen}_{following} = {operation} {kind} %{seen}_{chain}, {both}"
        for i in range(self.rows):
            yield f"  %a_{chain}_at{i} = getelementptr i8, ptr %a_{chain}, i64 {i * self.a_row}"
            yield f"  %number_{chain}{i} = load float, ptr %a_{chain}_at{i}, align {SIZE}"
            yield from spread(f"%spread_{chain}{i}", f"%number_{chain}{i}", self.lanes, "float")
            for j in range(VECTORS):
                a, b = f"{self.kind} %spread_{chain}{i}", f"%{'back' if self.direct else 'x'}_{chain}{j}"
                sum, then = f"{self.kind} %sum_{chain}{i}_{j}", f"%then_{chain}{i}_{j}"
                if self.fused:
                    yield f"  {then} = call {self.kind} @llvm.fma.v{self.lanes}f32({a}, {self.kind} {b}, {sum})"
                else:
                    yield f"  %product_{chain}{i}_{j} = fmul {a}, {b}"
                    yield f"  {then} = fadd {sum}, %product_{chain}{i}_{j}"
        yield f"  %a_{following} = getelementptr float, ptr %a_{chain}, i64 1"
        yield f"  %b_{following} = getelementptr i8, ptr %b_{chain}, i64 %b_row"

    def _loaded(self, name: str, i: int, j: int) -> str:
        """Return the load of a vector of C."""
        if self.part:
            rest = f"i32 {SIZE}, <{self.lanes} x i1> %there{j}, {self.kind} zeroinitializer"
            return f"  {name} = call {self.kind} @llvm.masked.load.v{self.lanes}f32.p0(ptr %c{i}_{j}, {rest})"
        return f"  {name} = load {self.kind}, ptr %c{i}_{j}, align {SIZE}"

    def _stored(self, name: str, i: int, j: int) -> str:
        """Return the store of a vector of C."""
        at = f"{self.kind} {name}, ptr %c{i}_{j}"
        if self.part:
            mask = f"i32 {SIZE}, <{self.lanes} x i1> %there{j}"
            return f"  call void @llvm.masked.store.v{self.lanes}f32.p0({at}, {mask})"
        return f"  store {at}, align {SIZE}"


def declarations(lanes: int) -> Iterator[str]:
    """Yield what the tiles call; masked loads are declared by ``packing.py``."""
    kind = f"<{lanes} x float>"
    yield f"declare {kind} @llvm.fma.v{lanes}f32({kind}, {kind}, {kind})"
    yield f"declare void @llvm.masked.store.v{lanes}f32.p0({kind}, ptr, i32, <{lanes} x i1>)"
