"""Plots of results: how well a classifier tells classes apart, how far a regressor is off."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay

from glassnet.display.chart import Chart
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Regressor
from glassnet.estimators.calibration import reliability
from glassnet.insight import charts
from glassnet.insight.charts import Ranked, calibration, precision_recall, roc
from glassnet.insight.plots.canvas import Canvas, canvas, draw, plain
from glassnet.insight.plots.models import (
    ClassRows,
    classes_and_probabilities,
    estimator_of,
    numbers_and_predictions,
    true_classes,
)
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text
from glassnet.support.options import Flag, Integer

CONFUSION = Text("Confusion matrix")
PREDICTED = Text("predicted", context="classification")
ACTUAL = Text("actual")
SHARE_NOTE = Text("normalized by actual class")
MODEL = Text("model")
WEIGHTS_NOTE = Text("sums of weights")

MOST_CLASSES = 8
"""Of more classes the most frequent have a curve with a colour and a name; those of the others are thin and grey."""

IN_ORDER = Text("rows, sorted by median")


@picture(normalize=Flag("True normalizes by actual class"))
def confusion_matrix(
    model: Any, X: Any, y: Any, *, normalize: bool = False, sample_weight: Any = None, **look: Unpack[Look]
) -> Axes:
    """The confusion matrix: rows by actual and predicted class.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
    normalize : bool
        Shares of the rows of each actual class instead of their numbers.
    sample_weight : array-like of shape (rows,), optional
        Rows count by their weights: a cell is a sum of them.
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model does not tell classes apart, one class a row, or the rows do not suit.
    """
    model = estimator_of(model)
    rows = true_classes(model, X, y, sample_weight)
    with canvas(**look) as drawing:
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
        drawing.label(CONFUSION, PREDICTED, ACTUAL)
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


@picture()
def roc_curve(model: Any, X: Any, y: Any, *, sample_weight: Any = None, **look: Unpack[Look]) -> Axes:
    """The ROC curve; of several classes one curve for each against the rest.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        A class without a row among them, or with all of them, has no curve.
    sample_weight : array-like of shape (rows,), optional
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y, sample_weight))
    return draw(lambda spoken: roc(curves, spoken), **look)


@picture()
def precision_recall_curve(model: Any, X: Any, y: Any, *, sample_weight: Any = None, **look: Unpack[Look]) -> Axes:
    """Plot the precision-recall curve, which is more informative than the ROC curve for a rare class.

    Dotted lines are the share of the class among the rows: what guessing gives.

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
        A class without a row among them, or with all of them, has no curve.
    sample_weight : array-like of shape (rows,), optional
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    curves = _one_against_rest(*classes_and_probabilities(estimator_of(model), X, y, sample_weight))
    return draw(lambda spoken: precision_recall(curves, spoken), **look)


def _one_against_rest(rows: ClassRows, probabilities: Array) -> list[Ranked]:
    """A curve for each class that is there beside others; of two classes for the positive one alone."""
    numbers = range(len(rows.classes)) if rows.positive is None else [rows.positive]
    is_one = {number: rows.y == rows.classes[number] for number in numbers}
    counts = {number: int(of_class.sum()) for number, of_class in is_one.items() if 0 < of_class.sum() < len(rows.y)}
    if not counts:
        raise InputError(
            "The curve needs rows of more than one class",
            Text("only {value!r}", value=rows.y[0].item()),
            "Provide rows of other classes, too",
        )
    frequent = sorted(counts, key=lambda number: -counts[number])[:MOST_CLASSES]
    return [
        Ranked(str(rows.classes[at]), is_one[at], probabilities[:, at], rows.weight, at in frequent) for at in counts
    ]


@picture(bins=Integer("Common values are 5 to 20"))
def calibration_curve(
    model: Any, X: Any, y: Any, *, bins: int = 10, sample_weight: Any = None, **look: Unpack[Look]
) -> Axes:
    """Plot the calibration curve: do predictions with a probability of 80% come true in 80% of the cases?

    Of two classes the probability of the positive one is looked at, of more that of the predicted class. Bars at the
    bottom say how many rows are in each bin: few rows, little to conclude. The mean error is the distance from the
    diagonal, weighted by rows (expected calibration error).

    Parameters
    ----------
    model : fitted classifier, or NeuralNetwork with a loss of classes
    X : table of rows
    y : array-like of shape (rows,)
    bins : int
        So many bins of equal width between 0 and 1.
    sample_weight : array-like of shape (rows,), optional
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model gives no probabilities of one class a row, or the rows do not suit.
    """
    rows, probabilities = classes_and_probabilities(estimator_of(model), X, y, sample_weight)
    y, classes = rows.y, rows.classes
    positive = rows.positive
    if positive is not None:
        came_true, sure = y == classes[positive], probabilities[:, positive]
    else:
        came_true, sure = y == classes[probabilities.argmax(axis=1)], probabilities.max(axis=1)
    found = reliability(sure, came_true, bins, rows.weight)
    name = None if positive is None else str(classes[positive])
    return draw(lambda spoken: calibration([(MODEL.say(spoken), found)], name, spoken), **look)


# ------------------------------------------------------------------- regression


@picture()
def residuals(model: Any, X: Any, y: Any, **look: Unpack[Look]) -> Axes:
    """The residuals (target minus prediction) over the prediction.

    A good model leaves a cloud without shape around zero; half of the rows lie in the grey band.

    Parameters
    ----------
    model : fitted regressor, or NeuralNetwork with a loss of numbers
    X : table of rows
    y : array-like of shape (rows,)
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model does not predict one number a row, or the rows do not suit.
    """
    y, predicted = numbers_and_predictions(estimator_of(model), X, y)
    if predicted.ndim != 1:
        raise InputError(
            "Residuals need one prediction per row",
            Text("{value} a row", value=predicted.shape[1]),
            "For quantiles use `quantile_bands`",
        )
    return draw(lambda spoken: charts.residuals(y, predicted, spoken), **look)


@picture()
def quantile_bands(model: Any, X: Any, y: Any, **look: Unpack[Look]) -> Axes:
    """The predicted quantiles of each row as bands, with the targets: whether their coverage is right.

    Rows stand in the order of their middle quantile, unless there is but one feature, which is then the axis.

    Parameters
    ----------
    model : fitted NeuralRegressor
        With a loss such as "quantile(levels=(0.1, 0.5, 0.9))".
    X : table of rows
    y : array-like of shape (rows,)
    **look

    Raises
    ------
    InputError, InputTypeError
        If the model has no quantiles, or the rows do not suit.
    """
    if not isinstance(model, Regressor):
        raise InputTypeError("Quantile bands need a NeuralRegressor", type(model).__name__, "Pass a fitted one")
    loss = model.network_.loss
    levels = np.array(loss.levels)
    if len(levels) < 2:
        remedy = Text('Train with loss="quantile(levels=(0.1, 0.5, 0.9))"')
        raise InputError("Quantile bands need a regressor with at least two quantiles", str(loss), remedy)
    y, predicted = numbers_and_predictions(model, X, y)
    ascending = np.argsort(levels)
    levels, predicted = levels[ascending], predicted[:, ascending]
    x, order, name = _axis(model, X, predicted[:, len(levels) // 2])

    def bands(spoken: Language) -> Chart:
        return charts.quantile_bands(x, y[order], predicted[order], levels, name or IN_ORDER.say(spoken), spoken)

    return draw(bands, **look)


def _axis(model: Any, X: Any, median: Array) -> tuple[Array, Array, str]:
    """Return the positions and the order of the rows, and the name of the feature that determines them."""
    encoder = model.encoder_
    if encoder.n_features_in == 1 and encoder.n_outputs == 1 and encoder.numbers == 1:
        place = encoder.inverse_transform(encoder.transform(X))
        (name, values), *_ = place.items()
        values = np.asarray(values, np.float64)
        order = np.argsort(values, kind="stable")
        return values[order], order, str(name) if encoder.plan.named else "x0"
    order = np.argsort(median, kind="stable")
    return np.arange(1, len(median) + 1), order, ""
