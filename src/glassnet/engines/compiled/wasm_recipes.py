"""Recipes of layers, losses and optimizers as JSON, from which a page builds the table of a network.

Widths are open there, sums of products of the table's columns: `web/network.js` fills them in without Python. A test
compares its tables with those of :mod:`glassnet.engines.compiled.lower_network`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from glassnet.engines.compiled.kernels.handwritten import INSIDE
from glassnet.engines.compiled.kernels.loss_gradient import TARGETS
from glassnet.engines.compiled.lower_network import BUILDERS, recipe_of
from glassnet.engines.compiled.memory import BLOCK_ROWS, COLUMNS, COUNTS, OP_SIZE, ROWS, RUN_SIZE, Op, Run
from glassnet.engines.compiled.memory_plan import memory_plan
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.rows import LANES
from glassnet.engines.compiled.update_plan import UpdatePlan
from glassnet.engines.compiled.warm import TinyNetwork
from glassnet.engines.updater import Updater
from glassnet.formulas.activations import ACTIVATIONS, Activation
from glassnet.formulas.loss import RESPONSES
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.random import random_bits, whole_below
from glassnet.formulas.schedules import SCHEDULES
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.layer_trace import Structure, structure
from glassnet.layers import Activate, BatchNorm, Dense, Dropout, LayerNorm, RMSNorm, Scale
from glassnet.layers.base import Layer, Parameter

PRECISION = "float32"
INPUTS = 2
MARK = 0.001
"""A strength of penalties, so that there are some."""
COLUMN = {"ROWS": ROWS, "BLOCK_ROWS": BLOCK_ROWS, "COLUMNS": COLUMNS, "COUNTS": COUNTS, "INSIDE": INSIDE}
COLUMN |= {"TARGETS": TARGETS}
Make = Callable[..., int]


def recipes(kernels: Make) -> dict[str, Any]:
    """Return all that a page's networks may be made of.

    Parameters
    ----------
    kernels : callable
        Gives the number of a kernel; see :class:`glassnet.engines.compiled.wasm.Kernels`.
    """
    return {
        "op": Op._asdict() | COLUMN,
        "op_size": OP_SIZE,
        "run": Run._asdict(),
        "run_size": RUN_SIZE,
        "lanes": LANES,
        "gather": kernels("gather.dense", PRECISION, True),
        "scatter": kernels("gather.scatter", PRECISION),
        "order": kernels("driver.shuffled", PRECISION, random_bits, whole_below),
        "layers": {name: _layer(kernels, layer) for name, layer in _layers()},
        "residual": {
            way: kernels(f"handwritten.residual_{way}", PRECISION) for way in ("forward", "backward", "joined")
        },
        "losses": {name: _loss(kernels, name) for name in LOSSES if LOSSES.get(name).takes != "probabilities"},
        "optimizers": {name: _optimizer(kernels, name) for name in OPTIMIZERS},
        "schedules": dict(_schedules(kernels)),
    }


def penalised(optimizer: str) -> TinyNetwork:
    """Return a network with penalties on its weights."""
    return TinyNetwork.of(PRECISION, Dense(2, "relu", l1=MARK, l2=MARK), optimizer=optimizer)


def _layers() -> Iterator[tuple[str, Layer]]:
    """Yield each with the name that a page gives it."""
    for name in ACTIVATIONS:
        if ACTIVATIONS.get(name).elementwise:
            yield f"dense {name}", Dense(2, name)
            yield f"activate {name}", Activate(name)
    for response, function in RESPONSES.items():
        of_rows = response == "softmax"
        yield f"respond {response}", Activate(Activation(response, function, function, elementwise=not of_rows))
    yield from (("dropout", Dropout(0.5)), ("batch_norm", BatchNorm()), ("layer_norm", LayerNorm()))
    yield "rms_norm", RMSNorm()
    yield "scale", Scale()


def _layer(kernels: Make, layer: Layer) -> dict[str, Any]:
    parts = structure(layer, INPUTS)
    first = memory_plan(PRECISION, False, False, *parts.text)
    modes = [(True, False), (True, True), (False, False)]
    return {
        "numbers": parts.numbers,
        "width": _terms(first.out.columns),
        "parameters": [_parameter(*both) for both in zip(layer.parameters(INPUTS), first.shapes, strict=True)],
        "statistics": [
            _parameter(one, grid.shape) for one, grid in zip(layer.statistics(INPUTS), first.statistics, strict=True)
        ],
        "ways": {_way(*mode): _row(kernels, parts, *mode) for mode in modes if mode[0] is False or _trains(layer)},
    }


def _trains(layer: Layer) -> bool:
    """Return whether there is a backward pass: that of a response belongs to the loss."""
    return not (isinstance(layer, Activate) and layer.f.derivative in RESPONSES.values())


def _way(training: bool, want_dx: bool) -> str:
    return "predict" if not training else ("behind" if want_dx else "first")


def _parameter(parameter: Parameter, shape: tuple[Any, ...]) -> dict[str, Any]:
    start = parameter.initializer.name
    return {"name": parameter.name, "kind": parameter.kind, "start": start, "shape": [_terms(one) for one in shape]}


def _row(kernels: Make, parts: Structure, training: bool, want_dx: bool) -> dict[str, Any]:
    recipe = recipe_of(PRECISION, parts, training, want_dx)
    leading = {"learn": (False,), "follow": (None,)}
    return {
        "nothing": recipe.nothing,
        "rates": recipe.rates,
        "more": recipe.numbers,
        "scattered": recipe.scattered,
        "kernels": {
            name: kernels(builder, PRECISION, *leading.get(name, ()), *recipe.of)
            for name, builder in BUILDERS.items()
            if name in recipe.kernels
        },
        "kept": _terms(recipe.kept),
        "columns": _terms(recipe.columns),
        "scratch": [[rows, spare, _terms(wide)] for rows, spare, wide in recipe.rows],
    }


def _terms(size: Any) -> list[list[Any]]:
    """Return a count as a sum: how often each product of columns is in it."""
    terms = size.terms if isinstance(size, SymbolicDim) else {((), ()): size} if size else {}
    return [[times, list(above), list(below)] for (above, below), times in terms.items()]


def _loss(kernels: Make, name: str) -> dict[str, Any]:
    loss = LOSSES.get(name)
    levels, outputs = loss.outputs_per_target // loss.columns, loss.outputs_per_target
    classes = loss.target == "classes"
    table = Program(PRECISION, INPUTS, 1, 1, True, kernel=kernels)
    table.loss(loss, outputs, 0, classes, 1)
    return {
        "kernel": table.ops[-1][Op.FORWARD],
        "target": loss.target,
        "response": loss.response,
        "over_targets": loss.over_targets,
        "levels": levels,
        "outputs_per_target": outputs,
        "values": table.constants[:-2],
        "spare": table.ops[-1][TARGETS + 2],
    }


def _optimizer(kernels: Make, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"kernels": []}
    for network in (TinyNetwork.of(PRECISION, 2, optimizer=name), penalised(name)):
        table = Program(PRECISION, INPUTS, 1, 1, True, kernel=kernels)
        updater = Updater(network.layout, name, dtype=network.parameters.dtype)
        update = UpdatePlan(table, updater, network.layout)
        found["kernels"].append(update.ops[0][Op.FORWARD])
    rule, count = updater.rule, update.count
    of = (rule.coefficients, len(update.values), count)
    return found | {
        "coefficients": {"count": count, "kernel": kernels("update.coefficients", "float64", *of) if count else 0},
        "values": [float(value) for value in update.values],
        "names": [name for name, _ in rule.parameters],
        "slots": list(rule.slots),
        "learning_rate": rule.learning_rate,
        "weight_decay": rule.weight_decay,
    }


def _schedules(kernels: Make) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield those that follow from progress alone."""
    for schedule in map(SCHEDULES.get, SCHEDULES):
        if schedule.follows == "progress":
            values = [float(value) for value in schedule.values if not isinstance(value, tuple)]
            kernel = kernels("driver.factors", "float64", schedule.function, len(values))
            yield schedule.name, {"kernel": kernel, "values": values}
