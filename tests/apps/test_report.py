"""The report of ``glassnet train``, ``search`` and ``evaluate``: where it goes, what it says, what is refused."""

from __future__ import annotations

import html
import json
import re
import shlex
import sys

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main
from tests.insight.report.reading import Page

QUICK = ["--preset", "mlp", "--hidden-layers", "8", "--epochs", "5"]


@pytest.fixture
def folder(tables, tmp_path, monkeypatch):
    """A folder of its own with the tables, and in it."""
    for name in ("people.csv", "later.csv", "houses.csv"):
        (tmp_path / name).write_bytes((tables / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown_command(file):
    """What is to be typed, as the page has it."""
    return html.unescape(re.search(r"<code>(glassnet (?:train|search|evaluate) .*?)</code>", file.read_text())[1])


def shown_code(file):
    """What is to be run in Python, as the page has it."""
    return html.unescape(re.search(r"<code>(from (?:glassnet|pathlib) .*?)</code>", file.read_text(), re.DOTALL)[1])


@pytest.mark.slow
def test_train_writes_a_report_beside_the_model_and_names_it_last(folder, capsys):
    words = ["train", "people.csv", "--target", "came back", "--id", "customer_id", "-o", "m.safetensors", *QUICK]
    assert main(words) == 0
    results = capsys.readouterr().out.partition("\n\nwarning")[0].splitlines()  # of a network of two epochs
    assert re.fullmatch(r"report      m\.report\.html \(\d+ kB\)", results[-1])
    page = Page((folder / "m.report.html").read_text())
    model = glassnet.load("m.safetensors")
    shown = page.table("Scores on 60 rows")[1][1].split("|")[0]
    assert shown == f"{100 * model.notes_['scores']['network']['accuracy']:.2f}%"
    assert "Report: predicting came back" in page.text
    assert "60 rows, 20% of the table, drawn at random with seed 0; stratified by class" in page.text
    assert all(1000 <= int(row[0]) < 1300 for row in page.table("The 10 rows with")[1:])  # called by their id


@pytest.mark.slow
def test_the_command_in_the_report_trains_the_same_model(folder, capsys):
    words = ["people.csv", "--target", "came back", "--id", "customer_id", "--class-weight", "yes=2,no=1"]
    assert main(["train", *words, "--no-early-stopping", "--test", "0.3", "-o", "m.safetensors", *QUICK]) == 0
    typed = shlex.split(shown_command(folder / "m.report.html"))
    before = glassnet.load("m.safetensors")
    assert main([*typed[1:], "--force", "--quiet"]) == 0
    after = glassnet.load("m.safetensors")
    assert np.array_equal(before.network_.parameters, after.network_.parameters)
    assert before.notes_ == after.notes_


PEOPLE, LEFT_OUT = ["people.csv", "--target", "came back"], ["--id", "customer_id"]
TRAININGS = {
    "weights and gaps": [*PEOPLE, *LEFT_OUT, "--missing", "?", "--sample-weight", "paid"],
    "files with weights": [
        *(*PEOPLE, "--test", "later.csv", "--validation", "later.csv", "--sample-weight", "paid", "--patience", "2"),
    ],
    "a share of many digits": [*PEOPLE, "--test", "0.12345678"],
    "groups": [*PEOPLE, "--group", "city", "--test", "0.3"],
    "time": [*PEOPLE, *LEFT_OUT, "--time", "age"],
    "a fold": [*PEOPLE, *LEFT_OUT, "--fold", "city", "--test", "0.3"],
    "a threshold": [*PEOPLE, *LEFT_OUT, "--positive", "no", "--decision-threshold", "0.8"],
    "a regression": ["houses.csv", "--target", "price", "--random-state", "7", "--clamp"],
    "out of core": [*PEOPLE, *LEFT_OUT, "--memory", "1GB", "--missing", "?"],
    "out of core with weights": [*PEOPLE, *LEFT_OUT, "--memory", "1GB", "--sample-weight", "paid", "--test", "0.4"],
    "out of core with files": [
        *(*PEOPLE, *LEFT_OUT, "--memory", "1GB", "--test", "later.csv", "--validation", "later.csv"),
    ],
    "out of core, a regression": ["houses.csv", "--target", "price", "--memory", "1GB", "--drop", "kind"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAININGS)
def test_the_code_in_the_report_trains_and_scores_the_same_model(folder, name, capsys):
    """Without the rows of the test; with weights, where there are some."""
    for table in ("people.csv", "later.csv"):  # without gaps: not every column may have some
        pl.read_csv(table).drop_nulls().write_csv(table)
    assert main(["train", *TRAININGS[name], "-o", "m.safetensors", "-q", *QUICK]) == 0
    namespace: dict[str, object] = {}
    capsys.readouterr()
    exec(shown_code(folder / "m.report.html"), namespace)
    again, model = namespace["model"], glassnet.load("m.safetensors")
    assert np.array_equal(again.network_.parameters, model.network_.parameters)
    scores = model.notes_["scores"]["network"]
    assert float(capsys.readouterr().out) == pytest.approx(scores.get("accuracy", scores.get("r2")), abs=1e-12)


EVALUATIONS = {
    "target": ["renamed.csv", "--target", "returned"],
    "weights": ["later.csv", "--sample-weight", "weight"],
    "gaps": ["gaps.csv", "--missing", "unknown", "--sample-weight", "weight"],
    "format": ["later.table", "--format", "csv"],
    "a threshold": ["later.csv", "--positive", "yes", "--decision-threshold", "0.9"],
    "groups of columns": ["later.csv", "--group-columns", "person=age,city"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVALUATIONS)
def test_the_command_and_the_code_in_the_report_score_the_same_rows_the_same_way(folder, classifier, name, capsys):
    later = pl.read_csv("later.csv").with_columns(weight=1.0 * (pl.col("came back") == "no") + 0.01)
    later.rename({"came back": "returned"}).write_csv("renamed.csv")
    later.with_columns(pl.col("city").fill_null("unknown")).write_csv("gaps.csv")
    for file in ("later.csv", "later.table"):
        with (folder / file).open("wb") as stream:
            later.write_csv(stream)
    assert main(["evaluate", f"{classifier}", *EVALUATIONS[name], "--report", "r.html", "--json"]) == 0
    accuracy = json.loads(capsys.readouterr().out)["scores"]["accuracy"]
    typed = shlex.split(shown_command(folder / "r.html"))
    assert main([*typed[1:], "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["accuracy"] == accuracy
    exec(shown_code(folder / "r.html"), {})
    assert float(capsys.readouterr().out) == pytest.approx(accuracy, abs=1e-12)


@pytest.mark.slow
def test_chinese_and_a_file_of_its_own(folder):
    words = ["train", "houses.csv", "--target", "price", "-q", "--report", "bericht.html", "--language", "zh", *QUICK]
    assert main(words) == 0
    assert not (folder / "model.report.html").exists()
    text = (folder / "bericht.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in text
    assert "报告：预测 price" in text


@pytest.mark.slow
def test_no_report_where_none_is_wanted_or_none_can_be(folder):
    assert main(["train", "people.csv", "--target", "came back", "-q", "--no-report", *QUICK]) == 0
    assert main(["train", "people.csv", "--target", "came back", "-q", "--force", "--test", "0", *QUICK]) == 0
    assert not (folder / "model.report.html").exists()


@pytest.mark.slow
def test_json_names_the_report(folder, capsys):
    assert main(["train", "people.csv", "--target", "came back", "--json", *QUICK]) == 0
    assert json.loads(capsys.readouterr().out)["report"] == "model.report.html"


@pytest.mark.slow
def test_evaluate_writes_a_report_if_asked(folder, classifier, capsys):
    words = ["evaluate", f"{classifier}", "later.csv"]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["report"] is None
    assert main([*words, "--report", "later.html"]) == 0
    assert "\nreport      later.html (" in capsys.readouterr().out
    page = Page((folder / "later.html").read_text())
    assert page.table("Scores on 100 rows")[1][1].split("|")[0] == f"{100 * result['scores']['accuracy']:.2f}%"
    assert "by 3-fold cross-validation" in page.text
    assert shown_command(folder / "later.html") == f"glassnet evaluate {classifier} later.csv --report later.html"
    exec(shown_code(folder / "later.html"), {})
    assert float(capsys.readouterr().out) == result["scores"]["accuracy"]
    assert main([*words, "--report", "later.html"]) == 2
    assert main([*words, "--report", "later.html", "--force", "-q"]) == 0
    assert main([*words, "--report", "later.csv", "--force", "-q"]) == 2


@pytest.mark.slow
def test_a_regression_is_reported_on_rows_that_came_later(folder, regressor):
    assert main(["evaluate", f"{regressor}", "houses.csv", "--report", "h.html", "-q"]) == 0
    assert Page((folder / "h.html").read_text()).table("Scores on 300 rows")[2][0] == "ridge regression"


@pytest.mark.slow
def test_search_writes_one_too(folder):
    pytest.importorskip("optuna")
    words = ["search", "houses.csv", "--target", "price", "--trials", "1", "--validation", "0.3", "-q", *QUICK]
    assert main(words) == 0
    typed = shown_command(folder / "model.report.html")
    assert typed.startswith("glassnet search houses.csv --target price --validation 0.3 ")
    assert " --trials 1 " in typed


@pytest.mark.slow
def test_train_needs_no_matplotlib(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["train", "people.csv", "--target", "came back", "-q", *QUICK]) == 0
    assert (folder / "model.report.html").stat().st_size < 300_000


def test_one_row_is_enough(folder):
    pl.read_csv("people.csv").head(1).write_csv("one.csv")
    assert main(["train", "people.csv", "--target", "came back", "--test", "one.csv", "-q", *QUICK]) == 0
    assert "Tested on 1 rows" in (folder / "model.report.html").read_text()
