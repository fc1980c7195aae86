"""Models beside a first one, a pair for each table and split: how far they differ, and how sure that is."""

from __future__ import annotations

import math
import shlex
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.accuracy.comparison import ratio
from benchmarks.accuracy.content import Context, chosen, origin
from benchmarks.accuracy.journal import Journal, Record
from benchmarks.accuracy.tables import Table
from benchmarks.markdown import splits, table

__all__ = ["beside", "lines_beside", "make_content", "page"]

FIGURES = {"class_error": "1 - accuracy", "log_loss": "log-loss", "rmse": "RMSE", "processor_seconds": "work"}
KEPT = ("train_rows", "test_rows", "error", "accuracy", "log_loss", "rmse", "processor_seconds")

FEWEST_ERRORS = 10
"""Of the first model on a table's test rows, on average over splits: with fewer, single rows would decide the means."""

Pairs = dict[tuple[str, int], tuple[Record, Record]]
"""By table and split the record of a model and that of the first one."""


def make_content(titles: Mapping[str, str], journal: Journal, tables: Sequence[Table], context: Context) -> Context:
    """Return what can be written as JSON; the first of the titles (by name) is what the others are compared with.

    Returns
    -------
    dict
        The context, the origin, titles; sets: for each folder of tables, and for all together, what `beside` finds
        of each model; trials: by table the figures of each model, split by split.
    """
    trials = {
        (record["model"], record["table"], record["seed"]): record
        for record in chosen(journal, tables, context)
        if record["model"] in titles
    }
    first, *others = titles
    folders: dict[str, set[str]] = {}
    for own in tables:
        folders.setdefault(own.path.parent.name, set()).add(own.name)
    if len(folders) > 1:
        folders["together"] = set.union(*folders.values())
    sets: dict[str, Any] = {}
    for folder, names in folders.items():
        for other in others:
            pairs: Pairs = {
                (name, seed): (record, trials[first, name, seed])
                for (model, name, seed), record in trials.items()
                if model == other and name in names and (first, name, seed) in trials
            }
            if pairs:
                sets.setdefault(folder, {})[titles[other]] = beside(pairs)
    by_table: dict[str, Any] = {}
    for (model, name, seed), record in sorted(trials.items()):
        figures = {figure: record[figure] for figure in KEPT if figure in record}
        by_table.setdefault(name, {}).setdefault(titles[model], {})[str(seed)] = figures
    return {**context, **origin(list(trials.values())), "titles": dict(titles), "sets": sets, "trials": by_table}


def beside(pairs: Pairs) -> dict[str, Any]:
    """Return the number of tables and of pairs, on how many of these the error is smaller, equal and larger, and of
    each figure the geometric mean of the ratios with the standard errors of its logarithm: over all pairs, and over
    the means of tables (None for a single one). Means of errors and losses leave out tables that are all but solved."""
    errors = [(own["error"], first["error"]) for own, first in pairs.values()]
    found: dict[str, Any] = {
        "tables": len({name for name, _ in pairs}),
        "pairs": len(pairs),
        "counts": [sum((own > first) - (own < first) == sign for own, first in errors) for sign in (-1, 0, 1)],
    }
    solved = _solved(pairs)
    for figure in FIGURES:
        by_table: dict[str, list[float]] = {}
        for (name, _), (own, first) in pairs.items():
            if name in solved and figure != "processor_seconds":
                continue
            there = "error" if figure == "class_error" and "accuracy" in own else figure
            if there in own and there in first:
                by_table.setdefault(name, []).append(math.log(ratio(own, first, there)))
        logs = [log for own in by_table.values() for log in own]
        means = [statistics.fmean(own) for own in by_table.values()]
        found[figure] = [math.exp(statistics.fmean(logs)), *map(_standard_error, (logs, means))] if logs else None
    return found


def _solved(pairs: Pairs) -> set[str]:
    """The tables of classes on which the first model makes too few errors to be compared."""
    errors: dict[str, list[float]] = {}
    for (name, _), (_, first) in pairs.items():
        if "accuracy" in first:
            errors.setdefault(name, []).append(first["error"] * first["test_rows"])
    return {name for name, own in errors.items() if statistics.fmean(own) < FEWEST_ERRORS}


def page(name: str, content: dict[str, Any]) -> str:
    """A table for each set of tables, a line for each model."""
    first = next(iter(content["titles"].values()))
    lines = [
        f"# {name.replace('_', ' ').capitalize()}",
        "",
        f"Made by `python -m benchmarks.accuracy --compare {shlex.join(content['compare'])}`; do not edit.",
        "",
        f"Models beside {first}, with the same rows: a pair for each table and split. Figures are multiples of",
        f"those of {first} (geometric means): below 1 is better, and what is within two standard errors of 1 may be",
        "chance. After ± stands the standard error over pairs, for these tables; in parentheses that over the means",
        "of tables, for tables in general. Only tables count where something changes, and in means of errors and of",
        f"losses only those on which {first} makes at least {FEWEST_ERRORS} errors a split. *Work* is the time of the",
        "processors, which other programs change little, and *errors* says in how many pairs the error is smaller,",
        "equal, larger.",
        "",
        f"Tables of at most {content['max_rows']:,} rows, 75 % of them for training; {splits(content['seeds'])}.",
        f"glassnet {' and '.join(content['versions'].get('glassnet', []))} on {'; '.join(content['machines'])}.",
        "",
    ]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    for folder, found in content["sets"].items():
        lines += [f"## {folder.replace('_', ' ').capitalize()}", "", *lines_beside(first, found)]
    return "\n".join(lines)


def lines_beside(first: str, found: Mapping[str, Any]) -> list[str]:
    """The table of what `beside` found of each model."""
    rows = [
        [
            title,
            *(_cell(figures[figure], exact=figure != "processor_seconds") for figure in FIGURES),
            f"{figures['tables']}, {figures['pairs']}",
            "/".join(map(str, figures["counts"])),
        ]
        for title, figures in found.items()
    ]
    return table([f"beside {first}", *FIGURES.values(), "tables, pairs", "errors"], rows)


def _standard_error(logs: Sequence[float]) -> float | None:
    return statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else None


def _cell(found: Sequence[float | None] | None, *, exact: bool) -> str:
    if found is None:
        return "-"
    mean, over_pairs, over_tables = found
    if not exact or over_pairs is None:
        return f"{mean:.3f}" if exact else f"{mean:.2f}"
    return f"{mean:.3f} ± {over_pairs:.3f}" + (f" ({over_tables:.3f})" if over_tables is not None else "")
