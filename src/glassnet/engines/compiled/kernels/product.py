"""The product of two matrices, cut into tiles: small products whose results stay in registers, as LLVM's text.

A tile of ``rows x vectors`` is C += A B for so many rows of C, and so many vectors of numbers that lie side by side in
them. Each step over the inner axis loads one row of B, and multiplies it by one number of each row of A. So every
number of C is one chain of fused multiply-adds over the inner axis, in order, whatever the tile's shape: how wide the
vectors are, which numbers are computed together, where a product is cut into tiles and whether an inner axis is done
in one go or in several have no influence on a single bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from glassnet.engines.compiled.code import BYTES, LETTERS, NUMBER, Code, Value
from glassnet.engines.compiled.code.kernel import product_symbol
from glassnet.engines.compiled.kernels.tile_text import attributes, pointers, spread, transposed, with_own
from glassnet.engines.compiled.llvm import Processor, processor

DEPTH, SHALLOW = 512, 144
"""The longest inner axis of one pass: a panel of B then stays in the L2 cache, or even in a large first one."""

NARROW = 16
"""Columns of C below which its transpose is computed instead, since wide tiles are faster."""

HEIGHTS = (12, 6, 4, 3, 2, 1)
"""Rows of tiles, the tallest first; the remainder of a matrix is cut into lower ones."""

HALF_HEIGHTS = (12, 4, 1)
FEW_HEIGHTS = (4, 1)
"""The same for tiles of half a vector, and for narrower ones: few, since each must be compiled."""

NEAR_ROWS = 3
"""Rows of A whose addresses are computed one from the other: a chain of twelve takes longer than the products."""

BRIEF = 32
"""The inner axis up to which a tile asks for its lines of C at once; it ends before its stores would have them."""

FEW_ROWS = 96
"""Rows of A below which copying B into panels does not pay."""

NEAR = 2048
"""Rows of panels that are close enough in B to be read in place.

That is 512 KB with panels of 256 bytes, and 128 KB with panels of a line: narrow ones are read more often, and lines a
power of two apart drive each other out of the cache.
"""

ARGUMENTS = (
    *("A", "a_row", "a_column", "B", "b_row", "b_column"),
    *("m", "n", "k", "add", "C", "c_row", "c_column", "panel"),
)

MOVING = ("source", "row", "column", "target", "target_row", "target_column", "rows")


class Width(NamedTuple):
    """The width of a tile."""

    vectors: int
    lanes: int
    """Numbers in a vector."""
    heights: tuple[int, ...]
    """Rows of tiles of this width, the tallest first: all sums and a row of B fit into the registers."""

    @property
    def columns(self) -> int:
        return self.vectors * self.lanes


def tile_widths(processor: Processor, precision: str) -> list[Width]:
    """Return all widths, from the widest to a single column, each half of the one before."""
    full = lanes = processor.bits // 8 // BYTES[NUMBER[precision]]
    vectors = 4 if processor.registers == 32 else 2
    found = []
    while lanes:
        fitting = tuple(rows for rows in HEIGHTS if rows * vectors + vectors + 1 <= processor.registers)
        found.append(Width(vectors, lanes, {full: fitting, full // 2: HALF_HEIGHTS}.get(lanes, FEW_HEIGHTS)))
        vectors, lanes = (vectors // 2, lanes) if vectors > 1 else (1, lanes // 2)
    return found


def tile_names(processor: Processor, precision: str) -> Iterator[str]:
    """Yield the names of all functions."""
    for width in tile_widths(processor, precision):
        yield from (copy_name(width), turn_name(width))
        yield from (tile_name(width, height) for height in width.heights)


def tile_texts(processor: Processor, precision: str) -> str:
    """Return the text of all functions: for each width a copy, a transpose of vector size, and tiles of all heights.

    All addresses, and distances from row to row or column to column, are in bytes.
    """
    lines: list[str] = []
    functions: dict[tuple[str, str], None] = {}
    for width in tile_widths(processor, precision):
        lines += _copy(width, precision)
        if width.vectors == 1:
            lines += _turn(width, precision)
        for height in width.heights:
            lines += _tile(width, height, precision, _fuses(processor))
        functions[_fma(width.lanes, precision)] = None
    if not _fuses(processor):
        functions = {}
    lines += [f"declare {kind} {function}({kind}, {kind}, {kind})" for kind, function in functions]
    lines.append("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
    lines.append(attributes(processor))
    return "\n".join(lines)


def tile_name(width: Width, rows: int) -> str:
    """Return the name of a tile."""
    return f"tile_{rows}x{width.vectors}x{width.lanes}"


def copy_name(width: Width) -> str:
    """Return the name of the function that copies rows of a width."""
    return f"copy_{width.columns}"


def turn_name(width: Width) -> str:
    """Return the name of the function that transposes squares as wide as a vector."""
    return f"turn_{width.lanes}"


def _fma(lanes: int, precision: str) -> tuple[str, str]:
    """Return the type of a vector, and LLVM's fused multiply-add of it."""
    number = NUMBER[precision]
    letters = LETTERS[number]
    return (f"<{lanes} x {number}>", f"@llvm.fma.v{lanes}{letters}") if lanes > 1 else (number, f"@llvm.fma.{letters}")


def _fuses(processor: Processor) -> bool:
    """Return whether multiply-adds are fused: on every x86 processor, in software if need be."""
    return processor.fused or processor.family == "x86"


def _tile(width: Width, rows: int, precision: str, fuses: bool) -> Iterator[str]:
    """C[i, j] = Σ_k A[i, k] B[k, j], added to what C holds if `add` is not 0.

    `depth` is the length of the inner axis; rows of B and C are contiguous.
    """
    number = NUMBER[precision]
    size = BYTES[number]
    kind, fma = _fma(width.lanes, precision)
    zero = "zeroinitializer" if width.lanes > 1 else "0.0"
    vectors, sums = range(width.vectors), [(i, j) for i in range(rows) for j in range(width.vectors)]
    groups = range(0, rows, NEAR_ROWS)

    yield f"define internal void @{tile_name(width, rows)}("
    yield "  i64 %A, i64 %a_row, i64 %a_column, i64 %B, i64 %b_row, i64 %depth, i64 %C, i64 %c_row, i64 %add) #1 {"
    yield "start:"
    yield from pointers("A", "B", "C")
    for i in range(rows):
        yield f"  %a_start{i} = mul i64 %a_row, {i % NEAR_ROWS}"
        yield f"  %c_start{i} = mul i64 %c_row, {i}"
        yield f"  %c{i} = getelementptr i8, ptr %C_, i64 %c_start{i}"
    for i in groups:
        yield f"  %a_group{i} = mul i64 %a_row, {i}"
        yield f"  %a_apart{i} = freeze i64 %a_group{i}"  # LLVM no longer knows how far apart the groups are
        yield f"  %a_begin{i} = getelementptr i8, ptr %A_, i64 %a_apart{i}"
    for i, j in sums:
        yield f"  %c{i}_{j} = getelementptr {kind}, ptr %c{i}, i64 {j}"
    yield f"  %brief = icmp sle i64 %depth, {BRIEF}"
    yield "  br i1 %brief, label %early, label %enter"
    yield "early:"
    for i, j in sums:
        yield f"  call void @llvm.prefetch.p0(ptr %c{i}_{j}, i32 1, i32 3, i32 1)"
    yield "  br label %enter"
    yield "enter:"
    yield "  %continued = icmp ne i64 %add, 0"
    yield "  br i1 %continued, label %held, label %begin"

    yield "held:"
    for i, j in sums:
        yield f"  %held{i}_{j} = load {kind}, ptr %c{i}_{j}, align {size}"
    yield "  br label %begin"

    yield "begin:"
    for i, j in sums:
        yield f"  %first{i}_{j} = phi {kind} [{zero}, %enter], [%held{i}_{j}, %held]"
    yield "  %any = icmp sgt i64 %depth, 0"
    yield "  br i1 %any, label %step, label %end"

    yield "step:"
    yield "  %left = phi i64 [%depth, %begin], [%left_then, %step]"
    for i in groups:
        yield f"  %a_of{i} = phi ptr [%a_begin{i}, %begin], [%a_then{i}, %step]"
    yield "  %b = phi ptr [%B_, %begin], [%b_then, %step]"
    for i, j in sums:
        yield f"  %sum{i}_{j} = phi {kind} [%first{i}_{j}, %begin], [%then{i}_{j}, %step]"
    for j in vectors:
        yield f"  %b_at{j} = getelementptr {kind}, ptr %b, i64 {j}"
        yield f"  %b{j} = load {kind}, ptr %b_at{j}, align {size}"
    for i in range(rows):
        yield f"  %a_at{i} = getelementptr i8, ptr %a_of{i - i % NEAR_ROWS}, i64 %a_start{i}"
        yield f"  %number{i} = load {number}, ptr %a_at{i}, align {size}"
        yield from spread(f"%a{i}", f"%number{i}", width.lanes, number)
        for j in vectors:
            if fuses:
                yield f"  %then{i}_{j} = call {kind} {fma}({kind} %a{i}, {kind} %b{j}, {kind} %sum{i}_{j})"
            else:
                yield f"  %product{i}_{j} = fmul {kind} %a{i}, %b{j}"
                yield f"  %then{i}_{j} = fadd {kind} %product{i}_{j}, %sum{i}_{j}"
    for i in groups:
        yield f"  %a_then{i} = getelementptr i8, ptr %a_of{i}, i64 %a_column"
    yield "  %b_then = getelementptr i8, ptr %b, i64 %b_row"
    yield "  %left_then = sub i64 %left, 1"
    yield "  %more = icmp sgt i64 %left_then, 0"
    yield "  br i1 %more, label %step, label %end"

    yield "end:"
    for i, j in sums:
        yield f"  %last{i}_{j} = phi {kind} [%first{i}_{j}, %begin], [%then{i}_{j}, %step]"
    for i, j in sums:
        yield f"  store {kind} %last{i}_{j}, ptr %c{i}_{j}, align {size}"
    yield "  ret void"
    yield "}"


def _copy(width: Width, precision: str) -> Iterator[str]:
    """Copy rows of B without gaps."""
    kind, _ = _fma(width.lanes, precision)
    size = BYTES[NUMBER[precision]]
    yield f"define internal void @{copy_name(width)}(i64 %B, i64 %b_row, i64 %rows, i64 %panel) #1 {{"
    yield "start:"
    yield from pointers("B", "panel")
    yield "  br label %step"
    yield "step:"
    yield "  %left = phi i64 [%rows, %start], [%left_then, %step]"
    yield "  %from = phi ptr [%B_, %start], [%from_then, %step]"
    yield "  %to = phi ptr [%panel_, %start], [%to_then, %step]"
    for j in range(width.vectors):
        yield f"  %from{j} = getelementptr {kind}, ptr %from, i64 {j}"
        yield f"  %to{j} = getelementptr {kind}, ptr %to, i64 {j}"
        yield f"  %b{j} = load {kind}, ptr %from{j}, align {size}"
        yield f"  store {kind} %b{j}, ptr %to{j}, align {size}"
    yield "  %from_then = getelementptr i8, ptr %from, i64 %b_row"
    yield f"  %to_then = getelementptr {kind}, ptr %to, i64 {width.vectors}"
    yield "  %left_then = sub i64 %left, 1"
    yield "  %more = icmp sgt i64 %left_then, 0"
    yield "  br i1 %more, label %step, label %end"
    yield "end:"
    yield "  ret void"
    yield "}"


def _turn(width: Width, precision: str) -> Iterator[str]:
    """Yield the transpose of a square as wide as a vector: swap neighbours, then pairs, then fours."""
    lanes, size = width.lanes, BYTES[NUMBER[precision]]
    kind, _ = _fma(lanes, precision)
    rows = [f"%r{i}" for i in range(lanes)]
    yield f"define internal void @{turn_name(width)}(i64 %from, i64 %from_row, i64 %to, i64 %to_row) #1 {{"
    yield from pointers("from", "to")
    for i, row in enumerate(rows):
        yield f"  %from_start{i} = mul i64 %from_row, {i}"
        yield f"  %from{i} = getelementptr i8, ptr %from_, i64 %from_start{i}"
        yield f"  {row} = load {kind}, ptr %from{i}, align {size}"
    yield from transposed(rows, kind, lanes)
    for i, row in enumerate(rows):
        yield f"  %to_start{i} = mul i64 %to_row, {i}"
        yield f"  %to{i} = getelementptr i8, ptr %to_, i64 %to_start{i}"
        yield f"  store {kind} {row}, ptr %to{i}, align {size}"
    yield "  ret void"
    yield "}"


def multiply(processor: Processor, precision: str) -> Code:
    """C = A B, or C += A B if `add` is not 0, for A of m rows and k columns, and B of k rows and n columns.

    A, B and C are addresses, and their `row` and `column` say how many bytes further the next one begins; either
    the numbers of a row or those of a column lie side by side. `panel` is the address of room for a part of B and,
    behind it, some rows of C.
    """
    code: Any = Code(product_symbol(precision), "void", [(name, "i64") for name in ARGUMENTS], processor)
    size, all_widths = BYTES[NUMBER[precision]], tile_widths(processor, precision)
    # Cᵀ = Bᵀ Aᵀ: tiles are wide, and a product of two numbers is the same either way
    turned = (code.n < NARROW) & (code.n < code.m)

    def either(one: Value, other: Value) -> Value:
        return code.where(turned, other, one)

    A, a_row, a_column = either(code.A, code.B), either(code.a_row, code.b_column), either(code.a_column, code.b_row)
    B, b_row, b_column = either(code.B, code.A), either(code.b_row, code.a_column), either(code.b_column, code.a_row)
    m, n, k = either(code.m, code.n), either(code.n, code.m), code.k
    C, c_row, c_column = code.C, either(code.c_row, code.c_column), either(code.c_column, code.c_row)

    near, depth_of_pass = (0, SHALLOW) if processor.large_cache else (NEAR, DEPTH)
    pack = (b_column != size) | ((m >= FEW_ROWS) & (n * k > near * all_widths[0].columns))
    panel, spare = code.panel, code.panel + DEPTH * all_widths[0].columns * size
    start = code.variable(0, "i64")
    for _ in code.forever():
        depth, more = code.minimum(depth_of_pass, k - start.value), code.add | start.value
        a_begin, b_begin = A + start.value * a_column, B + start.value * b_row
        done = code.variable(0, "i64")
        for number, width in enumerate(all_widths):
            packed_row, move = width.columns * size, _mover(code, all_widths[number:])
            for j in code.range(done.value, n - (width.columns - 1), step=width.columns):
                b, c = b_begin + j * b_column, C + j * c_column
                with code.when(pack):
                    move(b, b_row, b_column, panel, packed_row, size, depth)
                with code.when((c_column != size) & (more != 0)):
                    move(c, c_row, c_column, spare, packed_row, size, m)
                from_b, from_row = code.where(pack, panel, b), code.where(pack, packed_row, b_row)
                to_c, to_row = code.where(c_column != size, spare, c), code.where(c_column != size, packed_row, c_row)
                i = code.variable(0, "i64")
                for height in width.heights:
                    for row in code.range(i.value, m - (height - 1), step=height):
                        inputs = a_begin + row * a_row, a_row, a_column, from_b, from_row, depth
                        code.call(tile_name(width, height), "void", *inputs, to_c + row * to_row, to_row, more)
                        i.value = row + height
                with code.when(c_column != size):
                    move(spare, packed_row, size, c, c_row, c_column, m)
                done.value = j + width.columns
        start.value = start.value + depth
        with code.when(start.value >= k):
            code.leave()
    return code


def _mover(code: Code, narrower: list[Width]) -> Callable[..., None]:
    """Copy rows of the first of these widths; between row and column order, by transposing squares."""
    width = narrower[0]

    def build(part: Any) -> None:
        same = part.column == part.target_column
        with part.when(same):
            part.call(copy_name(width), "void", part.source, part.row, part.rows, part.target)
        with part.otherwise(same):
            done = part.variable(0, "i64")
            row, target_row = part.maximum(part.row, part.column), part.maximum(part.target_row, part.target_column)
            for square in narrower:
                if square.vectors > 1:  # the same squares come again
                    continue
                for i in part.range(done.value, part.rows - (square.lanes - 1), step=square.lanes):
                    for j in range(0, width.columns, square.lanes):
                        place = part.source + i * part.row + j * part.column
                        target = part.target + i * part.target_row + j * part.target_column
                        part.call(turn_name(square), "void", place, row, target, target_row)
                    done.value = i + square.lanes

    def move(*values: Any) -> None:
        long = Value(code, "i64", "")
        numbers = [code.value(value, long) for value in values]
        code.part(f"move_{width.columns}", [(name, "i64") for name in MOVING], build, *numbers)

    return move


def product_text(code: Code, target: Processor, precision: str) -> str:
    """Return the text of the product, with the tiles that it calls."""
    return with_own(code, tile_names(target, precision), tile_texts(target, precision))


@cache
def product_room(precision: str, target: Processor | None = None) -> int:
    """Return the numbers of memory that the product needs: for a part of B, and some rows of C."""
    return (DEPTH + NARROW) * tile_widths(target or processor(), precision)[0].columns
