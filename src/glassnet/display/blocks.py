"""Blocks: the parts of a page as plain data, which templates turn into HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from glassnet.display.chart import Bars, Chart
from glassnet.display.markup import Markup
from glassnet.display.svg import NARROW, WIDTH, figure
from glassnet.display.templating import DISPLAY, environment
from glassnet.support.language import HTML_LANGUAGE, Language, get_language


class Cell(NamedTuple):
    """A cell of a table that is more than a text."""

    text: str
    note: str = ""  # a smaller line below
    bar: float | None = None  # from 0 to 1, in the place of the text
    shade: float | None = None  # from 0 to 1: how dark the ground behind it is
    look: str = ""


class Block:
    """A piece of a section; the macro that is called as its class draws it."""

    @property
    def kind(self) -> str:
        """The name of the macro."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph; `look` is a class of the style sheet."""

    text: str
    look: str = ""


@dataclass(frozen=True)
class Heading(Block):
    """The heading of a part of a section."""

    text: str


@dataclass(frozen=True)
class Items(Block):
    """A list of sentences."""

    each: Sequence[str]


@dataclass(frozen=True)
class TableBlock(Block):
    """A table that can be scrolled where the screen is narrow."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]  # the first cell of a row is its name
    words: Iterable[int] = (0,)  # the columns of text; the others hold numbers, and keep to the right
    best: int | None = None  # a row that stands out


@dataclass(frozen=True)
class Charts(Block):
    """Charts side by side, two or three in a row."""

    each: Sequence[Chart | Bars]

    def drawn(self) -> list[Markup]:
        """Return each chart as a figure; three side by side are narrower, so that letters keep their size."""
        return [figure(chart, NARROW if self.in_row == 3 else WIDTH) for chart in self.each]

    @property
    def in_row(self) -> int:
        """The number of charts side by side on a wide page."""
        return {1: 1, 3: 3, 5: 3, 6: 3}.get(len(self.each), 2)


@dataclass(frozen=True)
class SideBySide(Block):
    """Tables side by side, on a wide page."""

    each: Sequence[Block]


@dataclass(frozen=True)
class Facts(Block):
    """Pairs of a name and a value."""

    pairs: Sequence[tuple[str, str | Cell]]


@dataclass(frozen=True)
class Cards(Block):
    """Figures that stand out: a name, a large value, and notes."""

    each: Sequence[tuple[str, str, Sequence[str]]]


@dataclass(frozen=True)
class CodeBlock(Block):
    """Something to be typed."""

    label: str
    text: str


@dataclass(frozen=True)
class MarkupBlock(Block):
    """Markup that was made elsewhere."""

    markup: Markup


@dataclass(frozen=True)
class Template(Block):
    """A block that a template of its own draws, from data of its own."""

    template: str
    data: Any


def display(blocks: Iterable[Block], language: Language | None = None) -> Markup:
    """Return blocks as HTML with its own styles, which follow the notebook's theme and apply to these blocks only.

    Examples
    --------
    >>> page = display([Paragraph("1 < 2")])
    >>> '<div class="glassnet" lang="en">' in page, "<p>1 &lt; 2</p>" in page
    (True, True)
    """
    spoken = language or get_language()
    template = environment().get_template("display.html")
    return Markup(
        template.render(blocks=list(blocks), style=Markup(DISPLAY), html_language=HTML_LANGUAGE[spoken]).strip()
    )
