"""Seconds of training until MNIST's test images are told apart well enough."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.cases import MNIST
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import TaskError, rounds, team

TITLE = "MNIST: seconds of training to a test accuracy"
GOALS = (0.975, 0.98)
MOST_EPOCHS = 25


def run(settings: Settings) -> dict[str, Any]:
    """The same network, batches and Adam for all, median over seeds; looking at the test images is not counted."""
    if settings.data is None or not (settings.data / "mnist.npz").is_file():
        return {"skipped": "no --data FOLDER with mnist.npz"}
    contenders = [settings.ours, *(c for c in settings.peers() if c.threads == CORES)]
    goals, most = ([0.1], 1) if settings.quick else (list(GOALS), MOST_EPOCHS)
    seeds = iter(range(10**6))
    record: dict[str, Any] = {"case": MNIST.describe(), "goals": goals, "runs": {}, "failed": {}}
    with team(contenders) as workers:

        def race(seed: int, worker: Any) -> Any:
            arguments = {"folder": str(settings.data.resolve()), "case": MNIST.as_dict()}
            try:
                return worker.ask("race", **arguments, goals=goals, seed=seed, most=most)
            except TaskError as error:
                record["failed"][worker.contender.label] = str(error)
                return None

        for _ in range(settings.count(3)):
            seed = next(seeds)
            able = [worker for worker in workers if worker.contender.label not in record["failed"]]
            for label, found in rounds(able, 1, lambda worker, s=seed: race(s, worker)).items():
                record["runs"].setdefault(label, []).extend(f for f in found if f)
    return record


def medians(record: dict[str, Any]) -> dict[str, dict[str, float | None]]:
    """By label and goal; None where most seeds did not reach it."""
    found: dict[str, dict[str, float | None]] = {}
    for label, runs in record["runs"].items():
        found[label] = {}
        for goal in map(str, record["goals"]):
            times = [run["seconds"][goal] or float("inf") for run in runs]
            median = statistics.median(times) if times else float("inf")
            found[label][goal] = None if median == float("inf") else median
    return found


def report(record: dict[str, Any]) -> list[str]:
    """A line a library."""
    if "skipped" in record:
        return [f"Not measured: {record['skipped']}.", ""]
    found = medians(record)
    ours = found.get("glassnet, default", {})
    goals = [str(goal) for goal in record["goals"]]
    rows = []
    for label, times in found.items():
        cells = []
        for goal in goals:
            own, theirs = ours.get(goal), times[goal]
            cells += [seconds(theirs) if theirs else "not reached", ratio(own / theirs if own and theirs else None)]
        runs = record["runs"][label]
        epochs = statistics.median(len(run["accuracies"]) for run in runs) if runs else 0
        epoch = statistics.median(run["epoch"] for run in runs) if runs else None
        rows.append([label, *cells, f"{epochs:g}", seconds(epoch)])
    head = ["library"]
    for goal in goals:
        head += [f"to {100 * float(goal):g} %", "ours / theirs"]
    lines = table([*head, "epochs", "one epoch"], rows)
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]
