"""Gathering of a batch: inputs, targets and weights of the next rows in the order.

The source keeps its own layout (by rows, by columns, or sparse); only a block of a batch is ever copied.
"""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code import Pointer
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.memory import Op, Run

SOURCE, ROW_STRIDE, COLUMN_STRIDE, _, TARGETS, TARGET_WIDTH, WEIGHTS, ORDER = range(Op.AUX, Op.AUX + 8)
PLACES, TEXT_STARTS, NGRAMS, NGRAM_VALUES = range(Op.AUX + 8, Op.AUX + 12)
"""Fields of a gathering operation: addresses of the texts, see :class:`glassnet.layers.TextRows`; 0: there are none."""
COLUMNS, ROW_STARTS = ROW_STRIDE, COLUMN_STRIDE
"""Fields of a gathering operation; for a sparse source the second and third have other meanings."""
TARGET = Op.AUX
"""Field of a prediction's last operation: the address of the outputs."""


def _targets(k: Kernel) -> None:
    """Gather targets, and the share of each row in the mean: its weight over the number of rows."""
    start, rows, width = k.run[Run.START] + k.run[Run.FIRST], k.rows, k.op[TARGET_WIDTH]
    order = k.pointer(k.op[ORDER], "i64") + start
    share = 1.0 / k.as_number(k.run[Run.BATCH])
    with k.when(width > 0):
        source = k.pointer(k.op[TARGETS], k.number)
        with k.when(width == 1):
            _pick(k, source, order, k.Y)
        with k.when(width > 1):
            for i in k.range(rows):
                (k.Y + i * width).copy(source + order[i] * width, width)
        with k.when(k.op[WEIGHTS] != 0):
            _pick(k, k.pointer(k.op[WEIGHTS], k.number), order, k.W)
            for i in k.range(rows):
                k.W[i] = k.W[i] * share
        with k.otherwise(k.op[WEIGHTS] != 0):
            k.W.fill(rows, share)


def _pick(k: Kernel, source: Pointer, order: Pointer, target: Pointer) -> None:
    for i in k.range(k.rows):
        target[i] = source[order[i]]


def dense(k: Kernel, contiguous: bool) -> None:
    """Gather from a matrix with any strides; `contiguous`: rows are contiguous."""
    start, rows, width = k.run[Run.START] + k.run[Run.FIRST], k.rows, k.op[Op.INPUTS]
    source, x = k.pointer(k.op[SOURCE], k.number), k.of_rows(k.A, Op.Y, width).start
    row_stride, column_stride = k.op[ROW_STRIDE], k.op[COLUMN_STRIDE]

    def take(row: Any, i: Any) -> None:
        begin, block = source + row * row_stride, x + i * width
        if contiguous:
            block.copy(begin, width)
        else:
            for j in k.range(width):
                block[j] = begin[j * column_stride]

    with k.when(k.op[ORDER] == 0):  # all rows in their own order
        for i in k.range(rows):
            take(start + i, i)
    with k.when(k.op[ORDER] != 0):
        order = k.pointer(k.op[ORDER], "i64") + start
        for i in k.range(rows):
            take(order[i], i)
        _targets(k)


def sparse(k: Kernel, wide: bool) -> None:
    """Gather from a CSR matrix; `wide`: its indices have 64 bits, not 32."""
    start, rows, width = k.run[Run.START] + k.run[Run.FIRST], k.rows, k.op[Op.INPUTS]
    index = "i64" if wide else "i32"
    x = k.of_rows(k.A, Op.Y, width).start
    x.fill(rows * width, 0.0)
    values, columns = k.pointer(k.op[SOURCE], k.number), k.pointer(k.op[COLUMNS], index)
    row_starts, ordered = k.pointer(k.op[ROW_STARTS], index), k.op[ORDER] != 0
    row = k.variable(0, "i64")
    for i in k.range(rows):
        row.value = start + i
        with k.when(ordered):
            row.value = k.pointer(k.op[ORDER], "i64")[start + i]
        of_row = row_starts + row.value
        for cell in k.range(of_row[0].as_kind("i64"), of_row[1].as_kind("i64")):
            place = i * width + columns[cell].as_kind("i64")
            x[place] = x[place] + values[cell]
    with k.when(ordered):
        _targets(k)


def look(k: Kernel) -> None:
    """Check that a block is finite: 0 times a finite number is 0, so the sum of these is 0, too."""
    width = k.op[Op.INPUTS]
    x = k.of_rows(k.A, Op.X, width).start
    with k.when(k.total(k.rows * width, k.number, lambda at: at(x) * 0.0) != 0):
        k.run[Run.DIVERGED] = 1


def scatter(k: Kernel) -> None:
    """Write the outputs of a prediction to the result."""
    start, n = k.run[Run.START] + k.run[Run.FIRST], k.op[Op.INPUTS]
    result = k.pointer(k.op[TARGET], k.number) + start * n
    result.copy(k.of_rows(k.A, Op.X, n).start, k.rows * n)
