"""Another model under the same name: it takes over, and no request is lost."""

from __future__ import annotations

import os

import pytest

import glassnet
from glassnet import NeuralNetwork
from glassnet.apps.saved_model import load_model
from glassnet.apps.server.model import LoadedModel
from tests.apps.server.conftest import ROW
from tests.waiting import wait_until


def put(content, file):
    """At once, so that nobody finds it half written."""
    aside = file.with_suffix(".new")
    aside.write_bytes(content)
    aside.replace(file)


@pytest.fixture
def other(tables, classifier):
    """A model of the same columns that answers otherwise."""
    model = glassnet.load(classifier)
    for network in model.networks_:
        network.parameters[...] *= 0.5
    glassnet.save(model, tables / "other.safetensors")
    return tables / "other.safetensors"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.model.ModelReloader.watch.__defaults__", (0.05,))


def ask(client):
    answer = client.post("/predict", json={"rows": [ROW]})
    assert answer.status_code == 200
    return answer.json()


def test_a_replaced_file_takes_over_without_a_lost_request(serve, file, other, quick):
    client = serve(file)
    before = ask(client)
    other.replace(file)
    wait_until(lambda: ask(client)["model"] != before["model"])
    after = ask(client)
    assert after["rows"] != before["rows"]
    assert client.get("/model").json()["model"] == after["model"]
    assert "glassnet_loads_total 2.0" in client.get("/metrics").text


@pytest.mark.parametrize("harm", ["cut", "noise", "gone", "other kind"])
def test_a_file_that_is_no_model_leaves_the_old_one_and_is_said(harm, serve, file, quick, caplog):
    client = serve(file)
    before = ask(client)
    good = file.read_bytes()
    if harm == "other kind":
        glassnet.save(NeuralNetwork(3, [1]), file)
    elif harm == "gone":
        file.unlink()
    else:
        put(good[: len(good) // 2] if harm == "cut" else b"\xff" * 1000, file)
    wait_until(lambda: client.get("/health").json()["status"] == "stale")
    health = client.get("/health").json()
    assert health["problem"]
    assert health["model"] == before["model"]
    assert ask(client) == before
    assert "was not loaded, model" in caplog.text
    assert "glassnet_failed_loads_total 1.0" in client.get("/metrics").text
    put(good, file)
    wait_until(lambda: client.get("/health").json()["status"] == "ok")
    assert ask(client) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of Unix")
def test_a_pipe_in_its_place_is_not_waited_for(serve, file, quick):
    """Nobody writes to it: the thread that loads, and the server's end, would wait for good."""
    client = serve(file)
    good = file.read_bytes()
    file.unlink()
    os.mkfifo(file)
    wait_until(lambda: "must be a regular file" in str(client.get("/health").json()["problem"]))
    file.unlink()
    put(good, file)
    wait_until(lambda: client.get("/health").json()["status"] == "ok")


def test_the_digest_is_that_of_the_model_though_the_file_changes_while_it_is_read(file, other, pool, monkeypatch):
    digest = LoadedModel(other, pool).digest

    def load_late(path):
        if other.exists():
            other.replace(path)
        return load_model(path)

    monkeypatch.setattr("glassnet.apps.server.model.load_model", load_late)
    assert LoadedModel(file, pool).digest == digest


def test_who_began_with_the_old_model_ends_with_it(serve, file, other, quick, monkeypatch):
    """The rows are read by the old model; while they are, the new one takes over."""
    client = serve(file)
    old = client.reloader.served
    before = ask(client)
    read = old.read

    def read_late(row):
        other.replace(file)
        wait_until(lambda: client.reloader.served is not old)
        return read(row)

    monkeypatch.setattr("glassnet.apps.server.routes.FEW", 0)  # in a thread
    monkeypatch.setattr(old, "read", read_late)
    assert ask(client) == before
    assert ask(client)["model"] != before["model"]


def test_a_file_is_loaded_again_when_told_to_though_nothing_has_changed(serve, file):
    client = serve(file)
    served = client.reloader.served
    client.portal.call(client.reloader.reload)
    wait_until(lambda: client.reloader.served is not served)
    assert client.reloader.served.digest == served.digest
