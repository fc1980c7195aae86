"""The average prediction of members, by the functions of ``formulas/averages.py``, with members in place of columns."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.code.code import Formula
from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.rows import LANES, At, Loops, through

SOURCE, NETWORK_SIZE, NETWORKS, MEMBERS = range(Op.AUX, Op.AUX + 4)
"""Address of the outputs of all networks for all rows, and the stride to the next network; the number of networks, and
of members of each, whose outputs are adjacent in a row."""


def together(k: Kernel, link: Formula | None, average: Formula) -> None:
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
            for j, i in k.each(width, some):  # what the lanes behind the last row hold is never used
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
    """The scores of all members for one output; `step` is the stride from member to member."""
    return lambda member, i: place[member * step + i]
