"""What the default reaches with one thing changed, as a multiple of what it reaches as it is."""

from __future__ import annotations

import inspect
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.accuracy.comparison import ratios, wins
from benchmarks.accuracy.contenders import CONTENDERS, OURS, Contender
from benchmarks.accuracy.content import Context, chosen, origin
from benchmarks.accuracy.halves import HALVES
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.means import Results, means_over_seeds
from benchmarks.accuracy.measure import Job
from benchmarks.accuracy.report import HEADINGS
from benchmarks.accuracy.tables import Table
from benchmarks.markdown import splits, table
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.presets import TableSize, resolve

__all__ = ["Settings", "Variant", "classes", "make_content", "numbers", "page", "sees_thresholds", "variant_jobs"]

Settings = Mapping[str, Any]

FIGURES = {"class_error": "1 - accuracy", "log_loss": "log-loss", "rmse": "RMSE", "processor_seconds": "work"}


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


def make_content(
    variants: Sequence[Variant], journal: Journal, tables: Sequence[Table], context: Context
) -> dict[str, Any]:
    """What can be written as JSON: the context, the origin, and for each half and variant what `beside_all` finds."""
    names = [OURS, *(variant.contender.name for variant in variants)]
    records = [record for record in chosen(journal, tables, context) if record["model"] in names]
    results = means_over_seeds(records, range(context["seeds"]))
    halves = {}
    for half in HALVES:
        own = {each.name: results[each.name] for each in tables if each.half == half and each.name in results}
        found = {variant.words: beside_all(own, variant.contender.name) for variant in variants}
        found = {words: figures for words, figures in found.items() if sum(figures["counts"])}
        if found:
            halves[half] = {"tables": len(own), "variants": found}
    return {**context, **origin(records), "tables": results, "halves": halves}


def beside_all(results: Results, name: str) -> dict[str, Any]:
    """The mean ratios to the default with their standard errors, and on how many tables the error is smaller, equal
    and larger."""
    found: dict[str, Any] = {"counts": wins(results, name, OURS, "error")}
    of_classes = {each: models for each, models in results.items() if "accuracy" in models.get(OURS, {})}
    for figure in FIGURES:
        own, name_there = (of_classes, "error") if figure == "class_error" else (results, figure)
        logs = [math.log(value) for value in ratios(own, name, OURS, name_there)]
        spread = statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else None
        found[figure] = [math.exp(statistics.fmean(logs)), spread] if logs else None
    return found


def page(title: str, about: Sequence[str], option: str, content: dict[str, Any]) -> str:
    """A table a half, a line a variant."""
    lines = [
        f"# {title}",
        "",
        f"Made by `python -m benchmarks.accuracy --{option}`; do not edit.",
        "",
        *about,
        "Figures are multiples of the default's, geometric means over tables with their standard errors: above 1 the",
        "default is better, and what is within two standard errors of 1 may be chance. Only tables count where",
        "something changes; *work* is the processors' time, which other programs change little, and *tables* says on",
        "how many the error is smaller, equal and larger.",
        "",
        f"Tables of at most {content['max_rows']:,} rows, 75 % of them for training; {splits(content['seeds'])}.",
        f"glassnet {' and '.join(content['versions'].get('glassnet', []))} on {'; '.join(content['machines'])}.",
        "",
    ]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    for half, found in content["halves"].items():
        rows = []
        for words, figures in found["variants"].items():
            cells = [_cell(figures[figure], exact=figure != "processor_seconds") for figure in FIGURES]
            rows.append([words, *cells, "/".join(map(str, figures["counts"]))])
        lines += [f"## {HEADINGS[half]}", "", f"{found['tables']} tables.", ""]
        lines += table(["instead", *FIGURES.values(), "tables"], rows)
    return "\n".join(lines)


def _cell(found: tuple[float, float | None] | None, *, exact: bool) -> str:
    if found is None:
        return "-"
    mean, spread = found
    return f"{mean:.2f}" if not exact else f"{mean:.3f}" if spread is None else f"{mean:.3f} ± {spread:.3f}"
