"""``glassnet evaluate``: the scores of a saved model on rows with known answers."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier
from glassnet.apps.cli import main
from glassnet.apps.table_messages import confusion


def test_scores_are_those_of_the_estimator(classifier, tables, capsys):
    assert main(["evaluate", f"{classifier}", f"{tables}/later.csv", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    later = pl.read_csv(tables / "later.csv")
    assert record["target"] == "came back"
    assert record["rows"] == {"scored": 100, "without target": 0}
    assert record["scores"]["accuracy"] == glassnet.load(classifier).score(later, later["came back"].to_numpy())


def test_people_see_scores_and_confusions(classifier, tables, capsys):
    assert main(["evaluate", f"{classifier}", f"{tables}/later.csv"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[1].split()[:3] == ["100", "rows", "accuracy"]
    first = next(place for place, line in enumerate(lines) if line.startswith("actual"))
    confusions = [line.split() for line in lines[first + 2 : first + 4]]
    assert [line[0] for line in confusions] == ["no", "yes"]
    assert sum(int(count) for line in confusions for count in line[1:] if count != "·") == 100
    assert said.err.startswith("table       later.csv: 100 rows")
    assert any(line.startswith("verdict     ") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--test", "0"], ["--early-stopping"]])
def test_scores_on_rows_of_the_training_are_said_to_be_optimistic(options, tables, tmp_path, capsys):
    model, people = f"{tmp_path}/m.safetensors", f"{tables}/people.csv"
    quick = ["--preset", "mlp", "--hidden-layers", "8", "--epochs", "60", "--no-compare", "--no-report", "--quiet"]
    assert main(["train", people, "--target", "came back", "--out", model, *quick, *options]) == 0
    assert main(["evaluate", model, people, "--json", "--report", f"{tmp_path}/r.html"]) == 0
    said = capsys.readouterr()
    count = 300 if "0" in options else 240
    assert f"{count} of these 300 rows were used to train the model. Evaluate on rows" in said.err
    assert json.loads(said.out)["findings"][0]["evidence"] == {"count": count, "rows": 300}
    assert "These scores may be too optimistic" in (tmp_path / "r.html").read_text("utf-8")
    assert main(["evaluate", model, f"{tables}/later.csv", "--json"]) == 0
    said = capsys.readouterr()
    assert "used to train" not in said.err
    assert json.loads(said.out)["findings"] == []


@pytest.mark.slow
def test_a_regression_is_scored(regressor, tables, capsys):
    assert main(["evaluate", f"{regressor}", f"{tables}/houses.csv", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["scores"]) == {"rmse", "mae", "r2"}


def test_columns_may_come_in_another_order_and_the_target_have_another_name(classifier, tables, tmp_path, capsys):
    assert main(["evaluate", f"{classifier}", f"{tables}/later.csv", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)["scores"]
    later = pl.read_csv(tables / "later.csv").rename({"came back": "answer"})
    later.select(reversed(later.columns)).write_csv(tmp_path / "other.csv")
    assert main(["evaluate", f"{classifier}", f"{tmp_path}/other.csv", "--target", "answer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == plain


def test_classes_are_recognised_by_their_text(tmp_path, capsys):
    frame = pl.DataFrame({"x": [1, 2, 3, 4] * 10, "y": [0, 0, 1, 1] * 10})
    frame.write_csv(tmp_path / "numbers.csv")
    frame.with_columns(pl.col("y").cast(pl.String)).write_parquet(tmp_path / "texts.parquet")
    model = f"{tmp_path}/m.safetensors"
    words = ["train", f"{tmp_path}/numbers.csv", "--target", "y", "--out", model, "-q", "--no-report"]
    assert main([*words, "--preset", "mlp", "--epochs", "1"]) == 0
    assert main(["evaluate", model, f"{tmp_path}/texts.parquet", "--json"]) == 0
    assert "accuracy" in json.loads(capsys.readouterr().out)["scores"]


@pytest.mark.slow
def test_a_model_without_notes_wants_to_hear_the_target(tables, tmp_path, capsys):
    later = pl.read_csv(tables / "later.csv")
    model = NeuralClassifier(epochs=2).fit(later.drop("came back"), later["came back"].to_numpy())
    glassnet.save(model, tmp_path / "m.safetensors")
    assert main(["evaluate", f"{tmp_path}/m.safetensors", f"{tables}/later.csv"]) == 2
    assert "Specify it with --target" in capsys.readouterr().err
    assert main(["evaluate", f"{tmp_path}/m.safetensors", f"{tables}/later.csv", "--target", "came back"]) == 0


@pytest.mark.parametrize("damage", ["cut", "text", "empty"])
def test_a_damaged_model_is_refused(classifier, tables, tmp_path, capsys, damage):
    whole = classifier.read_bytes()
    damaged = {"cut": whole[:-10], "text": b"age,city\n1,2\n", "empty": b""}[damage]
    (tmp_path / "m.safetensors").write_bytes(damaged)
    assert main(["evaluate", f"{tmp_path}/m.safetensors", f"{tables}/later.csv"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("glassnet: m.safetensors cannot be loaded")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_a_report_gives_the_importance_of_columns_together(classifier, tables, tmp_path, capsys):
    words = ["evaluate", f"{classifier}", f"{tables}/later.csv", "--group-columns", "person=age,city"]
    assert main([*words, "--report", f"{tmp_path}/r.html"]) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "--group-columns person=age,city" in page
    assert page.count("person") > 1
    assert main(words) == 2
    assert "--group-columns needs a report" in capsys.readouterr().err


# -------------------------------------------------------------------- confusions
# Confusions as the terminal shows them.


def test_confusions_are_counted():
    counts = confusion(np.array(list("aab")), np.array(list("abb")), ["a", "b"])
    assert counts == [["1", "1"], ["·", "1"]]
