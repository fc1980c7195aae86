"""scikit-learn's own suite of checks for estimators: none is expected to fail, none is skipped."""

from __future__ import annotations

from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from glassnet import NeuralClassifier, NeuralRegressor

pytestmark = pytest.mark.slow  # not in `make quick`

DEFAULT = [NeuralClassifier(), NeuralRegressor()]  # on the compiled engine
REFERENCE = [estimator(engine="reference", preset="mlp") for estimator in (NeuralClassifier, NeuralRegressor)]
# Not among them: float32, in which weighting and repeating rows differ by more than the 1e-7 that a check allows;
# early stopping, whose split of the rows takes no notice of weights; what learns too slowly for a check's few rows.
OTHERS = [
    NeuralClassifier(optimizer="lbfgs"),
    NeuralRegressor(optimizer="lbfgs"),
    NeuralClassifier(loss="hinge", class_weight="balanced", hidden_layers=(16, "gelu:8")),
    NeuralRegressor(loss="huber"),
]


def checks_of(estimators):
    """Every check of each, with a readable name."""
    for estimator in estimators:
        for mine, check in estimator_checks_generator(estimator):
            kind = "".join(repr(estimator).split())
            yield pytest.param(mine, check, id=f"{kind}-{check.func.__name__}")


def run(check, estimator):
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.fail(f"skipped: {reason}")


@pytest.mark.sample(50)
@pytest.mark.parametrize(("estimator", "check"), list(checks_of(DEFAULT)))
def test_with_default_options(estimator, check):
    run(check, estimator)


@pytest.mark.sample(20)
@pytest.mark.parametrize(("estimator", "check"), list(checks_of(REFERENCE)))
def test_on_the_reference_engine(estimator, check):
    run(check, estimator)


@pytest.mark.sample(30)
@pytest.mark.parametrize(("estimator", "check"), list(checks_of(OTHERS)))
def test_with_other_options(estimator, check):
    run(check, estimator)


def test_the_suite_is_not_empty():
    """With scikit-learn 1.9: 67 checks of the classifier, 60 of the regressor."""
    assert min(len(list(checks_of([estimator]))) for estimator in DEFAULT) > 45
