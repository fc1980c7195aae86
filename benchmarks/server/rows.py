"""Many rows as JSON: requests of 1,000 rows of numbers, categories and dates, beside FastAPI with ONNX Runtime.

    python -m benchmarks.server.rows --data FOLDER --peer PYTHON

The folder has adult.csv.gz, which gets two columns of dates; a model is trained on it for three epochs. PYTHON is that
of an environment with fastapi, onnxruntime, pandas and uvicorn. Each server has the last core, whoever asks the first;
each client asks again when it was answered. It takes two minutes, and prints rows answered in a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import polars as pl

import glassnet
from benchmarks.server.__main__ import running
from glassnet.exchange.onnx import to_onnx
from glassnet.tables.reading.readers import read_table

ROWS = 1000
CLIENTS = (1, 8, 64)


def dated(file: Path) -> pl.DataFrame:
    """The first 10,000 rows, with a day and a moment in each."""
    frame, rng = read_table(file, missing=("?",)).head(10_000), np.random.default_rng(0)
    days = np.datetime64("2021-01-01") + rng.integers(0, 1000, len(frame))
    moments = days.astype("M8[ms]") + 1000 * rng.integers(0, 10**7, len(frame))
    return frame.with_columns(
        registered=pl.Series(days).dt.to_string("%Y-%m-%d"), called=pl.Series(moments).dt.to_string("%Y-%m-%d %H:%M:%S")
    )


def rows_per_second(port: int, body: bytes, clients: int, seconds: float) -> float:
    """Rows that are answered in a second to so many clients at a time."""
    until, answered = time.perf_counter() + seconds, []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until:
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()[:500]
            answer.read()
            answered.append(ROWS)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer", required=True, help="the Python of an environment with FastAPI and ONNX Runtime")
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame = dated(given.data / "adult.csv.gz")
        frame.write_csv(folder / "table.csv")
        words = ["train", folder / "table.csv", "--target", "class", "--out", folder / "m.safetensors", "--epochs", "3"]
        subprocess.run([sys.executable, "-m", "glassnet", *words, "--no-report", "--no-compare", "-q"], check=True)
        to_onnx(glassnet.load(folder / "m.safetensors"), folder / "m.onnx")
        rows = frame.drop("class").head(ROWS).fill_null("").to_dicts()
        body = json.dumps({"rows": rows}).encode()
        ready = json.dumps({"rows": rows[:1]}).encode()
        servers = {
            "glassnet serve": (sys.executable, ["-m", "glassnet", "serve", f"{folder}/m.safetensors", "--quiet"]),
            "FastAPI": (given.peer, [f"{Path(__file__).parent}/fastapi_onnx.py", f"{folder}/m.onnx"]),
        }
        for server, (python, words) in servers.items():
            with running([*words, "--port", "{port}"], ready, python) as port:
                rows_per_second(port, body, 2, 2)  # warm
                for clients in CLIENTS:
                    found = rows_per_second(port, body, clients, given.seconds)
                    print(f"{server}: {clients} clients, {found:,.0f} rows/s", flush=True)


if __name__ == "__main__":
    main()
