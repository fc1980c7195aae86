"""Names of columns in one word of the command line, commas and quotes in them too."""

from __future__ import annotations

import shlex

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.apps.cli import main
from glassnet.apps.usage import split_names
from glassnet.errors import join_names


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)))
def test_what_is_joined_comes_apart_again(names):
    assert split_names(join_names(names)) == tuple(names)


def test_a_column_with_a_comma_can_be_dropped_as_the_hint_says(tmp_path, train):
    table = tmp_path / "t.csv"
    names = [f"n{number}" for number in range(40)]
    answers = ["yes", "no"] * 20
    pl.DataFrame({"last, first": names, "age": range(40), "y": answers}).write_csv(table)
    code, _, said = train(table, target="y")
    assert code == 0
    hint = said.partition("exclude it: ")[2].partition(" (in Python")[0]
    code, _, said = train(table, *shlex.split(hint), "--force", target="y")
    assert code == 0
    assert "40 rows; 1 column used as features: 1 number\n" in said


@pytest.mark.parametrize("option", ["--drop", "--id", "--missing"])
def test_a_quote_that_is_not_closed_is_wrong_usage(option, tmp_path, capsys):
    assert main(["train", f"{tmp_path}/t.csv", "--target", "y", option, '"a, b']) == 2
    said = capsys.readouterr().err
    assert "those with a comma in quotes" in said
    assert said.count("\n") == 1
