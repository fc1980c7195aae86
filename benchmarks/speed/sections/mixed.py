"""The time of one training step in float32 and in mixed precision, by each library as it comes.

PyTorch does it by autocast, JAX by a cast of the parameters before the layers; parameters and Adam are float32 for all.
glassnet rounds large products between the first and the last layer alone, and adds them up in one order everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.best import best_of_each
from benchmarks.speed.cases import CASES
from benchmarks.speed.sections.steps import times_of
from benchmarks.speed.settings import Settings
from benchmarks.speed.team import Contender, summary

TITLE = "One training step in bfloat16"

DTYPES = ("float32", "bfloat16")
LIBRARIES = ("glassnet", "PyTorch", "JAX")


def run(settings: Settings) -> dict[str, Any]:
    """The five cases; all libraries and both precisions take turns."""
    bare = [settings.ours, *settings.peers(*LIBRARIES[1:])]
    contenders = [in_dtype(contender, dtype) for dtype in DTYPES for contender in bare]
    record: dict[str, Any] = {}
    for case, prepared, times in times_of(contenders, CASES[:2] if settings.quick else CASES, settings):
        found = {label: summary(values) for label, values in times.items()}
        record[case.name] = {"case": case.describe(), "prepared": prepared, "times": found}
        print("\n".join(report({case.name: record[case.name]})[2:3]), flush=True)
    return record


def in_dtype(contender: Contender, dtype: str) -> Contender:
    """The contender with such numbers, which are in its name."""
    return replace(contender, name=f"{contender.name} {dtype}", options=contender.options | {"dtype": dtype})


def report(record: dict[str, Any]) -> list[str]:
    """A line a case: times, with ours as multiples of theirs; and what each library gains by bfloat16."""
    times, gains = [], []
    for case, found in record.items():
        best = best_of_each(found["times"])
        line = [case]
        for library in LIBRARIES:
            for dtype in DTYPES:
                ours, theirs = best.get(f"{LIBRARIES[0]} {dtype}"), best.get(f"{library} {dtype}")
                beside = f" ({ratio(ours / theirs)})" if library != LIBRARIES[0] and ours and theirs else ""
                line.append(f"{seconds(theirs)}{beside}" if theirs else "-")
        times.append(line)
        both = [[best.get(f"{library} {dtype}") for dtype in DTYPES] for library in LIBRARIES]
        gains.append([case, *(ratio(short / full) if short and full else "-" for full, short in both)])
    names = [f"{library} {dtype}" for library in LIBRARIES for dtype in DTYPES]
    between = "The time in bfloat16 as a multiple of that in float32, by each library:"
    return [*table(["case", *names], times), "", between, "", *table(["case", *LIBRARIES], gains), ""]
