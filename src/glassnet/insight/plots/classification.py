"""How well a classifier tells classes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

from glassnet.errors import InputError
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.insight.plots.subject import classes_and_probabilities, estimator_of, true_classes
from glassnet.insight.text import Text
from glassnet.layers.base import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix", "precision_recall_curve", "roc_curve"]

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

MOST_CLASSES = 8
"""Curves in one picture."""


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
        drawing.unit_square()
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
        drawing.unit_square()
        drawing.legend()
        return drawing.ax


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
