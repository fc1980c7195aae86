"""Simple charts as SVG, drawn in the colours of the page, with a title and a description for those who listen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glassnet.insight.numbers import number
from glassnet.insight.report.markup import Markup, element
from glassnet.layers.base import Array

__all__ = ["Line", "columns", "lines", "scatter", "ticks"]

WIDTH, HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 76, 14, 12, 46
MOST_POINTS = 2000
"""More points than these are one blot, and a large file."""
MOST_VERTICES = 400
"""A curve with more corners looks no different."""


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
    """

    name: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    kind: str = "a"
    dots: bool = False


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
    name: str, title: str, description: str, x_label: str, y_label: str, curves: Sequence[Line], *,
    mark: tuple[float, str] | None = None, x_whole: bool = False, powers: bool = False,
    square: bool = False,
) -> Markup:  # fmt: skip
    """Curves over a common axis.

    Parameters
    ----------
    name : str
        What the identifiers in the page begin with.
    title, description : str
        What the chart is, and what is to be seen on it.
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
    """
    found = [(line, *_finite(line.x, line.y)) for line in curves]
    if square:
        x_scale, y_scale = _scales(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    else:
        all_x, all_y = (np.concatenate([each[axis] for each in found]) for axis in (1, 2))
        x_scale, y_scale = _scales(all_x, all_y, x_whole=x_whole, powers=powers)
    drawn: list[Markup] = []
    if mark is not None and math.isfinite(mark[0]):
        at = _short(x_scale.place([mark[0]])[0])
        drawn.append(element("line", class_="mark", x1=at, x2=at, y1=TOP, y2=HEIGHT - BOTTOM))
    for line, x, y in found:
        kept = _thinned(len(x))
        px, py = x_scale.place(x[kept]), y_scale.place(y[kept])
        drawn.append(element("path", class_=f"curve {line.kind}", d=_path(px, py)))
        if line.dots or len(px) == 1:
            drawn.append(element("path", class_=f"dots {line.kind}", d=_dots(px, py)))
    legend = [(line.kind, line.name) for line in curves if line.name]
    if mark is not None:
        legend.append(("mark", mark[1]))
    return _figure(name, title, description, x_scale, y_scale, (x_label, y_label), drawn, legend)


def columns(name: str, title: str, description: str, x_label: str, y_label: str, values: Array) -> Markup:
    """How often values occur, as columns of equal width."""
    counts, edges = np.histogram(values, bins=min(30, max(5, round(len(values) ** 0.5))))
    x_scale = Scale(float(edges[0]), float(edges[-1]), LEFT, WIDTH - RIGHT, False, ticks(edges[0], edges[-1]))
    y_scale = Scale.over(np.array([0.0, counts.max()]), HEIGHT - BOTTOM, TOP, whole=True)
    left, top = x_scale.place(edges), y_scale.place(counts)
    drawn = [
        element("rect", class_="a", x=_short(left[at] + 0.5), y=_short(top[at]),
                width=_short(max(left[at + 1] - left[at] - 1, 0.5)), height=_short(HEIGHT - BOTTOM - top[at]))
        for at in np.flatnonzero(counts)
    ]  # fmt: skip
    return _figure(name, title, description, x_scale, y_scale, (x_label, y_label), drawn, [])


def scatter(
    name: str, title: str, description: str, x_label: str, y_label: str, x: Array, y: Array, guide: str
) -> Markup:
    """Points on two axes of the same scale, and the line where both are equal; of many points some."""
    kept = np.arange(len(x))
    if len(x) > MOST_POINTS:
        kept = np.random.default_rng(0).choice(len(x), MOST_POINTS, replace=False)
    both = np.concatenate([x, y]).astype(np.float64)
    x_scale, y_scale = _scales(both, both)
    ends = np.array([both.min(), both.max()])
    drawn = [
        element("path", class_="points", d=_dots(x_scale.place(x[kept]), y_scale.place(y[kept]))),
        element("path", class_="curve guide", d=_path(x_scale.place(ends), y_scale.place(ends))),
    ]
    return _figure(name, title, description, x_scale, y_scale, (x_label, y_label), drawn, [("guide", guide)])


def _scales(x: Array, y: Array, *, x_whole: bool = False, powers: bool = False) -> tuple[Scale, Scale]:
    if x_whole:  # epochs are counted, never in powers of ten
        low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 1.0)
        high = high if high > low else low + 1
        x_scale = Scale(low, high, LEFT, WIDTH - RIGHT, False, ticks(low, high, whole=True))
    else:
        x_scale = Scale.over(x, LEFT, WIDTH - RIGHT)
    return x_scale, Scale.over(y, HEIGHT - BOTTOM, TOP, powers=powers)


def _figure(
    name: str, title: str, description: str, x: Scale, y: Scale, labels: tuple[str, str], drawn: Sequence[Markup],
    legend: Sequence[tuple[str, str]],
) -> Markup:  # fmt: skip
    axes: list[Markup] = []
    for mark in x.marks:
        at = _short(x.place([mark])[0])
        axes.append(element("line", class_="grid", x1=at, x2=at, y1=TOP, y2=HEIGHT - BOTTOM))
        axes.append(element("text", _tick(mark), x=at, y=HEIGHT - BOTTOM + 16, text_anchor="middle"))
    for mark in y.marks:
        at = _short(y.place([mark])[0])
        axes.append(element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at))
        axes.append(element("text", _tick(mark), x=LEFT - 6, y=at, dy="0.35em", text_anchor="end"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    axes.append(element("text", labels[0], x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle"))
    axes.append(
        element("text", labels[1], x=10, y=middle, text_anchor="middle", transform=f"rotate(-90 10 {middle:g})")
    )
    picture = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-description"),
        *axes,
        *drawn,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-description",
    )
    keys = [element("li", element("span", class_=f"key {kind}", aria_hidden="true"), text) for kind, text in legend]
    return element(
        "figure",
        element("figcaption", title),
        picture,
        element("ul", *keys, class_="legend") if keys else None,
        element("p", description, class_="note"),
    )


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
    if abs(value) >= 1e6:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return number(value)
