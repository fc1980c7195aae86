"""The language is set once, and everything that is shown follows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import numpy as np
import pytest

import glassnet
from glassnet.display.numbers import beside, number, number_text, tick
from glassnet.errors import InputError
from glassnet.insight.scores import Metric
from glassnet.support.language import Composed, Text, check_language, get_language


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("GLASSNET_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    yield
    glassnet.set_language(None)


def test_what_is_set_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_LANGUAGE", "en")
    glassnet.set_language("zh")
    assert get_language() == "zh"


def test_the_variable_comes_before_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("GLASSNET_LANGUAGE", "en")
    assert get_language() == "en"


@pytest.mark.parametrize(("place", "language"), [("zh_CN.UTF-8", "zh"), ("de_DE.UTF-8", "en"), ("C", "en")])
def test_the_locale_decides_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch, place: str, language: str) -> None:
    monkeypatch.setenv("LANG", place)
    assert get_language() == language


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="`language` must be"):
        glassnet.set_language("tlh")  # type: ignore[arg-type]


def test_an_unknown_language_of_the_environment_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_LANGUAGE", "tlh")
    with pytest.raises(InputError, match="GLASSNET_LANGUAGE"):
        get_language()


def test_texts_and_parameters_follow_what_is_set() -> None:
    glassnet.set_language("zh")
    assert Text("{count} rows").say(count=2) == "2 行"
    assert check_language(None) == "zh"
    assert check_language("en") == "en"


def test_results_have_a_minus_sign_and_what_can_be_typed_again_a_hyphen():
    text = Text("score {score:.2f}, error {error:.0e}, rate {rate:g}, of {name}")
    said = text.say("en", score=-0.5, error=1e-7, rate=1e-5, name="a-b")
    assert said == "score −0.50, error 1e−07, rate 1e-05, of a-b"


def test_numbers_for_people_are_written_alike_wherever_they_stand():
    spelled = [spell(-0.5) for spell in (number, number_text, tick, Metric("r2", "ratio").spell)]
    spelled.append(beside(-0.5, np.array([0.5])))
    assert {text[0] for text in spelled} == {"−"}


def test_chinese_closes_up_around_what_is_filled_in_and_nowhere_else() -> None:
    text = Composed({"en": "how {name} matters", "zh": "看 {name} 的作用"})
    assert text.say("zh", name="月账单") == "看月账单的作用"
    assert text.say("zh", name="monthly bill") == "看 monthly bill 的作用"
    assert text.say("zh", name="月 账单") == "看月 账单的作用"
    assert text.say("en", name="月账单") == "how 月账单 matters"


def test_a_text_is_english_and_knows_its_translation() -> None:
    text = Text("{count:,} rows", count=1200)
    assert (text, text.say("zh")) == ("1,200 rows", "1,200 行")
    inside = Text("{first}, then {second}", first=text, second="a")
    assert (inside, inside.say("zh")) == ("1,200 rows, then a", "1,200 行，然后是 a")


def test_the_same_english_may_be_something_else_in_another_place() -> None:
    assert (Text("recall").say("zh"), Text("recall", context="classification").say("zh")) == (
        "召回率",
        "其中找到的比例（召回率）",
    )


@pytest.mark.parametrize("again", [copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text))])
def test_a_text_that_was_pickled_or_copied_knows_its_translation(again) -> None:
    assert again(Text("{count} rows", count=2)).say("zh") == "2 行"
    assert again(Composed({"en": "a", "zh": "甲"})).say("zh") == "甲"
