"""How the time of a step grows with the batch, the width, the depth and the rows of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.best import OURS, best_of_each, compare
from benchmarks.speed.cases import Case
from benchmarks.speed.settings import Settings
from benchmarks.speed.team import prepare, rounds, team

TITLE = "Scaling"

BASE = Case("scaling", 10_000, 32, (128, 128), 10, 128)
NAMES = ("PyTorch", "JAX")


def sweeps() -> dict[str, list[tuple[int, Case]]]:
    """For each axis its values and their cases; what is not on the axis is that of BASE."""
    return {
        "rows of a batch": [(n, replace(BASE, batch=n)) for n in (16, 64, 256, 1024, 4096)],
        "width of two hidden layers": [(n, replace(BASE, hidden=(n, n))) for n in (8, 32, 128, 512, 1024)],
        "hidden layers of 128": [(n, replace(BASE, hidden=(128,) * n)) for n in (1, 2, 4, 8)],
        "rows of the table": [(n, replace(BASE, rows=n)) for n in (1_000, 10_000, 100_000, 1_000_000)],
    }


def run(settings: Settings) -> dict[str, Any]:
    """Every value with ours and the two that come nearest, the better of one thread and one a core."""
    record: dict[str, Any] = {}
    with team([settings.ours, *settings.peers(*NAMES)]) as workers:
        for axis, points in sweeps().items():
            record[axis] = []
            for value, case in points[::3] if settings.quick else points:
                able, _ = prepare(workers, settings.case(case), settings.seconds(0.1), every_form=False)
                measured = rounds(able, settings.count(3), lambda worker: worker.ask("measure"))
                record[axis].append({"value": value, **compare(measured)})
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a value."""
    rows = []
    for axis, points in record.items():
        for point in points:
            best = best_of_each(point["times"])
            own = point["times"].get(OURS)
            others = [f"{seconds(best.get(name))} ({ratio(point.get('ratios', {}).get(name))})" for name in NAMES]
            rows.append([f"{axis}: {point['value']:,}", seconds(own and own["median"]), *others])
    return table(["what", "glassnet", *NAMES], rows)
