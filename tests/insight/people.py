"""Small tables of every kind of column, and models that learn them fast."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np

from glassnet import NeuralClassifier, NeuralRegressor

SHORT = {
    "preset": "mlp",
    "hidden_layers": (8,),
    "epochs": 8,
    "learning_rate": 0.02,
    "dropout": 0.0,
    "engine": "reference",
    "dtype": "float64",
    "random_state": 0,
}


FIRST = datetime.date(2020, 1, 1)


class People:
    """Numbers with gaps, categories of few and of many levels, a date, a truth value, a column that never varies."""

    def __init__(self, rows: int = 120) -> None:
        rng = np.random.default_rng(0)
        age, city = rng.integers(18, 80, rows).astype(float), rng.choice(["Bern", "Graz", "Ulm"], rows)
        street = rng.choice([f"street {number}" for number in range(12)], rows)
        self.columns = {
            "age": np.where(rng.random(rows) < 0.1, np.nan, age),
            "city": [None if gap else name for gap, name in zip(rng.random(rows) < 0.1, city, strict=True)],
            "street": street.tolist(),
            "since": [
                datetime.date(2020, 1, 1) + datetime.timedelta(days=int(day)) for day in rng.integers(0, 900, rows)
            ],
            "member": (rng.random(rows) < 0.5).tolist(),
            "country": ["AT"] * rows,
        }
        score = (age - 45) / 10 + 2 * (city == "Ulm") + (street > "street 5") + 0.3 * rng.normal(size=rows)
        self.score = 100 + 20 * score
        self.yes = np.where(score > 0.5, "yes", "no")
        self.third = np.array(["a", "b", "c"])[np.digitize(score, [-0.5, 1.5])]
        self.counts = rng.poisson(np.exp(np.clip(score, -3, 3) / 3))
        self.answers = np.column_stack([score > 0, age > 40, city == "Ulm"]).astype(int)

    def polars(self):
        import polars as pl

        return pl.DataFrame(self.columns).with_columns(pl.col("age").fill_nan(None))

    def pandas(self):
        import pandas as pd

        frame = pd.DataFrame(self.columns, index=range(1000, 1000 + len(self.yes)))
        return frame.astype({"city": "category", "since": "datetime64[us]"})


PEOPLE = People()


def classifier(**options):
    return NeuralClassifier(**{**SHORT, **options})


def regressor(**options):
    return NeuralRegressor(**{**SHORT, **options})


EMBEDDED = {"max_one_hot": 2, "category_embedding": 3, "numeric_embedding": "periodic"}
KINDS = {
    "yes or no": (classifier, "yes", {}),
    "classes": (classifier, "third", {}),
    "answers": (classifier, "answers", {}),
    "hinge": (classifier, "yes", {"loss": "hinge"}),
    "hinge of classes": (classifier, "third", {"loss": "hinge"}),
    "from probabilities": (classifier, "yes", {"loss": "binary_cross_entropy_from_probabilities"}),
    "numbers": (regressor, "score", {}),
    "clamped": (regressor, "score", {"clamp": True, "epochs": 60}),
    "counts": (regressor, "counts", {"loss": "poisson"}),
    "quantiles": (regressor, "score", {"loss": "quantile(levels=(0.1, 0.5, 0.9))"}),
    "mean and deviation": (regressor, "score", {"loss": "gaussian_nll"}),
    "members": (classifier, "third", {"members": 3, "early_stopping": True, "calibration": "temperature"}),
    "shared members": (regressor, "score", {"shared_members": 3}),
    "embeddings": (classifier, "yes", EMBEDDED | {"members": 2}),
    "broken lines": (regressor, "score", EMBEDDED | {"numeric_embedding": "piecewise_linear", "members": 2}),
    "tuned": (regressor, "score", {"preset": "realmlp", "hidden_layers": (16, 16), "max_one_hot": 2}),
    "normalised": (classifier, "third", {"hidden_layers": ("8", "batch_norm", "tanh:8", "layer_norm")}),
    "no hidden layer": (regressor, "score", {"hidden_layers": ()}),
}


def output_of(kind):
    """The output that is asked for, where it must be named."""
    return 1 if kind == "answers" else None


@cache
def model_of(kind):
    """A fitted model of some kind, learned from the polars table of people."""
    make, target, options = KINDS[kind]
    return make(**options).fit(PEOPLE.polars(), getattr(PEOPLE, target))
