"""The product of two matrices, cut into tiles."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

from glassnet.engines.compiled.tiles import DEPTH, HEIGHTS, NARROW, symbol

FEW_ROWS = 64
"""With fewer rows of A it does not pay to copy B into panels."""

NEAR = 128 * 1024
"""So many bytes of B lie close enough together to be read where they are."""

COPY, TURN, TILE = 0, 1, 2
"""What the table of tiles has for each width: see ``tiles.text``."""


def multiply(number: Any, widths: tuple[int, ...], lanes: tuple[int, ...], tallest: tuple[int, ...]) -> Any:
    """C = A B, or C += A B if `add` is not 0, for A of m rows and k columns, and B of k rows and n columns.

    A, B and C are addresses, and their `row` and `column` say how many bytes further the next one begins; either
    the numbers of a row or those of a column lie side by side. `panel` is the address of room for a part of B and,
    behind it, some rows of C.

    `widths`, `lanes` and `tallest` say of what widths there are tiles, how many numbers their vectors have, and how
    many rows the tallest tile of each has.
    """
    size = number(0).itemsize

    def kernel(
        A: Any, a_row: Any, a_column: Any, B: Any, b_row: Any, b_column: Any,
        m: Any, n: Any, k: Any, add: Any, C: Any, c_row: Any, c_column: Any, panel: Any,
    ) -> Any:  # fmt: skip
        if n < NARROW and n < m:  # Cᵀ = Bᵀ Aᵀ: tiles are wide, and a product of two numbers is the same either way
            A, a_row, a_column, B, b_row, b_column = B, b_column, b_row, A, a_column, a_row
            m, n, c_row, c_column = n, m, c_column, c_row
        pack = b_column != size or (m >= FEW_ROWS and n * k * size > NEAR)
        spare = panel + DEPTH * widths[0] * size
        start = 0
        while True:
            depth, more, j = min(DEPTH, k - start), max(add, start), 0
            for w in range(len(widths)):
                width, packed_row = widths[w], widths[w] * size
                while n - j >= width:
                    a, b, c = A + start * a_column, B + start * b_row + j * b_column, C + j * c_column
                    from_b, from_row, to_c, to_row = b, b_row, c, c_row
                    if pack:
                        move(w, b, b_row, b_column, panel, packed_row, size, depth)
                        from_b, from_row = panel, packed_row
                    if c_column != size:
                        to_c, to_row = spare, packed_row
                        if more:
                            move(w, c, c_row, c_column, spare, packed_row, size, m)
                    i = 0
                    for h in range(len(HEIGHTS)):
                        if HEIGHTS[h] <= tallest[w]:
                            while m - i >= HEIGHTS[h]:
                                a_place, c_place = a + i * a_row, to_c + i * to_row
                                inputs = (a_place, a_row, a_column, from_b, from_row, depth)
                                call(size, w, TILE + h, (*inputs, c_place, to_row, more))
                                i += HEIGHTS[h]
                    if c_column != size:
                        move(w, spare, packed_row, size, c, c_row, c_column, m)
                    j += width
            start += depth
            if start >= k:
                return 0.0

    @register_jitable
    def move(
        w: Any, source: Any, row: Any, column: Any, target: Any, target_row: Any, target_column: Any, rows: Any
    ) -> None:
        """Copy rows of a width; where they lie in columns on one side, in squares that are turned."""
        if column == target_column:
            call(size, w, COPY, (source, row, rows, target))
            return
        i = 0
        for square in range(w, len(widths)):
            side = lanes[square]
            while rows - i >= side:
                for j in range(0, widths[w], side):
                    place, target_place = source + i * row + j * column, target + i * target_row + j * target_column
                    call(size, square, TURN, (place, max(row, column), target_place, max(target_row, target_column)))
                i += side

    return kernel


@intrinsic(prefer_literal=True)
def call(typing: Any, size: Any, width: Any, place: Any, arguments: Any) -> Any:
    """Call what stands in the table of tiles for numbers of this size; all arguments are integers."""
    long = ir.IntType(64)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        name, kind = symbol(size.literal_value), ir.ArrayType(ir.IntType(8).as_pointer(), 0)
        table = builder.module.globals.get(name) or cgutils.add_global_variable(builder.module, kind, name)
        place = builder.add(builder.mul(args[1], long(TILE + len(HEIGHTS))), args[2])
        function = ir.FunctionType(ir.VoidType(), [long] * arguments.count)
        address = builder.bitcast(builder.load(builder.gep(table, [long(0), place])), function.as_pointer())
        builder.call(address, [builder.extract_value(args[3], i) for i in range(arguments.count)])
        return context.get_dummy_value()

    return types.void(size, types.int64, types.int64, arguments), codegen
