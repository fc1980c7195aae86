"""A model has figures of its training table, and no rows of it: whoever gets the file does not get the table."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor

QUICK = {"epochs": 2, "hidden_layers": (8,), "random_state": 0}


def table(rows):
    """Numbers of which no two are alike, and a word of few."""
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.normal(size=(rows, 4)), columns=list("abcd"))
    return numbers.assign(word=rng.choice(["red", "green", "blue"], rows)), rng.normal(size=rows)


def fitted(kind, rows, **options):
    X, y = table(rows)
    y = y > 0 if kind is NeuralClassifier else y
    groups = np.arange(rows) // 3
    return kind(**{**QUICK, **options}).fit(X, y, groups=groups).conformalize(X[:30], y[:30])


def written(model, folder):
    glassnet.save(model, folder / "model")
    return (folder / "model").read_bytes()


def numbers_in(data: bytes):
    """Every number that a file can be read to hold: of either precision, from whichever byte on, and in its text."""
    bits = {4: np.float32, 8: np.float64}
    parts = [
        np.frombuffer(data[begin : begin + (len(data) - begin) // size * size], kind).astype(np.float64)
        for size, kind in bits.items()
        for begin in range(size)
    ]
    in_text = re.findall(rb"-?\d+\.\d+(?:e-?\d+)?", data)
    return np.concatenate([*parts, np.array(in_text, np.float64)])


CASES = pytest.mark.parametrize(
    ("kind", "options"),
    [
        (NeuralClassifier, {"preset": "mlp"}),
        (NeuralRegressor, {"preset": "mlp", "early_stopping": True}),
        (NeuralClassifier, {"preset": "bagged", "kinds": ({}, {"spread": 0.5})}),
        (NeuralRegressor, {"preset": "bagged", "dtype": "float64"}),
        (NeuralRegressor, {"preset": "tabm", "shared_members": 2}),
    ],
)


@CASES
@pytest.mark.filterwarnings("ignore:overflow encountered|invalid value encountered:RuntimeWarning")
def test_no_row_is_in_a_file(kind, options, tmp_path):
    model = fitted(kind, 300, **options)
    held = numbers_in(written(model, tmp_path))
    X, _ = table(300)
    cells, encoded = X[list("abcd")].to_numpy(), model.encoder_.transform(X)
    for rows in (cells, cells.astype(np.float32), encoded[:, :4]):
        found = np.isin(rows.astype(np.float64), held)
        assert found.sum() < 20  # the smallest, the middle and the largest of a column are among its figures
        assert found.sum(axis=1).max() <= 1


@CASES
def test_a_model_is_no_larger_for_more_rows(kind, options, tmp_path):
    sizes = []
    for rows in (300, 3000):
        settings_by_size = {"batch_size": 64, "dtype": "float32", "dropout": 0.1, "members": 2}
        model = fitted(kind, rows, **settings_by_size | options)
        sizes.append((len(written(model, tmp_path)), len(pickle.dumps(model))))
    for few, many in np.transpose(sizes):
        assert many - few < 2700  # not a byte for a row


@pytest.mark.slow
def test_folds_that_are_given_do_not_go_into_a_file(tmp_path):
    X, y = table(3000)
    models = [NeuralRegressor(**QUICK, cv=cv).fit(X, y) for cv in (3, [*KFold(3).split(X)])]
    sizes = [len(written(model, tmp_path)) for model in models]
    assert abs(sizes[1] - sizes[0]) < 3000
