"""scikit-learn's linear models, its multilayer perceptron and its boosted trees.

The first two with what a careful user writes by hand around them: gaps filled with the median, numbers standardized,
categories in a column for each level; for the perceptron the target is standardized, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.accuracy.models.prepared import Prepared

__all__ = ["make"]


def make(kind: str, numbers: bool, seed: int) -> Prepared:
    if kind == "hist-gradient-boosting":
        trees = HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier
        return Prepared(lambda _: trees(categorical_features="from_dtype", random_state=seed))
    if kind == "linear":
        return Prepared(lambda _: by_hand(Ridge() if numbers else LogisticRegression(max_iter=2000)), as_text=True)
    if not numbers:
        return Prepared(lambda _: by_hand(MLPClassifier(random_state=seed)), as_text=True)
    perceptron = by_hand(MLPRegressor(random_state=seed))
    return Prepared(lambda _: TransformedTargetRegressor(perceptron, transformer=StandardScaler()), as_text=True)


def by_hand(model: Any) -> Pipeline:
    """The model after the preparation that it needs."""
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoded = OneHotEncoder(handle_unknown="ignore")
    preparation = ColumnTransformer(
        [
            ("numbers", scaled, make_column_selector(dtype_include=np.number)),
            ("categories", encoded, make_column_selector(dtype_exclude=np.number)),
        ],
        sparse_threshold=0,  # the perceptron is slower on sparse arrays
    )
    return make_pipeline(preparation, model)
