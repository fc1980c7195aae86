"""Lowering of a network to the program's table: each layer becomes an operation, a row of the table.

The recipe of an operation says which kernels and how much memory it needs, with symbolic widths; :func:`lower_layers`
fills them in here, `web/network.js` in a page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from glassnet.engines.compiled.column_loops import held_in_scratch, room
from glassnet.engines.compiled.kernels.handwritten import INSIDE
from glassnet.engines.compiled.kernels.rounded_product import rounded_product_room
from glassnet.engines.compiled.lowered_values import Lookups
from glassnet.engines.compiled.memory import BLOCK_ROWS, COLUMNS, COUNTS, ROWS, Op
from glassnet.engines.compiled.memory_plan import memory_plan
from glassnet.engines.compiled.program import NotCompiledError, Program, reductions_of
from glassnet.engines.compiled.reuse import once
from glassnet.engines.compiled.rows import LANES
from glassnet.engines.compiled.verify import try_layer
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import RESPONSES, Loss
from glassnet.ir import UntraceableError
from glassnet.ir.dims import resolved
from glassnet.ir.layer_trace import Structure, structure
from glassnet.layers import Activate, Residual
from glassnet.layers.base import Layer
from glassnet.layers.rounding import rounds
from glassnet.support.language import Text, verbatim

BUILDERS: Final = {
    name: f"layer.{name}" for name in ("forward", "backward", "learn", "measure", "measure_back", "follow")
}
"""The builders of the kernels that an operation may have."""
UNKNOWN_OPTION: Final = "() got an unexpected keyword argument '"
"""Python's message for an option of a NumPy function that symbols do not have."""


@dataclass(frozen=True)
class Recipe:
    """The requirements of an operation; a dimension is an int, or a SymbolicDim of the table's fields.

    Attributes
    ----------
    of : tuple
        The arguments of each kernel's builder, after the kernel's own.
    kernels : set of str
        Its kernels, of `BUILDERS`: `measure` and `measure_back` compute column statistics over all rows, before the
        forward and the backward pass; `follow` brings statistics up to date after a step.
    nothing : bool
        Whether the layer does nothing in this pass.
    whole_batch : bool
        Whether it takes all rows of a batch at once.
    kept, columns : dimension
        How many numbers it keeps of a row for the way back, and how many of its columns.
    scratch : list of dimension
        How many numbers its loops over columns need room for, of each row of a block; the largest counts.
    formulas : list of (callable, int, int, dimension)
        Its formulas of whole rows, with how many rows and how many parameters they take, and the width of a row.
    numbers, rates : list
        Constants beside those of the layer's structure; which of all are rates of dropout.
    looked_up : list of int
        Parameters of which a step reads some rows alone.
    scattered : bool
        Whether its gradients are shared out to workers otherwise than by a parameter's first axis.
    """

    of: tuple[Any, ...]
    kernels: frozenset[str]
    nothing: bool
    whole_batch: bool
    kept: Any
    columns: Any
    scratch: list[Any]
    formulas: list[tuple[Any, int, int, Any]]
    numbers: list[float]
    rates: list[int]
    looked_up: list[int]
    scattered: bool

    @cached_property
    def rows(self) -> list[tuple[int, int, Any]]:
        """The rows, the further numbers and the width of a row that each formula of rows needs in memory."""
        return [(rows + 1, reductions_of(f, rows, values), wide) for f, rows, values, wide in self.formulas]


def recipe_of(precision: str, parts: Structure, training: bool, want_dx: bool) -> Recipe:
    """Return the recipe of a layer; `want_dx`: whether anything before it learns.

    Raises
    ------
    UntraceableError
        If the layer uses an operation that cannot be traced.
    """
    mode = precision, training, want_dx
    return once(lambda: _recipe(parts, *mode), "recipe", parts.text, *mode)


def _recipe(parts: Structure, precision: str, training: bool, want_dx: bool) -> Recipe:
    mode = training, want_dx
    if parts.ours and training and memory_plan(precision, True, True, *parts.text).for_d_x:
        mode = True, True  # the kernels skip d_x at run time
    plan = memory_plan(precision, *mode, *parts.text)
    kernels = {"forward"}
    if training and (plan.backward if want_dx else plan.backward[: len(plan.backward) - len(plan.for_d_x)]):
        kernels.add("backward")
    if plan.learned:
        kernels.add("learn")
    if training and plan.columns:
        ahead = [plan.is_ahead(grid) for grid in plan.measured]
        kernels |= {"measure"} if any(ahead) else set()
        kernels |= set() if all(ahead) else {"measure_back"}
    if training and plan.after[None]:
        kernels.add("follow")
    rows = [grid for grid in (*plan.forward, *plan.backward) if grid.kind == "rows"]
    taken = [sum(one.rows for one in grid.symbols) for grid in rows]
    return Recipe(
        of=(*mode, *parts.text),
        kernels=frozenset(kernels),
        nothing=plan.nothing and parts.ours,
        whole_batch=training and bool(plan.columns),
        kept=sum(grid.columns for grid in plan.kept),
        columns=sum(grid.columns for grid in plan.columns),
        scratch=[sum(map(room, held)) for held in held_in_scratch(plan)],
        formulas=[
            (grid.function, count, len(grid.inputs) - count, grid.more.get("width", grid.columns))
            for grid, count in zip(rows, taken, strict=True)
        ],
        numbers=plan.numbers,
        rates=plan.rates,
        looked_up=[place for place, one in enumerate(plan.learned) if isinstance(one, Lookups)],
        scattered=plan.scattered,
    )


def lower_layers(program: Program, layers: Sequence[Layer], width: int, x: int, number: int) -> tuple[int, int]:
    """Add the operations of a chain of layers; return the width and the place of its output."""
    for layer in layers:
        number += 1
        if isinstance(layer, Residual):
            width, x = _lower_residual(program, layer, width, x, number)
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
        if rounds([layer]):
            program.panel = rounded_product_room()
        numbers = [*parts.numbers, *recipe.numbers]
        places = {"INPUTS": width, "X": x, "P": p, "S": s, "C": program.constant(*numbers), "LAYER": number}
        places["WANT_DX"] = want_dx

        def made(kernel: str, *options: Any) -> int:
            return program.compiled(layer, BUILDERS[kernel], *options, *recipe.of) if kernel in recipe.kernels else 0

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
        program.reserve_scratch(max(resolved(size, op) for size in recipe.scratch))
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
        cause = error.__cause__ or error
        reason = cause.reason if isinstance(cause, UntraceableError) else verbatim(str(cause))
        function, unknown, option = reason.partition(UNKNOWN_OPTION)
        if unknown:
            reason = Text("the option `{name}` of {function}", name=option[:-1], function=function.rpartition(".")[2])
        rule = Text("The layer {layer!r} cannot be compiled: it uses {reason}", layer=layer, reason=reason)
        raise NotCompiledError(rule) from error
    return outputs, op[Op.Y]


def _lower_residual(program: Program, layer: Residual, width: int, x: int, number: int) -> tuple[int, int]:
    """Add the operations of a residual block: one before its chain, one after."""
    joined = program.compiled(layer, "handwritten.residual_joined") if program.training and program.want_dx else 0
    begin = program.add(0, joined, INPUTS=width, X=x)
    _, inside = lower_layers(program, layer.layers, width, x, number)
    y = begin[Op.Y] = program.region(width)
    forward = program.compiled(layer, "handwritten.residual_forward")
    backward = program.compiled(layer, "handwritten.residual_backward") if program.training and program.want_dx else 0
    end = program.add(forward, backward, INPUTS=width, X=x, Y=y)
    end[INSIDE] = inside
    return width, y
