"""Pictures of regressors: residuals, and what quantiles hold."""

import numpy as np
import pytest

from glassnet import NeuralNetwork, NeuralRegressor, plots
from glassnet.errors import InputError, InputTypeError


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_residuals_are_what_the_prediction_leaves(rows, regressor):
    ax = plots.residuals(regressor, rows.frame, rows.number)
    predicted = regressor.predict(rows.frame)
    points = np.asarray(ax.collections[0].get_offsets())
    order = np.lexsort(points.T[::-1])
    expected = np.c_[predicted, rows.number - predicted]
    np.testing.assert_allclose(points[order], expected[np.lexsort(expected.T[::-1])])
    half = np.median(np.abs(rows.number - predicted))
    assert f"half of the residuals: ±{half:.3g}" in labels(ax)
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("Residuals", "predicted", "actual − predicted")
    assert plots.residuals(regressor, rows.frame, rows.number, language="zh").get_title() == "残差"


def test_bands_are_the_quantiles_in_the_order_of_the_median(rows, quantiles):
    ax = plots.quantile_bands(quantiles, rows.X, rows.number)
    predicted = quantiles.predict(rows.X)  # 0.9, 0.1, 0.5
    order = np.argsort(predicted[:, 2], kind="stable")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), predicted[order, 2])
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), np.arange(1, 161))
    corners = ax.collections[0].get_paths()[0].vertices
    assert corners[:, 1].max() == pytest.approx(predicted[:, 0].max())
    assert corners[:, 1].min() == pytest.approx(predicted[:, 1].min())
    held = np.mean((predicted[:, 1] <= rows.number) & (rows.number <= predicted[:, 0]))
    assert labels(ax)[0] == f"10% to 90%: covers {held:.0%}"
    np.testing.assert_allclose(ax.collections[-1].get_offsets()[:, 1], rows.number[order])


def test_of_one_feature_the_axis_is_the_feature(rows):
    model = NeuralRegressor(preset="mlp", hidden_layers=4, epochs=2, loss="quantile(levels=(0.2, 0.8))", random_state=0)
    table = rows.frame[["age"]]
    model.fit(table, rows.number)
    ax = plots.quantile_bands(model, table, rows.number, language="zh")
    assert ax.get_xlabel() == "age"
    assert not ax.lines  # there is no level in the middle
    np.testing.assert_allclose(ax.collections[-1].get_offsets()[:, 0], np.sort(table["age"]), rtol=1e-5)
    assert labels(ax)[0].startswith("20% 至 80%：含 ")


def test_what_has_no_residuals_is_refused(rows, regressor, quantiles, binary):
    with pytest.raises(InputTypeError, match="must predict numbers. Received: NeuralClassifier"):
        plots.residuals(binary, rows.X, rows.number)
    with pytest.raises(InputError, match="need one prediction per row. Received: 3 a row. For quantiles"):
        plots.residuals(quantiles, rows.X, rows.number)
    with pytest.raises(InputError, match="needs one target per row. Received: y of shape"):
        plots.residuals(regressor, rows.frame, np.c_[rows.number, rows.number])
    with pytest.raises(ValueError, match="NaN"):
        plots.residuals(regressor, rows.frame, np.full(160, np.nan))
    network = NeuralNetwork(3, [1])
    np.testing.assert_allclose(
        np.sort(plots.residuals(network, rows.X, rows.number).collections[0].get_offsets()[:, 0]),
        np.sort(network.predict(rows.X)[:, 0]),
    )


def test_what_has_no_bands_is_refused(rows, regressor, binary):
    with pytest.raises(InputError, match="at least two quantiles. Received: mse. Train with loss="):
        plots.quantile_bands(regressor, rows.frame, rows.number)
    with pytest.raises(InputTypeError, match="Quantile bands need a NeuralRegressor. Received: NeuralClassifier"):
        plots.quantile_bands(binary, rows.X, rows.number)
