"""``glassnet explain``: rows in words, and how important each column is."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main


@pytest.mark.slow
def test_words_and_numbers_are_those_of_the_estimator(classifier, tables, capsys):
    assert main(["explain", f"{classifier}", f"{tables}/later.csv", "--rows", "0,5", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    model, later = glassnet.load(classifier), pl.read_csv(tables / "later.csv")
    found = model.explain(later[[0, 5]])
    assert [row["row"] for row in record["rows"]] == [0, 5]
    assert [row["words"] for row in record["rows"]] == [found.words(0), found.words(1)]
    assert record["rows"][1]["contributions"]["age"] == pytest.approx(found.contributions[1, 0])
    assert record["rows"][1]["value"] == pytest.approx(model.predict_proba(later[[5]]).max())
    importances = model.importances(later, later["came back"].to_numpy())
    assert record["importances"]["metric"] == "accuracy"
    np.testing.assert_allclose(list(record["importances"]["means"].values()), importances.means)


def test_people_read_sentences_and_a_table(classifier, tables, capsys):
    assert main(["explain", f"{classifier}", f"{tables}/later.csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12].strip() for line in lines[:5]] == [f"row {row}" for row in range(5)]
    assert lines[0][12:].startswith("came back: ")
    assert any(line.split() == ["column", "drop", "in", "accuracy", "deviation"] for line in lines)
    assert {line.split()[0] for line in lines[-3:]} == {"age", "city", "paid"}


def test_quietly_nothing_is_said(classifier, tables, capsys):
    assert main(["explain", str(classifier), str(tables / "later.csv"), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_in_chinese(classifier, tables, capsys):
    assert main(["explain", f"{classifier}", f"{tables}/later.csv", "--rows", "3", "--language", "zh"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("第 3 行")
    assert "came back：" in said
    assert "正确率的下降" in said


@pytest.mark.slow
def test_without_answers_there_are_no_importances(classifier, regressor, tables, capsys):
    assert main(["explain", f"{classifier}", f"{tables}/new.csv", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["importances"] is None
    assert len(record["rows"]) == 5
    assert main(["explain", f"{regressor}", f"{tables}/houses.csv", "--rows", "2"]) == 0
    said = capsys.readouterr().out
    assert "baseline    the number after “rather than” is the baseline" in said
    assert "drop in R²" in said


def test_of_few_rows_there_are_none_either(classifier, tables, tmp_path, capsys):
    pl.read_csv(tables / "later.csv").head(3).write_csv(tmp_path / "three.csv")
    assert main(["explain", f"{classifier}", f"{tmp_path}/three.csv"]) == 0
    said = capsys.readouterr()
    assert "drop in" not in said.out
    assert "importances not measured: 3 rows with a known came back are too few" in said.err


def test_the_target_may_have_another_name(classifier, tables, tmp_path, capsys):
    later = pl.read_csv(tables / "later.csv").rename({"came back": "answer"})
    later.write_csv(tmp_path / "other.csv")
    assert main(["explain", f"{classifier}", f"{tmp_path}/other.csv", "--target", "answer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["importances"]["score"] > 0.5


def test_groups_of_columns_are_measured_together(classifier, tables, capsys):
    words = ["explain", f"{classifier}", f"{tables}/later.csv", "--group-columns", "who=age,city", "--json"]
    assert main(words) == 0
    assert list(json.loads(capsys.readouterr().out)["importances"]["means"]) == ["who", "paid"]
    assert main([*words[:-2], "age,city"]) == 2
    assert "For example place=lat,lon" in capsys.readouterr().err
