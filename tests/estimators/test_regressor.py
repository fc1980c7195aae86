"""The regressor: numbers in their own units, counts, quantiles, and how sure it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import is_regressor
from sklearn.metrics import d2_pinball_score
from sklearn.model_selection import GridSearchCV

from glassnet import Loss
from glassnet.errors import InputError
from glassnet.formulas.losses import LOSSES, gaussian_nll, gaussian_nll_derivative

OF_NUMBERS = [name for name in LOSSES if LOSSES.get(name).target in ("numbers", "counts")]


@pytest.mark.parametrize("target", ["number", "numbers"])
@pytest.mark.parametrize("loss", OF_NUMBERS)
def test_every_loss_of_numbers(table, regressor, loss, target):
    y = getattr(table, target)
    if loss == "poisson":
        y = np.exp((y - y.mean(axis=0)) / y.std(axis=0))
    model = regressor(loss=loss, epochs=150).fit(table.X, y)
    assert model.predict(table.X).shape == y.shape
    assert model.score(table.X, y) > 0.7
    assert is_regressor(model)


def test_what_is_learned_does_not_depend_on_the_unit(table, regressor):
    model = regressor().fit(table.X, table.number)
    for factor, shift in ((1e300, 0.0), (1e-300, 0.0), (1.0, -1e6)):
        other = regressor().fit(table.X, factor * table.number + shift)
        assert np.allclose(other.predict(table.X), factor * model.predict(table.X) + shift, rtol=1e-6)


def test_one_column_stays_a_column(table, regressor):
    model = regressor().fit(table.X, table.number[:, None])
    assert model.predict(table.X).shape == (150, 1)


def test_quantiles(table, regressor):
    model = regressor(loss="quantile(levels=(0.1, 0.5, 0.9))", epochs=100).fit(table.X, table.number)
    predicted = model.predict(table.X)
    assert predicted.shape == (150, 3)
    shares = (table.number[:, None] <= predicted).mean(axis=0)
    assert np.allclose(shares, [0.1, 0.5, 0.9], atol=0.08)
    both = regressor(loss="quantile(levels=(0.1, 0.5, 0.9))").fit(table.X, table.numbers)
    assert both.predict(table.X).shape == (150, 6)


LEVELS = (0.9, 0.1, 0.5)


def test_the_score_of_several_quantiles_is_the_mean_of_theirs(table, regressor):
    weight = np.random.default_rng(0).integers(0, 3, 150)
    model = regressor(loss=f"quantile(levels={LEVELS})").fit(table.X, table.numbers)
    predicted = model.predict(table.X).reshape(150, 2, 3)
    each = [
        d2_pinball_score(table.numbers[:, target], predicted[:, target, place], sample_weight=weight, alpha=level)
        for place, level in enumerate(LEVELS)
        for target in range(2)
    ]
    assert model.score(table.X, table.numbers, sample_weight=weight) == pytest.approx(np.mean(each))


def test_several_quantiles_in_a_search(table, regressor):
    search = GridSearchCV(regressor(loss=f"quantile(levels={LEVELS})"), {"epochs": [1, 40]}, cv=2, error_score="raise")
    assert search.fit(table.X, table.number).best_params_ == {"epochs": 40}
    assert 0 < search.best_score_ < 1


def test_a_named_score_of_several_quantiles_is_refused(table, regressor):
    with pytest.raises(InputError, match=r"so with several quantiles `scoring` cannot be a name. Received: 'r2'. Omit"):
        regressor(loss=f"quantile(levels={LEVELS})", scoring="r2").fit(table.X, table.number)


def test_mean_and_deviation(table, regressor):
    noise = np.random.default_rng(1).normal(size=150)
    y = 500 + np.where(table.X[:, 0] > 0, 30.0, 3.0) * noise
    model = regressor(loss="gaussian_nll", epochs=200).fit(table.X, y)
    mean, deviation = model.predict(table.X, return_std=True)
    assert mean.shape == deviation.shape == (150,)
    assert (mean == model.predict(table.X)).all()
    assert np.median(deviation[table.X[:, 0] > 0.5]) > 3 * np.median(deviation[table.X[:, 0] < -0.5])
    several = regressor(loss="gaussian_nll").fit(table.X, table.numbers).predict(table.X, return_std=True)
    assert [part.shape for part in several] == [(150, 2), (150, 2)]
    with pytest.raises(InputError, match="`return_std` needs a loss with a variance.* Received: mse"):
        regressor().fit(table.X, y).predict(table.X, return_std=True)


def test_counts(table, regressor):
    model = regressor(loss="poisson", epochs=60).fit(table.X, table.counts)
    assert (model.predict(table.X) > 0).all()
    assert np.mean(model.predict(table.X)) == pytest.approx(table.counts.mean(), rel=0.1)
    with pytest.raises(InputError, match=r"`poisson` must lie in \[0, inf\]"):
        regressor(loss="poisson").fit(table.X, table.number - 1000)


def test_a_loss_of_ones_own(table, regressor):
    fourth = Loss("fourth", lambda o, t: (o - t) ** 4, lambda o, t: 4 * (o - t) ** 3)
    assert regressor(loss=fourth, epochs=60).fit(table.X, table.number).score(table.X, table.number) > 0.7


def test_a_loss_of_ones_own_with_two_outputs_predicts_the_first(table, regressor):
    def laplace(mean, log_scale, target):
        return np.abs(target - mean) * np.exp(-log_scale) + log_scale

    def slopes(mean, log_scale, target):
        precision = np.exp(-log_scale)
        return -np.sign(target - mean) * precision, 1 - np.abs(target - mean) * precision

    model = regressor(loss=Loss("laplace", laplace, slopes, columns=2), epochs=60).fit(table.X, table.number)
    assert model.network_.outputs == 2
    assert model.score(table.X, table.number) > 0.7


def test_a_loss_of_ones_own_whose_second_output_is_a_log_variance_predicts_deviations(table, regressor):
    """As gaussian_nll does, which is told apart by nothing else."""
    own = Loss("normal", gaussian_nll, gaussian_nll_derivative, columns=2, spread="log_variance")
    models = [regressor(loss=loss, epochs=3, members=2).fit(table.X, table.number) for loss in (own, "gaussian_nll")]
    for mine, known in zip(*(model.predict(table.X, return_std=True) for model in models), strict=True):
        np.testing.assert_array_equal(mine, known)
    with pytest.raises(InputError, match="needs a mean and a variance"):
        Loss("half", gaussian_nll, gaussian_nll_derivative, spread="log_variance")


def test_a_constant_target(table, regressor):
    model = regressor(epochs=100).fit(table.X, np.full(150, 7.0))
    assert np.allclose(model.predict(table.X), 7, atol=0.1)


@pytest.mark.parametrize(
    "container",
    [list, pd.Series, lambda y: pd.Series(y, dtype="Float64"), pl.Series, lambda y: pl.DataFrame({"a": y, "b": y})],
    ids=["list", "pandas", "pandas nullable", "polars", "frame"],
)
def test_numbers_in_any_container(table, regressor, container):
    y = container(table.number.tolist())
    model = regressor(epochs=2).fit(table.X, y)
    assert model.predict(table.X).shape == np.shape(y)
