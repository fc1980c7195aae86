"""Slopes by trying out: central differences of several steps, brought together, and the kinks that they cannot cross.

A central difference errs by the square of its step, and by rounding divided by it: a large step is not yet the slope,
a small one counts the last digits only. Richardson's extrapolation takes the error of the larger steps out, so that
none has to be small. Nothing here knows a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.data import as_inputs, take_rows
from glassnet.errors import InputError
from glassnet.formulas.activations import Activation, sigmoid, softmax
from glassnet.formulas.loss import Loss
from glassnet.layers import Layer, Pass, TextRows
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.coercion import coercing
from glassnet.support.language import Text
from glassnet.support.messages import of_shape

Moved = Callable[[Array, Array], Array]
"""A function of (indices, steps) that gives the value after moving each number alone: one value for each."""

STEPS = (4e-3, 1e-3, 2.5e-4, 6.25e-5)
"""Each a quarter of the one before. A number larger than 1 is moved in proportion."""

CLOSE = (6.25e-5, 6.25e-6, 6.25e-7, 6.25e-8)
"""For a closer look, where slope and gradient disagree: is there a kink on the way, or right here?"""

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""What the difference of two values loses, as a share of the values."""

SMALL = 0.01
"""A number smaller than this share of the largest of its group is compared with that share."""

UNSURE = 1e-3
"""Slopes that differ from step to step excuse an error of so much at most."""

INPUTS = "X"
"""The group of the inputs."""
ROWS, COLUMNS = 24, 4
"""The number of rows that formulas and layers are tried on by default."""

POINTS = np.arange(-120, 121) / 20
"""The pre-activations that activations are tried at: kinks at whole numbers and halves are among them."""


@dataclass(frozen=True)
class GradientComparison:
    """A gradient beside the slopes, number by number."""

    slope: Array  # of the steps that agree best, or of smaller ones where those cross a kink
    error: Array  # the gradient's distance from it as a share of the larger of both; 0 at a kink
    kink: Array  # where the slopes to the left and to the right differ, so that there is no derivative
    wrong: Array  # where there is one, and the gradient is another


def slopes(moved: Moved, at: Array) -> tuple[Array, Array]:
    """The slope at each number, and how far the estimates of it are apart.

    Notes
    -----
    Source: Ridders (1982), *Accurate computation of F'(x) and F'(x) F''(x)*: the entry of Neville's table with the
    smallest difference from its neighbours is taken, since with too small a step rounding makes them differ again.

    Examples
    --------
    >>> at = np.array([0.0, 1.0])
    >>> slope, _ = slopes(lambda which, far: np.exp(at[which] + far), at)
    >>> bool(np.abs(slope - np.exp(at)).max() < 1e-11)
    True
    """
    every = np.arange(at.size)
    best, apart = np.full(at.shape, np.nan), np.full(at.shape, np.inf)
    former: list[Array] = []
    for step in STEPS:
        far = nudge(step, at)
        row = [difference_quotient(moved(every, far), moved(every, -far), 2 * far)]
        for order, above in enumerate(former, 1):
            weight = 16.0**order  # the step is a quarter, and the errors are of even orders
            row.append((weight * row[-1] - above) / (weight - 1))
            distance = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - above))
            better = distance < apart
            best, apart = np.where(better, row[-1], best), np.where(better, distance, apart)
        former = row
    return best, apart


def compare(moved: Moved, at: Array, gradient: Array, tolerance: float) -> GradientComparison:
    """Put a gradient beside the slopes, and look closer where they disagree."""
    slope, apart = slopes(moved, at)
    value = np.abs(moved(np.arange(at.size), np.zeros(at.shape)))
    both = np.abs([gradient, slope])
    # a number whose effect is lost in the rounding of the value cannot be told from 0
    least = np.maximum(
        SMALL * np.max(both, initial=0, where=np.isfinite(both)), ROUNDING * value / (STEPS[0] * tolerance)
    )
    scale = np.maximum(np.maximum(*both), np.maximum(least, np.finfo(np.float64).tiny))
    error, kink = np.abs(gradient - slope) / scale, np.zeros(at.shape, bool)
    for number in np.flatnonzero(~(error <= tolerance)):
        look = _closer(moved, at, int(number), float(gradient[number]), tolerance * float(scale[number]))
        if look is not None:
            slope[number], kink[number] = look
            error[number] = 0 if kink[number] else abs(gradient[number] - slope[number]) / scale[number]
    wrong = ~(error <= np.maximum(tolerance, np.minimum(10 * apart / scale, UNSURE)))
    return GradientComparison(slope, error, kink, wrong)


def _closer(moved: Moved, at: Array, number: int, claimed: float, near: float) -> tuple[float, bool] | None:
    """A slope that agrees, of steps that cross no kink; or the mean slope at a kink right here; or None: neither."""
    which = np.array([number])
    middle = moved(which, np.zeros(1))[0]
    jumps: list[float] = []
    for step in CLOSE:
        far = float(nudge(step, at.ravel()[number]))
        right, left = (moved(which, np.array([way * far]))[0] for way in (1, -1))
        slope, jump = difference_quotient(right, left, 2 * far), abs(right - 2 * middle + left) / far
        rounding = ROUNDING * abs(middle) / far
        if rounding <= near and abs(slope - claimed) <= near:
            return float(slope), False
        if not jumps or 20 * rounding < jumps[0]:
            jumps.append(jump)
            mean, least = slope, 10 * rounding
    # where a function is smooth, the slopes to both sides come together as the step shrinks; at a kink they do not
    if jumps[-1] > max(least, jumps[0] / 2, abs(mean - claimed) / 1000) and len(jumps) > 1:
        return float(mean), True
    return None


def nudge(step: Any, at: Any) -> Any:
    """Return how far a number is moved at a step: a number larger than 1 in proportion."""
    return step * np.maximum(1.0, np.abs(at))


def difference_quotient(above: Any, below: Any, apart: Any) -> Any:
    """Return the slope between two values at this distance from each other."""
    return (above - below) / apart


# ------------------------------------------------------------------- checkable functions


class Claim(NamedTuple):
    """Some numbers that a value depends on, the gradient claimed there, and the value when some of them are moved."""

    name: str
    at: Array
    gradient: Array
    moved: Moved


def of_network(network: NeuralNetwork, X: Any, y: Array, weight: Array | None, training: bool) -> Iterator[Claim]:
    """The parameters one by one, and the inputs, of a network of double precision, which comes back as it was."""
    x, flat = np.array(take_rows(X, slice(None), network.dtype)), network.parameters
    rows = X.with_matrix(x) if isinstance(X, TextRows) else x
    run = Pass(training=training, seed=network.seed, step=1)  # the same step has the same masks, at every try

    def value() -> float:
        step = network.engine.step(network, rows, y, weight, run)
        return step.loss + step.penalty

    def moving(numbers: Array) -> Moved:
        def moved(which: Array, far: Array) -> Array:
            values = np.empty(len(which))
            for place, (number, distance) in enumerate(zip(which, far, strict=True)):
                before = numbers[number]
                numbers[number] = before + distance
                values[place] = value()
                numbers[number] = before
            return values

        return moved

    step = network.engine.step(network, rows, y, weight, run)
    if not np.isfinite(step.loss + step.penalty):
        remedy = Text("Scale the rows, or start with smaller parameters")
        raise InputError("The loss must be a finite number where its gradient is checked", step.loss, remedy)
    for slot in network.layout.parameters:
        at, gradient = slot.view(flat).copy(), slot.view(step.gradient)
        yield Claim(slot.name, at, gradient, moving(flat[slot.start : slot.stop]))
    yield Claim(INPUTS, x.copy(), np.array(step.records[0]["d_x"]), moving(x.reshape(-1)))


def network_of(layer: Layer, X: Any, rng: np.random.Generator) -> tuple[NeuralNetwork, Array, Array]:
    """A network of one layer under the squared error, with rows and targets.

    Its parameters lie anywhere: at the usual start, gains of 1 and shifts of 0, many a mistake does not show.
    """
    x = rng.normal(size=(ROWS, COLUMNS)) if X is None else _table("The inputs of a layer", X)
    network = NeuralNetwork(x.shape[1], [layer], engine="reference")
    network.parameters += 0.3 * rng.normal(size=network.layout.size)
    return network, x, rng.normal(size=(len(x), network.outputs))


def of_activation(activation: Activation, X: Any, rng: np.random.Generator) -> Claim:
    """The pre-activations; of one that works on whole rows, those of some rows."""
    if activation.elementwise:
        z = POINTS if X is None else _finite("The points of an activation", X)
        z = np.union1d(z, activation.kinks) if X is None else z
        a = _answer(activation.name, activation(z), z.shape)
        gradient = _answer(
            f"{activation.name}'s derivative", activation.backward(z, a, np.ones_like(z)), z.shape, nan=True
        )
        return Claim("z", z, gradient, lambda which, far: activation(z.ravel()[which] + far))
    z = 2 * rng.normal(size=(ROWS, COLUMNS)) if X is None else _table("The points of an activation", X)
    d_a = rng.normal(size=z.shape)
    a = _answer(activation.name, activation(z), z.shape)
    gradient = _answer(f"{activation.name}'s derivative", activation.backward(z, a, d_a), z.shape, nan=True)

    def moved(which: Array, far: Array) -> Array:
        return (d_a[which // z.shape[1]] * activation(_rows(z, which, far))).sum(axis=1)

    return Claim("z", z, gradient, moved)


def of_loss(loss: Loss, X: Any, y: Any, rng: np.random.Generator) -> Claim:
    """The outputs of some rows, each row with a loss of its own."""
    if (X is None) != (y is None):
        raise InputError("Outputs and targets of a loss must be given together", "one of them", "Pass both, or neither")
    output = _some_outputs(loss, rng) if X is None else _table("The outputs under a loss", X)
    with coercing("The targets of a loss must be an array", y, "Give one target a row"):
        target = _some_targets(loss, rng) if y is None else np.asarray(y)
    if len(target) != len(output):
        raise InputError(
            "X and y must have the same number of rows",
            Text("{count} and {other}", count=len(output), other=len(target)),
            "Match them",
        )
    loss.check(target, output.shape[1])
    target = loss.prepare(target, output.shape[1])
    value, gradient = loss.value_and_gradient(output, target)
    _answer(loss.name, value, (len(output),))
    gradient = _answer(f"{loss.name}'s derivative", gradient, output.shape, nan=True)
    return Claim(
        *("output", output, gradient),
        lambda which, far: loss.value(_rows(output, which, far), target[which // output.shape[1]]),
    )


def _some_outputs(loss: Loss, rng: np.random.Generator) -> Array:
    output = 1.5 * rng.normal(size=(ROWS, COLUMNS * loss.outputs_per_target))
    if loss.takes != "probabilities":
        return output
    return 0.02 + 0.95 * (softmax(output) if loss.target == "classes" else sigmoid(output))


def _some_targets(loss: Loss, rng: np.random.Generator) -> Array:
    size = (ROWS, COLUMNS)
    if loss.target == "classes":
        return rng.dirichlet(np.ones(COLUMNS), size=ROWS)
    if loss.target == "fractions":
        return np.where(rng.random(size) < 0.5, rng.random(size), rng.integers(0, 2, size))
    if loss.target == "signs":
        return rng.choice([-1.0, 1.0], size=size)
    return rng.poisson(2.0, size=size).astype(float) if loss.target == "counts" else rng.normal(size=size)


def _rows(table: Array, which: Array, far: Array) -> Array:
    """For each number its row, with that number moved."""
    rows = table[which // table.shape[1]].copy()
    rows[np.arange(len(which)), which % table.shape[1]] += far
    return rows


def _finite(what: str, X: Any) -> Array:
    """Points of any shape, as one column after the other."""
    return as_inputs(np.reshape(X, (-1, 1)), 1, np.dtype(np.float64))[:, 0] if np.size(X) else _table(what, X)


def _table(what: str, X: Any) -> Array:
    with coercing(Text("{what} must be an array", what=what), X, "Give rows of numbers"):
        shape = np.shape(X)
    if len(shape) != 2 or 0 in shape:
        raise InputError(
            Text("{name} must have shape (rows, columns)", name=what), of_shape(shape), "Provide at least one row"
        )
    return np.array(as_inputs(X, shape[1], np.dtype(np.float64)))


def _answer(name: str, value: Any, shape: tuple[int, ...], *, nan: bool = False) -> Array:
    """What a formula gave, if it is an array of that shape; and finite, where it must be."""
    given = np.asarray(value)
    if given.dtype in (np.float16, np.float32):
        rule = Text("`{name}` must keep the precision of its input", name=name)
        raise InputError(rule, Text("{dtype} for float64", dtype=given.dtype), "Remove the type conversions inside it")
    array = given.astype(np.float64)
    if array.shape != shape:
        rule = Text("`{name}` must return an array of the shape of its input", name=name)
        raise InputError(
            rule, Text("shape {shape} for {wanted}", shape=array.shape, wanted=shape), "Return one number for each"
        )
    if not nan and not np.isfinite(array).all():
        bad = array[~np.isfinite(array)][0]
        raise InputError(
            Text("`{name}` must return finite numbers", name=name), f"{bad}", "Pass X with points where it is defined"
        )
    return array
