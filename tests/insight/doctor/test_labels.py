"""Targets that may be wrong."""

import numpy as np
import pytest

from glassnet import NeuralClassifier, NeuralRegressor

FIVE = {"preset": "mlp", "hidden_layers": (16,), "epochs": 25, "members": 5, "early_stopping": True}
FIVE |= {"validation_fraction": 0.2, "random_state": 0, "learning_rate": 0.01, "patience": 25}


@pytest.fixture
def blobs():
    """Two classes that hardly touch."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 800)
    return rng.normal(size=(800, 4)) + 1.6 * y[:, None], y


def test_labels_that_were_mixed_up_are_found(blobs, found):
    X, y = blobs
    rng = np.random.default_rng(1)
    flipped = rng.choice(800, 80, replace=False)
    wrong = y.copy()
    wrong[flipped] = 1 - wrong[flipped]
    finding = found("suspect_labels", NeuralClassifier(**FIVE).fit(X, wrong), X, wrong)
    suspects = finding.evidence["rows"]
    right = np.isin(suspects, flipped)
    assert right.mean() > 0.9
    assert right.sum() > 25  # of the 40 in the surer half
    assert finding.severity == "warning"
    assert finding.evidence["floor"] == pytest.approx(0.1, abs=0.05)


def test_a_suspicion_that_few_rows_leave_open_is_only_a_note(blobs, found):
    X, y = blobs[0][:320], blobs[1][:320].copy()
    flipped = np.random.default_rng(1).choice(320, 25, replace=False)
    y[flipped] = 1 - y[flipped]
    finding = found("suspect_labels", NeuralClassifier(**FIVE).fit(X, y), X, y)
    assert finding.severity == "note"


@pytest.mark.slow
def test_clean_labels_are_not_suspected(blobs, found):
    X, y = blobs
    assert found("suspect_labels", NeuralClassifier(**FIVE).fit(X, y), X, y) is None


def test_classes_that_overlap_are_not_suspected(found):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(800, 4))
    y = (X[:, 0] + 0.5 * rng.normal(size=800) > 0).astype(int)
    assert found("suspect_labels", NeuralClassifier(**FIVE).fit(X, y), X, y) is None


@pytest.mark.slow
def test_a_decimal_point_gone_astray(found):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3))
    y = 100 + 10 * X[:, 0] + rng.normal(size=500)
    model = NeuralRegressor(**FIVE).fit(X, y)
    assert found("suspect_labels", model, X, y) is None
    y[123] *= 10
    finding = found("suspect_labels", NeuralRegressor(**FIVE).fit(X, y), X, y)
    assert finding.evidence["rows"][0] == 123
    assert finding.severity == "note"


@pytest.fixture
def graded():
    """Rows of grades from 3 to 8, which a column predicts up to noise, and a quick classifier of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.clip(np.round(X[:, 0] + 0.5 * rng.normal(size=400) + 5.5), 3, 8).astype(int)
    return NeuralClassifier(preset="mlp", hidden_layers=(8,), epochs=20, random_state=0), X, y


def test_grades_of_which_a_near_one_is_predicted_have_an_order(graded, found):
    model, X, y = graded
    finding = found("ordered_classes", model.fit(X, y), X, y)
    assert finding.severity == "note"
    assert finding.evidence["off"] < 0.8 * finding.evidence["chance"]
    assert "--task regression" in finding.remedy


def test_numbers_that_only_name_classes_have_none(graded, found):
    model, X, y = graded
    shuffled = np.array([5, 8, 3, 6, 4, 7])[y - 3]
    assert found("ordered_classes", model.fit(X, shuffled), X, shuffled) is None
