"""Fits that a kill ends: members that are done stay so, the others go on, and the bits are the same."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import Checkpoint, NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError
from glassnet.training.checkpoint import latest_checkpoint
from tests.killing import KilledError


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 4))
    return X, X[:, 0] * X[:, 1] + rng.normal(size=400)


@pytest.fixture(autouse=True)
def as_often_as_can_be(monkeypatch):
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)


class Kill:
    """Ends a fit of several members after so many epochs of all, or of the first, as a kill does."""

    def __init__(self, after, every_member=True):
        self.left, self.lock, self.every_member = after, threading.Lock(), every_member

    def on_epoch_end(self, run):
        with self.lock:
            self.left -= 1
        if self.left <= 0:
            raise KilledError


def numbers(model):
    weights = None if model.weights_ is None else model.weights_.tobytes()
    rows = [[row | {"seconds": 0.0} for row in history.rows] for history in model.histories_]
    return [network.parameters.tobytes() for network in model.networks_], weights, model.temperature_, rows


def regressor(**options):
    return NeuralRegressor(**{"members": 3, "epochs": 6, "random_state": 0, **options})


def classifier(**options):
    return NeuralClassifier(**{"members": 3, "epochs": 6, "random_state": 0, **options})


@pytest.mark.sample
@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"preset": "mlp", "members": 1, "early_stopping": True},
        {"preset": "tabm", "shared_members": 4},
        {"refits": 1, "kinds": ({}, {"spread": 0.5})},
    ],
)
@pytest.mark.parametrize("make", [regressor, classifier])
def test_a_fit_that_was_killed_ends_with_the_same_bits(make, options, data, tmp_path):
    X, y = data
    y = y if make is regressor else np.where(y > 0, "yes", "no")
    wanted = numbers(make(**options).fit(X, y))
    for after in (1, 3, 4):
        with pytest.raises(KilledError):
            make(**options, callbacks=[Kill(after)]).fit(X, y, checkpoint=Checkpoint(tmp_path, every=0))
    assert numbers(make(**options).fit(X, y, checkpoint=tmp_path)) == wanted


def test_a_folder_is_a_model_as_far_as_it_has_come(data, tmp_path):
    X, y = data
    with pytest.raises(KilledError):
        classifier(callbacks=[Kill(2, every_member=False)]).fit(X, y > 0, checkpoint=Checkpoint(tmp_path, every=0))
    model = glassnet.load(tmp_path)
    assert 1 <= len(model.networks_) <= 3
    assert model.predict_proba(X).shape == (400, 2)
    assert len(model.history_) >= 1


def test_weights_and_history_are_of_one_checkpoint_though_the_training_goes_on(data, tmp_path, monkeypatch):
    with pytest.raises(KilledError):
        regressor(preset="mlp", members=1, callbacks=[Kill(3)]).fit(*data, checkpoint=Checkpoint(tmp_path, every=0))
    wanted = glassnet.load(tmp_path).predict(data[0])

    def replaced_since(folder):
        found = latest_checkpoint(folder)
        (other,) = {*folder.iterdir()} - {found.path}
        other.replace(found.path)
        return found

    monkeypatch.setattr("glassnet.exchange.files.model_file.latest_checkpoint", replaced_since)
    assert glassnet.load(tmp_path).predict(data[0]).tobytes() == wanted.tobytes()


def test_a_model_that_was_done_may_be_taken_away_by_the_next_training(data, tmp_path, monkeypatch):
    regressor(preset="mlp", members=1, epochs=2).fit(*data, checkpoint=tmp_path)
    exists = Path.exists

    def exists_no_more(path):
        there = exists(path)
        if path.name == "done.safetensors":
            path.unlink()
        return there

    monkeypatch.setattr(Path, "exists", exists_no_more)
    assert len(glassnet.load(tmp_path).history_) == 2


def test_the_folder_of_a_fit_that_is_done_is_its_model(data, tmp_path):
    model = regressor().fit(*data, checkpoint=tmp_path)
    assert glassnet.load(tmp_path).predict(data[0]).tobytes() == model.predict(data[0]).tobytes()


def test_another_table_leaves_the_model_in_the_folder_alone(data, tmp_path):
    X, y = data
    with pytest.raises(KilledError):
        regressor(callbacks=[Kill(4)]).fit(X, y, checkpoint=Checkpoint(tmp_path, every=0))
    wanted = glassnet.load(tmp_path).predict(X)
    with pytest.raises(InputError, match="differences in training rows"):
        regressor().fit(100 * X**3, y, checkpoint=tmp_path)
    np.testing.assert_array_equal(glassnet.load(tmp_path).predict(X), wanted)


def test_a_seed_of_numpy_is_a_whole_number(data, tmp_path):
    model = regressor(preset="mlp", random_state=np.int64(0), epochs=1).fit(*data, checkpoint=tmp_path)
    assert model.networks_[0].seed == 0


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({"random_state": None}, {}, "`random_state` must be an integer"),
        ({"optimizer": "lbfgs", "preset": "mlp"}, {}, "L-BFGS does not support `checkpoint`"),
        ({}, {"time_limit": 60}, "depends on the clock"),
    ],
)
def test_what_cannot_be_repeated_takes_none(options, given, message, data, tmp_path):
    with pytest.raises(InputError, match=message):
        regressor(**options).fit(*data, checkpoint=tmp_path, **given)


def test_another_table_is_refused(data, tmp_path):
    X, y = data
    regressor().fit(X, y, checkpoint=tmp_path)
    with pytest.raises(InputError, match="differences in training rows"):
        regressor().fit(X, -y, checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"refits": 0}, "refits: 1 there, 0 here"),
        ({"validation_fraction": 0.3}, "validation_fraction: 0.2 there, 0.3 here"),
    ],
)
def test_other_rows_to_be_judged_by_are_refused_by_the_name_of_the_option(changed, words, data, tmp_path):
    options = {"refits": 1, "validation_fraction": 0.2}
    with pytest.raises(KilledError):
        regressor(**options, callbacks=[Kill(4)]).fit(*data, checkpoint=Checkpoint(tmp_path, every=0))
    with pytest.raises(InputError, match=f"that wrote the checkpoints in .* differences in {words}. Restore them"):
        regressor(**options | changed).fit(*data, checkpoint=tmp_path)


def test_a_warm_start_is_a_model_of_its_own_while_it_goes_on(data, tmp_path):
    model = regressor(warm_start=True).fit(*data, checkpoint=tmp_path / "first")
    place = tmp_path / "second"
    place.mkdir()
    (tmp_path / "first" / "done.safetensors").rename(place / "done.safetensors")
    earlier = model.predict(data[0])
    with pytest.raises(KilledError):
        model.set_params(callbacks=[Kill(2, every_member=False)]).fit(*data, checkpoint=Checkpoint(place, every=0))
    so_far = glassnet.load(place)
    assert len(so_far.history_) > 6
    assert not np.array_equal(so_far.predict(data[0]), earlier)
