"""Kernels written by hand, not traced: residual blocks, n-grams, the average prediction of members.

Of a residual block there are kernels before and after the operations of its chain. The average is computed by the
functions of ``formulas/averages.py``, with members in place of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.code import Inlined
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.kernels import gather
from glassnet.engines.compiled.memory import Op, Run
from glassnet.engines.compiled.rows import LANES, At, Loops, through

INSIDE = Op.AUX
"""The field with the place of the chain's output."""

SOURCE, NETWORK_SIZE, NETWORKS, MEMBERS = range(Op.AUX, Op.AUX + 4)
"""Address of the outputs of all networks for all rows, and the stride to the next network; the number of networks, and
of members of each, whose outputs are adjacent in a row."""

NGRAM_COUNT = Op.AUX
"""The field with the number of n-grams."""
SUMS = 4
"""Partial sums of the n-grams of a row."""


def residual_forward(k: Kernel) -> None:
    """After the chain: a = x + inside."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, inside, a = (k.of_rows(k.A, column, n).start for column in (Op.X, INSIDE, Op.Y))
    for i in k.range(rows * n):
        a[i] = x[i] + inside[i]


def residual_backward(k: Kernel) -> None:
    """After the chain, so first in the backward pass: d_inside = d_a."""
    n = k.op[Op.INPUTS]
    k.of_rows(k.D, INSIDE, n).start.copy(k.of_rows(k.D, Op.Y, n).start, k.rows * n)


def residual_joined(k: Kernel) -> None:
    """Before the chain, so last in the backward pass: add the gradients through the chain and past it."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a = k.of_rows(k.D, Op.X, n).start, k.of_rows(k.D, Op.Y, n).start
    for i in k.range(rows * n):
        d_x[i] = d_x[i] + d_a[i]


def _texts(k: Kernel, first: Value) -> Iterator[tuple[Value, Value, Value, Pointer, Pointer]]:
    """Loop over the rows that have texts, `first` being their place in the batch: row, begin, end, ids and values."""
    source = k.pointer(k.run[Run.OP], "i64")
    start, row = k.run[Run.START] + first, k.variable(0, "i64")
    with k.when(source[gather.PLACES] != 0):
        places, ends = k.pointer(source[gather.PLACES], "i64"), k.pointer(source[gather.TEXT_STARTS], "i64")
        ids, values = k.pointer(source[gather.NGRAMS], "i32"), k.pointer(source[gather.NGRAM_VALUES], "float")
        for i in k.range(k.rows):
            row.value = start + i
            with k.when(source[gather.ORDER] != 0):
                row.value = k.pointer(source[gather.ORDER], "i64")[start + i]
            place = places[row.value]
            yield i, ends[place], ends[place + 1], ids, values


def ngrams_forward(k: Kernel) -> None:
    """a = x + t W, the n-grams of a row one after the other; of a single output in `SUMS` sums."""
    n = k.op[Op.INPUTS]
    a, W = k.of_rows(k.A, Op.Y, n).start, k.P + k.op[Op.P]
    a.copy(k.of_rows(k.A, Op.X, n).start, k.rows * n)
    for i, begin, end, ids, values in _texts(k, k.run[Run.FIRST]):
        of_row = a + i * n
        whole = k.variable(begin, "i64")
        with k.when(n == 1):  # one sum alone would wait for each addition
            sums = [k.variable(0.0, k.number) for _ in range(SUMS)]
            for first in k.range(begin, end - (SUMS - 1), step=SUMS):
                for lane, one in enumerate(sums):
                    cell = first + lane
                    one.value = one.value + values[cell].as_kind(k.number) * W[ids[cell].as_kind("i64")]
                whole.value = first + SUMS
            a[i] = a[i] + ((sums[0].value + sums[1].value) + (sums[2].value + sums[3].value))
        for cell in k.range(whole.value, end):
            t, w = values[cell].as_kind(k.number), W + ids[cell].as_kind("i64") * n
            for j in k.range(n):
                of_row[j] = of_row[j] + t * w[j]


def ngrams_backward(k: Kernel) -> None:
    """d_x = d_a."""
    n = k.op[Op.INPUTS]
    k.of_rows(k.D, Op.X, n).start.copy(k.of_rows(k.D, Op.Y, n).start, k.rows * n)


def ngrams_learn(k: Kernel) -> None:
    """The gradient of this worker's rows of W: tᵀ d_a, the rows of the batch one after the other."""
    n, G = k.op[Op.INPUTS], k.G + k.op[Op.P]
    d, (first, last) = k.of_rows(k.D, Op.Y, n).start, k.share(k.op[NGRAM_COUNT])
    with k.when(k.run[Run.ACCUMULATE] == 0):
        (G + first * n).fill((last - first) * n, 0.0)
    for i, begin, end, ids, values in _texts(k, k.run[Run.ACCUMULATE]):
        of_row = d + i * n
        for cell in k.range(begin, end):
            ngram = ids[cell].as_kind("i64")
            with k.when((ngram >= first) & (ngram < last)):
                t, g = values[cell].as_kind(k.number), G + ngram * n
                with k.when(n == 1):
                    g[0] = g[0] + t * of_row[0]
                with k.when(n != 1):
                    for j in k.range(n):
                        g[j] = g[j] + t * of_row[j]


def average_of_members(k: Kernel, link: Inlined | None, average: Inlined) -> None:
    """y = the average, computed in float64; C holds the divisor of the outputs, and each member's share."""
    rows, width, networks, members = k.rows, k.op[Op.INPUTS], k.op[NETWORKS], k.op[MEMBERS]
    source, y = k.pointer(k.op[SOURCE], k.number), k.of_rows(k.A, Op.Y, width)
    start, (divisor,) = k.run[Run.START] + k.run[Run.FIRST], k.parameters(1)
    shares = k.C + k.op[Op.C] + 1
    lanes = k.maximum(16, k.minimum(LANES, (rows + 15) // 16 * 16))
    table, each = k.pointer(k.run[Run.SCRATCH], "double"), width * lanes
    spare = table + networks * members * each

    def share(member: Any, i: Any) -> Any:
        return shares[member].as_kind("double")

    for first in k.range(0, rows, step=lanes):
        some = k.minimum(lanes, rows - first)
        for network, member in k.each(networks, members):
            of_member = source + network * k.op[NETWORK_SIZE] + member * width
            begin = table + (network * members + member) * each
            for j, i in k.each(width, some):  # the lanes behind the last row are never used
                score = of_member[(start + first + i) * members * width + j] / divisor
                begin[j * lanes + i] = score.as_kind("double")
            if link:
                through(k, link, width, lanes, [begin], (), begin, spare)
        for j in k.range(width):
            scores = _scores(table + j * lanes, each)
            found = Loops(k, average, networks * members, lanes, spare, [scores, share], [-1])
            for i in k.range(some):
                y[first + i, j] = found.number(0, i).as_kind(k.number)


def _scores(place: Pointer, step: Value) -> At:
    """Return the scores of all members for one output; `step` is the stride from member to member."""
    return lambda member, i: place[member * step + i]
