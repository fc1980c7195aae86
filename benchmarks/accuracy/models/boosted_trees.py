"""LightGBM, XGBoost and CatBoost, told which columns are categories."""

from __future__ import annotations

from benchmarks.accuracy.models.prepared import Prepared

__all__ = ["make"]


def make(kind: str, numbers: bool, seed: int) -> Prepared:
    return {"lightgbm": lightgbm, "xgboost": xgboost, "catboost": catboost}[kind](numbers, seed)


def lightgbm(numbers: bool, seed: int) -> Prepared:
    from lightgbm import LGBMClassifier, LGBMRegressor

    trees = LGBMRegressor if numbers else LGBMClassifier
    return Prepared(lambda _: trees(random_state=seed, verbose=-1))


def xgboost(numbers: bool, seed: int) -> Prepared:
    from xgboost import XGBClassifier, XGBRegressor

    trees = XGBRegressor if numbers else XGBClassifier
    return Prepared(lambda _: trees(random_state=seed, enable_categorical=True))


def catboost(numbers: bool, seed: int) -> Prepared:
    from catboost import CatBoostClassifier, CatBoostRegressor

    trees = CatBoostRegressor if numbers else CatBoostClassifier
    settings = {"random_seed": seed, "verbose": 0, "allow_writing_files": False}
    return Prepared(lambda categories: trees(cat_features=list(categories), **settings), as_text=True)
