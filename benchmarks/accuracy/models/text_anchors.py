"""What texts are usually given to: a linear model on TF-IDF, skrub before boosted trees, and CatBoost's own features.

All other columns are prepared as for the linear model of ``scikit_learn``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.accuracy.models.prepared import OfPreparedTables
from benchmarks.accuracy.tables import numeric_columns

__all__ = ["make"]

FOLDS = 5
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""The C that cross-validation chooses from, and 1 / alpha of numbers."""
NGRAMS = {
    "text-words": {"analyzer": "word", "ngram_range": (1, 2)},
    "text-characters": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}


def make(kind: str, numbers: bool, seed: int, text: Sequence[str] = ()) -> TextAnchor:
    return TextAnchor(kind, numbers, seed, text)


class TextAnchor(OfPreparedTables):
    """A model that is told which columns are text.

    Parameters
    ----------
    kind : str
    numbers : bool
    seed : int
    text : sequence of str
    """

    def __init__(self, kind: str, numbers: bool, seed: int, text: Sequence[str]) -> None:
        self.kind, self.numbers, self.seed, self.text = kind, numbers, seed, text

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Let the model learn."""
        self.numeric = numeric_columns(X)
        self.texts = [name for name in X if name in self.text]
        self.categories = [name for name in X if name not in {*self.numeric, *self.text}]
        make = {"text-skrub": self._trees, "text-catboost": self._catboost}.get(self.kind, self._linear)
        self.model = make().fit(self._prepare(X), y)
        return self

    def _prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        numbers = X[self.numeric].astype(float)
        strings = X[[*self.categories, *self.texts]].astype(object)
        return pd.concat([numbers, strings.where(strings.notna(), "").map(str)], axis=1)

    def _linear(self) -> Any:
        scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        tfidf = TfidfVectorizer(**NGRAMS[self.kind], sublinear_tf=True, min_df=2)
        levels = OneHotEncoder(handle_unknown="ignore")
        parts = [("numbers", scaled, self.numeric), ("categories", levels, self.categories)]
        texts = [(name, tfidf, name) for name in self.texts]
        if self.numbers:
            alphas = {"alpha": [1 / strength for strength in STRENGTHS]}
            model = GridSearchCV(Ridge(solver="sparse_cg"), alphas, scoring="neg_mean_squared_error", cv=FOLDS)
        else:
            model = LogisticRegressionCV(
                Cs=STRENGTHS,
                cv=FOLDS,
                scoring="neg_log_loss",
                max_iter=2000,
                l1_ratios=(0,),
                use_legacy_attributes=False,
            )
        return make_pipeline(ColumnTransformer([*parts, *texts]), model)

    def _trees(self) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from skrub import TableVectorizer

        trees = HistGradientBoostingRegressor if self.numbers else HistGradientBoostingClassifier
        return make_pipeline(TableVectorizer(), trees(random_state=self.seed))

    def _catboost(self) -> Any:
        from catboost import CatBoostClassifier, CatBoostRegressor

        trees = CatBoostRegressor if self.numbers else CatBoostClassifier
        return trees(
            cat_features=self.categories,
            text_features=self.texts,
            random_seed=self.seed,
            verbose=0,
            allow_writing_files=False,
        )
