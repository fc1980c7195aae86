"""``glassnet demo``: better than logistic regression, with a report that says the truth about it."""

from __future__ import annotations

import contextlib
import io
import re

import polars as pl
import pytest
from sklearn import datasets

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.commands.demo import TARGET, TEST
from tests.insight.report.reading import Page

pytestmark = pytest.mark.slow  # not in `make quick`


def run(folder):
    """A demo in a folder in which something lies already."""
    (folder / "note.txt").write_text("mine")
    (folder / "report.html").write_text("of an earlier demo")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(["demo", "--out", f"{folder}"]) == 0
    (folder / "said").write_text(said.getvalue())
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where a demo was, of which the table had its first rows."""
    digits = datasets.load_digits()
    digits.data, digits.target = digits.data[:200], digits.target[:200]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load_digits", lambda: digits)
        return run(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Where a demo was as people have it."""
    return run(tmp_path_factory.mktemp("whole"))


def test_everything_is_written_and_nothing_else_is_touched(folder):
    files = sorted(file.name for file in folder.iterdir() if file.name != "said")
    assert files == ["digits.csv", "model.safetensors", "note.txt", "predictions.csv", "report.html"]
    assert (folder / "note.txt").read_text() == "mine"


def test_it_ends_by_naming_the_report(folder):
    said = re.sub(r"\n {2,}", " ", (folder / "said").read_text())  # a long path leaves no room for what follows it
    assert f"\nreport      {folder}/report.html (" in said[said.index("\nmodel ") :]


@pytest.mark.once
def test_the_network_beats_logistic_regression_on_the_same_rows(whole):
    scores = glassnet.load(whole / "model.safetensors").notes_["scores"]
    assert scores["network"]["accuracy"] > scores["logistic regression"]["accuracy"] > 0.9
    assert scores["network"]["log_loss"] < scores["logistic regression"]["log_loss"]


@pytest.mark.once
def test_the_report_agrees_with_the_predictions(whole):
    predictions, page = pl.read_csv(whole / "predictions.csv"), Page((whole / "report.html").read_text())
    wrong = (predictions["prediction"] != predictions["digit"]).sum()
    assert f"Tested on {len(predictions)} rows" in page.text
    counts = [[int(cell.strip("|")) for cell in row[1:]] for row in page.table("Rows by actual")[1:]]
    assert sum(map(sum, counts)) == len(predictions)
    assert sum(line[digit] for digit, line in enumerate(counts)) == len(predictions) - wrong


def test_the_test_rows_are_no_training_rows(folder):
    table, predictions = pl.read_csv(folder / "digits.csv"), pl.read_csv(folder / "predictions.csv")
    assert len(table) == 200
    assert predictions["row"].n_unique() == len(predictions)
    joined = predictions.join(table, on="row", suffix="_in_table")
    assert joined["digit"].equals(joined["digit_in_table"].alias("digit"))


def test_the_command_of_the_report_trains_the_same(folder):
    (typed,) = re.findall(r"<dd><code>glassnet (.*?)</code>", (folder / "report.html").read_text())
    before = glassnet.load(folder / "model.safetensors").notes_["scores"]
    assert main([*typed.split(), "--force", "--no-report", "--quiet"]) == 0
    assert glassnet.load(folder / "model.safetensors").notes_["scores"] == before


def test_a_folder_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "demo").write_text("mine")
    assert main(["demo", "--out", f"{tmp_path}/demo"]) == 1
    assert capsys.readouterr().err.startswith("glassnet: ")
    assert (tmp_path / "demo").read_text() == "mine"


@pytest.mark.once
@pytest.mark.parametrize("seed", range(1, 5))
def test_it_wins_on_other_splits_too(seed, whole, tmp_path):
    out = tmp_path / "model.safetensors"
    words = [
        "train",
        f"{whole}/digits.csv",
        "--target",
        TARGET,
        "--id",
        "row",
        "--test",
        TEST,
        "--random-state",
        f"{seed}",
    ]
    assert main([*words, "--out", f"{out}", "--no-report", "--quiet"]) == 0
    scores = glassnet.load(out).notes_["scores"]
    assert scores["network"]["accuracy"] > scores["logistic regression"]["accuracy"]
