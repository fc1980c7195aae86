"""Errors are said in the reader's language part by part, or stay English as a whole."""

from __future__ import annotations

import re

import pytest

from glassnet import Dense, NeuralNetwork, NeuralRegressor
from glassnet.errors import InputError, InputTypeError
from glassnet.support.language import Text
from glassnet.support.messages import error_in_words, error_text, some

UNIQUE, RENAME = "Column names must be unique", "Rename or drop the duplicates"


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (InputError(UNIQUE, "a", RENAME), "列名不能重复。收到：a。请改名或删除重复的列。"),
        (InputError(UNIQUE, None, RENAME), "列名不能重复。请改名或删除重复的列。"),
        (
            InputError(UNIQUE, some(list("abc"), 2), RENAME),
            "列名不能重复。收到：a, b，另有 1 个。请改名或删除重复的列。",
        ),
        (InputError(UNIQUE, "a. b", RENAME), "列名不能重复。收到：a. b。请改名或删除重复的列。"),
        (InputError(UNIQUE, "a", "Ask"), "Column names must be unique. Received: a. Ask."),
        (InputError("Nothing has this rule", "a", RENAME), f"Nothing has this rule. Received: a. {RENAME}."),
        (InputError(Text("Nothing has this rule, {name}", name="a")), "Nothing has this rule, a"),
    ],
)
def test_an_error_is_said_part_by_part_or_in_english(error: InputError, chinese: str) -> None:
    assert error_in_words(error, "zh") == chinese


def test_an_error_about_a_copy_names_the_original_in_both_languages() -> None:
    error = InputError(UNIQUE, "/tmp/copy", RENAME)
    text = error_text(error, {"/tmp/copy": "a.csv"})
    assert (text, text.say("zh")) == (
        "Column names must be unique. Received: a.csv. Rename or drop the duplicates.",
        "列名不能重复。收到：a.csv。请改名或删除重复的列。",
    )


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "hinge"])
def test_what_a_loss_needs_in_front_of_it_is_said_in_chinese(loss: str) -> None:
    with pytest.raises(InputError) as refused:
        NeuralNetwork(2, [Dense(3, "relu")], loss=loss)
    assert error_in_words(refused.value, "zh").startswith(f"`{loss}` 之前")


@pytest.mark.parametrize(
    ("call", "chinese"),
    [
        (lambda: NeuralNetwork(2, [1], loss="mse").predict([1.0, 2.0]), "形状 (2,)"),
        (lambda: NeuralNetwork(2, [], loss="mse"), "没有"),
        (lambda: NeuralRegressor().fit([[1.0]] * 4, [1.0] * 3), "4 和 3"),
    ],
)
def test_what_an_error_has_received_is_said_in_the_language_of_its_rule(call, chinese):
    with pytest.raises((InputError, InputTypeError)) as refused:
        call()
    said = error_in_words(refused.value, "zh").partition("收到：")[2]
    assert chinese in said
    assert not re.search(r"\b(shape|none|both|columns|rows|classes)\b", said)


def test_a_value_that_reads_like_a_message_stays_what_was_given():
    error = InputError("Column names must be unique", "several", "Rename or drop the duplicates")
    assert "收到：several。" in error_in_words(error, "zh")
