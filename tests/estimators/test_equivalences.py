"""Without a hidden layer and without decay the estimators are classical models, and give their numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor

from glassnet import NeuralClassifier, NeuralRegressor

PLAIN = {
    "hidden_layers": (),
    "optimizer": "lbfgs",
    "epochs": 5000,
    "early_stopping": False,
    "dtype": "float64",
    "random_state": 0,
}


@pytest.fixture(params=[False, True], ids=["unweighted", "weighted"])
def weight(request):
    return np.random.default_rng(1).uniform(0.2, 3, size=150) if request.param else None


@pytest.mark.parametrize("target", ["words", "letters"])
def test_logistic_regression(table, target, weight):
    y = getattr(table, target)
    classical = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(table.X, y, weight)
    mine = NeuralClassifier(**PLAIN).fit(table.X, y, weight)
    assert mine.classes_.tolist() == classical.classes_.tolist()
    assert np.allclose(mine.predict_proba(table.X), classical.predict_proba(table.X), atol=5e-5)


def test_linear_regression(table, weight):
    classical = LinearRegression().fit(table.X, table.number, weight)
    mine = NeuralRegressor(**PLAIN).fit(table.X, table.number, weight)
    assert np.allclose(mine.predict(table.X), classical.predict(table.X), rtol=1e-6)


def test_linear_regression_of_several_targets(table, weight):
    classical = LinearRegression().fit(table.X, table.numbers, weight)
    mine = NeuralRegressor(**PLAIN).fit(table.X, table.numbers, weight)
    assert np.allclose(mine.predict(table.X), classical.predict(table.X), rtol=1e-6)


@pytest.mark.parametrize("unit", [1, 1e-6, 1e6], ids=["as they are", "tiny", "huge"])
def test_poisson_regression_in_any_unit(table, weight, unit):
    classical = PoissonRegressor(alpha=0, tol=1e-10, max_iter=10_000).fit(table.X, table.counts, weight)
    mine = NeuralRegressor(**PLAIN, loss="poisson").fit(table.X, unit * table.counts, weight)
    assert np.allclose(mine.predict(table.X), unit * classical.predict(table.X), rtol=1e-4)


def test_quantile_regression(table):
    """The check loss has a kink, at which the search comes to rest near the vertex that is the solution."""
    classical = QuantileRegressor(quantile=0.8, alpha=0).fit(table.X, table.number)
    mine = NeuralRegressor(
        preset="mlp", hidden_layers=(), loss="quantile(levels=(0.8,))", epochs=600, learning_rate=0.05, dropout=0
    )
    mine.set_params(weight_decay=0.0, batch_size=150, random_state=0).fit(table.X, table.number)
    spread = np.std(table.number)
    assert np.abs(mine.predict(table.X) - classical.predict(table.X)).max() < 0.05 * spread
    assert abs(np.mean(table.number <= mine.predict(table.X)) - 0.8) < 0.02


def test_the_mean_and_the_deviation_of_a_normal_distribution(table):
    """With nothing to learn from but noise, the most likely mean and deviation are those of the sample."""
    y = np.random.default_rng(3).normal(7, 3, size=150)
    mine = NeuralRegressor(**PLAIN, loss="gaussian_nll").fit(np.repeat([[0.0], [1.0]], 75, axis=0), y)
    mean, deviation = mine.predict([[0.0], [1.0]], return_std=True)
    halves = y.reshape(2, 75)
    assert np.allclose(mean, halves.mean(axis=1), rtol=1e-5)
    assert np.allclose(deviation, halves.std(axis=1), rtol=1e-5)
