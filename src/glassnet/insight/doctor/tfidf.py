"""How much of a target TF-IDF of a column of text explains: what is lost where each text is a category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.layers.base import Array
from glassnet.tables.column_issues import WITHOUT_SPACES

FEWEST_ROWS = 100
FOLDS = 2
LETTERS = 2000
"""Of a text so many are read."""
MOST_WORDS = 4000
STANDARD_ERRORS = 3.0


def skill_of_words(texts: Sequence[str], target: Array, *, classes: bool) -> float | None:
    """The share of the target's variance that ridge regression on TF-IDF explains of texts that it has not seen.

    Of classes the variance of their indicators. 0 where it may be chance, None of too few rows. Texts in writings
    without spaces are counted by pairs of signs.

    Examples
    --------
    >>> texts = [f"the {'printer' if row % 2 else 'mail'} of room {row} fails" for row in range(200)]
    >>> skill_of_words(texts, np.arange(200) % 2, classes=True) > 0.9
    True
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import KFold

    if classes:
        _, codes = np.unique(target, return_inverse=True)
        answers = np.eye(codes.max() + 1)[codes]
    else:
        answers = target.astype(np.float64)[:, None]
    if len(target) < FEWEST_ROWS or not answers.var(axis=0).any():
        return None
    texts = [text[:LETTERS] for text in texts]
    signs = sum(bool(WITHOUT_SPACES.search(text)) for text in texts) > len(texts) / 2
    cut = {"analyzer": "char", "ngram_range": (1, 2)} if signs else {"token_pattern": r"[^\W\d_]{2,}"}
    usual, off = np.empty((2, len(target)))
    for learned, judged in KFold(FOLDS, shuffle=True, random_state=0).split(texts):
        words = TfidfVectorizer(max_features=MOST_WORDS, sublinear_tf=True, **cut)
        try:
            seen = words.fit_transform([texts[row] for row in learned]).toarray()
        except ValueError:  # no words at all
            return 0.0
        asked, middle = words.transform([texts[row] for row in judged]), answers[learned].mean(axis=0)
        weights = np.linalg.solve(seen @ seen.T + np.eye(len(learned)), answers[learned] - middle)
        said = asked @ (seen.T @ weights) + middle
        usual[judged], off[judged] = (((each - answers[judged]) ** 2).sum(axis=1) for each in (middle, said))
    gain = usual - off
    sure = gain.mean() > STANDARD_ERRORS * gain.std(ddof=1) / np.sqrt(len(gain))
    return float(gain.sum() / usual.sum()) if sure else 0.0
