"""Fitted models of every kind, which every export is tested with, and what each answers."""

from __future__ import annotations

import datetime
import functools

import numpy as np
import polars as pl
from scipy import sparse

from glassnet import (
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    LayerNorm,
    NeuralClassifier,
    NeuralNetwork,
    NeuralRegressor,
    Residual,
    Scale,
)

ROWS, DAY = 60, datetime.timedelta(days=1)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 3))
SIGN = (X[:, 0] > 0).astype(int)
THIRD = np.digitize(X[:, 0], [-0.5, 0.5])
FRAME = pl.DataFrame(
    {
        "age": [20.1, None, 40.7, 33.3] * 15,
        "große Zahl": (1.7e9 + 1e5 * X[:, 0]).tolist(),
        "flag": [True, False, None, True] * 15,
        "city": ["Ürümqi", None, 'a"b', "c\\d"] * 15,
        "sex": ["f", "m", "m", "f"] * 15,
        "grade": pl.Series(["1", "2", "3", "1", "2"] * 12, dtype=pl.Categorical),
        "code": [f"level {i % 12}" for i in range(60)],
        "born": [
            None if i % 9 == 5 else datetime.date(1899, 2, 27) + datetime.timedelta(days=997 * i) for i in range(60)
        ],
        "seen": [datetime.datetime(1969, 12, 1, 3, 4, 5, 678) + 41.7 * i * DAY for i in range(60)],
        "at": [datetime.time(1), datetime.time(13, 30), None, datetime.time(5)] * 15,
        "wait": [datetime.timedelta(minutes=3), datetime.timedelta(minutes=5), None, None] * 15,
        "none": [None] * ROWS,
    },
    schema_overrides={"none": pl.String},
)
WORDS = (
    *("good", "bad", "fine", "awful", "great", "terrible", "movie", "film", "plot", "actor", "boring"),
    *("电影", "好看", "😀", "naïve", "STRASSE", "ﬁne"),
)
TEXTS = pl.DataFrame(
    {
        "review": [" ".join(RNG.choice(WORDS[one * 6 : one * 6 + 11], 6)) for one in SIGN],
        "age": FRAME["age"],
        "title": [None if i % 11 == 3 else " ".join(RNG.choice(WORDS, 2)) for i in range(ROWS)],
        "city": FRAME["city"],
    }
)
OBJECTS = np.array([[i % 3, "ab"[i % 2], None if i % 5 == 0 else 1.5 * i] for i in range(ROWS)], dtype=object)
SHORT = {"preset": "mlp", "epochs": 3, "random_state": 0}
SQUARE = Activation("square", lambda z: z * z, lambda z, a: 2 * z)
KINDS = {
    "members": 4,
    "kinds": ({"hidden_layers": (4,)}, {"hidden_layers": (3, "gelu:3"), "numeric_embedding": "periodic"}),
    "early_stopping": True,
}
MONOTONE = {
    "kinds": ({"hidden_layers": (4,)}, {"hidden_layers": (3, "selu:3"), "numeric_embedding": "periodic"}),
    "monotone": {"age": 1, "wait": -1},
}


def classifier(**options):
    return NeuralClassifier(**{"hidden_layers": (5,), **SHORT, **options})


def regressor(**options):
    return NeuralRegressor(**{"hidden_layers": (5,), **SHORT, **options})


MODELS = {
    "two classes": (classifier(), X, SIGN),
    "classes of text": (classifier(), X, np.array(["no", "yes, it is", "ø"])[THIRD]),
    "classes of objects": (classifier(), X, np.array(["no", "yes", "?"], dtype=object)[THIRD]),
    "classes of booleans": (classifier(), X, SIGN == 1),
    "classes of small integers": (classifier(), X, THIRD.astype(np.int8) - 1),
    "classes of whole floats": (classifier(), X, THIRD.astype(np.float32)),
    "several answers": (classifier(), X, np.column_stack([SIGN, THIRD > 0, THIRD > 1])),
    "a threshold": (classifier(decision_threshold=0.35), X, SIGN),
    "a threshold of the first class": (
        classifier(positive="ja", decision_threshold=0.6),
        FRAME,
        np.array(["ja", "nein"])[SIGN],
    ),
    "a threshold of two outputs": (
        classifier(loss="cross_entropy", dtype="float32", positive=False, decision_threshold=0.45),
        X,
        SIGN == 1,
    ),
    "costs of errors": (classifier(costs={(0, 1): 9, (2, 1): 9, (1, 0): 0.5}), X, THIRD),
    "margins": (classifier(loss="hinge"), X, SIGN),
    "margins of three": (classifier(loss="hinge"), X, THIRD),
    "label smoothing": (classifier(loss="cross_entropy(label_smoothing=0.1)"), X, THIRD),
    "a number": (regressor(), X, (X * [1.0, 2.0, 3.0]).sum(axis=1)),
    "several numbers": (regressor(), X, X[:, :2] * 1e6 + 3),
    "one column": (regressor(), X, X[:, :1]),
    "counts": (regressor(loss="poisson"), X, THIRD),
    "quantiles": (regressor(loss="quantile(levels=(0.9, 0.1, 0.5))"), X, X[:, 0]),
    "quantiles of two": (regressor(loss="quantile(levels=(0.1, 0.5, 0.9))", members=2), X, X[:, :2]),
    "mean and deviation": (regressor(loss="gaussian_nll"), X, X[:, :2]),
    "not clamped": (regressor(clamp=False), X, X[:, 0]),
    "bounded below": (regressor(clamp=False, bounds=(0, None)), X, abs(X[:, 0])),
    "bounded on both sides": (regressor(clamp=False, bounds=(-9, 9)), X, X[:, 0]),
    "no hidden layer": (regressor(hidden_layers=(), optimizer="lbfgs"), X, X[:, 0]),
    "float32": (classifier(dtype="float32"), X, THIRD),
    "truth values": (classifier(), X > 0, SIGN),
    "a column that never varies": (regressor(), np.where([1, 0, 1], X, 3.0), X[:, 0]),
    "a sparse table": (classifier(), sparse.csr_array(np.where(abs(X) > 1, X, 0)), SIGN),
    "cells without names": (classifier(), OBJECTS, SIGN),
    "one column of text": (classifier(), FRAME.select("sex"), SIGN),
    "a table": (classifier(), FRAME, SIGN),
    "a table in float32": (regressor(dtype="float32"), FRAME, X[:, 0]),
    "robust scaling": (regressor(scaling="robust"), FRAME, X[:, 0]),
    "categories embedded": (classifier(max_one_hot=3, category_embedding=4), FRAME, SIGN),
    "periodic": (classifier(numeric_embedding="periodic"), FRAME, SIGN),
    "piecewise": (classifier(numeric_embedding="piecewise_linear"), FRAME, SIGN),
    "ensemble": (classifier(members=3), FRAME, THIRD),
    "ensemble of yes and no": (classifier(members=3, calibration="temperature", early_stopping=True), FRAME, SIGN),
    "ensemble of numbers": (regressor(members=3), FRAME, X[:, 0]),
    "ensemble of counts": (regressor(members=2, loss="poisson"), FRAME, THIRD),
    "ensemble of deviations": (regressor(members=3, loss="gaussian_nll"), FRAME, X[:, 0]),
    "members of two kinds": (classifier(**KINDS), FRAME, THIRD),
    "members of two kinds, yes or no": (classifier(**KINDS), FRAME, SIGN),
    "members of two kinds for numbers": (regressor(**KINDS), FRAME, X[:, 0]),
    "shared members of two kinds": (classifier(**KINDS | {"shared_members": 2}), FRAME, THIRD),
    "shared members": (classifier(shared_members=4), FRAME, THIRD),
    "monotone": (classifier(**KINDS | MONOTONE), FRAME, SIGN),
    "rounded": (classifier(hidden_layers=(8, Dense(40, "tanh", products="bfloat16")), dtype="float32"), FRAME, THIRD),
    "rounded shared members": (regressor(hidden_layers=(128, 128), dtype="bfloat16", shared_members=2), X, X[:, 0]),
    "own activation": (classifier(activation=SQUARE), X, SIGN),
    "every layer": (
        classifier(
            hidden_layers=[
                Dense(6, "elu(alpha=0.5)", initializer="orthogonal"),
                BatchNorm(),
                "dropout:0.1",
                Residual([Dense(6, "tanh"), LayerNorm(), Dropout(0.2)]),
                Scale(),
                "gelu:4",
                7,
            ]
        ),
        X,
        THIRD,
    ),
    "numbers that are names": (classifier(number_levels=["age"], max_one_hot=3, members=2), FRAME, SIGN),
    "numbers that are names, as a matrix": (
        regressor(number_levels=["x1"], dtype="float32"),
        X.round() + np.array([0, 20240101, 0]),
        X[:, 0],
    ),
    "texts": (classifier(free_text=["review", "title"], members=3), TEXTS, THIRD),
    "texts beside numbers": (regressor(free_text=["review", "title"], dtype="float32"), TEXTS, X[:, 0]),
    "a text alone": (classifier(free_text=["review"], **KINDS), TEXTS.select("review"), SIGN),
    "preset mlp": (NeuralClassifier(random_state=0, preset="mlp", epochs=3), FRAME, SIGN),
    "preset auto": (NeuralClassifier(random_state=0, epochs=2), FRAME, SIGN),
    "preset auto of numbers": (NeuralRegressor(random_state=0, epochs=2), FRAME, X[:, 0]),
    "promised classes": (classifier(), FRAME, THIRD),
    "promised intervals": (regressor(), FRAME, X[:, 0]),
    "promised with deviation": (regressor(loss="gaussian_nll"), FRAME, X[:, 0]),
    "promised with quantiles": (regressor(loss="quantile(levels=(0.1, 0.9))"), FRAME, X[:, 0]),
}
"""By name: an estimator, its table and its targets."""
COVERAGE = 0.8


@functools.cache
def fitted(name):
    """The model of that name; those that promise something are conformalized."""
    from sklearn.base import clone

    unfitted, table, y = MODELS[name]
    model = clone(unfitted).fit(table, y)
    return model.conformalize(table, y) if name.startswith("promised") else model


def answers(model, table):
    """What an export of a model is to give for a table, by the names of the outputs."""
    if isinstance(model, NeuralNetwork):
        return {"answer": model.predict(table)}
    found = {}
    if isinstance(model, NeuralClassifier):
        found["label"] = model.predict(table)
        if hasattr(model, "predict_proba"):
            found["probabilities"] = model.predict_proba(table)
        else:
            found["scores"] = model.decision_function(table)
        if model.conformal_ is not None:
            found["set"] = model.predict_set(table, COVERAGE)
        return found
    loss = model.network_.loss
    if loss.name == "gaussian_nll":
        found["value"], found["deviation"] = model.predict(table, return_std=True)
    else:
        found["quantiles" if loss.outputs_per_target > 1 else "value"] = model.predict(table)
    if model.conformal_ is not None:
        found["lower"], found["upper"] = model.predict_interval(table, COVERAGE).T
    return found


NEW = FRAME.with_columns(
    pl.Series("city", ["never seen", "c\\d", None, None] * 15),
    pl.Series("sex", [None, "x", "f", "m"] * 15, dtype=pl.String),
    pl.Series("age", [None, 120.0, -5.0, 20.1] * 15),
    pl.Series("born", [datetime.date(2400, 2, 29), None, datetime.date(1600, 12, 31), datetime.date(1970, 1, 1)] * 15),
)
"""Rows such as training had none of."""


def columns_of(table):
    """A table as a Python file takes it: the cells of each column by its name."""
    if isinstance(table, pl.DataFrame):
        return table.to_dict(as_series=False)
    if table is OBJECTS:
        return {f"x{place}": column.tolist() for place, column in enumerate(table.T)}
    return {"X": table.toarray() if sparse.issparse(table) else table}


def tables(table):
    """The training rows, and new ones where the table is the one of all kinds."""
    return [table, NEW] if table is FRAME else [table]


def near(found, expected, close=1e-5):
    """An answer has the shape of another one, its numbers but for rounding, and its words."""
    assert found.shape == expected.shape
    if expected.dtype.kind == "f" and found.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=close, atol=close)
    else:
        assert found.astype(str).tolist() == expected.astype(str).tolist()
