"""Probabilities that mean what they say."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_classification

from glassnet import NeuralClassifier
from glassnet.estimators.calibration import expected_calibration_error, reliability, temperature
from glassnet.formulas.losses import LOSSES


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_temperature_is_found(true, classes):
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, size=(40_000, 1 if classes == 2 else classes))
    loss = LOSSES.get("binary_cross_entropy" if classes == 2 else "cross_entropy")
    p = loss.predict(scores)
    u = rng.uniform(size=(len(p), 1))
    y = (u < p).astype(int)[:, 0] if classes == 2 else (u > p.cumsum(axis=1)).sum(axis=1)
    assert temperature([scores * true], [y], [None], loss) == pytest.approx(true, rel=0.05)


def test_rows_of_weight_zero_do_not_count():
    loss = LOSSES.get("binary_cross_entropy")
    scores, y = np.array([[2.0], [-2.0], [2.0], [5.0]]), np.array([1, 0, 0, 0])
    weighted = temperature([scores], [y], [np.array([1.0, 1, 1, 0])], loss)
    assert weighted == pytest.approx(temperature([scores[:3]], [y[:3]], [None], loss), rel=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_few_rows_that_are_all_right_do_not_make_it_certain(classes):
    loss = LOSSES.get("binary_cross_entropy" if classes == 2 else "cross_entropy")
    y = np.arange(60) % classes
    scores = 4.0 * (2 * y[:, None] - 1 if classes == 2 else np.eye(3)[y])
    found = temperature([scores], [y], [None], loss)
    assert 0.5 < found < 1
    # and more such rows are believed more
    many = temperature([np.tile(scores, (100, 1))], [np.tile(y, 100)], [None], loss)
    assert many < found


def test_overconfident_networks_are_taken_back():
    X, y = make_classification(1500, 10, flip_y=0.3, random_state=0)
    options = {"preset": "realmlp", "epochs": 30, "dropout": 0, "weight_decay": 0, "random_state": 0}
    sure = NeuralClassifier(**options, calibration="none").fit(X[:1000], y[:1000])
    calm = NeuralClassifier(**options, calibration="temperature").fit(X[:1000], y[:1000])
    assert sure.temperature_ == 1
    assert calm.temperature_ > 1
    errors = [expected_calibration_error(model.predict_proba(X[1000:]), y[1000:]) for model in (sure, calm)]
    assert errors[1] < errors[0]
    np.testing.assert_array_equal(sure.predict(X), calm.predict(X))


def test_what_is_calibrated_has_no_error():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=100_000)
    y = (rng.uniform(size=len(p)) < p).astype(int)
    assert expected_calibration_error(np.stack([1 - p, p], axis=1), y) < 0.01


def test_a_bin_has_the_means_of_its_rows():
    rng = np.random.default_rng(0)
    sure = rng.random(500)
    right = rng.random(500) < sure
    share, mean = calibration_curve(right, sure, n_bins=7)
    found = reliability(sure, right, 7)
    np.testing.assert_allclose(found.right, share)
    np.testing.assert_allclose(found.sure, mean)
    np.testing.assert_array_equal(found.rows, np.histogram(sure, 7, (0, 1))[0])


def test_a_weight_of_two_is_the_same_as_two_rows():
    rng = np.random.default_rng(1)
    probabilities, y, weight = rng.dirichlet(np.ones(3), 90), rng.integers(0, 3, 90), rng.integers(0, 3, 90)
    twice = np.repeat(np.arange(90), weight)
    weighed = expected_calibration_error(probabilities, y, weight=weight.astype(float))
    assert weighed == pytest.approx(expected_calibration_error(probabilities[twice], y[twice]))
    assert weighed != pytest.approx(expected_calibration_error(probabilities, y))
