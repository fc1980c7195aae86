"""How well a classifier tells classes apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

from glassnet.errors import InputError
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.insight.plots.subject import ClassRows, classes_and_probabilities, estimator_of, true_classes
from glassnet.language import Text
from glassnet.layers.base import Array
from glassnet.options import Flag, checked

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
PRECISION_RECALL = Text("Precision and recall", "精确率与召回率")
RECALL = Text("recall", "召回率")
PRECISION = Text("precision", "精确率")
AVERAGE = Text("{name}: AP {area:.3f}", "{name}：AP {area:.3f}")

REST = Text("{count} rarer classes: {low:.3f} to {high:.3f}", "其余 {count} 个较少的类：{low:.3f} 至 {high:.3f}")
WEIGHTS_NOTE = Text("sums of weights", "权重之和")

MOST_CLASSES = 8
"""Of more classes the most frequent have a curve with a colour and a name; those of the others are thin and grey."""


@checked(normalize=Flag("True gives shares of each true class"))
def confusion_matrix(
    model: Any,
    X: Any,
    y: Any,
    *,
    normalize: bool = False,
    sample_weight: Any = None,
    ax: Axes | None = None,
    language: str | None = None,
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
    sample_weight : array-like of shape (rows,), optional
        Rows count by their weights: a cell is a sum of them.
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
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
    rows = true_classes(model, X, y, sample_weight)
    with canvas(ax, language, theme) as drawing:
        shown = ConfusionMatrixDisplay.from_predictions(
            *(rows.y, model.predict(rows.X)),
            labels=rows.classes,
            display_labels=[plain(name) for name in rows.classes],
            sample_weight=rows.weight,
            normalize="true" if normalize else None,
            values_format=".2f" if normalize else "d" if rows.weight is None else ".3g",
            cmap=drawing.theme.shades(),
            colorbar=False,
            ax=drawing.ax,
        )
        shown.im_.set_clim(0, None)
        _readable(drawing, shown)
        drawing.label(CONFUSION, PREDICTED, TRUE)
        if normalize or rows.weight is not None:
            note = drawing.say(SHARE_NOTE if normalize else WEIGHTS_NOTE)
            drawing.ax.set_xlabel(f"{drawing.say(PREDICTED)} ({note})")
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
    model: Any,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
) -> Axes:
    """The trade between rows rightly and rows wrongly taken for a class; of several classes one curve against the rest.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        A class without a row among them, or with all of them, has no curve.
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
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y, sample_weight))
    with canvas(ax, language, theme) as drawing:

        def draw(curve: _Curve) -> float:
            shown = RocCurveDisplay.from_predictions(
                *(curve.is_one, curve.scores), sample_weight=curve.weight, ax=drawing.ax
            )
            return _number(shown.roc_auc)

        _draw_curves(drawing, curves, draw, AREA)
        drawing.ax.plot(
            [0, 1], [0, 1], color=drawing.theme.quiet, linewidth=1, linestyle=":", label=drawing.say(CHANCE)
        )
        drawing.label(ROC, FALSE_RATE, TRUE_RATE)
        drawing.unit_square()
        drawing.legend(loc="lower right")
        return drawing.ax


def precision_recall_curve(
    model: Any,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
) -> Axes:
    """The trade between finding a class and being right about it; better than ROC where the class is rare.

    Dotted lines are the share of the class among the rows: what guessing gives.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        A class without a row among them, or with all of them, has no curve.
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
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y, sample_weight))
    with canvas(ax, language, theme) as drawing:

        def draw(curve: _Curve) -> float:
            shown = PrecisionRecallDisplay.from_predictions(
                *(curve.is_one, curve.scores), sample_weight=curve.weight, ax=drawing.ax
            )
            return _number(shown.average_precision)

        _draw_curves(drawing, curves, draw, AVERAGE)
        for number, curve in enumerate(curve for curve in curves if curve.named):
            guess = drawing.say(CHANCE) if number == 0 else None
            look = {"color": drawing.theme.color(number), "linewidth": 1, "linestyle": ":", "alpha": 0.7}
            drawing.ax.axhline(np.average(curve.is_one, weights=curve.weight), label=guess, **look)
        drawing.label(PRECISION_RECALL, RECALL, PRECISION)
        drawing.unit_square()
        drawing.legend()
        return drawing.ax


class _Curve(NamedTuple):
    """One class against the rest: whether each row is of it, and its probability."""

    name: str
    is_one: Array
    scores: Array
    weight: Array | None
    named: bool


def _one_against_rest(rows: ClassRows, probabilities: Array) -> list[_Curve]:
    """A curve for each class that is there beside others; of two classes for the second alone."""
    numbers = [1] if len(rows.classes) == 2 else range(len(rows.classes))
    is_one = {number: rows.y == rows.classes[number] for number in numbers}
    counts = {number: int(of_class.sum()) for number, of_class in is_one.items() if 0 < of_class.sum() < len(rows.y)}
    if not counts:
        raise InputError(
            "The curve needs rows of more than one class", f"only {rows.y[0]!r}", "Give rows of others too"
        )
    frequent = sorted(counts, key=lambda number: -counts[number])[:MOST_CLASSES]
    return [
        _Curve(
            *(plain(rows.classes[number]), is_one[number], probabilities[:, number]), rows.weight, number in frequent
        )
        for number in counts
    ]


def _draw_curves(drawing: Canvas, curves: list[_Curve], draw: Callable[[_Curve], float], label: Text) -> None:
    """The curves in the family's colours and the reader's words; those without a name thin and behind the others."""
    for number, curve in enumerate(curve for curve in curves if curve.named):
        words = drawing.say(label, name=curve.name, area=draw(curve))
        drawing.ax.lines[-1].set(color=drawing.theme.color(number), linewidth=1.8, label=words)
    areas = []
    for curve in (curve for curve in curves if not curve.named):
        areas.append(draw(curve))
        drawing.ax.lines[-1].set(color=drawing.theme.quiet, linewidth=0.8, alpha=0.6, zorder=1, label="_")
    if areas:
        drawing.ax.lines[-1].set_label(drawing.say(REST, count=len(areas), low=min(areas), high=max(areas)))


def _number(value: Any) -> float:
    """A summary that newer versions of scikit-learn keep in a list."""
    return float(np.ravel(value)[0])
