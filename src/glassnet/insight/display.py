"""What a notebook shows of a result: the blocks that the report is made of, as a piece of somebody else's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from glassnet.insight.blocks import Block, Cell, Charts, Code, Table, Words
from glassnet.insight.charts.training import training
from glassnet.insight.epochs import column_name, ending, epoch_lines
from glassnet.insight.templating import DISPLAY, environment
from glassnet.network.trace import PARTS
from glassnet.support.language import HTML_LANGUAGE, Language, Text, get_language
from glassnet.support.markup import Markup
from glassnet.training.history import LOSSES

if TYPE_CHECKING:
    from glassnet.network.chain_rule import Chain
    from glassnet.network.trace import Trace
    from glassnet.training import History

EPOCHS = Text("{count:,} epochs: {why}.", "共 {count:,} 轮：{why}。")
SHOWN_EPOCHS = 8
"""At most so many lines of a history, evenly spread, the best epoch among them."""
ENTRIES = Text("name|equation|shape|value", "名称|公式|形状|数值")


def display(blocks: Iterable[Block], language: Language | None = None) -> Markup:
    """Blocks as HTML that brings its style along, follows the notebook's theme, and changes nothing around it.

    Examples
    --------
    >>> page = display([Words("1 < 2")])
    >>> '<div class="glassnet" lang="en">' in page, "<p>1 &lt; 2</p>" in page
    (True, True)
    """
    spoken = language or get_language()
    template = environment().get_template("display.html")
    return Markup(
        template.render(blocks=list(blocks), style=Markup(DISPLAY), html_language=HTML_LANGUAGE[spoken]).strip()
    )


def history_html(history: History) -> Markup:
    """A history: its curves, why it ended, and some of its epochs."""
    spoken = get_language()
    if not len(history):
        return display([Words(repr(history))])
    judged = [name for name in history.columns if name.startswith("validation_") and name not in LOSSES]
    losses: list[str] = [name for name in LOSSES if name in history.columns]
    drawn: list[list[str]] = [losses, *([name] for name in judged)]
    charts = [training([history], names, spoken) for names in drawn if names]
    why = ending(history, language=spoken)
    said = [Words(EPOCHS.say(spoken, count=len(history), why=why))] if history.endings else []
    lines, best = epoch_lines(history, SHOWN_EPOCHS)
    table = Table("", [column_name(name, spoken) for name in history.columns], lines, words=(), best=best)
    return display([*said, Charts(charts), table], spoken)


def trace_html(trace: Trace) -> Markup:
    """A trace: a table for each part of the step, every number in it."""
    spoken = get_language()
    blocks: list[Block] = [Words(trace.title.say(spoken))]
    for part, name in PARTS.items():
        rows: list[list[str | Cell]] = [
            [
                entry.name,
                Cell(" = ".join(filter(None, [entry.equation, entry.first])), look="code"),
                str(entry.value.shape),
                Cell(entry.numbers, look="code"),
            ]
            for entry in trace
            if entry.part == part
        ]
        if rows:
            blocks.append(Table(name.say(spoken), ENTRIES.say(spoken).split("|"), rows, (0, 1, 3)))
    return display(blocks, spoken)


def chain_html(chain: Chain) -> Markup:
    """A chain: the rows as a table, and the chain rule filled in, as it is printed."""
    title, *parts = str(chain).split("\n\n")
    blocks: list[Block] = [Words(line) for line in title.splitlines()]
    blocks += [Code(part.partition("\n")[0], part) for part in parts]
    return display(blocks)
