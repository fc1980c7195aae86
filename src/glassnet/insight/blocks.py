"""What sections are made of: plain data, which the templates turn into a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from glassnet.insight.charts import Bars, Chart, figure
from glassnet.insight.charts.svg import NARROW, WIDTH
from glassnet.support.markup import Markup


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
class Words(Block):
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
class Table(Block):
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
        """Each as a figure; where three stand side by side they are narrower, so that letters keep their size."""
        return [figure(chart, NARROW if self.in_row == 3 else WIDTH) for chart in self.each]

    @property
    def in_row(self) -> int:
        """How many stand side by side where there is room."""
        return {1: 1, 3: 3, 5: 3, 6: 3}.get(len(self.each), 2)


@dataclass(frozen=True)
class Beside(Block):
    """Tables beside each other, where there is room."""

    each: Sequence[Block]


@dataclass(frozen=True)
class Facts(Block):
    """Names, and what is so."""

    pairs: Sequence[tuple[str, str | Cell]]


@dataclass(frozen=True)
class Cards(Block):
    """Figures that stand out: a name, a large value, and notes."""

    each: Sequence[tuple[str, str, Sequence[str]]]


@dataclass(frozen=True)
class Code(Block):
    """Something to be typed."""

    label: str
    text: str


@dataclass(frozen=True)
class Drawn(Block):
    """Markup that was made elsewhere."""

    markup: Markup


@dataclass(frozen=True)
class Own(Block):
    """A block that a template of its own draws, from data of its own."""

    template: str
    data: Any
