"""Words of Chinese and Japanese, which have no blanks between them: found by which characters stand together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

SIGNS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters and Japanese syllables."""
RUN: Final = re.compile(f"[{SIGNS}]+")
LONGEST: Final = 4
"""The most characters of a word: as many as an n-gram has."""
FEWEST: Final = 5
"""What occurs less often is no word, but its characters."""
COHESION: Final = 2.0
"""Characters of a word stand together exp(2) = 7 times as often as by chance."""
ROUNDS: Final = 2


def spaced(word: str) -> str:
    """Return a word with the blank that stands behind it in a line, none in Chinese and Japanese.

    Examples
    --------
    >>> spaced("good"), spaced("好")
    ('good ', '好')
    """
    return word if RUN.fullmatch(word) else f"{word} "


class UnspacedWords:
    """Cuts runs of characters into the words that occur in some texts.

    A word costs the negative logarithm of its share of all words, and a run is cut where that costs least; shares are
    counted anew from the cuts. At first each run of characters that stand together more often than by chance is a word.

    Source: Kudo (2018), *Subword Regularization*, for the model; Brent (1999), *An Efficient, Probabilistically Sound
    Algorithm for Segmentation and Word Discovery*, for words that are found in unsegmented texts.

    Examples
    --------
    >>> texts = ["手机很好", "水果很好", "手机不错", "水果不错", "酒店很好", "酒店不错"] * 5
    >>> UnspacedWords(texts).cut("水果和手机很好")
    ['水果', '和', '手机', '很好']
    """

    def __init__(self, texts: Iterable[str]) -> None:
        runs = Counter(run for text in texts for run in RUN.findall(text))
        self._costs, self._rare = _costs_of_cohesive(runs), 0.0
        for _ in range(ROUNDS):
            found: Counter[str] = Counter()
            for run, count in runs.items():
                for word in self.cut(run):
                    found[word] += count
            total = found.total()
            self._costs = {word: math.log(total / count) for word, count in found.items() if count >= FEWEST}
            self._rare = math.log(total + 1)

    def cut(self, run: str) -> list[str]:
        """Return the words of a run of characters, in order."""
        best = [(0.0, 0)]
        for end in range(1, len(run) + 1):
            starts = range(max(0, end - LONGEST), end)
            best.append(min((best[start][0] + self._cost(run[start:end]), start) for start in starts))
        cuts = [len(run)]
        while cuts[-1]:
            cuts.append(best[cuts[-1]][1])
        return [run[start:end] for start, end in pairwise(reversed(cuts))]

    def _cost(self, word: str) -> float:
        return self._costs.get(word, self._rare if len(word) == 1 else math.inf)


def _costs_of_cohesive(runs: Mapping[str, int]) -> dict[str, float]:
    """Return the costs of all characters, and of those n-grams that occur more often than by chance."""
    counts: Counter[str] = Counter()
    for run, count in runs.items():
        for size in range(1, LONGEST + 1):
            for start in range(len(run) - size + 1):
                counts[run[start : start + size]] += count
    total = sum(count for ngram, count in counts.items() if len(ngram) == 1)

    def cohesion(ngram: str) -> float:
        halves = ((counts[ngram[:place]], counts[ngram[place:]]) for place in range(1, len(ngram)))
        return min(math.log(counts[ngram] * total / (first * second)) for first, second in halves)

    return {
        ngram: math.log(total / count)
        for ngram, count in counts.items()
        if len(ngram) == 1 or (count >= FEWEST and cohesion(ngram) >= COHESION)
    }
