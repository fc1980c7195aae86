"""How far a regressor is off, and whether its quantiles hold what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import PredictionErrorDisplay

from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import NeuralRegressor
from glassnet.insight.plots.style import canvas
from glassnet.insight.plots.subject import estimator_of, numbers_and_predictions
from glassnet.language import Text
from glassnet.layers.base import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["quantile_bands", "residuals"]

RESIDUALS = Text("Residuals", "残差")
PREDICTED = Text("predicted", "预测值")
LEFT_OVER = Text("true - predicted", "实际值 - 预测值")
TYPICAL = Text("half of the rows: ±{size:.3g}", "半数的行：±{size:.3g}")
BANDS = Text("Quantiles", "分位数")
IN_ORDER = Text("rows, in the order of their median", "各行，按中位数排序")
VALUE = Text("target", "目标值")
BAND = Text("{low:.0%} to {high:.0%}: holds {held:.0%}", "{low:.0%} 至 {high:.0%}：含 {held:.0%}")
LEVEL = Text("{level:.0%} quantile", "{level:.0%} 分位数")
ROWS = Text("rows", "各行")

MOST = 1000
"""Of more rows so many points are drawn."""


def residuals(
    model: Any, X: Any, y: Any, *, ax: Axes | None = None, language: str | None = None, theme: str = "light"
) -> Axes:
    """What is left of each target when the prediction is taken away, over the prediction.

    A good model leaves a cloud without shape around zero; half of the rows lie in the grey band.

    Parameters
    ----------
    model : fitted regressor, or NeuralNetwork with a loss of numbers
    X : table of rows
    y : array-like of shape (rows,)
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model does not predict one number a row, or the rows do not suit.
    """
    y, predicted = numbers_and_predictions(estimator_of(model), X, y)
    if predicted.ndim != 1:
        raise InputError(
            "Residuals need one prediction a row", f"{predicted.shape[1]} a row", "For quantiles use `quantile_bands`"
        )
    with canvas(ax, language, theme) as drawing:
        PredictionErrorDisplay.from_predictions(
            *(y, predicted),
            kind="residual_vs_predicted",
            subsample=min(MOST, len(y)),
            random_state=0,
            ax=drawing.ax,
            scatter_kwargs={"color": drawing.theme.color(0), "alpha": 0.55, "s": drawing.size * 1.6, "linewidths": 0},
            line_kwargs={"color": drawing.theme.ink, "linewidth": 1, "linestyle": "-"},
        )
        half = float(np.median(np.abs(y - predicted)))
        label = drawing.say(TYPICAL, size=half)
        drawing.ax.axhspan(-half, half, color=drawing.theme.quiet, alpha=0.22, linewidth=0, zorder=0, label=label)
        drawing.label(RESIDUALS, PREDICTED, LEFT_OVER)
        drawing.legend()
        return drawing.ax


def quantile_bands(
    model: Any, X: Any, y: Any, *, ax: Axes | None = None, language: str | None = None, theme: str = "light"
) -> Axes:
    """The quantiles of each row as bands, and the targets: whether as many lie within as was promised.

    Rows stand in the order of their middle quantile, unless there is but one feature, which is then the axis.

    Parameters
    ----------
    model : fitted NeuralRegressor
        With a loss such as "quantile(levels=(0.1, 0.5, 0.9))".
    X : table of rows
    y : array-like of shape (rows,)
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If the model has no quantiles, or the rows do not suit.
    """
    if not isinstance(model, NeuralRegressor):
        raise InputTypeError("Bands need a NeuralRegressor", type(model).__name__, "Give a fitted one")
    loss = model.network_.loss
    levels = np.array(loss.levels)
    if len(levels) < 2:
        raise InputError(
            "Bands need a regressor with at least two quantiles",
            str(loss),
            'Train with loss="quantile(levels=(0.1, 0.5, 0.9))"',
        )
    y, predicted = numbers_and_predictions(model, X, y)
    ascending = np.argsort(levels)
    levels, predicted = levels[ascending], predicted[:, ascending]
    middle = len(levels) // 2
    x, order, name = _axis(model, X, predicted[:, middle])
    y, predicted = y[order], predicted[order]
    some = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST)).astype(np.intp))
    with canvas(ax, language, theme) as drawing:
        color = drawing.theme.color(0)
        for depth in range(len(levels) // 2):
            low, high = predicted[:, depth], predicted[:, -1 - depth]
            held = float(np.mean((low <= y) & (y <= high)))
            label = drawing.say(BAND, low=levels[depth], high=levels[-1 - depth], held=held)
            drawing.ax.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0, label=label)
        if len(levels) % 2:
            label = drawing.say(LEVEL, level=levels[middle])
            drawing.ax.plot(x, predicted[:, middle], color=color, linewidth=1.6, label=label)
        dots = {"color": drawing.theme.ink, "s": drawing.size * 0.7, "linewidths": 0, "alpha": 0.7}
        drawing.ax.scatter(x[some], y[some], label=drawing.say(ROWS), zorder=3, **dots)
        drawing.label(BANDS, name, VALUE)
        drawing.legend()
        return drawing.ax


def _axis(model: Any, X: Any, median: Array) -> tuple[Array, Array, Text | str]:
    """Where the rows stand, in which order, and what the axis is called."""
    encoder = model.encoder_
    if encoder.n_features_in == 1 and encoder.n_outputs == 1 and encoder.numbers == 1:
        place = encoder.inverse_transform(encoder.transform(X))
        (name, values), *_ = place.items()
        values = np.asarray(values, np.float64)
        order = np.argsort(values, kind="stable")
        return values[order], order, str(name) if encoder.plan.named else "x0"
    order = np.argsort(median, kind="stable")
    return np.arange(1, len(median) + 1), order, IN_ORDER
