"""What a library must be able to do to be measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.speed.cases import Case

__all__ = ["RATE", "Form", "Peer", "Training", "UnsupportedError"]

Form = dict[str, Any]
"""One of several ways to write the same training with a library."""

RATE = 1e-3
"""Adam's learning rate, its default nearly everywhere."""


class UnsupportedError(Exception):
    """The library has no such thing."""


class Training(ABC):
    """A network, its optimizer and its table, ready to be trained."""

    @abstractmethod
    def train(self, epochs: int) -> float:
        """So many epochs, shuffled each; returns the mean loss of the last one, so that nothing is left pending."""

    def continue_epoch(self) -> None:
        """One epoch more with the optimizer's state kept."""
        self.train(1)

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Fresh parameters and optimizer, what was compiled is kept."""

    @abstractmethod
    def classify(self, X: np.ndarray) -> np.ndarray:
        """The class of each row."""

    @abstractmethod
    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        """Ways to predict these rows, by name: "network" bare, "estimator" with all its checks.

        The rows are already in the form that the library likes best, what is returned is complete.
        """


class Peer(ABC):
    """A library."""

    def forms(self, case: Case) -> list[Form]:
        """Ways to write the training, the usually fastest first."""
        return [{}]

    @abstractmethod
    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> Training:
        """The case's network for this table.

        Raises
        ------
        UnsupportedError
            If the library has no such activation or layer.
        """
