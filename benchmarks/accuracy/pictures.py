"""The three pictures: errors table by table, error against time, and mean ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator
from matplotlib.transforms import Bbox

from benchmarks.accuracy.comparison import geometric_mean, joined
from benchmarks.accuracy.contenders import BASELINE, OURS

__all__ = ["draw_all"]

# Of the colours of Okabe and Ito, which colour-blind people tell apart, one for each family; every model has its name
# beside it as well.
FAMILIES = {
    "glassnet": "#D55E00",
    "other networks": "#0072B2",
    "boosted trees": "#009E73",
    "networks and trees": "#CC79A7",
    "linear": "#666666",
}
NETWORKS = ("realmlp", "tabm", "tabm-pwl", BASELINE)


WORDS = "error as a multiple of that of scikit-learn's MLP"


def family_of(model: str) -> str:
    """The key in FAMILIES."""
    if model.startswith(OURS):
        return "glassnet"
    others = dict.fromkeys(NETWORKS, "other networks") | {"autogluon": "networks and trees", "linear": "linear"}
    return others.get(model, "boosted trees")


def color_of(model: str) -> str:
    """Of the model's family."""
    return FAMILIES[family_of(model)]


def draw_all(content: dict[str, Any], folder: Path) -> None:
    """Those of which there are figures."""
    half = content["halves"].get("all", {})
    if not half.get("comparisons") or not half["comparisons"][0]["tables"]:
        return
    if BASELINE in half["comparisons"][0]["models"]:
        found = shown_models(content)
        draw_errors(content, found, folder / "accuracy_error.png")
        draw_times(content, found, folder / "accuracy_time.png")
    if "critical_difference" in half:
        draw_ranks(content, folder / "accuracy_ranks.png")


def shown_models(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The models that have nearly all tables, and the presets that differ from glassnet's default.

    Each with the ratios of its errors to the baseline's, their geometric mean, and the seconds of all fits.
    """
    main = content["halves"]["all"]["comparisons"][0]
    tables = [content["tables"][name] for name in main["tables"]]
    found: dict[str, dict[str, Any]] = {}
    for model in content["titles"]:
        preset = model not in main["models"] and model.startswith(OURS)
        if (model in main["models"] or preset) and all(model in about["models"] for about in tables):
            ratios = [about["error_ratios"][model] for about in tables]
            if not preset or OURS not in found or ratios != found[OURS]["ratios"]:
                seconds = sum(about["models"][model]["fit_seconds"] for about in tables)
                found[model] = {"ratios": ratios, "mean": geometric_mean(ratios), "seconds": seconds}
    return found


def draw_errors(content: dict[str, Any], found: dict[str, dict[str, Any]], path: Path) -> None:
    """A box for each model, over the tables, of its error as a multiple of the baseline's; the best mean on top."""
    models = sorted(set(found) - {BASELINE}, key=lambda model: found[model]["mean"])
    figure, axes = plt.subplots(figsize=(9, 0.5 * len(models) + 1.7), layout="constrained")
    rng = np.random.default_rng(0)
    for place, model in enumerate(models):
        color, values, mean = color_of(model), found[model]["ratios"], found[model]["mean"]
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
        axes.scatter(mean, place, marker="D", s=34, color=color, edgecolors="white", zorder=4)
        beside(axes, place, f"{mean:.3f}")
    beside(axes, -0.75, "mean")
    axes.axvline(1, color="black", linewidth=1.2)
    axes.set_xscale("log")
    ticks(axes, [ratio for model in models for ratio in found[model]["ratios"]])
    axes.set_yticks(range(len(models)), [content["titles"][model] for model in models])
    axes.set_ylim(len(models) - 0.4, -0.6)
    axes.set_xlabel(f"{WORDS} (left of the line: better); diamonds: geometric means")
    plain(axes, "x")
    name_families(figure, models)
    save(figure, path)


def draw_times(content: dict[str, Any], found: dict[str, dict[str, Any]], path: Path) -> None:
    """Each model a point with its name: seconds of all fits, and the mean ratio of its error to the baseline's."""
    figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
    seconds, means = ([figures[name] for figures in found.values()] for name in ("seconds", "mean"))
    colors = [color_of(model) for model in found]
    axes.scatter(seconds, means, s=48, color=colors, zorder=3)
    axes.set_xscale("log")
    axes.margins(x=0.14, y=0.1)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    count = len(content["halves"]["all"]["comparisons"][0]["tables"])
    axes.set_xlabel(f"seconds of all fits together, one of each of {count} tables (mean over seeds)")
    axes.set_ylabel(f"{WORDS}, geometric mean")
    plain(axes, "both")
    name_families(figure, list(found))
    write_names(axes, [content["titles"][model] for model in found], seconds, means, colors)
    save(figure, path)


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
    save(figure, path)


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


def name_families(figure: Figure, models: Sequence[str]) -> None:
    """What the colours mean, above the picture."""
    present = {family_of(model) for model in models}
    patches = [Patch(color=color, label=family) for family, color in FAMILIES.items() if family in present]
    figure.legend(handles=patches, loc="outside upper center", ncols=len(patches), frameon=False)


def beside(axes: Axes, place: float, words: str) -> None:
    """Words at the right end of a row."""
    axes.annotate(
        words,
        (1, place),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        annotation_clip=False,
    )


def ticks(axes: Axes, values: Sequence[float]) -> None:
    """Round numbers along a logarithmic axis that spans less than two decades."""
    steps = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100]
    low, high = min(values) / 1.1, max(values) * 1.1
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")


def save(figure: Figure, path: Path) -> None:
    """With a margin on all sides."""
    figure.savefig(path, dpi=150, bbox_inches="tight", pad_inches=0.15)
    plt.close(figure)


def plain(axes: Axes, grid: str) -> None:
    """A light grid behind what is drawn, and no box around it."""
    axes.grid(axis=grid, color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
