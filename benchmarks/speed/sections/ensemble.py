"""Several networks trained at once in Python threads, each on one worker, as the members of an ensemble are."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.cases import MEDIUM, SMALL, TINY
from benchmarks.speed.settings import CORES, Settings, thread_counts
from benchmarks.speed.team import Contender, TaskError, rounds, summary, team

TITLE = "Networks side by side in threads"

NETWORKS = 4


def run(settings: Settings) -> dict[str, Any]:
    """The same networks in one thread and in one a core."""
    record: dict[str, Any] = {}
    options = {"engine": settings.engine, "workers": 1}
    contender = Contender("glassnet", 1, "glassnet", options, note="1 worker each")
    with team([contender]) as workers:
        for case, epochs in ((TINY, 200), (SMALL, 20), (MEDIUM, 2)):
            arguments = {
                "case": settings.case(case).as_dict(),
                "networks": NETWORKS,
                "threads": thread_counts(),
                "epochs": 1 if settings.quick else epochs,
            }
            try:
                found = rounds(workers, settings.count(5), lambda w, a=arguments: w.ask("side_by_side", **a))
            except TaskError as error:
                record[case.name] = {"failed": str(error)}
                break
            times = found[contender.label]
            own = {str(threads): summary([each[str(threads)] for each in times]) for threads in thread_counts()}
            record[case.name] = {"times": own, "gain": own["1"]["median"] / own[str(CORES)]["median"]}
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a case."""
    rows, notes = [], []
    for name, found in record.items():
        if "failed" in found:
            notes.append(f"{name}: {found['failed']}")
            continue
        rows.append([name, *(seconds(t["median"]) for t in found["times"].values()), f"x {ratio(found['gain'])}"])
    head = [f"{NETWORKS} networks", *(f"{n} thread" if n == 1 else f"{n} threads" for n in thread_counts()), "gain"]
    return [*table(head, rows), *notes]
