"""Decision trees: each row of a block goes from every root to a leaf."""

from __future__ import annotations

from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel

TREES, NODES = range(Op.AUX, Op.AUX + 2)
"""Fields: the number of trees, and of nodes in each."""


def forward(k: Kernel) -> None:
    """a = base + the sum of value[leaf], from the first tree to the last, in double precision.

    All rows go through a tree before the next one, a step at a time: its nodes stay in the cache, and no row waits for
    another.
    """
    rows, units, nodes = k.rows, k.op[Op.OUTPUTS], k.op[NODES]
    column = k.S + k.op[Op.S]
    threshold, left, right, value = (column + nodes * place for place in (1, 2, 3, 4))
    root = value + nodes
    steps, base = root + k.op[TREES], root + k.op[TREES] * 2
    x, a = k.of_rows(k.A, Op.X, k.op[Op.INPUTS]), k.of_rows(k.A, Op.Y, units)
    sums, place = k.pointer(k.run[Run.SCRATCH], "double").by(units), k.pointer(k.run[Run.SCRATCH], "i64")
    place = place + rows * units
    for i, unit in k.each(rows, units):
        sums[i, unit] = base[unit].as_kind("double")
    for tree in k.range(k.op[TREES]):
        unit = tree % units
        for i in k.range(rows):
            place[i] = root[tree].as_kind("i64")
        for _ in k.range(steps[tree].as_kind("i64")):
            for i in k.range(rows):
                node = place[i]
                low = x[i, column[node].as_kind("i64")] <= threshold[node]
                place[i] = k.where(low, left[node], right[node]).as_kind("i64")
        for i in k.range(rows):
            sums[i, unit] = sums[i, unit] + value[place[i]].as_kind("double")
    for i, unit in k.each(rows, units):
        a[i, unit] = sums[i, unit].as_kind(k.number)


def backward(k: Kernel) -> None:
    """d_x = 0: the output is constant between thresholds."""
    width = k.op[Op.INPUTS]
    k.of_rows(k.D, Op.X, width).start.fill(k.rows * width, 0.0)
