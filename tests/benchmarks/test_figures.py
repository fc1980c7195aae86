from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.accuracy import curves
from benchmarks.accuracy.contenders import CONTENDERS, OURS
from benchmarks.accuracy.figures import calibration_error, class_figures, number_figures, widened
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.members import CLASSES, ENSEMBLES, Training, page
from benchmarks.accuracy.tables import Split, Table
from glassnet import NeuralClassifier


def test_confidence_that_is_as_often_right_as_it_says_has_no_calibration_error():
    y = np.array([0, 0, 0, 1])
    assert calibration_error(y, np.tile([0.75, 0.25], (4, 1))) == pytest.approx(0)


def test_the_calibration_error_weighs_each_range_by_its_rows():
    y = np.array([0, 0, 0, 1])
    probabilities = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.6, 0.4]])
    assert calibration_error(y, probabilities) == pytest.approx(0.25 * 0.6)


def test_figures_of_classes_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    probabilities = rng.dirichlet(np.ones(3), 60)
    found = class_figures(y, probabilities.argmax(axis=1), probabilities)
    assert found["log_loss"] == pytest.approx(log_loss(y, probabilities))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(y, probabilities, multi_class="ovr"))
    assert found["error"] == pytest.approx(1 - found["accuracy"])


def test_a_class_that_the_model_has_not_seen_gets_nothing():
    assert widened(np.array([[0.3, 0.7]]), np.array([0, 2]), 3).tolist() == [[0.3, 0.0, 0.7]]


def test_a_class_that_no_test_row_has_does_not_hinder_the_area_under_the_curve():
    y = np.array([0, 1, 0, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]])
    assert class_figures(y, probabilities.argmax(axis=1), probabilities)["roc_auc"] == pytest.approx(1.0)


def test_probabilities_that_are_not_finite_are_no_result():
    with pytest.raises(ValueError, match="not finite"):
        class_figures(np.array([0, 1]), np.array([0, 1]), np.array([[np.nan, 0.5], [0.5, 0.5]]))


def test_the_error_of_numbers_is_the_rmse():
    found = number_figures(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert found["error"] == found["rmse"] == pytest.approx(np.sqrt(2))


# ------------------------------------------------------------------------ curves


LONG = [
    Table(f"of {rows}", Path("any.csv"), "y", "binary", rows, "a") for rows in (300, 5_000, 40_000, 20_000, 100_000)
]
CONTEXT = {"seeds": 1, "max_rows": 10_000, "quick": False}


def test_the_longest_tables_are_taken_up_to_all_their_rows():
    jobs = curves.curve_jobs([CONTENDERS[OURS], CONTENDERS["linear"]], LONG, seeds=1)
    assert {job.contender.name for job in jobs} == {OURS}
    sizes = {table.name: [job.most_rows for job in jobs if job.table == table] for table in LONG}
    assert sizes == {
        "of 300": [],
        "of 5000": [1_000, 3_000, 10_000],
        "of 40000": [1_000, 3_000, 10_000, 30_000, 100_000],
        "of 20000": [1_000, 3_000, 10_000, 30_000],
        "of 100000": [1_000, 3_000, 10_000, 30_000, 100_000],
    }


@pytest.fixture
def content(tmp_path, record):
    journal = Journal(tmp_path / "journal.jsonl")
    for size in (1_000, 3_000, 10_000):
        for model, loss in ((OURS, 0.3), ("catboost", 0.4), ("linear", 0.5)):
            journal.add(record(model, "of 5000", max_rows=size, log_loss=loss + 100 / size))
    return curves.make_content(journal, LONG, CONTEXT)


def test_a_curve_ends_with_the_rows_of_its_table(content):
    assert {name: list(curve) for name, curve in content["curves"].items()} == {"of 5000": ["1000", "3000", "5000"]}
    assert content["curves"]["of 5000"]["3000"][OURS]["log_loss"] == pytest.approx(0.3333, abs=1e-4)


def test_the_page_has_a_line_for_each_number_of_rows(content):
    lines = [line for line in curves.page(content).splitlines() if line.startswith(("| 1,000", "| 3,000", "| 5,000"))]
    assert len(lines) == 3
    assert "linear" not in curves.page(content)


@pytest.mark.slow
def test_the_curves_are_drawn(content, tmp_path):
    curves.draw(content, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


# ----------------------------------------------------------------------- members


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
