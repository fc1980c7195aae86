"""The bootstrap in one sweep gives what scikit-learn gives draw by draw."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from glassnet.insight import bootstrap
from glassnet.insight.bootstrap import draws_for, resample
from glassnet.insight.predictions import Predictions


def draws(rows, count, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, rows, rows) for _ in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("piece", [60, 10**6])
def test_classes(monkeypatch, piece):
    monkeypatch.setattr(bootstrap, "PIECE_NUMBERS", piece * 40)
    rng = np.random.default_rng(3)
    truth = rng.choice(["a", "b"], 40)
    yes = np.round(rng.random(40), 1)  # many are equal
    said = Predictions(np.where(yes > 0.5, "b", "a"), np.c_[1 - yes, yes], np.array(["a", "b"]))
    weight = rng.uniform(0.1, 3, 40)
    found = resample(truth, {"m": said}, weight, resamples=60)
    expected = {"accuracy": [], "balanced_accuracy": [], "roc_auc": [], "log_loss": []}
    for draw in draws(40, 60):
        t, w = truth[draw], weight[draw]
        expected["accuracy"].append(metrics.accuracy_score(t, said.values[draw], sample_weight=w))
        expected["balanced_accuracy"].append(metrics.balanced_accuracy_score(t, said.values[draw], sample_weight=w))
        expected["roc_auc"].append(metrics.roc_auc_score(t == "b", yes[draw], sample_weight=w))
        expected["log_loss"].append(metrics.log_loss(t, said.probabilities[draw], sample_weight=w))
    for key, values in expected.items():
        interval = found.interval("m", key)
        np.testing.assert_allclose([interval.low, interval.high], np.percentile(values, [2.5, 97.5]), rtol=1e-9)


def test_numbers_and_differences():
    rng = np.random.default_rng(4)
    truth = 1e6 + rng.normal(size=50)
    models = {"good": Predictions(truth + rng.normal(size=50) / 3), "bad": Predictions(truth + rng.normal(size=50))}
    found = resample(truth, models, None, resamples=100)
    of = {"rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error, "r2": metrics.r2_score}
    for key, measure in of.items():
        each = {
            name: np.array([measure(truth[draw], said.values[draw]) for draw in draws(50, 100)])
            for name, said in models.items()
        }
        interval = found.difference("good", "bad", key)
        expected = np.percentile(each["good"] - each["bad"], [2.5, 97.5])
        np.testing.assert_allclose([interval.low, interval.high], expected, rtol=1e-6)


def test_too_few_rows_have_no_interval():
    said = Predictions(np.zeros(19), None, np.array([0, 1]))
    assert resample(np.zeros(19), {"m": said}, None).interval("m", "accuracy") is None
    assert resample(np.zeros(20), {"m": Predictions(np.zeros(20))}, None).interval("m", "r2") is None


@pytest.mark.parametrize("weight", [None, np.full(100, 3.0)])
def test_where_no_row_is_wrong_the_interval_is_that_of_clopper_and_pearson(weight):
    truth = np.repeat([0, 1], 50)
    yes = truth.astype(float)
    found = resample(truth, {"m": Predictions(truth, np.c_[1 - yes, yes], np.array([0, 1]))}, weight, resamples=50)
    low = {key: found.interval("m", key).low for key in ("accuracy", "balanced_accuracy", "roc_auc")}
    assert low == pytest.approx({"accuracy": 0.025**0.01, "balanced_accuracy": 0.025**0.02, "roc_auc": 0.025**0.04})
    assert all(found.interval("m", key).high == 1.0 for key in low)
    wrong = resample(truth, {"m": Predictions(1 - truth, None, np.array([0, 1]))}, weight, resamples=50)
    assert wrong.interval("m", "accuracy").high == pytest.approx(1 - 0.025**0.01)


def test_many_rows_are_drawn_less_often_and_as_often_as_is_said(monkeypatch):
    monkeypatch.setattr(bootstrap, "MOST_NUMBERS", 40 * 300)
    rng = np.random.default_rng(5)
    truth = rng.normal(size=40)
    said = Predictions(truth + rng.normal(size=40))
    found = resample(truth, {"m": said}, None).interval("m", "mae")
    assert draws_for(40) == 300
    assert found == resample(truth, {"m": said}, None, resamples=300).interval("m", "mae")
    assert found != resample(truth, {"m": said}, None, resamples=299).interval("m", "mae")
