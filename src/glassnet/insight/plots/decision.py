"""What a model says over two of its features, the others held where most rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.inspection import DecisionBoundaryDisplay

from glassnet.errors import InputError
from glassnet.insight.plots.plane import CELLS, dot_area, draw_points, draw_regions, span
from glassnet.insight.plots.section import Section, Slice
from glassnet.insight.plots.style import Canvas, canvas
from glassnet.insight.plots.subject import estimator_of, numbers_and_predictions, true_classes
from glassnet.language import Text
from glassnet.layers.base import Array
from glassnet.tables import take

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["decision_boundary"]

TITLE = Text("Decision boundary", "决策边界")
SURFACE = Text("Prediction", "预测值")
HELD = Text("all others at their median", "其余特征取中位数")


def decision_boundary(
    model: Any,
    X: Any,
    y: Any = None,
    features: tuple[int | str, int | str] = (0, 1),
    *,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
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
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If there are no two such features with numbers, or y does not suit the model.
    """
    model = estimator_of(model)
    section = Section(X, features)
    classes = getattr(model, "classes_", None)
    if isinstance(classes, list):
        raise InputError("The picture needs one class a row", "several targets", "Train a classifier for each")
    if y is not None:
        y = numbers_and_predictions(model, X, y)[0] if classes is None else true_classes(model, X, y).y
    if classes is None and np.ndim(model.predict(take(X, np.arange(1)))) != 1:
        raise InputError("The picture needs one prediction a row", "several", "Draw a regressor of one target")
    with canvas(ax, language, theme) as drawing:
        if classes is None:
            _numbers(drawing, model, section, y)
        else:
            _classes(drawing, model, section, y, np.asarray(classes))
        drawing.label(SURFACE if classes is None else TITLE, *section.names)
        if section.held:
            drawing.ax.text(
                *(0.99, 0.01, drawing.say(HELD)),
                transform=drawing.ax.transAxes,
                ha="right",
                va="bottom",
                fontsize=drawing.size - 2,
                bbox={"facecolor": drawing.theme.paper, "alpha": 0.6, "linewidth": 0, "pad": 1},
            )
        drawing.ax.set(xlim=span(section.chosen[:, 0]), ylim=span(section.chosen[:, 1]))
        drawing.ax.spines[:].set_visible(True)
        return drawing.ax


def _classes(drawing: Canvas, model: Any, section: Section, y: Array | None, classes: Array) -> None:
    (left, right), (low, high) = span(section.chosen[:, 0]), span(section.chosen[:, 1])
    xx, yy = np.meshgrid(np.linspace(left, right, CELLS), np.linspace(low, high, CELLS))
    rows = section.rows(np.c_[xx.ravel(), yy.ravel()])
    if hasattr(model, "predict_proba"):
        found = np.asarray(model.predict_proba(rows))
    else:
        found = (np.asarray(model.predict(rows))[:, None] == classes[None, :]).astype(float)
    draw_regions(drawing, xx, yy, found.reshape(CELLS, CELLS, -1))
    if y is not None:
        names = [str(name) for name in classes]
        draw_points(drawing, section.chosen, np.searchsorted(classes, y), names)
        drawing.legend()


def _numbers(drawing: Canvas, model: Any, section: Section, y: Array | None) -> None:
    ax, theme = drawing.ax, drawing.theme
    face = Slice(model, section).fit()
    corners = np.column_stack([span(section.chosen[:, 0]), span(section.chosen[:, 1])])
    look = {"cmap": "cividis", "levels": 12}
    shown = DecisionBoundaryDisplay.from_estimator(
        *(face, corners), ax=ax, response_method="predict", grid_resolution=CELLS, eps=0, **look
    )
    bar = ax.figure.colorbar(shown.surface_, ax=ax)
    bar.ax.tick_params(colors=theme.quiet, labelcolor=theme.ink, labelsize=drawing.size - 1)
    bar.outline.set_visible(False)
    if y is not None:
        norm = shown.surface_.norm
        ax.scatter(
            *section.chosen.T,
            c=y,
            cmap="cividis",
            norm=norm,
            s=drawing.size * dot_area(len(y)),
            edgecolors=theme.paper,
            linewidths=0.6,
        )
