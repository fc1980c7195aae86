"""Lowering of a network to the program's table: each layer becomes an operation, a row of the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from glassnet.engines.compiled.fields import BLOCK, BLOCK_ROWS, COLUMNS, COUNTS, ROWS, Op
from glassnet.engines.compiled.kernels.residual import INSIDE
from glassnet.engines.compiled.kernels.trees import NODES, TREES
from glassnet.engines.compiled.program import NotCompiledError, Program
from glassnet.engines.compiled.recipes import BUILDERS, recipe_of
from glassnet.engines.compiled.rows import LANES
from glassnet.engines.compiled.verify_layer import try_layer
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import RESPONSES, Loss
from glassnet.ir import UntraceableError
from glassnet.ir.dims import resolved
from glassnet.ir.trace import structure
from glassnet.layers import (
    Activate,
    Embedding,
    Residual,
    Trees,
)
from glassnet.layers.base import Layer

UNKNOWN_OPTION: Final = "() got an unexpected keyword argument '"
"""Python's message for an option of a NumPy function that symbols do not have."""


def lower_layers(program: Program, layers: Sequence[Layer], width: int, x: int, number: int) -> tuple[int, int]:
    """Add the operations of a chain of layers; return the width and the place of its output."""
    for layer in layers:
        number += 1
        if isinstance(layer, Residual):
            width, x = _lower_residual(program, layer, width, x, number)
        elif isinstance(layer, Trees):
            width, x = _lower_trees(program, layer, width, x)
        else:
            for part in program.split(layer):
                width, x = _lower_layer(program, part, width, x, number)
        number += layer.inside()
    return width, x


def lower_response(program: Program, loss: Loss, width: int, x: int) -> int:
    """Add the loss's response function; return the place of its output."""
    if loss.response == "identity":
        return x
    function = RESPONSES[loss.response]
    response = Activation(loss.response, function, function, elementwise=loss.response != "softmax")
    return _lower_layer(program, Activate(response), width, x, 0)[1]


def count_multiplications(layers: Sequence[Layer], width: int) -> int:
    """The approximate number of multiplications per row: one per parameter, for embeddings per parameter looked up."""
    total = 0
    for layer in layers:
        if isinstance(layer, Residual):
            total += count_multiplications(layer.layers, width)
        elif isinstance(layer, Embedding):
            total += len(layer.levels) * layer.size
        else:
            total += sum(math.prod(parameter.shape) for parameter in layer.parameters(width))
        width = layer.outputs(width)
    return total


def needs_whole_batch(layers: Sequence[Layer]) -> bool:
    """Whether a layer needs all rows of a batch at once, so that a batch must be a single block."""
    return any(
        layer.whole_batch or (isinstance(layer, Residual) and needs_whole_batch(layer.layers)) for layer in layers
    )


def _lower_layer(program: Program, layer: Layer, width: int, x: int, number: int) -> tuple[int, int]:
    """Add the operation of a layer, traced from its own functions; none where it is the identity."""
    outputs, want_dx = layer.outputs(width), program.training and program.want_dx
    p, s = program.reserve_parameters(layer, width)
    parts = structure(layer, width)
    try:
        if layer.inside():
            raise UntraceableError("other layers")
        recipe = recipe_of(program.precision, parts, program.training, want_dx)
        if recipe.nothing:
            return width, x
        if recipe.whole_batch and not layer.whole_batch:
            raise UntraceableError("means over all rows, but does not say `whole_batch = True`")
        numbers = [*parts.numbers, *recipe.numbers]
        places = {"INPUTS": width, "X": x, "P": p, "S": s, "C": program.constant(*numbers), "LAYER": number}
        places["WANT_DX"] = want_dx

        def made(kernel: str, *told: Any) -> int:
            return program.compiled(layer, BUILDERS[kernel], *told, *recipe.of) if kernel in recipe.kernels else 0

        learned = layer.parameters(width)
        sparse = bool(recipe.looked_up) and all(program.sparse_update(learned[place]) for place in recipe.looked_up)
        kernels = made("forward"), made("backward"), made("learn", sparse)
        op = program.add(*kernels, **places, Y=program.region(outputs))
        op[ROWS], op[BLOCK_ROWS] = program.rows, program.block
        op[COUNTS : COUNTS + len(parts.counts)] = parts.counts
        op[Op.E] = program.keep(program.rows * resolved(recipe.kept, op))
        op[COLUMNS] = program.keep(resolved(recipe.columns, op))
        if recipe.whole_batch:  # statistics of columns need all rows, and all rows need the statistics
            op[Op.MEET] = op[Op.MEET_BACK] = 1
            measure, op[Op.BACKWARD] = op.copy(), made("measure_back")
            measure[Op.FORWARD], measure[Op.LEARN] = made("measure"), 0
            program.ops.insert(-1, measure)
        after: list[list[int]] = []
        if "follow" in recipe.kernels:
            after = [op.copy()]
            after[0][Op.FORWARD], after[0][Op.MEET] = made("follow", program.share), 0
            program.after += after
        for rows, spare, wide in recipe.rows:
            program.reserve_scratch((rows * resolved(wide, op) + spare) * LANES)
        program.reserve_scratch(BLOCK * max(resolved(size, op) for size in recipe.scratch))
        sizes = [math.prod(one.shape) for one in learned]
        for place in recipe.looked_up if sparse else ():
            start = p + sum(sizes[:place])
            program.touched.append((len(program.ops) - 1, start, start + sizes[place]))
        program.scattered |= recipe.scattered
        for rate in recipe.rates:
            program.add_dropout(op[Op.C] + rate, numbers[rate])
        if not parts.ours:
            try_layer(layer, width, program, program.ops[-1 - recipe.whole_batch :], after, want_dx)
    except Exception as error:  # a user's function may do anything with a symbol
        if parts.ours:
            if isinstance(error, UntraceableError):
                error.add_note(
                    f"{layer!r} is glassnet's own, so it must be compiled: How to add a layer, CONTRIBUTING.md"
                )
            raise
        reason = str(error.__cause__ or error)
        function, unknown, option = reason.partition(UNKNOWN_OPTION)
        if unknown:
            reason = f"the option `{option[:-1]}` of {function.rpartition('.')[2]}"
        raise NotCompiledError(f"The layer {layer!r} cannot be compiled: it uses {reason}") from error
    return outputs, op[Op.Y]


def _lower_residual(program: Program, layer: Residual, width: int, x: int, number: int) -> tuple[int, int]:
    """Add the operations of a residual block: one before its chain, one after."""
    joined = program.compiled(layer, "residual.joined") if program.training and program.want_dx else 0
    begin = program.add(0, joined, INPUTS=width, X=x)
    _, inside = lower_layers(program, layer.layers, width, x, number)
    y = begin[Op.Y] = program.region(width)
    forward = program.compiled(layer, "residual.forward")
    backward = program.compiled(layer, "residual.backward") if program.training and program.want_dx else 0
    end = program.add(forward, backward, INPUTS=width, X=x, Y=y)
    end[INSIDE] = inside
    return width, y


def _lower_trees(program: Program, layer: Trees, width: int, x: int) -> tuple[int, int]:
    """Add the operation of decision trees."""
    forward = program.compiled(layer, "trees.forward")
    backward = program.compiled(layer, "trees.backward") if program.training and program.want_dx else 0
    _, s = program.reserve_parameters(layer, width)
    y = program.region(layer.units)
    op = program.add(forward, backward, INPUTS=width, OUTPUTS=layer.units, X=x, Y=y, S=s)
    op[TREES], op[NODES] = layer.trees, layer.nodes
    program.reserve_scratch(program.rows * (layer.units + 1) * (2 if program.precision == "float32" else 1))
    return layer.units, y
