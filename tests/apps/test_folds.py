"""Rows that belong together, that have an order, that are in folds: by a column of the file."""

from __future__ import annotations

import html
import json

import numpy as np
import polars as pl
import pytest

from glassnet.apps.cli import main
from glassnet.apps.labelled import Roles, read_labelled
from glassnet.errors import InputError

QUICK = ["--epochs", "2", "--preset", "mlp", "--hidden-layers", "4", "--early-stopping", "--force"]


@pytest.fixture
def visits(tmp_path):
    """Ten patients with twelve visits each."""
    rng, patient = np.random.default_rng(0), np.repeat(np.arange(10), 12)
    day = np.datetime64("2024-01-01") + rng.permutation(120)
    frame = pl.DataFrame(
        {"patient": patient, "day": day, "fold": patient % 3, "x": rng.normal(size=120), "y": rng.normal(size=120)}
    )
    frame.write_csv(tmp_path / "visits.csv")
    return tmp_path / "visits.csv"


def train(file, capsys, *words):
    code = main(["train", f"{file}", "--target", "y", "--out", f"{file.parent / 'm'}", "--json", *QUICK, *words])
    said = capsys.readouterr()
    return code, json.loads(said.out) if code == 0 else None, said.err


def test_columns_of_groups_and_folds_are_not_learned_from(visits):
    table = read_labelled(visits, Roles("y", group="patient", time="day", drop=("fold",)))
    assert table.X.columns == ["day", "x"]
    assert (len(np.unique(table.groups)), table.times.dtype.kind) == (10, "M")
    part = table.take(np.arange(12))
    assert len(np.unique(part.groups)) == 1
    assert len(part.times) == 12
    assert read_labelled(visits, Roles("y", fold="fold")).X.columns == ["patient", "day", "x"]


def test_a_group_is_tested_or_learned_from(visits, capsys):
    code, record, said = train(visits, capsys, "--group", "patient", "--no-report")
    assert code == 0
    assert record["rows"]["test"] == 24  # two patients of ten
    assert "no patient in more than one of them" in said


def test_the_latest_rows_are_the_test(visits, capsys):
    code, record, said = train(visits, capsys, "--time", "day", "--no-report")
    assert (code, record["rows"]["test"]) == (0, 24)
    assert "the latest by day for testing" in said


def test_by_group_and_time_the_rows_for_neither_are_counted_by_train_and_doctor(visits, capsys):
    code, record, said = train(visits, capsys, "--group", "patient", "--time", "day", "--no-report")
    assert code == 0
    counts = record["rows"]
    assert counts["left out"] == 120 - counts["training"] - 24 > 0
    told = f"24 for testing, {counts['left out']} not used (earlier rows of groups in the test)"
    assert told in " ".join(said.split())
    main(["doctor", f"{visits.parent / 'm'}", f"{visits}"])
    assert told in " ".join(capsys.readouterr().err.split())


def test_each_fold_is_judged_by_a_member(visits, capsys):
    code, record, _ = train(visits, capsys, "--fold", "fold", "--test", "0")
    assert code == 0
    assert record["settings"]["members"] == 3
    assert record["settings"]["cv"] == "LeaveOneGroupOut()"


@pytest.mark.slow
def test_a_report_says_how_rows_were_told_apart_and_its_code_runs(visits, capsys):
    words = ["--group", "patient", "--time-limit", "60", "--group-columns", "measured=x,day"]
    code, record, _ = train(visits, capsys, *words, "--report", f"{visits}.html")
    assert code == 0
    page = visits.with_suffix(".csv.html").read_text()
    assert "no patient on both sides" in page
    assert "--group patient " in page
    assert "--time-limit 60 " in page
    assert "--group-columns measured=x,day " in page
    assert page.count("measured") > 1  # in the table of importances, too
    start, scope = page.index("from glassnet import NeuralRegressor"), {}
    exec(html.unescape(page[start : page.index("</code>", start)]), scope)
    assert scope["model"].score(scope["X"][scope["test"]], scope["y"][scope["test"]]) == pytest.approx(
        record["scores"]["network"]["r2"]
    )


def test_a_limit_of_time_ends_a_training(visits, capsys):
    code, record, _ = train(visits, capsys, "--time-limit", "1e-9", "--no-report")
    assert (code, record["ended"]) == (0, "time limit reached in epoch 1 of 2")


@pytest.mark.parametrize(("role", "what"), [("group", "groups or folds"), ("time", "times")])
def test_every_row_must_be_told(tmp_path, role, what):
    pl.DataFrame({"x": [1, 2, 3], "a": [1, None, 2], "y": [1, 2, 3]}).write_csv(tmp_path / "gaps.csv")
    with pytest.raises(InputError, match=f"A column of {what} must have a value in every row. Received: 'a'"):
        read_labelled(tmp_path / "gaps.csv", Roles("y", **{role: "a"}))


def test_words_are_no_times(tmp_path):
    pl.DataFrame({"x": [1, 2], "a": ["soon", "later"], "y": [1, 2]}).write_csv(tmp_path / "words.csv")
    with pytest.raises(InputError, match="A column of times must contain numbers or dates"):
        read_labelled(tmp_path / "words.csv", Roles("y", time="a"))


@pytest.mark.parametrize("option", ["--group", "--fold"])
def test_a_test_that_leaves_one_group_is_refused_with_the_remedy(visits, capsys, option):
    frame = pl.read_csv(visits)
    frame.with_columns(half=pl.col("patient") % 2).write_csv(visits)
    code, _, said = train(visits, capsys, option, "half", "--no-report")
    what = "folds" if option == "--fold" else "groups"
    assert code == 2
    assert f"The training rows must have at least two {what}. Received: 1 of 2 by {option}" in said
    assert "Use --test 0" in said


def held_out(visits, capsys, *words):
    file = visits.parent / "held.csv"
    code = main(["train", f"{visits}", "--target", "y", "--out", f"{visits.parent / 'm'}", "--oof", f"{file}", *words])
    said = capsys.readouterr()
    return code, pl.read_csv(file) if code == 0 else None, said.err


FAST = ["--epochs", "2", "--preset", "mlp", "--hidden-layers", "4", "--test", "0", "--no-report", "--quiet"]


@pytest.mark.slow
def test_oof_writes_a_prediction_for_each_training_row(visits, capsys):
    code, written, _ = held_out(visits, capsys, "--id", "patient,day", *FAST)
    assert (code, written.columns) == (0, ["patient", "day", "y", "prediction"])
    assert written["prediction"].null_count() == 0
    assert written["y"].to_list() == pl.read_csv(visits)["y"].to_list()


@pytest.mark.slow
def test_oof_leaves_cells_empty_where_no_network_was_trained_without_the_row(visits, capsys):
    code, written, said = held_out(visits, capsys, "--time", "day", *[word for word in FAST if word != "--quiet"])
    missing = written["prediction"].null_count()
    assert (code, 0 < missing < 120) == (0, True)
    assert f"{missing} of 120 training rows have no prediction" in " ".join(said.split())


@pytest.mark.slow
def test_oof_has_classes_and_their_probabilities(visits, capsys):
    table = pl.read_csv(visits)
    table.with_columns(pl.Series("y", np.where(table["y"] > 0, "up", "down"))).write_csv(visits)
    code, written, _ = held_out(visits, capsys, "--fold", "fold", *FAST)
    assert (code, written.columns) == (0, ["y", "prediction", "probability_down", "probability_up"])
    assert set(written["prediction"]) <= {"down", "up"}
