"""A cluster of two processes on this machine, and what is trained on it."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time

import numpy as np
import pandas as pd
import pytest

from tests.forks import forked_workers


@pytest.fixture(scope="session")
def frame():
    return customers()


def customers():
    """Numbers, text, gaps; rows in the order of their classes, which no shard must notice."""
    rng = np.random.default_rng(11)
    rows = 3000
    age, city = rng.normal(40, 12, rows), rng.choice(["Ulm", "Köln", "Jena"], rows)
    income = rng.lognormal(3, 1, rows)
    income[::17] = np.nan
    score = (age - 40) / 12 + (city == "Ulm") - 0.3 * np.nan_to_num(income) / 20
    churn = np.where(score + rng.normal(0, 0.5, rows) > 0.2, "yes", "no")
    table = pd.DataFrame({"age": age, "city": city, "income": income, "churn": churn})
    return table.sort_values("churn", kind="stable").reset_index(drop=True)


@contextlib.contextmanager
def started():
    """Two workers, each a process, reached by loopback alone."""
    import dask
    from distributed import Client, LocalCluster

    with (
        forked_workers(),
        tempfile.TemporaryDirectory() as scratch,
        dask.config.set({"temporary-directory": scratch, "distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        ) as there,
        Client(there) as client,
    ):
        yield client


@pytest.fixture
def cluster():
    """To be mistreated. For a worker that is killed at its end Dask has five seconds, too few on a busy machine."""
    with contextlib.suppress(TimeoutError), started() as client:
        yield client


@pytest.fixture(scope="session")
def calm_cluster():
    """For those who do it no harm."""
    with started() as client:
        yield client


def wake(process):
    """Let a worker that was stopped go on, so that it can end."""
    with contextlib.suppress(ProcessLookupError):  # its nanny may have ended it meanwhile
        os.kill(process, signal.SIGCONT)


class Fault:
    """A callback: sends a signal to one of the workers while a round is at work."""

    every_member = False

    def __init__(self, client, number, after=3):
        self.client, self.number, self.left = client, number, after
        self.process = None
        self.sent = 0.0
        self.recovered = 0.0

    def on_train_begin(self, run):
        self.process = list(self.client.run(os.getpid).values())[-1]

    def on_batch_end(self, run):
        if self.sent and not self.recovered:
            self.recovered = time.monotonic()
        self.left -= 1
        if self.left == 0:
            threading.Timer(0.01, self.strike).start()

    def strike(self):
        self.sent = time.monotonic()
        os.kill(self.process, self.number)

    def undo(self):
        if self.number == signal.SIGSTOP:
            wake(self.process)
