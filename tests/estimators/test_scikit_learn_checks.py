"""scikit-learn's own suite of checks for estimators: none is expected to fail, none is skipped."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from glassnet import NeuralClassifier, NeuralRegressor

DEFAULT = [NeuralClassifier(), NeuralRegressor()]
# Not among them: float32, in which weighting and repeating rows differ by more than the 1e-7 that a check allows;
# early stopping, whose split of the rows takes no notice of weights; what learns too slowly for a check's few rows.
OTHERS = [
    NeuralClassifier(optimizer="lbfgs"),
    NeuralRegressor(optimizer="lbfgs"),
    NeuralClassifier(loss="hinge", class_weight="balanced", hidden_layers=(16, "gelu:8")),
    NeuralRegressor(loss="huber"),
]


@parametrize_with_checks(DEFAULT)
def test_with_default_options(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(OTHERS)
def test_with_other_options(estimator, check):
    check(estimator)


def test_the_suite_is_not_empty():
    """With scikit-learn 1.9: 67 checks of the classifier, 60 of the regressor."""
    counts = [sum(1 for _ in estimator_checks_generator(estimator)) for estimator in DEFAULT]
    assert min(counts) > 45
