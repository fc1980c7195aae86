"""Embeddings of numbers (the first columns) and of categories (the last ones), column by column, rows side by side."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import matrix, offset, vector

COLUMNS, PIECES, LEARNED, KEPT, LANES = range(Op.AUX, Op.AUX + 5)
"""How many columns are treated; waves or bins of each; numbers that are learned of each; numbers before them that are
the column itself; and how many rows the room in E is for."""


@register_jitable
def _rest(o: Any, width_before: Any, width_after: Any, rows: Any, source: Any, target: Any) -> None:
    """The columns behind the treated ones, from one matrix to the other."""
    first, behind = o[COLUMNS], o[COLUMNS] * (o[KEPT] + o[LEARNED])
    x, y = matrix(source, rows, width_before), matrix(target, rows, width_after)
    for i in range(rows):
        for j in range(width_before - first):
            y[i, behind + j] = x[i, first + j]


@register_jitable
def _rest_back(o: Any, rows: Any, D: Any) -> None:
    n, m, first = o[Op.INPUTS], o[Op.OUTPUTS], o[COLUMNS]
    behind = first * (o[KEPT] + o[LEARNED])
    d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
    for i in range(rows):
        for j in range(n - first):
            d_x[i, first + j] = d_y[i, behind + j]


@register_jitable
def _column(a: Any, j: Any, lanes: Any) -> None:
    for i in range(a.shape[0]):
        lanes[i] = a[i, j]


def periodic_forward(number: Any, wave: Any) -> Any:
    """x, and the waves of x times W plus b."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, waves, learned = o[COLUMNS], o[PIECES], o[LEARNED]
        x, y = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, m)
        start = offset(P, o[Op.P])
        frequency, phase = matrix(start, columns, waves), matrix(offset(start, columns * waves), columns, waves)
        w = matrix(offset(start, 2 * columns * waves), columns * waves, learned)
        b = matrix(offset(start, (2 + learned) * columns * waves), columns, learned)
        aside = offset(E, o[Op.E])
        numbers, height = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        sums = matrix(offset(aside, 2 * o[LANES]), learned, rows)
        for j in range(columns):
            _column(x, j, numbers)
            for s in range(learned):
                for i in range(rows):
                    sums[s, i] = b[j, s]
            for k in range(waves):
                for i in range(rows):
                    height[i] = wave(numbers[i], frequency[j, k], phase[j, k])
                for s in range(learned):
                    for i in range(rows):
                        sums[s, i] += height[i] * w[j * waves + k, s]
            first = j * (1 + learned)
            for i in range(rows):
                y[i, first] = numbers[i]
                for s in range(learned):
                    y[i, first + 1 + s] = sums[s, i]
        _rest(o, n, m, rows, offset(A, o[Op.X]), offset(A, o[Op.Y]))
        return 0.0

    return kernel


def periodic_backward(number: Any, wave: Any, derivative: Any) -> Any:
    """The gradients of W, b, phase and frequency; the waves are computed once more, which is less than to keep them."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, waves, learned = o[COLUMNS], o[PIECES], o[LEARNED]
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
        start, grad = offset(P, o[Op.P]), offset(G, o[Op.P])
        size = columns * waves
        frequency, phase = matrix(start, columns, waves), matrix(offset(start, size), columns, waves)
        d_frequency, d_phase = matrix(grad, columns, waves), matrix(offset(grad, size), columns, waves)
        w, d_w = matrix(offset(start, 2 * size), size, learned), matrix(offset(grad, 2 * size), size, learned)
        d_b = matrix(offset(grad, (2 + learned) * size), columns, learned)
        aside = offset(E, o[Op.E])
        numbers, height = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        d_sums = matrix(offset(aside, 2 * o[LANES]), learned, rows)
        d_height = vector(offset(aside, (2 + learned) * o[LANES]), rows)
        d_numbers = vector(offset(aside, (3 + learned) * o[LANES]), rows)
        keep = number(1) if r[Run.ACCUMULATE] else zero
        for j in range(columns):
            _column(x, j, numbers)
            first = j * (1 + learned)
            for i in range(rows):
                d_numbers[i] = d_y[i, first]
                for s in range(learned):
                    d_sums[s, i] = d_y[i, first + 1 + s]
            for s in range(learned):
                total = zero
                for i in range(rows):
                    total += d_sums[s, i]
                d_b[j, s] = keep * d_b[j, s] + total
            for k in range(waves):
                for i in range(rows):
                    height[i] = wave(numbers[i], frequency[j, k], phase[j, k])
                    d_height[i] = zero
                for s in range(learned):
                    total, weight = zero, w[j * waves + k, s]
                    for i in range(rows):
                        total += height[i] * d_sums[s, i]
                        d_height[i] += d_sums[s, i] * weight
                    d_w[j * waves + k, s] = keep * d_w[j * waves + k, s] + total
                of_phase, of_frequency = zero, zero
                for i in range(rows):
                    slope = d_height[i] * derivative(numbers[i], frequency[j, k], phase[j, k])
                    of_phase += slope
                    of_frequency += slope * numbers[i]
                    d_numbers[i] += slope * frequency[j, k]
                d_phase[j, k] = keep * d_phase[j, k] + of_phase
                d_frequency[j, k] = keep * d_frequency[j, k] + of_frequency
            if o[Op.WANT_DX]:
                for i in range(rows):
                    d_x[i, j] = d_numbers[i]
        if o[Op.WANT_DX]:
            _rest_back(o, rows, D)
        return 0.0

    return kernel


def piecewise_forward(number: Any, level: Any) -> Any:
    """How full each bin is, times W, plus b."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, bins, learned = o[COLUMNS], o[PIECES], o[LEARNED]
        x, y = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, m)
        w = matrix(offset(P, o[Op.P]), columns * bins, learned)
        b = matrix(offset(P, o[Op.P] + columns * bins * learned), columns, learned)
        edges = matrix(offset(S, o[Op.S]), columns, bins + 1)
        aside = offset(E, o[Op.E])
        numbers, full = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        sums = matrix(offset(aside, 2 * o[LANES]), learned, rows)
        for j in range(columns):
            _column(x, j, numbers)
            for s in range(learned):
                for i in range(rows):
                    sums[s, i] = b[j, s]
            for k in range(bins):
                for i in range(rows):
                    full[i] = level(numbers[i], edges[j, k], edges[j, k + 1])
                for s in range(learned):
                    for i in range(rows):
                        sums[s, i] += full[i] * w[j * bins + k, s]
            for i in range(rows):
                for s in range(learned):
                    y[i, j * learned + s] = sums[s, i]
        _rest(o, n, m, rows, offset(A, o[Op.X]), offset(A, o[Op.Y]))
        return 0.0

    return kernel


def piecewise_backward(number: Any, level: Any) -> Any:
    """The gradients of W and b, and of x."""
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, bins, learned = o[COLUMNS], o[PIECES], o[LEARNED]
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
        w, d_w = (
            matrix(offset(P, o[Op.P]), columns * bins, learned),
            matrix(offset(G, o[Op.P]), columns * bins, learned),
        )
        d_b = matrix(offset(G, o[Op.P] + columns * bins * learned), columns, learned)
        edges = matrix(offset(S, o[Op.S]), columns, bins + 1)
        aside = offset(E, o[Op.E])
        numbers, full = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        d_sums = matrix(offset(aside, 2 * o[LANES]), learned, rows)
        d_full = vector(offset(aside, (2 + learned) * o[LANES]), rows)
        d_numbers = vector(offset(aside, (3 + learned) * o[LANES]), rows)
        keep = one if r[Run.ACCUMULATE] else zero
        for j in range(columns):
            _column(x, j, numbers)
            for i in range(rows):
                d_numbers[i] = zero
                for s in range(learned):
                    d_sums[s, i] = d_y[i, j * learned + s]
            for s in range(learned):
                total = zero
                for i in range(rows):
                    total += d_sums[s, i]
                d_b[j, s] = keep * d_b[j, s] + total
            for k in range(bins):
                low, high = edges[j, k], edges[j, k + 1]
                for i in range(rows):
                    full[i] = level(numbers[i], low, high)
                    d_full[i] = zero
                for s in range(learned):
                    total, weight = zero, w[j * bins + k, s]
                    for i in range(rows):
                        total += full[i] * d_sums[s, i]
                        d_full[i] += d_sums[s, i] * weight
                    d_w[j * bins + k, s] = keep * d_w[j * bins + k, s] + total
                if o[Op.WANT_DX]:
                    steep = one / (high - low)
                    for i in range(rows):
                        d_numbers[i] += d_full[i] * steep if (full[i] > zero) & (full[i] < one) else zero
            if o[Op.WANT_DX]:
                for i in range(rows):
                    d_x[i, j] = d_numbers[i]
        if o[Op.WANT_DX]:
            _rest_back(o, rows, D)
        return 0.0

    return kernel


@register_jitable
def _row_of(code: Any, levels: Any) -> Any:
    """The row of a column's table for a code; a code that is none counts as 0."""
    if code >= 0 and code <= levels:
        return int(code)
    return 0


def categories_forward(number: Any) -> Any:
    """The columns before the codes, and for each code its numbers; C holds the numbers of levels."""

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, size = o[COLUMNS], o[LEARNED]
        before, levels = n - columns, vector(offset(C, o[Op.C]), columns)
        x, y = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, m)
        for i in range(rows):
            for j in range(before):
                y[i, j] = x[i, j]
        start = offset(P, o[Op.P])
        for j in range(columns):
            for i in range(rows):
                numbers = vector(offset(start, _row_of(x[i, before + j], levels[j]) * size), size)
                for s in range(size):
                    y[i, before + j * size + s] = numbers[s]
            start = offset(start, (int(levels[j]) + 1) * size)
        return 0.0

    return kernel


def categories_backward(number: Any) -> Any:
    """The gradient of each level's numbers; that of the codes is 0."""
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, size = o[COLUMNS], o[LEARNED]
        before, levels = n - columns, vector(offset(C, o[Op.C]), columns)
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
        start = offset(G, o[Op.P])
        for j in range(columns):
            of_column = vector(start, (int(levels[j]) + 1) * size)
            if r[Run.ACCUMULATE] == 0:
                for k in range(of_column.size):
                    of_column[k] = zero
            for i in range(rows):
                numbers = vector(offset(start, _row_of(x[i, before + j], levels[j]) * size), size)
                for s in range(size):
                    numbers[s] += d_y[i, before + j * size + s]
            start = offset(start, of_column.size)
        if o[Op.WANT_DX]:
            for i in range(rows):
                for j in range(n):
                    d_x[i, j] = d_y[i, j] if j < before else zero
        return 0.0

    return kernel
