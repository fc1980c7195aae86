"""Who may ask, and for how much."""

from __future__ import annotations

import contextlib
import threading

import pytest
from starlette.testclient import TestClient

from glassnet.apps.server.access import check_key
from glassnet.apps.server.app import create_app
from glassnet.apps.server.limits import BodyBudget, Limits, RefusalError, check_limits
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import ModelReloader
from glassnet.apps.usage import UsageError
from tests.apps.server.conftest import ARROW, CSV, ROW
from tests.apps.server.test_predict import arrow
from tests.forks import PATIENCE

KEY = "correct-horse-battery"
ADDRESSES = ("/model", "/metrics", "/openapi.json", "/docs", "/", "/nothing")


# --------------------------------------------------------------------- the key


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_without_the_key_there_is_nothing_but_health(serve, address):
    client = serve(key=KEY)
    answer = client.get(address)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert "API key required" in answer.json()["error"]
    assert client.post("/predict", json={"rows": [ROW]}).status_code == 401
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "send",
    [
        {"headers": {"authorization": f"Bearer {KEY}"}},
        {"headers": {"authorization": f"bearer {KEY}"}},
        {"headers": {"x-api-key": KEY}},
        {"auth": ("anybody", KEY)},
    ],
)
def test_the_key_opens_in_every_way_it_may_be_sent(serve, send):
    client = serve(key=KEY)
    assert client.post("/predict", json={"rows": [ROW]}, **send).status_code == 200
    assert client.get("/", **send).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}x"},
        {"authorization": f"Bearer {KEY[:-1]}"},
        {"authorization": "Bearer"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic /////w=="},
        {"x-api-key": ""},
        {"authorization": KEY},
        {"x-api-key": "ключ".encode()},
    ],
)
def test_nothing_else_does(serve, headers):
    assert serve(key=KEY).get("/model", headers=headers).status_code == 401


@pytest.mark.parametrize("key", ["", "short", "with a space in it", "schlüssel-lang", "tab\tulator"])
def test_a_key_that_is_none_is_refused_at_the_start(key):
    with pytest.raises(UsageError, match="The API key must have"):
        check_key(key)


# ------------------------------------------------------------------- the names


@pytest.mark.parametrize("host", ["localhost", "localhost:80", "a.localhost", "127.0.0.1:1", "[::1]:8000", "10.0.0.7"])
def test_by_its_addresses_and_localhost_it_is_always_known(serve, host):
    assert serve().get("/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.nip.io", ""])
@pytest.mark.parametrize("address", ["/", "/model", "/docs"])
def test_whoever_asks_for_somebody_else_is_refused(serve, host, address):
    """A page whose name was made to lead here (DNS rebinding) gets nothing."""
    answer = serve().get(address, headers={"host": host})
    assert answer.status_code == 421
    assert "--allow-host" in answer.json()["error"]


def test_health_is_told_by_whatever_name_it_is_asked(serve):
    """Monitoring asks by an address of the cluster, which nobody has written down here."""
    assert serve().get("/health", headers={"host": "model-7f9c.default.svc"}).json()["status"] == "ok"


def test_names_that_were_allowed_are_known(classifier, pool):
    for names, hosts in ((["models.example"], ["models.example", "Models.Example.:80"]), (["*"], ["any.example"])):
        metrics = Metrics()
        app = create_app(ModelReloader(classifier, pool, metrics), Limits(), metrics, pool, pool, names=names)
        client = TestClient(app)
        assert [client.get("/model", headers={"host": host}).status_code for host in hosts] == [200] * len(hosts)


# ---------------------------------------------------------------------- limits


def test_a_body_that_is_too_long_is_refused_whether_it_says_so_or_not(serve):
    client = serve(body=1_000)
    for kind in ("application/json", CSV, ARROW):
        for body in (b"x" * 1_001, iter([b"x" * 600] * 3)):
            answer = client.post("/predict", content=body, headers={"content-type": kind})
            assert answer.status_code == 413
            assert "A body may have at most 1 kB" in answer.json()["error"]
    assert client.post("/predict", json={"rows": [ROW]}).status_code == 200


def test_too_many_rows_are_refused_in_every_form(serve, new):
    client = serve(rows=39)
    assert client.post("/predict", json={"rows": new[:39].to_dicts()}).status_code == 200
    for body, kind in ((new.write_csv().encode(), CSV), (arrow(new), ARROW)):
        answer = client.post("/predict", content=body, headers={"content-type": kind})
        assert answer.status_code == 413
        assert "A request may have at most 39 rows" in answer.json()["error"]
    assert client.post("/predict", json={"rows": new.to_dicts()}).status_code == 413


@pytest.mark.parametrize("work", ["Stream", "csv_frames", "parse_blocks"])
def test_an_answer_that_takes_too_long_is_given_up(serve, monkeypatch, new, work):
    client, given_up = serve(seconds=0.2), threading.Event()
    if work == "parse_blocks":
        monkeypatch.setattr("glassnet.apps.server.routes.SMALL", 0)

    def slow(*_):
        given_up.wait(PATIENCE)
        yield

    monkeypatch.setattr(f"glassnet.apps.server.routes.{work}", slow if work == "csv_frames" else lambda *_: [*slow()])
    bodies = {
        "Stream": (ARROW, arrow(new)),
        "csv_frames": (CSV, b"a,b\n1,2\n"),
        "parse_blocks": ("application/json", b"{}"),
    }
    kind, body = bodies[work]
    answer = client.post("/predict", content=body, headers={"content-type": kind})
    given_up.set()
    assert answer.status_code == 504
    assert "no response within 0.2 seconds" in answer.json()["error"]


def test_a_body_that_does_not_come_is_given_up(serve):
    """The body is sent by a generator that stops in the middle."""
    client = serve(seconds=0.2)
    app, said = client.app, []

    async def receive():
        import asyncio

        await asyncio.sleep(0.15)
        return {"type": "http.request", "body": b"{", "more_body": True}

    async def send(message):
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/predict",
        "headers": [],
        "query_string": b"",
        "http_version": "1.1",
    }
    client.portal.call(app, scope | {"root_path": "", "scheme": "http", "server": ("x", 1)}, receive, send)
    assert said[0]["status"] == 408


def test_more_requests_than_may_wait_are_told_to_come_back(serve, monkeypatch):
    client = serve(requests=2)
    go, inside = threading.Event(), threading.Semaphore(0)

    def wait(*_):
        inside.release()
        go.wait(PATIENCE)
        raise RefusalError(422, "as it was meant")

    monkeypatch.setattr("glassnet.apps.server.routes.SMALL", 0)
    monkeypatch.setattr("glassnet.apps.server.routes.parse_blocks", wait)
    waiting = [threading.Thread(target=client.post, args=("/predict",), kwargs={"json": {}}) for _ in range(2)]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert inside.acquire(timeout=PATIENCE)
    answer = client.post("/predict", json={"rows": [ROW]})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert client.get("/health").status_code == 200
    go.set()
    for thread in waiting:
        thread.join()
    monkeypatch.undo()
    assert client.post("/predict", json={"rows": [ROW]}).status_code == 200


def test_all_bodies_together_have_so_much_room():
    room = BodyBudget(Limits(body=100))
    room.take(800)
    with pytest.raises(RefusalError, match="Too many requests") as refused:
        room.take(1)
    assert refused.value.status == 503
    room.leave(800)
    room.take(1)


@pytest.mark.parametrize(
    ("limits", "option"),
    [({"body": 0}, "--max-body"), ({"rows": -1}, "--max-rows"), ({"seconds": float("nan")}, "--timeout")],
)
def test_limits_that_are_none(limits, option):
    with pytest.raises(UsageError, match=option):
        check_limits(Limits(**limits))


def test_room_is_left_again_whatever_came_of_the_request(serve, new):
    """Ten bodies one after another, each as large as an eighth of the room, answered or refused."""
    body = new.write_csv().encode()
    client = serve(body=len(body))
    for n in range(20):
        answer = client.post("/predict", content=body if n % 2 else b"x" * len(body), headers={"content-type": CSV})
        assert answer.status_code == (200 if n % 2 else 422)
        assert client.post("/predict", content=b"[" * len(body)).status_code == 422


def test_who_goes_away_is_counted_and_nothing_is_logged(serve, caplog):
    client = serve()

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [], "query_string": b""}
    client.portal.call(client.app, scope | {"http_version": "1.1", "root_path": "", "scheme": "http"}, receive, send)
    assert 'path="/predict",status="499"} 1.0' in client.get("/metrics").text
    assert caplog.text == ""


def test_who_goes_away_in_the_middle_of_an_answer_leaves_nothing_behind(serve, new, monkeypatch, tmp_path):
    """The table on the disk and its room are let go, although its pieces were never all asked for."""
    monkeypatch.setattr("tempfile.tempdir", f"{tmp_path}")
    monkeypatch.setattr("glassnet.apps.server.formats.PIECE", 5)
    client = serve()
    body, parts = new.write_csv().encode(), []

    async def receive():
        if not parts:
            parts.append(body)
            return {"type": "http.request", "body": body, "more_body": False}
        return {"type": "http.disconnect"}

    async def send(message):
        raise OSError("nobody is there")

    headers = [(b"content-type", CSV.encode())]
    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
    with contextlib.suppress(BaseException):
        client.portal.call(
            client.app, scope | {"http_version": "1.1", "root_path": "", "scheme": "http"}, receive, send
        )
    assert parts
    assert list(tmp_path.glob("glassnet-*")) == []
