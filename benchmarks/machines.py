"""One training in memory, streamed, and in rounds without a cluster, with one worker and with two: what each costs.

    python -m benchmarks.machines [--rows 400000] [--columns 20] [--epochs 3] [--folder DIRECTORY] [--out FILE]

Each training has a process of its own and the same folder of Parquet. Seconds, processor seconds and memory are those
of `fit` in all of its processes together (reading included, the start of the cluster not); the memory of processes that
share pages counts each page once. The processor time of a process that ends within `fit` is not counted, such as that
of the one which first reads the files to see whether they unpack to more than is allowed. `--one WAY --profile` prints
where the processor time of the driver goes.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.larger_than_memory import OPTIONS, some_rows, write
from benchmarks.markdown import table
from benchmarks.results import machine, write_results
from glassnet import NeuralClassifier
from glassnet.distributed.clients import connected

SHARDS: Final = 4
WAYS: Final = {
    "memory": "in memory",
    "streamed": '`memory="500MB"`',
    "rounds": f"`shards={SHARDS}`, no cluster",
    "1": f"`shards={SHARDS}`, one worker",
    "2": f"`shards={SHARDS}`, two workers",
}
TEST_ROWS: Final = 50_000
EVERY: Final = 0.1
"""Seconds between two looks at the memory."""


class Costs:
    """The processor time and the largest memory of this process and all that it started, within a block."""

    def __enter__(self) -> Costs:
        self.peak, self._over = 0, threading.Event()
        self._started, self._worked = time.perf_counter(), self._processor_seconds()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self.processor_seconds = self._processor_seconds() - self._worked
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            self.peak = max(self.peak, sum(map(_resident, self._processes())))

    def _processor_seconds(self) -> float:
        return float(sum(sum(process.cpu_times()[:2]) for process in self._processes()))

    def _processes(self) -> list[Any]:
        import psutil

        here = psutil.Process()
        return [here, *here.children(recursive=True)]


def _resident(process: Any) -> int:
    """The bytes of a process, of shared pages its part; 0 if it ended meanwhile."""
    import psutil

    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def train(way: str, folder: str, epochs: int, columns: int, *, profiled: bool = False) -> dict[str, float]:
    """One training by this process and workers of its own."""
    import polars as pl

    model = NeuralClassifier(**OPTIONS | {"early_stopping": None, "epochs": epochs})
    with connected(f"local:{way}" if way.isdecimal() else None) as client:
        profile = cProfile.Profile(time.process_time)
        with Costs() as costs:
            if profiled:
                profile.enable()
            if way == "memory":
                rows = pl.read_parquet(f"{folder}/*.parquet")
                model.fit(rows.drop("y"), rows["y"])
            elif way == "streamed":
                model.fit(folder, "y", memory="500MB")
            else:
                model.fit(folder, "y", shards=SHARDS, client=client)
            profile.disable()
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)
    test = some_rows(10**6, TEST_ROWS, columns)
    found = {"seconds": costs.seconds, "processor_seconds": costs.processor_seconds, "peak": float(costs.peak)}
    return found | {"accuracy": float(model.score(test.drop("y"), test["y"]))}


def page(records: Sequence[dict[str, Any]], rows: int, columns: int, epochs: int, load: float) -> str:
    """The records as a page."""
    about = machine()
    cells = [
        (
            WAYS[one["way"]],
            f"{one['seconds']:.1f}",
            f"{one['processor_seconds']:.1f}",
            f"{one['peak'] / 1e6:,.0f} MB",
            f"{one['accuracy']:.4f}",
        )
        for one in records
    ]
    lines = [
        "# One training, five ways",
        "",
        "Made by `python -m benchmarks.machines`; do not edit.",
        "",
        f"{rows:,} rows of {columns} columns in files of Parquet, two hidden layers of "
        f"{' and '.join(map(str, OPTIONS['hidden_layers']))} units, {epochs} epochs, workers of one thread each; "
        f"{about['cores']} cores of {about['processor']}; load of the machine before: {load:.1f}. Seconds, "
        f"processor seconds and memory of `fit`, of processes that outlive it; accuracy on {TEST_ROWS:,} other rows.",
        "",
        *table(("way", "seconds", "processor seconds", "memory", "accuracy"), cells),
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folder", help="where the files are written; a temporary directory by default")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", choices=WAYS, help="one training, in this process, on the files of --folder")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args(argv)
    if given.one:
        print(json.dumps(train(given.one, given.folder, given.epochs, given.columns, profiled=given.profile)))
        return
    records, load = [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        write(Path(folder), given.rows, given.columns)
        shape = ["--epochs", str(given.epochs), "--columns", str(given.columns)]
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.machines", "--one", way, "--folder", folder, *shape]
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            records.append({"way": way} | json.loads(run.stdout.splitlines()[-1]))
            print(records[-1], flush=True)
    settings = {"rows": given.rows, "columns": given.columns, "epochs": given.epochs, "load_before": load}
    path = write_results("machines", settings | {"trainings": records}, given.out)
    path.with_suffix(".md").write_text(page(records, given.rows, given.columns, given.epochs, load))


if __name__ == "__main__":
    main()
