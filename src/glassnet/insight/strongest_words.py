"""The strongest words of columns of text: those that add most to the score of a class, or to a predicted number."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.display.blocks import Block, Charts, Paragraph
from glassnet.display.chart import Bar, Bars
from glassnet.display.result import Result
from glassnet.errors import InputError
from glassnet.insight.answer import ScalarOutput, check_model
from glassnet.insight.cells import TableCells, cell_text
from glassnet.insight.text_words import TextWords
from glassnet.insight.unspaced_words import UnspacedWords
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text, aligned, check_language
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Integer, checked
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.columns.ngrams import normalized
from glassnet.training.split import evenly_spaced

MOST_ROWS: Final = 2000
"""The words of more rows are those of some of them, evenly spread."""
_EDGES: Final = re.compile(r"^\W+|\W+$")
_NUMBERS: Final = Integer("10 is a common choice")

TITLE: Final = Text("{column}: words for “{name}”")
RAISE: Final = Text("{column}: words that raise the prediction")
LOWER: Final = Text("{column}: words that lower it")
NOTE_SCORE: Final = Text(
    "What a word adds to the score of the class, on average over the rows that contain it; their number is in "
    "parentheses."
)
NOTE_NUMBER: Final = Text(
    "What a word adds to the prediction, on average over the rows that contain it; their number is in parentheses."
)
HEAD: Final = (Text("word"), Text("adds"), Text("rows"))


class StrongWord(NamedTuple):
    """A word in lower case, the mean of what it adds where it occurs, and the number of rows with it."""

    word: str
    score: float
    rows: int


class WordsOfClass(NamedTuple):
    """The strongest words of a column for a class; of numbers those that raise (True) or lower (False) them."""

    column: str
    of: Any
    words: tuple[StrongWord, ...]


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class StrongestWords(Result):
    """The strongest words of each column of text and each class; prints as tables.

    Attributes
    ----------
    groups : tuple of WordsOfClass
    kind : {"probability", "score", "number"}
        Of the prediction: words add to the score of a class (of two its log-odds), or to the number in its units.
    """

    groups: tuple[WordsOfClass, ...]
    kind: str

    def title(self, group: WordsOfClass, language: Language | None = None) -> str:
        """Return the heading of a group."""
        return heading(group.column, group.of, numbers=self.kind == "number").say(language)

    def note(self, language: Language | None = None) -> str:
        """Return what the numbers are."""
        return note(numbers=self.kind == "number").say(language)

    def chart(self, group: WordsOfClass, language: Language | None = None) -> Bars:
        """Return the words of a group as bars."""
        language = check_language(language)
        bars = [
            Bar(cell_text(word, language), abs(score), f"{_added(score)} ({rows:,})", "a" if score > 0 else "b")
            for word, score, rows in group.words
        ]
        return Bars(self.title(group, language), bars)

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language; None: that of the result, else the current one."""
        head = [word.say(language) for word in HEAD]
        tables = (
            f"{self.title(group, language)}\n"
            + aligned([head, *([word, _added(score), f"({rows:,})"] for word, score, rows in group.words)])
            for group in self.groups
        )
        return "\n\n".join([*tables, self.note(language)])

    def _blocks(self, language: Language) -> list[Block]:
        return [Charts([self.chart(group, language) for group in self.groups]), Paragraph(self.note(language), "note")]


def heading(column: str, of: Any, *, numbers: bool) -> Text:
    """Return the heading of the words of a class; of numbers, of those that raise (True) or lower them."""
    if numbers:
        return (RAISE if of else LOWER).filled(column=column)
    return TITLE.filled(column=column, name=of)


def note(*, numbers: bool) -> Text:
    """Return what the numbers beside words are."""
    return NOTE_NUMBER if numbers else NOTE_SCORE


def word_in_words(word: str, score: float, rows: int) -> str:
    """Return a word with what it adds and its number of rows.

    >>> word_in_words("free", 0.94, 88)
    'free +0.940 (88)'
    """
    return f"{word} {_added(score)} ({rows:,})"


@checked(most=_NUMBERS, fewest_rows=_NUMBERS)
def strongest_words(model: Any, X: Any, *, most: int = 10, fewest_rows: int = 10) -> StrongestWords:
    """Return the words of some texts that add most to the score of each class, or to a predicted number.

    The score is a sum over the n-grams of a text, which is divided among its words without remainder, as in
    explanations. Words are compared in lower case, without punctuation around them; those of Chinese and Japanese,
    which stand without blanks, are found by which characters stand together in the given texts.

    Parameters
    ----------
    model : NeuralClassifier or NeuralRegressor
        Fitted, with columns of text and one target.
    X : table of shape (rows, columns)
        Training rows or others; the words of at most 2,000 of them, evenly spread, are looked at. The model itself
        keeps no texts.
    most : int
        The number of words for each column and class.
    fewest_rows : int
        Words of fewer rows are left out: they may be names, and their scores chance.

    Returns
    -------
    StrongestWords

    Raises
    ------
    InputError, InputTypeError
        If the model is not fitted, has no columns of text or several targets, or the rows do not fit it.

    Examples
    --------
    >>> from glassnet import NeuralClassifier
    >>> mails = [[f"parcel {row} is {'late' if row % 2 else 'here'}"] for row in range(60)]
    >>> model = NeuralClassifier(preset="mlp", free_text=["x0"], random_state=0).fit(mails, ["no", "yes"] * 30)
    >>> [(group.of, group.words[0].word) for group in strongest_words(model, mails, most=1).groups]
    [('no', 'here'), ('yes', 'late')]
    """
    answer, plan = ScalarOutput(check_model(model)), model.encoder_.plan
    if not plan.texts:
        raise InputError("Words need a model with columns of text", "none", "Name such columns in `free_text`")
    if answer.kind != "number" and answer.classes is None:
        raise InputError("Words need one target per row", "a model of several", "Make a model for each target")
    cells, groups = TableCells(model, X), []
    some = evenly_spaced(cells.rows, MOST_ROWS)
    for column, weights in zip(plan.texts, np.split(_weights(answer), np.cumsum(answer.text_sizes)[:-1]), strict=True):
        levels = as_levels(cells.values(column.source), plan.notation)
        texts = [text for row in some if (text := level_text(levels[row])) is not None]
        found = _mean_scores(TextWords(column, UnspacedWords(texts)), texts, weights)
        often = [(word, score, rows) for word, (score, rows) in found.items() if rows >= fewest_rows]
        for of, place, sign in _sides(answer):
            each = (StrongWord(word, float(score[place]), rows) for word, score, rows in often)
            best = sorted((one for one in each if sign * one.score > 0), key=lambda one: (-abs(one.score), one.word))
            groups.append(WordsOfClass(column.name, of, tuple(best[:most])))
    return StrongestWords(tuple(groups), answer.kind)


def _sides(answer: ScalarOutput) -> list[tuple[Any, int, int]]:
    """Return what words are for, the column of their scores, and the sign: each class, or more and less of a number."""
    if answer.classes is None:
        return [(True, 0, 1), (False, 0, -1)]
    return [(name, place, 1) for place, name in enumerate(answer.classes)]


def _weights(answer: ScalarOutput) -> Array:
    """Return what each n-gram adds to the scores of classes, or to the number, on average over the members."""
    model = answer.model
    tables = [
        table
        for network in answer.networks
        if (slot := network.layout.text_weights) is not None
        for table in np.split(slot.view(network.parameters).astype(np.float64), network.members, axis=1)
    ]
    weights: Array = np.average(tables, axis=0, weights=model._weights_each)
    if answer.kind == "number":
        assert answer.output is not None
        column = weights[:, [answer.output * answer.loss.columns]]
        return column * answer.scale[answer.output] if answer.loss.response == "identity" else column
    weights /= model.temperature_
    return np.hstack([-weights, weights]) if weights.shape[1] == 1 else weights - weights.mean(axis=1, keepdims=True)


def _mean_scores(words: TextWords, texts: list[str], weights: Array) -> dict[str, tuple[Array, int]]:
    """Return for each word the mean over rows that contain it of what it adds there, and their number."""
    sums: defaultdict[str, Array] = defaultdict(lambda: np.zeros(weights.shape[1]))
    rows: Counter[str] = Counter()
    for text in texts:
        scored = [(_compared(word), score) for word, score in words.scores(text, weights)]
        for word, score in scored:
            sums[word] += score
        rows.update({word for word, _ in scored})
    return {word: (total / rows[word], rows[word]) for word, total in sums.items()}


def _added(score: float) -> str:
    """Return what a word adds, to three digits.

    >>> _added(0.6), _added(-123.4)
    ('+0.600', '−123')
    """
    return f"{score:+#.3g}".rstrip(".").replace("-", "−")


def _compared(word: str) -> str:
    """Return a word in lower case, without punctuation around it.

    >>> _compared("«Haha!»"), _compared("...")
    ('haha', '...')
    """
    folded = "".join(map(normalized, word)).strip()
    return _EDGES.sub("", folded) or folded
