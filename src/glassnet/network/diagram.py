"""The diagram of a network: the units drawn and their connections, as SVG; the HTML that a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from glassnet.display.blocks import Block, MarkupBlock, Paragraph, TableBlock, display
from glassnet.display.markup import Markup, element
from glassnet.display.theme import NEGATIVE, POSITIVE
from glassnet.formulas.formula import Formula
from glassnet.layers import Layer, Residual
from glassnet.layers.base import Array, Values
from glassnet.network.inference import HEADS, LOSS_OF
from glassnet.support.language import Language, Text, check_language

if TYPE_CHECKING:
    from glassnet.network import NeuralNetwork

INPUTS = (Text("1 input"), Text("{count} inputs"))
OUTPUTS = (Text("1 output"), Text("{count} outputs"))
CAPTION = Text("{inputs}, {outputs}, {count:,} parameters")
TOLD = Text("NeuralNetwork: {sizes}; {loss}")
DRAWING = Text("Diagram of the network: {widths} units")
SIGNS = Text(
    "Width of a line: size of the weight. Blue: positive, orange: negative.",
)

STEP, ROW, TOP, SIDE = 104, 19, 34, 46
"""Pixels between columns, between units, above and beside them."""
NOTE = 13
"""Pixels between the notes below a column."""

MOST = 8
"""Of a wider layer the first and the last units are drawn, so many rows in all."""
LAST = 2


@dataclass(frozen=True)
class UnitColumn:
    """The units that a layer gives, one below the other."""

    units: int
    title: str = ""  # their source: an activation, or the kind of layer
    notes: tuple[str, ...] = ()  # layers that leave the units where they are: dropout, normalization

    @property
    def shown(self) -> tuple[int, ...]:
        """The units that are drawn, from 0."""
        if self.units <= MOST:
            return tuple(range(self.units))
        return (*range(MOST - 1 - LAST), *range(self.units - LAST, self.units))

    @property
    def heights(self) -> tuple[float, ...]:
        """The height of each unit, with the middle of the column at 0."""
        rows = [row + (row >= MOST - 1 - LAST) * (self.units > MOST) for row in range(len(self.shown))]
        return tuple(rows[-1] / 2 - row for row in rows)

    @property
    def gap(self) -> float | None:
        """The height at which units are left out."""
        return None if self.units <= MOST else (MOST - 1) / 2 - (MOST - 1 - LAST)


@dataclass(frozen=True)
class Links:
    """The links between two columns of units."""

    source: int
    target: int
    weights: Array | None  # between the units that are drawn; None: no weight for each pair

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        """Yield for each line the two rows, and its weight as a share of the largest, or None."""
        assert self.weights is not None
        largest = float(np.abs(self.weights).max()) or 1.0
        for (source, target), weight in np.ndenumerate(self.weights):
            yield source, target, float(weight) / largest


@dataclass(frozen=True)
class Shortcut:
    """A residual block: the input of column `first` is added to the output of column `last`."""

    first: int
    last: int


@dataclass
class Diagram:
    """All that is to be drawn of a network."""

    columns: list[UnitColumn] = field(default_factory=list)
    links: list[Links] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)


def diagram_of(network: NeuralNetwork) -> Diagram:
    """Return the diagram of a network.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> diagram = diagram_of(NeuralNetwork(3, ["tanh:20", "dropout:0.2", 1]))
    >>> [(column.units, column.title, column.notes) for column in diagram.columns]
    [(3, '', ()), (20, 'tanh', ('Dropout 0.2',)), (1, 'identity', ())]
    >>> diagram.columns[1].shown
    (0, 1, 2, 3, 4, 18, 19)
    >>> diagram.links[0].weights.shape
    (3, 7)
    """
    diagram = Diagram([UnitColumn(network.inputs)])
    _walk(diagram, network.layers, network.layout.values(network.parameters, network.statistics))
    return diagram


def _walk(diagram: Diagram, layers: Sequence[Layer], values: Sequence[Values]) -> None:
    for layer, arrays in zip(layers, values, strict=True):
        last = len(diagram.columns) - 1
        before = diagram.columns[last]
        if isinstance(layer, Residual):
            _walk(diagram, layer.layers, layer.split(arrays))
            if len(diagram.columns) - 1 > last:
                diagram.shortcuts.append(Shortcut(last, len(diagram.columns) - 1))
            continue
        units, W = layer.outputs(before.units), arrays.get("W")
        weighted = W is not None and W.shape == (before.units, units) and not layer.takes_codes
        if units == before.units and not weighted:
            diagram.columns[last] = replace(before, notes=(*before.notes, _name(layer)))
            continue
        after = UnitColumn(units, _name(layer))
        shown = W[np.ix_(before.shown, after.shown)].astype(np.float64) if weighted and W is not None else None
        diagram.columns.append(after)
        diagram.links.append(Links(last, last + 1, shown))


def _name(layer: Layer) -> str:
    """Return a layer in a word or two: of a dense one the activation, for its units are seen."""
    kind, rate = type(layer).__name__, getattr(layer, "rate", None)
    activation = getattr(layer, "activation", None)
    if isinstance(activation, Formula):
        return activation.name if kind in ("Dense", "Activate") else f"{kind} {activation.name}"
    return f"{kind} {rate:g}" if kind == "Dropout" else kind


# -------------------------------------------------------------------- SVG


def diagram_svg(network: NeuralNetwork, language: str | None = None) -> Markup:
    """Return the diagram of a network as one ``<svg>`` element; neutral parts have the page's text colour."""
    spoken = check_language(language)
    diagram = diagram_of(network)
    tallest = max(max(column.heights) - min(column.heights) for column in diagram.columns)
    above = TOP + 16 * bool(diagram.shortcuts)
    width = 2 * SIDE + STEP * (len(diagram.columns) - 1)
    below = 31 + NOTE * max(1, *(len(column.notes) for column in diagram.columns))
    height = int(above + ROW * tallest + below)
    middle = above + ROW * tallest / 2
    label = DRAWING.say(spoken, widths=" - ".join(str(column.units) for column in diagram.columns))
    marks: list[str] = [*_links(diagram, middle), *_shortcuts(diagram, above)]
    for number, column in enumerate(diagram.columns):
        marks += ["" if number == 0 else " → ", *_column(column, SIDE + STEP * number, middle, above, height - below)]
    return element(
        *("svg", *marks),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
        font_size=11,
        text_anchor="middle",
        fill="currentColor",
    )


def _links(diagram: Diagram, middle: float) -> Iterator[Markup]:
    for links in diagram.links:
        left, right = SIDE + STEP * links.source, SIDE + STEP * links.target
        before, after = diagram.columns[links.source], diagram.columns[links.target]
        if links.weights is None:  # no weight for each pair: one arrow for all
            yield _line(left + 14, middle, right - 14, middle, "currentColor", 1.2, 0.5)
            yield element("path", d=f"M{right - 14} {middle:.1f}l-7 -4v8z", fill="currentColor", opacity=0.5)
            continue
        for source, target, share in links:
            ends = middle - ROW * before.heights[source], middle - ROW * after.heights[target]
            color = POSITIVE if share >= 0 else NEGATIVE
            yield _line(left, ends[0], right, ends[1], color, 0.2 + 2.4 * abs(share), 0.75)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, width: float, opacity: float) -> Markup:
    return element(
        "line", x1=x1, y1=f"{y1:.1f}", x2=x2, y2=f"{y2:.1f}",
        stroke=color, stroke_width=f"{width:.2f}", opacity=opacity,
    )  # fmt: skip


def _shortcuts(diagram: Diagram, above: float) -> Iterator[str]:
    """Yield the way around each residual block."""
    for block in diagram.shortcuts:
        left, right = SIDE + STEP * block.first, SIDE + STEP * block.last
        y = above - 30
        around = f"M{left} {y + 10}Q{left} {y} {left + 10} {y}H{right - 10}Q{right} {y} {right} {y + 10}"
        yield element("path", d=around, fill="none", stroke="currentColor", stroke_dasharray="3 3", opacity=0.7)
        yield element("text", "+ x", x=(left + right) / 2, y=y - 4)
        yield " "


def _column(column: UnitColumn, x: float, middle: float, above: float, lowest: float) -> Iterator[str]:
    """Yield the units of a column, its title, their number and notes; between texts are blanks, as in charts."""
    if column.title:
        yield element("text", column.title, x=x, y=above - 12)
        yield " "
    for row in column.heights:
        y = f"{middle - ROW * row:.1f}"
        yield element("circle", cx=x, cy=y, r=6, fill="#8795a3", stroke="currentColor", stroke_width=0.8)
    if column.gap is not None:
        yield element("text", "⋮", x=x, y=f"{middle - ROW * column.gap + 5:.1f}", font_weight="bold")
        yield " "
    yield element("text", f"{column.units:,}", x=x, y=lowest + 20)
    for number, note in enumerate(column.notes):  # below each other: beside their neighbours there is no room
        yield " "
        yield element("text", note, x=x, y=lowest + 34 + NOTE * number, font_size=9)


# -------------------------------------------------------------------- HTML


def network_html(network: NeuralNetwork, language: str | None = None) -> Markup:
    """Return a network as a diagram and a table of its layers, in one self-contained piece of HTML.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> page = network_html(NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy"))
    >>> "131 parameters" in page, "<svg" in page
    (True, True)
    """
    spoken = check_language(language)
    return display(network_blocks(network, spoken), spoken)


def network_blocks(network: NeuralNetwork, language: Language) -> list[Block]:
    rows = [[repr(layer), *(f"{size:,}" for size in sizes)] for layer, *sizes in network.sized_layers]
    inputs, outputs = (
        texts[count > 1].say(language, count=count)
        for texts, count in ((INPUTS, network.inputs), (OUTPUTS, network.outputs))
    )
    sizes = CAPTION.say(language, inputs=inputs, outputs=outputs, count=sum(network.sizes))
    caption = TOLD.say(language, sizes=sizes, loss=LOSS_OF.say(language, loss=network.loss.equation))
    return [
        MarkupBlock(element("div", diagram_svg(network, language), class_="scroll", tabindex=0)),
        Paragraph(SIGNS.say(language), "note"),
        Paragraph(caption),
        TableBlock("", [head.say(language) for head in HEADS], rows),
    ]
