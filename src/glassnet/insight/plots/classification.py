"""How well a classifier tells classes apart, and whether its probabilities may be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

from glassnet.errors import InputError
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.insight.plots.subject import classes_and_probabilities, estimator_of, true_classes
from glassnet.insight.text import Text
from glassnet.layers.base import Array, positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration_curve", "confusion_matrix", "precision_recall_curve", "roc_curve"]

CONFUSION = Text("Confusion matrix", "混淆矩阵")
PREDICTED = Text("predicted", "预测")
TRUE = Text("true", "实际")
SHARE_NOTE = Text("shares of each true class", "占各实际类别的比例")
ROC = Text("ROC curve", "ROC 曲线")
FALSE_RATE = Text("false positive rate", "假阳性率")
TRUE_RATE = Text("true positive rate", "真阳性率")
AREA = Text("{name}: AUC {area:.3f}", "{name}：AUC {area:.3f}")
CHANCE = Text("chance", "随机猜测")
PRECISION_RECALL = Text("Precision and recall", "查准率与查全率")
RECALL = Text("recall", "查全率")
PRECISION = Text("precision", "查准率")
AVERAGE = Text("{name}: AP {area:.3f}", "{name}：AP {area:.3f}")
CALIBRATION = Text("Calibration", "概率校准")
PROBABILITY = Text("predicted probability of {name}", "预测为 {name} 的概率")
FREQUENCY = Text("how often it was {name}", "实际为 {name} 的比例")
SURENESS = Text("probability of the predicted class", "所预测类别的概率")
RIGHT = Text("how often it was right", "预测正确的比例")
PERFECT = Text("perfect", "理想情况")
ERROR = Text("model, mean error {error:.3f}", "模型，平均误差 {error:.3f}")
ROWS = Text("rows in each bin", "各区间的行数")

MOST_CLASSES = 8
"""Curves in one picture."""

FLOOR = 0.16
"""The part of a calibration's height where the bars of its bins stand."""


def confusion_matrix(
    model: Any,
    X: Any,
    y: Any,
    *,
    normalize: bool = False,
    ax: Axes | None = None,
    language: str = "en",
    theme: str = "light",
) -> Axes:
    """How many rows of each class were taken for which.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
    normalize : bool
        Shares of the rows of each true class instead of their numbers.
    ax : matplotlib Axes, optional
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model does not tell classes apart, one class a row, or the rows do not suit.
    """
    model = estimator_of(model)
    y, classes = true_classes(model, X, y)
    with canvas(ax, language, theme) as drawing:
        shown = ConfusionMatrixDisplay.from_predictions(
            *(y, model.predict(X)),
            labels=classes,
            display_labels=[plain(name) for name in classes],
            normalize="true" if normalize else None,
            values_format=".2f" if normalize else "d",
            cmap=drawing.theme.shades(),
            colorbar=False,
            ax=drawing.ax,
        )
        shown.im_.set_clim(0, None)
        _readable(drawing, shown)
        drawing.label(CONFUSION, PREDICTED, TRUE)
        if normalize:
            drawing.ax.set_xlabel(f"{drawing.say(PREDICTED)} ({drawing.say(SHARE_NOTE)})")
        drawing.ax.spines[:].set_visible(False)
        drawing.ax.tick_params(length=0)
        return drawing.ax


def _readable(drawing: Canvas, shown: Any) -> None:
    """Numbers in the colour that stands out from their cell; long names of classes slanted."""
    top = max(float(np.nanmax(shown.confusion_matrix)), 1e-12)
    light = drawing.theme.paper
    count = len(shown.confusion_matrix)
    for number, text in zip(shown.confusion_matrix.ravel(), shown.text_.ravel(), strict=True):
        text.set(color=light if number > 0.55 * top else drawing.theme.ink, fontsize=drawing.size - (count > 6) * 2)
    if max(len(label.get_text()) for label in drawing.ax.get_xticklabels()) * count > 36:
        for label in drawing.ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")


def roc_curve(
    model: Any, X: Any, y: Any, *, ax: Axes | None = None, language: str = "en", theme: str = "light"
) -> Axes:
    """The trade between rows rightly and rows wrongly taken for a class; of several classes one curve against the rest.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        With at least one row of each class that is drawn.
    ax : matplotlib Axes, optional
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y))
    with canvas(ax, language, theme) as drawing:
        for number, (name, is_one, scores) in enumerate(curves):
            shown = RocCurveDisplay.from_predictions(is_one, scores, ax=drawing.ax)
            _relabel(drawing, number, drawing.say(AREA, name=name, area=_number(shown.roc_auc)))
        drawing.ax.plot(
            [0, 1], [0, 1], color=drawing.theme.quiet, linewidth=1, linestyle=":", label=drawing.say(CHANCE)
        )
        drawing.label(ROC, FALSE_RATE, TRUE_RATE)
        _square(drawing)
        drawing.legend(loc="lower right")
        return drawing.ax


def precision_recall_curve(
    model: Any, X: Any, y: Any, *, ax: Axes | None = None, language: str = "en", theme: str = "light"
) -> Axes:
    """The trade between finding a class and being right about it; better than ROC where the class is rare.

    Dotted lines are the share of the class among the rows: what guessing gives.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        With at least one row of each class that is drawn.
    ax : matplotlib Axes, optional
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y))
    with canvas(ax, language, theme) as drawing:
        for number, (name, is_one, scores) in enumerate(curves):
            shown = PrecisionRecallDisplay.from_predictions(is_one, scores, ax=drawing.ax)
            _relabel(drawing, number, drawing.say(AVERAGE, name=name, area=_number(shown.average_precision)))
        for number, (_, is_one, _) in enumerate(curves):
            guess = drawing.say(CHANCE) if number == 0 else None
            color = drawing.theme.color(number)
            drawing.ax.axhline(is_one.mean(), color=color, linewidth=1, linestyle=":", alpha=0.7, label=guess)
        drawing.label(PRECISION_RECALL, RECALL, PRECISION)
        _square(drawing)
        drawing.legend()
        return drawing.ax


def calibration_curve(
    model: Any,
    X: Any,
    y: Any,
    *,
    bins: int = 10,
    ax: Axes | None = None,
    language: str = "en",
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
    ax : matplotlib Axes, optional
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    bins = positive("calibration_curve", "bins", bins, "Common values are 5 to 20")
    y, classes, probabilities = classes_and_probabilities(estimator_of(model), X, y)
    if len(classes) == 2:
        came_true, sure = y == classes[1], probabilities[:, 1]
    else:
        came_true, sure = y == classes[probabilities.argmax(axis=1)], probabilities.max(axis=1)
    with canvas(ax, language, theme) as drawing:
        shown = CalibrationDisplay.from_predictions(came_true, sure, n_bins=bins, pos_label=True, ax=drawing.ax)
        _bars(drawing, sure, bins, calibration_error(shown, sure, bins))
        names = {"name": classes[1]}
        two = len(classes) == 2
        drawing.label(CALIBRATION, PROBABILITY if two else SURENESS, FREQUENCY if two else RIGHT, **names)
        _square(drawing)
        return drawing.ax


def calibration_error(shown: CalibrationDisplay, sure: Array, bins: int) -> float:
    """The mean distance between probability and frequency, weighted by the rows of each bin."""
    rows = _counts(sure, bins)
    return float(np.average(np.abs(shown.prob_true - shown.prob_pred), weights=rows[rows > 0]))


def _counts(sure: Array, bins: int) -> Array:
    """The rows of each bin, the bins being scikit-learn's."""
    edges = np.linspace(0, 1, bins + 1)
    return np.bincount(np.searchsorted(edges[1:-1], sure), minlength=bins)


def _bars(drawing: Canvas, sure: Array, bins: int, error: float) -> None:
    ax, theme = drawing.ax, drawing.theme
    diagonal, curve = ax.lines[-2:]
    diagonal.set(color=theme.quiet, linewidth=1, linestyle=":", label=drawing.say(PERFECT))
    curve.set(color=theme.color(0), marker="o", markersize=drawing.size / 2, label=drawing.say(ERROR, error=error))
    rows = _counts(sure, bins)
    left = np.arange(bins) / bins
    bars = ax.bar(
        left,
        FLOOR * rows / rows.max(),
        *(1 / bins,),
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
    drawing.legend(loc="upper left")


def _short(count: int) -> str:
    """A number of rows in a few letters."""
    return f"{count}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"


def _one_against_rest(y: Array, classes: Array, probabilities: Array) -> list[tuple[str, Array, Array]]:
    """For each curve the name of its class, whether each row is of it, and its probability."""
    if len(classes) == 2:
        chosen = [1]
    else:
        counts = [(y == name).sum() for name in classes]
        chosen = sorted(np.argsort(counts, kind="stable")[::-1][:MOST_CLASSES])
    curves = [(plain(classes[number]), y == classes[number], probabilities[:, number]) for number in chosen]
    curves = [curve for curve in curves if 0 < curve[1].sum() < len(y)]
    if not curves:
        raise InputError("The curve needs rows of more than one class", f"only {y[0]!r}", "Give rows of others too")
    return curves


def _relabel(drawing: Canvas, number: int, label: str) -> None:
    """The curve that was drawn last, in the family's colours and the reader's words."""
    drawing.ax.lines[-1].set(color=drawing.theme.color(number), linewidth=1.8, label=label)


def _number(value: Any) -> float:
    """A summary that newer versions of scikit-learn keep in a list."""
    return float(np.ravel(value)[0])


def _square(drawing: Canvas) -> None:
    ax = drawing.ax
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), aspect="auto")
    ax.spines[:].set_visible(False)
    ax.spines[["left", "bottom"]].set_visible(True)
