"""The trace of a step as a graph: every number of a small network where it comes into being."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.insight.plots.style import Canvas, canvas
from glassnet.insight.theme import Axes, Look, picture
from glassnet.language import Text, minus
from glassnet.layers.base import Array
from glassnet.touching import place
from glassnet.trace import Trace

TITLE = Text("One step, row {row} of {rows}", "一步训练，第 {row} 行，共 {rows} 行")
TITLE_ONE = Text("One step on one row", "一行数据上的一步训练")
FORWARD = Text("forward: activation, weight", "前向：激活值、权重")
BACKWARD = Text("backward: gradient of the loss", "反向：损失的梯度")
SHORT_FORWARD, SHORT_BACKWARD = Text("forward", "前向"), Text("backward", "反向")
LOSS = Text("loss", "损失")
TARGET = Text("target {value}", "目标 {value}")

WORDY = 3.0
"""Inches of the axes from which on the legend says what is forward and what is back."""

MOST_UNITS, MOST_LAYERS = 4, 4
"""So large may a network be whose numbers have all room."""
COLUMN, ROW = 1.9, 1.35
"""Inches from one column to the next, and from one unit to the next."""


@picture()
def trace_graph(trace: Trace, row: int = 0, **look: Unpack[Look]) -> Axes:
    """The numbers of one training step in a drawing of the network.

    A circle holds the activation, with z above and the gradient d_z below; on a line stand the weight and, below it,
    its gradient d_W, which is that of all rows together. Axes that are too small for all of them have fewer: first the
    numbers on the lines and the biases go, then z.

    Parameters
    ----------
    trace : Trace
        Of a network of at most four layers with at most four units each, dense ones or such that keep each number in
        its place.
    row : int
        Which row of the batch, from 0.
    **look

    Raises
    ------
    InputError, InputTypeError
        If the network is too large or of other layers, or there is no such row.
    """
    if not isinstance(trace, Trace):
        raise InputTypeError("The graph needs a Trace", type(trace).__name__, "network.trace(X, y) returns one")
    rows = len(trace["x"])
    row = place("`row`", row, rows, f"There are {rows}, counted from 0")
    stages = stages_of(trace, row)
    widest = max(len(stage.a) for stage in stages)
    with canvas(room=(COLUMN * len(stages) + 0.8, ROW * widest + 1), **look) as drawing:
        top = (widest - 1) / 2
        limits = {"xlim": (-0.3, len(stages) + 0.3), "ylim": (-top - 0.75, top + 0.6)}
        width, height = drawing.inches()
        detail = Detail.of(*(inches / np.ptp(limits[side]) for inches, side in ((width, "xlim"), (height, "ylim"))))
        for number, stage in enumerate(stages):
            if number:
                _edges(drawing, number, len(stages[number - 1].a), stage, detail)
            _nodes(drawing, number, stage, detail)
        _loss(drawing, trace, int(row), len(stages), detail)
        if rows > 1:
            drawing.label(TITLE, row=row + 1, rows=rows)
        else:
            drawing.label(TITLE_ONE)
        drawing.bare()
        drawing.ax.set(**limits)
        words = (FORWARD, BACKWARD) if width >= WORDY else (SHORT_FORWARD, SHORT_BACKWARD)
        for color, text in zip((drawing.theme.ink, drawing.theme.negative), words, strict=True):
            drawing.ax.plot([], [], "s", color=color, markersize=5, label=drawing.say(text))
        drawing.legend(loc="upper center", bbox_to_anchor=(0.5, 0.04), ncols=2, handletextpad=0.2)
        return drawing.ax


def _height(unit: int, units: int) -> float:
    return (units - 1) / 2 - unit


def _nodes(drawing: Canvas, number: int, stage: Stage, detail: Detail) -> None:
    """Circles with their numbers."""
    theme, size = drawing.theme, drawing.size
    units, away = len(stage.a), size * 1.55
    ground = {"facecolor": theme.paper, "alpha": 0.6, "linewidth": 0, "pad": 0.5}  # lines pass below
    for unit in range(units):
        y = _height(unit, units)
        _circle(drawing, number, y, detail.short(stage.a[unit]))
        above = ""
        if detail.above:
            above = f"x{unit + 1}" if number == 0 else "" if stage.z is None else f"z {detail.short(stage.z[unit])}"
        name = "" if not detail.words else "d " if stage.z is None else "d_z "
        below = f"{name}{detail.short(stage.d[unit])}"
        for text, up, color in ((above, 1, theme.ink), (below, -1, theme.negative)):
            drawing.beside(text, (number, y), (0, up * away), 3, color=color, zorder=6, bbox=ground)
        if detail.parameters and stage.b is not None and stage.d_b is not None:
            bias = f"b {detail.short(stage.b[unit])}, d_b {detail.short(stage.d_b[unit])}"
            down = -away - size * 0.95
            drawing.beside(bias, (number, y), (0, down), 3, color=theme.quiet, zorder=6, bbox=ground)


def _circle(drawing: Canvas, x: float, y: float, text: str) -> None:
    ax, theme, size = drawing.ax, drawing.theme, drawing.size
    ax.scatter([x], [y], s=(size * 2.7) ** 2, color=theme.paper, edgecolors=theme.ink, linewidths=1.2, zorder=4)
    ax.text(x, y, text, ha="center", va="center", fontsize=size - 2.5, zorder=5)


def _edges(drawing: Canvas, number: int, before: int, stage: Stage, detail: Detail) -> None:
    """Lines with the weight above and its gradient below, turned as the line is."""
    ax, theme = drawing.ax, drawing.theme
    units = len(stage.a)
    if stage.W is None or stage.d_W is None:
        for unit in range(units):
            y = _height(unit, units)
            ax.plot([number - 1, number], [y, y], color=theme.quiet, linewidth=1, zorder=1)
        return
    largest = float(np.abs(stage.W).max()) or 1.0
    taken = _occupied(before, units)
    for (i, j), weight in np.ndenumerate(stage.W):
        start, end = _height(i, before), _height(j, units)
        color = theme.positive if weight >= 0 else theme.negative
        width = 0.5 + 2 * abs(weight) / largest
        ax.plot([number - 1, number], [start, end], color=color, linewidth=width, alpha=0.6, zorder=1)
        if not detail.parameters:
            continue
        x, y = _free_place(start, end, taken)
        angle = float(np.degrees(np.arctan2(end - start, 1)))
        for text, ink in (
            (f"{detail.short(weight)}\n", theme.ink),
            (f"\n{detail.short(stage.d_W[i, j])}", theme.negative),
        ):
            ax.text(
                *(number - 1 + x, y, text),
                rotation=angle,
                rotation_mode="anchor",
                transform_rotates_text=True,
                ha="center",
                va="center",
                linespacing=1.15,
                fontsize=drawing.size - 3,
                color=ink,
                zorder=3,
            )


def _occupied(before: int, units: int) -> list[tuple[float, float]]:
    """Where between two columns the numbers of the circles stand: there is no room for others."""
    sides = [(0.0, _height(unit, before)) for unit in range(before)]
    sides += [(1.0, _height(unit, units)) for unit in range(units)]
    return [(x, y - down) for x, y in sides for down in (0.0, 0.3)]


def _free_place(start: float, end: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The place on a line that is farthest from all that are taken; then it is taken too."""
    shares = np.linspace(0.25, 0.72, 12)
    places = np.column_stack([shares, start + shares * (end - start)])
    apart = (places[:, None, :] - np.array(taken)[None, :, :]) * [COLUMN, ROW]
    nearest = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)
    x, y = places[nearest.argmax()]
    taken.append((float(x), float(y)))
    return taken[-1]


def _loss(drawing: Canvas, trace: Trace, row: int, place: int, detail: Detail) -> None:
    """The end of the way forward, and the beginning of the way back."""
    ax, theme, size = drawing.ax, drawing.theme, drawing.size
    outputs = trace["d_output"].shape[1]
    for unit in range(outputs):
        ax.plot([place - 1, place], [_height(unit, outputs), 0], color=theme.quiet, linewidth=1, zorder=1)
        if not detail.losses:
            continue
        x, y = place - 0.5, _height(unit, outputs) / 2
        text = f"d {detail.short(trace['d_output'][row, unit])}"
        ax.text(x, y, text, ha="center", va="bottom", fontsize=size - 3.5, color=theme.negative, zorder=3)
    _circle(drawing, place, 0, detail.short(trace["row losses"][row]))
    target = np.ravel(trace["y"][row])
    value = ", ".join(detail.short(one) for one in target)
    goal = drawing.say(TARGET, value=value) if detail.words else value
    for text, up in ((drawing.say(LOSS), 1), (goal, -1)):
        drawing.beside(text, (place, 0), (0, up * size * 1.55), 3, zorder=6)


# ------------------------------------------------------ what there is room for, and the numbers


@dataclass(frozen=True)
class Detail:
    """What there is room for: the smaller the axes, the fewer numbers, and none lies on another."""

    parameters: bool  # weights, biases, their gradients; without them width and colour of the lines tell
    above: bool  # what stands above a circle: the name of an input, or z
    losses: bool  # the gradients between the outputs and the loss
    words: bool  # what the numbers below a circle are called; without them their colour tells

    @classmethod
    def of(cls, column: float, row: float) -> Detail:
        """By inches from one column to the next and from one unit to the next."""
        return cls(
            parameters=column >= 1.0 and row >= 0.7,
            above=row >= 0.5,
            losses=column >= 0.9 and row >= 0.5,
            words=column >= 0.5,
        )

    def short(self, number: Any) -> str:
        """A number, with three digits that count, or with two."""
        return minus(f"{float(number) + 0.0:.{3 if self.words else 2}g}")


@dataclass(frozen=True)
class Stage:
    """The numbers of one column, inputs or what a layer gives: forward, and the gradient (of a dense layer by z)."""

    a: Array
    d: Array
    z: Array | None = None
    W: Array | None = None
    d_W: Array | None = None
    b: Array | None = None
    d_b: Array | None = None


def stages_of(trace: Trace, row: int) -> list[Stage]:
    """From the inputs to the output, the numbers of one row."""
    entries = {entry.name: entry.value for entry in trace}
    layers = sorted({int(name.split(".")[0]) for name in entries if name.endswith(".a") and name[0].isdigit()})
    too_large = "A graph of a step needs a small network of dense layers"
    remedy = f"At most {MOST_LAYERS} layers of {MOST_UNITS} units; print the trace of larger networks"
    if len(layers) > MOST_LAYERS:
        raise InputError(too_large, f"{len(layers)} layers", remedy)
    stages = [Stage(entries["x"][row], entries["d_1.x"][row])]
    for layer in layers:
        a, W, before = entries[f"{layer}.a"], entries.get(f"{layer}.W"), len(stages[-1].a)
        if W is not None and W.shape == (before, a.shape[1]) and f"{layer}.z" in entries:
            forward = entries[f"{layer}.z"][row], W, entries[f"d_{layer}.W"]
            bias = entries.get(f"{layer}.b"), entries.get(f"d_{layer}.b")
            stage = Stage(a[row], entries[f"d_{layer}.z"][row], *forward, *bias)
        elif W is None and a.shape[1] == before and f"{layer}.inside" not in entries:
            stage = Stage(a[row], entries[f"d_{layer}.a"][row])
        else:
            raise InputError(too_large, f"layer {layer} of another kind", remedy)
        stages.append(stage)
    widest = max(len(stage.a) for stage in stages)
    if widest > MOST_UNITS:
        raise InputError(too_large, f"{widest} units beside each other", remedy)
    return stages
