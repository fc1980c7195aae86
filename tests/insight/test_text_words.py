"""Words of texts: what they add to a score is divided without a rest."""

import numpy as np
import pytest

from glassnet.insight.text_words import TextWords, _ngrams
from glassnet.tables.columns.texts import TextColumn, vocabulary

TEXTS = [
    "Twelve feared killed in Pakistani air ambulance helicopter crash",
    "  Twelve\u3000TWELVE, twelve…  it's ½ ﬁne\tnow  ",
    "这个手机很不错，twelve 手机",
    "Wie schön, daß Ärger \u0301 nicht bleibt\n",
    "a",
    "\ud800 half a character \0 zero",
    "",
]
COLUMNS = [
    TextColumn("text", 0, vocabulary(dict.fromkeys(TEXTS[::2], 2)), gaps=False),
    TextColumn("text", 0, (), gaps=False),
]


@pytest.mark.parametrize("column", COLUMNS, ids=["vocabulary", "hashes"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_words_add_sums_to_the_score_of_the_text(column: TextColumn, text: str):
    weights = np.random.default_rng(0).normal(size=(column.size, 3))
    encoded = column.encode([text])
    expected = (encoded.values[:, None].astype(float) * weights[encoded.ids]).sum(axis=0)
    scores = [one.score for one in TextWords(column).scores(text, weights)]
    np.testing.assert_allclose(np.sum([np.zeros(3), *scores], axis=0), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_the_n_grams_are_those_that_the_column_counts(text: str):
    column = TextColumn("text", 0, tuple(sorted(set(_ngrams("".join(TEXTS))[0]) | set(_ngrams(text)[0]))), gaps=False)
    counted = {column.ngrams[number] for number in column.encode([text]).ids}
    assert counted == set(_ngrams(text)[0])


def test_a_word_that_alone_has_weight_alone_has_a_score():
    column = TextColumn("text", 0, vocabulary({"good bad": 2}), gaps=False)
    weights = np.array([[1.0 if "goo" in ngram else 0.0] for ngram in column.ngrams])
    found = dict(TextWords(column).scores("bad good bad", weights))
    assert found["good"] > 0
    assert found["bad"] == 0


def test_chinese_is_divided_by_character():
    column = TextColumn("text", 0, ("不错", "很不"), gaps=False)
    scores = TextWords(column).scores("很不错", np.array([[2.0], [0.0]]))
    assert [(word, score.round(4).tolist()) for word, score in scores] == [
        ("很", [0]),
        ("不", [0.7071]),
        ("错", [0.7071]),
    ]


def test_a_missing_text_has_no_words():
    assert TextWords(COLUMNS[0]).scores(None, np.ones((COLUMNS[0].size, 1))) == []
