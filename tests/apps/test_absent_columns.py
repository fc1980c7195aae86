"""A table that lacks columns of the training table: refused, with the option that takes them as missing named."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main

OPTION = "--absent-as-missing"


@pytest.fixture
def folder(tables, tmp_path, monkeypatch):
    """With a table without a column of numbers and one of text, and the same with both, full of gaps."""
    later = pl.read_csv(tables / "later.csv")
    later.drop("age", "city").write_csv(tmp_path / "narrow.csv")
    later.with_columns(age=pl.lit(None), city=pl.lit(None)).write_csv(tmp_path / "empty.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["predict", "evaluate", "explain", "doctor"])
def test_a_column_that_is_absent_is_refused_and_the_option_named(command, folder, classifier, capsys):
    assert main([command, f"{classifier}", "narrow.csv"]) == 1
    said = capsys.readouterr().err
    assert "narrow.csv has no columns 'age', 'city'." in said
    assert said.endswith(f"Or treat absent columns as missing: {OPTION}.\n")
    assert main([command, f"{classifier}", "narrow.csv", "--language", "zh"]) == 1
    assert f"或者加上 {OPTION}，把不存在的列视为缺失值。" in capsys.readouterr().err


def test_a_table_of_which_all_are_absent_is_not_told_to_use_the_option(folder, classifier, capsys):
    pl.DataFrame({"other": [1, 2]}).write_csv("other.csv")
    assert main(["predict", f"{classifier}", "other.csv", OPTION]) == 1
    assert OPTION not in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("command", ["predict", "evaluate", "explain"])
def test_an_absent_column_is_one_of_gaps(command, folder, classifier, capsys):
    found = []
    for words in (["narrow.csv", OPTION], ["empty.csv"]):
        assert main([command, f"{classifier}", *words, *([] if command == "predict" else ["--json"])]) == 0
        out = capsys.readouterr().out
        found.append(out if command == "predict" else json.loads(out) | {"table": ""})
    if command == "explain":  # a column that is absent is not shuffled either
        found = [{key: value for key, value in one.items() if key != "importances"} for one in found]
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_card_scores_rows_without_a_column_as_rows_of_gaps(folder, classifier, capsys):
    for name, words in (("narrow", [OPTION]), ("empty", [])):
        assert main(["card", f"{classifier}", "--test", f"{name}.csv", "--out", f"{name}.md", "-q", *words]) == 0
    assert (folder / "narrow.md").read_text() == (folder / "empty.md").read_text()


@pytest.mark.slow
def test_the_report_says_how_to_get_the_same_again(folder, classifier, capsys):
    assert main(["evaluate", f"{classifier}", "narrow.csv", OPTION, "--report", "r.html", "-q"]) == 0
    text = (folder / "r.html").read_text(encoding="utf-8")
    assert f"narrow.csv {OPTION} --report r.html" in text
    assert "model.absent_as_missing_ = True" in text


def test_a_table_that_has_none_of_the_columns_is_another_one(folder, classifier, capsys):
    (folder / "other.csv").write_text("a,b\n1,2\n")
    assert main(["predict", f"{classifier}", "other.csv", OPTION]) == 1
    assert "other.csv has no columns" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("make", [pl.DataFrame, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_a_model_takes_absent_columns_as_gaps_whatever_the_table_is_kept_in(make, folder, classifier):
    model = glassnet.load(classifier)
    narrow, empty = pl.read_csv("narrow.csv"), pl.read_csv("empty.csv")
    with pytest.raises(ValueError, match="or set `absent_as_missing_` to treat absent columns as missing"):
        model.predict(make(narrow))
    model.absent_as_missing_ = True
    for rows in (len(narrow), 1):
        found, expected = model.predict_proba(make(narrow[:rows])), model.predict_proba(make(empty[:rows]))
        assert np.array_equal(found, expected)
    assert model.explain(make(narrow[:3])).words(0) == model.explain(make(empty[:3])).words(0)


def test_numbers_of_one_type_may_be_absent_too():
    table = pl.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), schema=["a", "b", "c"])
    model = glassnet.NeuralRegressor(preset="mlp", epochs=2).fit(table, table["a"])
    model.absent_as_missing_ = True
    without = table.drop("b").to_pandas()
    assert np.array_equal(model.predict(without), model.predict(without.assign(b=np.nan)))
