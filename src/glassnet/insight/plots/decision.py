"""What a model says over two of its features, the others held where most rows are."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from glassnet.display.numbers import counted_in
from glassnet.display.scale import unit
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, shown
from glassnet.estimators.class_targets import HALF
from glassnet.insight.plots.canvas import Canvas, canvas
from glassnet.insight.plots.models import estimator_of, numbers_and_predictions, true_classes
from glassnet.insight.plots.plane import Plane, dot_area, draw_points, draw_regions
from glassnet.layers.base import Array
from glassnet.support.coercion import coercing, column_place, listed
from glassnet.support.language import Text
from glassnet.tables import feature_names, is_sparse, row_count, take
from glassnet.tables.containers import as_frame, is_frame

TITLE = Text("Decision boundary")
SURFACE = Text("Prediction", context="decision")
HELD = Text("other columns at their median")


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
    section = Section(X, features)
    classes = getattr(model, "classes_", None)
    if isinstance(classes, list):
        raise InputError("This plot needs one class per row", "several targets", "Train a classifier for each target")
    if y is not None:
        y = numbers_and_predictions(model, X, y)[0] if classes is None else true_classes(model, X, y).y
    plane = Plane.around(section.chosen)
    rows = section.rows(plane.points)
    even = getattr(model, "decision_threshold_", None) in (None, HALF)  # else the most probable class is not predicted
    probabilities = classes is not None and hasattr(model, "predict_proba") and even
    found = np.asarray((model.predict_proba if probabilities else model.predict)(rows))
    if classes is None and found.ndim != 1:
        raise InputError("This plot needs one prediction per row", "several", "Plot a regressor with one target")
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


class Section:
    """A plane through a table: two columns of numbers are its axes, all others keep the value of the middle row."""

    def __init__(self, X: Any, features: Any) -> None:
        if is_sparse(X):
            raise InputError("This plot needs a dense table", "a sparse one", "Use X.toarray()")
        with coercing("X must be a table of rows and columns", X, "Give an array or a DataFrame"):
            self.table = as_frame(X).to_native() if is_frame(X) else np.asarray(X)
        if not is_frame(X) and self.table.ndim != 2:
            raise InputError("X must be a table of rows and columns", f"shape {self.table.shape}", "Reshape it")
        if row_count(X) < 1:
            raise InputError("X must have at least one row", "none", "Pass some rows: the plot covers their range")
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
    """The row whose value is the median of the column, or of what is no number the most frequent."""
    numbers = _as_numbers(values)
    if numbers is None:
        _, first, counts = np.unique(values.astype(str), return_index=True, return_counts=True)
        return int(first[counts.argmax()])
    if not np.isfinite(numbers).any():
        return 0
    return int(np.nanargmin(np.abs(numbers - np.nanmedian(numbers))))
