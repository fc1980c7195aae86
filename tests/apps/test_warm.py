"""``glassnet warm``: afterwards nothing that is usual must be compiled any more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralClassifier
from glassnet.apps.cli import main
from glassnet.engines.compiled import engine, jit, kernel_cache, llvm, warm
from glassnet.estimators.presets import FEW
from tests.kernels import fresh_folder, know_no_kernels

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    with fresh_folder(tmp_path / "kernels", monkeypatch) as folder:
        yield folder


@pytest.fixture
def few(monkeypatch):
    """One network instead of all the usual ones."""
    monkeypatch.setattr(warm, "networks", lambda precision: iter([warm.TinyNetwork.of(precision, "tanh:2")]))
    monkeypatch.setattr("glassnet.apps.commands.warm.preset_tasks", lambda precision: [])


@pytest.mark.slow
def test_it_says_what_it_compiled_and_where_it_is(folder, few, capsys):
    assert main(["warm", "--precision", "float32"]) == 0
    said = capsys.readouterr()
    count = len([*folder.iterdir()])
    assert count > 5
    assert f"folder      {folder}\n" in said.out
    assert f"compiled    {count} kernels in " in said.out
    assert " s, for float32\n" in said.out
    assert f"ready       {count} kernels\n" in said.out
    assert said.err == ""


@pytest.mark.slow
@pytest.mark.once  # compiles kernels of all presets
def test_afterwards_networks_that_round_compile_nothing(folder, monkeypatch):
    monkeypatch.setattr(warm, "networks", lambda precision: iter([]))
    assert main(["warm", "-q", "--precision", "bfloat16"]) == 0
    know_no_kernels(monkeypatch)
    monkeypatch.setattr(llvm, "object_code", None)
    X = np.random.default_rng(0).normal(size=(FEW, 3))
    model = NeuralClassifier(epochs=1, members=3, refits=0, dtype="bfloat16", random_state=0).fit(X, X[:, 0] > 0)
    assert "bfloat16" in model.network_.summary()


@pytest.mark.slow
def test_in_chinese_names_in_latin_letters_keep_their_distance(folder, few, capsys):
    assert main(["warm", "--language", "zh"]) == 0
    assert "精度 float32 和 float64\n" in capsys.readouterr().out


@pytest.mark.slow
def test_what_is_there_is_not_compiled_again(folder, few, capsys, monkeypatch):
    assert main(["warm", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert set(first) == {"folder", "compiled", "kernels", "seconds"}
    assert first["folder"] == str(folder)
    assert first["compiled"] == first["kernels"] == len([*folder.iterdir()])
    know_no_kernels(monkeypatch)
    monkeypatch.setattr(llvm, "object_code", None)
    assert main(["warm", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["compiled"], again["kernels"]) == (0, first["kernels"])


def test_quiet_says_nothing(folder, few, capsys):
    assert main(["warm", "-q", "--precision", "float64"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_precision_that_there_is_not(capsys):
    assert main(["warm", "--precision", "float16"]) == 2
    assert "float16" in capsys.readouterr().err


def test_code_that_can_be_kept_nowhere_is_a_problem(folder, few, monkeypatch, capsys):
    folder.write_text("in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert main(["warm"]) == 1
    said = capsys.readouterr().err
    assert said.endswith("glassnet: Compiled code needs a cache folder. Received: no folder that can be written. "
                         "Set GLASSNET_CACHE to a folder.\n")  # fmt: skip
    assert "Traceback" not in said


def test_there_is_a_task_for_each_precision_asked_for(monkeypatch):
    used = []
    monkeypatch.setattr(warm.TinyNetwork, "use", lambda tiny, engine: used.append(tiny.parameters.dtype))
    for task in warm.usual_tasks():
        task()
    both = len(used)
    assert {*used} == {np.dtype("float32"), np.dtype("float64")}
    for task in warm.usual_tasks(["float64"]):
        task()
    assert used[both:] == [np.dtype("float64")] * (both // 2)


def test_everynetworks_network_is_one_that_can_be_compiled(monkeypatch):
    """Not: the reference engine did it, with a warning, and nothing was compiled."""
    monkeypatch.setattr(jit, "product", lambda precision: 1)  # else it would be known by that address for good
    monkeypatch.setattr(llvm, "object_code", lambda *_: b"")
    monkeypatch.setattr(llvm, "linked", lambda *_: 1)
    know_no_kernels(monkeypatch)
    monkeypatch.setattr(kernel_cache, "load", lambda key: None)
    monkeypatch.setattr(kernel_cache, "save", lambda key, code: None)
    for tiny in warm.networks("float64"):
        X, y = np.ones((4, 2)), np.ones((4, 1))
        y = np.arange(4) % 2 if tiny.loss.target == "classes" else y
        updater = engine.Updater(tiny.layout, tiny.optimizer)
        with engine.CompiledEngine(workers=1).training(tiny, X, y, None, 4, updater) as steps:
            assert isinstance(steps, engine.Training)


TRAININGS = """
from glassnet.engines.compiled import llvm
compiled, compile = [], llvm.object_code
llvm.object_code = lambda text, passes: compiled.append(text) or compile(text, passes)
import numpy as np
import pandas as pd
from scipy import sparse
from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, Trainer

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4))
options = {"epochs": 2, "dtype": "float32"}
NeuralClassifier(**options).fit(X, X[:, 0] > 0).predict_proba(X)
layers = ("gelu:8", "dropout:0.2", "batch_norm", "silu:8")
NeuralClassifier(hidden_layers=layers, **options).fit(X, rng.integers(0, 3, 90))
frame = pd.DataFrame({"a": X[:, 0], "b": ["x", "y"] * 45})
many = pd.DataFrame({"a": np.arange(150.0), "b": [str(row % 12) for row in range(150)]})
for preset in ("auto", "fast", "tabm"):
    for model, y in ((NeuralClassifier, many.a % 2), (NeuralClassifier, many.a % 3), (NeuralRegressor, many.a)):
        model(preset=preset, epochs=2).fit(many, y).predict(many)
NeuralRegressor(dropout=0.2, **options).fit(frame, X[:, 1]).predict(frame)
for loss in ("mae", "huber", "poisson"):
    NeuralRegressor(loss=loss, optimizer="adam", **options).fit(X, X[:, 1] ** 2).predict(X)
network = NeuralNetwork(4, ["tanh:8", "layer_norm", "selu:8", 1], dtype="float32")
for optimizer in ("sgd", "momentum", "adamw"):
    network.train(sparse.csr_array(X), X[:, 0], optimizer=optimizer)
network.train(X, X[:, 0], optimizer="lbfgs")
Trainer(epochs=2).fit(network, X, X[:, 0])
Trainer(epochs=2).fit(network, np.asfortranarray(X), X[:, 0])
print(bool(compiled))
"""


@pytest.mark.once
def test_after_it_nonetworks_training_compiles_anything(folder, capsys):
    assert main(["warm", "--precision", "float32"]) == 0
    kernels = sorted(file.name for file in folder.iterdir())
    assert f"compiled    {len(kernels)} kernels" in capsys.readouterr().out
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error::glassnet.errors.TrainingWarning", "-c", TRAININGS]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert (run.returncode, run.stdout, run.stderr) == (0, "False\n", "")
    assert sorted(file.name for file in folder.iterdir()) == kernels
