"""From layers to operations: how each layer of a network becomes rows of the program's table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from glassnet.engines.compiled.code import UntraceableError
from glassnet.engines.compiled.drawing import COUNTS, ROWS, Parts, draw
from glassnet.engines.compiled.fields import BLOCK, OP_SIZE, Op
from glassnet.engines.compiled.grids import count
from glassnet.engines.compiled.program import NotCompiledError, Program, reductions_of
from glassnet.engines.compiled.rows import LANES
from glassnet.engines.compiled.trial_of_layers import try_layer
from glassnet.formulas import normalization as norm
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.embeddings import level, level_derivative, wave, wave_derivative
from glassnet.formulas.loss import RESPONSES, Loss
from glassnet.layers import (
    Activate,
    BatchNorm,
    Copies,
    Embedding,
    MemberDense,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
)
from glassnet.layers.base import Layer

__all__ = ["chain", "multiplications", "needs_whole_batch", "respond"]

IDENTITY = ACTIVATIONS.get("identity")


def chain(program: Program, layers: Sequence[Layer], width: int, x: int, number: int) -> tuple[int, int]:
    """The operations of a chain of layers; gives the width and the place of its output."""
    for layer in layers:
        number += 1
        add = ADDERS.get(type(layer), _by_itself)
        width, x = add(program, layer, width, x, number)
        number += layer.inside()
    return width, x


def respond(program: Program, loss: Loss, width: int, x: int) -> int:
    """What the outputs mean under a loss; gives the place of it."""
    if loss.response == "identity":
        return x
    function = RESPONSES[loss.response]
    response = Activation(loss.response, function, function, elementwise=loss.response != "softmax")
    return _by_itself(program, Activate(response), width, x, 0)[1]


def multiplications(layers: Sequence[Layer], width: int) -> int:
    """About how many multiplications a row takes: one for each parameter, of embeddings only for those looked up."""
    total = 0
    for layer in layers:
        if isinstance(layer, Residual):
            total += multiplications(layer.layers, width)
        elif isinstance(layer, Embedding):
            total += len(layer.levels) * layer.size
        else:
            total += sum(math.prod(parameter.shape) for parameter in layer.parameters(width))
        width = layer.outputs(width)
    return total


def needs_whole_batch(layers: Sequence[Layer]) -> bool:
    """Whether a layer must see all rows of a batch at once, so that no worker may take its rows in several blocks."""
    return any(
        isinstance(layer, BatchNorm) or (isinstance(layer, Residual) and needs_whole_batch(layer.layers))
        for layer in layers
    )


def _batch_norm(program: Program, layer: BatchNorm, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx = program.want_dx
    p, s = program.learned(layer, width)
    y, e, columns = program.region(width), program.keep(program.rows * width), program.keep(5 * width)
    places = {"INPUTS": width, "X": x, "Y": y, "P": p, "S": s, "E": e, "C": program.constant(layer.epsilon)}
    measure = program.compiled(layer, "normalization.batch_measure", norm.deviation)
    forward = program.compiled(layer, "normalization.batch_forward", norm.normalize, norm.affine)
    gradient, backward = 0, 0
    if program.training:
        gradient = program.compiled(layer, "normalization.batch_gradient")
        if want_dx:
            backward = program.compiled(layer, "normalization.batch_backward", norm.normalize_backward)
    # columns belong to all rows: whoever measures them waits for all, and all wait for them; the same on the way back
    meets = int(program.training)
    steps = (
        program.add(measure, backward, **places, MEET=meets, MEET_BACK=meets),
        program.add(forward, gradient, **places, MEET=meets, MEET_BACK=meets),
    )
    follow = [0] * OP_SIZE
    follow[Op.FORWARD] = program.compiled(layer, "normalization.batch_follow", norm.follow, norm.unbiased)
    follow[Op.INPUTS], follow[Op.S] = width, s
    follow[Op.AUX + 1] = program.keep_constant(layer.momentum)
    if program.training:
        program.after.append(follow)
    for op in (*steps, follow):
        op[Op.AUX] = columns
    return width, y


def _periodic(program: Program, layer: PeriodicEmbedding, width: int, x: int, number: int) -> tuple[int, int]:
    return _embed_numbers(program, layer, (wave, wave_derivative), layer.frequencies, True, width, x)


def _piecewise(program: Program, layer: PiecewiseLinearEmbedding, width: int, x: int, number: int) -> tuple[int, int]:
    return _embed_numbers(program, layer, (level, level_derivative), layer.bins, False, width, x)


def _embed_numbers(
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
    op[Op.AUX : Op.AUX + 5] = [layer.treated(width), pieces, sums, layer.kept, program.block]
    return outputs, y


def _embedding(program: Program, layer: Embedding, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx, outputs = program.want_dx, layer.outputs(width)
    p, _ = program.learned(layer, width)
    forward = program.compiled(layer, "embedding.categories_forward")
    seldom, backward, learn = all(map(program.seldom, layer.parameters(width))), 0, 0
    if program.training:
        learn = program.compiled(layer, "embedding.categories_learn", seldom)
        backward = program.compiled(layer, "embedding.categories_backward") if want_dx else 0
    y, c = program.region(outputs), program.constant(*layer.levels)
    op = program.add(forward, backward, learn, INPUTS=width, OUTPUTS=outputs, X=x, Y=y, P=p, C=c)
    op[Op.AUX], op[Op.AUX + 2] = len(layer.levels), layer.size
    program.scattered = True
    if seldom:
        program.touched.append((len(program.ops) - 1, p, program.parameters))
    return outputs, y


def _copies(program: Program, layer: Copies, width: int, x: int, number: int) -> tuple[int, int]:
    forward = program.compiled(layer, "members.copies_forward")
    backward = program.compiled(layer, "members.copies_backward") if program.want_dx else 0
    y = program.region(layer.members * width)
    program.add(forward, backward, INPUTS=width, X=x, Y=y, AUX=layer.members)
    return layer.members * width, y


def _member_dense(program: Program, layer: MemberDense, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx, members, each = program.want_dx, layer.members, layer.inputs_each(width)
    p, _ = program.learned(layer, width)
    f = layer.f if layer.f.elementwise else IDENTITY
    kind, count = "shared" if layer.shared else "own", len(f.values)
    forward, backward, learn = program.compiled(f, f"members.{kind}_forward", f.function, count), 0, 0
    if program.training:
        backward = program.compiled(f, f"members.{kind}_backward", f.derivative, count)
        learn = program.compiled(f, f"members.{kind}_learn", *(() if layer.shared else (count,)))
    y, c = program.region(members * layer.units), program.constant(*f.values, layer.share(width))
    places = {"INPUTS": each, "OUTPUTS": layer.units, "X": x, "Y": y, "P": p, "C": c, "WANT_DX": int(want_dx)}
    op = program.add(forward, backward, learn, **places, E=program.keep(program.rows * width))
    outputs, program.scattered = program.rows * members * layer.units, True
    op[Op.AUX : Op.AUX + 4] = [
        members,
        program.keep(outputs),
        program.keep(outputs),
        program.keep(program.rows * width),
    ]
    if f is not layer.f:
        y = _activate_members(program, layer.f, layer.units, y, members)
    return members * layer.units, y


def _activate_members(program: Program, f: Activation, width: int, x: int, members: int) -> int:
    """An activation of whole rows, of each member by itself; gives the place of its output."""
    y, c, count = program.region(members * width), program.constant(*f.values), len(f.values)
    forward, backward = program.compiled(f, "members.rows_forward", f.function, count), 0
    spare = reductions_of(f.function, 1, count)
    if program.training:
        backward = program.compiled(f, "members.rows_backward", f.derivative, count)
        spare = max(spare, reductions_of(f.derivative, 3, count))
    program.need_scratch((4 * width + spare) * LANES)
    program.add(forward, backward, INPUTS=width, X=x, Y=y, C=c, AUX=members)
    return y


def _residual(program: Program, layer: Residual, width: int, x: int, number: int) -> tuple[int, int]:
    joined = program.compiled(layer, "residual.joined") if program.training and program.want_dx else 0
    begin = program.add(0, joined, INPUTS=width, X=x)
    _, inside = chain(program, layer.layers, width, x, number)
    y = begin[Op.Y] = program.region(width)
    forward = program.compiled(layer, "residual.forward")
    backward = program.compiled(layer, "residual.backward") if program.training and program.want_dx else 0
    program.add(forward, backward, INPUTS=width, X=x, Y=y, AUX=inside)
    return width, y


def _by_itself(program: Program, layer: Layer, width: int, x: int, number: int) -> tuple[int, int]:
    """A layer by its own functions."""
    outputs, of = layer.outputs(width), (program.training, program.training and program.want_dx)
    p, s = program.learned(layer, width)
    parts = Parts(layer, width)
    try:
        if layer.statistics(width) or layer.inside() or type(layer).update_statistics is not Layer.update_statistics:
            raise UntraceableError("statistics that it keeps, or other layers")
        drawing = draw(program.precision, *of, *parts.text)
        if drawing.nothing and parts.ours:
            return width, x
        numbers = [*parts.numbers, *drawing.numbers]
        places = {"INPUTS": width, "X": x, "P": p, "S": s, "C": program.constant(*numbers), "LAYER": number}
        made = [
            program.compiled(layer, f"layer.{way}", *of, *parts.text) if needed else 0
            for way, needed in (("forward", True), ("backward", drawing.backward), ("learn", drawing.learned))
        ]
        op = program.add(*made, **places, Y=program.region(outputs))
        op[ROWS], op[COUNTS : COUNTS + len(parts.counts)] = program.rows, parts.counts
        op[Op.E] = program.keep(program.rows * sum(count(grid.columns, op) for grid in drawing.kept))
        for grid in (*drawing.forward, *drawing.backward):
            if grid.kind == "rows":
                inputs = sum(one.rows for one in grid.symbols)
                spare = reductions_of(grid.function, inputs, len(grid.inputs) - inputs)
                program.need_scratch(((inputs + 1) * count(grid.columns, op) + spare) * LANES)
        for rate in drawing.rates:
            program.drop(op[Op.C] + rate, numbers[rate])
        if not parts.ours:
            try_layer(layer, width, program, op, of[1])
    except Exception as error:  # whatever becomes of symbols in a function that was made for arrays
        if parts.ours:
            raise
        reason = error.__cause__ or error
        raise NotCompiledError(f"The layer {layer!r} cannot be compiled: it uses {reason}") from error
    return outputs, op[Op.Y]


ADDERS: dict[type[Layer], Callable[..., tuple[int, int]]] = {
    BatchNorm: _batch_norm,
    Residual: _residual,
    PeriodicEmbedding: _periodic,
    PiecewiseLinearEmbedding: _piecewise,
    Embedding: _embedding,
    Copies: _copies,
    MemberDense: _member_dense,
}
"""How each layer becomes operations."""
