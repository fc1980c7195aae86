import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.accuracy.figures import calibration_error, class_figures, number_figures, widened


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
