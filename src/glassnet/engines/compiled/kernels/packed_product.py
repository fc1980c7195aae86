"""The loops of a product whose operands are rounded to bfloat16 and packed, part by part, into what its tiles read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.kernels.packing import Packing, Source
from glassnet.engines.compiled.kernels.rounded_tile import SIZE, VECTORS
from glassnet.engines.compiled.kernels.tile_text import PREFETCH, attributes, with_own
from glassnet.engines.compiled.llvm import Processor

ROUNDED = "bfloat16"
"""The name of the product among precisions."""

DEPTH, COLUMNS, ROWS = 128, 512, 192
"""What is packed at a time: cells along the inner axis, columns of B, rows of A. It stays in the L2 cache."""


class ProductPart(NamedTuple):
    """A part of the product: what is multiplied after packing, and how much of it there is."""

    A: Value
    """Packed rows."""
    B: Value
    """The first number, which is not packed yet."""
    C: Value
    panels: Value
    row: Value
    """The number of the first row."""
    rows: Value
    columns: Value
    depth: Value
    """Places along the inner axis."""
    padded: Value
    """The same with the zeros that fill up the last ones."""
    more: Value
    """Whether C has sums already."""


class PackedProduct(ABC):
    """C = A B, or C += A B if `add` is not 0; the arguments are those of ``product.multiply``.

    Rows of C are contiguous. `panel` is room for packed operands. B is packed into panels as wide as a tile, whose rows
    lie one after the other.
    """

    along: ClassVar[Source]
    """What makes a cell of numbers that are adjacent along the inner axis."""
    across: ClassVar[Source]
    """The same of numbers that are adjacent across it."""
    places: ClassVar[int]
    """Places along the inner axis in a cell."""
    least: ClassVar[int]
    """Places along the inner axis that tiles read at least; zeros fill up the last ones."""

    def __init__(self, target: Processor, code: Any) -> None:
        self.code, self.target, self.lanes = code, target, target.bits // 8 // SIZE
        self.packings: dict[str, Packing] = {}

    @property
    def width(self) -> int:
        """Columns of a panel."""
        return VECTORS * self.lanes

    @abstractmethod
    def tiles(self) -> tuple[list[str], list[str]]:
        """Return the names of the functions that multiply, and the lines of their text."""

    @abstractmethod
    def multiply(self, part: ProductPart) -> None:
        """Emit the loops over panels, which are packed with the first rows, and over tiles."""

    def emit(self) -> None:
        """Emit the loops over parts of the operands that are packed at a time."""
        code = self.code
        panels, packed = code.panel, code.panel + DEPTH * COLUMNS * SIZE
        start = code.variable(0, "i64")
        for column in code.range(code.n, step=COLUMNS):
            columns = code.minimum(COLUMNS, code.n - column)
            start.value = 0
            for _ in code.forever():
                depth, more = code.minimum(DEPTH * self.places, code.k - start.value), code.add | start.value
                padded = (depth + (self.least - 1)) // self.least * self.least
                B = code.B + start.value * code.b_row + column * code.b_column
                for row in code.range(code.m, step=ROWS):
                    rows = code.minimum(ROWS, code.m - row)
                    C = code.C + row * code.c_row + column * SIZE
                    part = ProductPart(packed, B, C, panels, row, rows, columns, depth, padded, more)
                    self._pack_a(code.A + row * code.a_row + start.value * code.a_column, part)
                    self.multiply(part)
                start.value = start.value + depth
                with code.when(start.value >= code.k):
                    code.leave()

    def _pack_a(self, A: Value, part: ProductPart) -> None:
        """Emit the packing of rows of A."""
        code, long, (depth, rows) = self.code, DEPTH * SIZE, (part.depth, part.rows)
        along = code.a_column == SIZE
        with code.when(along):
            for k in code.range(part.padded, step=self.width * self.places):
                to = part.A + k // self.places * SIZE, long
                self.copy(self.along, A + k * SIZE, code.a_row, *to, rows, depth - k, rows)
        with code.otherwise(along):
            for k in code.range(part.padded, step=self.lanes * self.places):
                for i in code.range(rows, step=self.lanes):
                    to = part.A + i * long + k // self.places * SIZE, long
                    self.turn(self.across, A + k * code.a_column + i * SIZE, code.a_column, *to, rows - i, depth - k)

    def pack_panel(self, part: ProductPart, column: Value) -> None:
        """Emit the packing of the panel that begins with a column."""
        code, long, depth = self.code, self.width * SIZE, part.depth
        panel, left = self.panel(part, column), code.minimum(self.width, part.columns - column)
        across = code.b_column == SIZE
        with code.when(across):
            rows = part.padded // self.places
            self.copy(self.across, part.B + column * SIZE, code.b_row, panel, long, rows, left, depth)
        with code.otherwise(across):
            for square in range(0, self.width, self.lanes):
                for k in code.range(part.padded, step=self.lanes * self.places):
                    there = part.B + (column + square) * code.b_column + k * SIZE, code.b_column
                    to = panel + k // self.places * long + square * SIZE, long
                    self.turn(self.along, *there, *to, depth - k, left - square)

    def panel(self, part: ProductPart, column: Value) -> Value:
        """Return the address of the panel that begins with a column."""
        return part.panels + column * (part.padded // self.places) * SIZE

    def copy(self, source: Source, *of: Any) -> None:
        """Emit a copy of rows of cells as wide as a panel; `valid` numbers of each row and `present` rows exist."""
        *places, rows, valid, present = of
        whole = (valid >= self.width * source.numbers) & (present >= rows * source.rows)
        self._pack(source, VECTORS, whole, [*places, rows], [valid, present])

    def turn(self, source: Source, *of: Any) -> None:
        """Emit the transpose of a square of cells; `valid` numbers of each row and `present` rows exist."""
        *places, valid, present = of
        whole = (valid >= self.lanes * source.numbers) & (present >= self.lanes * source.rows)
        self._pack(source, 0, whole, places, [valid, present])

    def _pack(self, source: Source, vectors: int, whole: Value, of: list[Any], exist: list[Any]) -> None:
        for part, choice in ((False, self.code.when), (True, self.code.otherwise)):
            packing = Packing(source, self.lanes, vectors, part)
            self.packings[packing.name] = packing
            with choice(whole):
                self.call(packing.name, *of, *(exist if part else ()))

    def call(self, name: str, *arguments: Any, returns: str = "void") -> Value:
        """Emit a call of a function of addresses and counts."""
        like = Value(self.code, "i64", "")
        return self.code.call(name, returns, *(self.code.value(argument, like) for argument in arguments))


def text_of(code: Any, products: Sequence[PackedProduct], target: Processor) -> str:
    """Return the text of a function, with those that its products call."""
    names: list[str] = []
    lines: list[str] = []
    for product in products:
        of_tiles = product.tiles()
        names += of_tiles[0]
        lines += of_tiles[1]
    packings = {name: packing for product in products for name, packing in product.packings.items()}
    for packing in packings.values():
        lines += packing.text
    lines.append(PREFETCH)
    lines += dict.fromkeys(packing.declared for packing in packings.values())
    return with_own(code, [*names, *packings], "\n".join([*lines, attributes(target)]))
