"""Normalisation of columns (over the batch) and of rows, and the learned factor of each column."""

from __future__ import annotations

from typing import Any

from glassnet.engines.compiled.code import Pointer, Value
from glassnet.engines.compiled.fields import Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.sums import total

COLUMNS, FOLLOWS = Op.AUX, Op.AUX + 1
"""Where in E what a column has of its own is: its deviation, mean and variance, and the two means of its gradient; and
where the newest batch's share in the running statistics is."""


def batch_measure(k: Kernel, deviation: Any) -> None:
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


def batch_forward(k: Kernel, normalize: Any, affine: Any) -> None:
    """Each column to mean 0 and variance 1."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a, x_hat = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread = k.E + k.op[COLUMNS]
    mean, gain = spread + n, k.P + k.op[Op.P]
    shift = gain + n
    for i, j in k.each(rows, n):
        x_hat[i, j] = normalize(x[i, j], mean[j], spread[j])
        a[i, j] = affine(x_hat[i, j], gain[j], shift[j])


def batch_gradient(k: Kernel) -> None:
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


def batch_backward(k: Kernel, normalize_backward: Any) -> None:
    """d_x through the batch's mean and variance."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a, x_hat = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread, gain = k.E + k.op[COLUMNS], k.P + k.op[Op.P]
    mean_d = spread + 3 * n
    along = mean_d + n
    for i, j in k.each(rows, n):
        d_x[i, j] = normalize_backward(x_hat[i, j], spread[j], d_a[i, j] * gain[j], mean_d[j], along[j])


def batch_follow(k: Kernel, follow: Any, unbiased: Any) -> None:
    """After the step: the running statistics follow those of the batch; the first worker sees to it."""
    with k.when(k.run[Run.WORKER] > 0):
        k.give(0.0)
    rows, n = k.run[Run.BATCH], k.op[Op.INPUTS]
    mean = k.E + k.op[COLUMNS] + n
    variance, running_mean = mean + n, k.S + k.op[Op.S]
    running_variance, share = running_mean + n, k.E[k.op[FOLLOWS]]
    for j in k.range(n):
        running_mean[j] = follow(running_mean[j], mean[j], share)
    with k.when(rows > 1):  # a single row says nothing of the variance
        for j in k.range(n):
            running_variance[j] = follow(running_variance[j], unbiased(variance[j], k.as_number(rows)), share)


def layer_forward(k: Kernel, deviation: Any, normalize: Any, affine: Any) -> None:
    """Each row to mean 0 and variance 1."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a, x_hat = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread, gain = k.of_rows(k.E, Op.AUX, 1).start, k.P + k.op[Op.P]
    shift, (epsilon,) = gain + n, k.parameters(1)
    share = 1.0 / k.as_number(n)

    def moments(row: Pointer) -> tuple[Value, Value]:
        mean = total(k, n, k.number, lambda at: at(row)) * share
        return mean, total(k, n, k.number, lambda at: (at(row) - mean) * (at(row) - mean)) * share

    for i in k.range(rows):
        mean, variance = moments(x.start + i * n)
        spread[i] = deviation(variance, epsilon)
        of_row = spread[i]
        for j in k.range(n):
            normal = normalize(x[i, j], mean, of_row)
            x_hat[i, j] = normal
            a[i, j] = affine(normal, gain[j], shift[j])


def layer_backward(k: Kernel, normalize_backward: Any) -> None:
    """d_x through each row's mean and variance."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a, x_hat = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, n), k.of_rows(k.E, Op.E, n)
    spread, gain = k.of_rows(k.E, Op.AUX, 1).start, k.P + k.op[Op.P]
    share = 1.0 / k.as_number(n)

    def means(d: Pointer, hat: Pointer) -> tuple[Value, Value]:
        """Of d_x_hat = d_a · gain, and of it along x_hat."""
        mean_d = total(k, n, k.number, lambda at: at(d) * at(gain)) * share
        return mean_d, total(k, n, k.number, lambda at: at(d) * at(gain) * at(hat)) * share

    for i in k.range(rows):
        mean_d, along = means(d_a.start + i * n, x_hat.start + i * n)
        of_row = spread[i]
        for j in k.range(n):
            d_x[i, j] = normalize_backward(x_hat[i, j], of_row, d_a[i, j] * gain[j], mean_d, along)


def layer_learn(k: Kernel) -> None:
    """d_gain = Σ d_a x_hat and d_shift = Σ d_a."""
    n = k.op[Op.INPUTS]
    d_a, x_hat, d_gain = k.of_rows(k.D, Op.Y, n), k.of_rows(k.E, Op.E, n), k.G + k.op[Op.P]
    k.sum_rows(d_gain, n, lambda i, j: d_a[i, j] * x_hat[i, j])
    k.sum_rows(d_gain + n, n, lambda i, j: d_a[i, j])


def scale_forward(k: Kernel) -> None:
    """a = x · gain."""
    rows, n = k.rows, k.op[Op.INPUTS]
    x, a, gain = k.of_rows(k.A, Op.X, n), k.of_rows(k.A, Op.Y, n), k.P + k.op[Op.P]
    for i, j in k.each(rows, n):
        a[i, j] = x[i, j] * gain[j]


def scale_backward(k: Kernel) -> None:
    """d_x = d_a · gain."""
    rows, n = k.rows, k.op[Op.INPUTS]
    d_x, d_a, gain = k.of_rows(k.D, Op.X, n), k.of_rows(k.D, Op.Y, n), k.P + k.op[Op.P]
    for i, j in k.each(rows, n):
        d_x[i, j] = d_a[i, j] * gain[j]


def scale_learn(k: Kernel) -> None:
    """d_gain = Σ d_a x."""
    n = k.op[Op.INPUTS]
    x, d_a = k.of_rows(k.A, Op.X, n), k.of_rows(k.D, Op.Y, n)
    k.sum_rows(k.G + k.op[Op.P], n, lambda i, j: d_a[i, j] * x[i, j])
