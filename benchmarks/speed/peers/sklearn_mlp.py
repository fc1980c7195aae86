"""scikit-learn's MLPClassifier. It has relu and tanh, no gelu and no dropout; for two classes it has one output.

It chooses its own first weights (uniform, of Glorot and Bengio).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.speed.cases import Case
from benchmarks.speed.peers.base import RATE, Form, Peer, Training, UnsupportedError

warnings.simplefilter("ignore", ConvergenceWarning)


class SklearnTraining(Training):
    def __init__(self, case: Case, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        self.case, self.X, self.y = case, X, y
        self.reset(seed)

    def train(self, epochs: int) -> float:
        """By ``fit``, which checks the table only once for all epochs."""
        self.model.set_params(max_iter=epochs)
        self.model.fit(self.X, self.y)
        return float(self.model.loss_)

    def continue_epoch(self) -> None:
        """By ``partial_fit``: ``fit`` begins with a fresh optimizer each time."""
        self.model.partial_fit(self.X, self.y, classes=np.arange(self.case.classes))

    def reset(self, seed: int) -> None:
        self.model = MLPClassifier(
            self.case.hidden,
            activation=self.case.activation,
            alpha=0,
            batch_size=self.case.batch,
            learning_rate_init=RATE,
            tol=0,
            n_iter_no_change=10**9,
            random_state=seed,
        )

    def classify(self, X: np.ndarray) -> np.ndarray:
        return self.model.predict(X)

    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        return {"estimator": lambda: self.model.predict_proba(X)}


class Sklearn(Peer):
    def __init__(self) -> None:
        sklearn.set_config(assume_finite=True)  # saves it a look through the table

    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> SklearnTraining:
        if case.activation not in ("relu", "tanh"):
            raise UnsupportedError(f"no {case.activation}")
        if case.dropout:
            raise UnsupportedError("no dropout")
        return SklearnTraining(case, X, y, seed)


def make(name: str) -> Sklearn:
    return Sklearn()
