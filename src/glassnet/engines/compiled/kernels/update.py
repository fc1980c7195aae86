"""The update of the parameters: everything that happens to a gradient and a parameter, in one pass over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64
from numba.extending import register_jitable

from glassnet.engines.compiled.fields import ALWAYS, CHUNK, GRAIN, OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import (
    load_all,
    load_many,
    matrix,
    offset,
    pointer,
    pointer_to,
    pointers,
    store_many,
    vector,
)

AUX = Op.AUX
SEGMENTS, SEGMENT_COUNT, STRENGTHS, LIMITS, ARRAYS, GRADIENTS, STRIDE, TOUCHED = range(AUX, AUX + 8)
"""Columns of these operations.

Addresses: of int64 (start, stop) of each stretch of parameters that are treated alike; their number; of what they are
treated with (decay, l1, l2, rate); of the limits (value, norm) and the newest's share in the average; of the addresses
of the parameters, the slots and the average; of the first worker's gradient; and how many numbers further the next
worker's is; and of what says which grains of the parameters are touched.
"""


def _ready(number: Any, clip_by_value: Any, l1_gradient: Any, l2_gradient: Any, penalties: bool, limited: bool) -> Any:
    """What becomes of the gradient of a parameter before it is used."""

    @register_jitable
    def ready(g: Any, theta: Any, l1: Any, l2: Any, limit: Any) -> Any:
        if penalties:
            g = g + l1_gradient(theta, l1) + l2_gradient(theta, l2)
        if limited:
            g = clip_by_value(g, limit)
        return g

    return ready


@register_jitable
def _gather(first: Any, stride: Any, workers: Any, start: Any, stop: Any, target: Any) -> Any:
    """The sum of all workers' gradients, in the order of the workers: it never depends on who came first."""
    g, total = vector(offset(first, start), stop - start), vector(target, stop - start)
    for i in range(stop - start):
        total[i] = g[i]
    for worker in range(1, workers):
        other = vector(offset(first, worker * stride + start), stop - start)
        for i in range(stop - start):
            total[i] += other[i]


def gradient(
    number: Any, clip_by_value: Any, l1_gradient: Any, l2_gradient: Any, penalties: bool, limited: bool
) -> Any:
    """A worker's stretch of the gradient made ready, and its norm: only where the norm is wanted before the rule."""
    ready = _ready(number, clip_by_value, l1_gradient, l2_gradient, penalties, limited)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        low, high = _stretch(r)
        strengths = matrix(pointer(o[STRENGTHS], P), o[SEGMENT_COUNT], 4)
        limits = load_all(pointer(o[LIMITS], P), 3)
        segments = matrix(pointer(o[SEGMENTS], op), o[SEGMENT_COUNT], 2)
        first = pointer(o[GRADIENTS], P)
        g, theta = vector(first, high), vector(P, high)
        if r[Run.WORKERS] > 1:
            _gather(first, o[STRIDE], r[Run.WORKERS], low, high, offset(first, low))
        squares = 0.0
        for s in range(o[SEGMENT_COUNT]):
            for i in range(max(low, segments[s, 0]), min(high, segments[s, 1])):
                g[i] = ready(g[i], theta[i], strengths[s, 1], strengths[s, 2], limits[0])
                squares += np.float64(g[i]) * np.float64(g[i])
        vector(pointer_to(r[Run.NORMS], float64), r[Run.WORKERS])[r[Run.WORKER]] = squares
        return 0.0

    return kernel


def apply(
    number: Any,
    rule: Any,
    decay: Any,
    clip_by_norm: Any,
    clip_by_value: Any,
    l1_gradient: Any,
    l2_gradient: Any,
    ema: Any,
    slots: int,
    constants: int,
    penalties: bool,
    limited: bool,
    shortened: bool,
    decays: bool,
    averaged: bool,
    seldom: bool,
) -> Any:
    """The optimizer's rule on a worker's stretch; with everything around it that is in use, and nothing else.

    C holds the constants of this step: the factor of the decay, the learning rate, the rule's parameters, its
    coefficients. `seldom`: only grains that the step has touched are updated; their gradient is zero afterwards, as it
    is in all others.
    """
    zero = number(0)
    ready = _ready(number, clip_by_value, l1_gradient, l2_gradient, penalties, limited)
    arrays = 1 + slots + averaged
    state_end, of_rule = 1 + slots, constants - 2

    @register_jitable
    def moved(numbers: Any, alpha: Any, q: Any, strengths: Any, norm: Any, limits: Any) -> Any:
        theta, g = numbers[0], numbers[-1]
        if shortened:
            g = clip_by_norm(g, norm, limits[1])
        else:
            g = ready(g, theta, strengths[1], strengths[2], limits[0])
        if decays:
            theta = decay(theta, alpha, strengths[0])
        after = rule(theta, g, *numbers[1:state_end], alpha, *q)
        if averaged:
            return (*after, ema(numbers[state_end], after[0], limits[2]))
        return after

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        low, high = _stretch(r)
        all_strengths = pointer(o[STRENGTHS], P)
        limits = load_all(pointer(o[LIMITS], P), 3)
        segments = matrix(pointer(o[SEGMENTS], op), o[SEGMENT_COUNT], 2)
        factor, rate = load_all(C, 2)
        q = load_all(offset(C, 2), of_rule)
        squares = 0.0
        if shortened:
            norms = vector(pointer_to(r[Run.NORMS], float64), r[Run.WORKERS])
            for worker in range(r[Run.WORKERS]):
                squares += norms[worker]
        norm = number(np.sqrt(squares))
        starts = pointers(pointer(o[ARRAYS], op), arrays, P)
        summed = r[Run.WORKERS] > 1 and not shortened
        touched = vector(pointer(o[TOUCHED], op), -(-high // GRAIN))
        for s in range(o[SEGMENT_COUNT]):
            of_stretch = load_all(offset(all_strengths, 4 * s), 4)
            strengths = (factor * of_stretch[0], of_stretch[1], of_stretch[2])
            alpha = rate * of_stretch[3]
            end = min(high, segments[s, 1])
            start = max(low, segments[s, 0])
            while start < end:
                stop = min(end, start + CHUNK)
                if seldom:
                    stop = min(end, (start // GRAIN + 1) * GRAIN)
                    if touched[start // GRAIN] == 0:
                        start = stop
                        continue
                gradients = pointer(o[GRADIENTS], P)
                if summed:  # aside, so that the gradients' own memory is read and never written
                    aside = offset(E, o[Op.E])
                    _gather(gradients, o[STRIDE], r[Run.WORKERS], start, stop, aside)
                    gradients = offset(aside, -start)
                every = (*starts, gradients)
                for i in range(start, stop):
                    store_many(every, i, moved(load_many(every, i), alpha, q, strengths, norm, limits))
                start = stop
        if seldom:
            g = vector(pointer(o[GRADIENTS], P), high)
            for grain in range(touched.size):
                if touched[grain] != 0:
                    for i in range(grain * GRAIN, min(high, (grain + 1) * GRAIN)):
                        g[i] = zero
                    touched[grain] &= ALWAYS
        return 0.0

    return kernel


def max_norm(number: Any, clip_by_norm: Any) -> Any:
    """The columns of one W shortened to their limit, which lies in C: the first worker does it, the others wait."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        if r[Run.WORKER] > 0:
            return 0.0
        inputs, outputs = o[Op.INPUTS], o[Op.OUTPUTS]
        w, norm = matrix(offset(P, o[Op.P]), inputs, outputs), vector(offset(E, o[Op.E]), outputs)
        (limit,) = load_all(offset(E, o[Op.C]), 1)
        for j in range(outputs):
            norm[j] = zero
        for i in range(inputs):
            for j in range(outputs):
                norm[j] += w[i, j] * w[i, j]
        for j in range(outputs):
            norm[j] = np.sqrt(norm[j])
        for i in range(inputs):
            for j in range(outputs):
                w[i, j] = clip_by_norm(w[i, j], norm[j], limit)
        return 0.0

    return kernel


def average(number: Any, ema: Any) -> Any:
    """The moving average of the parameters, where something came between the rule and it."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        low, high = _stretch(r)
        limits = load_all(pointer(o[LIMITS], P), 3)
        theta, mean = vector(P, high), vector(pointer(o[ARRAYS], P), high)
        for i in range(low, high):
            mean[i] = ema(mean[i], theta[i], limits[2])
        return 0.0

    return kernel


def coefficients(number: Any, formula: Any, parameters: int, count: int) -> Any:
    """The coefficients of STEPS steps after step T, one row each, to A; before them in A lie those of step T.

    C holds the rule's parameters; all in float64.
    """

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        r = vector(run, RUN_SIZE)
        table = matrix(A, 1 + r[Run.STEPS], count)
        q = load_all(C, parameters)
        for step in range(r[Run.STEPS]):
            t = np.float64(r[Run.T] + step + 1)  # powers of whole numbers would be products, each of them rounded
            if t == 1:
                row = formula(t, None, *q)
            else:
                row = formula(t, load_all(offset(A, step * count), count), *q)
            _put(table, step + 1, row)
        return 0.0

    @register_jitable
    def _put(table: Any, step: Any, row: Any) -> Any:
        for i, value in enumerate(row):
            table[step, i] = value

    return kernel


@register_jitable
def _stretch(r: Any) -> Any:
    """Which parameters are this worker's; whole cache lines, so that no two workers write to one."""
    size, worker, workers = r[Run.SIZE], r[Run.WORKER], r[Run.WORKERS]
    low = size * worker // workers // 16 * 16
    high = size if worker + 1 == workers else size * (worker + 1) // workers // 16 * 16
    return low, high
