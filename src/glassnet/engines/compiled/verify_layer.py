"""Verification of a user's layer: its kernels must give what its `forward` and `backward` give for arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.engines.compiled.fields import COLUMNS, RUN_SIZE, Op, Run
from glassnet.engines.compiled.fields import ROWS as ROWS_OF_BUFFERS
from glassnet.engines.compiled.jit import product_room, python_callable
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.program import Program
from glassnet.formulas.random import random_bits
from glassnet.ir import UntraceableError
from glassnet.layers.base import Array, Layer, Pass

ROWS = 9

TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""By how much the answers may differ, absolute or relative."""


def try_layer(
    layer: Layer, width: int, program: Program, rows: list[list[int]], after: list[list[int]], want_dx: bool
) -> None:
    """Compare the kernels of a layer's operations, and of those after the step, with the layer's own functions.

    Raises
    ------
    UntraceableError
        If they differ, or if the layer changes the arrays that it is given.
    """
    training, outputs, row = program.training, layer.outputs(width), rows[0]
    random, dtype = np.random.default_rng(0), np.dtype(program.precision)
    x, d_y = (random.normal(size=(ROWS, columns)).astype(dtype) for columns in (width, outputs))
    shapes = [[(one.name, one.shape) for one in kind(width)] for kind in (layer.parameters, layer.statistics)]
    sizes = [sum(math.prod(shape) for _, shape in kind) for kind in shapes]
    theta, statistics = (random.uniform(0.1, 1, size).astype(dtype) for size in sizes)
    with np.errstate(all="ignore"):
        going = Pass(training, layer=row[Op.LAYER])
        expected = _expected(layer, shapes, (theta, statistics, x, d_y), going, want_dx)

    table, run = np.array([*rows, *after], np.int64), np.zeros(RUN_SIZE, np.int64)
    steps, last = table[: len(rows)], table[len(rows) :]
    kept = (row[COLUMNS] - row[Op.E]) // program.rows * ROWS
    table[:, [Op.X, Op.Y, Op.P, Op.S, Op.E, Op.C]] = 0, x.size, 0, 0, 0, 0
    table[:, [COLUMNS, ROWS_OF_BUFFERS]] = kept, ROWS
    constants = np.array([*program.constants[row[Op.C] :], 0], dtype)
    scratch, panel, spare = (np.zeros(1 + size, dtype) for size in (program.scratch, product_room(dtype.name), 0))
    run.view(np.uint64)[Run.KEY] = random_bits(np.uint64(going.seed), np.uint64(going.step))
    run[[Run.ROWS, Run.BATCH, Run.WORKERS, Run.PANEL, Run.SCRATCH]] = ROWS, ROWS, 1, address(panel), address(scratch)
    a, d = np.concatenate([x.ravel(), 0 * d_y.ravel()]), np.concatenate([0 * x.ravel(), d_y.ravel()])
    e, gradient = np.zeros(1 + kept + program.kept - row[COLUMNS], dtype), np.zeros(1 + sizes[0], dtype)
    places = run, theta, statistics, gradient, a, d, e, constants, spare, constants
    for column, some in ((Op.FORWARD, steps), (Op.BACKWARD, steps[::-1]), (Op.LEARN, steps), (Op.FORWARD, last)):
        for op in some:
            if op[column]:
                python_callable(int(op[column]))(*(address(array) for array in (op, *places)))
    found = [a[x.size :], *([d[: x.size]] * (training and want_dx)), *([gradient[:-1], statistics] * training)]

    close = TOLERANCE[program.precision]
    if not all(np.allclose(*pair, close, close, equal_nan=True) for pair in zip(found, expected, strict=True)):
        raise UntraceableError("what is other for arrays than for symbols")


def _expected(layer: Layer, shapes: Any, arrays: tuple[Array, ...], going: Pass, want_dx: bool) -> tuple[Array, ...]:
    """The output; in training also the gradients of the input, if wanted, and of the parameters, and the statistics."""
    theta, statistics, x, d_y = (array.copy() for array in arrays)
    gradient = np.zeros_like(theta)
    values, gradients = _views(shapes[0], theta) | _views(shapes[1], statistics), _views(shapes[0], gradient)
    out, record = layer.forward(values, x, going)
    found: tuple[Any, ...] = (np.array(out),)
    if going.training:
        d_x = np.array(layer.backward(values, record, d_y, gradients))
        found = (*found, d_x, gradient) if want_dx else (*found, gradient)
    if not all(map(np.array_equal, arrays, (theta, statistics, x, d_y))):
        raise UntraceableError("the arrays that it is given to write into them")
    if going.training:
        layer.update_statistics(values, record)
        found = (*found, statistics)
    return tuple(np.ravel(numbers) for numbers in found)


def _views(shapes: list[tuple[str, tuple[int, ...]]], flat: Array) -> dict[str, Array]:
    found, place = {}, 0
    for name, shape in shapes:
        found[name] = flat[place : place + math.prod(shape)].reshape(shape)
        place += math.prod(shape)
    return found
