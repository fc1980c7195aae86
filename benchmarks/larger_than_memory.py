"""Data many times as large as the memory that training may take: its peak, and rows a second beside those in memory.

python -m benchmarks.larger_than_memory                      rows a second, on a table that fits
python -m benchmarks.larger_than_memory --rows 50000000 --columns 50 --memory 1GB --folder /big   the peak

The files are links to `PIECES` different ones, so that they take little disk; they are read as if each was another.

Peaks are `ru_maxrss` of a process of its own: everything that is resident, pages mapped from files included; only what
the system keeps of files in its own cache is not in it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.results import write_results
from glassnet import NeuralClassifier
from glassnet.estimators.out_of_core import Memory

PIECE, PIECES = 250_000, 8
OPTIONS: dict[str, Any] = {
    "preset": "mlp",
    "hidden_layers": (128, 64),
    "batch_size": 512,
    "early_stopping": False,
    "random_state": 0,
}


def some_rows(number: int, rows: int, columns: int) -> pl.DataFrame:
    """Numbers, one category, and a class that follows from them."""
    rng = np.random.default_rng(number)
    numbers = rng.normal(size=(rows, columns - 1))
    late = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] + rng.normal(size=rows) > 0
    frame = pl.DataFrame(numbers, schema=[f"x{column}" for column in range(columns - 1)])
    return frame.with_columns(level=pl.Series(rng.integers(0, 9, rows)).cast(pl.String), y=pl.Series(late))


def write(folder: Path, rows: int, columns: int) -> int:
    """Write the table; gives its bytes, as if no file was a link to another."""
    for number, start in enumerate(range(0, rows, PIECE)):
        file, size = folder / f"{number:06}.parquet", min(PIECE, rows - start)
        if number >= PIECES and size == PIECE:
            file.hardlink_to(folder / f"{number % PIECES:06}.parquet")
        else:
            some_rows(number, size, columns).write_parquet(file, compression="uncompressed")
    return sum(file.stat().st_size for file in folder.iterdir())


def train(folder: str, memory: str | None, epochs: int, windows: bool) -> dict[str, float]:
    """One training: seconds in all, rows a second of the best epoch, and the peak of memory, of this process."""
    if windows:  # also where everything would fit
        import glassnet.estimators.out_of_core as out_of_core

        out_of_core.FITS = 10**9  # type: ignore[misc]
    started, clock = time.perf_counter(), Clock()
    model = NeuralClassifier(**OPTIONS, epochs=epochs, callbacks=[clock]).fit(folder, "y", memory=memory)
    seconds = time.perf_counter() - started
    data = model.data_
    assert data is not None
    best = min(row["seconds"] for row in model.history_.rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = {"seconds": seconds, "rows_a_second": data.rows / best, "peak": peak}
    if epochs > 1:
        found["rows_a_processor_second"] = data.rows / min(np.diff(clock.read))
    return found


class Clock:
    """A callback: the processor time of this process, reading thread included, at the end of each epoch."""

    def __init__(self) -> None:
        self.read: list[float] = []

    def on_epoch_end(self, run: object) -> None:
        self.read.append(time.process_time())


def apart(*words: object) -> dict[str, float]:
    """A training in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.larger_than_memory", "--train", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--memory", default="500MB")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--alone", action="store_true", help="without a training in memory beside it")
    parser.add_argument("--train", nargs=4, default=None)
    given = parser.parse_args()
    if given.train is not None:
        folder, memory, epochs, windows = given.train
        print(json.dumps(train(folder, None if memory == "-" else memory, int(epochs), windows == "windows")))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        size = write(Path(place), given.rows, given.columns)
        record: dict[str, Any] = {"rows": given.rows, "columns": given.columns, "memory": given.memory, "bytes": size}
        streamed, here = [], []
        for _ in range(given.rounds):  # in turn, so that both see the same machine
            streamed.append(apart(place, given.memory, given.epochs, "windows"))
            if not given.alone:
                here.append(apart(place, "-", given.epochs, "-"))
    record["streamed"] = streamed
    record["in_memory"] = here
    peak = max(one["peak"] for one in streamed)
    print(f"{given.rows:,} rows of {given.columns} columns, {size / 1e9:.2f} GB of files")
    times = size / Memory().taken("--memory", given.memory)
    print(f"peak {peak / 1e6:.0f} MB with {given.memory} allowed: the files are {times:.1f} times as large as that")
    if here:
        for what in ("rows_a_second", "rows_a_processor_second"):
            rates = [statistics.median(one[what] for one in runs) for runs in (streamed, here)]
            print(f"{rates[0]:,.0f} {what.replace('_', ' ')}, in memory {rates[1]:,.0f}: {rates[0] / rates[1]:.0%}")
    write_results("larger_than_memory" if here else "larger_than_memory_peak", record)


if __name__ == "__main__":
    main()
