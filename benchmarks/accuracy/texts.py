"""Tables with columns of text: glassnet beside what texts are usually given to, split by split."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.accuracy.comparison import ratio
from benchmarks.accuracy.contenders import CONTENDERS, OURS, TEXT_ANCHORS
from benchmarks.accuracy.content import Context, chosen, origin
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.tables import Table
from benchmarks.markdown import splits, table

__all__ = ["make_content", "page"]

LINEAR = "text-characters"
"""The anchor whose work is the unit."""

BySplit = Mapping[int, Record]


def make_content(journal: Journal, tables: Sequence[Table], context: Context) -> Context:
    """Return what can be written as JSON.

    Returns
    -------
    dict
        The context, the origin, titles; tables: by name the anchor that is best on average over the splits, for each
        anchor the ratio of glassnet's figure to its and the standard error over the splits, and the ratio of the work;
        failures: by anchor the tables without a figure of it, and why.
    """
    records = [each for each in chosen(journal, tables, context) if each["model"] in (OURS, *TEXT_ANCHORS)]
    trials: dict[str, dict[str, dict[int, Record]]] = {}
    for record in records:
        trials.setdefault(record["table"], {}).setdefault(record["model"], {})[record["seed"]] = record
    found = {name: _beside(models) for name, models in trials.items() if OURS in models and len(models) > 1}
    titles = {name: CONTENDERS[name].title for name in TEXT_ANCHORS}
    slow = [each for each in journal.failures if each["model"] in TEXT_ANCHORS and each["table"] in found]
    late = {name: sorted({each["table"] for each in slow if each["model"] == name}) for name in TEXT_ANCHORS}
    why = {each["model"]: each["error"] for each in slow}
    failures = {name: {"tables": tables, "error": why[name]} for name, tables in late.items() if tables}
    return {**context, **origin(records), "titles": titles, "tables": found, "failures": failures}


def _beside(models: Mapping[str, BySplit]) -> dict[str, Any]:
    anchors = {name: own for name, own in models.items() if name != OURS}
    figure = "rmse" if "rmse" in next(iter(models[OURS].values())) else "log_loss"
    ratios = {name: _ratio(models[OURS], own, figure) for name, own in anchors.items()}
    work = None
    if LINEAR in anchors:
        shared = models[OURS].keys() & anchors[LINEAR].keys()
        sums = [sum(own[seed]["processor_seconds"] for seed in shared) for own in (models[OURS], anchors[LINEAR])]
        work = sums[0] / sums[1]
    best = max(ratios, key=lambda name: ratios[name][0])
    return {"figure": figure, "splits": len(models[OURS]), "best": best, "ratios": ratios, "work": work}


def _ratio(ours: BySplit, other: BySplit, figure: str) -> tuple[float, float | None]:
    """Return the geometric mean of the ratios over the splits that both have, and its standard error."""
    logs = [math.log(ratio(ours[seed], other[seed], figure)) for seed in sorted(ours.keys() & other.keys())]
    error = statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else None
    return math.exp(statistics.fmean(logs)), error


def page(content: Context) -> str:
    """A line for each table, and the median over the tables."""
    names = [name for name in TEXT_ANCHORS if any(name in own["ratios"] for own in content["tables"].values())]
    rows = [
        [
            f"{name} ({'RMSE' if own['figure'] == 'rmse' else 'log-loss'})",
            *(_cell(own["ratios"].get(anchor)) for anchor in names),
            _cell(own["ratios"][own["best"]]),
            "-" if own["work"] is None else f"{own['work']:.2f}",
        ]
        for name, own in content["tables"].items()
    ]
    best = [own["ratios"][own["best"]][0] for own in content["tables"].values()]
    lines = [
        "# Tables with columns of text",
        "",
        "Made by `python -m benchmarks.accuracy --texts`; do not edit.",
        "",
        "glassnet's default beside others that take texts, those in the columns below. TF-IDF is of one or two words,",
        "or of two to four characters within words, and the linear model on it has its C by cross-validation. Figures",
        "are multiples of the other's (geometric means over the splits, with standard errors): below 1 glassnet is",
        "better. *Best* is the other that is best on average; *work* is the processors' time as a multiple of that of",
        "the linear model of characters, its cross-validation included.",
        "",
        f"75 % of the rows for training; {splits(content['seeds'])}.",
        f"glassnet {' and '.join(content['versions'].get('glassnet', []))} on {'; '.join(content['machines'])}.",
        "",
        *table(["table", *(content["titles"][name] for name in names), "best", "work"], rows),
        f"Median beside the best: {statistics.median(best):.3f}; the largest: {max(best):.3f}.",
        "",
        *(
            f"{content['titles'][name]}: no figure on {', '.join(failed['tables'])} ({failed['error']}).\n"
            for name, failed in content["failures"].items()
        ),
    ]
    return "\n".join(lines)


def _cell(found: Sequence[float | None] | None) -> str:
    if found is None or found[0] is None:
        return "-"
    mean, error = found
    return f"{mean:.3f}" if error is None else f"{mean:.3f} ± {error:.3f}"
