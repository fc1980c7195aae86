"""The loss of a batch and its gradient with respect to the outputs, in one pass over blocks of rows side by side."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, offset, vector

AUX = Op.AUX
TARGETS, LEVELS, SPARE, SCALE, SMOOTHING, WIDTH, MEMBERS = range(AUX, AUX + 7)
"""Columns of this operation: sizes, the places in C of two constants, how many rows lie side by side at most, and how
many rows of outputs (members) belong to one row of targets."""


def value_and_gradient(
    number: Any,
    value: Any,
    derivative: Any,
    smooth: Any,
    link: Any,
    link_backward: Any,
    parameters: int,
    columns: int,
    classes: bool,
    several: bool,
) -> Any:
    """The weighted sum of the rows' losses; the gradient goes to D.

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
    zero, one = number(0), number(1)

    @register_jitable
    def target_of(Y: Any, row: Any, k: Any, targets: Any, smoothing: Any) -> Any:
        if classes:
            of_row = vector(offset(Y, row), 1)[0]
            return smooth(one if of_row == number(k) else zero, smoothing, number(targets))
        return vector(offset(Y, row * targets + k), 1)[0]

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        members = o[MEMBERS] if several else 1
        rows, outputs, targets, levels = r[Run.ROWS] * members, o[Op.INPUTS], o[TARGETS], o[LEVELS]
        lanes = max(16, min(o[WIDTH], -(-rows // 16) * 16))
        room = (rows + lanes) * outputs
        z, d_z = vector(offset(A, o[Op.X]), room), vector(offset(D, o[Op.X]), room)
        weight = vector(W, rows + lanes)
        aside, size = offset(E, o[Op.E]), outputs * lanes
        # the outputs, what the link makes of them, and its gradient; none of them written over, or no vectors are used
        z_t, d_t = vector(aside, size), vector(offset(aside, size), size)
        l_t = z_t if link is None else vector(offset(aside, 2 * size), size)
        spare = vector(offset(aside, 3 * size), o[SPARE] * lanes)
        after = offset(aside, 3 * size + o[SPARE] * lanes)
        of_row, goal = vector(after, lanes), vector(offset(after, lanes), lanes)
        (scale,), (smoothing,) = load_all(offset(C, o[SCALE]), 1), load_all(offset(C, o[SMOOTHING]), 1)
        total = 0.0
        for first in range(0, rows, lanes):
            # Always all lanes: what those behind the last row hold is never used, and the buffers have room for them.
            for j in range(outputs):
                at = j * lanes
                for i in range(lanes):
                    z_t[at + i] = z[(first + i) * outputs + j]
            if link is not None:
                link(outputs, lanes, (z_t,), (), l_t, spare)
            for i in range(lanes):
                of_row[i] = zero
            for k in range(targets):
                for i in range(lanes):
                    goal[i] = target_of(Y, (first + i) // members, k, targets, smoothing)
                for level in range(levels):
                    q = load_all(offset(C, o[Op.C] + level * parameters), parameters)
                    at = (k * levels * columns + level) * lanes
                    if columns == 1:
                        for i in range(lanes):
                            of_row[i] += value(l_t[at + i], goal[i], *q)
                            d_t[at + i] = derivative(l_t[at + i], goal[i], *q)
                    else:
                        second = at + levels * lanes
                        for i in range(lanes):
                            of_row[i] += value(l_t[at + i], l_t[second + i], goal[i], *q)
                            slopes = derivative(l_t[at + i], l_t[second + i], goal[i], *q)
                            d_t[at + i] = slopes[0]
                            d_t[second + i] = slopes[1]
            if link is not None:
                link_backward(outputs, lanes, (l_t, d_t), (), z_t, spare)
            d_o = d_t if link is None else z_t
            some = rows - first
            for i in range(lanes):
                goal[i] = weight[(first + i) // members] * scale
                of_row[i] = of_row[i] * goal[i] if i < some else zero
            for i in range(lanes):
                total += of_row[i]
            for j in range(outputs):
                at = j * lanes
                for i in range(lanes):
                    d_z[(first + i) * outputs + j] = d_o[at + i] * goal[i]
        return total

    return kernel
