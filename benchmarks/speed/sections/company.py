"""What is left when others want the cores, too: the time of a step as a multiple of the library's own when idle."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.busy import busy_cores
from benchmarks.speed.cases import CASES
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import Worker, prepare, rounds, summary, team

TITLE = "In company: other processes keep cores busy"

MOST_STEPS = 16
"""In an epoch: where threads collapse, a whole epoch would take minutes."""

SHORT, LONG = 0.02, 0.2
"""Seconds of one call when idle, and those after which no other call is begun."""


def run(settings: Settings) -> dict[str, Any]:
    """Idle, one core busy, all busy; with the threads that a user gets."""
    loads = sorted({0, 1, CORES})
    contenders = [settings.ours, *(c for c in settings.peers("PyTorch", "JAX") if c.threads == CORES)]
    record: dict[str, Any] = {}

    def measure(worker: Worker) -> float:
        return worker.ask("measure_for", seconds=settings.seconds(LONG))

    with team(contenders) as workers:
        for case in CASES:
            small = settings.case(case).with_steps(MOST_STEPS)
            able, prepared = prepare(workers, small, settings.seconds(SHORT), every_form=False)
            times: dict[str, dict[str, list[float]]] = {}
            for _ in range(settings.count(3)):
                for load in loads:
                    with busy_cores(load):
                        for label, found in rounds(able, 1, measure).items():
                            times.setdefault(label, {}).setdefault(str(load), []).extend(found)
            record[case.name] = {"prepared": prepared, "times": {}, "multiples": {}}
            for label, by_load in times.items():
                own = {load: summary(values) for load, values in by_load.items()}
                record[case.name]["times"][label] = own
                record[case.name]["multiples"][label] = {
                    load: found["median"] / own["0"]["median"] for load, found in own.items() if load != "0"
                }
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a case and library."""
    rows = []
    loads: list[str] = []
    for name, found in record.items():
        for label, times in found["times"].items():
            loads = [load for load in times if load != "0"]
            cells = [f"{seconds(times[load]['median'])} (x {ratio(found['multiples'][label][load])})" for load in loads]
            rows.append([f"{name}: {label}", seconds(times["0"]["median"]), *cells])
    return table(["case", "idle", *(f"{load} busy" for load in loads)], rows)
