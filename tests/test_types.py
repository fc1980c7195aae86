"""Type checkers see arguments and results of the estimators' public methods, in a script as users write it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

from glassnet import NeuralClassifier, NeuralRegressor

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("typed_script.py")
WRONG = [number for number, line in enumerate(SCRIPT.read_text("utf-8").splitlines(), 1) if line.endswith("# error")]


def test_the_script_calls_every_public_method():
    methods = {
        name
        for estimator in (NeuralClassifier, NeuralRegressor)
        for name in {*dir(estimator)} - {*dir(BaseEstimator)}
        if not name.startswith(("_", "set_")) and callable(getattr(estimator, name, None))
    }
    assert "predict_proba" in methods
    assert methods == methods & {*re.findall(r"\.(\w+)\(", SCRIPT.read_text("utf-8"))}


@pytest.mark.slow
def test_mypy_finds_the_mistakes_and_no_others():
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--output", "json", str(SCRIPT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert sorted({each["line"] for each in found}) == WRONG, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_finds_the_mistakes_and_no_others():
    command = ["pyright", "--outputjson", "--pythonpath", sys.executable, str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)
    found = json.loads(done.stdout)["generalDiagnostics"]
    assert sorted({each["range"]["start"]["line"] + 1 for each in found}) == WRONG, done.stdout
