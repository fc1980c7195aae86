"""Real tables: glassnet without options beside scikit-learn's MLP with hand-made preprocessing, on the same rows.

    python benchmarks/tables.py --data FOLDER [--tables adult titanic ...] [--seeds 3]

FOLDER holds NAME.csv.gz files and an INDEX.json (a dict or list of {"name", "target", "task"}). Each table is shuffled
and split 75/25 by the seed (classes in proportion); both models see the same training rows. Prints a table, and writes
benchmarks/results/tables.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from results import write_results
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from glassnet import NeuralClassifier, NeuralRegressor

TABLES = ("adult", "titanic", "california_housing", "diamonds", "covertype_100k", "mushroom")


def sklearn_mlp(X: pd.DataFrame, regression: bool, seed: int):
    """What a careful user writes by hand around MLPClassifier and MLPRegressor with their defaults."""
    numeric = [name for name in X if pd.api.types.is_numeric_dtype(X[name])]
    text = [name for name in X if name not in numeric]
    preprocessing = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
            (
                "categories",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
                ),
                text,
            ),
        ],
        sparse_threshold=0,
    )
    if not regression:
        return make_pipeline(preprocessing, MLPClassifier(random_state=seed))
    model = make_pipeline(preprocessing, MLPRegressor(random_state=seed))
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def scores(model, X: pd.DataFrame, y: np.ndarray, regression: bool) -> dict[str, float]:
    """Test scores; lower is better for rmse and log_loss."""
    if regression:
        predicted = model.predict(X)
        return {"rmse": root_mean_squared_error(y, predicted), "r2": r2_score(y, predicted)}
    probabilities = model.predict_proba(X)
    return {
        "accuracy": accuracy_score(y, model.predict(X)),
        "log_loss": log_loss(y, probabilities, labels=model.classes_),
    }


def run(folder: Path, name: str, target: str, regression: bool, seed: int) -> list[dict]:
    """One table, one split, both models."""
    frame = pd.read_csv(folder / f"{name}.csv.gz", keep_default_na=False, na_values=[""])
    frame = frame[frame[target].notna()]
    X, y = frame.drop(columns=target), frame[target].to_numpy()
    train, test = train_test_split(
        np.arange(len(frame)), test_size=0.25, random_state=seed, stratify=None if regression else y
    )
    ours = (NeuralRegressor if regression else NeuralClassifier)(random_state=seed)
    records = []
    for label, model in (("glassnet", ours), ("scikit-learn MLP", sklearn_mlp(X, regression, seed))):
        fed = X if label == "glassnet" else X.astype({c: object for c in X if not pd.api.types.is_numeric_dtype(X[c])})
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(fed.iloc[train], y[train])
        seconds = time.perf_counter() - started
        found = scores(model, fed.iloc[test], y[test], regression)
        records.append({"table": name, "seed": seed, "model": label, "fit_seconds": seconds} | found)
        print(json.dumps(records[-1]), flush=True)
    return records


def summarise(records: list[dict]) -> list[str]:
    """A line a table: the median over seeds of the main score (accuracy, or RMSE relative to scikit-learn's)."""
    lines = [f"{'table':<20} {'score':<9} {'glassnet':>9} {'sklearn':>9}   fit seconds"]
    for name in dict.fromkeys(record["table"] for record in records):
        own = [record for record in records if record["table"] == name]
        metric = "rmse" if "rmse" in own[0] else "accuracy"
        pick = {
            model: [r[what] for r in own if r["model"] == model]
            for what in (metric,)
            for model in ("glassnet", "scikit-learn MLP")
        }
        seconds = [
            statistics.median(r["fit_seconds"] for r in own if r["model"] == model)
            for model in ("glassnet", "scikit-learn MLP")
        ]
        ours, theirs = (statistics.mean(pick[model]) for model in ("glassnet", "scikit-learn MLP"))
        better = ours <= theirs if metric == "rmse" else ours >= theirs
        lines.append(
            f"{name:<20} {metric:<9} {ours:>9.4g} {theirs:>9.4g}   {seconds[0]:.1f} and {seconds[1]:.1f}"
            f"{'' if better else '   (scikit-learn is better)'}"
        )
    return lines


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if not (options.data / "INDEX.json").is_file():
        parser.error(f"{options.data} has no INDEX.json")
    index = {entry["name"]: entry for entry in json.loads((options.data / "INDEX.json").read_text())}
    records = []
    for name in options.tables:
        for seed in range(options.seeds):
            records += run(options.data, name, index[name]["target"], index[name]["task"] == "regression", seed)
    print("\n".join(summarise(records)))
    write_results("tables", records, options.out)


if __name__ == "__main__":
    main()
