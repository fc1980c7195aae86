"""A network as circles and lines: every weight by its width and its sign by its colour."""

from __future__ import annotations

import re
from typing import Any, Unpack

import numpy as np

from glassnet.estimators.base import NeuralEstimator
from glassnet.insight.diagram import Column, Diagram, diagram_of
from glassnet.insight.html import estimator_html, network_html
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.insight.plots.subject import network_of
from glassnet.insight.theme import Axes, Look, picture
from glassnet.language import Text
from glassnet.markup import Markup
from glassnet.network import NeuralNetwork
from glassnet.option_names import suggests_options
from glassnet.tables.summary import shortened

TITLE = Text("Network with {count:,} parameters", "网络，共 {count:,} 个参数")
POSITIVE = Text("positive weight", "正权重")
NEGATIVE = Text("negative weight", "负权重")
SKIP = Text("+ x", "+ x")

THINNEST, THICKEST = 0.15, 3.0
"""Points of a line whose weight is 0, and of the largest weight of its layer."""
LEAST = 10
"""Letters of a name that is never broken into two lines."""
FEWEST, MOST = 3, 24
"""Letters of a name beside a unit; how many there may be follows from the room."""
LETTER = 0.62
"""The width of a letter, as a share of its size."""
SIDE = 0.3
"""Of the width, so much at most is for names on either side."""


@picture()
def network_diagram(model: Any, **look: Unpack[Look]) -> Axes:
    """A network from its inputs to its outputs.

    A line is as thick as its weight is large, compared with the largest of its layer. Of wide layers the first and last
    units are drawn, with dots between; how many there are stands below. Layers that leave the units where they are,
    such as dropout, stand upright behind them; a dashed line is the way around a residual block; an arrow stands for a
    layer without a weight for each pair.

    Parameters
    ----------
    model : NeuralNetwork or fitted estimator
        Of an estimator with several members the first.
    **look

    Raises
    ------
    InputTypeError, NotFittedError
        If the model has no network.
    """
    network = network_of(model)
    diagram = diagram_of(network)
    top = max(max(column.heights) for column in diagram.columns)
    with canvas(room=(1.05 * len(diagram.columns), 0.28 * (2 * top + 1) + 1), **look) as drawing:
        inputs, outputs = _names(model, network)
        gaps = len(diagram.columns) - 1
        wide = drawing.inches()[0]
        sides = [min(SIDE * wide, _needed(drawing, names)) for names in (inputs, outputs)]  # inches
        step = (wide - sum(sides)) / (gaps + 0.3 * bool(diagram.columns[-1].notes))  # from one column to the next
        beside = [side / step for side in sides]
        beside[1] += 0.3 * bool(diagram.columns[-1].notes)
        titles = [_title(drawing, column, step) for column in diagram.columns]
        for number, (column, title) in enumerate(zip(diagram.columns, titles, strict=True)):
            _units(drawing, number, column, title, top)
        _lines(drawing, diagram)
        two_lines = 0.8 * any("\n" in title for title in titles)
        _ways_around(drawing, diagram, top + two_lines)
        _write(drawing, diagram.columns[0], 0, inputs, "right", sides[0])
        _write(drawing, diagram.columns[-1], gaps, outputs, "left", sides[1])
        drawing.label(TITLE, count=sum(network.sizes))
        drawing.bare()
        drawing.ax.set(
            xlim=(-beside[0], gaps + beside[1]),
            ylim=(-top - 1.5, top + 1.1 + 1.2 * bool(diagram.blocks) + two_lines),
        )
        _explain(drawing)
        return drawing.ax


@suggests_options
def summary(model: Any, *, language: str | None = None) -> Markup:
    """The HTML summary of a network or fitted estimator that notebooks display, in a language of your choice.

    Parameters
    ----------
    model : NeuralNetwork or fitted estimator
    language : {"en", "zh"}, optional

    Returns
    -------
    str
        HTML that holds all it needs: the diagram, the layers; of an estimator its best and its last epoch, too. A
        notebook shows it if it is the last line of a cell; matplotlib is not needed.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model has no network, or the language is unknown.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> "4 个输入，3 个输出" in summary(NeuralNetwork(4, ["tanh:16", 3]), language="zh")
    True
    """
    network = network_of(model)
    return network_html(network, language) if network is model else estimator_html(model, language)


def _needed(drawing: Canvas, names: list[str]) -> float:
    """Inches that names take beside their units, with the half of a unit that is beside the column anyway."""
    return (min(MOST, max(map(len, names))) * LETTER * (drawing.size - 1) + 1.5 * drawing.size) / 72


def letters(size: float, inches: float) -> int:
    """How many letters of this size, in points, there is room for."""
    return int(inches * 72 / (LETTER * size))


def _title(drawing: Canvas, column: Column, step: float) -> str:
    """What makes the units, on two lines where it is long, and not wider than a column."""
    longest = max(FEWEST, letters(drawing.size - 1, step))
    return "\n".join(shortened(line, longest) for line in broken(column.title).split("\n"))


def _units(drawing: Canvas, number: int, column: Column, title: str, top: float) -> None:
    ax, theme, size = drawing.ax, drawing.theme, drawing.size
    heights = column.heights
    ax.scatter(
        *([number] * len(heights), heights),
        s=size * 8,
        color=theme.quiet,
        edgecolors=theme.ink,
        linewidths=0.8,
        zorder=3,
    )
    if column.gap is not None:
        ax.text(number, column.gap, "⋮", ha="center", va="center", fontsize=size + 5, zorder=4)
    ax.text(number, -top - 0.65, f"{column.units:,}", ha="center", va="top", fontsize=size - 1, color=theme.quiet)
    if title:
        ax.text(number, top + 0.6, plain(title), ha="center", va="bottom", fontsize=size - 1)
    if column.notes:
        box = {"boxstyle": "round,pad=0.25", "facecolor": theme.paper, "edgecolor": theme.quiet, "linewidth": 0.7}
        notes = plain("\n".join(column.notes))
        drawing.beside(notes, (number, 0), (size * 0.95, 0), 2, rotation=90, zorder=5, bbox=box)


def broken(name: str) -> str:
    """A long name such as PeriodicEmbedding on two lines."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])| ", "\n", name, count=1) if len(name) > LEAST else name


def _lines(drawing: Canvas, diagram: Diagram) -> None:
    from matplotlib.collections import LineCollection

    theme = drawing.theme
    for links in diagram.links:
        if links.weights is None:
            drawing.ax.annotate(
                "",
                *((links.target - 0.12, 0),),
                xytext=(links.source + 0.12, 0),
                arrowprops={"arrowstyle": "-|>", "color": theme.quiet, "linewidth": 1.4},
            )
            continue
        before, after = diagram.columns[links.source].heights, diagram.columns[links.target].heights
        lines = list(links)
        ends = [((links.source, before[i]), (links.target, after[j])) for i, j, _ in lines]
        shares = np.array([share for _, _, share in lines])
        drawing.ax.add_collection(
            LineCollection(
                ends,
                linewidths=THINNEST + (THICKEST - THINNEST) * np.abs(shares),
                colors=[theme.positive if share >= 0 else theme.negative for share in shares],
                alpha=0.75,
                zorder=2,
            )
        )


def _ways_around(drawing: Canvas, diagram: Diagram, top: float) -> None:
    """The input of a residual block goes past it, and is added to what the block gives."""
    for block in diagram.blocks:
        (left, right), y = (block.first, block.last), top + 1.6
        drawing.ax.plot(
            [left, left, right, right],
            [y - 0.35, y, y, y - 0.35],
            color=drawing.theme.ink,
            linestyle=(0, (3, 2)),
            linewidth=1,
        )
        middle = (left + right) / 2
        drawing.ax.text(middle, y + 0.08, drawing.say(SKIP), ha="center", va="bottom", fontsize=drawing.size - 1)


def _names(model: Any, network: NeuralNetwork) -> tuple[list[str], list[str]]:
    """Of inputs and outputs: those of an estimator's table and classes, else x1, x2, ..."""
    inputs = [f"x{number}" for number in range(1, network.inputs + 1)]
    outputs = [""] * network.layout.widths[-1]
    if isinstance(model, NeuralEstimator):
        if len(model.encoder_.feature_names_out) == network.inputs and model.encoder_.plan.named:
            inputs = model.encoder_.feature_names_out
        classes = getattr(model, "classes_", None)
        if isinstance(classes, np.ndarray):
            if len(classes) == len(outputs):
                outputs = [str(name) for name in classes]
            elif len(outputs) == 1:
                outputs = [str(classes[-1])]
    return inputs, outputs


def _write(drawing: Canvas, column: Column, number: int, names: list[str], side: str, room: float) -> None:
    """Names beside the units, to the left of the first or to the right of the last, as long as there is room for."""
    away = drawing.size * (-0.9 if side == "right" else 0.9)
    shift = 0.3 * bool(column.notes) * (side == "left")
    smaller = 1 + any(len(name) > LEAST for name in names)
    longest = min(MOST, max(FEWEST, letters(drawing.size - smaller, room - abs(away) / 72)))
    for unit, height in zip(column.shown, column.heights, strict=True):
        drawing.beside(plain(shortened(names[unit], longest)), (number + shift, height), (away, 0), smaller)


def _explain(drawing: Canvas) -> None:
    for color, text in ((drawing.theme.positive, POSITIVE), (drawing.theme.negative, NEGATIVE)):
        drawing.ax.plot([], [], color=color, linewidth=2, label=drawing.say(text))
    drawing.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=2)
