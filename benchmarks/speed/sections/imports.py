"""How long an import takes in a fresh process, the files being in the system's cache."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from benchmarks.markdown import ratio, seconds, table
from benchmarks.speed.environment import ROOT, environment
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import summary

TITLE = "Import"

STATEMENTS = {
    "NumPy": "import numpy",
    "glassnet": "import glassnet",
    "glassnet, its network": "from glassnet import NeuralNetwork",
    "glassnet, its classifier": "from glassnet import NeuralClassifier",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "JAX": "import jax, jax.numpy",
    "PyTorch": "import torch",
    "Keras": "import keras",
}

PROGRAM = "import time; started = time.perf_counter(); {}; print(time.perf_counter() - started)"


def run(settings: Settings) -> dict[str, Any]:
    """Rounds around all statements; the first, which fills the system's cache, does not count."""
    times: dict[str, list[float]] = {}
    record: dict[str, Any] = {"failed": {}}
    for number in range(settings.count(5) + 1):
        for label, statement in STATEMENTS.items():
            if label in record["failed"]:
                continue
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM.format(statement)],
                cwd=ROOT,
                env=environment(CORES, KERAS_BACKEND="jax"),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                record["failed"][label] = (done.stderr.strip().splitlines() or ["no word"])[-1]
            elif number:
                times.setdefault(label, []).append(float(done.stdout.split()[-1]))
    return record | {"times": {label: summary(values) for label, values in times.items()}}


def report(record: dict[str, Any]) -> list[str]:
    """A line an import."""
    times = record["times"]
    own = times.get("glassnet", {}).get("median")
    rows = [
        [label, seconds(t["median"]), f"{seconds(t['min'])} to {seconds(t['max'])}", ratio(own and own / t["median"])]
        for label, t in times.items()
    ]
    lines = table(["what", "seconds", "min to max", "import glassnet / this"], rows)
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]
