"""A chart on matplotlib axes, for whoever goes on with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from glassnet.display.chart import Axis, Band, Bars, Chart, Columns, Dots, Mark, Rule
from glassnet.display.scale import unit
from glassnet.display.theme import Axes, Look
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.support.language import Language, check_language

WIDEST = 0.45
"""Inches of a bar: where there are few, they need not fill the picture."""
WEIGHTS = {"usual": 1.8, "thin": 0.7, "thick": 2.5}


def draw(chart: Callable[[Language], Chart | Bars], **look: Unpack[Look]) -> Axes:
    """Draw what `chart` gives for a language, or for English where no font has the letters."""
    spoken = check_language(look.get("language"))
    wanted = chart(spoken)
    room = (0.0, 1.1 + 0.3 * len(wanted.each)) if isinstance(wanted, Bars) else (0.0, 0.0)
    with canvas(room=room, **look) as drawing:
        shown = wanted if drawing.language == spoken else chart(drawing.language)
        if isinstance(shown, Bars):
            _bars(drawing, shown)
        else:
            _marks(drawing, shown)
        return drawing.ax


def _marks(drawing: Canvas, chart: Chart) -> None:
    across, up = chart.extent()
    x, y = (1.0 if axis.logarithmic(side) else unit(side) for axis, side in ((chart.x, across), (chart.y, up)))
    if (x, y) != (1, 1):  # matplotlib leaves a margin around them, and would end in an overflow
        chart = chart.divided(x, y)
    for mark in chart.marks:
        _mark(drawing, mark)
    drawing.label(chart.title, chart.x.label, chart.y.label)
    _axis(drawing, "x", chart.x, chart.x.logarithmic(across))
    _axis(drawing, "y", chart.y, chart.y.logarithmic(up))
    if any(mark.name for mark in chart.marks):
        drawing.legend()


def _axis(drawing: Canvas, side: str, axis: Axis, logarithmic: bool) -> None:
    if logarithmic:
        drawing.ax.set(**{f"{side}scale": "log"})
    elif axis.whole:
        drawing.whole_numbers(side)
    if axis.limits is not None:
        low, high = axis.limits
        edge = 0.0 if logarithmic else 0.02 * (high - low)  # room for lines at the ends
        drawing.ax.set(**{f"{side}lim": (low - edge, high + edge)})
    if axis.names:
        places, names = zip(*axis.names, strict=True)
        drawing.ax.set(**{f"{side}ticks": places, f"{side}ticklabels": [plain(name) for name in names]})


def _mark(drawing: Canvas, mark: Mark) -> None:
    ax, color = drawing.ax, drawing.theme.of(mark.kind)
    look: dict[str, Any] = {"color": color, "label": plain(mark.name) if mark.name else None}
    if isinstance(mark, Rule):
        (ax.axhline if mark.level else ax.axvline)(mark.at, linewidth=1, linestyle=(0, (2, 3)), zorder=1, **look)
    elif isinstance(mark, Band):
        if mark.x is None:
            ax.axhspan(mark.low, mark.high, alpha=0.2, linewidth=0, zorder=0, **look)
        else:
            ax.fill_between(mark.x, mark.low, mark.high, alpha=0.2, linewidth=0, **look)
    elif isinstance(mark, Columns):
        _columns(drawing, mark, look)
    elif isinstance(mark, Dots):
        if mark.large:
            edge = {"markersize": drawing.size * 0.7, "markeredgecolor": drawing.theme.ink, "markeredgewidth": 0.8}
            ax.plot(mark.x, mark.y, "o", **edge, **look)
        else:
            ax.scatter(mark.x, mark.y, s=drawing.size * 1.4, alpha=0.55, linewidths=0, zorder=3, **look)
    else:
        dots = {"marker": "o", "markersize": drawing.size / 2} if mark.dots else {}
        style = {"linewidth": 1, "linestyle": ":"} if mark.kind == "guide" else {"linewidth": WEIGHTS[mark.weight]}
        ax.plot(mark.x, mark.y, alpha=0.5 if mark.weight == "thin" else None, **style, **dots, **look)


def _columns(drawing: Canvas, mark: Columns, look: dict[str, Any]) -> None:
    ax, theme = drawing.ax, drawing.theme
    edge = {"edgecolor": theme.paper, "linewidth": 0.8, "zorder": 0, "alpha": 0.35 if mark.texts else 1}
    ax.bar(mark.edges[:-1], mark.heights, np.diff(mark.edges), align="edge", **edge, **look)
    smaller = min(2.5, drawing.size - 6)
    middles = (mark.edges[1:] + mark.edges[:-1]) / 2
    for middle, height, text in zip(middles, mark.heights, mark.texts, strict=False):
        if height:
            drawing.beside(text, (middle, height), (0, 1), smaller, color=theme.quiet)


def _bars(drawing: Canvas, chart: Bars) -> None:
    """Bars one below the other, the first on top, with their names at the left."""
    ax, theme, each = drawing.ax, drawing.theme, chart.each
    width, height = drawing.inches()
    values, colors = [bar.value for bar in each], [theme.of(bar.kind) for bar in each]
    ax.barh(range(len(each)), values, height=min(0.75, WIDEST * len(each) / height), color=colors)
    for number, bar in enumerate(each):
        if bar.low is not None and bar.high is not None:
            ax.hlines(number, bar.low, bar.high, color=theme.ink, linewidth=1.2, zorder=3)
    for number, bar in enumerate(each):
        ends = [end for end in (bar.value, bar.low, bar.high) if end is not None]
        end = min(ends) if bar.value < 0 else max(ends)
        drawing.beside(plain(bar.text), (end, number), (4 if end >= 0 else -4, 0), 1)
    ax.margins(x=1.2 * max(len(bar.text) for bar in each) * drawing.size / 72 / width)  # where the letters go
    ax.set_yticks(range(len(each)), [plain(bar.name) for bar in each])
    ax.set_ylim(len(each) - 0.4, -0.6)
    ax.axvline(0, color=theme.ink, linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)
    drawing.label(chart.title, chart.axis)
