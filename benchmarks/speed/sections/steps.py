"""The time of one training step: gather the shuffled batch, forward, backward, Adam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.best import OURS, best_of_each, compare
from benchmarks.speed.cases import CASES, VARIANTS, Case
from benchmarks.speed.settings import PEERS, Settings
from benchmarks.speed.team import Contender, prepare, rounds, team

TITLE = "One training step"

LEAST_EPOCHS = 2
"""In one call: what a library does once a training, such as looking at the table, is spread as in a short training."""


def run(settings: Settings) -> dict[str, Any]:
    """Every case with every library, one thread and one a core."""
    contenders = [settings.ours, *settings.ours_by_workers, *settings.peers()]
    return measure(contenders, (CASES[0], VARIANTS[-1]) if settings.quick else (*CASES, *VARIANTS), settings)


def measure(
    contenders: Sequence[Contender], cases: Sequence[Case], settings: Settings, **environment: str
) -> dict[str, Any]:
    """These cases with these libraries, and how ours compares with each."""
    record: dict[str, Any] = {}
    for case, prepared, times in times_of(contenders, cases, settings, **environment):
        record[case.name] = {"case": case.describe(), "prepared": prepared, **compare(times)}
        print("\n".join(report({case.name: record[case.name]})[2:-1]), flush=True)
    return record


def times_of(
    contenders: Sequence[Contender], cases: Sequence[Case], settings: Settings, **environment: str
) -> Iterator[tuple[Case, dict[str, Any], dict[str, list[float]]]]:
    """Of each case: what became of each contender, whose process gets these variables, too, and its times of a step."""
    with team(contenders, **environment) as workers:
        for case in cases:
            able, prepared = prepare(
                workers,
                settings.case(case),
                settings.seconds(0.15),
                every_form=not settings.quick,
                least_epochs=LEAST_EPOCHS,
            )
            yield case, prepared, rounds(able, settings.count(5), lambda worker: worker.ask("measure"))


def report(record: dict[str, Any]) -> list[str]:
    """A line a case: our time, and the best time of each other."""
    names = list(PEERS)
    head = ["case", "glassnet", "min to max", *names, "of the fastest"]
    rows = []
    for name, found in record.items():
        if OURS not in found["times"]:
            rows.append([name, *["-"] * (len(head) - 1)])
            continue
        own, best = found["times"][OURS], best_of_each(found["times"])
        spread = f"{seconds(own['min'])} to {seconds(own['max'])}"
        others = [f"{seconds(best[peer])} ({ratio(found['ratios'][peer])})" if peer in best else "-" for peer in names]
        last = f"{ratio(found.get('ratio_to_fastest'))} {found.get('fastest_peer', '')}".strip()
        rows.append([name, seconds(own["median"]), spread, *others, last])
    return table(head, rows)
