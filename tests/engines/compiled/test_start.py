"""Starting: what is imported when, what is compiled, and what is found again by the next process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet import Activation, Dense, NeuralNetwork
from glassnet.engines.compiled import jit, llvm
from tests.kernels import fresh_folder

SOURCE = Path(__file__).parents[3] / "src"

DATA = """
import sys
import numpy as np
from glassnet import NeuralNetwork
X = np.random.default_rng(0).normal(size=(8, 3))
y = X[:, 0]
"""

TRAINING = (
    DATA
    + """
from glassnet.engines.compiled import llvm
compiled, compile = [], llvm.object_code
llvm.object_code = lambda text, passes: compiled.append(text) or compile(text, passes)
network = NeuralNetwork(3, ["tanh:1"])
network.train(X, y, epochs=2)
network.predict(X)
print(network.parameters.tobytes().hex(), bool(compiled))
"""
)

OWN = """
def bent(z):
    return np.where(z > 0, z, slope * z)


def bent_derivative(z, a):
    return np.where(z > 0, 1.0, slope)
"""


@pytest.fixture
def folder(tmp_path):
    """Where the processes of a test keep their kernels."""
    return tmp_path / "kernels"


def run(folder, code):
    """What a process prints, with the kernels in this folder; no warning is allowed."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "GLASSNET_CACHE": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error::glassnet.errors.TrainingWarning", "-c", code]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of kernels that a first training leaves, and what the training printed."""
    folder = tmp_path_factory.mktemp("trained") / "kernels"
    return folder, run(folder, TRAINING)


@pytest.fixture
def first(trained, folder):
    """The same in the test's own folder: the parameters that were learned, and whether anything was compiled."""
    shutil.copytree(trained[0], folder)
    return trained[1]


def train(layer, dtype="float64"):
    """What is learned in this process."""
    X = np.random.default_rng(0).normal(size=(8, 3))
    network = NeuralNetwork(3, [layer], dtype=dtype)
    network.train(X, X[:, 0], epochs=2)
    return network.parameters


def kernels(folder):
    return {file.name: file.stat().st_ino for file in folder.iterdir()}


@pytest.mark.slow
def test_no_compiler_is_loaded_before_something_is_compiled(folder):
    stages = [
        "import glassnet",
        "from glassnet import NeuralClassifier, NeuralNetwork, Trainer",
        DATA + "network = NeuralNetwork(3, [1])",
        "network.trace(X, y)",
        "NeuralNetwork(3, [1], engine='reference').train(X, y)",
    ]
    code = "".join(f"{stage}\nprint('llvmlite' in sys.modules)\n" for stage in stages)
    assert run(folder, f"import sys\n{code}") == ["False"] * len(stages)
    assert not folder.exists()


@pytest.mark.slow
def test_the_second_process_compiles_nothing_and_gets_the_same_bits(folder, first):
    assert first[1] == "True"
    kept = kernels(folder)
    assert len(kept) > 5
    assert run(folder, TRAINING) == [first[0], "False"]
    assert kernels(folder) == kept


@pytest.mark.slow
def test_training_and_prediction_are_driven_by_the_same_kernel(folder, first):
    assert len(list(folder.glob("driver_drive_*"))) == 1


@pytest.mark.slow
def test_a_damaged_kernel_is_compiled_again(folder, first):
    kept = kernels(folder)
    file = next(folder.glob("layer_forward_*"))
    sound = file.read_bytes()
    file.write_bytes(sound[:-1])
    assert run(folder, TRAINING) == [first[0], "True"]
    assert set(kernels(folder)) == set(kept)
    assert file.read_bytes() == sound


def test_each_precision_has_its_own_kernels(folder, monkeypatch):
    found = {}
    for precision in ("float64", "float32"):
        with fresh_folder(folder / precision, monkeypatch):
            train("tanh:1", precision)
            found[precision] = set(kernels(folder / precision))
    # the coefficients of Adam are in double precision for both, and the order of rows has no numbers
    shared = found["float64"] & found["float32"]
    assert all(name.startswith(("update_coefficients", "driver_shuffled")) for name in shared)
    assert len(found["float64"]) == len(found["float32"]) > 5


def test_a_formula_that_changes_gets_another_kernel_and_one_that_does_not_is_found(folder, monkeypatch):
    def learned(slope):
        formulas = {"np": np, "slope": slope}
        exec(OWN, formulas)
        monkeypatch.setattr(jit, "_loaded", {})
        return train(Dense(1, Activation("bent", formulas["bent"], formulas["bent_derivative"]))).tobytes()

    with fresh_folder(folder, monkeypatch):
        own, kept = learned(0.1), set(kernels(folder))
        other = learned(0.25)
        assert other != own
        more = set(kernels(folder)) - kept
        assert more
        assert all(name.startswith(("layer_", "trial_")) for name in more)
        monkeypatch.setattr(llvm, "object_code", None)
        assert (learned(0.1), learned(0.25)) == (own, other)
        assert set(kernels(folder)) == kept | more
