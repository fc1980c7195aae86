"""What a row is answered does not depend on the rows beside it, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled import engine
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.predictions import predict_rows
from glassnet.tables import take
from tests.tables.test_records import people

QUICK = {"epochs": 2, "random_state": 0}
MODELS = {
    "bagged": (NeuralClassifier, {"preset": "auto", "members": 2}, "two"),
    "three classes": (NeuralClassifier, {"preset": "mlp", "hidden_layers": (33, 130)}, "three"),
    "hinge": (NeuralClassifier, {"preset": "mlp", "loss": "hinge"}, "two"),
    "shared members": (NeuralClassifier, {"preset": "mlp", "shared_members": 8, "hidden_layers": 32}, "two"),
    "many members": (NeuralRegressor, {"preset": "mlp", "members": 9, "hidden_layers": 8}, "number"),
    "realmlp": (NeuralRegressor, {"preset": "realmlp", "hidden_layers": (40, 40)}, "number"),
    "variance": (NeuralRegressor, {"preset": "mlp", "loss": "gaussian_nll", "members": 2}, "number"),
    "quantiles": (NeuralRegressor, {"preset": "mlp", "loss": "quantile(levels=(0.1, 0.5, 0.9))"}, "number"),
    "double": (NeuralRegressor, {"preset": "mlp", "dtype": "float64"}, "number"),
    "gelu": (NeuralRegressor, {"preset": "mlp", "activation": "gelu", "hidden_layers": (23, 9)}, "number"),
    "wide": (NeuralRegressor, {"preset": "mlp", "hidden_layers": (2048, 700), "dtype": "float32"}, "number"),
}


def parts(predicted):
    """All numbers of an answer, a column each."""
    columns = [predicted.values, *predicted.more.values()]
    if predicted.probabilities is not None:
        columns += list(predicted.probabilities.T)
    return columns


@pytest.fixture(scope="module", params=MODELS)
def asked(request):
    """A model, its rows, and what it says of all of them."""
    kind, options, target = MODELS[request.param]
    X, rng = people(101), np.random.default_rng(2)
    number = rng.normal(size=len(X)) + X["paid"].fill_null(0).to_numpy()
    y = {"two": number > 40, "three": np.digitize(number, [20, 60]), "number": number}[target]
    model = kind(**QUICK, **options).fit(X, y)
    return model, X, parts(predict_rows(model, X))


def test_a_row_alone_is_answered_as_in_the_table(asked):
    model, X, whole = asked
    for row in range(0, len(X), 7):
        for column, told in zip(parts(predict_rows(model, X[row : row + 1])), whole, strict=True):
            assert column[0] == told[row]


def test_any_rows_in_any_order_are_answered_as_in_the_table(asked):
    model, X, whole = asked
    rng = np.random.default_rng(3)
    for _ in range(15):
        rows = rng.integers(0, len(X), rng.integers(1, 2 * len(X)))
        for column, told in zip(parts(predict_rows(model, take(X, rows))), whole, strict=True):
            np.testing.assert_array_equal(column, told[rows])


def test_predict_answers_the_same(asked):
    model, X, whole = asked
    values = model.predict(X[40:41])
    if model.network_.loss.name.startswith("quantile"):
        values = values[:, 1]
    assert values[0] == whole[0][40]


def test_no_rows_are_no_answers(asked):
    model, X, _ = asked
    assert len(model.raw_outputs(model.encoder_.transform(X)[:0])) == 0


@pytest.mark.parametrize("n_jobs", [1, 2, 64, -1, np.int64(2)])
def test_answers_are_the_same_bits_on_any_number_of_processors(n_jobs):
    X = np.random.default_rng(0).normal(size=(5000, 6))
    model = NeuralClassifier(preset="realmlp", hidden_layers=(32,), members=3, epochs=1, random_state=0)
    model.fit(X[:300], X[:300, 0] > 0)
    expected = model.predict_proba(X)
    model.set_params(n_jobs=n_jobs)
    assert model.predict_proba(X).tobytes() == expected.tobytes()
    assert model.predict_proba(X[:1]).tobytes() == expected[:1].tobytes()


def test_a_prediction_takes_no_more_processors_than_it_may(monkeypatch):
    taken = []

    class Watched(engine.Prediction):
        def __init__(self, models, X, question, workers=None):
            taken.append(workers)
            super().__init__(models, X, question, 1)

    X = np.random.default_rng(0).normal(size=(100, 3))
    model = NeuralRegressor(preset="mlp", hidden_layers=2, epochs=1, engine=CompiledEngine()).fit(X, X[:, 0])
    monkeypatch.setattr(engine, "cores", lambda: 8)
    monkeypatch.setattr(engine, "Prediction", Watched)
    for n_jobs in (1, 3, 64):
        model.set_params(n_jobs=n_jobs).predict(X)
    assert taken == [1, 3, 8]


@pytest.mark.parametrize("n_jobs", [0, -2, 1.5, "all"])
def test_a_number_of_processors_is_one(n_jobs):
    X = np.zeros((10, 2)) + np.arange(10)[:, None]
    with pytest.raises((InputError, InputTypeError), match="`n_jobs` must be a positive integer"):
        NeuralRegressor(epochs=1, n_jobs=n_jobs).fit(X, X[:, 0])
