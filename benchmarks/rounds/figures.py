"""From trainings to figures: losses, and what it took to come as near to one machine as a target says."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.rounds.study import RATES, Chosen, Curve
from benchmarks.rounds.trial import BATCH, TOGETHER

__all__ = ["NEAR", "Record", "round_seconds", "summary", "table_records"]

Record = dict[str, Any]

MEMORIES = 2
"""As large as the network is each of what AdamW remembers; rounds send them with it."""
NEAR = 1.05
"""The target is reached by a loss that is larger than one machine's by a twentieth at most."""


def table_records(settings: Sequence[Sequence[Chosen]], megabytes: float, empty_round: float | None) -> list[Record]:
    """The records of a table; the first setting is one machine, which all others are compared with.

    Parameters
    ----------
    settings : sequence of sequences of Chosen
        Each setting by every schedule; its loss is by the last, which is the longest.
    megabytes : float
        Of the network.
    empty_round : float or None
        Seconds of a round in which nothing is learned.
    """
    target = NEAR * statistics.fmean(map(best_loss, settings[0][-1].runs))
    records = [_record(schedules, target, megabytes) for schedules in settings]
    one = records[0]
    for record in records:
        record["ratio"] = record["loss"] / one["loss"]
        if record["rows"] is None or one["rows"] is None:
            continue
        record["share_of_steps"] = record["steps"] / one["steps"]
        saved = one["steps"] - record["steps"]
        if empty_round is not None and record["method"] != TOGETHER and saved > 0:
            record["pays_from_seconds"] = record["rounds"] * empty_round / saved
    return records


def _record(schedules: Sequence[Chosen], target: float, megabytes: float) -> Record:
    longest = schedules[-1]
    setting, losses = longest.setting, [best_loss(looks) for looks in longest.runs]
    soonest = min(schedules, key=lambda chosen: rows_until(target, chosen.runs))
    rows = rows_until(target, soonest.runs)
    record: Record = asdict(setting) | {
        "learning_rate": RATES[longest.place],
        "outer_rate": longest.outer_rate if setting.momentum else None,
        "losses": losses,
        "loss": statistics.fmean(losses),
        "deviation": statistics.stdev(losses) if len(losses) > 1 and all(map(math.isfinite, losses)) else 0.0,
        "target": target,
        "seeds": len(losses),
        "reached": max(sum(_reached(target, looks) < math.inf for looks in chosen.runs) for chosen in schedules),
        "rows": None,
    }
    if math.isfinite(rows):
        steps = rows / (BATCH * setting.shards)
        rounds = steps / setting.local_steps
        times = 1 if setting.method == TOGETHER else 1 + MEMORIES
        sent = 0.0 if setting.shards == 1 else 2 * setting.shards * rounds * times * megabytes
        record |= {"rows": int(rows), "steps": round(steps), "rounds": round(rounds), "megabytes_sent": sent}
        record["epochs_of_schedule"] = soonest.epochs
    return record


def best_loss(looks: Curve | None) -> float:
    """On the rows that are reported, when it was smallest on those that choose."""
    finite = [look for look in looks or [] if math.isfinite(look[1])]
    return min(finite, key=lambda look: look[1])[2] if finite else math.inf


def rows_until(target: float, runs: Sequence[Curve | None]) -> float:
    """The median of all seeds; those that never reach it count as the last."""
    return statistics.median_high(_reached(target, looks) for looks in runs)


def _reached(target: float, looks: Curve | None) -> float:
    return next((float(rows) for rows, _, held in looks or [] if held <= target), math.inf)


def summary(records: Iterable[Record]) -> list[Record]:
    """Over all tables: of each way of training, its losses and steps beside those of one machine."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record["shards"] > 1:
            way = tuple(record[name] for name in ("dealing", "method", "shards", "local_steps"))
            groups.setdefault(way, []).append(record)
    found = []
    for (dealing, method, shards, local_steps), group in groups.items():
        shares = [record["share_of_steps"] for record in group if "share_of_steps" in record]
        found.append(
            {
                "dealing": dealing,
                "method": method,
                "shards": shards,
                "local_steps": local_steps,
                "ratio": statistics.geometric_mean(record["ratio"] for record in group),
                "worst_ratio": max(record["ratio"] for record in group),
                "reached": sum(record["reached"] for record in group),
                "seeds": sum(record["seeds"] for record in group),
                "share_of_steps": statistics.geometric_mean(shares) if len(shares) == len(group) else None,
            }
        )
    return found


def round_seconds(results: Path) -> float | None:
    """Of a round without learning, as benchmarks/scale_model.py has measured it; None where it has not."""
    file = results / "scale_model.json"
    if not file.exists():
        return None
    return float(json.loads(file.read_text())["records"]["measured"]["seconds_of_an_empty_round"])
