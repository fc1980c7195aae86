"""How long rounds take on this machine, and by a model on many: what is measured, and what is computed from it.

    python -m benchmarks.scale_model [--workers 2] [--scheduler tcp://...] [--out FILE]

Measured: the time of a training step; of a round of Dask in which each shard sends a network of 1, 10 and 50 MB there
and back, and does nothing else; and how many rows a second a worker reads and encodes from Parquet. Through
the times of rounds a line is drawn: that of an empty one, and so much for each byte. Computed: an epoch over 10^9 rows
on 8 to 256 workers, where all networks pass through the one cable of whoever sums them, at 1, 10 and 100 Gbit/s. On
many machines nothing has been measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.markdown import seconds, table
from benchmarks.results import machine, write_results
from glassnet import NeuralNetwork
from glassnet.distributed.clients import connected
from glassnet.distributed.dask_workers import DaskWorkers
from glassnet.distributed.rounds import LocalTrainer, StepRange, local_round
from glassnet.distributed.workers import Call
from glassnet.engines import Updater
from glassnet.training import Rows

MEGABYTES = (1, 10, 50)
ROWS = 10**9
COLUMNS, UNITS, BATCH = 64, 512, 256
WORKERS = (8, 32, 128, 256)
GIGABITS = (1, 10, 100)
LOCAL_STEPS = (1, 10, 100)
REPEATS = 5


class Parcel:
    """Numbers that are sent once to all, as a network is."""

    def __init__(self, size: int) -> None:
        self.numbers = np.zeros(size // 4, np.float32)


def sent_back(parcel: Parcel, shard: int) -> Any:
    """A round in which nothing is learned."""
    return parcel.numbers + np.float32(shard)


def median(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds, in the middle of some times, the first not counted."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def step_time(units: int) -> tuple[float, int]:
    """Of a step on a batch, by one processor; and the bytes of the network and of what AdamW remembers."""
    network = NeuralNetwork(COLUMNS, [f"relu:{units}", f"relu:{units}", 1], dtype="float32")
    rng = np.random.default_rng(0)
    rows = Rows(rng.normal(size=(20 * BATCH, COLUMNS)).astype(np.float32), np.zeros((20 * BATCH, 1), np.float32), None)
    inner = LocalTrainer.of(Updater(network.layout, "adamw"))

    def steps(count: int) -> float:
        stretch = StepRange(0, 0, count, BATCH, 1e-4, 1.0, 1.0)
        return median(lambda: local_round(network, inner, rows, stretch))

    few, many = steps(2), steps(18)
    return (many - few) / 16, network.parameters.nbytes * (1 + len(inner.memory))


def round_times(workers: DaskWorkers, shards: int) -> dict[int, float]:
    """Of a round without learning, by the megabytes of the network."""
    times = {}
    for size in (0, *MEGABYTES):
        parcel = Parcel(size * 10**6)
        calls = [Call(sent_back, (parcel, shard)) for shard in range(shards)]
        times[size] = median(lambda calls=calls: workers.results(calls))  # type: ignore[misc]
        print(f"round of {shards} shards, {size} MB: {times[size] * 1000:.0f} ms", flush=True)
    return times


def reading_rate(rows: int = 500_000) -> float:
    """Rows a second that one processor reads from Parquet and encodes, of 16 numbers and 2 categories."""
    import polars as pl

    from glassnet import TableEncoder

    rng = np.random.default_rng(0)
    columns = {f"x{number}": rng.normal(size=rows) for number in range(16)}
    levels = {f"c{number}": rng.choice(["a", "b", "c", "d"], rows) for number in range(2)}
    frame = pl.DataFrame(columns | levels)
    encoder = TableEncoder().fit(frame[:10_000])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        frame.write_parquet(file)
        return rows / median(lambda: encoder.transform(pl.read_parquet(file)), 3)


def line(shards: int, times: dict[int, float]) -> tuple[float, float]:
    """Seconds of a round without numbers, and for each megabyte of each shard."""
    offset = times[0]
    sizes = np.array([shards * size for size in times])
    return offset, float(sizes @ (np.array(list(times.values())) - offset) / (sizes @ sizes))


def modelled(step: float, size: int, offset: float, slope: float, rate: float) -> Iterator[dict[str, Any]]:
    """An epoch on many machines, by what was measured on one."""
    for workers in WORKERS:
        for gigabits in GIGABITS:
            cable = 2 * workers * size * 8 / (gigabits * 1e9)
            pickled = slope * workers * size / 1e6
            between = offset + max(cable, pickled)
            for local in LOCAL_STEPS:
                rounds = ROWS / (workers * BATCH * local)
                learning = rounds * local * step
                yield {
                    "workers": workers,
                    "gigabits": gigabits,
                    "local_steps": local,
                    "hours_of_an_epoch": (learning + rounds * between) / 3600,
                    "share_of_waiting": between / (between + local * step),
                    "hours_of_reading_once": ROWS / (rate * workers) / 3600,
                }


def page(content: dict[str, Any]) -> str:
    """What was measured and what was computed, as a page."""
    measured, about, load = content["measured"], machine(), content["load_before"]
    rounds = ", ".join(f"{size} {seconds(taken)}" for size, taken in measured["seconds_of_a_round"].items())
    step, empty = seconds(measured["seconds_of_a_step"]), seconds(measured["seconds_of_an_empty_round"])
    head = ("workers", "local steps", *(f"{gigabits} Gbit/s" for gigabits in GIGABITS))
    lines = [
        "# Rounds on many machines: a model",
        "",
        "Made by `python -m benchmarks.scale_model`; do not edit.",
        "",
        f"*Measured* on {about['cores']} cores of {about['processor']}, load before: {load:.1f}. A step of one "
        f"processor on {BATCH} rows, in a network of {COLUMNS}-{UNITS}-{UNITS}-1: {step}. A round of Dask with "
        f"{measured['shards_of_these_rounds']} workers over loopback, in which nothing is learned, by the size of the "
        f"network: {rounds}; which is {empty}, and {seconds(measured['seconds_for_each_megabyte_of_each_shard'])} for "
        "each megabyte of each shard. Reading Parquet and encoding: "
        f"{measured['rows_a_second_read_and_encoded']:,.0f} rows a second and processor.",
        "",
        f"*Computed*: hours of an epoch over {ROWS:,} rows, and in brackets the share of them in which workers wait. "
        f"All networks, with what AdamW remembers {measured['bytes_sent'] / 1e6:.1f} MB each, pass through the one "
        "cable and the one processor of whoever sums them. One processor alone would take "
        f"{content['one_machine_hours']:.1f} hours. That many machines, and those cables, have not been tried.",
        "",
        *table(head, _hours(content["computed"])),
    ]
    return "\n".join(lines)


def _hours(computed: Sequence[dict[str, Any]]) -> list[list[str]]:
    """A row for each number of workers and local steps, a column for each cable."""
    found: dict[tuple[int, int], list[str]] = {}
    for one in sorted(computed, key=lambda one: (one["workers"], one["local_steps"], one["gigabits"])):
        cell = f"{one['hours_of_an_epoch']:.3f} ({one['share_of_waiting']:.0%})"
        found.setdefault((one["workers"], one["local_steps"]), []).append(cell)
    return [[f"{workers}", f"{local}", *cells] for (workers, local), cells in found.items()]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scheduler")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    load = os.getloadavg()[0]
    step, size = step_time(UNITS)
    rate = reading_rate()
    print(f"step {step * 1000:.2f} ms of {size / 1e6:.1f} MB; {rate:,.0f} rows/s read and encoded", flush=True)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(connected(arguments.scheduler or f"local:{arguments.workers}"))
        times = round_times(DaskWorkers(client, deadline=60.0), arguments.workers)
    offset, slope = line(arguments.workers, times)
    print(f"round: {offset * 1000:.0f} ms + {slope * 1000:.2f} ms for each MB of each shard", flush=True)
    computed, alone = list(modelled(step, size, offset, slope, rate)), ROWS / BATCH * step / 3600
    measured = {
        "seconds_of_a_step": step,
        "bytes_sent": size,
        "rows_a_second_read_and_encoded": rate,
        "seconds_of_a_round": {f"{size} MB": taken for size, taken in times.items()},
        "shards_of_these_rounds": arguments.workers,
        "seconds_of_an_empty_round": offset,
        "seconds_for_each_megabyte_of_each_shard": slope,
    }
    content = {"load_before": load, "measured": measured, "one_machine_hours": alone, "computed": computed}
    path = write_results("scale_model", content, arguments.out)
    path.with_suffix(".md").write_text(page(content))


if __name__ == "__main__":
    main()
