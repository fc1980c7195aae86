"""Small tables, and models trained on them once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralRegressor

QUICK = {"preset": "mlp", "hidden_layers": (8,), "epochs": 15, "random_state": 0}


def people(rows, seed):
    """Ages with gaps, cities, days; who came back, what they paid, and a weight."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows).astype(float)
    city = rng.choice(["Bern", "Graz", "Ulm"], rows).astype(object)
    score = (age - 45) / 10 + 2 * (city == "Ulm") + rng.normal(0, 1.5, rows)
    age[rng.random(rows) < 0.1] = np.nan
    city[rng.random(rows) < 0.1] = None
    X = pd.DataFrame({"age": age, "city": city, "member": rng.random(rows) < 0.5, "always": 1})
    X["since"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, rows), unit="D")
    return X, score, rng.uniform(0.5, 2, rows)


@pytest.fixture(scope="session")
def learned():
    return people(400, seed=1)


@pytest.fixture(scope="session")
def judged():
    return people(200, seed=2)


def answers(score, task):
    """The same score as the answers of one task."""
    if task == "binary":
        return np.where(score > 0.5, "yes", "no")
    if task == "multiclass":
        return np.select([score < -0.5, score < 1.5], ["low", "middle"], "top")
    return 10 * score + 100


@pytest.fixture(scope="session")
def models(learned):
    """A model for each task."""
    X, score, weight = learned
    made = {
        "binary": NeuralClassifier(**QUICK, early_stopping=True, calibration="temperature"),
        "multiclass": NeuralClassifier(**QUICK),
        "hinge": NeuralClassifier(**QUICK, loss="hinge"),
        "regression": NeuralRegressor(**QUICK),
        "quantiles": NeuralRegressor(**QUICK, loss="pinball(levels=(0.1, 0.5, 0.9))"),
        "deviation": NeuralRegressor(**QUICK, loss="gaussian_nll"),
    }
    task = {"hinge": "binary", "quantiles": "regression", "deviation": "regression"}
    return {name: model.fit(X, answers(score, task.get(name, name)), weight) for name, model in made.items()}


@pytest.fixture(scope="session")
def answers_of(judged):
    """The answers of the rows to judge by, as a model of that name learned them."""
    task = {"hinge": "binary", "quantiles": "regression", "deviation": "regression"}
    return lambda name: answers(judged[1], task.get(name, name))
