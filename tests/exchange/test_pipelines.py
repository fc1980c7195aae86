"""Pipelines of scikit-learn in front of a network: predictions stay, for gaps and unknown levels, too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

import glassnet
from glassnet import NeuralRegressor, from_sklearn
from glassnet.errors import InputError, InputTypeError

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = 60
NUMBERS = {
    "median, standard": make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
    "mean, bounds, no mean": make_pipeline(SimpleImputer(), MinMaxScaler((-1, 2)), StandardScaler(with_mean=False)),
    "quartiles, constant": make_pipeline(RobustScaler(), SimpleImputer(strategy="constant", fill_value=0.5)),
    "largest, most frequent": make_pipeline(MaxAbsScaler(), SimpleImputer(strategy="most_frequent")),
    "centre alone": make_pipeline(SimpleImputer(), RobustScaler(with_scaling=False), StandardScaler(with_std=False)),
}
CATEGORIES = {
    "ignored": OneHotEncoder(handle_unknown="ignore"),
    "filled": make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(drop="if_binary", handle_unknown="ignore")
    ),
    "filled by a level": make_pipeline(
        SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(handle_unknown="ignore")
    ),
    "first left out": OneHotEncoder(drop="first", handle_unknown="ignore", min_frequency=0.3),
    "rare together": OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.3),
    "given": OneHotEncoder(categories=[["Ulm", "Bern", "Graz", np.nan], ["n", "y"]], handle_unknown="ignore"),
}


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, ROWS).astype(float),
            "city": rng.choice(["Ulm", "Graz", "Bern"], ROWS, p=[0.5, 0.3, 0.2]),
            "unused": "x",
            "income": rng.normal(5e4, 9e3, ROWS),
            "ok": rng.choice(["y", "n"], ROWS),
            "grade": rng.integers(1, 5, ROWS),
        }
    )
    frame.loc[::7, "age"] = np.nan
    frame.loc[::11, "city"] = np.nan
    return frame


def trained(people, before, kind=MLPClassifier):
    y = (people["grade"] > 2).to_numpy()
    return make_pipeline(before, kind(hidden_layer_sizes=(4,), max_iter=5, random_state=0)).fit(people, y)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("category", CATEGORIES)
def test_predictions_stay(people, number, category):
    before = ColumnTransformer(
        [
            ("category", CATEGORIES[category], ["city", "ok"]),
            ("number", NUMBERS[number], ["income", "age"]),
            ("grade", OneHotEncoder(handle_unknown="ignore"), [5]),
        ]
    )
    pipeline = trained(people, before)
    model = from_sklearn(pipeline)
    strange = people.copy()
    strange.loc[1, "city"], strange.loc[2, "grade"] = "Paris", 9
    for rows in (people, strange):
        np.testing.assert_allclose(model.predict_proba(rows), pipeline.predict_proba(rows), rtol=0, atol=1e-12)
    assert list(model.feature_names_in_) == list(people.columns)


@pytest.mark.parametrize("columns", [slice(3, 5), [False, False, False, True, True, False], [3, -2], ["income", "ok"]])
def test_columns_are_named_in_every_way(people, columns):
    before = make_column_transformer(
        (StandardScaler(), [0]), ("drop", [1, 2]), (OneHotEncoder(), columns), remainder="passthrough"
    )
    people = people.assign(age=1.0 * people["grade"], income=people["grade"])
    pipeline = trained(people, before, MLPRegressor)
    np.testing.assert_allclose(from_sklearn(pipeline).predict(people), pipeline.predict(people), rtol=1e-9)


def test_what_was_imported_is_saved_explained_and_trained_further(people, tmp_path):
    before = make_column_transformer((CATEGORIES["filled"], ["city", "ok"]), (NUMBERS["median, standard"], ["age"]))
    model = from_sklearn(trained(people, before))
    glassnet.save(model, tmp_path / "model.safetensors")
    again = glassnet.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(people), model.predict_proba(people))
    explained = model.explain(people[:3])
    assert not explained.contributions[:, [2, 3, 5]].any()
    assert explained.contributions[:, [0, 1, 4]].any()
    before_more = model.predict_proba(people)
    model.partial_fit(people, (people["grade"] > 2).to_numpy())
    assert not np.array_equal(model.predict_proba(people), before_more)


def test_scalers_of_all_kinds_stand_in_front_of_a_network(people):
    rows = people[["age", "income"]].fillna(0.0)
    network = glassnet.NeuralNetwork(2, ["tanh:3", 1])
    for scaler in (MinMaxScaler(), RobustScaler(), make_pipeline(MaxAbsScaler(), StandardScaler())):
        model = NeuralRegressor.from_network(network, scaler=scaler.fit(rows))
        np.testing.assert_allclose(model.predict(rows), network.predict(scaler.transform(rows)).ravel(), rtol=1e-5)


@pytest.mark.parametrize(
    ("before", "kind", "received"),
    [
        (
            make_pipeline(PCA(1)),
            InputTypeError,
            "SimpleImputer, .* Received: PCA. Apply that step to the rows beforehand",
        ),
        (
            MinMaxScaler(clip=True),
            InputError,
            "MinMaxScaler before a network must have the usual `clip`. Received: True",
        ),
        (SimpleImputer(add_indicator=True), InputError, "the usual `add_indicator`. Received: True"),
        (SimpleImputer(missing_values=3), InputError, "the usual `missing_values`. Received: 3"),
        (
            make_pipeline(OneHotEncoder(sparse_output=False), StandardScaler()),
            InputTypeError,
            "Only columns of numbers",
        ),
        (make_pipeline(StandardScaler(), OneHotEncoder()), InputTypeError, "must come before all scaling"),
        (
            make_column_transformer((StandardScaler(), ["grade"]), (OneHotEncoder(), ["grade"])),
            InputError,
            "one way through the steps before a network. Received: 'grade'",
        ),
        (
            make_column_transformer((StandardScaler(), ["grade"]), ("passthrough", ["grade"])),
            InputError,
            "one way through the steps before a network. Received: 'grade'",
        ),
    ],
)
def test_what_cannot_be_imported_is_named(people, before, kind, received):
    with pytest.raises(kind, match=received):
        from_sklearn(trained(people[["grade"]], before))


def test_a_network_of_steps_that_mix_columns_is_refused(people):
    rows = people[["grade", "age"]].fillna(0.0)
    swapped = make_column_transformer(("passthrough", ["age"]), ("passthrough", ["grade"])).fit(rows)
    with pytest.raises(InputError, match="scale each of its columns, and leave them in order"):
        NeuralRegressor.from_network(glassnet.NeuralNetwork(2, [1]), scaler=swapped)
