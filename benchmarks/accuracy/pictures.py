"""The three pictures: errors table by table, error against time, and mean ranks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator
from matplotlib.transforms import Bbox

from benchmarks.accuracy.comparison import geometric_mean, joined
from benchmarks.accuracy.contenders import BASELINE, OURS

__all__ = ["draw_all"]

# Of the colours of Okabe and Ito, which colour-blind people tell apart, one for each family; every model has its name
# beside it as well.
FAMILIES = {
    "glassnet": "#D55E00",
    "networks": "#0072B2",
    "trees": "#009E73",
    "linear": "#666666",
}
NETWORKS = ("realmlp", "tabm", BASELINE)


def color_of(model: str) -> str:
    """Of the model's family."""
    if model.startswith(OURS):
        return FAMILIES["glassnet"]
    return FAMILIES["networks" if model in NETWORKS else "linear" if model == "linear" else "trees"]


def draw_all(content: dict[str, Any], folder: Path) -> None:
    """All of which there are figures, for the models that have nearly all tables."""
    half = content["halves"].get("all")
    if half is None or not half["comparisons"][0]["tables"]:
        return
    if BASELINE in half["comparisons"][0]["models"]:
        draw_errors(content, folder / "accuracy_error.png")
        draw_times(content, folder / "accuracy_time.png")
    if "critical_difference" in half:
        draw_ranks(content, folder / "accuracy_ranks.png")


def draw_errors(content: dict[str, Any], path: Path) -> None:
    """A box for each model, over the tables, of its error as a multiple of the baseline's; the best mean on top."""
    comparison = content["halves"]["all"]["comparisons"][0]
    models = [model for model in comparison["models"] if model != BASELINE]
    ratios = {
        model: [content["tables"][name]["error_ratios"][model] for name in comparison["tables"]] for model in models
    }
    means = {model: geometric_mean(ratios[model]) for model in models}
    models.sort(key=lambda model: means[model])
    figure, axes = plt.subplots(figsize=(9, 0.5 * len(models) + 1.5), layout="constrained")
    rng = np.random.default_rng(0)
    for place, model in enumerate(models):
        color, values = color_of(model), ratios[model]
        axes.boxplot(
            [values],
            positions=[place],
            orientation="horizontal",
            widths=0.62,
            whis=(5, 95),
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": color, "alpha": 0.25, "edgecolor": color},
            medianprops={"color": color, "linewidth": 1.8},
            whiskerprops={"color": color},
            capprops={"color": color},
        )
        spread = place + rng.uniform(-0.2, 0.2, len(values))
        axes.scatter(values, spread, s=9, color=color, alpha=0.75, linewidths=0, zorder=3)
        axes.scatter(means[model], place, marker="D", s=34, color=color, edgecolors="white", zorder=4)
        axes.annotate(
            f"{means[model]:.3f}",
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.axvline(1, color="black", linewidth=1.2)
    axes.set_xscale("log")
    ticks(axes, list(itertools.chain.from_iterable(ratios.values())))
    axes.set_yticks(range(len(models)), [content["titles"][model] for model in models])
    axes.invert_yaxis()
    axes.set_xlabel(
        f"error as a multiple of that of {content['titles'][BASELINE]} (left of the line: better); "
        "diamonds and figures: geometric means"
    )
    plain(axes, "x")
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_times(content: dict[str, Any], path: Path) -> None:
    """Each model a point with its name: seconds of all fits, and the mean ratio of its error to the baseline's."""
    models = content["halves"]["all"]["comparisons"][0]["models"]
    figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
    seconds = [found["fit_seconds"] for found in models.values()]
    errors = [found["error"] for found in models.values()]
    axes.scatter(seconds, errors, s=48, color=[color_of(model) for model in models], zorder=3)
    axes.set_xscale("log")
    axes.margins(x=0.14, y=0.1)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    count = len(content["halves"]["all"]["comparisons"][0]["tables"])
    axes.set_xlabel(f"seconds of all fits together, one of each of {count} tables (mean over seeds)")
    axes.set_ylabel(f"error as a multiple of that of {content['titles'][BASELINE]}")
    plain(axes, "both")
    write_names(axes, [content["titles"][model] for model in models], seconds, errors, list(map(color_of, models)))
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_ranks(content: dict[str, Any], path: Path) -> None:
    """The axis of mean ranks with the models' names on either side; a bar joins those that cannot be told apart."""
    half = content["halves"]["all"]
    models, reach = half["comparisons"][0]["models"], half["critical_difference"]
    order = sorted(models, key=lambda model: models[model]["rank"])
    rank = [models[model]["rank"] for model in order]
    groups = joined(rank, reach)
    bars, step = 0.3 * len(groups), 0.45
    deepest = bars + 0.5 + step * ((len(order) + 1) // 2)
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.62 * deepest), layout="constrained")
    low, high = 1, len(order)
    axes.hlines(0, low, high, color="black", linewidth=1.2)
    for place in range(low, high + 1):
        axes.vlines(place, -0.1, 0, color="black", linewidth=1)
        axes.text(place, -0.18, str(place), ha="center", va="bottom", fontsize=9)
    for number, (first, last) in enumerate(groups):
        depth = 0.3 * (number + 1)
        axes.hlines(depth, rank[first] - 0.04, rank[last] + 0.04, color="black", linewidth=3.5, capstyle="round")
    middle = (len(order) + 1) // 2
    margin = 0.25
    for number, model in enumerate(order):
        left = number < middle
        row = number if left else len(order) - 1 - number
        depth = bars + 0.55 + step * row
        end = low - margin if left else high + margin
        axes.plot([rank[number], rank[number], end], [0, depth, depth], color=color_of(model), linewidth=1.2, zorder=0)
        words = [content["titles"][model], f"{rank[number]:.2f}"]
        axes.text(
            end + (-0.08 if left else 0.08),
            depth,
            "  ".join(words if left else reversed(words)),
            ha="right" if left else "left",
            va="center",
            color=color_of(model),
        )
    axes.hlines(-0.85, low, low + reach, color="black", linewidth=1.2)
    axes.vlines([low, low + reach], -0.95, -0.75, color="black", linewidth=1.2)
    tables = len(half["comparisons"][0]["tables"])
    axes.text(low + reach + 0.1, -0.85, f"critical difference {reach:.2f} (Nemenyi, 5 %), {tables} tables", va="center")
    axes.set_ylim(deepest, -1.1)
    axes.set_axis_off()
    figure.savefig(path, dpi=150, bbox_inches="tight", pad_inches=0.15)
    plt.close(figure)


PLACES = (
    ((9, 0), "left", "center"),
    ((-9, 0), "right", "center"),
    ((0, 9), "center", "bottom"),
    ((0, -9), "center", "top"),
    *(((8, height), "left", "center") for height in (11, -11, 22, -22)),
    *(((-8, height), "right", "center") for height in (11, -11, 22, -22)),
)
"""Where a name may stand: points to the right of its point and above it, and which side and height of it is there."""


def write_names(
    axes: Axes, names: Sequence[str], x: Sequence[float], y: Sequence[float], colors: Sequence[str]
) -> None:
    """Each name beside its point, where it covers neither another name nor a point."""
    axes.figure.canvas.draw()
    renderer = axes.figure.canvas.get_renderer()
    points = axes.transData.transform(np.column_stack([x, y]))
    frame = axes.get_window_extent(renderer)
    taken: list[Bbox] = []

    def fits(box: Bbox) -> bool:
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        return inside and not any(map(box.overlaps, taken)) and not any(box.padded(5).contains(*p) for p in points)

    for name, *point, color in zip(names, x, y, colors, strict=True):
        label = axes.annotate(name, point, (0, 0), textcoords="offset points", fontsize=10, color=color)
        for offset, side, height in PLACES:
            label.set(position=offset, ha=side, va=height)
            if fits(label.get_window_extent(renderer)):
                break
        taken.append(label.get_window_extent(renderer))


def ticks(axes: Axes, values: Sequence[float]) -> None:
    """Round numbers along a logarithmic axis that spans less than two decades."""
    steps = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100]
    low, high = min(values) / 1.1, max(values) * 1.1
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")


def plain(axes: Axes, grid: str) -> None:
    """A light grid behind what is drawn, and no box around it."""
    axes.grid(axis=grid, color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
