"""The product of two matrices whose numbers are rounded to bfloat16, with one order of sums on every processor.

A number of C is summed in blocks of 32 along the inner axis. Each block has two chains of multiply-adds, one over its
even places and one over its odd places, both from zero; the sum of the two is added to C. Intel's matrix unit adds in
this order, so it gives the same bits as vectors of any width. Rounded numbers are multiples of 2⁻⁶³ below 2⁶⁴: a
product of two is exact and no sum is subnormal, so it makes no difference whether multiply-adds are fused.

Operands lie in memory as float32 and are rounded where they are packed (``packing.py``), into what tiles read: float32
numbers for the vectors here, and pairs of bfloat16, adjacent along the inner axis, for ``matrix_unit.py``. For a few
rows packing B would take longer than the product: tiles read B where it lies, and round it in registers.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from glassnet.engines.compiled.code import Code, Value
from glassnet.engines.compiled.code.kernel import product_symbol
from glassnet.engines.compiled.kernels.matrix_unit import UnitProduct
from glassnet.engines.compiled.kernels.packed_product import (
    COLUMNS,
    DEPTH,
    ROUNDED,
    ROWS,
    PackedProduct,
    ProductPart,
    text_of,
)
from glassnet.engines.compiled.kernels.packing import SINGLE
from glassnet.engines.compiled.kernels.product import ARGUMENTS
from glassnet.engines.compiled.kernels.rounded_tile import SIZE, Tile, declarations
from glassnet.engines.compiled.llvm import Processor

__all__ = ["ROUNDED", "rounded_product_room", "rounded_product_text"]

HEIGHTS = (6, 4, 3, 2, 1)
"""Rows of tiles, the tallest first; the remainder of a matrix is cut into lower ones."""

FEW = 6
"""Rows of A up to which B is not packed, where it need not be transposed and its numbers are usual."""


class VectorProduct(PackedProduct):
    """The product by vectors: cells are rounded float32 numbers."""

    along = across = SINGLE
    places = least = 1

    def __init__(self, target: Processor, code: Any) -> None:
        super().__init__(target, code)
        self.all = [
            tile
            for direct, part in ((False, False), (False, True), (True, False))
            for rows in HEIGHTS
            if (tile := Tile(rows, self.lanes, target.fused, DEPTH * SIZE, direct, part)).registers <= target.registers
        ]

    def tiles(self) -> tuple[list[str], list[str]]:
        """Return the names of all tiles, and the lines of their text."""
        texts = [line for tile in self.all for line in tile.text]
        return [tile.name for tile in self.all], [*texts, *declarations(self.lanes)]

    def multiply(self, part: ProductPart) -> None:
        """Emit the loops over tiles."""
        code = self.code
        for j in code.range(part.columns, step=self.width):
            left = part.columns - j
            direct = (code.m <= FEW) & (code.b_column == SIZE) & (left >= self.width)
            with code.when((part.row == 0) & ~direct):
                self.pack_panel(part, j)
            for (is_direct, narrow), tiles in groupby(self.all, lambda tile: (tile.direct, tile.part)):
                fits = (left < self.width) if narrow else (left >= self.width)
                with code.when(fits & (direct if is_direct else ~direct)):
                    i = code.variable(0, "i64")
                    for tile in tiles:
                        for row in code.range(i.value, part.rows - (tile.rows - 1), step=tile.rows):
                            self._tile(tile, part, j, row)
                            i.value = row + tile.rows

    def _tile(self, tile: Tile, part: ProductPart, column: Value, row: Value) -> None:
        """Emit a tile; what a direct one leaves is packed."""
        code, wide, B = self.code, self.width * SIZE, part.B + column * SIZE
        A, panel = part.A + row * tile.a_row, self.panel(part, column)
        C = part.C + row * code.c_row + column * SIZE, code.c_row
        if not tile.direct:
            self.call(tile.name, A, panel, wide, part.depth, *C, part.more, *[part.columns - column][: tile.part])
            return
        done = self.call(tile.name, A, B, code.b_row, part.depth, *C, part.more, returns="i64")
        with code.when(done < part.depth):
            left = part.depth - done
            self.copy(SINGLE, B + done * code.b_row, code.b_row, panel, wide, left, code.value(self.width, left), left)
            self.call(tile._replace(direct=False).name, A + done * SIZE, panel, wide, left, *C, part.more | done)


def rounded_product_text(target: Processor) -> str:
    """Return the text of the product; the matrix unit is for more rows than a few, for which packing B pays."""
    code: Any = Code(product_symbol(ROUNDED), "void", [(name, "i64") for name in ARGUMENTS], target)
    products: list[PackedProduct] = [VectorProduct(target, code)]
    if not target.matrix_unit:
        products[0].emit()
        return text_of(code, products, target)
    products.append(UnitProduct(target, code))
    for choice, product in zip((code.when, code.otherwise), products, strict=True):
        with choice(code.m <= FEW):
            product.emit()
    return text_of(code, products, target)


def rounded_product_room() -> int:
    """Return the numbers of memory that the product needs for packed operands."""
    return DEPTH * (COLUMNS + ROWS)
