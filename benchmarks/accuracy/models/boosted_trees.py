"""LightGBM, XGBoost and CatBoost, told which columns are categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy.models.bagged import Bagged
from benchmarks.accuracy.models.prepared import Prepared

__all__ = ["make"]


def make(kind: str, numbers: bool, seed: int, bagged: bool = False) -> Prepared:
    if kind == "catboost":
        return catboost(numbers, seed, bagged)
    return {"lightgbm": lightgbm, "xgboost": xgboost}[kind](numbers, seed)


def lightgbm(numbers: bool, seed: int) -> Prepared:
    from lightgbm import LGBMClassifier, LGBMRegressor

    trees = LGBMRegressor if numbers else LGBMClassifier
    return Prepared(lambda _: trees(random_state=seed, verbose=-1))


def xgboost(numbers: bool, seed: int) -> Prepared:
    from xgboost import XGBClassifier, XGBRegressor

    trees = XGBRegressor if numbers else XGBClassifier
    return Prepared(lambda _: trees(random_state=seed, enable_categorical=True))


def catboost(numbers: bool, seed: int, bagged: bool) -> Prepared:
    from catboost import CatBoostClassifier, CatBoostRegressor

    trees = CatBoostRegressor if numbers else CatBoostClassifier

    def make(categories: Sequence[str]) -> Any:
        return trees(cat_features=list(categories), random_seed=seed, verbose=0, allow_writing_files=False)

    alone = Prepared(make, as_text=True)
    return (
        Prepared(lambda categories: Bagged(lambda: make(categories), numbers, seed), as_text=True) if bagged else alone
    )
