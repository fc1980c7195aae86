"""One model on five folds, as glassnet's default trains its members: the fair rival of an average is an average."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

__all__ = ["Bagged"]

FOLDS = 5


class Bagged:
    """Five models; each learns from four fifths of the rows and stops by the fifth, and their answers are averaged.

    Parameters
    ----------
    make : callable
        Gives a model whose ``fit`` takes an ``eval_set``.
    numbers : bool
        Whether numbers are predicted.
    seed : int
        Of the folds.
    """

    def __init__(self, make: Callable[[], Any], numbers: bool, seed: int) -> None:
        self.make, self.numbers, self.seed = make, numbers, seed

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Learn fold by fold."""
        folds = (KFold if self.numbers else StratifiedKFold)(FOLDS, shuffle=True, random_state=self.seed)
        self.models = []
        for learned, held in folds.split(X, None if self.numbers else y):
            model = self.make()
            self.models.append(model.fit(X.iloc[learned], y[learned], eval_set=(X.iloc[held], y[held])))
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """The mean number, or the class of the greatest mean probability."""
        if self.numbers:
            return np.mean([model.predict(X) for model in self.models], axis=0)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """The mean probabilities."""
        return np.mean([model.predict_proba(X) for model in self.models], axis=0)

    @property
    def classes_(self) -> np.ndarray:
        return self.models[0].classes_
