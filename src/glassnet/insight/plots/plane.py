"""The plane of two inputs: its cells, the regions of the classes, the rows as points; and one neuron in it."""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

import numpy as np

from glassnet.display.numbers import counted_in
from glassnet.display.scale import around, spaced, unit
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.insight.plots.canvas import Canvas, canvas, plain
from glassnet.insight.row_sampling import evenly_spaced
from glassnet.layers.base import Array
from glassnet.network.neuron import Neuron
from glassnet.support.coercion import coercing
from glassnet.support.language import Text

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
        xlim, ylim = (around(*ends, margin) for ends in zip(rows.min(axis=0), rows.max(axis=0), strict=True))
        return cls(xlim, ylim, *np.meshgrid(spaced(*xlim, CELLS), spaced(*ylim, CELLS)))

    def divided(self, units: Array) -> Plane:
        """The same in other units along its two axes."""
        across, up = units.tolist()
        (left, right), (below, above) = self.xlim, self.ylim
        return Plane((left / across, right / across), (below / up, above / up), self.xx / across, self.yy / up)

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
    some = evenly_spaced(len(points), MOST)
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


# ------------------------------------------------------------------- one neuron

TITLE = Text("One neuron")
LINE = Text("w·x + b = 0")
UP = Text("direction of w")
CLASSES = (Text("no"), Text("yes"))


@picture()
def neuron_line(neuron: Neuron, X: Any, y: Any = None, **look: Unpack[Look]) -> Axes:
    """The line w · x + b = 0, the weights as an arrow across it, and what the neuron says on either side.

    On the line the weighted sum is 0; it grows in the direction of the arrow.

    Parameters
    ----------
    neuron : Neuron
        Of two inputs.
    X : array of shape (rows, 2)
        Their range is the range of the picture.
    y : array of shape (rows,), optional
        0 and 1: the rows are drawn too.
    **look

    Raises
    ------
    InputError, InputTypeError
        If it is no neuron of two inputs, or the rows do not suit.
    """
    if not isinstance(neuron, Neuron):
        raise InputTypeError("This plot is of a single neuron", type(neuron).__name__, "Pass a glassnet.Neuron")
    if neuron.inputs != 2:
        raise InputError("This plot needs a neuron with two inputs", neuron.inputs, "Use Neuron(2)")
    X = neuron._inputs(X)
    if not len(X):
        raise InputError("X must have at least one row", "none", "Pass some rows: the plot covers their range")
    if y is not None:
        y = _answers(y, len(X))
    plane = Plane.around(X, 0.25)
    points = plane.points
    one = unit(X.ravel())
    plane, X, b = plane.divided(np.array([one, one])), X / one, neuron.b / one
    yes = neuron.predict(points) if neuron.loss.target == "fractions" else (neuron.forward(points) > 0).astype(float)
    with canvas(**look) as drawing:
        draw_regions(drawing, plane, np.stack([1 - yes, yes], axis=-1))
        for drawn in list(drawing.ax.collections):  # the border is the line below, exactly
            drawn.remove()
        length = float(np.hypot(*neuron.w))
        if length > 0:
            normal, start = neuron.w / length, -b * neuron.w / length**2
            along = np.array([-normal[1], normal[0]])
            drawing.ax.axline(
                tuple(start), tuple(start + along), color=drawing.theme.ink, linewidth=1.8, label=drawing.say(LINE)
            )
            foot = start + along * float((X.mean(axis=0) - start) @ along)
            reach = 0.16 * float(min(np.ptp(plane.xlim), np.ptp(plane.ylim)))
            drawing.ax.annotate(
                *("", tuple(foot + normal * reach)),
                xytext=tuple(foot),
                zorder=3,
                arrowprops={"arrowstyle": "-|>", "color": drawing.theme.ink, "linewidth": 1.6, "mutation_scale": 14},
            )
            drawing.ax.plot([], [], color=drawing.theme.ink, marker=">", linewidth=1.6, label=drawing.say(UP))
        if y is not None:
            draw_points(drawing, X, y, [drawing.say(name) for name in CLASSES])
        drawing.label(TITLE, counted_in("x1", one), counted_in("x2", one))
        drawing.ax.set(xlim=plane.xlim, ylim=plane.ylim)
        drawing.ax.spines[:].set_visible(True)
        drawing.legend()
        return drawing.ax


def _answers(y: Any, rows: int) -> Array:
    rule, remedy = "y must be 0 or 1 for each row", f"X has {rows} rows"
    with coercing(rule, y, remedy):
        answers = np.asarray(y)
        if answers.shape == (rows,) and np.isin(answers, (0, 1)).all():
            return answers.astype(np.intp)
    raise InputError(rule, shown(y), remedy)
