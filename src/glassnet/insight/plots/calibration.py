"""Whether a classifier's probabilities may be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.estimators.calibration import Reliability, reliability
from glassnet.insight.plots.style import Canvas, canvas
from glassnet.insight.plots.subject import classes_and_probabilities, estimator_of
from glassnet.language import Text
from glassnet.options import Whole, checked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration_curve"]

CALIBRATION = Text("Calibration curve", "校准曲线")
PROBABILITY = Text("predicted probability of {name}", "预测为 {name} 的概率")
FREQUENCY = Text("how often it was {name}", "实际为 {name} 的比例")
SURENESS = Text("probability of the predicted class", "所预测类别的概率")
RIGHT = Text("how often it was right", "预测正确的比例")
PERFECT = Text("perfectly calibrated", "完美校准")
ERROR = Text("model, mean error {error:.3f}", "模型，平均误差 {error:.3f}")
ROWS = Text("rows in each bin", "各区间的行数")

FLOOR = 0.16
"""The part of a calibration's height where the bars of its bins stand."""


@checked(bins=Whole("Common values are 5 to 20"))
def calibration_curve(
    model: Any,
    X: Any,
    y: Any,
    *,
    bins: int = 10,
    sample_weight: Any = None,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
) -> Axes:
    """Whether what the model calls 80 % probable comes true in 80 % of the cases.

    Of two classes the probability of the second is looked at, of more that of the predicted class. Bars at the bottom
    say how many rows are in each bin: few rows, little to conclude. The mean error is the distance from the diagonal,
    weighted by rows (expected calibration error).

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
    bins : int
        So many bins of equal width between 0 and 1.
    sample_weight : array-like of shape (rows,), optional
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    rows, probabilities = classes_and_probabilities(estimator_of(model), X, y, sample_weight)
    y, classes = rows.y, rows.classes
    if len(classes) == 2:
        came_true, sure = y == classes[1], probabilities[:, 1]
    else:
        came_true, sure = y == classes[probabilities.argmax(axis=1)], probabilities.max(axis=1)
    found = reliability(sure, came_true, bins, rows.weight)
    with canvas(ax, language, theme) as drawing:
        colors, there = drawing.theme, found.rows > 0
        drawing.ax.plot(*([0, 1], [0, 1]), color=colors.quiet, linewidth=1, linestyle=":", label=drawing.say(PERFECT))
        look = {"color": colors.color(0), "marker": "o", "markersize": drawing.size / 2}
        drawing.ax.plot(found.sure[there], found.right[there], label=drawing.say(ERROR, error=found.error), **look)
        _bars(drawing, found)
        names = {"name": classes[1]}
        two = len(classes) == 2
        drawing.label(CALIBRATION, PROBABILITY if two else SURENESS, FREQUENCY if two else RIGHT, **names)
        drawing.unit_square()
        drawing.legend(loc="upper left")
        return drawing.ax


def _bars(drawing: Canvas, found: Reliability) -> None:
    """How many rows there are in each bin."""
    ax, theme, rows = drawing.ax, drawing.theme, found.rows
    bars = ax.bar(
        np.arange(len(rows)) / len(rows),
        FLOOR * rows / rows.max(),
        *(1 / len(rows),),
        align="edge",
        color=theme.color(1),
        alpha=0.35,
        edgecolor=theme.paper,
        linewidth=0.8,
        label=drawing.say(ROWS),
        zorder=0,
    )
    for bar, count in zip(bars, rows, strict=True):
        if count:
            ax.text(
                *(bar.get_x() + bar.get_width() / 2, bar.get_height() + 0.005, _short(int(count))),
                ha="center",
                va="bottom",
                fontsize=max(drawing.size - 2.5, 6),
                color=theme.quiet,
            )


def _short(count: int) -> str:
    """A number of rows in a few letters."""
    return f"{count}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"
