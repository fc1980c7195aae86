"""Prediction: how long one row takes, and how many rows a second.

PyTorch and JAX get the rows as arrays of their own, made beforehand; glassnet and scikit-learn get and give NumPy's.
"""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.cases import SMALL
from benchmarks.speed.settings import Settings
from benchmarks.speed.team import TaskError, rounds, summary, team

TITLE = "Prediction"
ONE, MANY = 1, 100_000


def run(settings: Settings) -> dict[str, Any]:
    """The small case, one row and many, the bare network and the estimator."""
    case = settings.case(SMALL)
    rows = [ONE, 1_000 if settings.quick else MANY]
    contenders = [settings.ours, *settings.peers("PyTorch", "JAX", "Keras", "scikit-learn")]
    record: dict[str, Any] = {"case": case.describe(), "rows": rows, "times": {}, "failed": {}}
    with team(contenders) as workers:

        def measure(worker: Any) -> Any:
            label = worker.contender.label
            if label in record["failed"]:
                return {}
            try:
                return worker.ask("predict", case=case.as_dict(), rows=rows, seconds=settings.seconds(0.5))
            except TaskError as error:
                record["failed"][label] = str(error)
                return {}

        for label, found in rounds(workers, settings.count(3), measure).items():
            for way in ("network", "estimator"):
                times = [each[way] for each in found if way in each]
                if times:
                    record["times"][f"{label}, {way}"] = {
                        str(count): summary([each[str(count)] for each in times]) for count in rows
                    }
    record["ratios"] = {way: ratios(record, way) for way in ("network", "estimator")}
    return record


def ratios(record: dict[str, Any], way: str) -> dict[str, dict[str, float]]:
    """By number of rows and library: our time by the best of theirs."""
    own = record["times"].get(f"glassnet, default, {way}")
    found: dict[str, dict[str, float]] = {}
    if own is None:
        return found
    for count in map(str, record["rows"]):
        best: dict[str, float] = {}
        for label, times in record["times"].items():
            name, theirs = label.partition(",")[0], times[count]["median"]
            if name != "glassnet" and label.endswith(way):
                best[name] = min(best.get(name, theirs), theirs)
        found[count] = {name: own[count]["median"] / value for name, value in best.items()}
    return found


def report(record: dict[str, Any]) -> list[str]:
    """A line a library and way."""
    one, many = map(str, record["rows"])
    rows = []
    for label, times in record["times"].items():
        name, way = label.partition(",")[0], label.rpartition(", ")[2]
        ours = record["ratios"].get(way, {})
        rows.append(
            [
                label,
                seconds(times[one]["median"]),
                ratio(ours.get(one, {}).get(name)),
                seconds(times[many]["median"]),
                f"{int(many) / times[many]['median']:,.0f}",
                ratio(ours.get(many, {}).get(name)),
            ]
        )
    head = ["library", "one row", "ours / its best", f"{int(many):,} rows", "rows a second", "ours / its best"]
    lines = table(head, rows)
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]
