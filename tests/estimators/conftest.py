"""What the tests of the estimators share: a small table, targets of every kind, estimators that learn fast."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_regression

from glassnet import NeuralClassifier, NeuralRegressor

SHORT = {"preset": "mlp", "hidden_layers": (8,), "epochs": 10, "learning_rate": 0.02, "dropout": 0.0, "random_state": 0}


class Table:
    """Rows of three numbers, and what can be predicted from them."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(150, 3))
        noisy = self.X[:, 0] + 0.3 * rng.normal(size=150)
        self.yes = (noisy > 0).astype(int)
        self.words = np.array(["no", "yes"])[self.yes]
        self.third = np.digitize(noisy, [-0.5, 0.5])
        self.letters = np.array(["a", "b", "c"])[self.third]
        self.answers = np.column_stack([self.yes, self.X[:, 1] > 0.2, self.X[:, 2] > 0]).astype(int)
        self.number = 1000 + 50 * self.X @ [1.0, -2.0, 0.5] + 10 * rng.normal(size=150)
        self.numbers = np.column_stack([self.number, -3 * self.number])
        self.counts = rng.poisson(np.exp(2 + 0.5 * self.X[:, 0]))


@pytest.fixture
def table():
    return Table()


def classifier(**options):
    return NeuralClassifier(**{**SHORT, **options})


def regressor(**options):
    return NeuralRegressor(**{**SHORT, **options})


@pytest.fixture(name="classifier")
def give_classifier():
    return classifier


@pytest.fixture(name="regressor")
def give_regressor():
    return regressor


@pytest.fixture(scope="module")
def classes():
    """Rows of three classes."""
    return make_classification(400, 6, n_informative=4, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def numbers():
    """Rows of a number each."""
    return make_regression(400, 5, noise=5, random_state=0)
