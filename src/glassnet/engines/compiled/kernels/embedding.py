"""Embeddings of numbers (the first columns) and of categories (the last ones), column by column, rows side by side."""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from glassnet.engines.compiled.fields import GRAIN, OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.intrinsics import matrix, offset, pointer, vector

COLUMNS, PIECES, LEARNED, KEPT, LANES = range(Op.AUX, Op.AUX + 5)
"""How many columns are treated; waves or bins of each; numbers that are learned of each; numbers before them that are
the column itself; and how many rows the room in E is for."""
TOUCHED = Op.AUX + 5
"""Address of what says which grains of the parameters a step has touched."""


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


@register_jitable
def _rests_on(o: Any, P: Any, S: Any, learned: Any) -> Any:
    """What each piece of a column rests on, as two matrices: frequency and phase, or the lower and the upper edge.

    Both have a row a column; that of edges is one longer than there are bins.
    """
    columns, pieces = o[COLUMNS], o[PIECES]
    if learned:
        start = offset(P, o[Op.P])
        return matrix(start, columns, pieces), matrix(offset(start, columns * pieces), columns, pieces)
    edges = offset(S, o[Op.S])
    # the second begins one further on, so the last number of its last row is nobody's, and never read
    return matrix(edges, columns, pieces + 1), matrix(offset(edges, 1), columns, pieces + 1)


def forward(number: Any, piece: Any, function: Any, learned: bool, keeps: bool) -> Any:
    """The function of the pieces of each number times W plus b, behind the number itself if the layer `keeps` it.

    `learned`: what the pieces rest on lies among the parameters, before W; else among the statistics.
    """

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, pieces, sums_of_column = o[COLUMNS], o[PIECES], o[LEARNED]
        x, y = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, m)
        first, second = _rests_on(o, P, S, learned)
        start = offset(P, o[Op.P] + (2 * columns * pieces if learned else 0))
        w = matrix(start, columns * pieces, sums_of_column)
        b = matrix(offset(start, columns * pieces * sums_of_column), columns, sums_of_column)
        aside = offset(E, o[Op.E])
        numbers, height = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        sums = matrix(offset(aside, 2 * o[LANES]), sums_of_column, rows)
        for j in range(columns):
            _column(x, j, numbers)
            for s in range(sums_of_column):
                for i in range(rows):
                    sums[s, i] = b[j, s]
            for k in range(pieces):
                for i in range(rows):
                    height[i] = piece(numbers[i], first[j, k], second[j, k])
                for s in range(sums_of_column):
                    for i in range(rows):
                        sums[s, i] += height[i] * w[j * pieces + k, s]
            place = j * (keeps + sums_of_column)
            for i in range(rows):
                if keeps:
                    y[i, place] = numbers[i]
                for s in range(sums_of_column):
                    y[i, place + keeps + s] = function(sums[s, i])
        _rest(o, n, m, rows, offset(A, o[Op.X]), offset(A, o[Op.Y]))
        return 0.0

    return kernel


def backward(number: Any, piece: Any, slope_of_piece: Any, derivative: Any, learned: bool, keeps: bool) -> Any:
    """The gradients of W and b, of what the pieces rest on where that is `learned`, and of x.

    The pieces are computed once more, which is less than to keep them. `slope_of_piece` is by the second of what they
    rest on (the phase; that by the frequency is x times it) where that is learned, else by x. `derivative` is that of
    the function of the sums, which the function's value is enough for.
    """
    zero, one = number(0), number(1)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, pieces, sums_of_column = o[COLUMNS], o[PIECES], o[LEARNED]
        x, y = matrix(offset(A, o[Op.X]), rows, n), matrix(offset(A, o[Op.Y]), rows, m)
        d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
        first, second = _rests_on(o, P, S, learned)
        before = 2 * columns * pieces if learned else 0
        w = matrix(offset(P, o[Op.P] + before), columns * pieces, sums_of_column)
        d_w = matrix(offset(G, o[Op.P] + before), columns * pieces, sums_of_column)
        d_b = matrix(offset(G, o[Op.P] + before + columns * pieces * sums_of_column), columns, sums_of_column)
        d_first = matrix(offset(G, o[Op.P]), columns, pieces)
        d_second = matrix(offset(G, o[Op.P] + columns * pieces), columns, pieces)
        aside = offset(E, o[Op.E])
        numbers, height = vector(aside, rows), vector(offset(aside, o[LANES]), rows)
        d_sums = matrix(offset(aside, 2 * o[LANES]), sums_of_column, rows)
        d_height = vector(offset(aside, (2 + sums_of_column) * o[LANES]), rows)
        d_numbers = vector(offset(aside, (3 + sums_of_column) * o[LANES]), rows)
        keep = one if r[Run.ACCUMULATE] else zero
        for j in range(columns):
            _column(x, j, numbers)
            place = j * (keeps + sums_of_column)
            for i in range(rows):
                d_numbers[i] = d_y[i, place] if keeps else zero
                for s in range(sums_of_column):
                    a = y[i, place + keeps + s]
                    d_sums[s, i] = d_y[i, place + keeps + s] * derivative(a, a)
            for s in range(sums_of_column):
                total = zero
                for i in range(rows):
                    total += d_sums[s, i]
                d_b[j, s] = keep * d_b[j, s] + total
            for k in range(pieces):
                for i in range(rows):
                    height[i] = piece(numbers[i], first[j, k], second[j, k])
                    d_height[i] = zero
                for s in range(sums_of_column):
                    total, weight = zero, w[j * pieces + k, s]
                    for i in range(rows):
                        total += height[i] * d_sums[s, i]
                        d_height[i] += d_sums[s, i] * weight
                    d_w[j * pieces + k, s] = keep * d_w[j * pieces + k, s] + total
                if learned:
                    of_second, of_first = zero, zero
                    for i in range(rows):
                        slope = d_height[i] * slope_of_piece(numbers[i], first[j, k], second[j, k])
                        of_second += slope
                        of_first += slope * numbers[i]
                        d_numbers[i] += slope * first[j, k]
                    d_second[j, k] = keep * d_second[j, k] + of_second
                    d_first[j, k] = keep * d_first[j, k] + of_first
                elif o[Op.WANT_DX]:
                    for i in range(rows):
                        d_numbers[i] += d_height[i] * slope_of_piece(numbers[i], first[j, k], second[j, k])
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


def categories_backward(number: Any, seldom: bool) -> Any:
    """The gradient of each level's numbers; that of the codes is 0.

    `seldom`: only of the levels in these rows, which are marked as touched. The others have none: the update has made
    it zero.
    """
    zero = number(0)

    def kernel(op: Any, run: Any, P: Any, S: Any, G: Any, A: Any, D: Any, E: Any, C: Any, Y: Any, W: Any) -> Any:
        o, r = vector(op, OP_SIZE), vector(run, RUN_SIZE)
        rows, n, m = r[Run.ROWS], o[Op.INPUTS], o[Op.OUTPUTS]
        columns, size = o[COLUMNS], o[LEARNED]
        before, levels = n - columns, vector(offset(C, o[Op.C]), columns)
        x = matrix(offset(A, o[Op.X]), rows, n)
        d_x, d_y = matrix(offset(D, o[Op.X]), rows, n), matrix(offset(D, o[Op.Y]), rows, m)
        place = o[Op.P]
        for j in range(columns):
            count = (int(levels[j]) + 1) * size
            if not seldom and r[Run.ACCUMULATE] == 0:
                of_column = vector(offset(G, place), count)
                for k in range(count):
                    of_column[k] = zero
            for i in range(rows):
                begin = place + _row_of(x[i, before + j], levels[j]) * size
                numbers = vector(offset(G, begin), size)
                for s in range(size):
                    numbers[s] += d_y[i, before + j * size + s]
                if seldom:
                    for grain in range(begin // GRAIN, (begin + size - 1) // GRAIN + 1):
                        vector(offset(pointer(o[TOUCHED], op), grain), 1)[0] |= 1
            place += count
        if o[Op.WANT_DX]:
            for i in range(rows):
                for j in range(n):
                    d_x[i, j] = d_y[i, j] if j < before else zero
        return 0.0

    return kernel
