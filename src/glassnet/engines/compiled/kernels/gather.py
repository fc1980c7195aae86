"""Rows into a batch: inputs, targets and weights of the rows whose turn it is, one after the other.

The source keeps its own layout (by rows, by columns, or sparse); only a block of a batch is ever copied.
"""

from __future__ import annotations

from typing import Any

from numba import int32, int64
from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import copy, offset, pointer, pointer_to, vector

AUX = Op.AUX
SOURCE, ROW_STRIDE, COLUMN_STRIDE = AUX, AUX + 1, AUX + 2
COLUMNS, ROW_STARTS, WIDE_INDEX = AUX + 1, AUX + 2, AUX + 3
TARGETS, TARGET_WIDTH, WEIGHTS, ORDER = AUX + 4, AUX + 5, AUX + 6, AUX + 7
"""Columns of an operation of this kind; a sparse source has its own second to fourth."""


def _rows(number: Any) -> Any:
    """Targets, and the share of each row in the mean: its weight over the number of rows."""

    def rows(op: Any, run: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        start, rows = r[Run.START] + r[Run.FIRST], r[Run.ROWS]
        width = o[TARGET_WIDTH]
        order = vector(pointer(o[ORDER], op), start + rows)
        share = number(1) / number(r[Run.BATCH])
        w = vector(W, rows)
        if width > 0:
            source = pointer(o[TARGETS], Y)
            if width == 1:
                _pick(source, order, start, vector(Y, rows))
            else:
                for i in range(rows):
                    copy(offset(Y, i * width), offset(source, order[start + i] * width), width)
            if o[WEIGHTS] != 0:
                _pick(pointer(o[WEIGHTS], W), order, start, w)
                for i in range(rows):
                    w[i] *= share
            else:
                for i in range(rows):
                    w[i] = share

    return rows


@register_jitable
def _pick(source: Any, order: Any, start: Any, target: Any) -> None:
    for i in range(target.size):
        target[i] = vector(offset(source, order[start + i]), 1)[0]


def dense(number: Any, contiguous: bool) -> Any:
    """From a matrix with any strides; `contiguous`: the numbers of a row lie side by side."""
    targets = register_jitable(_rows(number))

    @register_jitable
    def take(source: Any, row: Any, o: Any, x: Any) -> Any:
        start, width = offset(source, row * o[ROW_STRIDE]), o[Op.INPUTS]
        if contiguous:
            copy(x, start, width)
        else:
            block = vector(x, width)
            for j in range(width):  # steps may go backwards, so they are no indices
                block[j] = vector(offset(start, j * o[COLUMN_STRIDE]), 1)[0]

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        start, rows, width = r[Run.START] + r[Run.FIRST], r[Run.ROWS], o[Op.INPUTS]
        source = pointer(o[SOURCE], A)
        if o[ORDER] == 0:  # all rows in their own order
            for i in range(rows):
                take(source, start + i, o, offset(A, i * width))
            return 0.0
        order = vector(pointer(o[ORDER], op), start + rows)
        for i in range(rows):
            take(source, order[start + i], o, offset(A, i * width))
        targets(op, run, Y, W)
        return 0.0

    return kernel


def sparse(number: Any, wide: bool) -> Any:
    """From a sparse matrix by rows (CSR); `wide`: its indices have 64 bits, not 32."""
    targets = register_jitable(_rows(number))
    index = int64 if wide else int32
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        start, rows, width = r[Run.START] + r[Run.FIRST], r[Run.ROWS], o[Op.INPUTS]
        x = vector(A, rows * width)
        for cell in range(rows * width):
            x[cell] = zero
        values = pointer(o[SOURCE], A)
        columns, row_starts = pointer_to(o[COLUMNS], index), pointer_to(o[ROW_STARTS], index)
        for i in range(rows):
            row = start + i
            if o[ORDER] != 0:
                row = vector(offset(pointer(o[ORDER], op), row), 1)[0]
            ends = vector(offset(row_starts, row), 2)
            for cell in range(ends[0], ends[1]):
                column = vector(offset(columns, cell), 1)[0]
                x[i * width + column] += vector(offset(values, cell), 1)[0]
        if o[ORDER] != 0:
            targets(op, run, Y, W)
        return 0.0

    return kernel


def scatter(number: Any) -> Any:
    """The last operation of a prediction: outputs to their place."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        start, size = r[Run.START] + r[Run.FIRST], r[Run.ROWS] * o[Op.INPUTS]
        result = vector(offset(pointer(o[SOURCE], A), start * o[Op.INPUTS]), size)
        a = vector(offset(A, o[Op.X]), size)
        for i in range(size):
            result[i] = a[i]
        return 0.0

    return kernel
