"""The models that are compared, each with its defaults. A module is imported only in the process of its model."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import numpy as np
import pandas as pd

__all__ = ["Model", "get_model"]

MODULES = {
    "glassnet": "ours",
    "linear": "scikit_learn",
    "sklearn-mlp": "scikit_learn",
    "hist-gradient-boosting": "scikit_learn",
    "lightgbm": "boosted_trees",
    "xgboost": "boosted_trees",
    "catboost": "boosted_trees",
    **dict.fromkeys(("text-words", "text-characters", "text-skrub", "text-catboost"), "text_anchors"),
    "autogluon": "autogluon_ensemble",
    "realmlp": "pytabkit_networks",
    "tabm": "pytabkit_networks",
}


class Model(Protocol):
    """What a model must be able to do; for classes it has ``predict_proba`` and ``classes_``, too."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Any:
        """Learn from the training rows as they came from the file; all preparation counts as fitting."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """The class or number of each row."""


def get_model(kind: str, numbers: bool, seed: int, **options: Any) -> Model:
    """A model that is not fitted yet; imports its library."""
    module = importlib.import_module(f"benchmarks.accuracy.models.{MODULES[kind]}")
    return module.make(kind, numbers, seed, **options)
