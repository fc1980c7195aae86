"""The contribution of each word of a text to a score that is a sum over the text's n-grams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.insight.unspaced_words import RUN, SIGNS, UnspacedWords
from glassnet.layers.base import Array
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.ngrams import LONGEST, fnv1a, normalized, slot
from glassnet.tables.columns.texts import TextColumn

WORD: Final = re.compile(f"[{SIGNS}]|[^\\s{SIGNS}]+")
"""What stands between blanks; of Chinese and Japanese, which have none, each character."""
WORD_OR_RUN: Final = re.compile(f"[{SIGNS}]+|[^\\s{SIGNS}]+")


@dataclass(frozen=True)
class TextParts:
    """The contributions of text columns to an output, which can be divided among their words.

    Attributes
    ----------
    columns : tuple of TextColumn
    weights : list of array of shape (n-grams of the column, scores)
        For each column, those of all networks beside each other.
    slopes : array of shape (rows, columns, scores)
        How much of the answer each score brings on the way from the baseline.
    """

    columns: tuple[TextColumn, ...]
    weights: list[Array]
    slopes: Array

    def words(self, row: int, number: int, cell: Any) -> list[tuple[str, float]]:
        """Return the words of a cell of a text column in order, with the contribution of each."""
        found = self._words[number].scores(level_text(cell), self.weights[number])
        return [(word, float(score @ self.slopes[row, number])) for word, score in found]

    @cached_property
    def _words(self) -> list[TextWords]:
        return [TextWords(column) for column in self.columns]


class WordScore(NamedTuple):
    """A word of a text, as written, and its contribution to each score."""

    word: str
    score: Array


class TextWords:
    """Divides the scores of texts among their words.

    The value of each n-gram times its weight is spread evenly over its characters, then added up by word: what stands
    between blanks; of Chinese and Japanese each character, or the words of `unspaced`. So the sum over the words is the
    score, up to rounding.

    Examples
    --------
    >>> column = TextColumn("mail", 0, (" h", "ey", "ha"), gaps=False)
    >>> [(word, score.round(2).tolist()) for word, score in TextWords(column).scores("Haha, hey!", np.eye(3))]
    [('Haha,', [0.33, 0.0, 0.65]), ('hey!', [0.33, 0.39, 0.0])]
    """

    def __init__(self, column: TextColumn, unspaced: UnspacedWords | None = None) -> None:
        self.column, self.unspaced = column, unspaced
        self.ids = {ngram: number for number, ngram in enumerate(column.ngrams)}

    def scores(self, text: str | None, weights: Array) -> list[WordScore]:
        """Return the words of a text with what each adds to the scores.

        Parameters
        ----------
        text : str or None
            None, a missing value, has no words.
        weights : array of shape (n-grams of the column, scores)
        """
        if text is None:
            return []
        encoded = self.column.encode([text])
        value = dict(zip(encoded.ids.tolist(), encoded.values.tolist(), strict=True))
        ngrams, characters = _ngrams(text)
        found = zip(self._ids(ngrams), characters, strict=True)
        known = [(number, places) for number, places in found if number is not None and number in value]
        count = Counter(number for number, _ in known)
        of_character = np.zeros((len(text), weights.shape[1]))
        if known:
            shares = np.array([value[number] / count[number] / len(places) for number, places in known])
            each = shares[:, None] * weights[[number for number, _ in known]]
            lengths = [len(places) for _, places in known]
            all_places = [place for _, places in known for place in places]
            np.add.at(of_character, all_places, np.repeat(each, lengths, axis=0))
        return [WordScore(text[start:end], of_character[start:end].sum(axis=0)) for start, end in self._spans(text)]

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where each word begins and ends."""
        if self.unspaced is None:
            yield from (word.span() for word in WORD.finditer(text))
            return
        for run in WORD_OR_RUN.finditer(text):
            end = run.start()
            for word in self.unspaced.cut(run.group()) if RUN.match(run.group()) else [run.group()]:
                start, end = end, end + len(word)
                yield start, end

    def _ids(self, ngrams: list[str]) -> list[int | None]:
        """The ids of n-grams; None of those that the column does not know."""
        return [self.ids.get(ngram) for ngram in ngrams] if self.ids else slot(fnv1a(ngrams)).tolist()


def _ngrams(text: str) -> tuple[list[str], list[list[int]]]:
    """Return all n-grams of a text, and the places in it of the characters of each that are no blanks.

    >>> _ngrams("A b")
    ([' a', 'a ', ' b', 'b ', ' a ', ' b '], [[0], [0], [2], [2], [0], [2]])
    """
    normal, places = [" "], [-1]
    for place, character in enumerate(f"{text} "):
        for one in normalized(character):
            if one != " " or normal[-1] != " ":
                normal.append(one)
                places.append(-1 if one == " " else place)
    written, ngrams, characters = "".join(normal), [], []
    for size in range(2, LONGEST + 1):
        for start in range(len(written) - size + 1):
            ngram = written[start : start + size]
            if " " not in ngram[1:-1]:
                ngrams.append(ngram)
                characters.append([place for place in places[start : start + size] if place >= 0])
    return ngrams, characters
