"""Normalisation of columns (over the batch) and of rows, and the learned factor of each column."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, matrix, offset, pointer, vector

ROWS, SHARE, SUMS = Op.AUX, Op.AUX + 1, Op.AUX + 2
"""Columns of these operations: rows of x_hat in E; where in E the newest batch's share in the running statistics is;
and where the workers' sums begin in what they share."""


@register_jitable
def _sums(r: Any, o: Any, P: Any, part: Any, worker: Any) -> Any:
    """Where one of the four sums of columns begins that each worker takes over its rows."""
    return offset(pointer(r[Run.SHARED], P), o[SUMS] + (part * r[Run.WORKERS] + worker) * o[Op.INPUTS])


def batch_sum(number: Any) -> Any:
    """The sum of each column of x over this worker's rows."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, total = matrix(offset(A, o[Op.X]), rows, n), vector(_sums(r, o, P, 0, r[Run.WORKER]), n)
        for j in range(n):
            total[j] = zero
        for i in range(rows):
            for j in range(n):
                total[j] += x[i, j]
        return 0.0

    return kernel


def batch_deviate(number: Any) -> Any:
    """The mean of each column, and this worker's sum of the squared distances from it."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, mean = matrix(offset(A, o[Op.X]), rows, n), vector(offset(E, o[Op.E] + (o[ROWS] + 1) * n), n)
        sums, squares = matrix(_sums(r, o, P, 0, 0), r[Run.WORKERS], n), vector(_sums(r, o, P, 1, r[Run.WORKER]), n)
        for j in range(n):
            mean[j] = zero
            squares[j] = zero
        for worker in range(r[Run.WORKERS]):
            for j in range(n):
                mean[j] += sums[worker, j]
        for j in range(n):
            mean[j] /= number(r[Run.BATCH])
        for i in range(rows):
            for j in range(n):
                squares[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j])
        return 0.0

    return kernel


def batch_forward(number: Any, deviation: Any, normalize: Any, affine: Any) -> Any:
    """Each column to mean 0 and variance 1: of the batch in training, by the running statistics in prediction."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, n)
        x_hat, aside = matrix(offset(E, o[Op.E]), rows, n), offset(E, o[Op.E] + o[ROWS] * n)
        spread, mean, variance = vector(aside, n), vector(offset(aside, n), n), vector(offset(aside, 2 * n), n)
        gain, shift = vector(offset(P, o[Op.P]), n), vector(offset(P, o[Op.P] + n), n)
        (epsilon,) = load_all(offset(C, o[Op.C]), 1)
        if r[Run.TRAINING]:
            squares = matrix(_sums(r, o, P, 1, 0), r[Run.WORKERS], n)
            for j in range(n):
                variance[j] = zero
            for worker in range(r[Run.WORKERS]):
                for j in range(n):
                    variance[j] += squares[worker, j]
            for j in range(n):
                variance[j] /= number(r[Run.BATCH])
        else:
            running_mean, running_variance = vector(offset(S, o[Op.S]), n), vector(offset(S, o[Op.S] + n), n)
            for j in range(n):
                mean[j] = running_mean[j]
                variance[j] = running_variance[j]
        for j in range(n):
            spread[j] = deviation(variance[j], epsilon)
        for i in range(rows):
            for j in range(n):
                x_hat[i, j] = normalize(x[i, j], mean[j], spread[j])
                a[i, j] = affine(x_hat[i, j], gain[j], shift[j])
        return 0.0

    return kernel


def batch_gradient(number: Any) -> Any:
    """d_gain and d_shift of this worker's rows, for the update and for the others."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        d_a, x_hat = matrix(offset(D, o[Op.Y]), rows, n), matrix(offset(E, o[Op.E]), rows, n)
        d_gain, d_shift = vector(offset(G, o[Op.P]), n), vector(offset(G, o[Op.P] + n), n)
        for j in range(n):
            d_gain[j] = zero
            d_shift[j] = zero
        for i in range(rows):
            for j in range(n):
                d_gain[j] += d_a[i, j] * x_hat[i, j]
                d_shift[j] += d_a[i, j]
        gains, shifts = vector(_sums(r, o, P, 2, r[Run.WORKER]), n), vector(_sums(r, o, P, 3, r[Run.WORKER]), n)
        for j in range(n):
            gains[j] = d_gain[j]
            shifts[j] = d_shift[j]
        return 0.0

    return kernel


def batch_backward(number: Any, normalize_backward: Any) -> Any:
    """d_x through the batch's mean and variance."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        d_x, d_a = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, n)
        x_hat, aside = matrix(offset(E, o[Op.E]), rows, n), offset(E, o[Op.E] + o[ROWS] * n)
        spread, gain = vector(aside, n), vector(offset(P, o[Op.P]), n)
        # the means of d_x_hat = d_a · gain, and of it along x_hat
        mean_d, along = vector(offset(aside, 3 * n), n), vector(offset(aside, 4 * n), n)
        gains, shifts = matrix(_sums(r, o, P, 2, 0), r[Run.WORKERS], n), matrix(_sums(r, o, P, 3, 0), r[Run.WORKERS], n)
        for j in range(n):
            mean_d[j] = zero
            along[j] = zero
        for worker in range(r[Run.WORKERS]):
            for j in range(n):
                mean_d[j] += shifts[worker, j]
                along[j] += gains[worker, j]
        for j in range(n):
            mean_d[j] *= gain[j] / number(r[Run.BATCH])
            along[j] *= gain[j] / number(r[Run.BATCH])
        for i in range(rows):
            for j in range(n):
                d_x[i, j] = normalize_backward(x_hat[i, j], spread[j], d_a[i, j] * gain[j], mean_d[j], along[j])
        return 0.0

    return kernel


def batch_follow(number: Any, follow: Any, unbiased: Any) -> Any:
    """After the step: the running statistics follow those of the batch; the first worker sees to it."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        if r[Run.WORKER] > 0:
            return 0.0
        rows, n = r[Run.BATCH], o[Op.INPUTS]
        aside = offset(E, o[Op.E] + o[ROWS] * n)
        mean, variance = vector(offset(aside, n), n), vector(offset(aside, 2 * n), n)
        running_mean, running_variance = vector(offset(S, o[Op.S]), n), vector(offset(S, o[Op.S] + n), n)
        (share,) = load_all(offset(E, o[SHARE]), 1)
        for j in range(n):
            running_mean[j] = follow(running_mean[j], mean[j], share)
        if rows > 1:  # a single row says nothing of the variance
            for j in range(n):
                running_variance[j] = follow(running_variance[j], unbiased(variance[j], number(rows)), share)
        return 0.0

    return kernel


def layer_forward(number: Any, deviation: Any, normalize: Any, affine: Any) -> Any:
    """Each row to mean 0 and variance 1."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, n)
        x_hat = matrix(offset(E, o[Op.E]), rows, n)
        spread = vector(offset(E, o[Op.E] + o[ROWS] * n), rows)
        gain, shift = vector(offset(P, o[Op.P]), n), vector(offset(P, o[Op.P] + n), n)
        (epsilon,) = load_all(offset(C, o[Op.C]), 1)
        share = number(1) / number(n)
        for i in range(rows):
            mean, variance = zero, zero
            for j in range(n):
                mean += x[i, j]
            mean *= share
            for j in range(n):
                variance += (x[i, j] - mean) * (x[i, j] - mean)
            spread[i] = deviation(variance * share, epsilon)
            for j in range(n):
                x_hat[i, j] = normalize(x[i, j], mean, spread[i])
                a[i, j] = affine(x_hat[i, j], gain[j], shift[j])
        return 0.0

    return kernel


def layer_backward(number: Any, normalize_backward: Any) -> Any:
    """d_gain, d_shift, and d_x through each row's mean and variance."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        d_x, d_a = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, n)
        x_hat = matrix(offset(E, o[Op.E]), rows, n)
        spread = vector(offset(E, o[Op.E] + o[ROWS] * n), rows)
        gain = vector(offset(P, o[Op.P]), n)
        d_gain, d_shift = vector(offset(G, o[Op.P]), n), vector(offset(G, o[Op.P] + n), n)
        share = number(1) / number(n)
        if r[Run.ACCUMULATE] == 0:
            for j in range(n):
                d_gain[j] = zero
                d_shift[j] = zero
        for i in range(rows):
            mean_d, along = zero, zero
            for j in range(n):
                d_gain[j] += d_a[i, j] * x_hat[i, j]
                d_shift[j] += d_a[i, j]
                mean_d += d_a[i, j] * gain[j]
                along += d_a[i, j] * gain[j] * x_hat[i, j]
            if o[Op.WANT_DX]:
                for j in range(n):
                    d_x[i, j] = normalize_backward(
                        x_hat[i, j], spread[i], d_a[i, j] * gain[j], mean_d * share, along * share
                    )
        return 0.0

    return kernel


def scale_forward(number: Any) -> Any:
    """a = x · gain."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, n)
        gain = vector(offset(P, o[Op.P]), n)
        for i in range(rows):
            for j in range(n):
                a[i, j] = x[i, j] * gain[j]
        return 0.0

    return kernel


def scale_backward(number: Any) -> Any:
    """d_gain and d_x."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_a = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, n)
        gain, d_gain = vector(offset(P, o[Op.P]), n), vector(offset(G, o[Op.P]), n)
        if r[Run.ACCUMULATE] == 0:
            for j in range(n):
                d_gain[j] = zero
        for i in range(rows):
            for j in range(n):
                d_gain[j] += d_a[i, j] * x[i, j]
        if o[Op.WANT_DX]:
            for i in range(rows):
                for j in range(n):
                    d_x[i, j] = d_a[i, j] * gain[j]
        return 0.0

    return kernel
