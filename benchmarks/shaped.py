"""Rounds over a cable of a known bandwidth, emulated on this machine: what the model of scale_model.py is worth.

    python -m benchmarks.shaped [--megabits 100,1000] [--workers 2] [--out FILE]      (as root, with iproute2)

Two network namespaces are joined by a pair of virtual interfaces, both of which `tc` holds to the bandwidth. Scheduler
and driver are in one, workers in the other, so all networks pass through that cable, as those of many machines pass
through the cable of whoever sums them. Measured are rounds in which nothing is learned; beside them stands what the
model computes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.markdown import seconds, table
from benchmarks.results import machine, whole_numbers, write_results
from benchmarks.scale_model import MEGABYTES, line

HERE, THERE = "glassnet-here", "glassnet-there"
ADDRESS = "tcp://10.77.0.1:8786"


def run(*words: str, check: bool = True) -> None:
    """A command of iproute2."""
    subprocess.run(words, check=check, capture_output=not check)


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    """Within it two namespaces are joined by a cable."""
    try:
        for name in (HERE, THERE):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "gn-here", "type", "veth", "peer", "name", "gn-there")
        for name, end, host in ((HERE, "gn-here", 1), (THERE, "gn-there", 2)):
            run("ip", "link", "set", end, "netns", name)
            run("ip", "-n", name, "addr", "add", f"10.77.0.{host}/24", "dev", end)
            run("ip", "-n", name, "link", "set", end, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in (HERE, THERE):
            run("ip", "netns", "del", name, check=False)


def shape(megabits: int | None) -> None:
    """Hold both ends of the cable to a bandwidth; None: to none."""
    for name, end in ((HERE, "gn-here"), (THERE, "gn-there")):
        run("ip", "netns", "exec", name, "tc", "qdisc", "del", "dev", end, "root", check=False)
        if megabits is not None:
            rate = ("rate", f"{megabits}mbit", "burst", "512kb", "latency", "100ms")
            run("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", end, "root", "tbf", *rate)


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[None]:
    """Within it a scheduler is here, and workers are there."""
    scheduler = ["distributed.cli.dask_scheduler", "--host", "10.77.0.1", "--port", "8786", "--no-dashboard"]
    worker = ["distributed.cli.dask_worker", ADDRESS, "--host", "10.77.0.2", "--no-dashboard", "--nthreads", "1"]
    started = []
    try:
        for name, command in ((HERE, scheduler), (THERE, [*worker, "--nworkers", f"{workers}"])):
            started.append(
                subprocess.Popen(
                    ["ip", "netns", "exec", name, sys.executable, "-m", *command], stderr=subprocess.DEVNULL
                )
            )
            time.sleep(3)
        yield
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)


def rounds(workers: int) -> dict[int, float]:
    """The seconds of rounds, by megabytes, as they are measured here."""
    program = (
        "import json; from distributed import Client\n"
        "from benchmarks.scale_model import round_times\n"
        "from glassnet.distributed.dask_workers import DaskWorkers\n"
        f"client = Client('{ADDRESS}'); client.wait_for_workers({workers}, timeout=60)\n"
        f"print(json.dumps(round_times(DaskWorkers(client, 120.0), {workers})))\n"
    )
    command = ["ip", "netns", "exec", HERE, sys.executable, "-c", program]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {int(size): seconds for size, seconds in json.loads(told.splitlines()[-1]).items()}


def page(records: Sequence[dict[str, Any]], workers: int, load: float) -> str:
    """The records as a page."""
    head = ("cable", "network", "measured", "computed", "computed / measured")
    rows = [
        (
            "unlimited" if one["megabits"] is None else f"{one['megabits']:,} Mbit/s",
            f"{one['megabytes']} MB",
            seconds(one["measured"]),
            seconds(one["computed"]),
            f"{one['computed'] / one['measured']:.2f}",
        )
        for one in records
    ]
    about = machine()
    lines = [
        "# Rounds over a cable of a known bandwidth",
        "",
        "Made by `python -m benchmarks.shaped`; do not edit.",
        "",
        f"Scheduler and driver in one network namespace, {workers} workers in another, joined by a cable that `tc` "
        f"holds to a bandwidth; {about['cores']} cores of {about['processor']} serve all of them; load of the machine "
        f"before: {load:.1f}. Rounds in which nothing is learned: a network goes to every worker, and another comes "
        "back. Computed is what the model of `scale_model.md` says, its two figures measured over the unlimited cable.",
        "",
        *table(head, rows),
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabits", type=whole_numbers, default=[100, 1000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # namespaces must not outlive it
    records, load = [], os.getloadavg()[0]
    with namespaces(), cluster(arguments.workers):
        free = rounds(arguments.workers)
        offset, slope = line(arguments.workers, free)
        for megabits in [None, *arguments.megabits]:
            shape(megabits)
            measured = free if megabits is None else rounds(arguments.workers)
            for size in MEGABYTES:
                cable = 0.0 if megabits is None else 2 * arguments.workers * size * 8 / megabits
                computed = offset + max(cable, slope * arguments.workers * size)
                records.append(
                    {"megabits": megabits, "megabytes": size, "measured": measured[size], "computed": computed}
                )
                print(*(f"{name}={value}" for name, value in records[-1].items()), flush=True)
    content = {"workers": arguments.workers, "load_before": load, "rounds": records}
    path = write_results("shaped", content, arguments.out)
    path.with_suffix(".md").write_text(page(records, arguments.workers, load))


if __name__ == "__main__":
    main()
