"""The product of packed bfloat16 matrices on Intel's matrix unit (AMX): tiles of 16 rows of 64 bytes, as LLVM's text.

Registers 0 to 3 hold 32 x 32 numbers of C, 4 and 5 rows of A, 6 and 7 columns of B. Their sizes are set before they
are used (``shape_tiles``) and the unit is released after it, so a thread that does something else has no state of it
to save.
"""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engines.compiled.kernels.packed_product import DEPTH, PackedProduct, ProductPart
from glassnet.engines.compiled.kernels.packing import ACROSS, ALONG
from glassnet.engines.compiled.kernels.rounded_tile import SIZE
from glassnet.engines.compiled.kernels.tile_text import pointers
from glassnet.formulas.rounded_products import BLOCK

SIDE = 16
"""Rows of a tile, and float32 or pairs in a row of it."""
PAIRS = 16
"""Pairs along the inner axis that an instruction adds up: a block of 32 numbers."""
LEAST, FEATURES = "x86-64-v4", "+amx-tile,+amx-bf16"
"""LLVM's names of what every processor with the unit has, and of the unit."""
SHAPE_TILES, RELEASE_TILES = "shape_tiles", "release_tiles"
OPERATIONS = {
    "ldtilecfg": "ptr",
    "tilerelease": "",
    "tilezero": "i8 immarg",
    "tileloadd64": "i8 immarg, ptr, i64",
    "tilestored64": "i8 immarg, ptr, i64",
    "tdpbf16ps": "i8 immarg, i8 immarg, i8 immarg",
}
"""LLVM's intrinsics, and their arguments."""


def unit_name(rows: int, columns: int) -> str:
    """Return the name of the function for so many tiles of C."""
    return f"unit_{rows}x{columns}"


def unit_names() -> Iterator[str]:
    """Yield the names of all functions."""
    yield from (SHAPE_TILES, RELEASE_TILES)
    yield from (unit_name(rows, columns) for rows in (1, 2) for columns in (1, 2))


def unit_texts() -> Iterator[str]:
    """Yield the text of all functions."""
    yield from (f"declare void @llvm.x86.{name}({arguments})" for name, arguments in OPERATIONS.items())
    yield from _shape_tiles()
    yield f"define internal void @{RELEASE_TILES}() #2 {{"
    yield "  call void @llvm.x86.tilerelease()"
    yield "  ret void"
    yield "}"
    for rows in (1, 2):
        for columns in (1, 2):
            yield from _unit(rows, columns)
    yield f'attributes #2 = {{ nounwind noinline "target-cpu"="{LEAST}" "target-features"="{FEATURES}" }}'


def _shape_tiles() -> Iterator[str]:
    """Yield the function that sets the sizes of all tiles for `rows` x `columns` numbers of C, at most 32 each."""
    yield f"define internal void @{SHAPE_TILES}(i64 %rows, i64 %columns) #2 {{"
    yield "  %shape = alloca [64 x i8], align 64"
    yield "  call void @llvm.memset.p0.i64(ptr %shape, i8 0, i64 64, i1 false)"
    yield "  store i8 1, ptr %shape"
    for name in ("rows", "columns"):
        # a second tile that is not used may have any size but zero
        yield f"  %{name}_left = sub i64 %{name}, {SIDE}"
        yield f"  %{name}_two = icmp sgt i64 %{name}_left, 0"
        yield f"  %{name}0 = select i1 %{name}_two, i64 {SIDE}, i64 %{name}"
        yield f"  %{name}1 = select i1 %{name}_two, i64 %{name}_left, i64 {SIDE}"
    for column in range(2):
        yield f"  %bytes{column} = shl i64 %columns{column}, 2"
    sizes = [(f"%rows{tile // 2}", f"%bytes{tile % 2}") for tile in range(4)]
    sizes += [(f"%rows{row}", str(4 * PAIRS)) for row in range(2)]
    sizes += [(str(PAIRS), f"%bytes{column}") for column in range(2)]
    for tile, (rows, size) in enumerate(sizes):
        yield f"  %size{tile} = trunc i64 {size} to i16"
        yield f"  %count{tile} = trunc i64 {rows} to i8"
        yield f"  %size_at{tile} = getelementptr i8, ptr %shape, i64 {16 + 2 * tile}"
        yield f"  %count_at{tile} = getelementptr i8, ptr %shape, i64 {48 + tile}"
        yield f"  store i16 %size{tile}, ptr %size_at{tile}"
        yield f"  store i8 %count{tile}, ptr %count_at{tile}"
    yield "  call void @llvm.x86.ldtilecfg(ptr %shape)"
    yield "  ret void"
    yield "}"
    yield "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)"


def _unit(rows: int, columns: int) -> Iterator[str]:
    """Yield C = A B, or C += A B if `add` is not 0, for so many tiles of C; `blocks` along the inner axis.

    Rows of A and C are `a_row` and `c_row` bytes apart, those of pairs of B `b_row`.
    """
    of_c = [(i, j) for i in range(rows) for j in range(columns)]
    yield f"define internal void @{unit_name(rows, columns)}("
    yield "  i64 %A, i64 %a_row, i64 %B, i64 %b_row, i64 %blocks, i64 %C, i64 %c_row, i64 %add) #2 {"
    yield "start:"
    yield from pointers("A", "B", "C")
    yield f"  %c_down = mul i64 %c_row, {SIDE}"
    yield f"  %a_down = mul i64 %a_row, {SIDE}"
    yield f"  %b_block = mul i64 %b_row, {PAIRS}"
    for i, j in of_c:
        yield f"  %c_start{i}_{j} = {f'add i64 %c_down, {4 * SIDE * j}' if i else f'add i64 0, {4 * SIDE * j}'}"
        yield f"  %c{i}_{j} = getelementptr i8, ptr %C_, i64 %c_start{i}_{j}"
    yield "  %continued = icmp ne i64 %add, 0"
    yield "  br i1 %continued, label %held, label %fresh"
    yield "held:"
    for i, j in of_c:
        yield f"  call void @llvm.x86.tileloadd64(i8 {2 * i + j}, ptr %c{i}_{j}, i64 %c_row)"
    yield "  br label %check"
    yield "fresh:"
    for i, j in of_c:
        yield f"  call void @llvm.x86.tilezero(i8 {2 * i + j})"
    yield "  br label %check"
    yield "check:"
    yield "  %left = phi i64 [%blocks, %held], [%blocks, %fresh], [%left_then, %step]"
    yield "  %a0 = phi ptr [%A_, %held], [%A_, %fresh], [%a_then, %step]"
    yield "  %b0 = phi ptr [%B_, %held], [%B_, %fresh], [%b_then, %step]"
    yield "  %more = icmp sgt i64 %left, 0"
    yield "  br i1 %more, label %step, label %end"
    yield "step:"
    yield "  %a1 = getelementptr i8, ptr %a0, i64 %a_down"
    yield f"  %b1 = getelementptr i8, ptr %b0, i64 {4 * SIDE}"
    yield from (f"  call void @llvm.x86.tileloadd64(i8 {6 + j}, ptr %b{j}, i64 %b_row)" for j in range(columns))
    yield from (f"  call void @llvm.x86.tileloadd64(i8 {4 + i}, ptr %a{i}, i64 %a_row)" for i in range(rows))
    yield from (f"  call void @llvm.x86.tdpbf16ps(i8 {2 * i + j}, i8 {4 + i}, i8 {6 + j})" for i, j in of_c)
    yield f"  %a_then = getelementptr i8, ptr %a0, i64 {4 * PAIRS}"
    yield "  %b_then = getelementptr i8, ptr %b0, i64 %b_block"
    yield "  %left_then = sub i64 %left, 1"
    yield "  br label %check"
    yield "end:"
    for i, j in of_c:
        yield f"  call void @llvm.x86.tilestored64(i8 {2 * i + j}, ptr %c{i}_{j}, i64 %c_row)"
    yield "  ret void"
    yield "}"


class UnitProduct(PackedProduct):
    """The product on the unit: cells are pairs of bfloat16."""

    along, across = ALONG, ACROSS
    places, least = 2, BLOCK

    def tiles(self) -> tuple[list[str], list[str]]:
        """Return the names of all functions, and the lines of their text."""
        return list(unit_names()), list(unit_texts())

    def multiply(self, part: ProductPart) -> None:
        """Emit the loops over two by two tiles; their sizes are set anew where they change."""
        code, side = self.code, self.width
        shape = code.variable(0, "i64")
        for j in code.range(part.columns, step=side):
            with code.when(part.row == 0):
                self.pack_panel(part, j)
            wide = code.minimum(side, part.columns - j)
            for i in code.range(part.rows, step=side):
                high = code.minimum(side, part.rows - i)
                with code.when(shape.value != high * 64 + wide):
                    self.call(SHAPE_TILES, high, wide)
                    shape.value = high * 64 + wide
                of_b = self.panel(part, j), side * SIZE, part.padded // BLOCK
                inputs = part.A + i * (DEPTH * SIZE), DEPTH * SIZE, *of_b
                to = part.C + i * code.c_row + j * SIZE, code.c_row, part.more
                for tall in (1, 2):
                    for broad in (1, 2):
                        fits = (high > SIDE if tall == 2 else high <= SIDE) & (
                            wide > SIDE if broad == 2 else wide <= SIDE
                        )
                        with code.when(fits):
                            self.call(unit_name(tall, broad), *inputs, *to)
        self.call(RELEASE_TILES)
