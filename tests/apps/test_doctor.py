"""``glassnet doctor``: what is wrong with a saved model."""

from __future__ import annotations

import html
import json

import numpy as np
import polars as pl
import pytest

from glassnet.apps.cli import main
from glassnet.apps.commands.doctor import verdict
from glassnet.apps.console import Output
from glassnet.insight.doctor import Diagnosis
from glassnet.insight.doctor.finding import Case
from glassnet.insight.doctor.table_checks import KINDS
from glassnet.support.language import Text


@pytest.mark.slow
def test_the_rows_of_the_training_are_told_from_those_of_the_test(classifier, tables, capsys):
    assert main(["doctor", f"{classifier}", f"{tables}/people.csv", "--json"]) == 0
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert record["rows"] == 240
    assert record["target"] == "came back"
    assert "240 for training, 60 for testing" in said.err
    assert "overfitting" not in record["not checked"]


@pytest.mark.slow
def test_other_rows_are_known_as_such(classifier, tables, capsys):
    assert main(["doctor", f"{classifier}", f"{tables}/later.csv", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["rows"] == 100
    assert "these may not be the training rows" in said.err
    assert "overfitting" in json.loads(said.out)["not checked"]


@pytest.mark.slow
def test_people_read_it_in_their_language(classifier, tables, capsys):
    assert main(["doctor", f"{classifier}", f"{tables}/people.csv"]) == 0
    assert capsys.readouterr().out.startswith("checks: ")
    assert main(["doctor", f"{classifier}", f"{tables}/people.csv", "--language", "zh", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["doctor", f"{classifier}", f"{tables}/people.csv", "--language", "zh"]) == 0
    assert capsys.readouterr().out.startswith("检查了 ")


def test_the_verdict_does_not_deny_a_note():
    case = Case("late", *(Text(said) for said in ("5 minutes late", "Traffic.", "Start earlier.")))
    note = Diagnosis([case.found("note")], [], [], checked=3)
    assert verdict(note) == "No serious problems, but note: 5 minutes late."
    assert verdict(Diagnosis([], [], [], checked=3)) == "No problems found."


@pytest.mark.slow
def test_validation_rows_are_compared(classifier, tables, tmp_path, capsys):
    later = pl.read_csv(tables / "later.csv")
    later.with_columns(pl.col("age") + 60).write_csv(tmp_path / "old.csv")
    words = ["doctor", f"{classifier}", f"{tables}/people.csv", "--json", "--validation"]
    assert main([*words, f"{tmp_path}/old.csv"]) == 0
    found = {each["kind"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert list(found["drift"]["evidence"]["distances"]) == ["age"]


@pytest.mark.slow
def test_rows_are_numbered_as_in_the_file(tables, tmp_path, capsys):
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    price = 10 + x + 0.1 * rng.normal(size=400)
    price[[17, 230, 231, 232]] *= 20
    pl.DataFrame({"x": x, "z": rng.normal(size=400), "price": price}).write_csv(tmp_path / "t.csv")
    model = f"{tmp_path}/m.safetensors"
    assert main(["train", f"{tmp_path}/t.csv", "--target", "price", "--out", model, "--quiet", "--epochs", "20"]) == 0
    assert main(["doctor", model, f"{tmp_path}/t.csv", "--json"]) == 0
    found = {each["kind"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert set(found["suspect_labels"]["evidence"]["rows"]) <= {17, 230, 231, 232}
    assert len(found["suspect_labels"]["evidence"]["rows"]) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--group", "who"], ["--time", "day"], ["--fold", "who"], ["--cv", "3"]])
def test_rows_of_a_training_with_ties_are_found_again(tmp_path, words, capsys):
    rng = np.random.default_rng(0)
    columns = {"who": np.arange(120) % 10, "day": rng.permutation(120), "x": rng.normal(size=120)}
    pl.DataFrame(columns | {"y": rng.normal(size=120)}).write_csv(tmp_path / "t.csv")
    options = ["--target", "y", "--epochs", "2", "--early-stopping", "--test", "0.3", "--no-report", "-q"]
    assert main(["train", f"{tmp_path}/t.csv", "--out", f"{tmp_path}/m", *options, *words]) == 0
    assert main(["doctor", f"{tmp_path}/m", f"{tmp_path}/t.csv", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["rows"] == 84
    assert "84 for training, 36 for testing" in said.err


def test_lines_that_go_on_go_on_under_their_text(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "24")
    Output().show_labelled("found: 2\n  why: it was read too early\n办法：想一想预测时是否已经知道这一列")
    assert capsys.readouterr().out.splitlines() == [
        "found: 2",
        "  why: it was read too",
        "       early",
        "办法：想一想预测时是否已",
        "      经知道这一列",
    ]


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """A table as people keep it, with a model of it; gives the table, the model, and what was said of the table."""
    folder, rng = tmp_path_factory.mktemp("messy"), np.random.default_rng(0)
    number, kept = np.repeat(rng.choice(10**6, 75, replace=False), 4), np.repeat(rng.normal(size=75), 4)
    words = np.array(["please", "help", "again", "since", "monday", "urgent", "thanks", "printer"])
    rows = {
        "": np.arange(300),
        "customer": number,
        "remark": [" ".join(rng.choice(words, 7)) + f" {row}x" for row in range(300)],
        "age": np.where(rng.random(300) < 0.1, -999.0, rng.integers(18, 80, 300)),
        "bill": kept + 0.1 * rng.normal(size=300),
        "rent": kept + 0.1 * rng.normal(size=300),
    }
    pl.DataFrame(rows).write_csv(folder / "messy.csv")
    return folder / "messy.csv", folder / "messy.safetensors"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_train_report_and_doctor_say_the_same_of_a_table(messy, language, capsys):
    table, model = messy
    quick = ["--target", "rent", "--preset", "mlp", "--epochs", "40", "--force", "--language", language]
    quick += ["--free-text", "none"]
    assert main(["train", f"{table}", "--out", f"{model}", *quick]) == 0
    trained = capsys.readouterr()
    assert main(["doctor", f"{model}", f"{table}", "--json", "--language", language]) == 0
    found = [each for each in json.loads(capsys.readouterr().out)["findings"] if each["kind"] in KINDS]
    assert {each["kind"] for each in found} == {"free_text", "row_numbers", "sentinel", "alike_groups"}
    page = html.unescape(model.with_suffix(".report.html").read_text(encoding="utf-8"))
    said = "".join(trained.err.split())
    for each in found:
        assert "".join(each["what"].split()) in said
        assert "".join(each["remedy"].split()) in said
        assert each["remedy"] in page
    assert {"en": "These scores may be too optimistic", "zh": "这些评分可能偏高"}[language] in trained.out


@pytest.mark.slow
def test_whoever_does_as_advised_is_not_advised_again(messy, capsys):
    table, model = messy
    told = ["--id", "unnamed 1", "--drop", "remark", "--missing=-999", "--group", "customer"]
    quick = ["--target", "rent", "--preset", "mlp", "--epochs", "5", "--force", "--no-report"]
    assert main(["train", f"{table}", "--out", f"{model}", *quick, *told]) == 0
    said = capsys.readouterr().err
    assert "warning" not in said
    assert "note" not in said
    assert main(["doctor", f"{model}", f"{table}", "--json"]) == 0
    assert not {each["kind"] for each in json.loads(capsys.readouterr().out)["findings"]} & KINDS
