"""The product of two matrices whose numbers are rounded to bfloat16, with one order of sums on every processor.

A number of C is summed in blocks of 32 along the inner axis. Each block has two chains of multiply-adds, one over its
even places and one over its odd places, both from zero; the sum of the two is added to C. Intel's matrix unit adds in
this order, so it gives the same bits as vectors of any width. Rounded numbers are multiples of 2⁻⁶³ below 2⁶⁴: a
product of two is exact and no sum is subnormal, so it makes no difference whether multiply-adds are fused.

Operands lie in memory as float32 and are rounded where they are packed (``packing.py``), into what tiles read: float32
numbers for the vectors here, and pairs of bfloat16, adjacent along the inner axis, for ``matrix_unit.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.kernels.matrix_unit import UnitProduct
from glassnet.engines.compiled.kernels.packed_product import (
    COLUMNS,
    DEPTH,
    ROUNDED,
    ROWS,
    SIZE,
    VECTORS,
    PackedProduct,
)
from glassnet.engines.compiled.kernels.packing import SINGLE, lanes_below
from glassnet.engines.compiled.kernels.tile_text import pointers, spread
from glassnet.engines.compiled.llvm import Processor
from glassnet.formulas.rounded_products import BLOCK

__all__ = ["ROUNDED", "rounded_product_room", "rounded_product_text"]

HEIGHTS = (6, 3, 2, 1)
"""Rows of tiles, the tallest first; the remainder of a matrix is cut into lower ones."""


class Tile(NamedTuple):
    """Some rows of C, as wide as two vectors: both chains of all sums, and a row of B, fit into the registers."""

    rows: int
    lanes: int
    fused: bool
    by_row: bool
    """Whether numbers that are adjacent in packed A are those of a row."""
    part: bool
    """Whether the last columns are missing in C; B has zeros there."""

    @property
    def name(self) -> str:
        """The name of the function."""
        return f"tile_{self.rows}_{'rows' if self.by_row else 'columns'}{'_part' if self.part else ''}"

    @property
    def a_row(self) -> int:
        """The distance between rows of packed A."""
        return (DEPTH if self.by_row else 1) * SIZE

    @property
    def a_column(self) -> int:
        """The distance between its columns."""
        return (1 if self.by_row else ROWS) * SIZE

    @property
    def text(self) -> Iterator[str]:
        """C = A B, or C += A B if `add` is not 0, for `pairs` steps along the inner axis; rows of B have no gaps."""
        rows, lanes, kind = self.rows, self.lanes, f"<{self.lanes} x float>"
        vectors, sums = range(VECTORS), [(i, j) for i in range(rows) for j in range(VECTORS)]
        chains = [(chain, i, j) for chain in ("even", "odd") for i, j in sums]
        part = ", i64 %columns" if self.part else ""

        def loaded(name: str, i: int, j: int) -> str:
            at = f"ptr %c{i}_{j}"
            if self.part:
                rest = f"i32 {SIZE}, <{lanes} x i1> %there{j}, {kind} zeroinitializer"
                return f"  {name} = call {kind} @llvm.masked.load.v{lanes}f32.p0({at}, {rest})"
            return f"  {name} = load {kind}, {at}, align {SIZE}"

        def stored(name: str, i: int, j: int) -> str:
            at = f"{kind} {name}, ptr %c{i}_{j}"
            if self.part:
                return f"  call void @llvm.masked.store.v{lanes}f32.p0({at}, i32 {SIZE}, <{lanes} x i1> %there{j})"
            return f"  store {at}, align {SIZE}"

        yield f"define internal void @{self.name}("
        yield f"  i64 %A, i64 %B, i64 %pairs, i64 %C, i64 %c_row, i64 %add{part}) #1 {{"
        yield "start:"
        yield from pointers("A", "B", "C")
        for i in range(rows):
            yield f"  %c_start{i} = mul i64 %c_row, {i}"
            yield f"  %c_row{i} = getelementptr i8, ptr %C_, i64 %c_start{i}"
        for i, j in sums:
            yield f"  %c{i}_{j} = getelementptr {kind}, ptr %c_row{i}, i64 {j}"
        for j in vectors if self.part else ():
            yield from lanes_below(f"%there{j}", "%columns", j * lanes, lanes)
        yield "  %fresh = icmp eq i64 %add, 0"
        yield "  br i1 %fresh, label %clear, label %begin"
        yield "clear:"
        yield from (stored("zeroinitializer", i, j) for i, j in sums)
        yield "  br label %begin"
        yield "begin:"
        yield "  %any = icmp sgt i64 %pairs, 0"
        yield "  br i1 %any, label %block, label %end"

        yield "block:"
        yield "  %left = phi i64 [%pairs, %begin], [%left_then, %done]"
        yield "  %a_first = phi ptr [%A_, %begin], [%a_then, %done]"
        yield "  %b_first = phi ptr [%B_, %begin], [%b_then, %done]"
        yield f"  %whole = icmp sgt i64 %left, {BLOCK // 2}"
        yield f"  %steps = select i1 %whole, i64 {BLOCK // 2}, i64 %left"
        yield "  br label %step"

        yield "step:"
        yield "  %step_left = phi i64 [%steps, %block], [%step_then, %step]"
        yield "  %a = phi ptr [%a_first, %block], [%a_then, %step]"
        yield "  %b = phi ptr [%b_first, %block], [%b_then, %step]"
        for chain, i, j in chains:
            yield f"  %{chain}{i}_{j} = phi {kind} [zeroinitializer, %block], [%{chain}_then{i}_{j}, %step]"
        for row, chain in enumerate(("even", "odd")):
            for j in vectors:
                yield f"  %b_{chain}_at{j} = getelementptr {kind}, ptr %b, i64 {row * VECTORS + j}"
                yield f"  %b_{chain}{j} = load {kind}, ptr %b_{chain}_at{j}, align {SIZE}"
            for i in range(rows):
                yield f"  %a_{chain}_at{i} = getelementptr i8, ptr %a, i64 {row * self.a_column + i * self.a_row}"
                yield f"  %a_{chain}_number{i} = load float, ptr %a_{chain}_at{i}, align {SIZE}"
                yield from spread(f"%a_{chain}{i}", f"%a_{chain}_number{i}", lanes, "float")
                for j in vectors:
                    a, b, sum = f"{kind} %a_{chain}{i}", f"%b_{chain}{j}", f"%{chain}{i}_{j}"
                    if self.fused:
                        fma = f"@llvm.fma.v{lanes}f32({a}, {kind} {b}, {kind} {sum})"
                        yield f"  %{chain}_then{i}_{j} = call {kind} {fma}"
                    else:
                        yield f"  %{chain}_product{i}_{j} = fmul {a}, {b}"
                        yield f"  %{chain}_then{i}_{j} = fadd {kind} %{chain}_product{i}_{j}, {sum}"
        yield f"  %a_then = getelementptr i8, ptr %a, i64 {2 * self.a_column}"
        yield f"  %b_then = getelementptr {kind}, ptr %b, i64 {2 * VECTORS}"
        yield "  %step_then = sub i64 %step_left, 1"
        yield "  %more = icmp sgt i64 %step_then, 0"
        yield "  br i1 %more, label %step, label %done"

        yield "done:"
        for i, j in sums:
            yield f"  %both{i}_{j} = fadd {kind} %even_then{i}_{j}, %odd_then{i}_{j}"
            yield loaded(f"%before{i}_{j}", i, j)
            yield f"  %after{i}_{j} = fadd {kind} %before{i}_{j}, %both{i}_{j}"
            yield stored(f"%after{i}_{j}", i, j)
        yield "  %left_then = sub i64 %left, %steps"
        yield "  %further = icmp sgt i64 %left_then, 0"
        yield "  br i1 %further, label %block, label %end"
        yield "end:"
        yield "  ret void"
        yield "}"


class VectorProduct(PackedProduct):
    """The product by vectors: cells are rounded float32 numbers."""

    along = across = SINGLE
    places, least = 1, 2

    def __init__(self, target: Processor) -> None:
        super().__init__(target)
        needed = {rows: rows * 2 * VECTORS + VECTORS + 1 for rows in HEIGHTS}
        self.all = [
            Tile(rows, self.lanes, target.fused, by_row, part)
            for by_row in (True, False)
            for part in (False, True)
            for rows in HEIGHTS
            if needed[rows] <= target.registers
        ]

    def tiles(self) -> tuple[Iterable[str], Iterable[str]]:
        """Return the names and the texts of all tiles."""
        kind, suffix, mask = f"<{self.lanes} x float>", f"v{self.lanes}f32", f"<{self.lanes} x i1>"
        texts = [line for tile in self.all for line in tile.text]
        texts.append(f"declare {kind} @llvm.fma.{suffix}({kind}, {kind}, {kind})")
        texts.append(f"declare void @llvm.masked.store.{suffix}.p0({kind}, ptr, i32, {mask})")
        return [tile.name for tile in self.all], texts

    def pack_a(self, A: Value, depth: Value, padded: Value, rows: Value, packed: Value) -> None:
        """Emit the packing of rows of A: numbers that are adjacent stay so."""
        code = self.code
        by_row = code.a_column == SIZE
        with code.when(by_row):
            for k in code.range(padded, step=self.width):
                self.copy(SINGLE, A + k * SIZE, code.a_row, packed + k * SIZE, DEPTH * SIZE, rows, depth - k, rows)
        with code.otherwise(by_row):
            for i in code.range(rows, step=self.width):
                there = A + i * SIZE, code.a_column, packed + i * SIZE, ROWS * SIZE
                self.copy(SINGLE, *there, padded, rows - i, depth)

    def multiply(
        self, A: Value, panels: Value, padded: Value, rows: Value, columns: Value, C: Value, more: Value
    ) -> None:
        """Emit the loops over tiles."""
        code = self.code
        by_row = code.a_column == SIZE
        for j in code.range(columns, step=self.width):
            panel, left = self.panel(panels, j, padded), columns - j
            for (of_rows, part), tiles in groupby(self.all, lambda tile: (tile.by_row, tile.part)):
                wide = left < self.width if part else left >= self.width
                with code.when(wide & (by_row if of_rows else ~by_row)):
                    i = code.variable(0, "i64")
                    for tile in tiles:
                        for row in code.range(i.value, rows - (tile.rows - 1), step=tile.rows):
                            to = C + row * code.c_row + j * SIZE, code.c_row, more
                            self.call(tile.name, A + row * tile.a_row, panel, padded // 2, *to, *[left][: tile.part])
                            i.value = row + tile.rows


def rounded_product_text(target: Processor) -> str:
    """Return the text of the product."""
    return (UnitProduct if target.matrix_unit else VectorProduct)(target).text()


def rounded_product_room() -> int:
    """Return the numbers of memory that the product needs for packed operands."""
    return DEPTH * (COLUMNS + ROWS)
