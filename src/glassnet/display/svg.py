"""A chart as SVG within a figure of HTML, in the colours of the page: ``chart.css`` says what its classes look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from glassnet.display.chart import Array, Axis, Band, Bar, Bars, Chart, Dots, Line, Mark, ReferenceLine, VerticalBars
from glassnet.display.markup import Markup, element, join
from glassnet.display.numbers import tick
from glassnet.display.scale import AxisScale
from glassnet.support.language import shortened

WIDTH, NARROW, SHAPE = 400, 330, 0.625
"""How wide a chart is, in pixels of which its letters have 13; its height is a share of that."""
LEFT, RIGHT, TOP, BOTTOM, EDGE = 70, 20, 12, 46, 4
MOST_VERTICES = 300
"""A curve with more corners looks no different."""
LETTER, NAMES = 7.5, 0.47
"""Width of a letter, and the share of the width that the names of bars may take."""
BAR, LINE = 26, 16
"""How far bars are apart, and by how much more where a name takes two lines."""

BETWEEN, APART = " · ", " | "
"""Between numbers, and before what is something else: a drawing does not show it, a page that keeps only texts does."""

LOOKS: Final[dict[type, str]] = {Band: "band", VerticalBars: "columns", ReferenceLine: "rule"}
"""Marks of one look each, and its class in the style sheet; lines and points have several."""


def figure(chart: Chart | Bars, width: int = WIDTH) -> Markup:
    """Return a chart with its title, legend and note.

    Examples
    --------
    >>> page = figure(Bars("Sizes", [Bar("one & two", 3.0, "3")]))
    >>> page.startswith('<figure><figcaption>Sizes</figcaption><svg viewBox="0 0 400 '), "one &amp; two" in page
    (True, True)
    """
    if isinstance(chart, Bars):
        height, shapes = _bars(chart, width)
        label = f"{chart.title}. {', '.join(f'{bar.name}: {bar.text}' for bar in chart.each)}"
    else:
        height = round(SHAPE * width)
        shapes, label = [*_drawn(chart, width, height)], chart.title
    drawing = element("svg", *shapes, viewBox=f"0 0 {width} {height}", role="img", aria_label=label)
    caption = element("figcaption", chart.title)
    note = element("p", chart.note, class_="note") if chart.note else None
    return element("figure", caption, drawing, None if isinstance(chart, Bars) else _legend(chart), note)


def _legend(chart: Chart) -> Markup | None:
    keys = [
        element("li", element("span", class_=f"key {_look(mark)} {mark.kind}", aria_hidden="true"), mark.name)
        for mark in chart.marks
        if mark.name
    ]
    return element("ul", *keys, class_="legend") if keys else None


def _look(mark: Mark) -> str:
    """Return the class of a mark, in the drawing and in the legend."""
    if isinstance(mark, Dots):
        return "points large" if mark.large else "points"
    if isinstance(mark, Line):
        return "curve" if mark.weight == "usual" else f"curve {mark.weight}"
    return LOOKS[type(mark)]


# ------------------------------------------------------------------- two axes


def _drawn(chart: Chart, width: int, height: int) -> Iterator[str]:
    across, up = chart.extent()
    tight = chart.x.whole or any(isinstance(mark, VerticalBars) for mark in chart.marks)
    x = AxisScale.of(chart.x, across, LEFT, width - RIGHT, tight=tight)
    y = AxisScale.of(chart.y, up, height - BOTTOM, TOP)
    yield from _axes(chart, x, y)
    marks = join(shape for mark in chart.marks for shape in _shapes(mark, x, y))
    if chart.y.limits is None:
        yield marks
    else:  # clip marks outside of the limits, but not half of a line at an end
        left, wide, high = LEFT - EDGE, width - LEFT - RIGHT + 2 * EDGE, height - BOTTOM + EDGE
        yield element("svg", marks, x=left, width=wide, height=high, viewBox=f"{left} 0 {wide} {high}")


def _axes(chart: Chart, x: AxisScale, y: AxisScale) -> Iterator[str]:
    """Grid, labels and ticks, with what separates them where a page keeps the texts of a drawing alone."""
    left, right, bottom, top = (_px(end) for end in (x.start, x.stop, y.start, y.stop))
    outer = {0: "start", len(chart.x.names) - 1: "end"} if chart.x.names else {}
    middle, wide, high = (y.start + y.stop) / 2, x.stop - x.start, y.start - y.stop
    across = shortened(chart.x.label, int((wide + 40) / LETTER))
    up = shortened(chart.y.label, int((high + 40) / LETTER))
    yield element("text", across, x=_px((x.start + x.stop) / 2), y=y.start + BOTTOM - 8, text_anchor="middle")
    for place, (mark, text) in enumerate(_written(chart.x, x)):
        at = _px(x.place([mark])[0])
        yield element("line", class_="grid", x1=at, x2=at, y1=top, y2=bottom)
        yield BETWEEN if place else " "
        yield element("text", text, x=at, y=y.start + 16, text_anchor=outer.get(place, "middle"))
    yield APART
    yield element("text", up, x=10, y=middle, text_anchor="middle", transform=f"rotate(-90 10 {middle:g})")
    for place, (mark, text) in enumerate(_written(chart.y, y)):
        at = _px(y.place([mark])[0])
        yield element("line", class_="grid", x1=left, x2=right, y1=at, y2=at)
        yield BETWEEN if place else " "
        yield element("text", text, x=LEFT - 6, y=at, dy="0.35em", text_anchor="end")


def _written(axis: Axis, scale: AxisScale) -> list[tuple[float, str]]:
    """Return the labels along an axis."""
    return list(axis.names) or [(mark, tick(mark)) for mark in scale.marks]


def _shapes(mark: Mark, x: AxisScale, y: AxisScale) -> Iterator[str]:
    look = f"{_look(mark)} {mark.kind}"
    if isinstance(mark, ReferenceLine):
        at = float((y if mark.level else x).place(mark.at))
        (x1, x2), (y1, y2) = ((x.start, x.stop), (at, at)) if mark.level else ((at, at), (y.start, y.stop))
        yield element("line", class_=look, x1=_px(x1), x2=_px(x2), y1=_px(y1), y2=_px(y2))
    elif isinstance(mark, Band):
        places = np.array([x.start, x.stop]) if mark.x is None else x.place(mark.x)
        low, high = (np.broadcast_to(y.place(edge), places.shape) for edge in (mark.low, mark.high))
        yield element("path", class_=look, d=f"{_path([*places, *places[::-1]], [*low, *high[::-1]])}Z")
    elif isinstance(mark, VerticalBars):
        yield from _columns(mark, look, x, y)
    else:
        across, up = mark.finite()
        if isinstance(mark, Dots):
            yield element("path", class_=look, d=_dots(x.place(across), y.place(up)))
            return
        kept = np.unique(np.linspace(0, len(across) - 1, min(len(across), MOST_VERTICES)).round().astype(np.intp))
        across, up = x.place(across[kept]), y.place(up[kept])
        yield element("path", class_=look, d=_path(across, up))
        if mark.dots or len(across) == 1:
            yield element("path", class_=f"points large {mark.kind}", d=_dots(across, up))


def _columns(mark: VerticalBars, look: str, x: AxisScale, y: AxisScale) -> Iterator[str]:
    left, top, floor = x.place(mark.edges), y.place(mark.heights), float(y.place(0.0))
    for at in np.flatnonzero(mark.heights).tolist():
        yield _box(look, left[at] + 0.5, top[at], max(left[at + 1] - left[at] - 1, 0.5), floor - top[at])
        if mark.texts:
            yield BETWEEN
            middle = _px((left[at] + left[at + 1]) / 2)
            yield element("text", mark.texts[at], x=middle, y=_px(top[at] - 3), class_="small", text_anchor="middle")


def _box(look: str, x: float, y: float, width: float, height: float) -> Markup:
    return element("rect", class_=look, x=_px(x), y=_px(y), width=_px(width), height=_px(height))


def _path(x: Sequence[float] | Array, y: Sequence[float] | Array) -> str:
    return "".join(f"{'L' if at else 'M'}{_px(x[at])} {_px(y[at])}" for at in range(len(x)))


def _dots(x: Array, y: Array) -> str:
    """Return strokes of length 0, which round ends turn into dots: far shorter than a circle for each."""
    return "".join(f"M{_px(across)} {_px(up)}h0" for across, up in zip(x, y, strict=True))


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# ----------------------------------------------------------------------- bars


def _bars(chart: Bars, width: int) -> tuple[float, list[str]]:
    """Return bars below each other, and their total height."""
    most = int(NAMES * width / LETTER)
    names = [_lines(bar.name, most) for bar in chart.each]
    start = 16 + LETTER * max(_letters(line) for lines in names for line in lines)
    ends = [end for bar in chart.each for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 14 + LETTER * max(_letters(bar.text) for bar in chart.each)
    scale = AxisScale(low, high if high > low else low + 1, start, width - room)
    shapes: list[str] = []
    top = 4.0
    for bar, lines in zip(chart.each, names, strict=True):
        height = BAR + LINE * (len(lines) - 1)
        shapes += [BETWEEN if shapes else "", *_bar(bar, lines, scale, top + height / 2, start - 8)]
        top += height
    for line in _lines(chart.axis, int((width - start) / LETTER)) if chart.axis else ():
        top += LINE
        shapes += [APART, element("text", line, x=_px(start), y=top - 2)]
    return top + 4, shapes


def _bar(bar: Bar, lines: Sequence[str], scale: AxisScale, middle: float, names: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        y = middle + LINE * (number - (len(lines) - 1) / 2)
        yield element("text", line, x=_px(names), y=_px(y), dy="0.35em", text_anchor="end")
        yield " "
    left, right = sorted(scale.place([0.0, bar.value]).tolist())
    yield _box(f"columns {bar.kind}", left, middle - 8, max(right - left, 1), 16)
    if bar.low is not None and bar.high is not None:
        first, last = scale.place([bar.low, bar.high]).tolist()
        edges = "".join(f"M{_px(end)} {_px(middle - 4)}v8" for end in (first, last))
        yield element("path", class_="reach", d=f"M{_px(first)} {_px(middle)}H{_px(last)}{edges}")
        right = max(right, last)
    yield element("text", bar.text, class_="strong", x=_px(right + 6), y=_px(middle), dy="0.35em")


def _letters(text: str) -> int:
    """Return the width of a text in letters; a Chinese character counts as two."""
    return sum(1 + (letter >= "\u2e80") for letter in text)


def _lines(name: str, most: int) -> list[str]:
    """Return a name on one line or two, between words where there are some; what fits on neither is cut."""
    if _letters(name) <= most:
        return [name]
    room = next(end for end in range(min(len(name), most), 0, -1) if _letters(name[:end]) <= most)
    space = name.rfind(" ", 1, room + 1)
    first = name[: space if space > 0 else room]
    rest, longest = name[len(first) :].strip(), most
    while _letters(fitted := shortened(rest, longest)) > most:
        longest -= 1
    return [first, fitted]
