"""An explanation: contributions for each row and column, as text, chart or table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np

from glassnet.display.blocks import Block, Charts, Items, Paragraph
from glassnet.display.chart import Bar, Bars, Ink
from glassnet.display.numbers import fixed
from glassnet.display.result import Result
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, shown
from glassnet.insight.answer import Kind
from glassnet.insight.cells import as_frame_like, cell_text
from glassnet.insight.text_words import TextParts
from glassnet.insight.unspaced_words import spaced
from glassnet.layers.base import Array
from glassnet.support.coercion import place
from glassnet.support.language import Language, Lines, Text, check_language
from glassnet.support.lazy_import import require
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer, checked

SHOWN, DRAWN = 10, 2
"""Rows that are printed, and that are drawn in a notebook."""
NAMED_WORDS = 3
"""Words of a text that are named in a sentence."""
NEGLIGIBLE = 0.005
"""A smaller contribution is not spoken of: as a probability, or in deviations of the target."""

ANSWERS = {
    "probability": Text("{answer} with probability {value}"),
    "score": Text("{answer} with a score of {value}"),
    "number": Text("{value}"),
}
RATHER = Text("{answer} rather than {base}")
NAMED = Text("{target}: {answer}")
BECAUSE = Text("{answer}, mostly because {reasons}")
ALTHOUGH = Text("{answer}, although {reasons}")
UNCHANGED = Text("{answer}; no column changes much")
REASON = Text("{column} is {cell} ({change})")
MISSING_REASON = Text("{column} is missing ({change})")
UNKNOWN_REASON = Text("{column} is {cell}, unknown to the model ({change})")
TEXT_REASON = Text("{column} is {cell} ({change}: {words})")
WORD = Text("“{word}” {change}")
UNKNOWN = Text("{answer}; unknown to the model and without effect: {columns}")
UNKNOWN_CELL = Text("{column} {cell}")
COMMA, AND = Text(", "), Text(" and ")

ROW = Text("row {row}: {words}")
MORE = Text("... and {count:,} more rows")
CONTRIBUTION = Text("contribution")


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Explanation(Result):
    """Contributions of each column to the predictions of some rows; prints as sentences.

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
        The name of the target, where the model knows it.
    cells : list of list
        For each column its values, row by row; None for a missing value.
    unknown : sequence of sequence of int
        For each row the places of the columns that have a level in it which the model does not know by name: the
        training table did not have it, or it was too rare to be told apart.
    texts : TextParts or None
        What divides the contributions of columns of text among their words; None: there are no such columns.
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
    unknown: Sequence[Sequence[int]] = ()
    table: Any = field(default=None, repr=False)
    texts: TextParts | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def gap(self) -> Array:
        """For each row, the difference between value minus base and the sum of contributions."""
        return self.value - self.base - self.contributions.sum(axis=1)

    @checked(most=Integer("4 fit into one sentence"))
    def words(self, row: int = 0, *, language: Language | None = None, most: int = 4) -> str:
        """One row in one sentence: the answer, what moves it away from the baseline's, what holds it back.

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

    def word_contributions(self, row: int = 0) -> dict[str, list[tuple[str, float]]]:
        """For each column of text the words of a row, in their order, with the contribution of each.

        The words of a column sum to its contribution if the baseline has no text, as without `background`, and no
        indicator says that texts may be missing. In Chinese and Japanese each character is a word.

        Parameters
        ----------
        row : int

        Returns
        -------
        dict of str to list of (str, float)
        """
        row = place("`row`", row, len(self))
        if self.texts is None:
            return {}
        return {
            column.name: self.texts.words(row, number, self.cells[column.source][row])
            for number, column in enumerate(self.texts.columns)
        }

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

    def to_shap(self, *, text: str | None = None) -> Any:
        """As an Explanation of the library SHAP, which ``shap.plots`` draws: ``shap.plots.beeswarm(found.to_shap())``.

        Each row's base has its gap in it, so that base and contributions add up to the prediction. It needs SHAP:
        ``pip install "glassnet[shap]"``.

        Parameters
        ----------
        text : str, optional
            A column of text whose words are explained in place of the columns, for ``shap.plots.text``; the
            contributions of the other columns are then part of the base.

        Returns
        -------
        shap.Explanation

        Raises
        ------
        InputError
            If there is no such column of text.
        """
        shap = require("shap", "An Explanation of SHAP", "shap")
        if text is None:
            cells = np.array(
                [[np.nan if cell is None else cell for cell in each] for each in self.cells], dtype=object
            ).T
            base = self.value - self.contributions.sum(axis=1)
            return shap.Explanation(self.contributions, base, cells, feature_names=list(self.columns))
        names = [] if self.texts is None else [column.name for column in self.texts.columns]
        if text not in names:
            remedy = Text("Name one of {names}", names=shown(names)) if names else "Omit it: there are none"
            raise InputError("`text` of to_shap must be a column of text", shown(text), remedy)
        words = [self.word_contributions(row)[text] for row in range(len(self))]
        scores = [np.array([score for _, score in row]) for row in words]
        rest = np.array([value - score.sum() for value, score in zip(self.value, scores, strict=True)])
        tokens = [np.array([spaced(word) for word, _ in row], dtype=object) for row in words]
        return shap.Explanation(_ragged(scores), rest, _ragged(tokens), feature_names=_ragged(tokens))

    @picture(most=Integer("10 is a common choice"))
    def plot(self, row: int = 0, *, most: int = 10, **look: Unpack[Look]) -> Axes:
        """Draw the largest contributions of one row as bars.

        Parameters
        ----------
        row : int
        most : int
            How many bars.
        **look

        Raises
        ------
        InputError, InputTypeError
            If there is no such row, or an option is out of range.
        """
        from glassnet.insight.plots.canvas import draw

        return draw(lambda spoken: self.chart(row, spoken, most), **look)

    @checked(most=Integer("10 is a common choice"))
    def chart(self, row: int = 0, language: Language | None = None, most: int = 10) -> Bars:
        """Bar chart of the largest contributions of a row: blue for the prediction, orange against."""
        row, language = place("`row`", row, len(self)), check_language(language)
        each = []
        for at in largest(self.contributions[row], most):
            name, change = cell_text(self.cells[at][row], language), float(self.contributions[row, at])
            look: Ink = "a" if change > 0 else "b"
            each.append(Bar(f"{self.columns[at]}: {name}", change, change_text(self, row, change), look))
        return Bars(answer_text(self, row, language), each, CONTRIBUTION.say(language))

    def _sentences(self, language: Language | None) -> tuple[list[str], list[str]]:
        """The first rows, each in a sentence, and how many more there are."""
        rows = [self.words(row, language=language) for row in range(min(len(self), SHOWN))]
        if len(self) > 1:
            rows = [ROW.say(language, row=row, words=words) for row, words in enumerate(rows)]
        return rows, [MORE.say(language, count=len(self) - SHOWN)] if len(self) > SHOWN else []

    def in_words(self, language: Language | None = None) -> str:
        """The first rows, each in a sentence."""
        rows, more = self._sentences(language)
        return Lines("\n".join([*rows, *more]))

    def _blocks(self, language: Language) -> list[Block]:
        rows, more = self._sentences(language)
        charts = Charts([self.chart(row, language) for row in range(len(rows[:DRAWN]))])
        notes = [Paragraph(line, "note") for line in more]
        return [Paragraph(rows[0]) if len(rows) == 1 else Items(rows), *notes, charts]


# ------------------------------------------------------------------- in a sentence


def sentence(explanation: Explanation, row: int, language: Language, most: int) -> str:
    """The answer for a row, what moves it from the base, and what holds it back: `most` columns at most."""
    contributions = explanation.contributions[row]
    counted = [p for p in largest(contributions, most) if abs(contributions[p]) >= NEGLIGIBLE * explanation.scale[row]]
    # a class may be the answer although all that is known of the row speaks against it: so reasons are what moves the
    # value away from the base, up or down
    lower = explanation.value[row] < explanation.base[row]
    with_it = [place for place in counted if (contributions[place] > 0) != lower]
    against = [place for place in counted if place not in with_it]
    text = answer_text(explanation, row, language)
    if with_it:
        text = BECAUSE.say(language, answer=text, reasons=_listed(explanation, row, with_it, language))
    if against:
        text = ALTHOUGH.say(language, answer=text, reasons=_listed(explanation, row, against, language))
    if not counted:
        text = UNCHANGED.say(language, answer=text)
    without = [at for at in _unknown(explanation, row) if abs(contributions[at]) < NEGLIGIBLE * explanation.scale[row]]
    named = [
        UNKNOWN_CELL.say(language, column=explanation.columns[at], cell=cell_text(explanation.cells[at][row]))
        for at in without[:most]
    ]
    return UNKNOWN.say(language, answer=text, columns=COMMA.say(language).join(named)) if named else text


def _ragged(rows: Sequence[Array]) -> Array:
    """Rows of several lengths as one array of objects."""
    found = np.empty(len(rows), dtype=object)
    found[:] = rows
    return found


def _unknown(explanation: Explanation, row: int) -> Sequence[int]:
    return explanation.unknown[row] if explanation.unknown else ()


def answer_text(explanation: Explanation, row: int, language: Language) -> str:
    """The answer alone, and the base where that is written otherwise."""
    answer = "" if explanation.answers is None else explanation.answers[row]
    value, base = (_amount(explanation, row, each[row]) for each in (explanation.value, explanation.base))
    text = ANSWERS[explanation.kind].say(language, answer=answer, value=value)
    if value != base:
        text = RATHER.say(language, answer=text, base=base)
    return text if explanation.target is None else NAMED.say(language, target=explanation.target, answer=text)


def change_text(explanation: Explanation, row: int, change: float) -> str:
    """A contribution with its sign."""
    amount = _amount(explanation, row, change)
    return amount if change < 0 or not amount.strip("0.") else f"+{amount}"


def largest(contributions: Array, most: int) -> list[int]:
    """Return the indices of the largest contributions by absolute value, largest first; ties in order."""
    return [int(place) for place in np.argsort(-np.abs(contributions), kind="stable")[:most]]


def _listed(explanation: Explanation, row: int, places: list[int], language: Language) -> str:
    reasons, words = [], _largest_words(explanation, row, language)
    for at in places:
        cell = explanation.cells[at][row]
        change = change_text(explanation, row, explanation.contributions[row, at])
        text = MISSING_REASON if cell is None else UNKNOWN_REASON if at in _unknown(explanation, row) else REASON
        text = TEXT_REASON if words.get(explanation.columns[at]) else text
        named = {"column": explanation.columns[at], "words": words.get(explanation.columns[at])}
        shown = f"“{cell_text(cell)}”" if explanation.columns[at] in words else cell_text(cell)
        reasons.append(text.say(language, **named, cell=shown, change=change))
    *first, last = reasons
    return AND.say(language).join([COMMA.say(language).join(first), last]) if first else last


def _largest_words(explanation: Explanation, row: int, language: Language) -> dict[str, str]:
    """For each column of text the words that count most, each with the sum of all its places."""
    found = {}
    for column, words in explanation.word_contributions(row).items():
        sums: dict[str, float] = {}
        for word, score in words:
            sums[word] = sums.get(word, 0.0) + score
        counted = [word for word in sums if abs(sums[word]) >= NEGLIGIBLE * explanation.scale[row] and len(sums) > 1]
        named = sorted(counted, key=lambda word: -abs(sums[word]))[:NAMED_WORDS]
        changes = {word: change_text(explanation, row, sums[word]) for word in named}
        each = [WORD.say(language, word=cell_text(word), change=changes[word]) for word in named]
        found[column] = COMMA.say(language).join(each)
    return found


def _amount(explanation: Explanation, row: int, amount: float) -> str:
    """A value to two digits behind the point, or to the hundredth part of the target's deviation."""
    digits = 2
    if explanation.kind == "number":
        digits = int(np.clip(np.ceil(2 - np.log10(explanation.scale[row])), 0, 12))
    return fixed(amount, digits, grouped=abs(amount) >= 10_000)
