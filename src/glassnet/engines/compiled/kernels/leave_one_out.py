r"""Answers by the other rows: each row of a batch is answered by all that came along with it, and never by itself.

With the embedded rows x, of which the first are asked about, :math:`s_{ij} = 2 x_i \cdot x_j + b_j`. The shares are the
softmax of s along j, and the answers p = share V, where V is what is known of each row.
"""

from __future__ import annotations

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.kernels.gather import ORDER
from glassnet.engines.compiled.kernels.retrieval import exponentials
from glassnet.formulas.retrieval import ITSELF, log_weight, mixed_scores, mixed_scores_backward

TARGETS, KNOWN, OFFSETS, SHARES, SLOPES, MEANS = range(Op.AUX, Op.AUX + 6)
"""The address of all targets; then places in E, of V, b, the shares, the gradient by s, and p."""


def known(k: Kernel, weighted: bool) -> None:
    """What a row is known by to others: V, and b = ln w - |x|² with its weight w."""
    width, units = k.op[Op.INPUTS], k.op[Op.OUTPUTS]
    x, V = k.of_rows(k.A, Op.X, width).start, k.of_rows(k.E, KNOWN, units).start
    b, targets = k.of_rows(k.E, OFFSETS, 1).start, k.pointer(k.op[TARGETS], k.number)
    gather = k.pointer(k.run[Run.OP], "i64")
    order = k.pointer(gather[ORDER], "i64") + k.run[Run.START] + k.run[Run.FIRST]
    for i in k.range(k.rows):
        of_row = x + i * width
        length = _dot(k, of_row, of_row, width)
        b[i] = log_weight(k.W[i]) - length if weighted else -length
        (V + i * units).copy(targets + order[i] * units, units)


def known_back(k: Kernel) -> None:
    """The gradient by x as a row that answers: what has come so far, and 2 Σ_i d_s_ij (x_i - x_j), over those asked."""
    width, rows, asked, every = k.op[Op.INPUTS], k.rows, _asked(k), k.run[Run.BATCH]
    x, own, d_x = k.A + k.op[Op.X], k.of_rows(k.A, Op.X, width), k.of_rows(k.D, Op.X, width)
    slopes, total = k.E + k.op[SLOPES] + k.run[Run.AT], k.scratch()
    k.product(slopes, (1, every), x, (width, 1), rows, width, asked, 1, d_x.start, width)
    total.fill(rows, 0.0)
    for i in k.range(asked):
        for j in k.range(rows):
            total[j] = total[j] + slopes[i * every + j]
    for j, column in k.each(rows, width):
        d_x[j, column] = 2 * (d_x[j, column] - total[j] * own[j, column])


def answer(k: Kernel, response: str) -> None:
    """The shares and the answers, of this worker's part of the rows asked about."""
    width, units, every = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.run[Run.BATCH]
    first, last = k.share(_asked(k))
    x, y, shares, means = k.A + k.op[Op.X], k.A + k.op[Op.Y], k.E + k.op[SHARES], k.E + k.op[MEANS]
    b, V = k.E + k.op[OFFSETS], k.E + k.op[KNOWN]
    k.product(
        x + first * width, (width, 1), x, (1, width), last - first, every, width, 0, shares + first * every, every
    )
    for i in k.range(first, last):
        _softmax_of_others(k, shares + i * every, b, i, every)
    some = shares + first * every
    k.product(some, (every, 1), V, (units, 1), last - first, units, every, 0, means + first * units, units)
    for at in k.range(first * units, last * units):
        y[at] = mixed_scores(means[at], response)


def answer_back(k: Kernel, response: str) -> None:
    """The gradient by s, and by x as a row asked about without a factor of 2, of the same rows."""
    width, units, every, asked = k.op[Op.INPUTS], k.op[Op.OUTPUTS], k.run[Run.BATCH], _asked(k)
    first, last = k.share(asked)
    x, d_x, d_y = k.A + k.op[Op.X], k.D + k.op[Op.X], k.D + k.op[Op.Y]
    shares, slopes, means, V = (k.E + k.op[place] for place in (SHARES, SLOPES, MEANS, KNOWN))
    for at in k.range(first * units, last * units):
        d_y[at] = mixed_scores_backward(means[at], d_y[at], response)
    some = slopes + first * every
    k.product(d_y + first * units, (units, 1), V, (1, units), last - first, every, units, 0, some, every)
    for i in k.range(first, last):
        d_mean, mean, share, slope = d_y + i * units, means + i * units, shares + i * every, slopes + i * every
        of_all = _dot(k, d_mean, mean, units)
        for j in k.range(every):
            slope[j] = share[j] * (slope[j] - of_all)
    k.product(some, (every, 1), x, (width, 1), last - first, width, every, 0, d_x + first * width, width)
    begin, end = k.share(every - asked)  # those that came along are not asked
    (d_x + (asked + begin) * width).fill((end - begin) * width, 0.0)


def _dot(k: Kernel, x: Pointer, y: Pointer, count: Value) -> Value:
    return k.total(count, k.number, lambda at: at(x) * at(y))


def _asked(k: Kernel) -> Value:
    """How many of the rows are asked about; those that come along stand behind them."""
    return k.run[Run.BATCH] - k.run[Run.BESIDE]


def _softmax_of_others(k: Kernel, row: Pointer, b: Pointer, own: Value, count: Value) -> None:
    """From x_i · x_j to the shares, where the row stands."""
    for j in k.range(count):
        row[j] = 2 * row[j] + b[j]
    row[own] = ITSELF
    total = exponentials(k, row, count)
    for j in k.range(count):
        row[j] = row[j] / total
