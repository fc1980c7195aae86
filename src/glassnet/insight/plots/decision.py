"""The plane of two inputs: decision boundaries of models, the line of one neuron."""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

import numpy as np

from glassnet.display.numbers import counted_in
from glassnet.display.scale import around, spaced, unit
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.class_targets import HALF
from glassnet.insight.plots.canvas import Canvas, canvas, plain
from glassnet.insight.plots.models import estimator_of, numbers_and_predictions, true_classes
from glassnet.layers.base import Array
from glassnet.network.neuron import Neuron
from glassnet.support.coercion import coercing, column_place, listed
from glassnet.support.language import Text
from glassnet.support.messages import of_shape
from glassnet.tables import feature_names, is_sparse, row_count, take
from glassnet.tables.containers import as_frame, is_frame
from glassnet.training.split import evenly_spaced

CELLS = 160
"""Cells of the plane's grid a side."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""A class has a marker of its own beside its colour."""

MOST = 500
"""Of more rows so many are drawn, evenly spread."""

TITLE = Text("Decision boundary")
SURFACE = Text("Prediction", context="decision")
HELD = Text("other columns at their median")


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

NEURON_TITLE = Text("One neuron")
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
        raise InputError(
            "X must have at least one row",
            Text("none", context="received"),
            "Pass some rows: the plot covers their range",
        )
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
        drawing.label(NEURON_TITLE, counted_in("x1", one), counted_in("x2", one))
        drawing.ax.set(xlim=plane.xlim, ylim=plane.ylim)
        drawing.ax.spines[:].set_visible(True)
        drawing.legend()
        return drawing.ax


def _answers(y: Any, rows: int) -> Array:
    rule, remedy = Text("y must be 0 or 1 for each row"), Text("X has {count} rows", count=rows)
    with coercing(rule, y, remedy):
        answers = np.asarray(y)
        if answers.shape == (rows,) and np.isin(answers, (0, 1)).all():
            return answers.astype(np.intp)
    raise InputError(rule, shown(y), remedy)


# ------------------------------------------------------------------- decision boundaries


@picture()
def decision_boundary(
    model: Any, X: Any, y: Any = None, features: tuple[int | str, int | str] = (0, 1), **look: Unpack[Look]
) -> Axes:
    """The predictions of a classifier or regressor in the plane of two features.

    The stronger a colour, the surer the class; lines are drawn where the likeliest class changes. All other features
    are held at their median, those that are no numbers at their most frequent value.

    Parameters
    ----------
    model : fitted estimator or NeuralNetwork
    X : table of rows
        Their range is the range of the picture.
    y : array-like of shape (rows,), optional
        Classes or numbers: the rows are drawn too.
    features : two names or numbers of columns
    **look

    Raises
    ------
    InputError, InputTypeError
        If there are no two such features with numbers, or y does not suit the model.
    """
    model = estimator_of(model)
    section = TablePlane(X, features)
    classes = getattr(model, "classes_", None)
    if isinstance(classes, list):
        raise InputError("This plot needs one class per row", "several targets", "Train a classifier for each target")
    if y is not None:
        y = numbers_and_predictions(model, X, y)[0] if classes is None else true_classes(model, X, y).y
    plane = Plane.around(section.chosen)
    rows = section.rows(plane.points)
    decided = getattr(getattr(model, "targets_", None), "costs", None) is not None  # not the most probable class
    even = getattr(model, "decision_threshold_", None) in (None, HALF) and not decided
    probabilities = classes is not None and hasattr(model, "predict_proba") and even
    found = np.asarray((model.predict_proba if probabilities else model.predict)(rows))
    if classes is None and found.ndim != 1:
        raise InputError(
            "This plot needs one prediction per row",
            Text("several", context="received"),
            "Plot a regressor with one target",
        )
    units = np.array([unit(np.array(ends)) for ends in (plane.xlim, plane.ylim)])
    plane, chosen = plane.divided(units), section.chosen / units
    with canvas(**look) as drawing:
        if classes is None:
            _numbers(drawing, plane, found, chosen, y)
        else:
            known = np.asarray(classes)
            regions = found if found.ndim == 2 else (found[:, None] == known[None, :]).astype(float)
            draw_regions(drawing, plane, regions)
            if y is not None:
                draw_points(drawing, chosen, np.searchsorted(known, y), [str(name) for name in known])
                drawing.legend()
        names = (counted_in(name, each) for name, each in zip(section.names, units.tolist(), strict=True))
        drawing.label(SURFACE if classes is None else TITLE, *names)
        if section.held:
            drawing.ax.text(
                *(0.99, 0.01, drawing.say(HELD)),
                transform=drawing.ax.transAxes,
                ha="right",
                va="bottom",
                fontsize=drawing.size - 2,
                bbox={"facecolor": drawing.theme.paper, "alpha": 0.6, "linewidth": 0, "pad": 1},
            )
        drawing.ax.set(xlim=plane.xlim, ylim=plane.ylim)
        drawing.ax.spines[:].set_visible(True)
        return drawing.ax


def _numbers(drawing: Canvas, plane: Plane, predicted: Array, points: Array, y: Array | None) -> None:
    ax, theme = drawing.ax, drawing.theme
    shown = ax.contourf(plane.xx, plane.yy, predicted.reshape(plane.xx.shape), cmap="cividis", levels=12)
    bar = ax.figure.colorbar(shown, ax=ax)
    bar.ax.tick_params(colors=theme.quiet, labelcolor=theme.ink, labelsize=drawing.size - 1)
    bar.outline.set_visible(False)
    if y is not None:
        edge = {"edgecolors": theme.paper, "linewidths": 0.6}
        ax.scatter(*points.T, c=y, cmap="cividis", norm=shown.norm, s=drawing.size * dot_area(len(y)), **edge)


# ------------------------------------------------------------------- the plane through the table


class TablePlane:
    """A plane through a table: two columns of numbers are its axes, all others keep the value of the middle row."""

    def __init__(self, X: Any, features: Any) -> None:
        if is_sparse(X):
            raise InputError("This plot needs a dense table", "a sparse one", "Use X.toarray()")
        with coercing("X must be a table of rows and columns", X, "Give an array or a DataFrame"):
            self.table = as_frame(X).to_native() if is_frame(X) else np.asarray(X)
        if not is_frame(X) and self.table.ndim != 2:
            raise InputError("X must be a table of rows and columns", of_shape(self.table.shape), "Reshape it")
        if row_count(X) < 1:
            raise InputError(
                "X must have at least one row",
                Text("none", context="received"),
                "Pass some rows: the plot covers their range",
            )
        known = feature_names(X) or [f"x{number}" for number in range(self.table.shape[1])]
        self.places = _places(features, known)
        self.names = [known[place] for place in self.places]
        self.held = len(known) > 2
        self.chosen = np.column_stack([self._filled(place, known[place]) for place in self.places])
        self.usual = {place: _middle(self._values(place)) for place in range(len(known)) if place not in self.places}

    def _values(self, place: int) -> Array:
        if is_frame(self.table):
            frame = as_frame(self.table)
            return np.asarray(list(frame.iter_columns())[place].to_numpy())
        return self.table[:, place]

    def _filled(self, place: int, name: str) -> Array:
        numbers = _as_numbers(self._values(place))
        if numbers is None or not np.isfinite(numbers).any():
            raise InputError("`features` must be columns of numbers", name, "Choose two columns of numbers")
        return np.where(np.isfinite(numbers), numbers, np.median(numbers[np.isfinite(numbers)]))

    def rows(self, points: Array) -> Any:
        """Points of the plane as rows of the table."""
        if not is_frame(self.table):
            rows = np.empty((len(points), self.table.shape[1]), object if self.table.dtype.kind in "OUS" else float)
            for place, row in self.usual.items():
                rows[:, place] = self.table[row, place]
            rows[:, self.places] = points
            return rows
        import narwhals.stable.v2 as nw

        rows = as_frame(take(self.table, np.zeros(len(points), np.intp)))
        columns = []
        for place, name in enumerate(rows.columns):
            if place in self.places:
                values = points[:, self.places.index(place)].copy()
                columns.append(nw.new_series(name, values, backend=rows.implementation))
            else:
                columns.append(as_frame(take(self.table, np.full(len(points), self.usual[place], np.intp)))[name])
        return rows.with_columns(*columns).to_native()


def _places(features: Any, known: list[str]) -> list[int]:
    """Where the two columns stand."""
    pair = listed("`features`", features, "For example (0, 1)")
    if len(pair) != 2:
        raise InputError("`features` must be two columns", shown(features), "For example (0, 1)")
    places = [column_place("Each of `features`", feature, known) for feature in pair]
    if places[0] == places[1]:
        raise InputError("`features` must be two different columns", shown(features), "For example (0, 1)")
    return places


def _as_numbers(values: Array) -> Array | None:
    """A column as numbers, if it has them."""
    if values.dtype.kind == "M":
        return None
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None


def _middle(values: Array) -> int:
    """Return the row that holds the median of a numeric column, or the most frequent value of another one."""
    numbers = _as_numbers(values)
    if numbers is None:
        _, first, counts = np.unique(values.astype(str), return_index=True, return_counts=True)
        return int(first[counts.argmax()])
    if not np.isfinite(numbers).any():
        return 0
    return int(np.nanargmin(np.abs(numbers - np.nanmedian(numbers))))
