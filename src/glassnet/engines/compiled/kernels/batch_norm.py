"""Normalisation of columns over the batch: kernels that meet on the way, for all rows must be there."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.fields import OP_SIZE, Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.program import Program
from glassnet.formulas import normalization as norm
from glassnet.layers import BatchNorm

__all__ = ["lower"]

COLUMNS, FOLLOWS = Op.AUX, Op.AUX + 1
"""Where in E what a column has of its own is: its deviation, mean and variance, and the two means of its gradient; and
where the newest batch's share in the running statistics is."""


def lower(program: Program, layer: BatchNorm, width: int, x: int, number: int) -> tuple[int, int]:
    """The operations of the layer: two, and one after the step."""
    want_dx = program.want_dx
    p, s = program.learned(layer, width)
    y, e, columns = program.region(width), program.keep(program.rows * width), program.keep(5 * width)
    places = {"INPUTS": width, "X": x, "Y": y, "P": p, "S": s, "E": e, "C": program.constant(layer.epsilon)}
    measure = program.compiled(layer, "batch_norm.measure", norm.deviation)
    forward = program.compiled(layer, "batch_norm.forward", norm.normalize, norm.affine)
    gradient, backward = 0, 0
    if program.training:
        gradient = program.compiled(layer, "batch_norm.gradient")
        if want_dx:
            backward = program.compiled(layer, "batch_norm.backward", norm.normalize_backward)
    # columns belong to all rows: whoever measures them waits for all, and all wait for them; the same on the way back
    meets = int(program.training)
    steps = (
        program.add(measure, backward, **places, MEET=meets, MEET_BACK=meets),
        program.add(forward, gradient, **places, MEET=meets, MEET_BACK=meets),
    )
    after = [0] * OP_SIZE
    after[Op.FORWARD] = program.compiled(layer, "batch_norm.follow", norm.follow, norm.unbiased)
    after[Op.INPUTS], after[Op.S] = width, s
    after[FOLLOWS] = program.keep_constant(layer.momentum)
    if program.training:
        program.after.append(after)
    for op in (*steps, after):
        op[COLUMNS] = columns
    return width, y


def measure(k: Kernel, deviation: Any) -> None:
    """Mean, variance and deviation of this worker's share of columns, over all rows of the batch; in prediction the
    running ones, of all columns."""
    n, training = k.op[Op.INPUTS], k.run[Run.TRAINING] != 0
    spread = k.E + k.op[COLUMNS]
    mean, variance = spread + n, spread + 2 * n
    (epsilon,) = k.parameters(1)
    with k.when(training):
        rows, (first, last) = k.run[Run.BATCH], k.share(n)
        x, count = (k.A + k.op[Op.X]).by(n), k.as_number(rows)
        for sums in (mean, variance):
            (sums + first).fill(last - first, 0.0)
        for i in k.range(rows):
            for j in k.range(first, last):
                mean[j] = mean[j] + x[i, j]
        for j in k.range(first, last):
            mean[j] = mean[j] / count
        for i in k.range(rows):
            for j in k.range(first, last):
                variance[j] = variance[j] + (x[i, j] - mean[j]) * (x[i, j] - mean[j])
        for j in k.range(first, last):
            variance[j] = variance[j] / count
            spread[j] = deviation(variance[j], epsilon)
    with k.otherwise(training):
        running_mean = k.S + k.op[Op.S]
        running_variance = running_mean + n
        for j in k.range(n):
            mean[j] = running_mean[j]
            spread[j] = deviation(running_variance[j], epsilon)


def forward(k: Kernel, normalize: Any, affine: Any) -> None:
    """Each column to mean 0 and variance 1."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a, x_hat = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread = k.E + k.op[COLUMNS]
    mean, gain = spread + n, k.P + k.op[Op.P]
    shift = gain + n
    for i, j in k.each(rows, n):
        x_hat[i, j] = normalize(x[i, j], mean[j], spread[j])
        a[i, j] = affine(x_hat[i, j], gain[j], shift[j])


def gradient(k: Kernel) -> None:
    """d_gain and d_shift of this worker's share of columns, over all rows, and the means that d_x needs."""
    n, rows = k.op[Op.INPUTS], k.run[Run.BATCH]
    d_a, x_hat = (k.D + k.op[Op.Y]).by(n), (k.E + k.op[Op.E]).by(n)
    d_gain = k.G + k.op[Op.P]
    d_shift, gain = d_gain + n, k.P + k.op[Op.P]
    mean_d = k.E + k.op[COLUMNS] + 3 * n
    along = mean_d + n
    first, last = k.share(n)
    for sums in (d_gain, d_shift):
        (sums + first).fill(last - first, 0.0)
    for i in k.range(rows):
        for j in k.range(first, last):
            d_gain[j] = d_gain[j] + d_a[i, j] * x_hat[i, j]
            d_shift[j] = d_shift[j] + d_a[i, j]
    # the means of d_x_hat = d_a · gain, and of it along x_hat
    for j in k.range(first, last):
        mean_d[j] = d_shift[j] * (gain[j] / k.as_number(rows))
        along[j] = d_gain[j] * (gain[j] / k.as_number(rows))


def backward(k: Kernel, normalize_backward: Any) -> None:
    """d_x through the batch's mean and variance."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a, x_hat = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread, gain = k.E + k.op[COLUMNS], k.P + k.op[Op.P]
    mean_d = spread + 3 * n
    along = mean_d + n
    for i, j in k.each(rows, n):
        d_x[i, j] = normalize_backward(x_hat[i, j], spread[j], d_a[i, j] * gain[j], mean_d[j], along[j])


def follow(k: Kernel, formula: Any, unbiased: Any) -> None:
    """After the step: the running statistics follow those of the batch; the first worker sees to it."""
    with k.when(k.run[Run.WORKER] > 0):
        k.give(0.0)
    rows, n = k.run[Run.BATCH], k.op[Op.INPUTS]
    mean = k.E + k.op[COLUMNS] + n
    variance, running_mean = mean + n, k.S + k.op[Op.S]
    running_variance, share = running_mean + n, k.E[k.op[FOLLOWS]]
    for j in k.range(n):
        running_mean[j] = formula(running_mean[j], mean[j], share)
    with k.when(rows > 1):  # a single row says nothing of the variance
        for j in k.range(n):
            running_variance[j] = formula(running_variance[j], unbiased(variance[j], k.as_number(rows)), share)
