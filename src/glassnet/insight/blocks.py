"""What sections are made of: plain data, which the templates turn into a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from glassnet.insight.charts import Bars, Chart, figure
from glassnet.insight.charts.svg import NARROW, WIDTH
from glassnet.markup import Markup

__all__ = [
    "Beside",
    "Block",
    "Cards",
    "Cell",
    "Charts",
    "Code",
    "Drawn",
    "Facts",
    "Heading",
    "Items",
    "Own",
    "Table",
    "Words",
]


class Cell(NamedTuple):
    """A cell of a table that is more than a text.

    Attributes
    ----------
    text : str
    note : str
        A smaller line below it.
    bar, shade : float or None
        From 0 to 1: a bar in the place of the text, or how dark the ground behind it is.
    look : {"", "code", "quiet"}
    """

    text: str
    note: str = ""
    bar: float | None = None
    shade: float | None = None
    look: str = ""


@dataclass(frozen=True)
class Block:
    """A piece of a section; `kind` names the macro that draws it."""

    kind: ClassVar[str]


@dataclass(frozen=True)
class Words(Block):
    """A paragraph; `look` is a class of the style sheet."""

    kind = "words"
    text: str
    look: str = ""


@dataclass(frozen=True)
class Heading(Block):
    """The heading of a part of a section."""

    kind = "heading"
    text: str


@dataclass(frozen=True)
class Items(Block):
    """A list of sentences."""

    kind = "items"
    each: Sequence[str]


@dataclass(frozen=True)
class Table(Block):
    """A table that can be scrolled where the screen is narrow.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Names of the columns.
    rows : sequence of sequences of str or Cell
        The first cell of a row is its name.
    words : iterable of int
        The columns of text; the others hold numbers, and keep to the right.
    best : int or None
        A row that stands out.
    """

    kind = "table"
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    words: Iterable[int] = (0,)
    best: int | None = None


@dataclass(frozen=True)
class Charts(Block):
    """Charts side by side, two or three in a row."""

    kind = "charts"
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

    kind = "beside"
    each: Sequence[Block]


@dataclass(frozen=True)
class Facts(Block):
    """Names, and what is so."""

    kind = "facts"
    pairs: Sequence[tuple[str, str | Cell]]


@dataclass(frozen=True)
class Cards(Block):
    """Figures that stand out: a name, a large value, and notes."""

    kind = "cards"
    each: Sequence[tuple[str, str, Sequence[str]]]


@dataclass(frozen=True)
class Code(Block):
    """Something to be typed."""

    kind = "code"
    label: str
    text: str


@dataclass(frozen=True)
class Drawn(Block):
    """Markup that was made elsewhere."""

    kind = "drawn"
    markup: Markup


@dataclass(frozen=True)
class Own(Block):
    """A block that a template of its own draws, from data of its own."""

    kind = "own"
    template: str
    data: Any
