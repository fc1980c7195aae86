"""The two pictures: our time as a share of the others', and how times grow with the sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator

from benchmarks.speed.best import OURS, best_of_each
from benchmarks.speed.settings import PEERS

__all__ = ["draw_overview", "draw_scaling"]

# The colours of Okabe and Ito, which colour-blind people tell apart; markers and hatches say the same again.
LOOKS = {
    "glassnet": ("#000000", "o", ""),
    "PyTorch": ("#D55E00", "s", ""),
    "PyTorch compiled": ("#E69F00", "v", "///"),
    "JAX": ("#0072B2", "^", ""),
    "Keras": ("#56B4E9", "D", "\\\\\\"),
    "scikit-learn": ("#009E73", "P", "..."),
}


def draw_overview(steps: dict[str, Any], path: Path) -> None:
    """Bars: a library's time of a step as a multiple of ours, case by case; a line where both are equal."""
    cases = [name for name, record in steps.items() if record.get("ratios")]
    figure, axes = plt.subplots(figsize=(10, 0.62 * len(cases) + 1.6), layout="constrained")
    height = 0.84 / len(PEERS)
    for number, name in enumerate(PEERS):
        color, _, hatch = LOOKS[name]
        own = [
            (place, 1 / steps[case]["ratios"][name])
            for place, case in enumerate(cases)
            if name in steps[case]["ratios"]
        ]
        places = [place + (number - (len(PEERS) - 1) / 2) * height for place, _ in own]
        values = [value for _, value in own]
        bars = axes.barh(
            places, [v - 1 for v in values], height, left=1, color=color, hatch=hatch, edgecolor="white", label=name
        )
        for bar, value in zip(bars, values, strict=True):
            axes.annotate(
                f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 2 else f"{value:.2g}",
                (value, bar.get_y() + height / 2),
                xytext=(3 if value >= 1 else -3, 0),
                textcoords="offset points",
                ha="left" if value >= 1 else "right",
                va="center",
                fontsize=6.5,
            )
    axes.axvline(1, color="black", linewidth=1.2)
    axes.set_xscale("log")
    axes.margins(x=0.08, y=0.01)
    axes.set_yticks(range(len(cases)), cases)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("time of a training step as a multiple of glassnet's (right of the line: glassnet is faster)")
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(PEERS), frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_scaling(scaling: dict[str, Any], path: Path) -> None:
    """Four panels, both axes logarithmic."""
    figure, panels = plt.subplots(2, 2, figsize=(10, 7.5), layout="constrained")
    lines: dict[str, Any] = {}
    for axes, (axis, points) in zip(panels.flat, scaling.items(), strict=False):
        series: dict[str, list[tuple[int, float]]] = {}
        for point in points:
            if OURS in point["times"]:
                series.setdefault("glassnet", []).append((point["value"], point["times"][OURS]["median"]))
            for name, value in best_of_each(point["times"]).items():
                series.setdefault(name, []).append((point["value"], value))
        for name, found in series.items():
            color, marker, _ = LOOKS[name]
            line = axes.plot(
                [value for value, _ in found],
                [time * 1e6 for _, time in found],
                color=color,
                marker=marker,
                markersize=5,
                linewidth=2 if name == "glassnet" else 1.4,
                label=name,
            )
            lines.setdefault(name, line[0])
        axes.set_xscale("log", base=10 if "table" in axis else 2)
        axes.set_yscale("log")
        axes.set_xticks([point["value"] for point in points], [f"{point['value']:,}" for point in points])
        low, high = axes.get_ylim()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
        axes.minorticks_off()
        axes.set_xlabel(axis)
        axes.set_ylabel("microseconds a step")
        axes.yaxis.set_major_formatter("{x:,g}")
        axes.grid(which="major", color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(lines.values(), lines.keys(), loc="outside upper center", ncols=len(lines), frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
