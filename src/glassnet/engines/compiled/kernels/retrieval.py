"""Answers of a layer of retrieval: the numbers of a row by all rows known lie in memory for some rows at a time."""

from __future__ import annotations

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.kernel import Kernel
from glassnet.formulas.elementary import exp
from glassnet.formulas.retrieval import mixed_scores

KNOWN = Op.AUX
"""How many rows are known."""
SOME = 16
"""So many rows are answered at a time: their scores stay in the cache, and each part of K is read once for them."""


def forward(k: Kernel, response: str) -> None:
    """p = softmax(x K + b) V, divided by the sum of the exponentials at the end, and what the response makes of it."""
    width, units, known = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.op[KNOWN]
    x, y = k.of_rows(k.A, Op.X, width).start, k.of_rows(k.A, Op.Y, units).start
    K = k.P + k.op[Op.P]
    b, V = K + width * known, K + (width + 1) * known
    scores, totals = k.scratch(), k.scratch() + known * SOME
    for first in k.range(0, k.rows, step=SOME):
        some, p = k.minimum(SOME, k.rows - first), y + first * units
        k.product(x + first * width, (width, 1), K, (known, 1), some, known, width, 0, scores, known)
        for i in k.range(some):
            row = scores + i * known
            for j in k.range(known):
                row[j] = row[j] + b[j]
            totals[i] = exponentials(k, row, known)
        k.product(scores, (known, 1), V, (units, 1), some, units, known, 0, p, units)
        for i, unit in k.each(some, units):
            p[i * units + unit] = mixed_scores(p[i * units + unit] / totals[i], response)


def exponentials(k: Kernel, row: Pointer, count: Value) -> Value:
    """From scores to e^(score - largest), where the row stands; gives their sum."""
    largest = k.largest(row, count)
    for j in k.range(count):
        row[j] = exp(row[j] - largest)
    return k.total(count, k.number, lambda at: at(row))
