"""The loops of a product whose operands are rounded to bfloat16 and packed, part by part, into what its tiles read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from glassnet.engines.compiled.code import Code, Value
from glassnet.engines.compiled.code.kernel import product_symbol
from glassnet.engines.compiled.kernels.packing import Packing, Source
from glassnet.engines.compiled.kernels.product import ARGUMENTS
from glassnet.engines.compiled.kernels.tile_text import attributes, with_own
from glassnet.engines.compiled.llvm import Processor

ROUNDED = "bfloat16"
"""The name of the product among precisions."""

DEPTH, COLUMNS, ROWS = 128, 512, 192
"""What is packed at a time: cells along the inner axis, columns of B, rows of A. It stays in the L2 cache."""

SIZE = 4
"""Bytes of a number, and of a cell of packed operands."""

VECTORS = 2
"""Vectors of cells in a row of a panel of B."""


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

    def __init__(self, target: Processor) -> None:
        self.target, self.lanes = target, target.bits // 8 // SIZE
        self.code: Any = Code(product_symbol(ROUNDED), "void", [(name, "i64") for name in ARGUMENTS], target)
        self.packings: dict[str, Packing] = {}

    @property
    def width(self) -> int:
        """Columns of a panel."""
        return VECTORS * self.lanes

    @abstractmethod
    def tiles(self) -> tuple[Iterable[str], Iterable[str]]:
        """Return the names and the texts of the functions that multiply."""

    @abstractmethod
    def pack_a(self, A: Value, depth: Value, padded: Value, rows: Value, packed: Value) -> None:
        """Emit the packing of rows of A."""

    @abstractmethod
    def multiply(
        self, A: Value, panels: Value, padded: Value, rows: Value, columns: Value, C: Value, more: Value
    ) -> None:
        """Emit the loops over tiles: C = A B of packed operands, or C += A B if `more` is not 0."""

    def text(self) -> str:
        """Return the text of the function, with those that it calls."""
        self._in_parts()
        names, lines = map(list, self.tiles())
        for packing in self.packings.values():
            names.append(packing.name)
            lines += packing.text
        lines += dict.fromkeys(packing.declared for packing in self.packings.values())
        return with_own(self.code, names, "\n".join([*lines, attributes(self.target)]))

    def _in_parts(self) -> None:
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
                self._pack_b(code.B + start.value * code.b_row + column * code.b_column, depth, padded, columns, panels)
                for row in code.range(code.m, step=ROWS):
                    rows = code.minimum(ROWS, code.m - row)
                    A = code.A + row * code.a_row + start.value * code.a_column
                    self.pack_a(A, depth, padded, rows, packed)
                    C = code.C + row * code.c_row + column * SIZE
                    self.multiply(packed, panels, padded, rows, columns, C, more)
                start.value = start.value + depth
                with code.when(start.value >= code.k):
                    code.leave()

    def _pack_b(self, B: Value, depth: Value, padded: Value, columns: Value, panels: Value) -> None:
        code, row = self.code, self.width * SIZE
        across = code.b_column == SIZE
        for j in code.range(columns, step=self.width):
            panel, left = self.panel(panels, j, padded), code.minimum(self.width, columns - j)
            with code.when(across):
                self.copy(self.across, B + j * SIZE, code.b_row, panel, row, padded // self.places, left, depth)
            with code.otherwise(across):
                for square in range(0, self.width, self.lanes):
                    for k in code.range(padded, step=self.lanes * self.places):
                        there = B + (j + square) * code.b_column + k * SIZE
                        to = panel + k // self.places * row + square * SIZE
                        self.turn(self.along, there, code.b_column, to, row, depth - k, left - square)

    def panel(self, panels: Value, column: Value, padded: Value) -> Value:
        """Return the address of the panel that begins with a column."""
        return panels + column * (padded // self.places) * SIZE

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

    def call(self, name: str, *arguments: Any) -> None:
        """Emit a call of a function of addresses and counts."""
        like = Value(self.code, "i64", "")
        self.code.call(name, "void", *(self.code.value(argument, like) for argument in arguments))
