"""What TabArena's results say, as records and as a table."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.markdown import ratio, table

__all__ = ["page", "record"]

Record = dict[str, Any]


def record(result: Mapping[str, Any]) -> Record:
    """What counts of a result of TabArena."""
    task = result["task_metadata"]
    return {
        "model": result["framework"],
        "table": task["name"].rpartition("-")[0],  # a digest of the name follows
        "split": task["split_idx"],
        "metric": result["metric"],
        "error": float(result["metric_error"]),
        "validation_error": float(result["metric_error_val"]),
        "train_seconds": float(result["time_train_s"]),
        "infer_seconds": float(result["time_infer_s"]),
    }


def page(records: Sequence[Record]) -> str:
    """The mean error and seconds of each model on each table; the least error in bold.

    The error is what TabArena calls so: 1 - ROC AUC, the log-loss, the RMSE.
    """
    models, tables = ([*dict.fromkeys(each[name] for each in records)] for name in ("model", "table"))
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for each in records:
        groups[each["table"], each["model"]].append(each)

    def mean(name: str, model: str, figure: str) -> float:
        return statistics.mean(each[figure] for each in groups[name, model])

    rows = []
    for name in tables:
        errors = {model: mean(name, model, "error") for model in models if groups[name, model]}
        least = min(errors, key=lambda model: errors[model])
        shown = {model: f"**{ratio(value)}**" if model == least else ratio(value) for model, value in errors.items()}
        cells = (f"{shown[m]}, {ratio(mean(name, m, 'train_seconds'))} s" if m in shown else "-" for m in models)
        rows.append([f"{name}: {groups[name, least][0]['metric']}", *cells])
    head = [
        "# In TabArena's protocol",
        "",
        "<!-- Written by python -m benchmarks.arena: do not edit. -->",
        "",
        "Bags of eight folds, judged by rows that none of them saw: 1 - ROC AUC, log-loss or RMSE, the mean over the",
        "splits, and the seconds of a fit. Less is better.",
        "",
    ]
    return "\n".join([*head, *table(["table", *models], rows)])
