"""What more rows bring, and what they cost: glassnet's default beside boosted trees, from 1,000 rows up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy.contenders import CONTENDERS, OURS, Contender
from benchmarks.accuracy.content import Context, chosen, origin
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.means import means_over_seeds
from benchmarks.accuracy.measure import Job, all_jobs
from benchmarks.accuracy.tables import Table
from benchmarks.markdown import seconds, splits, table

__all__ = ["MODELS", "SIZES", "curve_jobs", "draw", "make_content", "page"]

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
"""Rows, a quarter of them for the test; a table that has fewer ends the curve with all that it has."""

MODELS = (OURS, "catboost", "lightgbm")
LONGEST = 4
"""So many tables are taken: the longest, for only they have something to say."""


def longest(tables: Sequence[Table]) -> list[Table]:
    """The tables of the curves, in the order of the index."""
    kept = sorted(tables, key=lambda own: -own.rows)[:LONGEST]
    return [own for own in tables if own in kept]


def sizes_of(own: Table) -> list[int]:
    """The rows that are taken of a table."""
    return [size for size in SIZES if size < own.rows] + [size for size in SIZES if size >= own.rows][:1]


def curve_jobs(contenders: Sequence[Contender], tables: Sequence[Table], seeds: int) -> list[Job]:
    """The short ones first."""
    models = [contender for contender in contenders if contender.name in MODELS]
    jobs = [job for size in SIZES for job in all_jobs(models, longest(tables), range(seeds), size)]
    return [job for job in jobs if job.most_rows in sizes_of(job.table)]


def make_content(journal: Journal, tables: Sequence[Table], context: Context) -> dict[str, Any]:
    """The context, the origin, and for each table and number of rows the figures of all models."""
    curves: dict[str, Any] = {}
    records = []
    for own in longest(tables):
        for size in sizes_of(own):
            found = chosen(journal, [own], context | {"max_rows": size})
            found = [record for record in found if record["model"] in MODELS]
            records += found
            for models in means_over_seeds(found, range(context["seeds"])).values():
                curves.setdefault(own.name, {})[str(min(size, own.rows))] = models
    return {**context, **origin(records), "curves": curves}


def figure_of(found: dict[str, Any]) -> str:
    """What says most about a task: log-loss of classes, RMSE of numbers."""
    return "log_loss" if "log_loss" in found else "rmse"


def page(content: dict[str, Any]) -> str:
    """A line a number of rows; a model's error, its log-loss and its seconds."""
    lines = [
        "# More rows",
        "",
        "Made by `python -m benchmarks.accuracy --curves`; do not edit.",
        "",
        f"Three quarters of the rows for training, mean of {splits(content['seeds'])}. Every model with its",
        "defaults. *error* is 1 - accuracy for classes and RMSE for numbers.",
        "",
        ", ".join(f"{name} {' and '.join(found)}" for name, found in content["versions"].items()) + ".",
        f"Measured on {'; '.join(content['machines'])}.",
        "",
    ]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    for name, curve in content["curves"].items():
        models = [model for model in MODELS if all(model in found for found in curve.values())]
        head = ["rows"] + [
            f"{CONTENDERS[model].title}: {what}" for model in models for what in ("error", "log-loss", "fit")
        ]
        rows = []
        for size, found in curve.items():
            row = [f"{int(size):,}"]
            for model in models:
                own = found[model]
                row += [
                    f"{own['error']:.4g}",
                    f"{own['log_loss']:.3f}" if "log_loss" in own else "-",
                    seconds(own["fit_seconds"]),
                ]
            rows.append(row)
        lines += [f"## {name}", "", *table(head, rows)]
    return "\n".join(lines)


def draw(content: dict[str, Any], path: Path) -> None:
    """A column a table: above what is lost, below the seconds of a fit, both over rows."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from benchmarks.accuracy.pictures import color_of, plain, save

    curves = content["curves"]
    if not curves:
        return
    figure, grid = plt.subplots(
        2, len(curves), figsize=(2.9 * len(curves), 5.6), sharex="col", squeeze=False, layout="constrained"
    )
    styles = dict(zip(MODELS, ("-", "-", "--"), strict=True))
    for (name, curve), (above, below) in zip(curves.items(), grid.T, strict=True):
        what = figure_of(next(iter(next(iter(curve.values())).values())))
        for model in MODELS:
            points = [(int(size), found[model]) for size, found in curve.items() if model in found]
            rows = [size for size, _ in points]
            look = {"color": color_of(model), "linestyle": styles[model], "marker": "o", "markersize": 4}
            above.plot(rows, [found[what] for _, found in points], label=CONTENDERS[model].title, **look)
            below.plot(rows, [found["fit_seconds"] for _, found in points], **look)
        above.set(title=name.replace("_", " "), ylabel={"log_loss": "log-loss", "rmse": "RMSE"}[what])
        below.set(xlabel="rows", ylabel="seconds of a fit", yscale="log")
        for axes in (above, below):
            axes.set_xscale("log")
            plain(axes, "both")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(MODELS), frameon=False)
    save(figure, path)
