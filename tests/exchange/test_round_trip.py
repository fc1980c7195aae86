"""A saved model comes back whole: the same bits, the same options, and able to learn on."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from safetensors import safe_open
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from glassnet import (
    BatchNorm,
    Dense,
    Dropout,
    NeuralClassifier,
    NeuralNetwork,
    Residual,
    load,
    save,
)
from glassnet.estimators import PRESETS
from glassnet.support.container import FORMAT
from glassnet.tables.reading.notation import Notation
from glassnet.training.callbacks import Callback
from tests.exchange.models import FRAME, SIGN, THIRD, X, classifier, regressor
from tests.exchange.models import MODELS as EXPORTED

OTHERS = {
    "classes of unsigned integers": (classifier(), X, THIRD.astype(np.uint64) + 2**63),
    "weights of classes": (classifier(class_weight={0: 1, 1: 2.5}), X, SIGN),
    "weights of text": (classifier(class_weight={"a": 2}), X, np.array(["a", "b"])[SIGN]),
    "balanced": (classifier(class_weight="balanced", early_stopping=True, scoring="roc_auc"), X, SIGN),
    "penalties": (classifier(hidden_layers=[Dense(6, initializer="orthogonal", l2=0.1, max_norm=2.0)]), X, THIRD),
}
MODELS = OTHERS | {
    name: EXPORTED[name]
    for name in (
        *("two classes", "classes of text", "classes of objects", "classes of booleans", "classes of small integers"),
        *("classes of whole floats", "several answers", "margins", "label smoothing", "a number", "several numbers"),
        *("one column", "counts", "quantiles", "mean and deviation", "no hidden layer", "float32", "a table"),
        *("a sparse table", "every layer"),
    )
}


def same(mine, its):
    assert mine.dtype == its.dtype
    assert mine.shape == its.shape
    assert mine.tobytes() == its.tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_estimator_is_the_saved_one(name, tmp_path):
    unfitted, table, y = MODELS[name]
    model = clone(unfitted).fit(table, y)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    same(model.predict(table), again.predict(table))
    for method in ("predict_proba", "decision_function"):
        assert hasattr(model, method) == hasattr(again, method)
        if hasattr(model, method):
            same(getattr(model, method)(table), getattr(again, method)(table))
    assert again.history_.to_dict() == model.history_.to_dict()
    assert again.settings_.keys() == model.settings_.keys()
    for option, value in again.settings_.items():
        mine = model.settings_[option]
        assert value == (tuple(mine) if isinstance(mine, list) else mine)
    assert again.n_features_in_ == model.n_features_in_
    assert hasattr(again, "feature_names_in_") == hasattr(model, "feature_names_in_")
    if hasattr(model, "classes_"):
        for mine, its in zip(model.classes_, again.classes_, strict=True):
            assert mine.dtype == its.dtype
            assert np.array_equal(mine, its)
    assert repr(clone(again)) == repr(clone(again))
    assert clone(again).fit(table, y).history_["loss"] == model.history_["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_members_of_every_kind_come_back(preset, tmp_path):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(120, 2))
    model = NeuralClassifier(preset=preset, epochs=1, random_state=0).fit(table, table[:, 0] > 0)
    save(model, tmp_path / "model")
    same(model.predict_proba(table), load(tmp_path / "model").predict_proba(table))


def test_options_come_back_as_they_were_given(tmp_path):
    options = {
        "hidden_layers": (8, "gelu:4", Dropout(0.25)),
        "activation": "elu(alpha=0.5)",
        "loss": "focal(gamma=1.0)",
        "class_weight": {0: 2.0},
        "learning_rate": 0.01,
        "early_stopping": False,
        "verbose": False,
    }
    save(classifier(**options).fit(X, SIGN), tmp_path / "model")
    params = load(tmp_path / "model").get_params()
    assert {name: params[name] for name in options} == options
    assert params["dropout"] is None
    assert params["random_state"] == 0


def test_what_no_file_can_hold_is_left_out(tmp_path):
    def score(estimator, X, y):
        return 1.0

    options = {"callbacks": [Callback()], "scoring": score, "random_state": np.random.RandomState(0)}
    model = classifier(**options, early_stopping=True).fit(X, SIGN)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    same(model.predict_proba(X), again.predict_proba(X))
    assert [again.get_params()[name] for name in options] == [None, None, None]


def test_names_of_columns_and_the_encoding_come_back(tmp_path):
    model = classifier().fit(FRAME, SIGN)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.feature_names_in_.tolist() == FRAME.columns
    assert again.encoder_ == model.encoder_
    same(again.predict_proba(FRAME.select(reversed(FRAME.columns))), model.predict_proba(FRAME))


def test_notes_come_back(tmp_path):
    model = classifier().fit(X, SIGN)
    assert model.notes_ == {}
    model.notes_ = {"target": "y", "ids": ["a", "b"], "threshold": 0.25}
    save(model, tmp_path / "model")
    assert load(tmp_path / "model").notes_ == model.notes_


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loaded_network_is_the_saved_one(dtype, tmp_path):
    layers = ["tanh:6", BatchNorm(), Residual([Dense(6, "silu")]), 3]
    network = NeuralNetwork(3, layers, "cross_entropy", seed=2**64 - 1, dtype=dtype)
    network.train(X, THIRD, epochs=2)
    save(network, tmp_path / "network")
    again = load(tmp_path / "network")
    assert type(again) is NeuralNetwork
    assert repr(again) == repr(network)
    assert (again.seed, again.dtype) == (network.seed, network.dtype)
    same(again.parameters, network.parameters)
    same(again.statistics, network.statistics)
    same(again.predict(X), network.predict(X))
    assert again.train(X, THIRD, epochs=2) == network.train(X, THIRD, epochs=2)


def test_another_process_predicts_the_same_bits(tmp_path, forks):
    model = classifier().fit(FRAME, np.array(["no", "yes"])[SIGN])
    save(model, tmp_path / "model")
    FRAME.write_ipc(tmp_path / "table")
    code = """
        import sys, polars, numpy, glassnet
        model = glassnet.load(sys.argv[1])
        table = polars.read_ipc(sys.argv[2])
        print(model.predict(table)[0], numpy.asarray(model.predict_proba(table)).tobytes().hex())
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    output = forks.run("-c", code, tmp_path / "model", tmp_path / "table").stdout
    assert output.split() == [model.predict(FRAME)[0], model.predict_proba(FRAME).tobytes().hex()]


def test_training_goes_on_after_loading(tmp_path):
    model = classifier(epochs=20, warm_start=True).fit(X, SIGN)
    before = model.history_["loss"]
    save(model, tmp_path / "model")
    again = load(tmp_path / "model").fit(X, SIGN)
    assert again.n_iter_ == 40
    assert again.history_["loss"][:20] == before
    assert again.history_["loss"][-1] < before[-1]
    assert [row["epoch"] for row in again.history_] == list(range(1, 41))


def test_partial_fit_goes_on_after_loading(tmp_path):
    model = classifier().partial_fit(X, SIGN, classes=[0, 1, 2])
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    for _ in range(30):
        again.partial_fit(X, SIGN)
    assert again.n_iter_ == 31
    assert again.history_["loss"][-1] < again.history_["loss"][0]
    assert again.classes_.tolist() == [0, 1, 2]


def test_the_same_model_gives_the_same_file(tmp_path):
    model = classifier().fit(FRAME, SIGN)
    save(model, tmp_path / "one")
    save(load(tmp_path / "one"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_any_reader_of_safetensors_sees_what_is_in_it(tmp_path):
    model = classifier().fit(FRAME, SIGN)
    save(model, tmp_path / "model")
    with safe_open(tmp_path / "model", "numpy") as file:
        document = json.loads(file.metadata()["glassnet"])
        same(file.get_tensor("parameters"), model.network_.parameters)
    assert document["format"] == FORMAT
    assert document["kind"] == "NeuralClassifier"
    assert document["network"]["layers"][0] == {"type": "Dense", "units": 5, "activation": "relu"}
    assert document["versions"].keys() == {"glassnet", "numpy", "python"}


def test_texts_are_read_as_the_file_writes_them_that_it_learned_from(tmp_path):
    model = regressor().fit(pl.DataFrame({"n": np.arange(60.0) * 100}), np.arange(60.0))
    model.notation_ = Notation(",")
    save(model, tmp_path / "model")
    expected = model.predict(pl.DataFrame({"n": [1234.0, 2.5]}))
    same(load(tmp_path / "model").predict(pl.DataFrame({"n": ["1.234", "2,5"]})), expected)


def test_a_loaded_model_works_in_a_pipeline(tmp_path):
    save(classifier().fit(X, SIGN), tmp_path / "model")
    pipeline = make_pipeline(load(tmp_path / "model"))
    assert pipeline.predict(X).shape == (60,)
