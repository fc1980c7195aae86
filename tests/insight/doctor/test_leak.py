"""Columns that give the target away."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.insight.doctor import target_checks
from glassnet.insight.doctor.target_checks import skill_of_column

QUICK = {"preset": "mlp", "hidden_layers": (8,), "epochs": 5, "random_state": 0}


@pytest.fixture
def table(rows):
    noise = np.random.default_rng(1).normal(size=300)
    frame = pd.DataFrame(rows, columns=["age", "size", "price"])
    return frame, (rows[:, 0] + noise > 0).astype(int)


def test_a_column_made_from_the_target_is_named(table, found):
    frame, y = table
    assert found("leaked_target", NeuralClassifier(**QUICK).fit(frame, y), frame, y) is None
    leaky = frame.assign(outcome=np.where(y == 1, "paid", "lost"))
    finding = found("leaked_target", NeuralClassifier(**QUICK).fit(leaky, y), leaky, y)
    assert finding.evidence["skills"] == {"outcome": 1.0}
    assert finding.severity == "serious"
    assert "outcome" in finding.what


@pytest.mark.slow
def test_a_leak_may_be_bent_or_have_a_gap_or_two(table, found):
    frame, _ = table
    y = frame["age"] + frame["size"] ** 2
    leaky = frame.assign(total=np.exp(y / 4))
    finding = found("leaked_target", NeuralRegressor(**QUICK).fit(leaky, y), leaky, y)
    assert list(finding.evidence["skills"]) == ["total"]
    leaky.loc[::30, "total"] = np.nan
    assert found("leaked_target", NeuralRegressor(**QUICK).fit(leaky, y), leaky, y) is None


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_good_columns_are_no_leaks(load):
    X, y = load(return_X_y=True)
    skills = [skill_of_column(X[:, [column]], y, True, folds=5) for column in range(X.shape[1])]
    assert 0.5 < max(skills) < 0.98


def test_a_column_of_noise_knows_nothing(rows):
    y = np.random.default_rng(2).integers(0, 2, 300)
    assert skill_of_column(rows[:, :1], y, True, folds=5) < 0.2


def test_in_a_table_of_very_many_columns_it_is_still_found(network, found, monkeypatch):
    monkeypatch.setattr(target_checks, "MOST_COLUMNS", 20)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 30)), rng.integers(0, 2, 100)
    X[:, 25] = y - 0.5
    finding = found("leaked_target", network(30, [1], "binary_cross_entropy"), X, y)
    assert list(finding.evidence["skills"]) == ["x25"]
