"""What the tests of training share: a small problem, and networks for it."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import NeuralNetwork


class Problem:
    """Rows of two classes, and of a number."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(120, 3))
        self.y = (self.X[:, 0] + 0.5 * rng.normal(size=120) > 0).astype(int)
        self.number = self.X @ [1.0, -2.0, 0.5]

    def network(self, *hidden, loss="cross_entropy", seed=0):
        return NeuralNetwork(3, [*(hidden or ("tanh:8",)), 2 if loss == "cross_entropy" else 1], loss, seed=seed)


@pytest.fixture
def problem():
    return Problem()
