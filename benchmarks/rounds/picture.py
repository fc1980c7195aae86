"""The picture: losses and steps by the number of local steps, a column for each table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from benchmarks.accuracy.pictures import plain, save
from benchmarks.rounds.figures import NEAR, Record
from benchmarks.rounds.tasks import DEALT, SORTED
from benchmarks.rounds.trial import AVERAGE, MOMENTUM, TOGETHER

__all__ = ["draw"]

# Of the colours of Okabe and Ito; markers say the same again.
SHARDS = {2: ("#0072B2", "o"), 4: ("#E69F00", "s"), 8: ("#D55E00", "^")}
LINES = {AVERAGE: "-", MOMENTUM: "--"}
EXACT = 0.45
"""Where exact steps stand on the axis, left of one local step."""


def draw(records: Sequence[Record], path: Path) -> None:
    """All of it."""
    tables = list(dict.fromkeys(one["table"] for one in records))
    figure, grid = plt.subplots(
        3, len(tables), figsize=(3.6 * len(tables) + 0.8, 9), sharex=True, squeeze=False, layout="constrained"
    )
    for axes, name in zip(grid[0], tables, strict=True):
        axes.set_title(name)
    rows = (
        (DEALT, "ratio", f"loss / one machine's\nrows {DEALT}"),
        (SORTED, "ratio", f"loss / one machine's\nrows {SORTED}"),
        (DEALT, "share_of_steps", "steps until the target\n/ one machine's"),
    )
    for line, (dealing, figure_of, words) in zip(grid, rows, strict=True):
        for axes, name in zip(line, tables, strict=True):
            _panel(axes, [one for one in records if (one["table"], one["dealing"]) == (name, dealing)], figure_of)
        line[0].set_ylabel(words)
    ticks = sorted({one["local_steps"] for one in records if one["method"] != TOGETHER})
    for axes in grid[-1]:
        axes.set_xlabel("local steps of a round")
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator([EXACT, *ticks]))
        axes.set_xticklabels(["exact", *map(str, ticks)])
        axes.xaxis.set_minor_locator(NullLocator())
    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="none", label=f"{count} shards")
        for count, (color, marker) in SHARDS.items()
    ]
    handles += [Line2D([], [], color="0.3", linestyle=style, label=method) for method, style in LINES.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
    save(figure, path)


def _panel(axes: Axes, records: Sequence[Record], figure_of: str) -> None:
    """One table; a line for each number of shards and each way of a round, bars as wide as the seeds differ."""
    for count, (color, marker) in SHARDS.items():
        for method, style in LINES.items():
            line = [one for one in records if one["shards"] == count and one["method"] == method]
            found = [(one["local_steps"], one.get(figure_of)) for one in line]
            axes.plot(
                [steps for steps, _ in found],
                [float("nan") if value is None else value for _, value in found],
                color=color,
                marker=marker,
                markersize=5,
                linestyle=style,
            )
            if figure_of == "ratio":
                for one in line:
                    half = one["deviation"] * one["ratio"] / one["loss"]
                    axes.vlines(one["local_steps"], one["ratio"] - half, one["ratio"] + half, color=color, alpha=0.5)
        for one in records:
            if one["shards"] == count and one["method"] == TOGETHER and one.get(figure_of) is not None:
                axes.plot(EXACT, one[figure_of], color=color, marker=marker, markersize=5)
    axes.axhline(1, color="black", linewidth=1)
    if figure_of == "ratio":
        axes.axhline(NEAR, color="0.5", linewidth=0.8, linestyle=":")
    else:
        axes.set_ylim(bottom=0)
    plain(axes, "y")
