"""The benchmark of the server: waiting counts, and the page says what was measured."""

from __future__ import annotations

import asyncio
import threading

import pytest

from benchmarks.server import paced as module
from benchmarks.server.__main__ import report
from benchmarks.server.paced import paced, percentiles

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def slow_server():
    """Answers each request after 20 ms, one at a time on each connection."""
    ready, port = threading.Event(), []

    async def talk(reader, writer):
        while head := await reader.read(65536):
            assert head.startswith(b"POST /predict")
            await asyncio.sleep(0.02)
            writer.write(ANSWER)
        writer.close()

    async def run():
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        stop = asyncio.Event()
        port.append((asyncio.get_running_loop(), stop))
        ready.set()
        await stop.wait()
        server.close()
        await asyncio.sleep(0.1)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait()
    yield port[0]
    loop, stop = port[1]
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def test_a_request_that_finds_no_connection_free_waits_and_its_waiting_counts(slow_server, monkeypatch):
    monkeypatch.setattr(module, "WARM_UP", 0.1)
    alone = paced(slow_server, [b"{}"], rate=100, seconds=0.7, connections=1)
    many = paced(slow_server, [b"{}"], rate=100, seconds=0.7, connections=50)
    assert alone["errors"] == many["errors"] == 0
    assert many["milliseconds"]["p50"] >= 20
    assert alone["milliseconds"]["max"] > 10 * 20  # twice as many come as can be answered


def test_percentiles_in_milliseconds():
    found = percentiles([n / 1000 for n in range(1, 1001)])
    assert found == {"p50": 500, "p90": 900, "p99": 990, "p99_9": 999, "max": 1000}


def test_the_page_has_every_figure():
    times = {"p50": 1.24, "p90": 2.25, "p99": 3.26, "p99_9": 4.27, "max": 5.28}
    run = {"answered": 1234.5, "errors": 0, "milliseconds": times}
    records = {
        "networks": 5,
        "parameters": 222875,
        "connections": 64,
        "seconds": 30.0,
        "load_before": 0.25,
        "saturated": {"glassnet serve": run},
        "paced": {"glassnet serve": [run | {"rate": 1500, "answered": 1499.0}]},
        "table": {"rows": 48842, "rows_per_second": 54321},
    }
    page = report(records, {"processor": "a processor", "python": "3.11"})
    for words in (
        "all it takes",
        "1,234",
        "1,500",
        "1,499",
        "1.2",
        "3.3",
        "5.3",
        "222,875",
        "54,321",
        "a processor",
        "before: 0.25",
    ):
        assert words in page
