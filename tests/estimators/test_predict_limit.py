"""A limit of predictions: how it is written, how many members it allows, and that the model is that of so many.

The time of a prediction is 9.5 µs per network, whatever the machine; only the last test measures.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor, find_learning_rate
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators import predict_limit
from glassnet.estimators.predict_limit import PredictLimit, member_counts, members_within, seconds_per_row
from glassnet.tables.opened_table import open_table

SMALL = {"preset": "bagged", "hidden_layers": (8,), "epochs": 2, "random_state": 0}
EACH = 9.5e-6


@pytest.fixture
def steady(monkeypatch):
    """Every network takes 9.5 µs for a row; gives what was measured: whether rows were alone."""
    measured = []

    def seconds(model, X, *, alone, encoding=False):
        measured.append(alone)
        return 3e-6 if encoding else EACH * len(model.networks_)

    monkeypatch.setattr(predict_limit, "seconds_per_row", seconds)
    return measured


def bits(model):
    return [network.parameters.tobytes() for network in model.networks_]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("50us", 50e-6),
        ("1.5 ms", 1.5e-3),
        ("2s", 2),
        ("7µs", 7e-6),
        ("7μs", 7e-6),
        ("20000/s", 50e-6),
        ("8 / s", 1 / 8),
    ],
)
def test_a_limit_is_a_time_or_a_rate(text, seconds):
    assert PredictLimit.of(text).seconds == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["50", "0us", "0.0/s", "-1us", "50ns", "5/ms", "us", "", "1e3us"])
def test_what_is_no_limit_is_refused_with_examples(text, classes):
    with pytest.raises(InputError, match=r'`predict_limit` must be .* Received: .* For example "50us"'):
        NeuralClassifier(predict_limit=text).fit(*classes)


def test_a_number_has_no_unit(classes):
    with pytest.raises(InputTypeError, match=r"Received: 50\. For example"):
        NeuralClassifier(predict_limit=50).fit(*classes)


@pytest.mark.parametrize(("members", "kinds"), [(1, ()), (5, ()), (2, ({}, {}, {})), (6, ({}, {}, {}))])
def test_all_members_are_always_among_the_numbers(members, kinds):
    assert member_counts({"members": members, "kinds": kinds})[-1] == members


def test_the_number_of_members_rises_with_the_limit_in_whole_rounds(steady):
    untrained = SimpleNamespace(settings_={"members": 15, "kinds": ({}, {}, {})}, networks_=list(range(15)))
    limits = ["10us", "20us", "28us", "29us", "56us", "58us", "1s"]
    assert [members_within(limit, untrained, None)["members"] for limit in limits] == [1, 2, 2, 3, 3, 6, 15]


def test_time_is_measured_of_rows_alone_and_rates_of_many(steady, classes):
    model = NeuralClassifier(**SMALL, predict_limit="30us").fit(*classes)
    assert steady
    assert all(steady)
    assert model.notes_ == {"predict_limit": {"members": 3, "of": 15, "measured": "28.5us"}}
    steady.clear()
    model = NeuralClassifier(**SMALL, predict_limit="30000/s").fit(*classes)
    assert steady
    assert not any(steady)
    assert model.notes_ == {"predict_limit": {"members": 3, "of": 15, "measured": "35100/s"}}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cv": 5},
        {"random_state": None},
        {"early_stopping": False},
        {"members": 8, "kinds": ()},
        pytest.param({"preset": "best"}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_model_is_that_of_so_many_members_to_the_bit(options, steady, classes):
    def fitted(**more):
        np.random.seed(7)  # noqa: NPY002  # which random_state=None draws from
        return NeuralClassifier(**SMALL | options | more).fit(*classes)

    limited = fitted(predict_limit="65us")
    assert limited.settings_["members"] == (5 if options.get("preset") == "best" else 6)
    given = fitted(members=limited.settings_["members"])
    assert limited.settings_ == given.settings_ | {"predict_limit": "65us"}
    assert bits(limited) == bits(given)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["shards", "partial_fit", "batches"])
def test_so_it_is_however_the_rows_come(way, steady, monkeypatch):
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", 10**9)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = X[:, 0] + 0.1 * rng.normal(size=600)

    def fitted(**options):
        model = NeuralRegressor(**SMALL, **options)
        if way == "shards":
            return model.fit(X, y, shards=2)
        return model.partial_fit(X, y) if way == "partial_fit" else model.fit([(X, y)], None, memory="1GB")

    limited = fitted(predict_limit="65us")
    assert len(limited.networks_) == 6
    assert bits(limited) == bits(fitted(members=6))


def test_members_that_are_refitted_are_fewer_in_the_end(steady, classes):
    options = SMALL | {"members": 8, "refits": 6, "kinds": ()}
    model = NeuralClassifier(**options, predict_limit="50us").fit(*classes)
    assert (model.settings_["members"], model.settings_["refits"]) == (5, 3)


def test_given_members_are_the_upper_limit(steady, classes):
    model = NeuralClassifier(**SMALL, members=4, kinds=(), predict_limit="1s").fit(*classes)
    assert len(model.networks_) == 4


def test_one_network_that_is_too_slow_is_refused_before_training(steady, classes):
    trained = []

    class Begin:
        def on_fit_begin(self, estimator):
            trained.append(estimator)

    with pytest.raises(InputError, match=r"Received: 5us; one network: 9\.5us, encoding alone: 3us\. Relax the limit"):
        NeuralClassifier(**SMALL, predict_limit="5us", callbacks=[Begin()]).fit(*classes)
    assert not trained


def test_continued_training_keeps_the_members_and_the_limit(steady, classes):
    model = NeuralClassifier(**SMALL, members=9, predict_limit="65us", warm_start=True).fit(*classes)
    steady.clear()
    assert len(model.fit(*classes).networks_) == 6
    assert not steady
    with pytest.raises(InputError, match="must keep `predict_limit` unchanged"):
        model.set_params(predict_limit="10us").fit(*classes)


def test_checkpoints_cannot_depend_on_the_machine(steady, classes, tmp_path):
    with pytest.raises(InputError, match=r"`checkpoint`.*predict_limit='65us'.*Set `members` instead"):
        NeuralClassifier(**SMALL, predict_limit="65us").fit(*classes, checkpoint=tmp_path)


def test_a_file_keeps_the_limit_and_what_was_measured(steady, classes, tmp_path):
    model = NeuralClassifier(**SMALL, predict_limit="30us").fit(*classes)
    glassnet.save(model, tmp_path / "model")
    loaded = glassnet.load(tmp_path / "model")
    assert loaded.predict_limit == loaded.settings_["predict_limit"] == "30us"
    assert loaded.notes_ == model.notes_


def test_a_search_for_the_learning_rate_measures_no_predictions(steady, classes):
    find_learning_rate(NeuralClassifier(**SMALL, predict_limit="1us"), *classes)
    assert not steady


@pytest.mark.parametrize("opened", [False, True])
def test_rows_are_predicted_in_the_container_of_the_table(opened, monkeypatch, classes):
    X, y = classes
    table = pl.DataFrame(X, schema=list("abcdef"))
    model = NeuralClassifier(**SMALL, members=1).fit(table, y)
    table = open_table(table) if opened else table
    seen = []
    monkeypatch.setattr(predict_limit, "least_seconds", lambda call: seen.append(call.args[0]) or 1.0)
    seconds_per_row(model, table, alone=True)
    seconds_per_row(model, table, alone=True, encoding=True)
    assert {(type(rows), rows.shape) for rows in seen} == {(pl.DataFrame, (1, 6))}
    seen.clear()
    assert seconds_per_row(model, table, alone=False) == pytest.approx(1e-4)
    assert [(type(rows), rows.shape) for rows in seen] == [(pl.DataFrame, (10_000, 6))]


@pytest.fixture(scope="module")
def days():
    """A table with a column of numbers that are names."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(100, size=1500), rng.normal(size=(1500, 3))])
    return X, rng.normal(size=100)[X[:, 0].astype(int)] + X[:, 1] > 0


def test_what_is_measured_has_the_layers_of_what_is_trained(steady, days, monkeypatch):
    measured = []
    monkeypatch.setattr(
        "glassnet.estimators.fit.members_within",
        lambda text, model, X: measured.append(model) or members_within(text, model, X),
    )
    model = NeuralClassifier(epochs=1, random_state=0, predict_limit="20us").fit(*days)
    assert model.encoder_.coded_levels == [100]
    assert measured[0].networks_[0].layers == model.networks_[0].layers


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "limit"), [("classes", "150us"), ("classes", "40000/s"), ("days", "400us"), ("days", "20000/s")]
)
def test_the_measured_time_is_that_of_the_trained_model(table, limit, request, monkeypatch):
    """In time of this process alone, so that others hardly count; where they do, both are measured again."""
    monkeypatch.setattr(predict_limit, "clock", time.process_time)
    monkeypatch.setattr(predict_limit, "LONGEST", 2.0)
    X, y = request.getfixturevalue(table)
    ratios = []
    while not ratios or (len(ratios) < 4 and not 0.8 <= ratios[-1] <= 1.2):
        model = NeuralClassifier(preset="fast", epochs=2, n_jobs=1, random_state=0, predict_limit=limit).fit(X, y)
        measured = PredictLimit.of(model.notes_["predict_limit"]["measured"]).seconds
        ratios.append(min(seconds_per_row(model, X, alone=limit.endswith("us")) for _ in range(3)) / measured)
    assert len(model.encoder_.coded_levels) == (table == "days")
    assert ratios[-1] == pytest.approx(1.0, rel=0.2), ratios


def test_a_first_piece_may_leave_day_and_month_open(steady, monkeypatch):
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", 10**9)  # however few the rows are
    x = np.random.default_rng(0).normal(size=100)
    pieces = [
        (pl.DataFrame({"x": x, "when": [f"{1 + row % 12:02}/{first + row % 12:02}/2024" for row in range(100)]}), x)
        for first in (1, 13)
    ]
    model = NeuralRegressor(**SMALL, predict_limit="20us").fit(pieces, None, memory="500MB")
    assert (model.encoder_.notation.dates, len(model.networks_)) == ("mdy", 2)
