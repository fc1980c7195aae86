"""A server in this process, for a model of the people who came back; and one in a process of its own."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from starlette.testclient import TestClient

from glassnet.apps.server.app import create_app
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import ModelReloader
from glassnet.apps.shared_options import DecisionOptions

ROW = {"customer_id": 1, "age": 62, "city": "Ulm", "paid": 30.5}
CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def serve(classifier, pool):
    """A client of a server with these limits, this key, this model."""
    clients = []

    def start(file=classifier, key=None, headers=None, deciding=DecisionOptions(), **limits):
        metrics = Metrics()
        reloader = ModelReloader(file, pool, metrics, deciding)
        app = create_app(reloader, Limits(**limits), metrics, pool, pool, key, ["testserver"])
        client = TestClient(app, raise_server_exceptions=False, headers=headers)
        clients.append(client.__enter__())
        client.reloader = reloader
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve):
    return serve()


@pytest.fixture
def new(tables):
    """The rows of new.csv."""
    return pl.read_csv(tables / "new.csv")


@pytest.fixture
def file(classifier, tmp_path):
    """A model file that may be replaced."""
    return shutil.copy(classifier, tmp_path / "model.safetensors")
