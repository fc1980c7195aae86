"""``glassnet export``: a saved model becomes a file for other programs, in the format that its ending names."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import onnxruntime
import polars as pl
import pytest

from glassnet import Dense, NeuralClassifier, NeuralNetwork, load, save
from glassnet.apps.cli import main
from tests.exchange.models import FRAME, fitted


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(fitted("promised classes"), tmp_path / "model.safetensors")
    return tmp_path


def test_onnx_says_what_it_takes_and_gives(folder, capsys):
    assert main(["export", "model.safetensors", "m.onnx", "--json", "--coverage", "0.8"]) == 0
    record = json.loads(capsys.readouterr().out)
    session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
    assert [source["name"] for source in record["inputs"]] == [source.name for source in session.get_inputs()]
    assert record["outputs"] == [output.name for output in session.get_outputs()] == ["label", "probabilities", "set"]
    assert record["bytes"] == (folder / "m.onnx").stat().st_size
    assert session.get_modelmeta().custom_metadata_map["coverage"] == "0.8"


@pytest.mark.slow
def test_onnx_takes_whole_texts_on_request(folder, capsys):
    save(fitted("texts"), folder / "texts.safetensors")
    assert main(["export", "texts.safetensors", "m.onnx", "--texts", "text"]) == 0
    session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
    assert {source.type for source in session.get_inputs() if source.name in ("review", "title")} == {"tensor(string)"}
    assert not any(source.name.endswith(" ids") for source in session.get_inputs())


@pytest.mark.slow
def test_onnx_and_javascript_of_texts_say_what_they_take(folder, capsys):
    save(fitted("texts"), folder / "texts.safetensors")
    assert main(["export", "texts.safetensors", "m.onnx", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
    assert [source["name"] for source in record["inputs"]] == [source.name for source in session.get_inputs()]
    kinds = {source["name"]: source["kind"] for source in record["inputs"]}
    assert (kinds["review ids"], kinds["review values"]) == ("int64", "float32")
    assert main(["export", "texts.safetensors", "m.mjs"]) == 0
    assert "review (text)" in capsys.readouterr().out


def test_python_predicts_from_the_terminal(folder, capsys):
    assert main(["export", "model.safetensors", "m.py"]) == 0
    shown = capsys.readouterr().out
    assert "m.py, Python" in shown
    assert "age (number), große Zahl (number)" in shown
    FRAME.with_columns(pl.col("wait").dt.total_seconds()).write_csv("table.csv")
    run = subprocess.run([sys.executable, "-I", "m.py", "table.csv"], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    found = [int(line.partition(",")[0]) for line in run.stdout.splitlines()[1:]]
    assert found == load("model.safetensors").predict(FRAME).tolist()


@pytest.mark.slow
def test_a_bare_network_is_exported_too_and_large_weights_are_named(folder, capsys):
    save(NeuralNetwork(300, [Dense(400), 1]), "network.safetensors")
    assert main(["export", "network.safetensors", "n.py"]) == 0
    assert "n.py and n.npz, Python" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_too_large_names_the_options_of_the_command_line(language, folder, capsys, monkeypatch):
    monkeypatch.setattr("glassnet.exchange.page.write_html.LARGEST", 1000)
    assert main(["export", "model.safetensors", "m.html", "--language", language]) == 1
    said = capsys.readouterr().err
    assert "--preset fast" in said
    assert "preset=" not in said


def test_a_file_is_replaced_only_by_force(folder, capsys):
    assert main(["export", "model.safetensors", "m.onnx", "--quiet"]) == 0
    assert main(["export", "model.safetensors", "m.onnx"]) == 2
    assert (
        "m.onnx already exists. Choose another file with OUT, or overwrite it with --force" in capsys.readouterr().err
    )
    assert main(["export", "model.safetensors", "m.onnx", "--force", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_of_weights_beside_it_is_nobody_elses(folder, capsys):
    (folder / "m.npz").write_bytes(b"somebody's data")
    assert main(["export", "model.safetensors", "m.py"]) == 2
    assert "m.npz already exists" in capsys.readouterr().err
    assert (folder / "m.npz").read_bytes() == b"somebody's data"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "written"),
    [("M.PY", ["M.npz", "M.py"]), ("M.C", ["M.c", "M.h"]), ("M.HTML", ["M.html"]), ("m.Onnx", ["m.onnx"])],
)
def test_an_ending_may_be_in_capitals(folder, typed, written):
    """And is written small: a compiler takes .C for C++, and Python imports what ends in .py."""
    model = NeuralClassifier(preset="mlp", hidden_layers=[400, 400], epochs=1, random_state=0)
    save(model.fit(FRAME, np.arange(len(FRAME)) % 2), "model.safetensors")  # so large that Python has weights beside it
    before = {*folder.iterdir()}
    assert main(["export", "model.safetensors", typed, "-q"]) == 0
    assert sorted(path.name for path in {*folder.iterdir()} - before) == written
