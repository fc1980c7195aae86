"""What works with which extra: the command line with `cli` alone; what needs more names the extra that brings it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forks import PATIENCE

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parents[2] / "src"
RUN = """
import json, sys
from glassnet.apps.cli import main
from sklearn import datasets
digits = datasets.load_digits()
digits.data, digits.target = digits.data[:200], digits.target[:200]
datasets.load_digits = lambda: digits  # what the demo imports does not depend on how much it learns
print(json.dumps([main(words) for words in {commands}]), file=sys.stderr)
"""
TRAINED = ("--target", "came back", "--id", "customer_id", "--preset", "mlp", "--epochs", "2", "--quiet")
WORK = {
    "help": ["--help"],
    "playground": ["playground", "--out", "page"],
    "book": ["book"],
    "demo": ["demo", "--quiet"],
    "train": ["train", "people.csv", *TRAINED],
    "train out of core": ["train", "tables", *TRAINED, "--memory", "500MB", "--out", "large.safetensors"],
    "predict": ["predict", "model.safetensors", "new.csv", "--out", "predictions.parquet"],
    "evaluate": ["evaluate", "model.safetensors", "people.csv", "--report", "evaluated.html"],
    "explain": ["explain", "model.safetensors", "new.csv", "--rows", "0"],
    "doctor": ["doctor", "model.safetensors", "people.csv"],
    "card": ["card", "model.safetensors"],
    "inspect": ["inspect", "model.safetensors"],
    "export to Python": ["export", "model.safetensors", "model.py"],
    "export to HTML": ["export", "model.safetensors", "page.html"],
    "export to C": ["export", "model.safetensors", "model.c"],
}
NEED = {
    "serve": (["serve", "model.safetensors"], "serve"),
    "search": (["search", "people.csv", *TRAINED, "--trials", "1", "--out", "found.safetensors"], "search"),
    "export to ONNX": (["export", "model.safetensors", "model.onnx"], "onnx"),
    "clusters": (["train", "people.csv", *TRAINED, "--dask", "local:1", "--out", "far.safetensors"], "scale"),
    "spreadsheets": (["predict", "model.safetensors", "new.xlsx"], "excel"),
}


def run(extra, program, folder):
    command = [sys.executable, str(Path(__file__).with_name("without_extras.py")), extra]
    environment = {"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin", "HOME": str(folder), "GLASSNET_LANGUAGE": "en"}
    return subprocess.run(
        command, input=program, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE
    )


@pytest.fixture(scope="module")
def folder(tables, tmp_path_factory):
    here = tmp_path_factory.mktemp("alone")
    (here / "tables").mkdir()
    for name, copy in (("people.csv", "people.csv"), ("new.csv", "new.csv"), ("people.csv", "tables/people.csv")):
        (here / copy).write_bytes((tables / name).read_bytes())
    (here / "new.xlsx").touch()
    return here


@pytest.fixture(scope="module")
def codes(folder):
    """How each command ends in an environment with the extra `cli` alone, one after the other; and what was said."""
    ran = run("cli", RUN.format(commands=[*WORK.values(), *(words for words, _ in NEED.values())]), folder)
    *said, numbers = ran.stderr.splitlines()
    return dict(zip([*WORK, *NEED], json.loads(numbers), strict=True)), "\n".join(said)


@pytest.mark.parametrize("name", WORK)
def test_the_command_line_works_with_its_own_extra_alone(codes, name):
    assert codes[0][name] == 0, codes[1]


@pytest.mark.parametrize("name", NEED)
def test_a_command_that_needs_more_names_the_extra(codes, name):
    assert codes[0][name] == 1
    assert f'Install it with: pip install "glassnet[{NEED[name][1]}]"' in codes[1]


def test_without_an_extra_the_command_line_names_its_own(folder):
    ran = run("", RUN.format(commands=[["--help"]]), folder)
    assert (
        ran.stderr == 'glassnet: The command line needs cyclopts. Install it with: pip install "glassnet[cli]"\n[1]\n'
    )


def test_without_an_extra_a_model_is_fitted_saved_reported_and_exported(folder):
    program = """
import numpy as np
import glassnet
X = np.random.default_rng(0).normal(size=(60, 2))
y = np.where(X[:, 0] > 0, "yes", "no")
model = glassnet.NeuralClassifier(preset="mlp", epochs=2, random_state=0).fit(X, y)
glassnet.save(model, "plain.safetensors")
print(model.diagnose(X, y), model.explain(X[:2]).words(0), model.importances(X, y), model.partial_dependence(X, 0))
for write, name in ((model.to_python, "plain.py"), (model.to_html, "plain.html"), (model.to_c, "plain.c")):
    write(name)
model.report("plain_report.html", X, y)
"""
    ran = run("", program, folder)
    assert ran.stderr == ""
