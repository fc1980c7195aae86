"""What shuffling the columns found, to be read, drawn, and put into a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np

from glassnet.display.blocks import Charts, Table, Words, display
from glassnet.display.chart import Bar, Bars
from glassnet.display.numbers import beside
from glassnet.display.theme import Axes, Look, picture
from glassnet.insight.cells import as_frame_like
from glassnet.insight.scores import metric_name
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, aligned, check_language, minus
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer, checked

TITLE = Text("Feature importance")
COLUMN = Text("column")
DROP = Text("drop in {metric}")
SCORE = Text("{metric} before permutation: {score:.4g}")
DEVIATION = Text("deviation")


@methods_suggest_options
@dataclass(frozen=True)
class Importances:
    """Permutation importances: the drop in score when a column is shuffled; prints as a table, most important first.

    Attributes
    ----------
    columns : tuple of str
        In the order of the training table; groups of columns come first.
    drops : array of shape (columns, repeats)
        By how much the score was lower, each time.
    score : float
        With every column in its place.
    metric : str
        What the score is.
    """

    columns: tuple[str, ...]
    drops: Array
    score: float
    metric: str
    table: Any = field(default=None, repr=False)

    @property
    def means(self) -> Array:
        """The mean drop of each column."""
        return self.drops.mean(axis=1)

    @property
    def deviations(self) -> Array:
        """The standard deviation of each column's drops, from shuffling to shuffling."""
        return self.drops.std(axis=1)

    @property
    def order(self) -> list[int]:
        """The places of the columns, the most important first."""
        return [int(place) for place in np.argsort(-self.means, kind="stable")]

    def to_frame(self) -> Any:
        """A row for each column, the most important first: column, importance, deviation."""
        order = self.order
        names = np.array(self.columns, dtype=object)[order]
        columns = {"column": names, "importance": self.means[order], "deviation": self.deviations[order]}
        return as_frame_like(self.table, columns)

    @picture(most=Integer("20 is a common choice"))
    def plot(self, *, most: int = 20, **look: Unpack[Look]) -> Axes:
        """Draw the most important columns as bars, with the deviation from shuffling to shuffling.

        Parameters
        ----------
        most : int
            How many bars.
        **look
        """
        from glassnet.insight.plots.draw import draw

        return draw(lambda spoken: self.chart(spoken, most), **look)

    @checked(most=Integer("20 is a common choice"))
    def chart(self, language: Language | None = None, most: int = 20) -> Bars:
        """Bar chart of the most important columns."""
        each = [
            Bar(self.columns[at], mean, beside(mean, self.means), "a", mean - deviation, mean + deviation)
            for at in self.order[:most]
            for mean, deviation in [(float(self.means[at]), float(self.deviations[at]))]
        ]
        return Bars(TITLE.say(language), each, DROP.say(language, metric=metric_name(self.metric, language)))

    def _repr_html_(self) -> str:
        head, *rows = self.cells()
        score = SCORE.say(metric=metric_name(self.metric), score=self.score)
        return display([Charts([self.chart()]), Table("", head, rows), Words(score, "note")])

    def cells(self, language: Language | None = None) -> list[tuple[str, str, str]]:
        """The table as text: its head, then column, mean drop and deviation, the most important first."""
        language = check_language(language)
        head = (
            COLUMN.say(language),
            DROP.say(language, metric=metric_name(self.metric, language)),
            DEVIATION.say(language),
        )
        numbers = [[minus(f"{number:.4f}") for number in column] for column in (self.means, self.deviations)]
        return [head, *((self.columns[p], numbers[0][p], numbers[1][p]) for p in self.order)]

    def __str__(self) -> str:
        return f"{aligned(self.cells())}\n{SCORE.say(metric=metric_name(self.metric), score=self.score)}"
