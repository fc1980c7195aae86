"""The geometry of simple charts: shapes in the colours of a page, which ``chart.html`` writes as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.insight.numbers import number
from glassnet.layers.base import Array
from glassnet.tables.summary import shortened

__all__ = ["Bar", "Chart", "Line", "bars", "columns", "lines", "scatter", "ticks"]

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 12, 46
MOST_POINTS = 1000
"""More points than these are one blot, and a large file."""
MOST_VERTICES = 300
"""A curve with more corners looks no different."""
NAMES, BAR, LONGEST_NAME, LETTER = 156, 26, 20, 7.4
"""Where the bars begin, how far apart they are, how many letters their names have at most, and how wide a letter is."""


class Shape(NamedTuple):
    """An element of SVG: its tag, its attributes, and the text in it."""

    tag: str
    attributes: Mapping[str, object]
    text: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture, with a title and a description for those who listen.

    Attributes
    ----------
    name : str
        What its identifiers in the page begin with.
    title : str
    description : str
        What is to be seen on it, for those who listen.
    shapes : list of Shape
    legend : sequence of (str, str)
        The class and the name of each curve that has one.
    note : str
        What stands below it.
    height, width : float
    """

    name: str
    title: str
    description: str
    shapes: list[Shape]
    legend: Sequence[tuple[str, str]] = ()
    note: str = ""
    height: float = HEIGHT
    width: float = WIDTH


@dataclass(frozen=True)
class Line:
    """One curve of a chart.

    Parameters
    ----------
    name : str
        Shown in the legend; empty: not shown there.
    x, y : array-like of the same length
        Points that are not finite are left out.
    kind : {"a", "b", "c", "guide"}
        Its colour; a guide is thin and dashed.
    dots : bool
        Whether the points are marked.
    low, high : array-like, optional
        The edges of a band around it.
    """

    name: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    kind: str = "a"
    dots: bool = False
    low: npt.ArrayLike | None = None
    high: npt.ArrayLike | None = None


class Bar(NamedTuple):
    """A horizontal bar: its name, how long it is, what is written at its end, and how sure that is."""

    name: str
    value: float
    text: str
    kind: str = "a"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scale:
    """From numbers to places along one side of the chart."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False
    marks: list[float] = field(default_factory=list)

    @classmethod
    def over(
        cls, values: Array, start: float, stop: float, *, whole: bool = False, powers: bool = False, many: int = 5
    ) -> Scale:
        """A scale that all these values fit on; in powers of ten, if wanted, where they are positive and far apart."""
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        if powers and low > 0 and high / low > 50:
            first, last = math.log10(low), math.log10(high)
            step = max(1, math.ceil((last - first) / many))
            marks = [10.0**power for power in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1, step)]
            return cls(first, last, start, stop, True, marks)
        if low == high:
            low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
        marks = ticks(low, high, many, whole=whole)
        return cls(min(low, marks[0]), max(high, marks[-1]), start, stop, False, marks)

    def place(self, values: npt.ArrayLike) -> Array:
        """Where the numbers are."""
        numbers = np.asarray(values, np.float64)
        at = np.log10(numbers) if self.logarithmic else numbers
        return self.start + (at - self.low) / (self.high - self.low) * (self.stop - self.start)


def ticks(low: float, high: float, many: int = 5, *, whole: bool = False) -> list[float]:
    """Round numbers within a range, about so many.

    Examples
    --------
    >>> ticks(0.1, 0.9), ticks(1, 7, whole=True)
    ([0.2, 0.4, 0.6, 0.8], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    """
    rough = (high - low) / many
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.8)
    if whole:
        step = max(1.0, step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(place * step, digits) for place in range(first, last + 1)] or [low, high]


def lines(
    name: str, title: str, note: str, x_label: str, y_label: str, curves: Sequence[Line], *,
    mark: tuple[float, str] | None = None, x_whole: bool = False, powers: bool = False,
    square: bool = False, x_names: Sequence[str] = (),
) -> Chart:  # fmt: skip
    """Curves over a common axis.

    Parameters
    ----------
    name, title, note : str
    x_label, y_label : str
    curves : sequence of Line
    mark : (float, str), optional
        A place on the horizontal axis that is marked, and why.
    x_whole : bool
        Whether the horizontal axis counts.
    powers : bool
        Whether values far apart are drawn by powers of ten.
    square : bool
        Whether both axes go from 0 to 1.
    x_names : sequence of str
        What stands at 0, 1, 2, ... of an axis without numbers: the first, the middle and the last are written.
    """
    found = [(line, *_finite(line.x, line.y)) for line in curves]
    if square:
        x_scale, y_scale = _scales(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    else:
        edges = [np.asarray(edge, np.float64) for line in curves for edge in (line.low, line.high) if edge is not None]
        x_scale, y_scale = _scales(
            np.concatenate([x for _, x, _ in found]),
            np.concatenate([*(y for _, _, y in found), *edges]),
            x_whole=x_whole,
            powers=powers,
        )
    shapes = _axes(x_scale, y_scale, x_label, y_label, _written(x_scale, x_names))
    for line in curves:
        if line.low is not None and line.high is not None:
            outline = _path(
                x_scale.place([*np.asarray(line.x), *np.asarray(line.x)[::-1]]),
                y_scale.place([*np.asarray(line.low), *np.asarray(line.high)[::-1]]),
            )
            shapes.append(Shape("path", {"class": f"band {line.kind}", "d": f"{outline}Z"}))
    if mark is not None and math.isfinite(mark[0]):
        at = _short(x_scale.place([mark[0]])[0])
        shapes.append(Shape("line", {"class": "mark", "x1": at, "x2": at, "y1": TOP, "y2": HEIGHT - BOTTOM}))
    for line, x, y in found:
        kept = _thinned(len(x))
        px, py = x_scale.place(x[kept]), y_scale.place(y[kept])
        shapes.append(Shape("path", {"class": f"curve {line.kind}", "d": _path(px, py)}))
        if line.dots or len(px) == 1:
            shapes.append(Shape("path", {"class": f"dots {line.kind}", "d": _dots(px, py)}))
    legend = [(line.kind, line.name) for line in curves if line.name]
    legend += [("mark", mark[1])] if mark is not None else []
    return Chart(name, title, note, shapes, legend, note)


def columns(
    name: str, title: str, note: str, x_label: str, y_label: str, values: Array,
    spell: Callable[[float], str] | None = None,
) -> Chart:  # fmt: skip
    """How often values occur, as columns of equal width; with `spell` the ends alone are written, in its words."""
    finest = (values.max() - values.min()) / np.spacing(np.abs(values).max())  # no column is narrower than a number
    counts, edges = np.histogram(values, bins=int(max(1, min(30, max(5, round(len(values) ** 0.5)), finest))))
    x_scale = Scale(float(edges[0]), float(edges[-1]), LEFT, WIDTH - RIGHT, False, ticks(edges[0], edges[-1]))
    y_scale = Scale.over(np.array([0.0, counts.max()]), HEIGHT - BOTTOM, TOP, whole=True, many=4)
    left, top = x_scale.place(edges), y_scale.place(counts)
    ends = [] if spell is None else [(edges[0], spell(edges[0])), (edges[-1], spell(edges[-1]))]
    shapes = _axes(x_scale, y_scale, x_label, y_label, ends)
    shapes += [
        Shape("rect", {
            "class": "a", "x": _short(left[at] + 0.5), "y": _short(top[at]),
            "width": _short(max(left[at + 1] - left[at] - 1, 0.5)), "height": _short(HEIGHT - BOTTOM - top[at]),
        })
        for at in np.flatnonzero(counts)
    ]  # fmt: skip
    return Chart(name, title, note, shapes, note=note)


def bars(name: str, title: str, note: str, each: Sequence[Bar]) -> Chart:
    """Bars below each other, each with its name before and its value behind.

    Parameters
    ----------
    name, title, note : str
    each : sequence of Bar
    """
    ends = [end for bar in each for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 14 + LETTER * max(map(_letters, (bar.text for bar in each)))
    scale = Scale(low, high if high > low else low + 1, NAMES, WIDTH - room)
    shapes = []
    for place, bar in enumerate(each):
        middle = BAR * place + BAR / 2 + 4
        left, right = sorted(scale.place([0.0, bar.value]).tolist())
        before = {"x": NAMES - 8, "y": middle, "dy": "0.35em", "text-anchor": "end"}
        shapes.append(Shape("text", before, _fitted(bar.name)))
        width = _short(max(right - left, 1))
        shapes.append(
            Shape("rect", {"class": bar.kind, "x": _short(left), "y": middle - 8, "width": width, "height": 16})
        )
        if bar.low is not None and bar.high is not None:
            first, last = scale.place([bar.low, bar.high]).tolist()
            edges = "".join(f"M{_short(end)} {middle - 4}v8" for end in (first, last))
            shapes.append(Shape("path", {"class": "reach", "d": f"M{_short(first)} {middle}H{_short(last)}{edges}"}))
            right = max(right, last)
        behind = {"class": "strong", "x": _short(right + 6), "y": middle, "dy": "0.35em"}
        shapes.append(Shape("text", behind, bar.text))
    spoken = ", ".join(f"{bar.name}: {bar.text}" for bar in each)
    return Chart(name, title, f"{spoken}. {note}".strip(), shapes, note=note, height=BAR * len(each) + 8)


def _letters(text: str) -> int:
    """How many letters wide a text is; a Chinese one takes the room of two."""
    return sum(1 + (letter >= "\u2e80") for letter in text)


def _fitted(name: str) -> str:
    """A name that fits before its bar."""
    most = LONGEST_NAME
    while _letters(short := shortened(name, most)) > LONGEST_NAME:
        most -= 1
    return short


def scatter(name: str, title: str, note: str, x_label: str, y_label: str, x: Array, y: Array, guide: str) -> Chart:
    """Points on two axes of the same scale, and the line where both are equal; of many points some."""
    kept = np.arange(len(x))
    if len(x) > MOST_POINTS:
        kept = np.random.default_rng(0).choice(len(x), MOST_POINTS, replace=False)
    both = np.concatenate([x, y]).astype(np.float64)
    x_scale, y_scale = _scales(both, both)
    ends = np.array([both.min(), both.max()])
    shapes = [
        *_axes(x_scale, y_scale, x_label, y_label),
        Shape("path", {"class": "points", "d": _dots(x_scale.place(x[kept]), y_scale.place(y[kept]))}),
        Shape("path", {"class": "curve guide", "d": _path(x_scale.place(ends), y_scale.place(ends))}),
    ]
    return Chart(name, title, note, shapes, [("guide", guide)], note)


def _scales(x: Array, y: Array, *, x_whole: bool = False, powers: bool = False) -> tuple[Scale, Scale]:
    if x_whole:  # epochs are counted, never in powers of ten
        low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 1.0)
        high = high if high > low else low + 1
        x_scale = Scale(low, high, LEFT, WIDTH - RIGHT, False, ticks(low, high, whole=True))
    else:
        x_scale = Scale.over(x, LEFT, WIDTH - RIGHT)
    return x_scale, Scale.over(y, HEIGHT - BOTTOM, TOP, powers=powers)


def _written(x: Scale, names: Sequence[str]) -> list[tuple[float, str]]:
    """What is written below an axis without numbers."""
    return [(place, names[place]) for place in dict.fromkeys((0, len(names) // 2, len(names) - 1))] if names else []


def _axes(
    x: Scale, y: Scale, x_label: str, y_label: str, written: Sequence[tuple[float, str]] = ()
) -> list[Shape]:  # fmt: skip
    """Grid, ticks and labels; what is `written` stands in the place of the horizontal axis's numbers."""
    shapes: list[Shape] = []
    below = written or [(mark, _tick(mark)) for mark in x.marks]
    outer = {0: "start", len(written) - 1: "end"} if written else {}
    for place, (mark, text) in enumerate(below):
        at = _short(x.place([mark])[0])
        shapes.append(Shape("line", {"class": "grid", "x1": at, "x2": at, "y1": TOP, "y2": HEIGHT - BOTTOM}))
        anchor = outer.get(place, "middle")
        shapes.append(Shape("text", {"x": at, "y": HEIGHT - BOTTOM + 16, "text-anchor": anchor}, text))
    for mark in y.marks:
        at = _short(y.place([mark])[0])
        shapes.append(Shape("line", {"class": "grid", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": at, "y2": at}))
        shapes.append(Shape("text", {"x": LEFT - 6, "y": at, "dy": "0.35em", "text-anchor": "end"}, _tick(mark)))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turned = {"x": 10, "y": middle, "text-anchor": "middle", "transform": f"rotate(-90 10 {middle:g})"}
    across = {"x": (LEFT + WIDTH - RIGHT) / 2, "y": HEIGHT - 8, "text-anchor": "middle"}
    return [*shapes, Shape("text", across, shortened(x_label, 48)), Shape("text", turned, shortened(y_label, 34))]


def _finite(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    kept = np.isfinite(across) & np.isfinite(up)
    return across[kept], up[kept]


def _thinned(count: int) -> Array:
    """The places of points to draw: all, or so many evenly spread, the ends among them."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_VERTICES)).round().astype(np.intp))


def _path(x: Array, y: Array) -> str:
    return "".join(f"{'L' if at else 'M'}{_short(x[at])} {_short(y[at])}" for at in range(len(x)))


def _dots(x: Array, y: Array) -> str:
    """Strokes of no length, which round ends make to dots: far shorter than a circle for each."""
    return "".join(f"M{_short(across)} {_short(up)}h0" for across, up in zip(x, y, strict=True))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _tick(value: float) -> str:
    """A round number in a few letters: 20k, 1.5M."""
    if abs(value) < 10_000:
        return number(value)
    size = next((size for size in ((1e9, "G"), (1e6, "M")) if abs(value) >= size[0]), (1e3, "k"))
    return f"{value / size[0]:.4g}{size[1]}"
