"""Intervals and sets that hold what they promise."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError
from glassnet.estimators.conformal import limit

FEW = {"hidden_layers": (16,), "preset": "mlp", "epochs": 20, "random_state": 0}
WITHIN = 0.01
"""One point."""


def numbers(rng, rows):
    X = rng.uniform(-2, 2, size=(rows, 2))
    return X, np.sin(2 * X[:, 0]) + rng.normal(size=rows) * (0.2 + 0.5 * (X[:, 1] > 0))


def classes(rng, rows):
    X = rng.normal(size=(rows, 2))
    scores = np.stack([X[:, 0], X[:, 1], -X.sum(axis=1)], axis=1) + rng.gumbel(size=(rows, 3))
    return X, scores.argmax(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["mse", "gaussian_nll", "quantile(levels=(0.05, 0.5, 0.95))", "mae"])
def test_intervals_cover_as_promised_over_many_splits(loss):
    rng = np.random.default_rng(0)
    model = NeuralRegressor(**FEW, loss=loss).fit(*numbers(rng, 500))
    covered = []
    for _ in range(200):
        X, y = numbers(rng, 500)
        low, high = model.conformalize(*numbers(rng, 200)).predict_interval(X, coverage=0.9).T
        covered.append(((low <= y) & (y <= high)).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=WITHIN)


@pytest.mark.slow
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_cover_as_promised_over_many_splits(coverage):
    rng = np.random.default_rng(0)
    model = NeuralClassifier(**FEW).fit(*classes(rng, 500))
    covered = []
    for _ in range(200):
        X, y = classes(rng, 500)
        sets = model.conformalize(*classes(rng, 200)).predict_set(X, coverage=coverage)
        covered.append(sets[np.arange(500), y].mean())
    assert np.mean(covered) == pytest.approx(coverage, abs=WITHIN)


@pytest.mark.slow
def test_they_cover_although_the_model_is_bad():
    rng = np.random.default_rng(0)
    model = NeuralRegressor(**FEW | {"epochs": 1}).fit(*numbers(rng, 50))
    widths, covered = [], []
    for _ in range(200):
        X, y = numbers(rng, 300)
        low, high = model.conformalize(*numbers(rng, 200)).predict_interval(X).T
        widths.append((high - low).mean())
        covered.append(((low <= y) & (y <= high)).mean())
    good = NeuralRegressor(**FEW | {"epochs": 100}).fit(*numbers(rng, 1000)).conformalize(*numbers(rng, 1000))
    assert np.mean(covered) == pytest.approx(0.9, abs=WITHIN)
    assert np.diff(good.predict_interval(X)).mean() < np.mean(widths)


def test_where_the_model_knows_its_uncertainty_the_widths_follow_it():
    rng = np.random.default_rng(0)
    X, y = numbers(rng, 2000)
    model = NeuralRegressor(**FEW | {"epochs": 200}, loss="gaussian_nll").fit(X, y).conformalize(*numbers(rng, 500))
    width = np.diff(model.predict_interval(X))[:, 0]
    assert width[X[:, 1] > 0].mean() > 1.5 * width[X[:, 1] < 0].mean()
    plain = NeuralRegressor(**FEW).fit(X, y).conformalize(*numbers(rng, 500))
    assert np.ptp(np.diff(plain.predict_interval(X))) < 1e-9


def test_quantiles_never_cross():
    rng = np.random.default_rng(0)
    X, y = numbers(rng, 60)
    levels = (0.9, 0.1, 0.5, 0.45, 0.55)
    model = NeuralRegressor(**FEW | {"epochs": 3}, loss=f"quantile(levels={levels})").fit(X, y)
    raw = model.network_.forward(model.encoder_.transform(X))
    predicted = model.predict(X)[:, np.argsort(levels)]
    assert (np.diff(raw[:, np.argsort(levels)]) < 0).any()  # those of the network do
    assert (np.diff(predicted) >= 0).all()


def test_the_limit_is_the_smallest_that_keeps_the_promise():
    scores = np.arange(1.0, 100.0)
    assert limit(scores, 0.9) == 90
    assert limit(scores, 0.905) == 91
    with pytest.raises(InputError, match="needs at least 999 rows. Received: 99 rows"):
        limit(scores, 0.999)
    with pytest.raises(InputError, match="`coverage` must be between 0 and 1. Received: 90"):
        limit(scores, 90)


def test_nothing_is_promised_before_or_after_another_fit():
    rng = np.random.default_rng(0)
    X, y = numbers(rng, 100)
    model = NeuralRegressor(**FEW).fit(X, y)
    with pytest.raises(NotFittedError, match="Call conformalize"):
        model.predict_interval(X)
    model.conformalize(*numbers(rng, 100)).predict_interval(X)
    model.fit(X, y)
    with pytest.raises(NotFittedError, match="promises nothing yet"):
        model.predict_interval(X)
    with pytest.raises(NotFittedError):
        NeuralRegressor().conformalize(X, y)


def test_promises_survive_a_file(tmp_path):
    rng = np.random.default_rng(0)
    X, y = classes(rng, 200)
    model = NeuralClassifier(**FEW).fit(X, y).conformalize(*classes(rng, 100))
    glassnet.save(model, tmp_path / "model")
    np.testing.assert_array_equal(glassnet.load(tmp_path / "model").predict_set(X), model.predict_set(X))


def test_several_targets_are_refused():
    X = np.random.default_rng(0).normal(size=(50, 2))
    with pytest.raises(InputError, match="Intervals need one target per row"):
        NeuralRegressor(**FEW).fit(X, X).conformalize(X, X)
    with pytest.raises(InputError, match="Prediction sets need one class per row"):
        NeuralClassifier(**FEW).fit(X, (X > 0).astype(int)).conformalize(X, (X > 0).astype(int))


@pytest.mark.parametrize("loss", ["mse", "quantile(levels=(0.1, 0.5, 0.9))"])
def test_no_rows_have_no_intervals(loss):
    X, y = numbers(np.random.default_rng(0), 40)
    model = NeuralRegressor(**FEW | {"epochs": 1}, loss=loss).fit(X, y).conformalize(X, y)
    assert model.predict_interval(X[:0]).shape == (0, 2)
    assert model.predict(X[:0]).shape == (0, *model.predict(X[:1]).shape[1:])
