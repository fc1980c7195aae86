"""A layer of somebody's own is tried, too: its kernels must give what its `forward` and `backward` give for arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.engines.compiled.code import UntraceableError
from glassnet.engines.compiled.fields import OP_SIZE, RUN_SIZE, Op, Run
from glassnet.engines.compiled.machine import product_room, python_callable
from glassnet.engines.compiled.memory import address
from glassnet.layers.base import Array, Layer, Pass

__all__ = ["try_layer"]

ROWS = 9

TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""By how much the answers may differ, absolute or relative."""


def try_layer(layer: Layer, width: int, kept: int, precision: str, kernels: tuple[int, int, int]) -> None:
    """Compare the kernels forward, backward and learn with the layer's own functions; a kernel 0 is none.

    Raises
    ------
    UntraceableError
        If they differ, or if the layer changes the arrays that it is given.
    """
    training, outputs = kernels[1] != 0, layer.outputs(width)
    shapes = {parameter.name: parameter.shape for parameter in layer.parameters(width)}
    size = sum(map(math.prod, shapes.values()))
    random, dtype = np.random.default_rng(0), np.dtype(precision)
    x, d_y = (random.normal(size=(ROWS, columns)).astype(dtype) for columns in (width, outputs))
    theta = random.uniform(0.1, 1, size).astype(dtype)
    with np.errstate(all="ignore"):
        expected = _by_itself(layer, shapes, theta, x, d_y, training)

    op, run = np.zeros(OP_SIZE, np.int64), np.zeros(RUN_SIZE, np.int64)
    op[[Op.INPUTS, Op.OUTPUTS, Op.Y, Op.WANT_DX, Op.AUX]] = width, outputs, x.size, 1, ROWS
    panel, spare = np.zeros(product_room(precision), dtype), np.zeros(1, dtype)
    run[[Run.ROWS, Run.WORKERS, Run.PANEL]] = ROWS, 1, address(panel)
    a, d = np.concatenate([x.ravel(), 0 * d_y.ravel()]), np.concatenate([0 * x.ravel(), d_y.ravel()])
    e, gradient = np.zeros(max(1, kept * ROWS), dtype), np.zeros(max(1, size), dtype)
    places = op, run, theta, spare, gradient, a, d, e, spare, spare, spare
    for kernel in kernels:
        if kernel:
            python_callable(kernel)(*(address(array) for array in places))
    found = (a[x.size :], d[: x.size], gradient[:size]) if training else (a[x.size :],)

    close = TOLERANCE[precision]
    if not all(np.allclose(*pair, close, close, equal_nan=True) for pair in zip(found, expected, strict=True)):
        raise UntraceableError("what is other for arrays than for symbols")


def _by_itself(
    layer: Layer, shapes: dict[str, tuple[int, ...]], theta: Array, x: Array, d_y: Array, training: bool
) -> tuple[Array, ...]:
    """The output; in training also the gradients of the input and of the parameters."""
    gradient = np.zeros_like(theta)
    values, gradients = _views(shapes, theta), _views(shapes, gradient)
    given = theta.copy(), x.copy(), d_y.copy()
    out, record = layer.forward(values, x, Pass(training=training))
    found: tuple[Any, ...] = (np.array(out),)
    if training:
        found = (*found, np.array(layer.backward(values, record, d_y, gradients)), gradient)
    if not all(map(np.array_equal, given, (theta, x, d_y))):
        raise UntraceableError("the arrays that it is given to write into them")
    return tuple(np.ravel(numbers) for numbers in found)


def _views(shapes: dict[str, tuple[int, ...]], flat: Array) -> dict[str, Array]:
    found, place = {}, 0
    for name, shape in shapes.items():
        found[name] = flat[place : place + math.prod(shape)].reshape(shape)
        place += math.prod(shape)
    return found
