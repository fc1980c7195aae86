"""Whatever columns are called, their names in C are names, and different ones."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from glassnet.exchange.c.literals import RESERVED, comment, identifiers, text
from glassnet.support.escape_controls import escape_controls


@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["int", "a b", "a-b", "a_b_2", "NULL", "I", "1", "é"]))))
def test_names_are_names_and_different(names):
    found = identifiers(names)
    assert len(set(found)) == len(names)
    for name in found:
        assert re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)
        assert "__" not in name
        assert name not in RESERVED


def test_a_good_name_stays():
    assert identifiers(["age", "capital_gain", "X2"]) == ["age", "capital_gain", "X2"]


@given(st.text(max_size=60))
def test_no_text_ends_a_comment_or_a_literal(words):
    said = comment(words)
    assert said.startswith("/*")
    assert said.index("*/") == len(said) - 2
    assert escape_controls(said) == said
    literal = text(words)
    assert literal.isascii()
    assert re.fullmatch(r'"([^"\\\n?]|\\["\\?]|\\[0-7]{3})*"', literal)
