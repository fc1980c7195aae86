"""Bars to the left and to the right of nothing, a column of a table each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.insight.plots.style import Canvas, plain
from glassnet.layers.base import Array

__all__ = ["draw_bars"]

WIDEST = 0.45
"""Inches of a bar: where there are few, they need not fill the picture."""


def draw_bars(
    drawing: Canvas, names: Sequence[str], values: Array, colors: Sequence[str], ends: Sequence[str] = ()
) -> Array:
    """Draw bars one below the other, the first on top, with their names at the left.

    Parameters
    ----------
    drawing : Canvas
    names : sequence of str
    values : array of shape (bars,)
    colors : sequence of str
    ends : sequence of str
        What is written where a bar ends; empty: nothing.

    Returns
    -------
    array of shape (bars,)
        Where the bars are along the vertical axis.
    """
    ax, theme = drawing.ax, drawing.theme
    places = np.arange(len(names))
    width, height = drawing.inches()
    bars = ax.barh(places, values, height=min(0.75, WIDEST * len(names) / height), color=colors)
    if ends:
        ax.bar_label(bars, ends, padding=3, fontsize=drawing.size - 1)
        ax.margins(x=1.2 * max(map(len, ends)) * drawing.size / 72 / width)  # where the letters go
    ax.set_yticks(places, [plain(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.axvline(0, color=theme.ink, linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)
    return places
