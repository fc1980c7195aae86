"""Strangers who connect and say nothing, or half of it, or do not listen: everybody else is answered."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time

import pytest
import uvicorn

from glassnet.apps.server.connections import LONGEST, limited_connections
from glassnet.apps.server.limits import Limits
from tests.forks import PATIENCE

HALF = b"GET /half HTTP/1.1\r\nHost: loc"
LARGE = 30_000_000  # bytes, more than any system keeps for a connection
PLACES = 5
LET_GO = threading.Event()
"""Set when the server is rid of a large answer: it was taken, or given up."""


async def application(scope, receive, send):
    """Answers with the length of the body, or with much."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"x" * LARGE if scope["path"] == "/large" else str(length).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})  # which waits until somebody has taken the body
    if scope["path"] == "/large":
        LET_GO.set()


@pytest.fixture(scope="module", params=["auto", "h11"], autouse=True)
def reader(request):
    """Either of uvicorn's readers of requests."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "h11":
            h11 = pytest.importorskip("uvicorn.protocols.http.h11_impl").H11Protocol
            patch.setattr("glassnet.apps.server.connections.Protocol", h11)
            patch.setattr("glassnet.apps.server.connections.BODIES_ARE_SEEN", False)
        yield


@contextlib.contextmanager
def running(**deadlines):
    """The port of a server in a thread; but for these deadlines it has all the time in the world."""
    limits = Limits(connections=PLACES, **{"header_seconds": PATIENCE, "seconds": PATIENCE} | deadlines)
    config = uvicorn.Config(
        application,
        http=limited_connections(limits),
        log_config=None,
        lifespan="off",
        ws="none",
        timeout_keep_alive=1,
    )
    server, listening = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(PATIENCE)


@pytest.fixture(scope="module")
def port(reader):
    """Of a server that lets everybody wait."""
    with running() as port:
        yield port


@contextlib.contextmanager
def connected(port, count=1):
    with contextlib.ExitStack() as closing:
        yield [
            closing.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) for _ in range(count)
        ]


def ask(port, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST" if body else "GET", "/", body)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def ended(connection):
    """Wait until the server has closed it; what it has said until then."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1_000_000):
            said += part
    return said


@pytest.mark.parametrize("begun", [b"", HALF])
def test_whoever_asks_is_answered_however_many_say_nothing(port, begun):
    with connected(port, 4 * PLACES) as silent:
        for connection in silent:
            with contextlib.suppress(OSError):  # those that had to leave
                connection.sendall(begun)
        assert [ask(port) for _ in range(3)] == [b"0"] * 3


def test_a_request_that_does_not_come_is_given_up_even_if_it_drips():
    with running(header_seconds=0.5) as port:
        with connected(port) as (connection,):
            with contextlib.suppress(OSError):
                for sent in range(300):
                    connection.sendall(HALF[sent : sent + 1] or b"x")
                    time.sleep(0.05)
            assert sent < 299
        with connected(port) as (connection,):
            connection.sendall(HALF)
            assert ended(connection) == b""


def test_a_second_request_that_does_not_come_is_given_up(port):
    with connected(port) as (connection,):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HALF)
        said = ended(connection)
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert said.count(b"HTTP/1.1") == 1


def test_headers_without_end_are_given_up(port):
    with connected(port) as (connection,), contextlib.suppress(OSError):
        connection.sendall(b"GET / HTTP/1.1\r\n")
        sent = 0
        while sent < 100 * LONGEST:
            sent += connection.send(b"X: " + b"y" * 1000 + b"\r\n")
    assert sent < 100 * LONGEST


def test_what_follows_a_body_without_end_is_given_up(port):
    with connected(port) as (connection,), contextlib.suppress(OSError):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        sent = 0
        while sent < 500 * LONGEST:
            sent += connection.send(b"X: " + b"y" * 1000 + b"\r\n")
    assert sent < 500 * LONGEST


def test_a_long_body_is_no_long_header(port):
    assert ask(port, b"x" * (3 * LONGEST)) == str(3 * LONGEST).encode()
    pieces = iter([b"x" * 100] * 3_000)
    assert ask(port, pieces) == b"300000"


def test_an_answer_that_nobody_takes_is_given_up():
    LET_GO.clear()
    with running(seconds=0.5) as port, connected(port) as (connection,):
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert LET_GO.wait(PATIENCE)
        assert len(ended(connection)) < LARGE


def test_a_large_answer_that_is_taken_is_whole(port):
    with connected(port) as (connection,):
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert len(ended(connection)) > LARGE
