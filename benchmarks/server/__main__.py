"""Measures, and writes what was found."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import polars as pl

import glassnet
from benchmarks import markdown
from benchmarks.results import RESULTS, machine, write_results
from benchmarks.server.saturated import saturated
from glassnet.tables.reading.readers import read_table

CONNECTIONS = 64
RATES = (500, 1000, 1500, 2000)
ROWS = 1000
"""Different rows that are asked about, one in a request."""


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = given.model or train(given.data / "adult.csv.gz", folder / "adult.safetensors")
        records = measure(given.data / "adult.csv.gz", model, given.seconds, folder)
    write_results("server", records)
    (RESULTS / "server.md").write_text(report(records, machine()))


def train(table: Path, out: Path) -> Path:
    """The model that is asked: with nothing said but the target."""
    words = ["train", table, "--target", "class", "--missing", "?", "--out", out, "--no-report", "--no-compare", "-q"]
    subprocess.run([sys.executable, "-m", "glassnet", *words], check=True)
    return out


def measure(table: Path, model: Path, seconds: float, folder: Path) -> dict[str, Any]:
    """Each server in turn, at its limit and at several rates; then a whole table."""
    frame = read_table(table, missing=("?",))
    bodies = [json.dumps({"rows": [row]}).encode() for row in frame.head(ROWS).iter_rows(named=True)]
    loaded: Any = glassnet.load(model)
    records: dict[str, Any] = {
        "networks": len(loaded.networks_),
        "parameters": sum(network.layout.size for network in loaded.networks_),
        "connections": CONNECTIONS,
        "seconds": seconds,
        "load_before": round(os.getloadavg()[0], 2),  # what else the machine did in the last minute
        "saturated": {},
        "paced": {},
    }
    servers = {
        "bare starlette": ["-m", "benchmarks.server.hello", "{port}"],
        "glassnet serve": ["-m", "glassnet", "serve", str(model), "--port", "{port}", "--quiet"],
    }
    for server, words in servers.items():
        with running(words, bodies[0]) as port:
            saturated(port, bodies, 2, CONNECTIONS, folder)  # warm
            records["saturated"][server] = saturated(port, bodies, seconds, CONNECTIONS, folder)
            print(server, records["saturated"][server], flush=True)
            for rate in RATES:
                lasting = seconds if rate == 1500 else min(seconds, 6)
                found = ask_paced(port, bodies, rate, lasting, folder)
                records["paced"].setdefault(server, []).append(found)
                print(server, found, flush=True)
            if server == "glassnet serve":
                records["table"] = whole_table(port, frame)
                print(records["table"], flush=True)
    return records


def ask_paced(port: int, bodies: Sequence[bytes], rate: float, seconds: float, folder: Path) -> dict[str, Any]:
    """In a process of its own, on the first core."""
    (folder / "bodies").write_bytes(b"\n".join(bodies))
    code = (
        "import json, sys; from pathlib import Path; from benchmarks.server.paced import paced; "
        f"bodies = Path({str(folder / 'bodies')!r}).read_bytes().split(b'\\n'); "
        f"print(json.dumps(paced({port}, bodies, {rate}, {seconds}, {CONNECTIONS})))"
    )
    words = ["taskset", "-c", "0", sys.executable, "-c", code]
    found: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return found | {"seconds": seconds}


def whole_table(port: int, frame: pl.DataFrame) -> dict[str, Any]:
    """A table in CSV: rows a second, the best of three."""
    body, best = frame.write_csv().encode(), 0.0
    for _ in range(3):
        started = time.perf_counter()
        request = Request(f"http://127.0.0.1:{port}/predict", body, {"Content-Type": "text/csv"})
        with urlopen(request) as answer:
            lines = answer.read().count(b"\n") - 1
        best = max(best, lines / (time.perf_counter() - started))
    return {"rows": len(frame), "rows_per_second": round(best)}


@contextlib.contextmanager
def running(words: Sequence[str], ready: bytes, python: str = sys.executable) -> Iterator[int]:
    """A server on the last core, at a free port; it has answered one request."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    core = str((os.cpu_count() or 1) - 1)
    process = subprocess.Popen(["taskset", "-c", core, python, *(word.format(port=port) for word in words)])
    try:
        answered(port, ready)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def answered(port: int, body: bytes) -> None:
    """Wait until the server answers: its first start may compile."""
    request = Request(f"http://127.0.0.1:{port}/predict", body, {"Content-Type": "application/json"})
    for _ in range(600):
        try:
            urlopen(request).read()
            return
        except OSError:
            time.sleep(0.1)


def report(records: dict[str, Any], where: dict[str, Any]) -> str:
    """The figures as a page."""

    def line(server: str, found: dict[str, Any], asked: str) -> list[str]:
        times = [f"{found['milliseconds'][name]:.1f}" for name in ("p50", "p90", "p99", "p99_9", "max")]
        return [server, asked, f"{found['answered']:,.0f}", *times, str(found["errors"])]

    head = ["server", "asked/s", "answered/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "errors"]
    rows = [line(server, found, "all it takes") for server, found in records["saturated"].items()]
    rows += [line(server, found, f"{found['rate']:,}") for server, runs in records["paced"].items() for found in runs]
    table = records["table"]
    return "\n".join(
        [
            "# The server",
            "",
            f"One row of the table adult in a request, as JSON; {records['networks']} networks, "
            f"{records['parameters']:,} parameters. {records['connections']} connections over loopback; the server on "
            f"one core, whoever asks on another. {where['processor']}, Python {where['python']}; load of the machine "
            f"before: {records['load_before']:g}.",
            "",
            "“All it takes” is wrk: each connection asks again when it was answered, so the times are those of a full "
            "house. The others come at random at a steady rate "
            f"({records['seconds']:.0f} s at 1,500/s, 6 s at others), and their times count from when they were due. "
            "The bare starlette reads the body and answers as many bytes.",
            "",
            *markdown.table(head, rows),
            f"A whole table in CSV ({table['rows']:,} rows): {table['rows_per_second']:,} rows/s.",
            "",
            "Measured by `python -m benchmarks.server --data FOLDER`.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
