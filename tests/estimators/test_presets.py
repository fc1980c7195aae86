"""Presets: what they stand for, and that every option overrides them."""

import numpy as np
import pandas as pd
import pytest

from glassnet import Blend, Dense, Dropout, Embedding, NeuralClassifier, NeuralRegressor, PeriodicEmbedding, Scale
from glassnet.errors import InputError
from glassnet.estimators.ensemble import judged_members, kinds_of_members
from glassnet.estimators.presets import PRESETS, TableSize, choose_preset, resolve


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 600),
            "income": np.exp(rng.normal(size=600)),
            "city": rng.choice([f"city {i}" for i in range(20)], 600),
            "sex": rng.choice(["f", "m"], 600),
        }
    )
    frame.loc[::7, "income"] = np.nan
    return frame, (frame["age"] + 10 * (frame["sex"] == "f") > 45).map({True: "yes", False: "no"})


@pytest.mark.slow
def test_auto_says_what_it_chose(table):
    assert NeuralClassifier(epochs=1).fit(*table).settings_["preset"] == "bagged"
    assert NeuralClassifier(epochs=1).fit(table[0][:90], table[1][:90]).settings_["preset"] == "mlp"
    assert NeuralClassifier(epochs=1, preset="mlp").fit(*table).settings_["preset"] == "mlp"
    assert choose_preset("auto", TableSize(10**6, 5)) == "bagged"


@pytest.mark.slow
def test_numbers_of_squared_losses_have_members_of_two_kinds(table):
    X, y = table[0][["age"]], table[0]["income"].fillna(0)
    of_numbers = NeuralRegressor(epochs=1).fit(X, y)
    assert [network.layers[0].spread for network in of_numbers.networks_] == [2.0, 0.5] * 5
    other = NeuralRegressor(epochs=1, loss="mae").fit(X, y)
    assert (len(other.networks_), other.settings_["kinds"]) == (5, ())


@pytest.mark.parametrize(
    ("rows", "batch_sizes", "spreads"),
    [
        (100, [128, 256], [0.1, 0.5]),
        (1999, [128, 256], [0.1, 0.5]),
        (5000, [128], [0.1]),
        (5001, [128, 256], [0.1, 0.5]),
    ],
)
def test_classes_have_members_of_two_or_three_kinds_one_of_which_sees_thresholds(rows, batch_sizes, spreads):
    settings = resolve("bagged", {}, TableSize(rows, 5))
    *waves, thresholds = (settings | kind for kind in settings["kinds"])
    assert [kind["batch_size"] for kind in waves] == batch_sizes
    assert [kind["spread"] for kind in waves] == spreads
    assert thresholds["numeric_embedding"] == "piecewise_linear_tree"
    kinds = len(settings["kinds"])
    assert (settings["members"], settings["refits"]) == (5 * kinds, 3 * kinds)


def test_a_longer_training_is_as_patient_in_proportion():
    usual, longer = (resolve("bagged", given, TableSize(5000, 5)) for given in ({}, {"epochs": 80}))
    assert (usual["epochs"], usual["patience"], longer["patience"]) == (32, 12, 30)


@pytest.mark.parametrize(
    "size", [TableSize(1999, 5), TableSize(1999, 5, numbers=True), TableSize(5000, 5, numbers=True)]
)
def test_members_of_few_rows_or_of_numbers_train_for_all_epochs(size):
    settings = resolve("bagged", {}, size)
    assert all(kind["patience"] >= kind["epochs"] for kind in kinds_of_members(settings))


def test_members_that_learn_numbers_from_few_rows_train_for_as_long_as_others():
    settings = resolve("bagged", {}, TableSize(2500, 5, numbers=True))
    assert {kind["epochs"] for kind in kinds_of_members(settings)} == {32}


def test_members_learn_numbers_from_all_rows_where_others_tell_how_long():
    few, many = (resolve("bagged", {}, TableSize(rows, 5, numbers=True)) for rows in (1999, 2000))
    assert (few["members"], few["refits"], many["members"], many["refits"]) == (10, 0, 10, 6)


@pytest.mark.parametrize("numbers", [False, True])
def test_tables_of_rows_enough_hold_back_fewer_of_them(numbers):
    few, many = (resolve("bagged", {}, TableSize(rows, 5, numbers)) for rows in (1999, 2000))
    assert (few["validation_fraction"], many["validation_fraction"]) == (0.2, 0.1)


def test_long_tables_have_six_members_that_see_finer_detail_and_train_no_longer():
    classes, numbers = (resolve("bagged", {}, TableSize(10_001, 5, numbers)) for numbers in (False, True))
    assert [kind.get("spread", classes["spread"]) for kind in kinds_of_members(classes)] == [0.1, 0.5, 8.0] * 2
    assert [kind["spread"] for kind in kinds_of_members(numbers)] == [2.0, 0.5] * 3
    for settings in (classes, numbers):
        assert settings["refits"] == 0
        assert {kind["epochs"] for kind in kinds_of_members(settings)} == {settings["epochs"]}
        assert {kind["batch_size"] for kind in kinds_of_members(settings)} == {settings["batch_size"]}


@pytest.mark.parametrize(
    "size",
    [
        TableSize(10**5, 5, numbers=True, squares=False),
        TableSize(5000, 500, numbers=True),
        TableSize(5000, 500),
    ],
    ids=str,
)
def test_other_tables_have_members_of_one_kind(size):
    settings = resolve("bagged", {}, size)
    assert (settings["members"], settings["kinds"]) == (5, ())
    assert settings["refits"] == (3 if size.rows <= 10_000 else 0)


def test_realmlp_is_what_its_paper_says(table):
    model = NeuralClassifier(preset="realmlp", epochs=1, random_state=0).fit(*table)
    kinds = [type(layer) for layer in model.network_.layers]
    hidden = [Dense, Blend, Dropout]
    assert kinds == [Embedding, PeriodicEmbedding, Scale, *hidden, *hidden, *hidden, Dense]
    embedding, periodic = model.network_.layers[:2]
    assert embedding.levels == (20,)
    assert periodic.columns == 2
    assert model.encoder_.feature_names_out == ["age", "income", "income is missing", "sex=m", "city (code)"]


def test_waves_are_as_many_and_as_fine_as_asked_for(table):
    options = {"preset": "realmlp", "epochs": 1}
    periodic = NeuralClassifier(spread=2.0, frequencies=5, numeric_size=3, **options).fit(*table).network_.layers[1]
    assert (periodic.spread, periodic.frequencies, periodic.size) == (2.0, 5, 3)


@pytest.mark.parametrize(
    ("embedding", "frequencies", "size"),
    [("periodic", 16, 4), ("periodic_relu", 48, 24), ("piecewise_linear_tree", None, 8), ("none", None, None)],
)
def test_sizes_that_nobody_gives_are_those_of_the_embedding(embedding, frequencies, size, table):
    model = NeuralClassifier(preset="mlp", numeric_embedding=embedding, epochs=1).fit(*table)
    assert (model.settings_["frequencies"], model.settings_["numeric_size"]) == (frequencies, size)


def test_numbers_take_another_activation_and_rate(table):
    model = NeuralRegressor(preset="realmlp", epochs=1).fit(table[0], table[0]["age"])
    assert model.settings_["activation"] == "mish"
    assert model.settings_["learning_rate"] == 0.2


@pytest.mark.parametrize(
    ("size", "rate", "dropout"),
    [
        (TableSize(1999, 9, numbers=True), 0.1, 0.15),
        (TableSize(2000, 9, numbers=True), 0.1, 0.0),
        (TableSize(2000, 9, numbers=True, squares=False), 0.04, 0.15),
        (TableSize(2000, 9), 0.04, 0.15),
    ],
)
def test_averaged_members_learn_numbers_more_slowly_and_without_dropout(size, rate, dropout):
    for preset in ("bagged", "best", "fast"):
        settings = resolve(preset, {}, size)
        assert (settings["learning_rate"], settings["dropout"]) == (rate, dropout)


@pytest.mark.parametrize(
    ("rows", "numbers"), [(1000, False), (1000, True), (5000, False), (5000, True), (20_000, False)]
)
def test_best_has_three_times_the_members_or_nine_of_five_kinds(rows, numbers):
    usual, best = (resolve(preset, {}, TableSize(rows, 9, numbers)) for preset in ("bagged", "best"))
    assert all(kind in best["kinds"] for kind in usual["kinds"])
    if numbers or rows > 10_000:
        assert best["kinds"] == usual["kinds"]
        assert (best["members"], best["refits"]) == (3 * usual["members"], 3 * usual["refits"])
    else:
        assert (len(best["kinds"]), best["members"]) == (5, 9 * 5)
        assert judged_members(best) == 3 * 5


def test_fast_has_members_that_are_all_alike():
    settings = NeuralClassifier(preset="fast", epochs=1).fit(np.eye(200, 3), np.arange(200) % 2).settings_
    assert (settings["members"], settings["refits"], settings["kinds"]) == (4, 0, ())


@pytest.mark.sample(22)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "options",
    [
        {"numeric_embedding": "piecewise_linear_tree"},
        {"numeric_embedding": "none", "input_scale": True},
        {"numeric_embedding": "periodic", "spread": 2.0, "frequencies": 5},
        {"parametric": True, "activation": "gelu"},
        {"parametrization": "ntk", "start": "data", "rates": {"bias": 0.5}},
        {"scaling": "none", "max_one_hot": 30},
        {"category_embedding": 3, "max_one_hot": 2},
        {"schedule": "constant", "dropout_schedule": "linear", "decay_schedule": "cosine"},
        {"members": 2, "calibration": "temperature", "label_smoothing": 0.1},
        {"shared_members": 3},
        {"hidden_layers": ()},
        {"optimizer": "lbfgs", "schedule": None},
    ],
    ids=str,
)
def test_any_option_goes_with_any_preset(preset, options, table):
    few = {"epochs": 2, "members": 1} | options  # twenty networks would tell no more
    model = NeuralClassifier(preset=preset, random_state=0, **few).fit(*table)
    assert {name: model.settings_[name] for name in options if options[name] is not None} == {
        name: value for name, value in options.items() if value is not None
    }
    assert np.isfinite(model.predict_proba(table[0])).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"preset": "realmpl"},
            "`preset` must be one of: auto, bagged, best, fast, mlp, realmlp, tabm. Received: 'realmpl'",
        ),
        (
            {"numeric_embedding": "wavelet"},
            "`numeric_embedding` must be one of: none, periodic, periodic_relu, "
            "piecewise_linear, piecewise_linear_tree",
        ),
        ({"rates": {"biases": 1}}, "`rates` must be a dict with some of: bias, .* Received: 'biases'"),
        ({"calibration": "platt"}, "`calibration` must be one of: none, temperature. Received: 'platt'"),
        ({"scaling": "minmax"}, "`scaling` must be one of: standard, robust, none"),
        ({"parametrization": "mup"}, "`parametrization` must be one of: standard, ntk"),
        ({"dropout_schedule": "reduce_on_plateau"}, "`dropout_schedule` must be a function of the training progress"),
        ({"max_one_hot": 0}, "`max_one_hot` must be an integer of at least 2"),
        ({"spread": 0}, "`spread` must be positive. Received: 0. Common values are 0.03 to 5"),
        ({"frequencies": 0}, "`frequencies` must be a positive integer"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(options, message, table):
    with pytest.raises(InputError, match=message):
        NeuralClassifier(**options).fit(*table)


def test_predictions_of_numbers_stay_within_what_was_seen(table):
    X, y = table[0][["age"]], table[0]["age"]
    far = pd.DataFrame({"age": [-1e4, 1e4]})
    clamped = NeuralRegressor(preset="realmlp", epochs=5, random_state=0).fit(X, y)
    assert y.min() <= clamped.predict(far).min()
    assert clamped.predict(far).max() <= y.max()
    free = NeuralRegressor(hidden_layers=(), preset="mlp", optimizer="lbfgs").fit(X, y)
    assert free.predict(far).max() == pytest.approx(1e4, rel=0.01)
