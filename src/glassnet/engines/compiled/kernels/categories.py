"""Embeddings of categories, whose codes are the last columns of a row: each is looked up in a table of its own."""

from __future__ import annotations

from glassnet.engines.compiled.code import Value
from glassnet.engines.compiled.fields import GRAIN, Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.program import Program
from glassnet.layers import Embedding

__all__ = ["TOUCHED", "lower"]

COLUMNS, SIZE, TOUCHED = range(Op.AUX, Op.AUX + 3)
"""How many columns there are, how many numbers a level has; and the address of what says which grains of the parameters
a step has touched."""


def lower(program: Program, layer: Embedding, width: int, x: int, number: int) -> tuple[int, int]:
    """The operation of categories."""
    want_dx, outputs = program.want_dx, layer.outputs(width)
    p, _ = program.learned(layer, width)
    forward = program.compiled(layer, "categories.forward")
    seldom, backward, learn = all(map(program.seldom, layer.parameters(width))), 0, 0
    if program.training:
        learn = program.compiled(layer, "categories.learn", seldom)
        backward = program.compiled(layer, "categories.backward") if want_dx else 0
    y, c = program.region(outputs), program.constant(*layer.levels)
    op = program.add(forward, backward, learn, INPUTS=width, OUTPUTS=outputs, X=x, Y=y, P=p, C=c)
    op[COLUMNS], op[SIZE] = len(layer.levels), layer.size
    program.scattered = True
    if seldom:
        program.touched.append((len(program.ops) - 1, p, program.parameters))
    return outputs, y


def _row_of(k: Kernel, code: Value, levels: Value) -> Value:
    """The row of a column's table for a code; a code that is none counts as 0."""
    return k.where((code >= 0) & (code <= levels), code, 0.0).as_kind("i64")


def forward(k: Kernel) -> None:
    """The columns before the codes, and for each code its numbers; C holds the numbers of levels."""
    n, m, columns, size = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[COLUMNS], k.op[SIZE]
    x, y, before, levels = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, m), n - columns, k.C + k.op[Op.C]
    for i, j in k.each(k.rows, before):
        y[i, j] = x[i, j]
    place = k.variable(k.op[Op.P], "i64")
    for j in k.range(columns):
        start, of_column = k.P + place.value, levels[j]
        for i in k.range(k.rows):
            row = start + _row_of(k, x[i, before + j], of_column) * size
            for s in k.range(size):
                y[i, before + j * size + s] = row[s]
        place.value = place.value + (of_column.as_kind("i64") + 1) * size


def backward(k: Kernel) -> None:
    """d_x of the columns before the codes; that of the codes is 0."""
    n, columns = k.op[Op.INPUTS], k.op[COLUMNS]
    d_x, d_y, before = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, k.op[Op.OUTPUTS]), n - columns
    for i in k.range(k.rows):
        for j in k.range(before):
            d_x[i, j] = d_y[i, j]
        for j in k.range(before, n):
            d_x[i, j] = 0.0


def learn(k: Kernel, seldom: bool) -> None:
    """The gradient of each level's numbers, column by column; of the columns this worker has its share.

    `seldom`: only of the levels in these rows, which are marked as touched. The others have none: the update has made
    it zero.
    """
    n, m, columns, size = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[COLUMNS], k.op[SIZE]
    x, d_y, before, levels = k.of_rows(k.A, Op.X, n), k.of_rows(k.D, Op.Y, m), n - columns, k.C + k.op[Op.C]
    first, last = k.share(columns)
    place = k.variable(k.op[Op.P], "i64")
    for j in k.range(columns):
        begin, of_column = place.value, levels[j]
        count = (of_column.as_kind("i64") + 1) * size
        with k.when((j >= first) & (j < last)):
            if not seldom:
                with k.when(k.run[Run.ACCUMULATE] == 0):
                    (k.G + begin).fill(count, 0.0)
            for i in k.range(k.rows):
                row = begin + _row_of(k, x[i, before + j], of_column) * size
                numbers = k.G + row
                for s in k.range(size):
                    numbers[s] = numbers[s] + d_y[i, before + j * size + s]
                if seldom:
                    touched = k.pointer(k.op[TOUCHED], "i64")
                    for grain in k.range(row // GRAIN, (row + size - 1) // GRAIN + 1):
                        touched[grain] = touched[grain] | 1
        place.value = begin + count
