"""The default with one thing changed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.accuracy.contenders import CONTENDERS, OURS, Contender
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.measure import Job
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.presets import TableSize, resolve

__all__ = ["Settings", "Variant", "classes", "numbers", "sees_thresholds", "variant_jobs"]

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Variant:
    """The default with one thing changed.

    Parameters
    ----------
    words : str
        What it has instead, in the table.
    options : dict, or callable from the settings of the full training to a dict
        Of the estimator.
    where : callable
        From the record and the settings of the full training: whether it can make a difference there.
    """

    words: str
    options: dict[str, Any] | Callable[[Settings], dict[str, Any]]
    where: Callable[[Record, Settings], bool] = lambda record, settings: True

    def changed(self, record: Record, settings: Settings) -> dict[str, Any]:
        """The options, where one of them differs from what the full training has."""
        if not self.where(record, settings):
            return {}
        options = self.options(settings) if callable(self.options) else self.options
        return options if any(settings.get(name) != value for name, value in options.items()) else {}

    @property
    def contender(self) -> Contender:
        """glassnet with this change, as the journal knows it."""
        full = CONTENDERS[OURS]
        return Contender(f"{OURS}: {self.words}", self.words, full.kind, full.package, full.module)


def classes(record: Record, settings: Settings) -> bool:
    return record["task"] != "regression"


def numbers(record: Record, settings: Settings) -> bool:
    return record["task"] == "regression"


def sees_thresholds(record: Record, settings: Settings) -> bool:
    """Whether the last kind of members does."""
    return bool(settings["kinds"]) and "numeric_embedding" in settings["kinds"][-1]


def variant_jobs(variants: Sequence[Variant], full: Sequence[Job], journal: Journal) -> list[Job]:
    """Every variant of every full training that there is a record of, where it changes something.

    Left out: an option that the estimator of this task does not have, a value that the preset has anyway.
    """
    found = []
    for job in full:
        record = journal.get(job.key)
        if record is None or record["status"] != "ok":
            continue
        size = TableSize(record["train_rows"], record["columns"], job.table.numbers)
        settings = resolve(record["preset"], {}, size)
        known = inspect.signature(NeuralRegressor if job.table.numbers else NeuralClassifier).parameters
        for place, variant in enumerate(variants):
            options = variant.changed(record, settings)
            if options and set(options) <= set(known):
                found.append((job.seed, place, Job(variant.contender, job.table, job.seed, job.most_rows, options)))
    # one after the other within a seed: what is interrupted has whole lines of the table
    return [job for *_, job in sorted(found, key=lambda each: each[:2])]
