"""What each ingredient of glassnet's default is good for: the error without it, as a multiple of that with all."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.accuracy.comparison import mean_ratio, wins
from benchmarks.accuracy.contenders import CONTENDERS, OURS, Contender
from benchmarks.accuracy.content import Context, chosen, origin
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.means import Results, means_over_seeds
from benchmarks.accuracy.measure import Job
from benchmarks.accuracy.tables import Table
from benchmarks.markdown import table
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.presets import TableSize, resolve

__all__ = ["ABLATIONS", "Ablation", "ablation_jobs", "make_content", "page", "standard_weights", "without"]

Settings = Mapping[str, Any]

FIGURES = ("error", "log_loss", "rmse", "processor_seconds")
HEADS = ("error", "log-loss", "RMSE", "work")


@dataclass(frozen=True)
class Ablation:
    """One ingredient taken away.

    Parameters
    ----------
    words : str
        What is left, in the table.
    options : dict, or callable from the settings of the full training to a dict
        Of the estimator.
    where : callable
        From the record and the settings of the full training: whether it can make a difference there.
    """

    words: str
    options: dict[str, Any] | Callable[[Settings], dict[str, Any]]
    where: Callable[[Record, Settings], bool] = lambda record, settings: True

    def changed(self, record: Record, settings: Settings) -> dict[str, Any]:
        """The options that differ from what the full training has."""
        options = self.options(settings) if callable(self.options) else self.options
        suits = self.where(record, settings)
        return {name: value for name, value in options.items() if suits and settings.get(name) != value}


def classes(record: Record, settings: Settings) -> bool:
    return record["task"] != "regression"


def numbers(record: Record, settings: Settings) -> bool:
    return record["task"] == "regression"


def sees_thresholds(record: Record, settings: Settings) -> bool:
    """Whether the last kind of members does."""
    return bool(settings["kinds"]) and "numeric_embedding" in settings["kinds"][-1]


def without_thresholds(settings: Settings) -> dict[str, Any]:
    """As many members of each of the other kinds."""
    rest = settings["kinds"][:-1]
    each = {name: settings[name] // max(1, len(settings["kinds"])) * len(rest) for name in ("members", "refits")}
    return {"kinds": rest, **each}


def embedded(record: Record, settings: Settings) -> bool:
    """Whether a category has so many levels that it is embedded."""
    return record["most_levels"] > settings["max_one_hot"]


def standard_weights(settings: Settings) -> dict[str, Any]:
    r"""Weights of the usual size instead of size 1, with rates that make every other difference vanish.

    A sum of n weights of size 1 is divided by :math:`\sqrt n`: a step of the rate on such a weight is one of the rate
    over :math:`\sqrt n` on a usual one. So the rate is divided by the root of the width of the hidden layers, and what
    multiplies it elsewhere (biases, scales, ...) and decays with it is multiplied by as much.
    """
    if settings["parametrization"] == "standard":
        return {}
    factor = math.sqrt(max(settings["hidden_layers"]))
    return {
        "parametrization": "standard",
        "learning_rate": settings["learning_rate"] / factor,
        "rates": {part: rate * factor for part, rate in settings["rates"].items()},
        "weight_decay": settings["weight_decay"] * factor,
    }


ABLATIONS = (
    Ablation("no numeric embedding", {"numeric_embedding": "none"}),
    Ablation("piecewise linear embedding", {"numeric_embedding": "piecewise_linear"}),
    Ablation("no factor for each input", {"input_scale": False}),
    Ablation("no share of activation for each unit", {"parametric": False}),
    Ablation("standard parametrization, rate / √width", standard_weights),
    Ablation("random start", {"start": "random"}),
    Ablation("scaling by mean and deviation", {"scaling": "standard"}),
    Ablation("constant learning rate", {"schedule": "constant"}),
    Ablation("learning rate along one cosine", {"schedule": "cosine"}),
    Ablation("AdamW's usual β₂ of 0.999", {"optimizer": "adamw"}),
    Ablation("no dropout", {"dropout": 0.0}),
    Ablation("constant dropout", {"dropout_schedule": "constant"}),
    Ablation("no weight decay", {"weight_decay": 0.0}),
    Ablation("no calibration", {"calibration": "none"}, classes),
    Ablation("label smoothing of 0.1", {"label_smoothing": 0.1}, classes),
    Ablation("one network", {"members": 1}),
    Ablation("every member holds rows out", {"refits": 0}),
    Ablation("members all alike", {"kinds": ()}),
    Ablation("no kind that sees thresholds", without_thresholds, sees_thresholds),
    Ablation("a fifth held out", {"validation_fraction": 0.2}),
    Ablation("no clamp", {"clamp": False}, numbers),
    Ablation("no embedding of categories up to 64 levels", {"max_one_hot": 64}, embedded),
)


def contender(ablation: Ablation) -> Contender:
    """glassnet without the ingredient, as the journal knows it."""
    full = CONTENDERS[OURS]
    return Contender(f"{OURS}: {ablation.words}", ablation.words, full.kind, full.package, full.module)


def ablation_jobs(full: Sequence[Job], journal: Journal) -> list[Job]:
    """Every ablation of every full training that there is a record of, where it changes something.

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
        for ablation in ABLATIONS:
            options = ablation.changed(record, settings)
            if options and set(options) <= set(known):
                found.append(Job(contender(ablation), job.table, job.seed, job.most_rows, options))
    # ablation by ablation within a seed: what is interrupted has whole lines of the table
    rank = {contender(ablation).name: place for place, ablation in enumerate(ABLATIONS)}
    return sorted(found, key=lambda job: (job.seed, rank[job.contender.name]))


def make_content(journal: Journal, tables: Sequence[Table], context: Context) -> dict[str, Any]:
    """What can be written as JSON: the context, the origin, and for each ablation what `without` finds."""
    names = [OURS, *(contender(ablation).name for ablation in ABLATIONS)]
    records = [record for record in chosen(journal, tables, context) if record["model"] in names]
    results = means_over_seeds(records, range(context["seeds"]))
    found = {ablation.words: without(results, contender(ablation).name) for ablation in ABLATIONS}
    return {
        **context,
        **origin(records),
        "tables": results,
        "ablations": {words: figures for words, figures in found.items() if sum(figures["counts"])},
    }


def without(results: Results, name: str) -> dict[str, Any]:
    """The mean ratios to the full training, and on how many tables the error is smaller, equal and larger."""
    ratios = {figure: mean_ratio(results, name, OURS, figure) for figure in FIGURES}
    return {"counts": wins(results, name, OURS, "error")} | ratios


def page(content: dict[str, Any]) -> str:
    """A line an ablation."""
    rows = []
    for words, found in content["ablations"].items():
        cells = ["-" if found[figure] is None else f"{found[figure]:.3f}" for figure in FIGURES]
        rows.append([words, *cells, "/".join(map(str, found["counts"]))])
    lines = [
        "# Ablations",
        "",
        "Made by `python -m benchmarks.accuracy --ablations`; do not edit.",
        "",
        "What glassnet's default reaches with one ingredient taken away or replaced, as a multiple of what it reaches",
        "with all: geometric means over tables. Above 1 the ingredient helps. Only tables count where it is part of",
        "the default; *work* is the processors' time, which other programs change little. The last column says on how",
        "many tables the error is smaller, equal and larger.",
        "",
        f"{len(content['tables'])} tables of at most {content['max_rows']:,} rows, 75 % of them for training, as the",
        f"mean of {content['seeds']} random splits. The presets were chosen on half of these tables.",
        "",
        f"glassnet {' and '.join(content['versions'].get('glassnet', []))} on {'; '.join(content['machines'])}.",
        "",
    ]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    return "\n".join([*lines, *table(["instead", *HEADS, "smaller/equal/larger"], rows)])
