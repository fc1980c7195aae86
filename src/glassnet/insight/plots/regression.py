"""How far a regressor is off, and whether its quantiles hold what they promise."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from glassnet.display.chart import Chart
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import Regressor
from glassnet.insight import charts
from glassnet.insight.plots.draw import draw
from glassnet.insight.plots.subject import estimator_of, numbers_and_predictions
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text

IN_ORDER = Text("rows, sorted by median")


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
            "Residuals need one prediction per row", f"{predicted.shape[1]} a row", "For quantiles use `quantile_bands`"
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
        remedy = 'Train with loss="quantile(levels=(0.1, 0.5, 0.9))"'
        raise InputError("Quantile bands need a regressor with at least two quantiles", str(loss), remedy)
    y, predicted = numbers_and_predictions(model, X, y)
    ascending = np.argsort(levels)
    levels, predicted = levels[ascending], predicted[:, ascending]
    x, order, name = _axis(model, X, predicted[:, len(levels) // 2])

    def bands(spoken: Language) -> Chart:
        return charts.quantile_bands(x, y[order], predicted[order], levels, name or IN_ORDER.say(spoken), spoken)

    return draw(bands, **look)


def _axis(model: Any, X: Any, median: Array) -> tuple[Array, Array, str]:
    """Where the rows stand, in which order, and the name of the one feature that says so."""
    encoder = model.encoder_
    if encoder.n_features_in == 1 and encoder.n_outputs == 1 and encoder.numbers == 1:
        place = encoder.inverse_transform(encoder.transform(X))
        (name, values), *_ = place.items()
        values = np.asarray(values, np.float64)
        order = np.argsort(values, kind="stable")
        return values[order], order, str(name) if encoder.plan.named else "x0"
    order = np.argsort(median, kind="stable")
    return np.arange(1, len(median) + 1), order, ""
