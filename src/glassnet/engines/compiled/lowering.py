"""From layers to operations: how each layer of a network becomes rows of the program's table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import OP_SIZE, Op
from glassnet.engines.compiled.program import NotCompiledError, Program, compiled
from glassnet.engines.compiled.specialize import reads
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

__all__ = ["activations", "chain", "dropout_rate", "multiplications", "needs_whole_batch"]

IDENTITY = ACTIVATIONS.get("identity")


def chain(program: Program, layers: Sequence[Layer], width: int, x: int, number: int) -> tuple[int, int]:
    """The operations of a chain of layers; gives the width and the place of its output."""
    for layer in layers:
        number += 1
        add = ADDERS.get(type(layer))
        if add is None:
            raise NotCompiledError(f"The layer {layer!r} is not one of glassnet's own")
        width, x = add(program, layer, width, x, number)
        number += layer.inside()
    return width, x


def dropout_rate(rate: float, precision: str) -> float:
    """A rate in this precision: rounded up, so that a number is below it in float32 exactly where it is in float64."""
    if precision == "float64":
        return rate
    single = np.float32(rate)
    return float(single if single >= rate else np.nextafter(single, np.float32(1)))


def activations(layers: Sequence[Layer]) -> Iterator[Callable[..., Any]]:
    """The functions that rows go through on their way forward."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from activations(layer.layers)
        elif hasattr(layer, "f"):
            yield layer.f.function


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
    keep_z = program.training and reads(f.derivative, 0)
    y, count, bias = program.region(layer.units), len(f.values), bool(layer.bias)
    forward = compiled(f, "dense.forward", program.precision, f.function, count, bias, keep_z)
    backward = 0
    if program.training:
        backward = compiled(f, "dense.backward", program.precision, f.derivative, count, bias, keep_z)
    kept = program.keep(program.rows * layer.units) if keep_z else 0
    c = program.constant(*f.values, layer.share(width))
    program.add(forward, backward, INPUTS=width, OUTPUTS=layer.units, X=x, Y=y, P=p, C=c, E=kept, WANT_DX=int(want_dx))
    if f is not layer.f:
        y = program.activate(layer.f, layer.units, y)
    return layer.units, y


def _activate(program: Program, layer: Activate, width: int, x: int, number: int) -> tuple[int, int]:
    return width, program.activate(layer.f, width, x)


def _dropout(program: Program, layer: Dropout, width: int, x: int, number: int) -> tuple[int, int]:
    if not program.training or layer.rate == 0:
        return width, x
    y = program.region(width)
    backward = compiled(layer, "dropout.backward", program.precision) if program.want_dx else 0
    forward = compiled(layer, "dropout.forward", program.precision, random_bits, uniform, keep_mask)
    kept, c = program.keep(program.rows * width), program.constant(dropout_rate(layer.rate, program.precision))
    program.dropouts.append((c, layer.rate))
    program.add(forward, backward, INPUTS=width, X=x, Y=y, E=kept, C=c, LAYER=number)
    return width, y


def _batch_norm(program: Program, layer: BatchNorm, width: int, x: int, number: int) -> tuple[int, int]:
    precision, want_dx = program.precision, program.want_dx
    p, s = program.learned(layer, width)
    y, e = program.region(width), program.keep((program.rows + 5) * width)
    places = {"INPUTS": width, "X": x, "Y": y, "P": p, "S": s, "E": e, "C": program.constant(layer.epsilon)}
    forward = compiled(layer, "normalization.batch_forward", precision, norm.deviation, norm.normalize, norm.affine)
    if not program.training:
        program.add(forward, **places, AUX=program.rows)
        return width, y
    # four sums over the rows of all workers, who tell each other theirs: two forward, two back
    sums = program.shared
    program.shared += 4 * width
    backward = compiled(layer, "normalization.batch_backward", precision, norm.normalize_backward) if want_dx else 0
    steps = (
        program.add(compiled(layer, "normalization.batch_sum", precision), **places),
        program.add(compiled(layer, "normalization.batch_deviate", precision), backward, **places, MEET=1, MEET_BACK=1),
        program.add(forward, compiled(layer, "normalization.batch_gradient", precision), **places, MEET=1),
    )
    follow = [0] * OP_SIZE
    follow[Op.FORWARD] = compiled(layer, "normalization.batch_follow", precision, norm.follow, norm.unbiased)
    follow[Op.INPUTS], follow[Op.S], follow[Op.E] = width, s, e
    follow[Op.AUX + 1] = program.keep_constant(layer.momentum)
    program.after.append(follow)
    for op in (*steps, follow):
        op[Op.AUX], op[Op.AUX + 2] = program.rows, sums
    return width, y


def _layer_norm(program: Program, layer: LayerNorm, width: int, x: int, number: int) -> tuple[int, int]:
    precision, want_dx = program.precision, program.want_dx
    p, _ = program.learned(layer, width)
    forward = compiled(layer, "normalization.layer_forward", precision, norm.deviation, norm.normalize, norm.affine)
    backward = 0
    if program.training:
        backward = compiled(layer, "normalization.layer_backward", precision, norm.normalize_backward)
    y, e, c = program.region(width), program.keep(program.rows * (width + 1)), program.constant(layer.epsilon)
    program.add(forward, backward, INPUTS=width, X=x, Y=y, P=p, E=e, C=c, AUX=program.rows, WANT_DX=int(want_dx))
    return width, y


def _scale(program: Program, layer: Scale, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx = program.want_dx
    p, _ = program.learned(layer, width)
    y = program.region(width)
    forward = compiled(layer, "normalization.scale_forward", program.precision)
    backward = compiled(layer, "normalization.scale_backward", program.precision) if program.training else 0
    program.add(forward, backward, INPUTS=width, X=x, Y=y, P=p, WANT_DX=int(want_dx))
    return width, y


def _blend(program: Program, layer: Blend, width: int, x: int, number: int) -> tuple[int, int]:
    f, count = layer.f, len(layer.f.values)
    p, _ = program.learned(layer, width)
    forward = compiled(f, "blend.forward", program.precision, f.function, blend, count)
    backward = 0
    if program.training:
        backward = compiled(f, "blend.backward", program.precision, f.function, f.derivative, blend, count)
    y = program.region(width)
    program.add(forward, backward, INPUTS=width, X=x, Y=y, P=p, C=program.constant(*f.values))
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
    forward = compiled(layer, "embedding.forward", program.precision, formulas[0], layer.f.function, *flags)
    backward = 0
    if program.training:
        backward = compiled(layer, "embedding.backward", program.precision, *formulas, layer.f.derivative, *flags)
    y, e = program.region(outputs), program.keep((4 + sums) * program.rows)
    places = {"INPUTS": width, "OUTPUTS": outputs, "X": x, "Y": y, "P": p, "S": s, "E": e, "WANT_DX": int(want_dx)}
    op = program.add(forward, backward, **places)
    op[Op.AUX : Op.AUX + 5] = [layer.treated(width), pieces, sums, layer.kept, program.rows]
    return outputs, y


def _embedding(program: Program, layer: Embedding, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx, outputs = program.want_dx, layer.outputs(width)
    p, _ = program.learned(layer, width)
    forward = compiled(layer, "embedding.categories_forward", program.precision)
    seldom, backward = all(map(program.seldom, layer.parameters(width))), 0
    if program.training:
        backward = compiled(layer, "embedding.categories_backward", program.precision, seldom)
    y, c = program.region(outputs), program.constant(*layer.levels)
    places = {"INPUTS": width, "OUTPUTS": outputs, "X": x, "Y": y, "P": p, "C": c, "WANT_DX": int(want_dx)}
    op = program.add(forward, backward, **places)
    op[Op.AUX], op[Op.AUX + 2] = len(layer.levels), layer.size
    if seldom:
        program.touched.append((len(program.ops) - 1, p, program.parameters))
    return outputs, y


def _copies(program: Program, layer: Copies, width: int, x: int, number: int) -> tuple[int, int]:
    forward = compiled(layer, "members.copies_forward", program.precision)
    backward = compiled(layer, "members.copies_backward", program.precision) if program.want_dx else 0
    y = program.region(layer.members * width)
    program.add(forward, backward, INPUTS=width, X=x, Y=y, AUX=layer.members)
    return layer.members * width, y


def _member_dense(program: Program, layer: MemberDense, width: int, x: int, number: int) -> tuple[int, int]:
    want_dx, members, each = program.want_dx, layer.members, layer.inputs_each(width)
    p, _ = program.learned(layer, width)
    f = layer.f if layer.f.elementwise else IDENTITY
    kind, count = "shared" if layer.shared else "own", len(f.values)
    forward, backward = compiled(f, f"members.{kind}_forward", program.precision, f.function, count), 0
    if program.training:
        backward = compiled(f, f"members.{kind}_backward", program.precision, f.derivative, count)
    y, c = program.region(members * layer.units), program.constant(*f.values, layer.share(width))
    e, sums = program.keep(program.rows * width), program.keep(program.rows * members * layer.units)
    places = {"INPUTS": each, "OUTPUTS": layer.units, "X": x, "Y": y, "P": p, "E": e, "C": c, "AUX": members}
    op = program.add(forward, backward, **places, WANT_DX=int(want_dx))
    op[Op.AUX + 1] = sums
    if f is not layer.f:
        y = program.activate(layer.f, layer.units, y, members)
    return members * layer.units, y


def _residual(program: Program, layer: Residual, width: int, x: int, number: int) -> tuple[int, int]:
    joined = compiled(layer, "residual.joined", program.precision) if program.training and program.want_dx else 0
    begin = program.add(0, joined, INPUTS=width, X=x)
    _, inside = chain(program, layer.layers, width, x, number)
    y = begin[Op.Y] = program.region(width)
    forward = compiled(layer, "residual.forward", program.precision)
    backward = compiled(layer, "residual.backward", program.precision) if program.training and program.want_dx else 0
    program.add(forward, backward, INPUTS=width, X=x, Y=y, AUX=inside)
    return width, y


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
