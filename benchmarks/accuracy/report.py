"""Everything that was found, as one page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy.company import BUSY
from benchmarks.accuracy.contenders import BASELINE, CONTENDERS
from benchmarks.markdown import ratio, splits, table

__all__ = ["HEADINGS", "page", "summary"]

HEADINGS = {
    "all": "All tables",
    "a": "Half a: the tables that presets were chosen by",
    "b": "Half b: the tables to report on",
}

PICTURES = {
    "accuracy_error.png": "The error of each model relative to scikit-learn's MLP, a point a table",
    "accuracy_time.png": "Error and the time of all fits",
    "accuracy_ranks.png": "Mean ranks; models that a bar joins cannot be told apart",
}


def page(content: dict[str, Any]) -> str:
    """The comparisons first, then table after table."""
    versions = ", ".join(f"{package} {' and '.join(found)}" for package, found in content["versions"].items())
    lines = [
        "# Accuracy",
        "",
        "Made by `python -m benchmarks.accuracy`; do not edit.",
        "",
        f"{versions}.",
        f"Measured on {'; '.join(content['machines'])}.",
        "",
        f"{len(content['tables'])} tables of at most {content['max_rows']:,} rows, 75 % of them for training,",
        f"mean of {splits(content['seeds'])}. Every model with its defaults.",
        "",
    ]
    if len(content["machines"]) > 1:
        lines += ["**Measured on several machines: their seconds are no comparison.**", ""]
    if content["busy_with_others"] > BUSY:
        cores = f"{content['busy_with_others']:.1f}"
        lines += [f"**Other programs used {cores} cores during the fits: their seconds are too many.**", ""]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    lines += [
        "Seconds are of the splits during which nobody else used the machine, where there are such.",
        "*error* is 1 - accuracy for classes and RMSE for numbers. Ratios are geometric means over tables of a model's",
        f"figure by that of {CONTENDERS[BASELINE].title}: below 1 is better. What is below its floor counts as the",
        "floor: half a test row for 1 - accuracy, 0.01 for log-loss. *rank*: 1 is the best; equals share their places.",
        "",
        *summary(content),
    ]
    for file, words in PICTURES.items():
        lines += [f"![{words}]({file})", ""]
    lines += ["## Table by table", "", "The best figure of a table is bold.", ""]
    for task, figure, words in (
        ("classes", "error", "1 - accuracy, %"),
        ("classes", "log_loss", "Log-loss"),
        ("classes", "roc_auc", "ROC AUC, %: each class against the rest"),
        ("classes", "calibration_error", "Expected calibration error, %"),
        ("regression", "rmse", "RMSE"),
        ("regression", "r2", "R²"),
        ("all", "fit_seconds", "Seconds of a fit"),
    ):
        lines += [f"### {words}", "", *by_table(content, task, figure)]
    return "\n".join(line for line, before in zip(lines, ["x", *lines], strict=False) if line or before) + "\n"


def summary(content: dict[str, Any]) -> list[str]:
    """All models against each other, for all tables and each half."""
    lines = []
    for half, words in HEADINGS.items():
        if half in content["halves"]:
            found = content["halves"][half]
            lines += [f"## {words}", ""]
            for comparison in found["comparisons"]:
                lines += compared(comparison, content)
            lines += won(found["wins"], content["titles"])
            for comparison in found["presets"]:
                if len(comparison["models"]) > 1:
                    lines += ["glassnet's presets among themselves.", "", *compared(comparison, content)]
    return lines


def compared(comparison: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """A line a model, the best rank first."""
    models, names = comparison["models"], comparison["tables"]
    if not names:
        return ["No table has figures of all models.", ""]
    numbers = sum(content["tables"][name]["task"] == "regression" for name in names)
    rows = [
        [
            content["titles"][model],
            f"{found['rank']:.2f}",
            number(found["log_loss_rank"], 2),
            number(found["error"], 3),
            number(found["class_error"], 3),
            number(found["log_loss"], 3),
            number(found["rmse"], 3),
            percent(found["roc_auc"], 2),
            percent(found["calibration_error"], 2),
            ratio(found["fit_seconds"]),
            f"{found['predicted_rows']:,.0f}",
        ]
        for model, found in sorted(models.items(), key=lambda pair: pair[1]["rank"])
    ]
    head = [
        *("model", "rank", "rank by log-loss", "error", "1 - accuracy", "log-loss", "RMSE", "AUC, %"),
        *("calibration error, %", "fit seconds in all", "rows a second"),
    ]
    about = f"{len(names)} tables that all of these have: {len(names) - numbers} of classes, {numbers} of numbers."
    return [about, "", *table(head, rows)]


def won(wins: dict[str, Any], titles: dict[str, str]) -> list[str]:
    """A line for each other model: how glassnet's default fares against it."""
    if not wins:
        return []
    rows = [
        [
            titles[other],
            *verdict(found["error"], found["error_ratio"]),
            *verdict(found["log_loss"], found["log_loss_ratio"]),
            number(found["fit_seconds_ratio"], 2),
        ]
        for other, found in wins.items()
    ]
    counts = ("won/equal/lost", "ratio")
    head = ["against", "error: wins", *counts, "log-loss: wins", *counts, "fit time"]
    return ["glassnet's default against each other model; an equal result is half a win.", "", *table(head, rows)]


def verdict(counts: Sequence[int], mean: float | None) -> list[str]:
    """The share of wins, the counts, and the mean of the ratios."""
    if not sum(counts):
        return ["-", "-", "-"]
    return [f"{(counts[0] + counts[1] / 2) / sum(counts):.0%}", "/".join(map(str, counts)), number(mean, 3)]


def by_table(content: dict[str, Any], task: str, figure: str) -> list[str]:
    """A line a table, a column a model."""
    models = list(content["titles"])
    best = max if figure in ("roc_auc", "r2") else min
    rows = []
    for name, about in content["tables"].items():
        if task != "all" and (about["task"] == "regression") != (task == "regression"):
            continue
        values = {model: found[figure] for model, found in about["models"].items() if figure in found}
        winner = best(values.values())
        cells = [
            "-" if model not in values else f"**{shown(values[model], figure)}**" if values[model] == winner
            else shown(values[model], figure)
            for model in models
        ]  # fmt: skip
        rows.append([f"{name.replace('_', ' ')} ({about['half']})", *cells])
    return table(["table", *content["titles"].values()], rows) if rows else ["None of these tables.", ""]


def shown(value: float, figure: str) -> str:
    """Three or four digits, or per cent."""
    if figure in ("error", "roc_auc", "calibration_error"):
        return f"{100 * value:.2f}"
    if figure in ("log_loss", "r2"):
        return f"{value:.4f}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}" if figure == "rmse" else ratio(value)


def number(value: float | None, digits: int) -> str:
    """A dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def percent(value: float | None, digits: int) -> str:
    """The same for a share of 1."""
    return number(None if value is None else 100 * value, digits)
