"""Scores for people: scikit-learn's numbers, and nothing where a number would mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from glassnet import NeuralClassifier
from glassnet.insight.baselines import LOGISTIC, MOST_FREQUENT, baselines, deciding_alike, simple_models
from glassnet.insight.predictions import Predictions
from glassnet.insight.scores import CLASSIFICATION, score
from tests.engines.test_blas_threads import threads


def predicted(classes, rows, seed=0):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(len(classes)), rows)
    return Predictions(np.array(classes)[probabilities.argmax(axis=1)], probabilities, np.array(classes))


def test_two_classes_have_four_scores():
    truth, ours = np.array(["a", "b"] * 10), predicted(["a", "b"], 20)
    weight = np.random.default_rng(1).uniform(0.5, 2, 20)
    expected = {
        "accuracy": metrics.accuracy_score(truth, ours.values, sample_weight=weight),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, ours.values, sample_weight=weight),
        "roc_auc": metrics.roc_auc_score(truth == "b", ours.probabilities[:, 1], sample_weight=weight),
        "log_loss": metrics.log_loss(truth, ours.probabilities, sample_weight=weight),
    }
    assert score(truth, ours, weight) == pytest.approx(expected, rel=1e-12)
    assert list(score(truth, ours)) == list(expected)


def test_more_classes_have_no_single_curve():
    truth = np.arange(30) % 3
    assert set(score(truth, predicted([0, 1, 2], 30))) == {"accuracy", "balanced_accuracy", "log_loss"}


def test_rows_of_one_class_have_no_curve_and_no_complaint():
    found = score(np.array(["a"] * 5), predicted(["a", "b"], 5))
    assert set(found) == {"accuracy", "balanced_accuracy", "log_loss"}


def test_a_class_that_does_not_occur_is_no_part_of_the_balance():
    truth, ours = np.array([0, 0, 1, 1]), Predictions(np.array([0, 2, 1, 1]), None, np.array([0, 1, 2]))
    assert score(truth, ours) == {"accuracy": 0.75, "balanced_accuracy": 0.75}


def test_a_regression_has_three_scores():
    truth, values = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    expected = {
        "rmse": metrics.root_mean_squared_error(truth, values),
        "mae": 0.5,
        "r2": metrics.r2_score(truth, values),
    }
    assert score(truth, Predictions(values)) == pytest.approx(expected, rel=1e-12)
    assert "r2" not in score(truth[:1], Predictions(values[:1]))


@pytest.mark.parametrize(("key", "value", "spelled"), [("accuracy", 0.98765, "98.77%"), ("log_loss", 0.05, "0.0500")])
def test_numbers_are_spelled_for_people(key, value, spelled):
    metric = next(metric for metric in CLASSIFICATION if metric.key == key)
    assert metric.spell(value) == spelled
    assert metric.spell(float("nan")) == metric.spell(None) == "-"


@pytest.mark.parametrize("kind", [LogisticRegression, Ridge])
def test_baselines_take_one_thread_of_blas(kind, monkeypatch):
    """Two would wait for each other in every step, which takes very long where others use the processors as well."""
    fit, seen = kind.fit, set()

    def look(model, *rows, **options):
        seen.update(threads())
        return fit(model, *rows, **options)

    monkeypatch.setattr(kind, "fit", look)
    X = np.arange(8.0)[:, None]
    with threadpool_limits(2, user_api="blas"):
        dict(baselines(X, X[:, 0] > 3, None, X, classes=kind is LogisticRegression))
    assert seen == {1}


def test_simple_models_learn_from_the_training_rows_alone():
    X = np.linspace(-2, 2, 40)[:, None]
    y = np.where(X[:, 0] > 0, "high", "low")
    found = dict(baselines(X, y, None, X[[0, -1]], classes=True))
    assert list(found) == ["logistic regression", "most frequent class"]
    assert found["logistic regression"].values.tolist() == ["low", "high"]
    assert found["most frequent class"].probabilities.tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("y", [np.arange(6.0), np.array(["a", "b"] * 3)], ids=["numbers", "classes"])
def test_where_no_column_varies_simple_models_answer_as_the_constant_does(y):
    found = dict(baselines(np.empty((6, 0)), y, None, np.empty((2, 0)), classes=y.dtype.kind == "U"))
    learned, constant = found.values()
    if learned.probabilities is None:
        np.testing.assert_allclose(learned.values, constant.values)
    else:
        np.testing.assert_allclose(learned.probabilities, constant.probabilities)


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**600, 2.0**990])
def test_scores_of_numbers_do_not_depend_on_the_unit(unit):
    truth, off = np.array([1.0, 2.0, 4.0, 3.0]), np.array([0.1, -0.2, 0.3, 0.0])
    usual, other = (score(size * truth, Predictions(size * (truth + off))) for size in (1.0, unit))
    assert other == {"rmse": unit * usual["rmse"], "mae": unit * usual["mae"], "r2": usual["r2"]}


@pytest.mark.parametrize("decision", [{"decision_threshold": 0.2}, {"costs": {("yes", "no"): 4}}])
def test_linear_models_decide_as_the_network_does(decision):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] + rng.normal(size=200) > 1, "yes", "no")
    model = NeuralClassifier(preset="mlp", random_state=0, **decision).fit(X, y)
    found = simple_models((X, y, None), X, classes=True)
    decided = deciding_alike(found, model)
    chance = found[LOGISTIC].probabilities[:, 1]
    assert ((decided[LOGISTIC].values == "yes") == (chance >= 0.2)).all()
    assert decided[MOST_FREQUENT] is found[MOST_FREQUENT]


def test_simple_models_learn_from_some_rows_of_each_class(monkeypatch):
    monkeypatch.setattr("glassnet.insight.baselines.MOST_LEARNED", 20)
    learned, fit = [], LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", lambda self, *rows, **more: learned.append(rows) or fit(self, *rows))
    X, y = np.arange(100.0)[:, None], np.array(["rare", *["low"] * 49, *["high"] * 50])
    found = simple_models((X, y, np.ones(100)), X[:3], classes=True)
    ((_, seen),) = learned
    assert len(seen) <= 22
    assert set(seen) == set(y)
    assert found["logistic regression"].probabilities.shape == (3, 3)
