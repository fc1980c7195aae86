"""The product of two matrices, cut into tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.engines.compiled.code import BYTES, NUMBER, Code, Value
from glassnet.engines.compiled.kernel import product_symbol
from glassnet.engines.compiled.processor import Processor
from glassnet.engines.compiled.tiles import DEPTH, NARROW, Width, copy_name, tile_name, turn_name, widths

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


def multiply(processor: Processor, precision: str) -> Code:
    """C = A B, or C += A B if `add` is not 0, for A of m rows and k columns, and B of k rows and n columns.

    A, B and C are addresses, and their `row` and `column` say how many bytes further the next one begins; either
    the numbers of a row or those of a column lie side by side. `panel` is the address of room for a part of B and,
    behind it, some rows of C.
    """
    code: Any = Code(product_symbol(precision), "void", [(name, "i64") for name in ARGUMENTS], processor)
    size, all_widths = BYTES[NUMBER[precision]], widths(processor, precision)
    # Cᵀ = Bᵀ Aᵀ: tiles are wide, and a product of two numbers is the same either way
    turned = (code.n < NARROW) & (code.n < code.m)

    def either(one: Value, other: Value) -> Value:
        return code.where(turned, other, one)

    A, a_row, a_column = either(code.A, code.B), either(code.a_row, code.b_column), either(code.a_column, code.b_row)
    B, b_row, b_column = either(code.B, code.A), either(code.b_row, code.a_column), either(code.b_column, code.a_row)
    m, n, k = either(code.m, code.n), either(code.n, code.m), code.k
    C, c_row, c_column = code.C, either(code.c_row, code.c_column), either(code.c_column, code.c_row)

    pack = (b_column != size) | ((m >= FEW_ROWS) & (n * k > NEAR * all_widths[0].columns))
    panel, spare = code.panel, code.panel + DEPTH * all_widths[0].columns * size
    start = code.variable(0, "i64")
    for _ in code.forever():
        depth, more = code.minimum(DEPTH, k - start.value), code.add | start.value
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


MOVING = ("source", "row", "column", "target", "target_row", "target_column", "rows")


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
