"""One trial: a model is fitted to the training rows of one table and judged by its test rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.company import clock_with_company
from benchmarks.accuracy.figures import class_figures, number_figures, widened
from benchmarks.accuracy.models import Model, get_model
from benchmarks.accuracy.tables import Split, Table, numeric_columns, split_table

__all__ = ["Order", "Trials"]

PREDICTIONS = 3
"""So many times the test rows are predicted; the median time counts."""

TOY_ROWS = 320


@dataclass(frozen=True)
class Order:
    """What is to be tried.

    Parameters
    ----------
    kind : str
        The model, as ``models`` knows it.
    table : Table
    seed : int
        Of the split and of the model.
    most_rows : int
        Of the table.
    options : dict
        Of the model.
    """

    kind: str
    table: Table
    seed: int
    most_rows: int
    options: dict[str, Any] = field(default_factory=dict)


class Trials:
    """The trials of one process: what happens once a process is over before the clock starts."""

    def __init__(self) -> None:
        self.warm: set[tuple[str, str]] = set()

    def run(self, order: Order) -> dict[str, Any]:
        """The figures, the seconds and the sizes."""
        split = split_table(order.table, order.seed, order.most_rows)
        self._warm_up(order, split)
        model = get_model(order.kind, order.table.numbers, order.seed, **order.options)
        fit_seconds, worked, others = clock_with_company(lambda: model.fit(split.X_train, split.y_train))
        figures, predict_seconds = judged(model, order.table, split)
        text = split.X_train.drop(columns=numeric_columns(split.X_train))
        found = {
            "train_rows": len(split.X_train),
            "test_rows": len(split.X_test),
            "columns": split.X_train.shape[1],
            "text_columns": text.shape[1],
            "most_levels": int(text.nunique().max()) if text.shape[1] else 0,
            "fit_seconds": fit_seconds,
            "processor_seconds": worked,
            "predict_seconds": predict_seconds,
            "busy_with_others": others,
        }
        settings = getattr(model, "settings_", {})  # glassnet's: which preset it chose
        return found | figures | ({"preset": settings["preset"]} if "preset" in settings else {})

    def _warm_up(self, order: Order, split: Split) -> None:
        """Imports and compilation, off the clock.

        glassnet compiles what the network of a table needs: one epoch on that table. The others compile nothing that
        depends on the table: toy rows, before the first table of a task.
        """
        if order.kind == "glassnet":
            brief = get_model(order.kind, order.table.numbers, order.seed, **order.options | {"epochs": 1})
            brief.fit(split.X_train, split.y_train)
            return
        if (order.kind, order.table.task) in self.warm:
            return
        model = get_model(order.kind, order.table.numbers, order.seed, **order.options)
        X, y = toy_rows(order.table.task)
        model.fit(X, y)
        model.predict(X)
        self.warm.add((order.kind, order.table.task))


def judged(model: Model, table: Table, split: Split) -> tuple[dict[str, float], float]:
    """The figures on the test rows, and the seconds that their prediction took."""
    predict = model.predict if table.numbers else model.predict_proba
    seconds = statistics.median(clock(lambda: predict(split.X_test)) for _ in range(PREDICTIONS))
    predicted = np.asarray(model.predict(split.X_test)).reshape(-1)
    if table.numbers:
        return number_figures(split.y_test, predicted.astype(float)), seconds
    probabilities = widened(np.asarray(model.predict_proba(split.X_test), float), model.classes_, split.classes)
    return class_figures(split.y_test, predicted.astype(int), probabilities), seconds


def toy_rows(task: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Some rows with a number and a category."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"number": rng.normal(size=TOY_ROWS), "category": list("abcdefghij") * (TOY_ROWS // 10)})
    classes = {"binary": 2, "multiclass": 3}
    return X, rng.normal(size=TOY_ROWS) if task == "regression" else np.arange(TOY_ROWS) % classes[task]


def clock(call: Callable[[], Any]) -> float:
    """Seconds of a call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
