"""``glassnet demo``: better than logistic regression, with a report that says the truth about it."""

from __future__ import annotations

import re
import sys

import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.console import Output
from glassnet.apps.demo import demo

pytestmark = pytest.mark.slow  # not in `make quick`


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "new"
    assert main(["demo", "--out", f"{folder}", "--quiet"]) == 0
    return folder


def test_everything_is_written(folder):
    files = sorted(file.name for file in folder.iterdir())
    assert files == ["curves.png", "digits.csv", "model.safetensors", "predictions.csv", "report.md"]
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_network_beats_logistic_regression_on_the_same_rows(folder):
    scores = glassnet.load(folder / "model.safetensors").notes_["scores"]
    assert scores["network"]["accuracy"] > scores["logistic regression"]["accuracy"] > 0.9
    assert scores["network"]["log_loss"] < scores["logistic regression"]["log_loss"]


def test_the_report_agrees_with_the_predictions(folder):
    predictions, report = pl.read_csv(folder / "predictions.csv"), (folder / "report.md").read_text()
    wrong = (predictions["prediction"] != predictions["digit"]).sum()
    assert f"{len(predictions)} others were set aside" in report
    assert f"takes {wrong} of those for another digit" in report
    confusions = re.findall(r"^\| \*\*(\d)\*\* \|(.*)\|$", report, re.MULTILINE)
    counts = [[int(cell.strip().replace("·", "0")) for cell in line.split("|")] for _, line in confusions]
    assert sum(map(sum, counts)) == len(predictions)
    assert sum(line[digit] for digit, line in enumerate(counts)) == len(predictions) - wrong
    assert "](curves.png)" in report


def test_the_test_rows_are_no_training_rows(folder):
    table, predictions = pl.read_csv(folder / "digits.csv"), pl.read_csv(folder / "predictions.csv")
    assert len(table) == 1797
    assert predictions["row"].n_unique() == len(predictions)
    joined = predictions.join(table, on="row", suffix="_in_table")
    assert joined["digit"].equals(joined["digit_in_table"].alias("digit"))


def test_the_commands_of_the_report_work(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    commands = re.findall(r"^\$ glassnet (.*)$", (folder / "report.md").read_text(), re.MULTILINE)
    assert len(commands) == 3
    before = glassnet.load("model.safetensors").notes_["scores"]
    for command in commands:
        assert main(command.split()) == 0
    assert glassnet.load("model.safetensors").notes_["scores"] == before
    (folder / "all.csv").unlink()


def test_it_ends_by_naming_the_report_and_may_be_repeated(folder, capsys):
    (folder / "note.txt").write_text("mine")
    assert main(["demo", "--out", f"{folder}"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"report      {folder}/report.md"
    assert (folder / "note.txt").read_text() == "mine"
    (folder / "note.txt").unlink()


def test_without_matplotlib_there_is_no_picture(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["demo", "--out", f"{tmp_path}", "--quiet"]) == 0
    assert not (tmp_path / "curves.png").exists()
    assert "curves.png" not in (tmp_path / "report.md").read_text()


def test_a_folder_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "demo").write_text("mine")
    assert main(["demo", "--out", f"{tmp_path}/demo"]) == 1
    assert capsys.readouterr().err.startswith("glassnet: ")
    assert (tmp_path / "demo").read_text() == "mine"


@pytest.mark.slow
def test_it_wins_on_other_splits_too(tmp_path):
    for seed in range(1, 5):
        scores = demo(tmp_path / f"{seed}", Output(quiet=True), seed).scores
        assert scores["network"]["accuracy"] > scores["logistic regression"]["accuracy"], seed
