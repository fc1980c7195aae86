"""The loss around a network as a map, and the way that the training took over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from glassnet.display.numbers import short
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.plots.canvas import Canvas, canvas
from glassnet.insight.plots.models import network_rows
from glassnet.insight.recorder import Recorder
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.support.options import SEED, Integer

TITLE = Text("Loss surface around the network")
PATH_TITLE = Text("Loss and training path")
RANDOM = (Text("random direction 1"), Text("random direction 2"))
ALONG = (
    Text("main direction: {share:.0%} of the path"),
    Text("second direction: {share:.0%}"),
)
START = Text("start")
HERE = Text("the network", context="surface")
PATH = Text("epochs")

LEVELS = 12

MARGIN = 0.25
"""The margin around the path, as a share of its extent."""


@picture(points=Integer("Common values are 15 to 51", low=3), seed=SEED)
def loss_surface(
    model: Any,
    X: Any,
    y: Any,
    recorder: Recorder | None = None,
    *,
    points: int = 25,
    seed: int = 0,
    **look: Unpack[Look],
) -> Axes:
    """The loss surface on some rows, along two directions in the space of all parameters.

    Without a recorder the directions are random, each unit's part as long as its weights, so that networks can be
    compared: -1 to 1 is from the weights' size in one direction to that in the other. With a recorder they are the two
    in which the training moved most, and its path is drawn.

    Parameters
    ----------
    model : NeuralNetwork or fitted estimator
        Of an estimator with several members the first.
    X, y : rows and targets, as the model takes them
    recorder : Recorder, optional
        Of the model's own training, made with ``path=True``.
    points : int
        Of the grid, a side: the loss is computed points² times.
    seed : int
        Of the random directions.
    **look

    Raises
    ------
    InputError, InputTypeError
        If the rows do not suit the model, or the recorder has no path of it.

    Notes
    -----
    Source: Li, Xu, Taylor, Studer, Goldstein (2018), *Visualizing the Loss Landscape of Neural Nets*.
    """
    if recorder is not None:
        if not isinstance(recorder, Recorder):
            raise InputTypeError("`recorder` must be a Recorder", type(recorder).__name__, "Or omit it")
        if not recorder.parameters:
            raise InputError("The recorder must have a path", repr(recorder), "Train with Recorder(path=True)")
    network, X, y = network_rows(model, X, y)
    if recorder is None:
        found = random_landscape(network, X, y, points, seed)
    else:
        found = landscape_of_path(network, X, y, recorder.parameters, points)
    if not np.isfinite(found.losses).any():
        raise InputError("The loss must be finite somewhere", "no finite loss", "The training may have diverged")
    with canvas(**look) as drawing:
        _map(drawing, found)
        if found.path is not None and found.shares is not None:
            _path(drawing, found)
            titles = [drawing.say(text, share=share) for text, share in zip(ALONG, found.shares, strict=True)]
        else:
            titles = [drawing.say(text) for text in RANDOM]
        drawing.ax.plot(
            *(0, 0, "*"),
            color=drawing.theme.colors[1],
            markersize=drawing.size + 3,
            markeredgecolor=drawing.theme.ink,
            label=drawing.say(HERE),
            linestyle="none",
            zorder=4,
        )
        drawing.label(TITLE if found.path is None else PATH_TITLE, *titles)
        drawing.ax.spines[:].set_visible(True)
        drawing.legend()
        return drawing.ax


def _map(drawing: Canvas, found: Landscape) -> None:
    """Areas as dark as the loss is high, and lines of equal loss; as much area between one line and the next."""
    from matplotlib.colors import BoundaryNorm

    known = found.losses[np.isfinite(found.losses)]
    levels = np.unique(np.quantile(known, np.linspace(0, 1, LEVELS)))
    if len(levels) < 3:  # a plain
        levels = levels.mean() + np.array([-1e-9, 0, 1e-9])
    losses = np.ma.masked_invalid(found.losses)
    cmap = drawing.theme.shades()
    norm = BoundaryNorm(levels, cmap.N)
    drawing.ax.contourf(found.first, found.second, losses, levels=levels, cmap=cmap, norm=norm, alpha=0.85)
    lines = drawing.ax.contour(
        *(found.first, found.second, losses), levels=levels[1:-1], colors=drawing.theme.ink, linewidths=0.4, alpha=0.6
    )
    drawing.ax.clabel(
        lines, levels=levels[1:-1:2], fmt=lambda level: short(level, 3), fontsize=max(drawing.size - 2.5, 6)
    )


def _path(drawing: Canvas, found: Landscape) -> None:
    assert found.path is not None
    color = drawing.theme.colors[1]
    drawing.ax.plot(
        *found.path.T, color=color, marker="o", markersize=2.5, linewidth=1.4, label=drawing.say(PATH), zorder=3
    )
    drawing.ax.plot(
        *found.path[0],
        "s",
        color=color,
        markersize=drawing.size - 3,
        markeredgecolor=drawing.theme.ink,
        label=drawing.say(START),
        zorder=4,
    )


# ------------------------------------------------------------------- the loss around a network


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss on a grid of two directions; the network itself stands at 0, 0."""

    first: Array
    second: Array
    losses: Array  # a row for each step along the second direction
    path: Array | None = None  # (epochs, 2): where the network was after each epoch
    shares: tuple[float, float] | None = None  # how much of the path's variance each direction has


def random_landscape(network: NeuralNetwork, X: Array, y: Array, points: int, seed: int) -> Landscape:
    r"""The loss along two random directions, one step being as long as the weights themselves.

    A weight matrix that is twice as large needs steps twice as large to look the same, so each direction is brought to
    the network's scale, unit by unit: :math:`d_u \leftarrow d_u / \|d_u\| \cdot \|w_u\|`. Biases and gains stay.

    Notes
    -----
    Source: Li, Xu, Taylor, Studer, Goldstein (2018), *Visualizing the Loss Landscape of Neural Nets*, section 4,
    "filter normalization".
    """
    rng = np.random.default_rng(seed)
    directions = [filter_normalized(network, rng.standard_normal(network.layout.size)) for _ in range(2)]
    side = np.linspace(-1, 1, points)
    return Landscape(side, side, _losses(network, X, y, directions, side, side))


def filter_normalized(network: NeuralNetwork, direction: Array) -> Array:
    """Return a direction scaled for each unit to the norm of the unit's weights; 0 for other parameters."""
    normalized = np.zeros_like(direction)
    for slot in network.layout.parameters:
        if slot.parameter.kind == "weight":
            part, weights = slot.view(direction), slot.view(network.parameters)
            length = np.linalg.norm(part, axis=-2, keepdims=True)
            own = np.linalg.norm(weights, axis=-2, keepdims=True)
            slot.view(normalized)[...] = part / np.where(length > 0, length, 1) * own
    return normalized


def landscape_of_path(network: NeuralNetwork, X: Array, y: Array, path: list[Array], points: int) -> Landscape:
    """The loss along the two directions in which the training moved most: the principal components of its path.

    Notes
    -----
    Source: Li et al. (2018), section 7, "plotting dimension-reduced trajectories".
    """
    if any(parameters.shape != network.parameters.shape for parameters in path):
        rule = Text("The path must be that of the network")
        received = f"{len(path[0])} parameters, the network has {network.layout.size}"
        raise InputError(rule, received, "Pass the recorder of its own training")
    steps = np.array(path, np.float64) - network.parameters
    _, lengths, directions = np.linalg.svd(steps, full_matrices=False)
    if len(lengths) < 2 or lengths[1] <= 1e-10 * lengths[0]:
        rule = Text("The training path must have moved in two directions")
        raise InputError(
            rule, Text("{count} recorded epochs", count=len(path)), "Record at least two epochs of training"
        )
    along = steps @ directions[:2].T
    shares = (lengths**2 / (lengths**2).sum())[:2]
    first, second = (_around(np.append(along[:, axis], 0.0), points) for axis in range(2))
    losses = _losses(network, X, y, [directions[0], directions[1]], first, second)
    return Landscape(first, second, losses, along, (float(shares[0]), float(shares[1])))


def _around(places: Array, points: int) -> Array:
    margin = MARGIN * np.ptp(places)
    return np.linspace(places.min() - margin, places.max() + margin, points)


def _losses(network: NeuralNetwork, X: Array, y: Array, directions: list[Array], first: Array, second: Array) -> Array:
    """The mean loss of the rows at every point of the grid, without penalties."""
    twin = network.copy()
    evaluate = twin.engine.evaluation(twin, X, y, None)
    losses = np.empty((len(second), len(first)))
    with np.errstate(over="ignore", invalid="ignore"):  # far out a loss may leave the finite numbers
        for row, column in np.ndindex(*losses.shape):
            twin.parameters[...] = network.parameters + first[column] * directions[0] + second[row] * directions[1]
            losses[row, column] = evaluate()
    return losses
