"""All that the report, the pictures and the result file say, worked out from the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy.comparison import compare, critical_difference, fields, mean_ratio, ratio, wins
from benchmarks.accuracy.contenders import BASELINE, CONTENDERS, OURS
from benchmarks.accuracy.halves import HALVES
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.means import SIZES, Results, means_over_seeds
from benchmarks.accuracy.tables import Table

__all__ = ["Context", "chosen", "make_content", "origin"]

Context = dict[str, Any]


def make_content(journal: Journal, tables: Sequence[Table], context: Context) -> dict[str, Any]:
    """What can be written as JSON.

    Parameters
    ----------
    journal : Journal
    tables : sequence of Table
    context : dict
        seeds (how many), max_rows (of a table), quick.

    Returns
    -------
    dict
        The context; titles of the models in the order in which they are named; versions, machines: what was measured,
        and where; tables: each with its task, sizes, half and the figures of all models; halves: for a, b and all
        tables the comparisons, the wins of glassnet and the comparisons of its presets.
    """
    records = [record for record in chosen(journal, tables, context) if record["model"] in CONTENDERS]
    results = means_over_seeds(records, range(context["seeds"]))
    present = {model for models in results.values() for model in models}
    titles = {name: contender.title for name, contender in CONTENDERS.items() if name in present}
    halves = {}
    for half in HALVES:
        names = {table.name for table in tables if half in ("all", table.half)}
        own = {name: models for name, models in results.items() if name in names}
        if own:
            halves[half] = compared(own, list(titles))
    return {
        **context,
        **origin(records),
        "busy_with_others": company(results),
        "titles": titles,
        "tables": {table.name: about(table, results[table.name]) for table in tables if table.name in results},
        "halves": halves,
    }


def chosen(journal: Journal, tables: Sequence[Table], context: Context) -> list[Record]:
    """The records of these tables, seeds and rows."""
    names = {table.name for table in tables}
    return [
        record
        for record in journal.successes
        if record["table"] in names and record["max_rows"] == context["max_rows"] and record["seed"] < context["seeds"]
    ]


def origin(records: Sequence[Record]) -> dict[str, Any]:
    """When and where the records were made, and of which versions."""
    versions: dict[str, set[str]] = {}
    for record in records:
        versions.setdefault(record["package"], set()).add(record["version"])
    return {
        "measured": [function((record["measured"] for record in records), default="") for function in (min, max)],
        "versions": {package: sorted(found) for package, found in sorted(versions.items())},
        "machines": sorted({record["machine"] for record in records}),
    }


def company(results: Results) -> float:
    """How many cores others used during the fits whose seconds are told."""
    told = [figures for models in results.values() for figures in models.values()]
    seconds = sum(figures["fit_seconds"] for figures in told)
    taken = sum(figures["fit_seconds"] * figures["busy_with_others"] for figures in told)
    return taken / seconds if seconds else 0.0


def compared(results: Results, order: Sequence[str]) -> dict[str, Any]:
    """Libraries with each other, glassnet against each model, and its presets with each other.

    One glassnet only among the libraries: several that are nearly the same would shift all ranks.
    """
    presets = [model for model in order if model.startswith(f"{OURS}-")]
    libraries = [model for model in order if model not in presets]
    found: dict[str, Any] = {
        "comparisons": [compare(results, models, BASELINE) for models in fields(results, libraries)],
        "wins": wins_of_ours(results, order),
        "presets": [compare(results, models, BASELINE) for models in fields(results, [OURS, *presets])],
    }
    for comparison in found["comparisons"][:1]:
        models, tables = len(comparison["models"]), len(comparison["tables"])
        if models > 1 and tables:
            found["critical_difference"] = critical_difference(models, tables)
    return found


def wins_of_ours(results: Results, models: Sequence[str]) -> dict[str, Any]:
    """For each other model: how often glassnet's default is better, equal and worse, and the mean of the ratios."""
    found = {}
    for other in models:
        counts = wins(results, OURS, other, "error")
        if other != OURS and sum(counts):
            found[other] = {
                "error": counts,
                "log_loss": wins(results, OURS, other, "log_loss"),
                "error_ratio": mean_ratio(results, OURS, other, "error"),
                "log_loss_ratio": mean_ratio(results, OURS, other, "log_loss"),
                "fit_seconds_ratio": mean_ratio(results, OURS, other, "fit_seconds"),
            }
    return found


def about(table: Table, models: dict[str, Any]) -> dict[str, Any]:
    """A table: its sizes, the figures of each model, and their errors as multiples of the baseline's."""
    first = next(iter(models.values()))
    figures = {
        model: {name: value for name, value in found.items() if name not in (*SIZES, "task")}
        for model, found in models.items()
    }
    ratios = {}
    if BASELINE in models:
        ratios = {model: ratio(found, models[BASELINE], "error") for model, found in models.items()}
    return {
        "task": table.task,
        "half": table.half,
        **{name: first[name] for name in SIZES},
        "models": figures,
        "error_ratios": ratios,
    }
