"""``glassnet export model.safetensors m.c``: the files, what they need, and how near their answers are."""

from __future__ import annotations

import json

import polars as pl
import pytest

from glassnet import NeuralNetwork, load, save
from glassnet.apps.cli import main
from tests.exchange.models import FRAME, SIGN, classifier, fitted

ROWS = FRAME.drop("wait")  # a text file has no durations


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = classifier(hidden_layers=(64, 64), dtype="float32").fit(ROWS, SIGN)
    model.notes_ = {"target": "answer"}
    save(model, tmp_path / "model.safetensors")
    table = ROWS.with_columns(answer=pl.Series(SIGN))
    table.write_csv("known.csv")
    table.drop("answer").write_csv("rows.csv")
    return tmp_path


def test_it_says_what_was_written_and_what_it_needs(folder, capsys):
    assert main(["export", "model.safetensors", "m.c"]) == 0
    said = capsys.readouterr().out
    for words in ("m.c and m.h, C99", "grosse_Zahl (number)", "label, probabilities", "kB of tables", "on the stack"):
        assert words in said
    assert "checked" not in said


@pytest.mark.slow
def test_as_json(folder, capsys):
    assert main(["export", "model.safetensors", "m.c", "--json", "--int8", "--check", "known.csv"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["files"] == ["m.c", "m.h"]
    assert record["bytes"] == sum((folder / name).stat().st_size for name in record["files"])
    assert record["inputs"][1] == {"name": "große Zahl", "kind": "number", "field": "grosse_Zahl"}
    assert record["outputs"] == ["label", "probabilities"]
    assert record["int8"] is True
    assert record["check"]["rows"] == 60
    assert 0 < record["check"]["largest"] < 0.1
    assert record["check"]["score_before"] == load("model.safetensors").score(ROWS, SIGN)


@pytest.mark.slow
@pytest.mark.parametrize(("table", "words"), [("known.csv", "accuracy"), ("rows.csv", "the class changes in")])
def test_a_table_shows_how_near_it_is(table, words, folder, capsys):
    assert main(["export", "model.safetensors", "m.c", "--check", table]) == 0
    said = capsys.readouterr().out
    assert "60 rows, largest difference" in said
    assert "the class changes in 0.00% of them" in said
    assert words in said


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["m.onnx", "--int8"], 2, "--int8 and --check apply only to C code"),
        (["m.py", "--check", "rows.csv"], 2, "--int8 and --check apply only to C code"),
        (["m.c", "--check", "nowhere.csv"], 1, "nowhere.csv"),
        (["m.c", "--check", "other.csv"], 1, "has no column"),
        (["m.c", "--coverage", "0.9", "--check"], 2, "--check"),
        (["no/m.c"], 1, "folder of an output file must exist"),
    ],
)
def test_what_cannot_be_is_said(arguments, code, message, folder, capsys):
    (folder / "other.csv").write_text("a,b\n1,2\n")
    assert main(["export", "model.safetensors", *arguments]) == code
    assert message in capsys.readouterr().err
    assert not [*folder.glob("m.*")]


def test_neither_file_is_replaced_without_force(folder, capsys):
    (folder / "m.h").write_text("mine")
    assert main(["export", "model.safetensors", "m.c"]) == 2
    assert "m.h already exists" in capsys.readouterr().err
    assert (folder / "m.h").read_text() == "mine"
    assert main(["export", "model.safetensors", "m.c", "--force", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert "m_predict" in (folder / "m.h").read_text()


def test_a_bare_network_is_written_too(folder, capsys):
    save(NeuralNetwork(2, ["tanh:3", 1]), "network.safetensors")
    assert main(["export", "network.safetensors", "n.c"]) == 0
    assert "X (matrix)" in capsys.readouterr().out


@pytest.mark.slow
def test_an_estimator_writes_itself(tmp_path):
    written = fitted("a table").to_c(tmp_path / "m.c", FRAME, SIGN)
    assert written.source.exists()
    assert written.deviation.score == written.deviation.score_before
