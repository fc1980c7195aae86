"""What a plane of two inputs is drawn with: its cells, the regions of the classes, the rows as points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet.insight.plots.style import Canvas, plain
from glassnet.insight.some_rows import spread
from glassnet.layers.base import Array

__all__ = ["Plane", "dot_area", "draw_points", "draw_regions"]

CELLS = 160
"""Cells of the plane's grid a side."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""A class has a marker of its own beside its colour."""

MOST = 500
"""Of more rows so many are drawn, evenly spread."""


class Plane(NamedTuple):
    """The ends of both axes, and the cells between them, as ``numpy.meshgrid`` gives them."""

    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xx: Array
    yy: Array

    @classmethod
    def around(cls, rows: Array, margin: float = 0.08) -> Plane:
        """The plane that some rows of two numbers lie in, with a margin."""
        (left, low), (right, high) = rows.min(axis=0).tolist(), rows.max(axis=0).tolist()
        wide, tall = (right - left) * margin or 1.0, (high - low) * margin or 1.0
        xlim, ylim = (left - wide, right + wide), (low - tall, high + tall)
        return cls(xlim, ylim, *np.meshgrid(np.linspace(*xlim, CELLS), np.linspace(*ylim, CELLS)))

    @property
    def points(self) -> Array:
        """The cells as rows."""
        return np.c_[self.xx.ravel(), self.yy.ravel()]


def draw_regions(drawing: Canvas, plane: Plane, probabilities: Array) -> None:
    """The colour of each class, the stronger the surer, and lines where the likeliest class changes."""
    from matplotlib.colors import to_rgb

    ax, theme = drawing.ax, drawing.theme
    classes = probabilities.shape[1]
    of_cells = probabilities.reshape(*plane.xx.shape, classes)
    colors = np.array([to_rgb(theme.color(number)) for number in range(classes)])
    paper = np.array(to_rgb(theme.paper))
    mixed = paper + 0.5 * (np.clip(of_cells, 0, 1) @ colors - paper)
    extent = (*plane.xlim, *plane.ylim)
    ax.imshow(mixed, extent=extent, origin="lower", interpolation="bilinear", aspect="auto", zorder=-1)
    for number in range(classes - (classes == 2)):
        lead = of_cells[..., number] - np.delete(of_cells, number, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():  # else there is no border to draw
            ax.contour(plane.xx, plane.yy, lead, levels=[0], colors=theme.ink, linewidths=1.1)


def dot_area(rows: int) -> float:
    """How large a point is, as a multiple of the letters: few points are large."""
    return 7.0 if rows <= 20 else 4.0 if rows <= 100 else 2.0


def draw_points(drawing: Canvas, points: Array, classes: Array, names: list[str]) -> None:
    """The rows, each class (by its number) in its colour, with its marker and its name."""
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
