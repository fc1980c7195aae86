"""The loss of a batch and its gradient with respect to the outputs, in one pass, with rows in the lanes of vectors."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.memory import Op, Run
from glassnet.engines.compiled.rows import LANES, through

TARGETS, LEVELS, SPARE, SCALE, SMOOTHING, MEMBERS = range(Op.AUX, Op.AUX + 6)
"""Fields of this operation: sizes, the offsets in C of two constants, and the rows of outputs (members) per row of
targets."""


def value_and_gradient(
    k: Kernel,
    value: Any,
    derivative: Any,
    smooth: Any,
    link: Any,
    link_backward: Any,
    parameters: int,
    columns: int,
    classes: bool,
    several: bool,
) -> None:
    """Write the weighted loss of each row to LOSSES, and the gradient to D.

    Parameters
    ----------
    value, derivative, smooth, link, link_backward
        The formulas; both links None: the identity.
    columns : int
        How many outputs the formula takes for each target.
    classes : bool
        Targets are the numbers of classes, which become rows of 0 and 1 here.
    several : bool
        There are several members, each with outputs of its own for the same targets; otherwise nothing is divided.
    """
    members = k.op[MEMBERS] if several else 1
    rows, outputs, targets, levels = k.rows * members, k.op[Op.INPUTS], k.op[TARGETS], k.op[LEVELS]
    lanes = k.maximum(16, k.minimum(LANES, (rows + 15) // 16 * 16))
    z = k.of_rows(k.A, Op.X, outputs * members).start.by(outputs)
    d_z = k.of_rows(k.D, Op.X, outputs * members).start.by(outputs)
    losses = k.pointer(k.run[Run.LOSSES], "double") + k.run[Run.FIRST] * members
    aside, size = k.scratch(), outputs * lanes
    # the outputs, the link's results, and the gradient; overwriting any of them would prevent vectorization
    z_t, d_t = aside, aside + size
    l_t = z_t if link is None else aside + 2 * size
    spare = aside + 3 * size
    of_row = spare + k.op[SPARE] * lanes
    goal = of_row + lanes
    scale, smoothing = k.C[k.op[SCALE]], k.C[k.op[SMOOTHING]]

    def target_of(row: Any, target: Any) -> Any:
        if classes:
            of_class = k.where(k.Y[row] == k.as_number(target), 1.0, 0.0).as_kind(k.number)
            return smooth(of_class, smoothing, k.as_number(targets))
        return k.Y[row * targets + target]

    for first in k.range(0, rows, step=lanes):
        some = k.minimum(lanes, rows - first)  # lanes behind the last row are not used
        for j in k.range(outputs):
            for i in k.range(some):
                z_t[j * lanes + i] = z[first + i, j]
        if link is not None:
            through(k, link, outputs, lanes, [z_t], (), l_t, spare)
        of_row.fill(lanes, 0.0)
        for target in k.range(targets):
            for i in k.range(some):
                goal[i] = target_of((first + i) // members, target)
            for level in k.range(levels):
                q = (k.C + k.op[Op.C] + level * parameters).all(parameters)
                inputs = [
                    l_t + (target * levels * columns + level + column * levels) * lanes for column in range(columns)
                ]
                d_inputs = [
                    d_t + (target * levels * columns + level + column * levels) * lanes for column in range(columns)
                ]
                for i in k.range(lanes):
                    numbers = [of_column[i] for of_column in inputs]
                    of_row[i] = of_row[i] + value(*numbers, goal[i], *q)
                    slopes = derivative(*numbers, goal[i], *q)
                    for d_input, slope in zip(d_inputs, (slopes,) if columns == 1 else slopes, strict=True):
                        d_input[i] = slope
        if link is not None:
            through(k, link_backward, outputs, lanes, [l_t, d_t], (), z_t, spare)
        d_o = d_t if link is None else z_t
        for i in k.range(some):
            goal[i] = k.W[(first + i) // members] * scale
            losses[first + i] = (of_row[i] * goal[i]).as_kind("double")
        for j in k.range(outputs):
            for i in k.range(some):
                d_z[first + i, j] = d_o[j * lanes + i] * goal[i]
