"""The strongest words of columns of text."""

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, StrongestWords, strongest_words
from glassnet.errors import InputError
from glassnet.insight.strongest_words import StrongWord, WordsOfClass

ITEMS, GOOD, BAD, PLAIN = ("Phone", "case", "cable"), ("great", "lovely"), ("awful!", "broken"), ("blue", "round")
WORDS = [(item, word) for item in ITEMS for word in (*GOOD, *BAD, *PLAIN)] * 8
REVIEWS = pd.DataFrame({"review": [f"The {item} is {word}" for item, word in WORDS], "size": np.arange(len(WORDS)) % 5})
OPINION = ["good" if word in GOOD else "bad" if word in BAD else "none" for _, word in WORDS]
STARS = [5.0 if word in GOOD else 1.0 if word in BAD else 3.0 for _, word in WORDS]
OPTIONS = {"preset": "mlp", "hidden_layers": (4,), "free_text": ["review"], "random_state": 0}


@pytest.fixture(scope="module")
def found() -> StrongestWords:
    model = NeuralClassifier(**OPTIONS, epochs=60).fit(REVIEWS, OPINION)
    return strongest_words(model, REVIEWS, most=2)


def test_each_class_has_its_own_words(found):
    assert {group.of: {one.word for one in group.words} for group in found.groups} == {
        "bad": {"awful", "broken"},
        "good": {"great", "lovely"},
        "none": {"blue", "round"},
    }


def test_the_rows_of_a_word_are_counted(found):
    assert {one.rows for group in found.groups for one in group.words} == {24}


def test_what_a_word_adds_has_three_digits():
    group = WordsOfClass("mail", "spam", tuple(StrongWord("word", score, 10) for score in (2.4918, 0.6, 0.99)))
    bars = StrongestWords((group,), "score").chart(group, "en").each
    assert [bar.text for bar in bars] == ["+2.49 (10)", "+0.600 (10)", "+0.990 (10)"]


def test_words_raise_and_lower_a_number():
    model = NeuralRegressor(**OPTIONS, epochs=60).fit(REVIEWS, STARS)
    groups = strongest_words(model, REVIEWS, most=2).groups
    assert [{one.word for one in group.words} for group in groups] == [{"great", "lovely"}, {"awful", "broken"}]


def test_of_two_classes_what_speaks_for_one_speaks_against_the_other():
    model = NeuralClassifier(**OPTIONS, epochs=60).fit(REVIEWS, np.array(OPINION) == "good")
    no, yes = strongest_words(model, REVIEWS, most=100).groups
    assert not {one.word for one in no.words} & {one.word for one in yes.words}


def test_the_mean_of_the_words_of_one_text_adds_up_to_its_score():
    model = NeuralClassifier(**OPTIONS, epochs=4).fit(REVIEWS, np.array(OPINION) == "good")
    groups = strongest_words(model, REVIEWS[:1], most=100, fewest_rows=1).groups
    network, store = model.network_, model.encoder_.transform(REVIEWS[:1])
    _, ids, values = store.entries()
    slot = network.layout.text_weights
    assert slot is not None
    score = float(values @ slot.view(network.parameters)[ids, 0]) / model.temperature_
    assert sum(one.score for one in groups[1].words) - sum(one.score for one in groups[0].words) == pytest.approx(score)


def test_words_of_few_rows_are_left_out(found):
    model = NeuralClassifier(**OPTIONS, epochs=1).fit(REVIEWS, OPINION)
    assert all(not group.words for group in strongest_words(model, REVIEWS, fewest_rows=1000).groups)


def test_they_print_in_both_languages(found):
    assert "review: words for “good”" in found.in_words("en")
    assert "review：支持“good”的词" in found.in_words("zh")


def test_a_model_without_columns_of_text_has_none():
    model = NeuralClassifier(preset="mlp", epochs=1, random_state=0).fit(REVIEWS[["size"]], OPINION)
    with pytest.raises(InputError, match="columns of text"):
        strongest_words(model, REVIEWS[["size"]])


@pytest.mark.slow
def test_a_report_shows_them(tmp_path):
    model = NeuralClassifier(**OPTIONS, epochs=20).fit(REVIEWS, OPINION)
    page = model.report(tmp_path / "report.html", REVIEWS, OPINION, language="en").read_text(encoding="utf-8")
    assert "Strongest words" in page
    assert "review: words for “good”" in page
    assert "Partial dependence on size" in page
    assert "Partial dependence on review" not in page


def test_words_without_blanks_between_them_are_whole():
    things, good, bad = ("手机", "水果", "酒店", "衣服"), ("不错", "满意"), ("垃圾", "糟糕")
    pairs = [(thing, word) for thing in things for word in (*good, *bad)]
    texts = [text for thing, word in pairs * 3 for text in (f"{thing}{word}", f"{word}的{thing}")]
    liked = [any(word in text for word in good) for text in texts]
    model = NeuralClassifier(preset="mlp", free_text=["x0"], epochs=30, random_state=0)
    groups = strongest_words(model.fit(np.array(texts)[:, None], liked), np.array(texts)[:, None], most=2).groups
    assert [{one.word for one in group.words} for group in groups] == [set(bad), set(good)]
