"""From layers to operations: how each layer of a network becomes rows of the program's table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import BLOCK, OP_SIZE, Op
from glassnet.engines.compiled.kernels.own import room
from glassnet.engines.compiled.machine import reads
from glassnet.engines.compiled.program import NotCompiledError, Program
from glassnet.engines.compiled.trial_of_layers import try_layer
from glassnet.formulas import normalization as norm
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.blend import blend
from glassnet.formulas.embeddings import level, level_derivative, wave, wave_derivative
from glassnet.formulas.random import random_bits, uniform
from glassnet.formulas.regularization import keep_mask
from glassnet.layers import (
    Activate,
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scale,
)
from glassnet.layers.base import Layer

__all__ = ["chain", "dropout_rate", "multiplications", "needs_whole_batch"]

IDENTITY = ACTIVATIONS.get("identity")


def chain(program: Program, layers: Sequence[Layer], width: int, x: int, number: int) -> tuple[int, int]:
    """The operations of a chain of layers; gives the width and the place of its output."""
    for layer in layers:
        number += 1
        add = ADDERS.get(type(layer), _own)
        width, x = add(program, layer, width, x, number)
        number += layer.inside()
    return width, x


def dropout_rate(rate: float, precision: str) -> float:
    """A rate in this precision: rounded up, so that a number is below it in float32 exactly where it is in float64."""
    if precision == "float64":
        return rate
    single = np.float32(rate)
    return float(single if single >= rate else np.nextafter(single, np.float32(1)))


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


def _dense(program: Program, layer: Dense, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx = program.want_dx
    p, _ = program.learned(layer, width)
    f = layer.f if layer.f.elementwise else IDENTITY
    y, count, bias = program.region(layer.units), len(f.values), bool(layer.bias)
    keep_z = program.training and reads(f.derivative, 0, 2 + count, program.precision)
    forward = program.compiled(f, "dense.forward", f.function, count, bias, keep_z)
    backward, learn = 0, 0
    if program.training:
        backward = program.compiled(f, "dense.backward", f.derivative, count, keep_z)
        learn = program.compiled(f, "dense.learn", count, bias)
    kept = program.keep(program.rows * layer.units) if keep_z else 0
    c = program.constant(*f.values, layer.share(width))
    places = {"INPUTS": width, "OUTPUTS": layer.units, "X": x, "Y": y, "P": p, "C": c, "E": kept}
    program.add(forward, backward, learn, **places, WANT_DX=int(want_dx))
    if f is not layer.f:
        y = program.activate(layer.f, layer.units, y)
    return layer.units, y


def _activate(program: Program, layer: Activate, width: int, x: int, number: int) -> tuple[int, int]:
    return width, program.activate(layer.f, width, x)


def _dropout(program: Program, layer: Dropout, width: int, x: int, number: int) -> tuple[int, int]:
    if not program.training or layer.rate == 0:
        return width, x
    y = program.region(width)
    backward = program.compiled(layer, "dropout.backward") if program.want_dx else 0
    forward = program.compiled(layer, "dropout.forward", random_bits, uniform, keep_mask)
    kept, c = program.keep(program.rows * width), program.constant(dropout_rate(layer.rate, program.precision))
    program.dropouts.append((c, layer.rate))
    program.add(forward, backward, INPUTS=width, X=x, Y=y, E=kept, C=c, LAYER=number)
    return width, y


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


def _layer_norm(program: Program, layer: LayerNorm, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx = program.want_dx
    p, _ = program.learned(layer, width)
    forward = program.compiled(layer, "normalization.layer_forward", norm.deviation, norm.normalize, norm.affine)
    backward, learn = 0, 0
    if program.training:
        learn = program.compiled(layer, "normalization.layer_learn")
        if want_dx:
            backward = program.compiled(layer, "normalization.layer_backward", norm.normalize_backward)
    y, e, c = program.region(width), program.keep(program.rows * width), program.constant(layer.epsilon)
    spread = program.keep(program.rows)
    program.add(forward, backward, learn, INPUTS=width, X=x, Y=y, P=p, E=e, C=c, AUX=spread)
    return width, y


def _scale(program: Program, layer: Scale, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx = program.want_dx
    p, _ = program.learned(layer, width)
    y = program.region(width)
    forward = program.compiled(layer, "normalization.scale_forward")
    backward, learn = 0, 0
    if program.training:
        learn = program.compiled(layer, "normalization.scale_learn")
        backward = program.compiled(layer, "normalization.scale_backward") if want_dx else 0
    program.add(forward, backward, learn, INPUTS=width, X=x, Y=y, P=p)
    return width, y


def _blend(program: Program, layer: Blend, width: int, x: int, number: int) -> tuple[int, int]:
    f, count = layer.f, len(layer.f.values)
    p, _ = program.learned(layer, width)
    forward = program.compiled(f, "blend.forward", f.function, blend, count)
    backward, learn, parts = 0, 0, 0
    if program.training:
        backward = program.compiled(f, "blend.backward", f.function, f.derivative, blend, count)
        learn, parts = program.compiled(f, "blend.learn"), program.keep(program.rows * width)
    y = program.region(width)
    program.add(forward, backward, learn, INPUTS=width, X=x, Y=y, P=p, E=parts, C=program.constant(*f.values))
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
        y = program.activate(layer.f, layer.units, y, members)
    return members * layer.units, y


def _residual(program: Program, layer: Residual, width: int, x: int, number: int) -> tuple[int, int]:
    joined = program.compiled(layer, "residual.joined") if program.training and program.want_dx else 0
    begin = program.add(0, joined, INPUTS=width, X=x)
    _, inside = chain(program, layer.layers, width, x, number)
    y = begin[Op.Y] = program.region(width)
    forward = program.compiled(layer, "residual.forward")
    backward = program.compiled(layer, "residual.backward") if program.training and program.want_dx else 0
    program.add(forward, backward, INPUTS=width, X=x, Y=y, AUX=inside)
    return width, y


def _own(program: Program, layer: Layer, width: int, x: int, number: int) -> tuple[int, int]:
    """A layer of somebody's own, by its own functions."""
    if layer.statistics(width) or layer.inside() or type(layer).update_statistics is not Layer.update_statistics:
        raise NotCompiledError(f"The layer {layer!r} cannot be compiled: it keeps statistics, or other layers")
    function = type(layer).forward  # what tells it from another class of the same name
    want_dx = program.want_dx
    p, _ = program.learned(layer, width)
    try:
        kept = room(layer, width, program.precision)
        forward, backward, learn = (
            program.compiled(layer, "own.forward", layer, width, program.training, function),
            0,
            0,
        )
        if program.training:
            backward = program.compiled(layer, "own.backward", layer, width, function)
            learn = program.compiled(layer, "own.learn", layer, width, function)
        try_layer(layer, width, kept, program.precision, (forward, backward, learn))
    except Exception as error:  # whatever becomes of symbols in a function that was made for arrays
        reason = error.__cause__ or error
        raise NotCompiledError(f"The layer {layer!r} cannot be compiled: it uses {reason}") from error
    y, e = program.region(layer.outputs(width)), program.keep(program.rows * kept)
    places = {"INPUTS": width, "OUTPUTS": layer.outputs(width), "X": x, "Y": y, "P": p, "E": e, "AUX": program.rows}
    program.add(forward, backward, learn, **places, WANT_DX=int(want_dx))
    return layer.outputs(width), y


ADDERS: dict[type[Layer], Callable[..., tuple[int, int]]] = {
    Dense: _dense,
    Activate: _activate,
    Dropout: _dropout,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    Scale: _scale,
    Residual: _residual,
    Blend: _blend,
    PeriodicEmbedding: _periodic,
    PiecewiseLinearEmbedding: _piecewise,
    Embedding: _embedding,
    Copies: _copies,
    MemberDense: _member_dense,
}
"""How each layer becomes operations."""
