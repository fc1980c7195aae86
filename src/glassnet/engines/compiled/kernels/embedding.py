"""Embeddings of numbers, the first columns of a row: column by column, rows side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from glassnet.engines.compiled.code import Matrix, Pointer, Value
from glassnet.engines.compiled.fields import BLOCK, Op, Run
from glassnet.engines.compiled.kernel import Kernel
from glassnet.engines.compiled.program import Program
from glassnet.formulas.embeddings import level, level_derivative, wave, wave_derivative
from glassnet.layers import PeriodicEmbedding, PiecewiseLinearEmbedding

__all__ = ["lower_levels", "lower_waves"]

COLUMNS, PIECES, LEARNED, KEPT, ROWS = range(Op.AUX, Op.AUX + 5)
"""How many columns are treated; waves or bins of each; numbers that are learned of each; numbers before them that are
the column itself; and rows that belong together where sums over rows are taken."""
FEW = 8
"""With fewer rows there are more pieces of a number than there are rows."""


def lower_waves(program: Program, layer: PeriodicEmbedding, width: int, x: int, number: int) -> tuple[int, int]:
    """The operation of waves of numbers."""
    return _lower_numbers(program, layer, (wave, wave_derivative), layer.frequencies, True, width, x)


def lower_levels(program: Program, layer: PiecewiseLinearEmbedding, width: int, x: int, number: int) -> tuple[int, int]:
    """The operation of numbers as bins."""
    return _lower_numbers(program, layer, (level, level_derivative), layer.bins, False, width, x)


def _lower_numbers(
    program: Program,
    layer: PeriodicEmbedding | PiecewiseLinearEmbedding,
    formulas: tuple[Callable[..., Any], Callable[..., Any]],
    pieces: int,
    learned: bool,
    width: int,
    x: int,
) -> tuple[int, int]:
    """The formula of a piece and its derivative; how many pieces a column has, and whether what they rest on learns."""
    want_dx, outputs, sums = program.want_dx, layer.outputs(width), layer.size - layer.kept
    p, s = program.learned(layer, width)
    flags = learned, bool(layer.kept)
    forward = program.compiled(layer, "embedding.forward", formulas[0], layer.f.function, *flags)
    backward, learn = 0, 0
    if program.training:
        learn = program.compiled(layer, "embedding.learn", *formulas, layer.f.derivative, *flags)
        if want_dx:
            backward = program.compiled(layer, "embedding.backward", formulas[1], layer.f.derivative, *flags)
    y = program.region(outputs)
    program.need_scratch((3 + sums) * BLOCK)
    program.scattered = True
    places = {"INPUTS": width, "OUTPUTS": outputs, "X": x, "Y": y, "P": p, "S": s}
    op = program.add(forward, backward, learn, **places)
    op[COLUMNS : ROWS + 1] = [layer.treated(width), pieces, sums, layer.kept, program.block]
    return outputs, y


class Numbers(NamedTuple):
    """Where the numbers of an embedding of numbers are, or their gradients."""

    first: Matrix
    second: Matrix
    """What each piece of a column rests on: frequency and phase, or the lower and the upper edge."""
    W: Matrix
    b: Matrix


def _numbers(k: Kernel, learned: bool, of: Pointer) -> Numbers:
    """`of` is P or G; `learned`: what the pieces rest on lies there, too, before W; else among the statistics."""
    columns, pieces, sums = k.op[COLUMNS], k.op[PIECES], k.op[LEARNED]
    start = of + k.op[Op.P]
    if learned:
        first, second = start.by(pieces), (start + columns * pieces).by(pieces)
        start = start + 2 * columns * pieces
    else:
        edges = k.S + k.op[Op.S]  # one more in a column than there are bins: each is the upper one of the bin before
        first, second = edges.by(pieces + 1), (edges + 1).by(pieces + 1)
    return Numbers(first, second, start.by(sums), (start + columns * pieces * sums).by(sums))


def _blocks(k: Kernel) -> Iterator[tuple[Value, Value]]:
    """Where blocks of rows begin and how long they are; so a sum over rows has one shape whoever has how many."""
    for begin in k.range(0, k.rows, step=k.op[ROWS]):
        yield begin, k.minimum(k.op[ROWS], k.rows - begin)


def _rest(k: Kernel, x: Matrix, y: Matrix, back: bool) -> None:
    """The columns behind the treated ones, from x to y or back."""
    first = k.op[COLUMNS]
    behind = first * (k.op[KEPT] + k.op[LEARNED])
    for i, j in k.each(k.rows, x.columns - first):
        if back:
            x[i, first + j] = y[i, behind + j]
        else:
            y[i, behind + j] = x[i, first + j]


def forward(k: Kernel, piece: Any, function: Any, learned: bool, keeps: bool) -> None:
    """The function of the pieces of each number times W plus b, behind the number itself if the layer `keeps` it."""
    x, y = k.of_rows(k.A, Op.X, k.op[Op.INPUTS]), k.of_rows(k.A, Op.Y, k.op[Op.OUTPUTS])
    few = (k.rows < FEW) & (k.op[PIECES] <= BLOCK)
    with k.when(few):
        _row_by_row(k, piece, function, learned, keeps, x, y)
    with k.otherwise(few):
        _piece_by_piece(k, piece, function, learned, keeps, x, y)
    _rest(k, x, y, back=False)


def _row_by_row(k: Kernel, piece: Any, function: Any, learned: bool, keeps: bool, x: Matrix, y: Matrix) -> None:
    """Forward with the pieces of several numbers of a row side by side."""
    pieces, sums, columns, of = k.op[PIECES], k.op[LEARNED], k.op[COLUMNS], _numbers(k, learned, k.P)
    numbers, height, each = k.scratch(), k.scratch() + BLOCK, int(keeps) + sums
    for i in k.range(k.rows):
        for start in k.range(0, columns, step=BLOCK // pieces):
            some, done = k.minimum(BLOCK // pieces, columns - start), start * pieces
            for j, p in k.each(some, pieces):
                numbers[j * pieces + p] = x[i, start + j]
            if learned:  # what they rest on lies side by side, too
                for q in k.range(some * pieces):
                    height[q] = piece(numbers[q], of.first.start[done + q], of.second.start[done + q])
            else:
                for j, p in k.each(some, pieces):
                    q = j * pieces + p
                    height[q] = piece(numbers[q], of.first[start + j, p], of.second[start + j, p])
            for j in k.range(some):
                place = (start + j) * each
                if keeps:
                    y[i, place] = x[i, start + j]
                for s in k.range(sums):
                    whole = k.variable(of.b[start + j, s], k.number)
                    for p in k.range(pieces):
                        whole.value = whole.value + height[j * pieces + p] * of.W[done + j * pieces + p, s]
                    y[i, place + int(keeps) + s] = function(whole.value)


def _piece_by_piece(k: Kernel, piece: Any, function: Any, learned: bool, keeps: bool, x: Matrix, y: Matrix) -> None:
    """Forward with the rows side by side; every number is the same chain of operations as row by row."""
    pieces, sums_of_column, of = k.op[PIECES], k.op[LEARNED], _numbers(k, learned, k.P)
    aside = k.scratch()
    numbers, height, sums = aside, aside + BLOCK, (aside + 2 * BLOCK).by(BLOCK)
    for begin, rows in _blocks(k):
        for j in k.range(k.op[COLUMNS]):
            for i in k.range(rows):
                numbers[i] = x[begin + i, j]
            for s in k.range(sums_of_column):
                (sums.start + s * BLOCK).fill(rows, of.b[j, s])
            for p in k.range(pieces):
                low, high = of.first[j, p], of.second[j, p]
                for i in k.range(rows):
                    height[i] = piece(numbers[i], low, high)
                for s in k.range(sums_of_column):
                    weight = of.W[j * pieces + p, s]
                    for i in k.range(rows):
                        sums[s, i] = sums[s, i] + height[i] * weight
            place = j * (int(keeps) + sums_of_column)
            for i in k.range(rows):
                if keeps:
                    y[begin + i, place] = numbers[i]
                for s in k.range(sums_of_column):
                    y[begin + i, place + int(keeps) + s] = function(sums[s, i])


def _gradients_of_sums(k: Kernel, derivative: Any, keeps: bool, begin: Any, rows: Any, j: Any, target: Matrix) -> None:
    """The gradients of the sums of one column, of one block of rows; `derivative` needs the function's value alone."""
    y, d_y = k.of_rows(k.A, Op.Y, k.op[Op.OUTPUTS]), k.of_rows(k.D, Op.Y, k.op[Op.OUTPUTS])
    place = j * (int(keeps) + k.op[LEARNED]) + int(keeps)
    for i in k.range(rows):
        for s in k.range(k.op[LEARNED]):
            a = y[begin + i, place + s]
            target[s, i] = d_y[begin + i, place + s] * derivative(a, a)


def backward(k: Kernel, slope_of_piece: Any, derivative: Any, learned: bool, keeps: bool) -> None:
    """d_x. `slope_of_piece` is by the second of what pieces rest on (the phase; that by x is the frequency times it)
    where that is `learned`, else by x."""
    x, d_x = k.of_rows(k.A, Op.X, k.op[Op.INPUTS]), k.of_rows(k.D, Op.X, k.op[Op.INPUTS])
    d_y, of, pieces = k.of_rows(k.D, Op.Y, k.op[Op.OUTPUTS]), _numbers(k, learned, k.P), k.op[PIECES]
    aside = k.scratch()
    d_numbers, d_height, d_sums = aside, aside + BLOCK, (aside + 2 * BLOCK).by(BLOCK)
    for begin, rows in _blocks(k):
        for j in k.range(k.op[COLUMNS]):
            _gradients_of_sums(k, derivative, keeps, begin, rows, j, d_sums)
            for i in k.range(rows):
                d_numbers[i] = d_y[begin + i, j * (1 + k.op[LEARNED])] if keeps else 0.0
            for p in k.range(pieces):
                d_height.fill(rows, 0.0)
                for s in k.range(k.op[LEARNED]):
                    weight = of.W[j * pieces + p, s]
                    for i in k.range(rows):
                        d_height[i] = d_height[i] + d_sums[s, i] * weight
                low, high = of.first[j, p], of.second[j, p]
                for i in k.range(rows):
                    slope = d_height[i] * slope_of_piece(x[begin + i, j], low, high)
                    d_numbers[i] = d_numbers[i] + (slope * low if learned else slope)
            for i in k.range(rows):
                d_x[begin + i, j] = d_numbers[i]
    _rest(k, d_x, d_y, back=True)


def learn(k: Kernel, piece: Any, slope_of_piece: Any, derivative: Any, learned: bool, keeps: bool) -> None:
    """The gradients of W and b, and of what the pieces rest on where that is `learned`, of this worker's columns.

    The pieces are computed once more, which is less than to keep them.
    """
    x, pieces, sums = k.of_rows(k.A, Op.X, k.op[Op.INPUTS]), k.op[PIECES], k.op[LEARNED]
    of, d = _numbers(k, learned, k.P), _numbers(k, learned, k.G)
    aside = k.scratch()
    numbers, height, d_sums = aside, aside + BLOCK, (aside + 2 * BLOCK).by(BLOCK)
    d_height = aside + 2 * BLOCK + sums * BLOCK
    first, last = k.share(k.op[COLUMNS])
    for begin, rows in _blocks(k):
        fresh = (k.run[Run.ACCUMULATE] == 0) & (begin == 0)

        def add(target: Matrix, place: tuple[Any, Any], term: Any, fresh: Value = fresh, rows: Value = rows) -> None:
            target[place] = k.where(fresh, 0.0, target[place]) + k.total(rows, k.number, term)

        for j in k.range(first, last):
            for i in k.range(rows):
                numbers[i] = x[begin + i, j]
            _gradients_of_sums(k, derivative, keeps, begin, rows, j, d_sums)
            for s in k.range(sums):
                add(d.b, (j, s), lambda at, s=s: at(d_sums.start + s * BLOCK))
            for p in k.range(pieces):
                low, high = of.first[j, p], of.second[j, p]
                for i in k.range(rows):
                    height[i] = piece(numbers[i], low, high)
                for s in k.range(sums):
                    add(d.W, (j * pieces + p, s), lambda at, s=s: at(height) * at(d_sums.start + s * BLOCK))
                if learned:
                    d_height.fill(rows, 0.0)
                    for s in k.range(sums):
                        weight = of.W[j * pieces + p, s]
                        for i in k.range(rows):
                            d_height[i] = d_height[i] + d_sums[s, i] * weight
                    for i in k.range(rows):
                        d_height[i] = d_height[i] * slope_of_piece(numbers[i], low, high)
                    add(d.second, (j, p), lambda at: at(d_height))
                    add(d.first, (j, p), lambda at: at(d_height) * at(numbers))
