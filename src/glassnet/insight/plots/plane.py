"""What a plane of two inputs is drawn with: the regions of the classes, the rows as points."""

from __future__ import annotations

import numpy as np

from glassnet.insight.plots.style import Canvas, plain
from glassnet.insight.some_rows import spread
from glassnet.layers.base import Array

__all__ = ["CELLS", "dot_area", "draw_points", "draw_regions", "span"]

CELLS = 160
"""Cells of the plane's grid a side."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""A class has a marker of its own beside its colour."""

MOST = 500
"""Of more rows so many are drawn, evenly spread."""


def span(values: Array, margin: float = 0.08) -> tuple[float, float]:
    """The range of some numbers with a margin."""
    low, high = float(np.min(values)), float(np.max(values))
    wide = (high - low) * margin or 1.0
    return low - wide, high + wide


def draw_regions(drawing: Canvas, xx: Array, yy: Array, probabilities: Array) -> None:
    """The colour of each class, the stronger the surer, and lines where the likeliest class changes.

    Parameters
    ----------
    drawing : Canvas
    xx, yy : array of shape (cells, cells)
        As ``numpy.meshgrid`` gives them.
    probabilities : array of shape (cells, cells, classes)
    """
    from matplotlib.colors import to_rgb

    ax, theme = drawing.ax, drawing.theme
    classes = probabilities.shape[-1]
    colors = np.array([to_rgb(theme.color(number)) for number in range(classes)])
    paper = np.array(to_rgb(theme.paper))
    mixed = paper + 0.5 * (np.clip(probabilities, 0, 1) @ colors - paper)
    extent = (xx[0, 0], xx[0, -1], yy[0, 0], yy[-1, 0])
    ax.imshow(mixed, extent=extent, origin="lower", interpolation="bilinear", aspect="auto", zorder=-1)
    for number in range(classes - (classes == 2)):
        lead = probabilities[..., number] - np.delete(probabilities, number, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():  # else there is no border to draw
            ax.contour(xx, yy, lead, levels=[0], colors=theme.ink, linewidths=1.1)


def dot_area(rows: int) -> float:
    """How large a point is, as a multiple of the letters: few points are large."""
    return 7.0 if rows <= 20 else 4.0 if rows <= 100 else 2.0


def draw_points(drawing: Canvas, points: Array, classes: Array, names: list[str]) -> None:
    """The rows, each class in its colour and with its marker.

    Parameters
    ----------
    drawing : Canvas
    points : array of shape (rows, 2)
    classes : array of shape (rows,)
        The number of each row's class.
    names : list of str
        Of the classes.
    """
    some = spread(len(points), MOST)
    for number, name in enumerate(names):
        own = some[classes[some] == number]
        drawing.ax.scatter(
            *points[own].T,
            s=drawing.size * dot_area(len(points)),
            color=drawing.theme.color(number),
            marker=MARKERS[number % len(MARKERS)],
            edgecolors=drawing.theme.paper,
            linewidths=0.6,
            label=plain(name),
            zorder=4,
        )
