"""What an explanation is: numbers for each row and column, which can be read, drawn and put into a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.insight.blocks import Charts, Items, Words
from glassnet.insight.cells import as_frame_like
from glassnet.insight.charts import Bar, Bars
from glassnet.insight.charts.chart import Ink
from glassnet.insight.display import display
from glassnet.insight.explanations.answer import Kind
from glassnet.insight.explanations.words import answer_text, change_text, largest, sentence
from glassnet.insight.values import cell_text
from glassnet.language import Language, Text, check_language
from glassnet.layers.base import Array
from glassnet.options import Whole, checked
from glassnet.touching import place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Explanation"]

SHOWN, DRAWN = 10, 2
"""Rows that are printed, and that are drawn in a notebook."""

ROW = Text("row {row}: {words}", "第 {row} 行：{words}")
MORE = Text("... and {count:,} more rows", "……还有 {count:,} 行")
CONTRIBUTION = Text("contribution", "贡献")


@dataclass(frozen=True)
class Explanation:
    """What each column of some rows adds to the answer; printed, it says so in words.

    For each row ``base + contributions.sum()`` is ``value``, up to ``gap``.

    Attributes
    ----------
    columns : tuple of str
        The columns of the table that the model learned from.
    contributions : array of shape (rows, columns)
        In the units of the value.
    base, value : arrays of shape (rows,)
        The answer for the baseline, and for the row.
    kind : {"probability", "score", "number"}
        What the value is.
    scale : array of shape (rows,)
        1 for probabilities and scores, else the standard deviation of the target.
    answers : list of str or None
        The class that each row's value is the probability of; None for numbers.
    target : str or None
        What is predicted, where the model remembers its name.
    cells : list of list
        For each column what is in it, row by row; None for a gap.
    """

    columns: tuple[str, ...]
    contributions: Array
    base: Array
    value: Array
    kind: Kind
    scale: Array
    answers: list[str] | None
    target: str | None
    cells: list[list[Any]]
    table: Any = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def gap(self) -> Array:
        """What the contributions of each row lack to the difference of value and base."""
        return self.value - self.base - self.contributions.sum(axis=1)

    @checked(most=Whole("4 make one sentence"))
    def words(self, row: int = 0, *, language: Language | None = None, most: int = 4) -> str:
        """One row in one sentence: the answer, what speaks for it, what against.

        Parameters
        ----------
        row : int
            Its place, from 0.
        language : {"en", "zh"}, optional
        most : int
            How many columns are named at most: the largest contributions, without those that hardly count.
        """
        row = place("`row`", row, len(self))
        return sentence(self, row, check_language(language), most)

    def to_frame(self) -> Any:
        """A row for each row, a column for each column; before them the answer, its value, the base and the gap.

        Returns
        -------
        DataFrame
            Of the library that the table came from; of pandas or polars where it was none.
        """
        columns: dict[str, Any] = {} if self.answers is None else {"(answer)": np.array(self.answers, dtype=object)}
        columns |= {"(value)": self.value, "(base)": self.base, "(gap)": self.gap}
        columns |= {name: self.contributions[:, place].copy() for place, name in enumerate(self.columns)}
        return as_frame_like(self.table, columns)

    @checked(most=Whole("10 is usual"))
    def plot(
        self,
        row: int = 0,
        *,
        most: int = 10,
        ax: Axes | None = None,
        language: Language | None = None,
        theme: str = "light",
    ) -> Axes:
        """Draw the largest contributions of one row as bars.

        Parameters
        ----------
        row : int
        most : int
            How many bars.
        ax : matplotlib Axes, optional
            None: a figure of its own.
        language : {"en", "zh"}, optional
        theme : {"light", "dark"}

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        InputError, InputTypeError
            If there is no such row, or an option is out of range.
        """
        from glassnet.insight.plots.draw import draw

        return draw(lambda spoken: self.chart(row, spoken, most), ax, language, theme)

    @checked(most=Whole("10 is usual"))
    def chart(self, row: int = 0, language: Language | None = None, most: int = 10) -> Bars:
        """What is drawn of a row: a bar for each of the largest contributions, blue for the answer, orange against."""
        row, language = place("`row`", row, len(self)), check_language(language)
        each = []
        for at in largest(self.contributions[row], most):
            name, change = cell_text(self.cells[at][row], language), float(self.contributions[row, at])
            look: Ink = "a" if change > 0 else "b"
            each.append(Bar(f"{self.columns[at]}: {name}", change, change_text(self, row, change), look))
        return Bars(answer_text(self, row, language), each, CONTRIBUTION.say(language))

    def in_words(self, language: Language | None = None) -> str:
        """The first rows, each in a sentence."""
        language = check_language(language)
        if len(self) == 1:
            return self.words(0, language=language)
        first = range(min(len(self), SHOWN))
        lines = [ROW.say(language, row=row, words=self.words(row, language=language)) for row in first]
        more = [MORE.say(language, count=len(self) - SHOWN)] if len(self) > SHOWN else []
        return "\n".join([*lines, *more])

    def _repr_html_(self) -> str:
        rows = range(min(len(self), SHOWN))
        said = [ROW.say(row=row, words=self.words(row)) if len(self) > 1 else self.words(row) for row in rows]
        more = [Words(MORE.say(count=len(self) - SHOWN), "note")] if len(self) > SHOWN else []
        charts = Charts([self.chart(row) for row in rows[:DRAWN]])
        return display([Words(said[0]) if len(said) == 1 else Items(said), *more, charts])

    def __str__(self) -> str:
        return self.in_words()
