"""From the records of single trials to one figure for each table and model: the mean over seeds."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.accuracy.company import BUSY
from benchmarks.accuracy.journal import Record

__all__ = ["FIGURES", "SIZES", "Figures", "Results", "means_over_seeds"]

FIGURES = ("error", "accuracy", "log_loss", "roc_auc", "calibration_error", "rmse", "r2", "processor_seconds")
TIMES = ("fit_seconds", "predict_seconds", "busy_with_others")
SIZES = ("train_rows", "test_rows", "columns", "text_columns")

Figures = dict[str, Any]
Results = dict[str, dict[str, Figures]]
"""By table, then by model."""


def means_over_seeds(records: Iterable[Record], seeds: Sequence[int]) -> Results:
    """The mean of every figure, and the errors of all seeds.

    Seconds are those of the seeds in which nobody else used the machine, where there are such.

    A model counts on a table only if it has a record for every seed: means over different splits are no comparison.
    """
    trials: dict[tuple[str, str], dict[int, Record]] = defaultdict(dict)
    for record in records:
        trials[record["table"], record["model"]][record["seed"]] = record
    found: Results = {}
    for (table, model), by_seed in trials.items():
        if set(seeds) <= set(by_seed):
            own = [by_seed[seed] for seed in seeds]
            figures = {
                name: statistics.fmean(record[name] for record in own)
                for name in FIGURES
                if all(name in one for one in own)
            }
            alone = [record for record in own if record["busy_with_others"] <= BUSY] or own
            figures |= {name: statistics.fmean(record[name] for record in alone) for name in TIMES}
            sizes = {name: own[0][name] for name in SIZES}
            errors = [record["error"] for record in own]
            found.setdefault(table, {})[model] = {"task": own[0]["task"]} | sizes | figures | {"errors": errors}
    return found
