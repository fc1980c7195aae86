"""Searches by the workers of a cluster: the trials of one process, whoever dies or freezes; and they end in time."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import numpy as np
import pytest

import glassnet
from glassnet import Rounds
from glassnet.errors import ClusterError, InputTypeError
from glassnet.tuning.loop import workers_of
from glassnet.tuning.plan import make_plan
from glassnet.tuning.trial import TrialMonitor, choose_validation
from tests.distributed.conftest import wake
from tests.distributed.test_members import CLIENT
from tests.tuning.conftest import QUICK, tried
from tests.waiting import wait_until

pytest.importorskip("optuna")


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200, 3))
    return X, np.where(X[:, 0] + 0.5 * rng.normal(size=200) > 0, "yes", "no")


def search(rows, **arguments):
    return glassnet.search(*rows, **QUICK | {"jobs": 3, "trials": 8, "early_stopping": True} | arguments)


@pytest.fixture(scope="module")
def alone(rows):
    return search(rows)


def assert_same(there, alone, rows):
    assert tried(there) == tried(alone)
    assert there.best_options == alone.best_options
    assert (there.best_estimator.predict_proba(rows[0]) == alone.best_estimator.predict_proba(rows[0])).all()


@pytest.mark.slow
def test_workers_find_what_threads_find(calm_cluster, rows, alone, tmp_path):
    assert_same(search(rows, client=calm_cluster), alone, rows)
    assert len(search(rows, client=calm_cluster, trials=2, storage=tmp_path / "tried.search").trials) == 2
    assert len(search(rows, trials=5, storage=tmp_path / "tried.search").trials) == 5


def share_of_yes(estimator, X, y):
    return float((estimator.predict(X) == "yes").mean())


@pytest.mark.slow
def test_folds_members_and_scores_of_ones_own_go_along(calm_cluster, rows):
    options = {"preset": "bagged", "members": 2, "validation": 2, "scoring": share_of_yes, "epochs": 2, "trials": 3}
    assert_same(search(rows, client=calm_cluster, **options), search(rows, **options), rows)


@contextlib.contextmanager
def endless_trial(client, rows):
    """A trial that would go on for days: who carries it out, what stands for it, and what ends the search."""
    options = {name: QUICK[name] for name in ("preset", "hidden_layers", "activation", "numeric_embedding")}
    plan, over = (
        make_plan(*rows, None, None, None, options | {"epochs": 10**7, "early_stopping": False}),
        threading.Event(),
    )
    with workers_of(client, choose_validation(plan.table, 0.3, 0, None).parts, over.is_set) as executor:
        trial = executor.begin(plan.for_trial({}, 0, 1), TrialMonitor(plan.metric, 10**7, [], None))
        wait_until(lambda: at_work(client))
        yield executor, trial, over


def at_work(client):
    return sum(client.run(lambda dask_worker: dask_worker.state.executing_count).values())


@pytest.mark.slow
def test_a_worker_ends_a_trial_that_nobody_waits_for(calm_cluster, rows):
    with endless_trial(calm_cluster, rows) as (executor, trial, over):
        over.set()
        executor.look()
        assert executor.outcome(trial).state == "unfinished"
        wait_until(lambda: not at_work(calm_cluster))


@pytest.mark.slow
@pytest.mark.sample(1)  # each starts two processes
@pytest.mark.parametrize("fault", ["killed", "frozen", "no scheduler"])
def test_a_cluster_that_is_mistreated_finds_the_same_or_says_what_is_wrong(cluster, rows, alone, fault, monkeypatch):
    if fault == "no scheduler":
        monkeypatch.setattr(cluster, "_timeout", 2)
        with endless_trial(cluster, rows) as (executor, trial, _):
            cluster.cluster.close()
            with pytest.raises(ClusterError, match="The Dask scheduler must keep running until the work is done"):
                executor.outcome(trial)
        return
    monkeypatch.setattr("glassnet.tuning.loop.Rounds", lambda: Rounds(deadline=4.0))
    process = next(iter(cluster.run(os.getpid).values()))
    struck = []

    def strike(row):
        if not struck:
            struck.append(os.kill(process, signal.SIGKILL if fault == "killed" else signal.SIGSTOP))

    try:
        assert_same(search(rows, client=cluster, callbacks=[strike]), alone, rows)
    finally:
        if fault == "frozen":
            wake(process)


def test_what_is_no_client_is_refused(rows):
    with pytest.raises(InputTypeError, match="must be a Client of dask.distributed"):
        search(rows, client="tcp://scheduler:8786")
    with pytest.raises(ClusterError, match="must be connected"):
        search(rows, client=type(CLIENT)(**vars(CLIENT) | {"status": "closed"}))
