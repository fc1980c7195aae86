"""Every formula drawn from its code: values and derivatives, learning rates, ways downhill, first weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLORS, QUIET
from listing import builtin

from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.loss import Loss
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES

Pair = tuple[np.ndarray, np.ndarray, np.ndarray]


def grid(names: Iterable[str], draw: Callable[[plt.Axes, str], None], columns: int = 4, height: float = 1.75) -> None:
    """A small picture for each name."""
    names = list(names)
    _, axes = plt.subplots(-(-len(names) // columns), columns, figsize=(8, height * -(-len(names) // columns)))
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for ax, name in zip(axes.flat, names, strict=False):
        draw(ax, name)
        ax.set_title(name.replace("_from_", "\nfrom_"), fontsize=9)
        ax.tick_params(labelsize=7, length=2)
    plt.show()


def value_and_slope(ax: plt.Axes, x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
    """The value as a line, the derivative as dashes."""
    ax.axhline(0, color=QUIET, linewidth=0.5)
    ax.axvline(0, color=QUIET, linewidth=0.5)
    ax.plot(x, value, color=COLORS[0], linewidth=2)
    ax.plot(x, slope, color=COLORS[1], linestyle="--")


def activations() -> None:
    """f(z) and f'(z), z from -4 to 4."""
    z = np.linspace(-4, 4, 401)

    def draw(ax: plt.Axes, name: str) -> None:
        f = ACTIVATIONS.get(name)
        value_and_slope(ax, z, f(z), f.backward(z, f(z), 1) + 0 * z)
        ax.set(ylim=(-2, 4), xticks=[-4, 0, 4])

    grid((name for name in builtin(ACTIVATIONS) if ACTIVATIONS.get(name).elementwise), draw)


def loss_curve(loss: Loss) -> Pair:
    """Outputs, value and slope: of one target of 1; of classes for the first of three, the other scores being 0."""
    probabilities = loss.takes == "probabilities"
    output = np.linspace(0.02, 0.98, 201) if probabilities else np.linspace(-4, 4, 401)
    if loss.target == "classes":
        others = (1 - output) / 2 if probabilities else 0 * output
        outputs, target = np.stack([output, others, others], axis=1), np.zeros(len(output))
    else:
        rest = [0 * output] * (loss.columns - 1)  # a log-variance of 0
        outputs, target = np.stack([output, *rest], axis=1), np.ones(len(output))
    value, gradient = loss.value_and_gradient(outputs, loss.prepare(target, outputs.shape[1]))
    return output, value, gradient[:, 0]


def losses() -> None:
    """The loss of one output and its derivative, for a target of 1."""

    def draw(ax: plt.Axes, name: str) -> None:
        value_and_slope(ax, *loss_curve(LOSSES.get(name)))
        ax.set(ylim=(-4, 6))

    grid(builtin(LOSSES), draw)


def schedules() -> None:
    """The factor of the learning rate over the progress of training; of one that follows losses, for a plateau."""
    t = np.linspace(0, 1, 201)

    def draw(ax: plt.Axes, name: str) -> None:
        schedule = SCHEDULES.get(name)
        if schedule.follows == "progress":
            ax.plot(t, schedule(t) + 0 * t)
        else:
            scores = np.maximum(1 - 2 * t, 0.5)  # falling for the first quarter, level from then on
            ax.plot(t, [schedule(0.0, scores[: count + 1].tolist()) for count in range(len(t))])
        ax.set(ylim=(-0.05, 1.1), xticks=[0, 1], yticks=[0, 1])

    grid(builtin(SCHEDULES), draw)


def optimizers(steps: int = 60) -> None:
    """The way down a ravine, f(x, y) = (x² + 20 y²) / 2, each with a learning rate that suits it."""
    x, y = np.meshgrid(np.linspace(-2.4, 0.8, 80), np.linspace(-1, 1, 80))
    steepness = np.array([1.0, 20.0])

    def draw(ax: plt.Axes, name: str) -> None:
        rule = OPTIMIZERS.get(name)
        ways = [descend(rule, rate, steepness, steps) for rate in (0.003, 0.01, 0.03, 0.08, 0.2)]
        way = min(ways, key=lambda way: float(steepness @ np.minimum(np.abs(way[-1]), 1e6) ** 2))
        ax.contour(x, y, x**2 + 20 * y**2, levels=np.geomspace(0.02, 25, 9), colors=QUIET, linewidths=0.4)
        ax.plot(*way.T, ".-", color=COLORS[0], markersize=3, linewidth=1)
        ax.plot(0, 0, "x", color=COLORS[1])
        ax.set(xlim=(-2.4, 0.8), ylim=(-1, 1), xticks=[], yticks=[])

    grid(builtin(OPTIMIZERS), draw)


def descend(rule: Any, rate: float, steepness: np.ndarray, steps: int) -> np.ndarray:
    """The points that a rule passes from (-2, 0.7), shape (steps + 1, 2)."""
    theta = np.array([-2.0, 0.7])
    slots, coefficients, way = rule.start(theta), None, [theta]
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too high for this rule
        for step in range(1, steps + 1):
            coefficients = rule.at_step(step, coefficients)
            theta, *slots = rule(theta, steepness * theta, tuple(slots), rate, coefficients)
            way.append(np.nan_to_num(theta, nan=1e9, posinf=1e9, neginf=-1e9))
    return np.array(way)


def initializers() -> None:
    """Where the weights of a layer of 100 inputs and 100 units lie at the start."""

    def draw(ax: plt.Axes, name: str) -> None:
        weights = INITIALIZERS.get(name)(np.random.default_rng(0), (100, 100)).ravel()
        reach = max(0.5, 1.1 * float(np.abs(weights).max()))
        ax.hist(weights, bins=41, range=(-reach, reach), color=COLORS[0])
        ax.set(yticks=[], xlim=(-reach, reach))

    grid(builtin(INITIALIZERS), draw)
