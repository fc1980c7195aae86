"""Answers of an estimator never fall as a column rises that must not let them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError

RNG = np.random.default_rng(0)
ROWS = 160
TABLE = pd.DataFrame(
    {
        "age": RNG.normal(40, 10, ROWS).round(1),
        "price": np.where(np.arange(ROWS) % 7, RNG.exponential(size=ROWS), np.nan),
        "size": pd.Categorical(np.array(["S", "M", "L"])[np.arange(ROWS) % 3], ["S", "M", "L"], ordered=True),
        "city": np.array(["a", "b", "c", "d"])[np.arange(ROWS) % 4],
    }
)
Y = np.sin(TABLE["age"] / 5) + TABLE["price"].fillna(1) + (np.arange(ROWS) % 4)
ASKED = {"age": 1, "price": -1, "size": 1}
SHORT = {"epochs": 3, "random_state": 0}
PRESETS = ["bagged", "fast", "mlp", "realmlp", "tabm"]


def worst(answer):
    """The deepest fall of answers as one of the columns moves the way in which they must not fall."""
    before, far = answer(TABLE), TABLE.copy()
    falls = []
    for column, by in (("age", 0.1), ("age", 30.0), ("price", -0.1), ("price", -5.0)):
        falls.append((answer(far.assign(**{column: far[column] + by})) - before).min())
    larger = far["size"].map({"S": "M", "M": "L", "L": "L"}).astype(TABLE["size"].dtype)
    falls.append((answer(far.assign(size=larger)) - before).min())
    return min(falls)


@pytest.mark.slow
@pytest.mark.sample(3)
@pytest.mark.parametrize("preset", PRESETS)
def test_no_number_falls(preset):
    model = NeuralRegressor(preset=preset, monotone=ASKED, **SHORT).fit(TABLE, Y)
    assert worst(model.predict) >= 0


@pytest.mark.slow
@pytest.mark.sample(3)
@pytest.mark.parametrize("preset", PRESETS)
def test_no_probability_falls(preset):
    model = NeuralClassifier(preset=preset, monotone=ASKED, **SHORT).fit(TABLE, np.where(Y > 2, "yes", "no"))
    assert worst(lambda X: model.predict_proba(X)[:, 1].astype(float)) >= -1e-7  # the logarithms of an average round


@pytest.mark.parametrize("loss", ["quantile(levels=(0.1, 0.9))", "gaussian_nll", "poisson", "mae"])
def test_under_every_loss_what_is_predicted_keeps_it(loss):
    model = NeuralRegressor(preset="mlp", loss=loss, members=2, monotone=ASKED, **SHORT).fit(TABLE, Y - Y.min())
    assert worst(model.predict) >= -1e-12


def test_two_outputs_for_two_classes_keep_it():
    model = NeuralClassifier(preset="mlp", loss="cross_entropy", monotone=ASKED, **SHORT).fit(TABLE, Y > 2)
    assert worst(lambda X: model.predict_proba(X)[:, 1]) >= 0


def test_without_being_asked_answers_fall():
    model = NeuralRegressor(preset="mlp", epochs=30, random_state=0).fit(TABLE, Y)
    assert worst(model.predict) < 0


def test_columns_in_order_are_those_by_name():
    by_name = NeuralRegressor(preset="mlp", monotone={"age": 1, "price": -1}, **SHORT).fit(TABLE, Y)
    in_order = NeuralRegressor(preset="mlp", monotone=np.array([1, -1, 0, 0]), **SHORT).fit(TABLE, Y)
    np.testing.assert_array_equal(by_name.predict(TABLE), in_order.predict(TABLE))


def test_it_goes_with_the_model(tmp_path):
    model = NeuralRegressor(preset="mlp", monotone=ASKED, **SHORT).fit(TABLE, Y)
    glassnet.save(model, tmp_path / "model")
    again = glassnet.load(tmp_path / "model")
    assert again.network_.monotone == model.network_.monotone
    again.partial_fit(TABLE, -Y)
    assert worst(again.predict) >= 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"aeg": 1}, "must name columns of the table.*Received: 'aeg'"),
        ({"city": 1}, "must be numbers, or categories that have an order.*Received: 'city', a category"),
        ({"age": 2}, "must be 1, -1 or 0"),
        ({3: 1}, "must name columns"),
        ([1, 0], r"for each of 4\. Received: 2 of them"),
    ],
)
def test_what_cannot_be_asked(asked, said):
    with pytest.raises(InputError, match=said):
        NeuralRegressor(preset="mlp", monotone=asked, **SHORT).fit(TABLE, Y)


def test_ordered_levels_that_become_codes_are_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"'size', of which each is a code\. Set a larger `max_one_hot`"):
        NeuralRegressor(preset="mlp", max_one_hot=2, monotone={"size": 1}, **SHORT).fit(TABLE, Y)


def test_a_date_has_no_direction():
    table = TABLE.assign(born=pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(ROWS), "D"))
    with pytest.raises(InputError, match="must be numbers"):
        NeuralRegressor(preset="mlp", monotone={"born": 1}, **SHORT).fit(table, Y)


def test_three_classes_have_no_order():
    with pytest.raises(InputError, match="two classes"):
        NeuralClassifier(preset="mlp", monotone=ASKED, **SHORT).fit(TABLE, np.digitize(Y, [1, 2]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"preset": "mlp", "numeric_embedding": "periodic_relu"}, "must not be periodic"),
        ({"preset": "mlp", "activation": "gelu"}, "activations must be non-decreasing"),
    ],
)
def test_settings_that_cannot_keep_it_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        NeuralRegressor(monotone=ASKED, **SHORT | options).fit(TABLE, Y)


@pytest.mark.parametrize(("option", "other"), [("monotone", {"age": -1}), ("clamp", True), ("scaling", "robust")])
def test_training_that_goes_on_keeps_what_was_decided(option, other):
    model = NeuralRegressor(preset="mlp", monotone={"age": 1}, warm_start=True, **SHORT).fit(TABLE, Y)
    with pytest.raises(InputError, match=f"Continued training must keep `{option}`"):
        model.set_params(**{option: other}).fit(TABLE, Y)


@pytest.mark.slow
def test_a_search_draws_only_what_keeps_it():
    result = glassnet.search(TABLE, Y, trials=3, preset="mlp", epochs=2, monotone=ASKED, random_state=0)
    assert worst(result.best_estimator.predict) >= 0
