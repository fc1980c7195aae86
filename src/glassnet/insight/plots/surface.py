"""The loss around a network as a map, and the way that the training took over it."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from glassnet.display.numbers import short
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.landscape import Landscape, landscape_of_path, random_landscape
from glassnet.insight.plots.style import Canvas, canvas
from glassnet.insight.plots.subject import network_rows
from glassnet.insight.recorder import Recorder
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
