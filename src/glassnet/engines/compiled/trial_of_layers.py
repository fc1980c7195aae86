"""A layer of somebody's own is tried, too: its kernels must give what its `forward` and `backward` give for arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import UntraceableError
from glassnet.engines.compiled.fields import RUN_SIZE, Op, Run
from glassnet.engines.compiled.machine import product_room, python_callable
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.parts import ROWS as ROWS_OF_BUFFERS
from glassnet.engines.compiled.program import Program
from glassnet.formulas.random import random_bits
from glassnet.layers.base import Array, Layer, Pass

__all__ = ["try_layer"]

ROWS = 9

TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""By how much the answers may differ, absolute or relative."""


def try_layer(layer: Layer, width: int, program: Program, row: list[int], want_dx: bool) -> None:
    """Compare the kernels of an operation with the layer's own functions.

    Raises
    ------
    UntraceableError
        If they differ, or if the layer changes the arrays that it is given.
    """
    training, outputs, precision = program.training, layer.outputs(width), program.precision
    shapes = {parameter.name: parameter.shape for parameter in layer.parameters(width)}
    size, kept = sum(map(math.prod, shapes.values())), (program.kept - row[Op.E]) // program.rows
    random, dtype = np.random.default_rng(0), np.dtype(precision)
    x, d_y = (random.normal(size=(ROWS, columns)).astype(dtype) for columns in (width, outputs))
    theta = random.uniform(0.1, 1, size).astype(dtype)
    with np.errstate(all="ignore"):
        going = Pass(training, layer=row[Op.LAYER])
        expected = _by_itself(layer, shapes, theta, x, d_y, going, want_dx)

    op, run = np.array(row, np.int64), np.zeros(RUN_SIZE, np.int64)
    op[[Op.X, Op.Y, Op.P, Op.E, Op.C, ROWS_OF_BUFFERS]] = 0, x.size, 0, 0, 0, ROWS
    panel, constants = np.zeros(product_room(precision), dtype), np.array([*program.constants[row[Op.C] :], 0], dtype)
    scratch, spare = np.zeros(max(1, program.scratch), dtype), np.zeros(1, dtype)
    run.view(np.uint64)[Run.KEY] = random_bits(np.uint64(going.seed), np.uint64(going.step))
    run[[Run.ROWS, Run.WORKERS, Run.PANEL, Run.SCRATCH]] = ROWS, 1, address(panel), address(scratch)
    a, d = np.concatenate([x.ravel(), 0 * d_y.ravel()]), np.concatenate([0 * x.ravel(), d_y.ravel()])
    e, gradient = np.zeros(max(1, kept * ROWS), dtype), np.zeros(max(1, size), dtype)
    places = op, run, theta, spare, gradient, a, d, e, constants, spare, spare
    for column in (Op.FORWARD, Op.BACKWARD, Op.LEARN):
        if row[column]:
            python_callable(row[column])(*(address(array) for array in places))
    found = [a[x.size :], *([d[: x.size]] * (training and want_dx)), *([gradient[:size]] * training)]

    close = TOLERANCE[precision]
    if not all(np.allclose(*pair, close, close, equal_nan=True) for pair in zip(found, expected, strict=True)):
        raise UntraceableError("what is other for arrays than for symbols")


def _by_itself(
    layer: Layer, shapes: dict[str, tuple[int, ...]], theta: Array, x: Array, d_y: Array, going: Pass, want_dx: bool
) -> tuple[Array, ...]:
    """The output; in training also the gradients of the input, if it is wanted, and of the parameters."""
    gradient = np.zeros_like(theta)
    values, gradients = _views(shapes, theta), _views(shapes, gradient)
    given = theta.copy(), x.copy(), d_y.copy()
    out, record = layer.forward(values, x, going)
    found: tuple[Any, ...] = (np.array(out),)
    if going.training:
        d_x = np.array(layer.backward(values, record, d_y, gradients))
        found = (*found, d_x, gradient) if want_dx else (*found, gradient)
    if not all(map(np.array_equal, given, (theta, x, d_y))):
        raise UntraceableError("the arrays that it is given to write into them")
    return tuple(np.ravel(numbers) for numbers in found)


def _views(shapes: dict[str, tuple[int, ...]], flat: Array) -> dict[str, Array]:
    found, place = {}, 0
    for name, shape in shapes.items():
        found[name] = flat[place : place + math.prod(shape)].reshape(shape)
        place += math.prod(shape)
    return found
