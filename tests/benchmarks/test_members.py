from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.figures import class_figures
from benchmarks.accuracy.members import CLASSES, ENSEMBLES, Training, page
from benchmarks.accuracy.tables import Split, Table
from glassnet import NeuralClassifier


@pytest.mark.slow
def test_all_members_predict_as_the_fitted_model_does():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(160, 3)), columns=list("abc"))
    y = (X["a"] * X["b"] > 0).to_numpy().astype(int)
    split = Split(X[:120], X[120:], y[:120], y[120:], 2)
    training = Training(Table("t", Path("t.csv"), "y", "binary", 160, "a"), split, seed=3)
    options = {name: training.settings[name] for name in ("kinds", "members", "refits")}
    model = NeuralClassifier(random_state=3, **options).fit(split.X_train, split.y_train)
    found = training.figures(range(len(training.networks)))
    answers = model.predict_proba(split.X_test).astype(float)
    assert found["log_loss"] == class_figures(split.y_test, answers.argmax(axis=1), answers)["log_loss"]


def test_a_page_compares_ensembles_with_the_first_one():
    figures = {"error": 0.2, "accuracy": 0.8, "log_loss": 0.4, "processor_seconds": 1.0, "test_rows": 100}
    found = {ensemble.words: figures for ensemble in ENSEMBLES[CLASSES]}
    found["twelve"] = figures | {"log_loss": 0.2}
    text = page([{"table": "t", "most_rows": 5000, "seed": 0, "rows": 120, "kinds": CLASSES, "found": found}])
    (line,) = [line for line in text.splitlines() if line.startswith("| twelve")]
    assert "0.500" in line
