"""What a notebook shows of a network or a fitted estimator: one string that holds all, drawn without libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from glassnet.insight.blocks import Block, Drawn, Table, Words
from glassnet.insight.diagram import Column, Diagram, diagram_of
from glassnet.insight.display import display
from glassnet.insight.epochs import EPOCH, column_name
from glassnet.insight.numbers import short
from glassnet.insight.theme import NEGATIVE, POSITIVE
from glassnet.network.numbers import HEADS, LOSS_OF
from glassnet.support.language import Language, Text, check_language
from glassnet.support.markup import Markup, element

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator
    from glassnet.network import NeuralNetwork

INPUTS = (Text("1 input", "1 个输入"), Text("{count} inputs", "{count} 个输入"))
OUTPUTS = (Text("1 output", "1 个输出"), Text("{count} outputs", "{count} 个输出"))
CAPTION = Text("{inputs}, {outputs}, {count:,} parameters", "{inputs}，{outputs}，{count:,} 个参数")
MEMBERS = Text("{count} networks, averaged; this is the first", "{count} 个网络取平均；图中是第一个")
BEST = Text("{epoch} (best)", "{epoch}（最好）")
LAST = Text("{epoch} (last)", "{epoch}（最后）")
TOLD = Text("NeuralNetwork: {sizes}; {loss}", "NeuralNetwork：{sizes}；{loss}")
DRAWING = Text("Diagram of the network: {widths} units", "网络结构图：各层单元数 {widths}")
SIGNS = Text(
    "Width of a line: size of the weight. Blue: positive, orange: negative.",
    "线的粗细表示权重的大小：蓝色为正，橙色为负。",
)

STEP, ROW, TOP, SIDE = 104, 19, 34, 46
"""Pixels between columns, between units, above and beside them."""
NOTE = 13
"""Pixels between the notes below a column."""


def network_html(network: NeuralNetwork, language: str | None = None) -> Markup:
    """A network as a diagram and a table of its layers, in one self-contained piece of HTML.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> page = network_html(NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy"))
    >>> "131 parameters" in page, "<svg" in page
    (True, True)
    """
    spoken = check_language(language)
    return display(_network(network, spoken), spoken)


def _network(network: NeuralNetwork, language: Language) -> list[Block]:
    rows = [[repr(layer), *(f"{size:,}" for size in sizes)] for layer, *sizes in network.sized_layers]
    inputs, outputs = (
        texts[count > 1].say(language, count=count)
        for texts, count in ((INPUTS, network.inputs), (OUTPUTS, network.outputs))
    )
    sizes = CAPTION.say(language, inputs=inputs, outputs=outputs, count=sum(network.sizes))
    told = TOLD.say(language, sizes=sizes, loss=LOSS_OF.say(language, loss=network.loss.equation))
    return [
        Drawn(diagram_svg(network, language)),
        Words(SIGNS.say(language), "note"),
        Words(told),
        Table("", [head.say(language) for head in HEADS], rows),
    ]


def estimator_html(estimator: NeuralEstimator, language: str | None = None) -> Markup:
    """The network of a fitted estimator, and the numbers of its best and its last epoch."""
    spoken = check_language(language)
    history, several = estimator.history_, len(estimator.networks_)
    blocks = _network(estimator.network_, spoken)
    if several > 1:
        blocks.append(Words(MEMBERS.say(spoken, count=several)))
    if not len(history):  # a search that writes none, elsewhere
        return display(blocks, spoken)
    columns = [name for name in history.columns if name not in ("epoch", "seconds")]
    told = {int(history["epoch"][-1]): LAST}
    if history.best_epoch is not None:
        told = {history.best_epoch: BEST} | ({} if history.best_epoch in told else told)
    rows = [
        [
            told[int(row["epoch"])].say(spoken, epoch=int(row["epoch"])),
            *(short(row[name]) if name in row else "" for name in columns),
        ]
        for row in history
        if row["epoch"] in told
    ]
    head = [EPOCH.say(spoken), *(column_name(name, spoken) for name in columns)]
    return display([*blocks, Table("", head, rows)], spoken)


# -------------------------------------------------------------------- the drawing


def diagram_svg(network: NeuralNetwork, language: str | None = None) -> Markup:
    """The diagram of a network as one ``<svg>`` element; what is neither blue nor orange has the page's colour."""
    spoken = check_language(language)
    diagram = diagram_of(network)
    tallest = max(max(column.heights) - min(column.heights) for column in diagram.columns)
    above = TOP + 16 * bool(diagram.blocks)
    width = 2 * SIDE + STEP * (len(diagram.columns) - 1)
    below = 31 + NOTE * max(1, *(len(column.notes) for column in diagram.columns))
    height = int(above + ROW * tallest + below)
    middle = above + ROW * tallest / 2
    label = DRAWING.say(spoken, widths=" - ".join(str(column.units) for column in diagram.columns))
    marks = [*_links(diagram, middle), *_blocks(diagram, above)]
    for number, column in enumerate(diagram.columns):
        marks += _column(column, SIDE + STEP * number, middle, above, height - below)
    return element(
        *("svg", *marks),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
        style="max-width:100%;height:auto",
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


def _blocks(diagram: Diagram, above: float) -> Iterator[Markup]:
    """The way around each residual block."""
    for block in diagram.blocks:
        left, right = SIDE + STEP * block.first, SIDE + STEP * block.last
        y = above - 30
        around = f"M{left} {y + 10}Q{left} {y} {left + 10} {y}H{right - 10}Q{right} {y} {right} {y + 10}"
        yield element("path", d=around, fill="none", stroke="currentColor", stroke_dasharray="3 3", opacity=0.7)
        yield element("text", "+ x", x=(left + right) / 2, y=y - 4, opacity=0.8)


def _column(column: Column, x: float, middle: float, above: float, lowest: float) -> Iterator[Markup]:
    if column.title:
        yield element("text", column.title, x=x, y=above - 12)
    for row in column.heights:
        y = f"{middle - ROW * row:.1f}"
        yield element("circle", cx=x, cy=y, r=6, fill="#8795a3", stroke="currentColor", stroke_width=0.8)
    if column.gap is not None:
        yield element("text", "⋮", x=x, y=f"{middle - ROW * column.gap + 5:.1f}", font_weight="bold")
    yield element("text", f"{column.units:,}", x=x, y=lowest + 20, opacity=0.8)
    for number, note in enumerate(column.notes):  # below each other: beside their neighbours there is no room
        yield element("text", note, x=x, y=lowest + 34 + NOTE * number, font_size=9, opacity=0.8)
