"""From every contender's times to the best of each library and ratios to them."""

from __future__ import annotations

from typing import Any

from benchmarks.speed.team import summary

__all__ = ["OURS", "best_of_each", "compare"]

OURS = "glassnet, default"


def best_of_each(times: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Of each other library, the median of its better number of threads; keys of `times` are labels."""
    best: dict[str, float] = {}
    for label, found in times.items():
        name = label.partition(",")[0]
        if name != "glassnet":
            best[name] = min(best.get(name, found["median"]), found["median"])
    return best


def compare(measured: dict[str, list[float]]) -> dict[str, Any]:
    """Times of all, ours as a multiple of each other library's best, and of the fastest of all."""
    times = {label: summary(values) for label, values in measured.items() if values}
    best = best_of_each(times)
    found: dict[str, Any] = {"times": times}
    if OURS in times and best:
        fastest = min(best, key=best.__getitem__)
        own = times[OURS]["median"]
        found["ratios"] = {name: own / value for name, value in best.items()}
        found["fastest_peer"] = fastest
        found["ratio_to_fastest"] = own / best[fastest]
    return found
