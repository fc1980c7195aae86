"""Descriptions of drawings without a pen: curves, points, bars and axes in the units of the data, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from glassnet.display.numbers import counted_in

Array = npt.NDArray[Any]
Ink = Literal["a", "b", "c", "d", "e", "f", "g", "h", "quiet", "guide"]
"""A colour of the theme by its letter; what only helps to read is quiet, a guide also thin and dashed."""

FAR_APART = 50
"""Positive numbers whose largest is so many times the smallest stand on an axis of powers of ten."""


@dataclass(frozen=True)
class Axis:
    """One side of a chart."""

    label: str = ""
    scale: Literal["linear", "log", "either"] = "linear"  # either: logarithmic where numbers are positive and far apart
    whole: bool = False  # whether it counts
    limits: tuple[float, float] | None = None  # None: from the data
    names: Sequence[tuple[float, str]] = ()  # labels in place of numbers

    def logarithmic(self, values: Array) -> bool:
        """Return whether these numbers are drawn by powers of ten."""
        if self.scale != "either":
            return self.scale == "log"
        return len(values) > 0 and values.min() > 0 and values.max() / values.min() > FAR_APART

    def divided(self, unit: float) -> Axis:
        """Return the same in other units, of which its label tells."""
        if unit == 1:
            return self
        limits = None if self.limits is None else (self.limits[0] / unit, self.limits[1] / unit)
        names = [(at / unit, name) for at, name in self.names]
        return replace(self, label=counted_in(self.label, unit), limits=limits, names=names)


@dataclass(frozen=True)
class Line:
    """One curve; points that are not finite are left out."""

    name: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    kind: Ink = "a"
    dots: bool = False  # whether the points are marked
    weight: Literal["usual", "thin", "thick"] = "usual"  # of several similar curves each is thin, their mean thick

    def finite(self) -> tuple[Array, Array]:
        """Return the points that can be drawn."""
        across, up = np.asarray(self.x, np.float64), np.asarray(self.y, np.float64)
        kept = np.isfinite(across) & np.isfinite(up)
        return across[kept], up[kept]


@dataclass(frozen=True)
class Dots(Line):
    """Points that no line joins; the few that stand out are large."""

    large: bool = False


@dataclass(frozen=True)
class Band:
    """All that lies between two curves; over the whole width where x is left out."""

    name: str
    low: npt.ArrayLike
    high: npt.ArrayLike
    kind: Ink = "a"
    x: npt.ArrayLike | None = None


@dataclass(frozen=True)
class VerticalBars:
    """Upright bars beside each other: column `i` goes from ``edges[i]`` to ``edges[i + 1]``, with a text above it."""

    name: str
    edges: Array
    heights: Array
    kind: Ink = "a"
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class ReferenceLine:
    """A straight line across the whole chart: upright at a place of the horizontal axis, or level."""

    name: str
    at: float
    kind: Ink = "guide"
    level: bool = False


Mark = Line | Band | VerticalBars | ReferenceLine


@dataclass(frozen=True)
class Chart:
    """Marks on two axes; later marks cover earlier ones."""

    title: str
    x: Axis
    y: Axis
    marks: Sequence[Mark]
    note: str = ""

    def extent(self) -> tuple[Array, Array]:
        """Return all numbers that must find room on the two axes."""
        across, up = [np.empty(0)], [np.empty(0)]
        for mark in self.marks:
            if isinstance(mark, Line):
                x, y = mark.finite()
                across.append(x)
                up.append(y)
            elif isinstance(mark, VerticalBars):
                across.append(mark.edges)
                up.append(np.array([0.0, mark.heights.max()]))
            elif isinstance(mark, Band):
                across.append(np.empty(0) if mark.x is None else np.asarray(mark.x, np.float64))
                up += [np.ravel(np.asarray(edge, np.float64)) for edge in (mark.low, mark.high)]
        x, y = np.concatenate(across), np.concatenate(up)
        return x[np.isfinite(x)], y[np.isfinite(y)]

    def divided(self, across: float, up: float) -> Chart:
        """Return the same in other units along its two axes, for a pen that has no room for the largest numbers."""
        marks = [_divided(mark, across, up) for mark in self.marks]
        return replace(self, x=self.x.divided(across), y=self.y.divided(up), marks=marks)


def _divided(mark: Mark, across: float, up: float) -> Mark:
    if isinstance(mark, Line):
        return replace(mark, x=np.divide(mark.x, across), y=np.divide(mark.y, up))
    if isinstance(mark, VerticalBars):
        return replace(mark, edges=mark.edges / across, heights=mark.heights / up)
    if isinstance(mark, Band):
        x = None if mark.x is None else np.divide(mark.x, across)
        return replace(mark, x=x, low=np.divide(mark.low, up), high=np.divide(mark.high, up))
    return replace(mark, at=mark.at / (up if mark.level else across))


class Bar(NamedTuple):
    """A horizontal bar: its name, its length, the text at its end, and its uncertainty."""

    name: str
    value: float
    text: str
    kind: Ink = "a"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Bars:
    """Bars below each other, each with its name before and its text behind; `axis` says what their length is."""

    title: str
    each: Sequence[Bar]
    axis: str = ""
    note: str = ""


def color(number: int) -> Ink:
    """Return the colour of a class or a curve; they begin anew where there are more than eight."""
    return get_args(Ink)[number % 8]
