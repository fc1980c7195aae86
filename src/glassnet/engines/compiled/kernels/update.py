"""The update of the parameters: clipping, penalties, decay, the rule and averages, in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from glassnet.engines.compiled.code import BYTES, Pointer, Value
from glassnet.engines.compiled.code.kernel import Kernel
from glassnet.engines.compiled.memory import ALWAYS, CHUNK, GRAIN, Op, Run
from glassnet.layers.layout import LINE_BYTES

SEGMENTS, SEGMENT_COUNT, STRENGTHS, LIMITS, ARRAYS, TOUCHED, LEAST, MOST = range(Op.AUX, Op.AUX + 8)
"""Columns of these operations.

Addresses: of int64 (start, stop, row) of each range of parameters that are treated alike, with the length of the rows
that workers share; their number; of their settings (decay, l1, l2, rate); of the limits (value, norm) and the newest's
share in the average; of the addresses of the parameters, the slots and the average; of the flags of touched grains of
the parameters; and of the least and the most that each parameter may be.
"""


class PreparedGradient(NamedTuple):
    """Add penalties to a gradient, and clip it by value."""

    clip_by_value: Any
    l1_gradient: Any
    l2_gradient: Any
    penalties: bool
    limited: bool

    def __call__(self, g: Value, theta: Value, strengths: tuple[Value, ...], limit: Value) -> Any:
        if self.penalties:
            g = g + self.l1_gradient(theta, strengths[1]) + self.l2_gradient(theta, strengths[2])
        return self.clip_by_value(g, limit) if self.limited else g


def _chunks(k: Kernel) -> tuple[Value, Value]:
    """Return the chunks of parameters of this worker."""
    return k.share((k.run[Run.SIZE] + CHUNK - 1) // CHUNK)


def _pieces(k: Kernel, chunk: Value, segments: Pointer) -> Iterator[tuple[Value, Value, Value]]:
    """Loop over the parts of a chunk by segment: segment, begin, end."""
    low = chunk * CHUNK
    high = k.minimum(low + CHUNK, k.run[Run.SIZE])
    for s in k.range(k.op[SEGMENT_COUNT]):
        start, stop = k.maximum(low, segments[3 * s]), k.minimum(high, segments[3 * s + 1])
        with k.when(start < stop):
            yield s, start, stop


def _learned(k: Kernel, segments: Pointer) -> Iterator[tuple[Value, Value, Value]]:
    """Loop over the parts of segments whose gradients this worker has computed: segment, begin, end."""
    for s in k.range(k.op[SEGMENT_COUNT]):
        start, stop, row = segments[3 * s], segments[3 * s + 1], segments[3 * s + 2]
        first, last = k.share((stop - start) // row)
        yield s, start + first * row, start + last * row


def gradient(k: Kernel, clip_by_value: Any, l1_gradient: Any, l2_gradient: Any, penalties: bool, limited: bool) -> None:
    """Prepare the gradient, and sum its squares per chunk: where its norm is needed before the rule."""
    ready = PreparedGradient(clip_by_value, l1_gradient, l2_gradient, penalties, limited)
    strengths, limits = k.pointer(k.op[STRENGTHS], k.number), k.pointer(k.op[LIMITS], k.number)
    segments, squares = k.pointer(k.op[SEGMENTS], "i64"), k.pointer(k.run[Run.NORMS], "double")
    g, theta, limit = k.G, k.P, limits[0]
    for chunk in k.range(*_chunks(k)):
        for s, start, stop in _pieces(k, chunk, segments):
            of_segment = (strengths + 4 * s).all(4)
            for i in k.range(start, stop):
                g[i] = ready(g[i], theta[i], of_segment, limit)
        begin = k.G + chunk * CHUNK
        count = k.minimum(CHUNK, k.run[Run.SIZE] - chunk * CHUNK)

        def square(at: Any, begin: Pointer = begin) -> Any:
            x = at(begin).as_kind("double")
            return x * x

        squares[chunk] = k.total(count, "double", square)


def apply(
    k: Kernel,
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
    sparse: bool,
) -> None:
    """The optimizer's rule on a worker's share, with the steps around it that are in use.

    C holds the constants of this step: the factor of the decay, the learning rate, the rule's parameters, its
    coefficients. `sparse`: only grains that the step has touched are updated; their gradient is zero afterwards, as it
    is in all others.
    """
    ready = PreparedGradient(clip_by_value, l1_gradient, l2_gradient, penalties, limited)
    strengths = k.pointer(k.op[STRENGTHS], k.number)
    share_of_limits = k.pointer(k.op[LIMITS], k.number).all(3)
    segments, touched = k.pointer(k.op[SEGMENTS], "i64"), k.pointer(k.op[TOUCHED], "i64")
    factor, rate, *q = k.C.all(constants)
    norm = k.constant(0.0, k.number)
    if shortened:
        chunks, squares = (k.run[Run.SIZE] + CHUNK - 1) // CHUNK, k.pointer(k.run[Run.NORMS], "double")
        norm = k.intrinsic("sqrt", k.total(chunks, "double", lambda at: at(squares))).as_kind(k.number)
    addresses = k.pointer(k.op[ARRAYS], "i64").all(1 + slots + averaged)
    *arrays, g = k.apart([*(k.pointer(address, k.number) for address in addresses), k.G])

    def move(i: Value, alpha: Value, weight_decay: Value, of_segment: tuple[Value, ...]) -> None:
        before = [array[i] for array in arrays]
        theta = before[0]
        if shortened:
            slope = clip_by_norm(g[i], norm, share_of_limits[1])
        else:
            slope = ready(g[i], theta, of_segment, share_of_limits[0])
        if decays:
            theta = decay(theta, alpha, weight_decay)
        after = rule(theta, slope, *before[1 : 1 + slots], alpha, *q)
        if averaged:
            after = *after, ema(before[-1], after[0], share_of_limits[2])
        for array, number in zip(arrays, after, strict=True):
            array[i] = number

    def treated(s: Value) -> tuple[Value, Value, tuple[Value, ...]]:
        of_segment = (strengths + 4 * s).all(4)
        return rate * of_segment[3], factor * of_segment[0], of_segment

    if not sparse:
        for s, start, stop in _learned(k, segments):
            of_segment = treated(s)
            for begin in k.range(start, stop, step=CHUNK):
                end = k.minimum(begin + CHUNK, stop)
                with k.when(k.run[Run.WORKERS] > 1):
                    # the parameters lie in the caches of all who have read them, and to get back one line after the
                    # other while they are computed takes longer than to compute them
                    for i in k.range(begin, end, step=LINE_BYTES // BYTES[k.number]):
                        k.touch(k.P, i)
                for i in k.range(begin, end):
                    move(i, *of_segment)
        return
    for chunk in k.range(*_chunks(k)):
        for s, start, stop in _pieces(k, chunk, segments):
            of_segment = treated(s)
            for grain in k.range(start // GRAIN, (stop + GRAIN - 1) // GRAIN):
                with k.when(touched[grain] != 0):
                    for i in k.range(k.maximum(start, grain * GRAIN), k.minimum(stop, (grain + 1) * GRAIN)):
                        move(i, *of_segment)
        end = k.minimum((chunk + 1) * CHUNK, k.run[Run.SIZE])
        for grain in k.range(chunk * (CHUNK // GRAIN), (end + GRAIN - 1) // GRAIN):
            with k.when(touched[grain] != 0):
                (g + grain * GRAIN).fill(k.minimum(GRAIN, end - grain * GRAIN), 0.0)
                touched[grain] = touched[grain] & ALWAYS


def max_norm(k: Kernel, clip_by_norm: Any) -> None:
    """Rescale the columns of one W to their maximum norm, by the first worker alone."""
    with k.when(k.run[Run.WORKER] > 0):
        k.give(0.0)
    inputs, outputs = k.op[Op.INPUTS], k.op[Op.OUTPUTS]
    w, norm, limit = (k.P + k.op[Op.P]).by(outputs), k.E + k.op[Op.E], k.E[k.op[Op.C]]
    norm.fill(outputs, 0.0)
    for i, j in k.each(inputs, outputs):
        norm[j] = norm[j] + w[i, j] * w[i, j]
    for j in k.range(outputs):
        norm[j] = k.intrinsic("sqrt", norm[j])
    for i, j in k.each(inputs, outputs):
        w[i, j] = clip_by_norm(w[i, j], norm[j], limit)


def bring_within(k: Kernel) -> None:
    """Clip parameters to their limits."""
    least, most = (k.pointer(k.op[column], k.number) for column in (LEAST, MOST))
    first, last = _chunks(k)
    for i in k.range(first * CHUNK, k.minimum(last * CHUNK, k.run[Run.SIZE])):
        number = k.where(k.P[i] < least[i], least[i], k.P[i])  # NaN stays NaN
        k.P[i] = k.where(number > most[i], most[i], number)


def average(k: Kernel, ema: Any) -> None:
    """The moving average of the parameters, if other operations follow the rule."""
    share = k.pointer(k.op[LIMITS], k.number)[2]
    mean = k.pointer(k.op[ARRAYS], k.number)
    first, last = _chunks(k)
    for i in k.range(first * CHUNK, k.minimum(last * CHUNK, k.run[Run.SIZE])):
        mean[i] = ema(mean[i], k.P[i], share)


def coefficients(k: Kernel, formula: Any, parameters: int, count: int) -> None:
    """The coefficients of STEPS steps after step T, one row each, to A; before them in A lie those of step T.

    C holds the rule's parameters; all in float64.
    """
    q = k.C.all(parameters)
    for step in k.range(k.run[Run.STEPS]):
        t = (k.run[Run.T] + step + 1).as_kind(
            "double"
        )  # powers of whole numbers would be products, each of them rounded
        before, row = k.A + step * count, k.A + (step + 1) * count

        def put(numbers: Any, row: Pointer = row) -> None:
            for place, number in enumerate(numbers):
                row[place] = number

        with k.when(t == 1):
            put(formula(t, None, *q))
        with k.otherwise(t == 1):
            put(formula(t, before.all(count), *q))
