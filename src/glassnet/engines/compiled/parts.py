"""A layer taken apart: what of it is in the text of its kernels, and what stands in tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import Field, fields
from typing import Any

from glassnet.engines.compiled.fields import Op
from glassnet.engines.compiled.grids import Grid, each
from glassnet.engines.compiled.machine import reads
from glassnet.engines.compiled.sizes import Size
from glassnet.formulas.activations import Activation
from glassnet.layers.base import Layer

ROWS, BLOCK_ROWS, COLUMNS, TOUCHED, COUNTS = range(Op.AUX, Op.AUX + 5)
"""Columns of the operation: how many rows the buffers hold, and how many belong together where a sum over rows is taken
in parts; where in E begins what belongs to a column and all rows; the address of what says which grains of the
parameters a step has touched; then the layer's own counts, in the order of its fields."""


class Parts:
    """A layer taken apart: what of it is in the text of its kernels, and what stands in tables.

    A layer of glassnet's own is the same text for all numbers that it has, and for all widths. One of somebody's own
    may ask what its numbers are, so it belongs to the text as it is.

    Parameters
    ----------
    layer : Layer
    width : int
        Of its input.
    """

    def __init__(self, layer: Layer, width: int) -> None:
        self.counts: list[int] = []
        self.numbers: list[float] = []
        self.lists: list[float] = []
        self.ours = type(layer).__module__.startswith("glassnet.")
        # its function tells a layer from one of another class with the same name
        self.text: tuple[Any, ...] = (layer, width, type(layer).forward)
        if self.ours:
            self.text = (type(layer), *(self._part(getattr(layer, one.name)) for one in _fields(type(layer))))
            self.numbers += self.lists  # as long as they are, behind all else

    def _part(self, value: Any) -> Any:
        if isinstance(value, Activation):
            self.numbers += map(float, value.values)  # type: ignore[arg-type]
            return (value.function, value.derivative, value.elementwise, len(value.values))
        if isinstance(value, (bool, str)) or value is None:
            return value
        if isinstance(value, int):
            self.counts.append(value)
            return COUNT
        if isinstance(value, float):
            self.numbers.append(value)
            return NUMBER
        if isinstance(value, tuple) and not self.lists:
            self.counts += len(value), sum(value)
            self.lists += value
            return LIST
        raise TypeError(f"{value!r} as a part of a layer")


COUNT, NUMBER, LIST = ("count",), ("number",), ("list",)


class Counts(Grid):
    """A tuple of counts, which stand among the constants."""

    def __iter__(self) -> Iterator[Any]:
        """Whoever adds them up gets their sum at once."""
        yield self.more["total"]


def _fields(kind: type[Layer]) -> list[Field[Any]]:
    """The fields of a layer that a step depends on."""
    return [one for one in fields(kind) if "beside" not in one.metadata]  # type: ignore[arg-type]


def symbolic(text: Sequence[Any], precision: str) -> Layer:
    """A layer with symbols for its numbers, from its text."""
    kind, *parts = text
    layer: Layer = object.__new__(kind)
    counts, numbers = 0, 0
    of_list: Counts | None = None
    for one, part in zip(_fields(kind), parts, strict=True):
        value = part
        if part == COUNT:
            value, counts = Size(COUNTS + counts), counts + 1
        elif part == NUMBER:
            value, numbers = Grid("number", place=numbers), numbers + 1
        elif part == LIST:
            length, total = (Size(COUNTS + counts + place) for place in range(2))
            of_list = Counts("counts", length, total=total)
            value, counts = of_list, counts + 2
        elif isinstance(part, tuple):
            function, derivative, elementwise, count = part
            values = [Grid("number", place=numbers + number) for number in range(count)]
            value, numbers = _activation(function, derivative, elementwise, values, precision), numbers + count
        object.__setattr__(layer, one.name, value)
    if of_list is not None:
        of_list.more["place"] = numbers
    return layer


def _activation(function: Any, derivative: Any, elementwise: bool, values: list[Grid], precision: str) -> Activation:
    """An activation of symbols: each of its two formulas is one step of the graph.

    A derivative that needs z is a step of the way forward: to keep it takes no more room than to keep z, and there it
    shares with the activation what both need.
    """
    kind = "each" if elementwise else "rows"
    needs_z = not elementwise or reads(derivative, 0, 2 + len(values), precision)
    slopes: list[tuple[Any, Any]] = []

    def forward(z: Grid, *q: Grid) -> Grid:
        a: Grid = each(function, z, *q, dear=True, kind=kind, formula=True)
        if elementwise and needs_z:
            slopes.append((a, each(derivative, z, a, *q, dear=True, formula=True)))
        return a

    def backward(z: Any, a: Any, *rest: Any) -> Grid:
        for one, slope in slopes:
            if one is a:
                return slope
        return each(derivative, z if needs_z else a, a, *rest, dear=True, kind=kind, formula=True)

    symbolic: Activation = object.__new__(Activation)
    named = tuple((str(number), value) for number, value in enumerate(values))
    for name, value in (
        ("function", forward),
        ("derivative", backward),
        ("elementwise", elementwise),
        ("parameters", named),
    ):
        object.__setattr__(symbolic, name, value)
    return symbolic
