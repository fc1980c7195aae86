"""Kernels written by hand, not traced: residual blocks, the average prediction of members.

Of a residual block there are kernels before and after the operations of its chain. The average is computed by the
functions of ``formulas/averages.py``, with members in place of columns.
"""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.code import Inlined
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.memory import Op, Run
from glassnet.engines.compiled.rows import LANES, At, Loops, through

INSIDE = Op.AUX
"""The field with the place of the chain's output."""

SOURCE, NETWORK_SIZE, NETWORKS, MEMBERS = range(Op.AUX, Op.AUX + 4)
"""Address of the outputs of all networks for all rows, and the stride to the next network; the number of networks, and
of members of each, whose outputs are adjacent in a row."""


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
