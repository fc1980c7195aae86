"""Partial dependence: a model's output when one column has a given value in every row, the others unchanged."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np

from glassnet.display.blocks import Block, Charts, TableBlock
from glassnet.display.chart import Axis, Band, Bar, Bars, Chart, Line, Mark
from glassnet.display.numbers import short
from glassnet.display.result import Result
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError
from glassnet.insight.answer import Kind, ScalarOutput
from glassnet.insight.cells import TableCells, as_frame_like, cell_text
from glassnet.layers.base import Array
from glassnet.support.coercion import column_place
from glassnet.support.language import Language, Text, aligned, check_language
from glassnet.support.messages import listed
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer, checked
from glassnet.tables.columns.column_values import level_text
from glassnet.training.split import evenly_spaced

TAILS = 0.05
"""The share of a number's smallest and of its largest values that the grid leaves out: there are few rows."""
MOST_ROWS = (0.1, 0.9)
"""Between which quantiles of the rows the band lies."""
FEW = 8
"""So few values are marked on the curve."""
LINES = 50
"""Rows that are drawn, each as a line of its own."""

TITLE = Text("Partial dependence on {column}")
MEAN, ROW = Text("mean"), Text("a row")
BAND = Text("80% of the rows")
REACH = Text("{label}; thin lines span 80% of the rows")
LABELS = {
    "probability": Text("probability of “{answer}”"),
    "score": Text("score of “{answer}”"),
    "number": Text("prediction"),
}


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class PartialDependence(Result):
    """Partial dependence: the mean prediction for each of some values of a column, and that of each row (ICE).

    Attributes
    ----------
    column : str
    grid : list
        The values, cells of the table: numbers and dates in ascending order; levels with the most frequent first, None
        for a gap.
    average : array of shape (values,)
        The mean answer: partial dependence.
    individual : array of shape (rows, values)
        The answer for each row: individual conditional expectation.
    kind : {"probability", "score", "number"}
        What an answer is.
    answer : str or None
        The class that it is the probability of.
    ordered : bool
        Whether the values can be put on an axis.
    """

    column: str
    grid: list[Any]
    average: Array
    individual: Array
    kind: Kind
    answer: str | None
    ordered: bool
    table: Any = field(default=None, repr=False)

    def to_frame(self) -> Any:
        """A row for each value: the value, the mean answer, and its deviation from row to row."""
        return as_frame_like(
            self.table, {self.column: self.grid, "mean": self.average, "deviation": self.individual.std(axis=0)}
        )

    @picture(lines=Integer("50 can be distinguished", low=0))
    def plot(self, *, lines: int = LINES, **look: Unpack[Look]) -> Axes:
        """Draw the mean prediction against the values, with the predictions for some rows behind it.

        Parameters
        ----------
        lines : int
            For how many rows there is a line, where the values are numbers or dates; levels have bars.
        **look
        """
        from glassnet.insight.plots.canvas import draw

        return draw(lambda spoken: self.chart(spoken, lines), **look)

    @checked(lines=Integer("50 can be distinguished", low=0))
    def chart(self, language: Language | None = None, lines: int = LINES) -> Chart | Bars:
        """Chart of the partial dependence: a curve for numbers and dates, a bar for each level; and where most rows
        lie."""
        title = TITLE.say(language, column=self.column)
        label = LABELS[self.kind].say(language, answer=self.answer)
        low, high = np.quantile(self.individual, MOST_ROWS, axis=0).tolist()
        if not self.ordered:
            means = [(short(mean, 3), mean) for mean in self.average.tolist()]
            each = [
                Bar(cell_text(cell, language), mean, text, "a", first, last)
                for cell, (text, mean), first, last in zip(self.grid, means, low, high, strict=True)
            ]
            return Bars(title, each, REACH.say(language, label=label))
        places, names = self._places(language)
        some = evenly_spaced(len(self.individual), lines)
        marks: list[Mark] = [Band(BAND.say(language), low, high, x=places)]
        marks += [
            Line(ROW.say(language) if row == some[0] else "", places, self.individual[row], "quiet", weight="thin")
            for row in some
        ]
        marks.append(Line(MEAN.say(language), places, self.average, dots=len(places) < FEW, weight="thick"))
        return Chart(title, Axis(self.column, names=names), Axis(label), marks)

    def _places(self, language: Language | None) -> tuple[Array, list[tuple[float, str]]]:
        """Return the positions of the grid's values; non-numeric values get labels at the ends and in the middle."""
        if all(isinstance(cell, (int, float, np.number)) for cell in self.grid):
            return np.array(self.grid, np.float64), []
        dates = all(isinstance(cell, datetime.date) for cell in self.grid)
        places = [_day(cell) if dates else float(at) for at, cell in enumerate(self.grid)]
        shown = dict.fromkeys((0, len(places) // 2, len(places) - 1))
        spell = _shortly(self.grid) if dates else (lambda cell: cell_text(cell, language))
        return np.array(places), [(places[at], spell(self.grid[at])) for at in shown]

    def _blocks(self, language: Language) -> list[Block]:
        head, *rows = self._cells(language)
        return [Charts([self.chart(language)]), TableBlock("", head, rows)]

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the language that is set."""
        return aligned(self._cells(check_language(language)))

    def _cells(self, language: Language) -> list[tuple[str, str]]:
        """The table as text: its head, then each value and its mean answer."""
        head = (self.column, LABELS[self.kind].say(language, answer=self.answer))
        return [head, *zip((cell_text(cell, language) for cell in self.grid), map(short, self.average), strict=True)]


def _shortly(moments: list[Any]) -> Callable[[Any], str]:
    """Return the format of timestamps at an axis: the date or, within one day, the time; both have no room there."""
    days = [f"{moment:%Y-%m-%d}" for moment in (moments[0], moments[-1])]
    return (lambda moment: f"{moment:%H:%M}") if days[0] == days[1] else (lambda moment: moment.isoformat()[:10])


def _day(moment: datetime.date) -> float:
    """A date as a number of days."""
    return moment.toordinal() + getattr(moment, "hour", 0) / 24 + getattr(moment, "minute", 0) / 1440


@checked(points=Integer("20 is a common choice"))
def partial_dependence(
    model: Any, X: Any, column: str | int, *, output: Any = None, points: int = 20
) -> PartialDependence:
    """Partial dependence: the mean prediction, and that of each row, when one column is set to each of some values.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted.
    X : table of rows
        Some hundred are enough.
    column : str or int
        Its name, or its number in the training table.
    output : object
        The class whose probability is plotted, None: of two classes the positive one. Or the number of a target,
        where there are several.
    points : int
        At most so many values, all of them from the table: quantiles of numbers and dates, without the outer 5
        percent on either side; the most frequent levels of a category.

    Returns
    -------
    PartialDependence

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If the model is none or not fitted, the rows are none for it, or there is no such column or output.

    Notes
    -----
    Sources: Friedman (2001), *Greedy Function Approximation*, section 8.2; Goldstein, Kapelner, Bleich, Pitkin (2015),
    *Peeking Inside the Black Box*.

    Examples
    --------
    >>> from glassnet import NeuralRegressor
    >>> X = np.random.default_rng(0).integers(1, 4, size=(100, 2)).astype(float)
    >>> model = NeuralRegressor(hidden_layers=(), optimizer="lbfgs", random_state=0).fit(X, X @ [3.0, 0.0])
    >>> print(partial_dependence(model, X, "x0"))
    x0  prediction
    1   3
    2   6
    3   9
    """
    answer = ScalarOutput(model, output)
    cells = TableCells(model, X)
    place = column_place("`column`", column, cells.names)
    if answer.output is not None:
        chosen = answer.output
    elif answer.width == 2:
        chosen = model.targets_.positive
    else:
        remedy = Text("Choose one of the {count} classes", count=answer.width)
        raise InputError(
            Text("`output` must be one of the classes [{value}]", value=listed(answer.classes or ())),
            Text("None", context="received"),
            remedy,
        )
    return _of_outputs(answer, cells, X, place, points)[chosen]


def of_each_class(model: Any, X: Any, place: int, points: int) -> list[PartialDependence]:
    """Partial dependence of every class on one column, in the time that one takes."""
    return _of_outputs(ScalarOutput(model, None), TableCells(model, X), X, place, points)


def _of_outputs(answer: ScalarOutput, cells: TableCells, X: Any, place: int, points: int) -> list[PartialDependence]:
    rows, ordered = _grid(cells, place, points)
    answers = np.stack([answer.answers(cells.moved({place: np.full(cells.rows, row)})) for row in rows], axis=1)
    column_cells = cells.cells(place)
    return [
        PartialDependence(
            column=cells.names[place],
            grid=[column_cells[row] for row in rows],
            average=individual.mean(axis=0),
            individual=individual,
            kind=answer.kind,
            answer=answer.called(output),
            ordered=ordered,
            table=X,
        )
        for output, individual in enumerate(np.ascontiguousarray(np.moveaxis(answers, 2, 0)))
    ]


def _grid(cells: TableCells, place: int, points: int) -> tuple[list[int], bool]:
    """The rows whose cells are the values to try, and whether these have an order."""
    values = cells.values(place)
    if values.kind == "category":
        levels = [level_text(value) for value in values.data]
        chosen = [level for level, _ in Counter(levels).most_common(points)]
        chosen.sort(key=lambda level: values.order.index(level) if level in values.order else len(values.order))
        return [levels.index(level) for level in chosen], False
    numbers = np.asarray(values.data, np.float64)
    present = np.unique(numbers[~np.isnan(numbers)])
    if len(present) == 0:
        received = Text("{value!r}, with gaps alone", value=cells.names[place])
        raise InputError("The column must have values", received, "Provide other rows")
    if len(present) > points:
        shares = np.linspace(TAILS, 1 - TAILS, points)
        present = np.unique(np.quantile(numbers[~np.isnan(numbers)], shares, method="inverted_cdf"))
    return [int(np.flatnonzero(numbers == number)[0]) for number in present], values.kind != "boolean"
