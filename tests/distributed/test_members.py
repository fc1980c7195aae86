"""Members, cross-validation and searches by the workers of a cluster: the results of one process."""

from __future__ import annotations

import pickle
import threading
from time import time
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import NeuralClassifier
from glassnet.distributed.dask_workers import TRIES, DaskWorkers
from glassnet.distributed.workers import Call
from glassnet.errors import ClusterError, InputError, InputTypeError
from glassnet.training import Callback
from tests.forks import PATIENCE

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def rows(frame):
    some = frame.iloc[::6]
    return some.drop(columns="churn"), some["churn"].to_numpy()


def classifier(**options):
    settings = {"preset": "fast", "hidden_layers": (8,), "epochs": 3, "members": 3, "random_state": 0}
    return NeuralClassifier(**settings | options)


@pytest.mark.slow
def test_workers_train_the_members_that_one_process_trains(calm_cluster, rows):
    here, there = classifier().fit(*rows), classifier().fit(*rows, client=calm_cluster)
    for one, other in zip(here.networks_, there.networks_, strict=True):
        assert (one.parameters == other.parameters).all()
    assert (here.predict_proba(rows[0]) == there.predict_proba(rows[0])).all()
    assert [history["loss"] for history in here.histories_] == [history["loss"] for history in there.histories_]


@pytest.mark.slow
def test_scores_of_ones_own_go_along(calm_cluster, rows):
    options = {"scoring": "roc_auc"}
    here, there = classifier(**options).fit(*rows), classifier(**options).fit(*rows, client=calm_cluster)
    assert (here.predict_proba(rows[0]) == there.predict_proba(rows[0])).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "times"), [("InputError('Ages must be positive', -1, 'Correct them')", 1), ("OSError('gone')", 1 + TRIES)]
)
def test_work_whose_data_are_wrong_is_not_tried_again(calm_cluster, error, times, tmp_path):
    tried = tmp_path / "tried"
    text = f"open({str(tried)!r}, 'a').write('x')\nfrom glassnet.errors import ClusterError, InputError\nraise {error}"
    workers = DaskWorkers(calm_cluster, PATIENCE)
    (kept,) = workers.kept([Call(exec, (text,))])  # whoever is given what comes of it says the same
    with pytest.raises((InputError, OSError), match=r"^(Ages must be positive. Received: -1. Correct them.|gone)$"):
        workers.results([Call(max, (1, 2)), Call(len, (kept,))])
    assert tried.read_text() == times * "x"


@pytest.mark.slow
def test_a_search_of_scikit_learn_finds_the_same_by_workers(calm_cluster, rows):
    import joblib
    from sklearn.model_selection import GridSearchCV

    def search():
        grid = {"dropout": [0.0, 0.3], "learning_rate": [0.001, 0.05]}
        return GridSearchCV(classifier(preset="mlp", members=1), grid, cv=3, n_jobs=2)

    here = search().fit(*rows)
    with calm_cluster.as_current(), joblib.parallel_config(backend="dask"):
        there = search().fit(*rows)
    np.testing.assert_array_equal(here.cv_results_["mean_test_score"], there.cv_results_["mean_test_score"])
    assert here.best_params_ == there.best_params_


CLIENT = SimpleNamespace(register_plugin=None, scheduler_info=None, status="running", asynchronous=False)
"""Looks like one."""


class Sent:
    """In the place of workers: carries out here what was pickled, as if it came from another process."""

    def __init__(self, client, deadline):
        pass

    def results(self, calls):
        return [call.function(*call.arguments) for call in pickle.loads(pickle.dumps(calls))]


@pytest.fixture
def sent(monkeypatch):
    monkeypatch.setattr("glassnet.distributed.learning.DaskWorkers", Sent)


class Display(Callback):
    """Cannot be sent."""

    def __init__(self):
        self.lock = threading.RLock()


def parameters(model):
    return [network.parameters.tolist() for network in model.networks_]


@pytest.mark.parametrize("scoring", [None, "accuracy"])
def test_whoever_looks_on_is_not_sent_along(sent, rows, scoring):
    here = classifier(scoring=scoring).fit(*rows)
    watched = classifier(scoring=scoring, callbacks=[Display()])
    there = watched.fit(*rows, client=CLIENT)
    assert parameters(here) == parameters(there)
    assert isinstance(there.callbacks[0], Display)


@pytest.mark.slow
def test_a_client_makes_no_other_model_of_a_folder(sent, frame, tmp_path):
    for number in range(2):
        frame.iloc[number::8].to_parquet(tmp_path / f"{number}.parquet")
    here, there = classifier().fit(tmp_path, "churn"), classifier().fit(tmp_path, "churn", client=CLIENT)
    assert parameters(here) == parameters(there)
    assert len(here.history_) == len(there.history_)


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("tcp://scheduler:8786", "must be a Client of dask.distributed"),
        (SimpleNamespace(**vars(CLIENT) | {"status": "closed"}), "must be connected"),
        (SimpleNamespace(**vars(CLIENT) | {"asynchronous": True}), "not asynchronous"),
    ],
)
@pytest.mark.parametrize("shards", [None, 2])
def test_what_is_no_client_is_refused(rows, client, words, shards):
    with pytest.raises((InputError, InputTypeError, ClusterError), match=words):
        classifier().fit(*rows, client=client, shards=shards)


@pytest.mark.parametrize("given", [{"time_limit": 5}, {"checkpoint": "run"}, {"memory": "1GB"}])
def test_what_workers_cannot_is_refused(rows, given):
    with pytest.raises(InputError, match="Members trained by workers"):
        classifier().fit(*rows, client=object(), **given)


@pytest.mark.parametrize(("away", "given_up"), [(0.5, ["tcp://frozen"]), (3600.0, [])])
def test_a_worker_is_given_up_for_a_silence_that_was_heard(monkeypatch, away, given_up):
    """Not for one during which nobody listened: the computer may have slept, and the workers with it."""
    clock, removed = SimpleNamespace(now=0.0), []
    monkeypatch.setattr(
        "glassnet.distributed.dask_workers.time", SimpleNamespace(monotonic=lambda: clock.now, time=time)
    )
    there = {"workers": {"tcp://frozen": {"last_seen": 1.0}}}
    scheduler = SimpleNamespace(address="tcp://x", unregister=None)
    client = SimpleNamespace(
        register_plugin=lambda plugin: None,
        scheduler=scheduler,
        scheduler_info=lambda n_workers: there,
        sync=lambda function, address, stimulus_id: removed.append(address),
    )
    workers = DaskWorkers(client, deadline=4.0)
    looks = 0
    while looks < 4 or (away == 0.5 and not removed):
        clock.now += away
        workers.give_up_silent()
        looks += 1
    assert removed == given_up
    assert clock.now >= 4.0


def test_only_a_cluster_that_stays_without_workers_is_told_of(monkeypatch):
    """They import for seconds before they join."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("glassnet.distributed.dask_workers.time", SimpleNamespace(monotonic=lambda: clock.now))
    client = SimpleNamespace(
        register_plugin=lambda plugin: None,
        scheduler=SimpleNamespace(address="tcp://x"),
        scheduler_info=lambda n_workers: {"workers": {}},
    )
    workers = DaskWorkers(client, deadline=4.0)
    told = []
    monkeypatch.setattr("glassnet.distributed.dask_workers.warn", lambda message: told.append(clock.now))
    while clock.now < 8:
        clock.now += 0.5
        workers.give_up_silent()
    assert told == [4.5]


def test_a_scheduler_that_is_gone_is_no_matter_of_data(monkeypatch):
    def gone(plugin):
        raise OSError("Timed out")

    monkeypatch.setattr("glassnet.distributed.dask_workers.LOOK", 0.0)
    with pytest.raises(ConnectionError, match="scheduler must keep running.*Timed out"):
        DaskWorkers(SimpleNamespace(register_plugin=gone, scheduler=SimpleNamespace(address="tcp://x")), 1.0)


def test_workers_without_glassnet_are_told_in_words():
    def without(plugin):
        raise ModuleNotFoundError("No module named 'glassnet'")

    with pytest.raises(InputError, match="glassnet and its dependencies installed.*No module named 'glassnet'"):
        DaskWorkers(SimpleNamespace(register_plugin=without, scheduler=SimpleNamespace(address="tcp://x")), 1.0)
