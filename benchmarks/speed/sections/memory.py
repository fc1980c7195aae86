"""The most memory that an epoch on a large array takes, the array itself included, as a multiple of the array."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import table
from benchmarks.speed.cases import Case
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import TaskError, team

TITLE = "Memory: the peak while training on a large float32 array"

LARGE = Case("large", 1_000_000, 250, (64,), 10, 256)


def run(settings: Settings) -> dict[str, Any]:
    """One library after the other, each in a fresh process."""
    case = settings.case(LARGE)
    contenders = [settings.ours]
    contenders += [c for c in settings.peers("PyTorch", "JAX", "scikit-learn") if c.threads == CORES]
    record: dict[str, Any] = {"case": case.describe(), "bytes": {}, "failed": {}}
    for contender in contenders:
        with team([contender]) as (worker,):
            try:
                found = worker.ask("memory", case=case.as_dict())
            except TaskError as error:
                record["failed"][contender.label] = str(error)
                continue
            found["multiple"] = (found["peak"] - found["before"]) / found["array"]
            record["bytes"][contender.label] = found
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a library."""
    rows = [
        [label, f"{b['array'] / 1e6:,.0f} MB", f"{b['peak'] / 1e6:,.0f} MB", f"{b['multiple']:.2f}"]
        for label, b in record["bytes"].items()
    ]
    lines = table(["library", "array", "peak of the process", "growth / array"], rows)
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]
