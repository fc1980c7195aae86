"""Normalisation of columns (over the batch) and of rows, and the learned factor of each column."""

from __future__ import annotations

from typing import Any

from numba import carray

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import load_all, offset

SHARE = int(Op.AUX) + 1
"""The place in E of what share the newest batch has in the running statistics."""

# In E: x_hat (rows, columns), then what is divided by, the batch's mean and its variance.


def batch_forward(number: Any, deviation: Any, normalize: Any, affine: Any) -> Any:
    """Each column to mean 0 and variance 1: of the batch in training, by the running statistics in prediction."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = carray(offset(A, o[Op.X]), (rows, n)), carray(offset(A, o[Op.Y]), (rows, n))
        x_hat, aside = carray(offset(E, o[Op.E]), (rows, n)), offset(E, o[Op.E] + o[Op.AUX] * n)
        spread, mean, variance = carray(aside, (n,)), carray(offset(aside, n), (n,)), carray(offset(aside, 2 * n), (n,))
        gain, shift = carray(offset(P, o[Op.P]), (n,)), carray(offset(P, o[Op.P] + n), (n,))
        running_mean, running_variance = carray(offset(S, o[Op.S]), (n,)), carray(offset(S, o[Op.S] + n), (n,))
        (epsilon,) = load_all(offset(C, o[Op.C]), 1)
        if r[Run.TRAINING]:
            for j in range(n):
                mean[j] = zero
                variance[j] = zero
            for i in range(rows):
                for j in range(n):
                    mean[j] += x[i, j]
            for j in range(n):
                mean[j] /= number(rows)
            for i in range(rows):
                for j in range(n):
                    variance[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j])
            for j in range(n):
                variance[j] /= number(rows)
        else:
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


def batch_backward(number: Any, normalize_backward: Any) -> Any:
    """d_gain, d_shift, and d_x through the batch's mean and variance."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        d_x, d_a = carray(offset(D, o[Op.X]), (rows, n)), carray(offset(D, o[Op.Y]), (rows, n))
        x_hat = carray(offset(E, o[Op.E]), (rows, n))
        spread = carray(offset(E, o[Op.E] + o[Op.AUX] * n), (n,))
        gain = carray(offset(P, o[Op.P]), (n,))
        d_gain, d_shift = carray(offset(G, o[Op.P]), (n,)), carray(offset(G, o[Op.P] + n), (n,))
        for j in range(n):
            d_gain[j] = zero
            d_shift[j] = zero
        for i in range(rows):
            for j in range(n):
                d_gain[j] += d_a[i, j] * x_hat[i, j]
                d_shift[j] += d_a[i, j]
        if o[Op.WANT_DX]:
            share = number(1) / number(rows)
            for i in range(rows):
                for j in range(n):
                    # the means of d_x_hat = d_a · gain, and of it along x_hat
                    mean_d, along = d_shift[j] * gain[j] * share, d_gain[j] * gain[j] * share
                    d_x[i, j] = normalize_backward(x_hat[i, j], spread[j], d_a[i, j] * gain[j], mean_d, along)
        return 0.0

    return kernel


def batch_follow(number: Any, follow: Any, unbiased: Any) -> Any:
    """After the step: the running statistics follow those of the batch."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.BATCH], o[Op.INPUTS]
        aside = offset(E, o[Op.E] + o[Op.AUX] * n)
        mean, variance = carray(offset(aside, n), (n,)), carray(offset(aside, 2 * n), (n,))
        running_mean, running_variance = carray(offset(S, o[Op.S]), (n,)), carray(offset(S, o[Op.S] + n), (n,))
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
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = carray(offset(A, o[Op.X]), (rows, n)), carray(offset(A, o[Op.Y]), (rows, n))
        x_hat = carray(offset(E, o[Op.E]), (rows, n))
        spread = carray(offset(E, o[Op.E] + o[Op.AUX] * n), (rows,))
        gain, shift = carray(offset(P, o[Op.P]), (n,)), carray(offset(P, o[Op.P] + n), (n,))
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
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        d_x, d_a = carray(offset(D, o[Op.X]), (rows, n)), carray(offset(D, o[Op.Y]), (rows, n))
        x_hat = carray(offset(E, o[Op.E]), (rows, n))
        spread = carray(offset(E, o[Op.E] + o[Op.AUX] * n), (rows,))
        gain = carray(offset(P, o[Op.P]), (n,))
        d_gain, d_shift = carray(offset(G, o[Op.P]), (n,)), carray(offset(G, o[Op.P] + n), (n,))
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
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x, a = carray(offset(A, o[Op.X]), (rows, n)), carray(offset(A, o[Op.Y]), (rows, n))
        gain = carray(offset(P, o[Op.P]), (n,))
        for i in range(rows):
            for j in range(n):
                a[i, j] = x[i, j] * gain[j]
        return 0.0

    return kernel


def scale_backward(number: Any) -> Any:
    """d_gain and d_x."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = carray(op, (OP_SIZE,)), carray(run, (RUN_SIZE,))
        rows, n = r[Run.ROWS], o[Op.INPUTS]
        x = carray(offset(A, o[Op.X]), (rows, n))
        d_x, d_a = carray(offset(D, o[Op.X]), (rows, n)), carray(offset(D, o[Op.Y]), (rows, n))
        gain, d_gain = carray(offset(P, o[Op.P]), (n,)), carray(offset(G, o[Op.P]), (n,))
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
