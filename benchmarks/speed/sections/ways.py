"""What the steps cost through what people use, beside those of the plain loop: the same network, the same batches."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.cases import MEDIUM, SMALL, TINY
from benchmarks.speed.settings import Settings
from benchmarks.speed.team import TaskError, rounds, summary, team

TITLE = "The same steps through the network, the trainer and an estimator"

PLAIN = "NeuralNetwork.train"
"""The plain loop: what the others are compared with."""


def run(settings: Settings) -> dict[str, Any]:
    """Each way trains one epoch and many, in turn: the difference is what an epoch takes, the rest what a fit does."""
    record: dict[str, Any] = {}
    with team([settings.ours]) as workers:
        for case in (TINY,) if settings.quick else (TINY, SMALL, MEDIUM):
            arguments = {"case": settings.case(case).as_dict(), "seconds": settings.seconds(0.3)}
            try:
                (found,) = rounds(workers, settings.count(9), lambda w, a=arguments: w.ask("ways", **a)).values()
            except TaskError as error:
                record[case.name] = {"failed": str(error)}
                break
            times = {
                way: {part: summary([each[way][part] for each in found]) for part in ("step", "fit")}
                for way in found[0]
            }
            plain = times[PLAIN]["step"]["median"]
            record[case.name] = {
                way: parts | {"ratio": parts["step"]["median"] / plain} for way, parts in times.items()
            }
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line for each way of a case."""
    rows, notes = [], []
    for case, ways in record.items():
        if "failed" in ways:
            notes.append(f"{case}: {ways['failed']}")
            continue
        for way, found in ways.items():
            step, fit = seconds(found["step"]["median"]), seconds(found["fit"]["median"])
            rows.append([f"{case}: {way}", step, ratio(found["ratio"]), fit])
    return [*table(["", "a step", f"of {PLAIN}", "once a fit"], rows), *notes]
