"""``glassnet card``: a card beside the model."""

from __future__ import annotations

import json

import pytest

import glassnet
from glassnet import NeuralNetwork
from glassnet.apps.cli import main


def test_the_card_is_beside_the_model_and_has_the_scores_of_training(classifier, tmp_path, capsys):
    out = tmp_path / "card.md"
    assert main(["card", f"{classifier}", "--out", f"{out}"]) == 0
    assert "card" in capsys.readouterr().out
    text = out.read_text()
    notes = glassnet.load(classifier).notes_
    assert f"On {notes['test_rows']} rows" in text
    assert f"{100 * notes['scores']['network']['accuracy']:.2f}%" in text
    assert "| logistic regression |" in text
    assert "It predicts **came back**" in text


def test_rows_that_it_was_trained_on_are_left_out(classifier, tables, tmp_path, capsys):
    out = tmp_path / "card.md"
    assert main(["card", f"{classifier}", "--test", f"{tables / 'people.csv'}", "--out", f"{out}"]) == 0
    assert "were used to train the model" in capsys.readouterr().err
    assert f"On {glassnet.load(classifier).notes_['test_rows']} rows not used for training" in out.read_text()


def test_without_out_it_is_named_like_the_model(tmp_path):
    glassnet.save(NeuralNetwork(2, [1]), tmp_path / "small.safetensors")
    assert main(["card", f"{tmp_path}/small.safetensors", "-q", "--language", "zh"]) == 0
    assert "# small" in (tmp_path / "small.md").read_text()


def test_its_instructions_load_the_file_of_the_model(tmp_path):
    glassnet.save(NeuralNetwork(2, [1]), tmp_path / "small.safetensors")
    assert main(["card", f"{tmp_path}/small.safetensors", "-q", "--name", "Small"]) == 0
    assert 'model = glassnet.load("small.safetensors")' in (tmp_path / "small.md").read_text()


def test_its_instructions_in_the_terminal_quote_the_file_of_the_model(classifier, tmp_path):
    model = tmp_path / "came back.safetensors"
    model.write_bytes(classifier.read_bytes())
    assert main(["card", f"{model}", "-q"]) == 0
    assert "$ glassnet predict 'came back.safetensors' rows.csv" in model.with_suffix(".md").read_text()


def test_a_model_whose_name_is_not_in_utf_8_has_a_card(tmp_path):
    glassnet.save(NeuralNetwork(2, [1]), tmp_path / "m\udcff.safetensors")
    assert main(["card", f"{tmp_path}/m\udcff.safetensors", "-q"]) == 0
    assert r"# m\\udcff" in (tmp_path / "m\udcff.md").read_text()


def test_test_rows_are_scored(classifier, tables, tmp_path, capsys):
    out = tmp_path / "card.md"
    words = ["card", f"{classifier}", "--test", f"{tables}/later.csv", "--out", f"{out}", "--name", "Who comes back"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"model": f"{classifier}", "card": f"{out}"}
    assert "# Who comes back" in out.read_text()
    assert "rows not used for training:" in out.read_text()


def test_a_card_that_is_there_needs_force(classifier, tmp_path, capsys):
    out = tmp_path / "card.md"
    out.write_text("filled in")
    assert main(["card", f"{classifier}", "--out", f"{out}"]) == 2
    assert "already exists" in capsys.readouterr().err
    assert out.read_text() == "filled in"
    assert main(["card", f"{classifier}", "--out", f"{out}", "--force"]) == 0


@pytest.mark.slow
def test_training_with_a_report_notes_how_sure_the_scores_are(tables, tmp_path):
    out = f"{tmp_path}/m.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", out, "-q", "--epochs", "2"]
    assert main([*words, "--hidden-layers", "4", "--preset", "mlp", "--test", "0.5"]) == 0
    notes = glassnet.load(out).notes_
    low, high = notes["intervals"]["accuracy"]
    assert low <= notes["scores"]["network"]["accuracy"] <= high
    assert main(["card", out, "-q"]) == 0
    assert f"{100 * high:.2f}%" in (tmp_path / "m.md").read_text()
