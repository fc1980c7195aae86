"""AutoGluon's best quality within a time: many models, bagged, stacked and weighed.

Source: Erickson et al. (2020), *AutoGluon-Tabular: Robust and Accurate AutoML for Structured Data*.
"""

from __future__ import annotations

import tempfile
from typing import Self

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

__all__ = ["make"]

TARGET = "target of the benchmark"


def make(kind: str, numbers: bool, seed: int, seconds: float) -> AutoGluon:
    return AutoGluon(numbers, seconds)


class AutoGluon:
    """A predictor behind the usual two methods; it takes the table as it is, and has no seed of its own.

    Parameters
    ----------
    numbers : bool
        Whether numbers are predicted.
    seconds : float
        For each fit.
    """

    def __init__(self, numbers: bool, seconds: float) -> None:
        self.numbers, self.seconds = numbers, seconds

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Learn for the time given; models are judged by what they will be judged by here."""
        classes = np.unique(y)
        task = "regression" if self.numbers else "binary" if len(classes) == 2 else "multiclass"
        figure = "root_mean_squared_error" if self.numbers else "log_loss"
        self.folder = tempfile.TemporaryDirectory()
        self.model = TabularPredictor(TARGET, task, figure, path=self.folder.name, verbosity=0)
        self.model.fit(X.assign(**{TARGET: y}), time_limit=self.seconds, presets="best_quality")
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return self.model.predict(X).to_numpy()

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return self.model.predict_proba(X)[list(self.classes_)].to_numpy()

    @property
    def classes_(self) -> np.ndarray:
        return np.asarray(self.model.class_labels)
