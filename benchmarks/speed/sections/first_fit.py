"""The first fit in a fresh process: with nothing compiled yet (cold), and with what an earlier process left (warm)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.markdown import seconds, table
from benchmarks.speed.environment import ROOT, environment
from benchmarks.speed.settings import CORES, Settings
from benchmarks.speed.team import summary

TITLE = "The first fit in a fresh process"

PARTS = ("import", "fit", "cpu", "compile")

OTHERS = {
    "PyTorch": "pytorch",
    "JAX": "jax",
    "Keras": "keras",
    "scikit-learn": "scikit-learn",
    "scikit-learn's MLP on 569 x 30": "mlp",
    "LightGBM on 569 x 30": "lightgbm",
}


def run(settings: Settings) -> dict[str, Any]:
    """Import, fit, and what of the fit is compiling; the rounds go around all."""
    found: dict[str, list[dict[str, float]]] = {}
    record: dict[str, Any] = {"times": {}, "failed": {}}

    def measure(label: str, *what: str, cache: str) -> None:
        if label in record["failed"]:
            return
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.first", *what],
            cwd=ROOT,
            env=environment(CORES, GLASSNET_CACHE=cache),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            record["failed"][label] = (done.stderr.strip().splitlines() or ["no word"])[-1]
        else:
            found.setdefault(label, []).append(json.loads(done.stdout.strip().splitlines()[-1]))

    for _ in range(settings.count(3)):
        for label, what in (("glassnet network", "glassnet"), ("glassnet's default on 569 x 30", "estimator")):
            with tempfile.TemporaryDirectory() as cache:
                measure(f"{label}, cold", what, settings.engine, cache=cache)
                measure(f"{label}, warm", what, settings.engine, cache=cache)
        with tempfile.TemporaryDirectory() as cache:
            for label, what in OTHERS.items():
                measure(label, what, cache=cache)
    for label, times in found.items():
        record["times"][label] = {part: summary([each[part] for each in times]) for part in PARTS}
    return record


def report(record: dict[str, Any]) -> list[str]:
    """A line a library."""
    rows = []
    for label, times in record["times"].items():
        spread = f"{seconds(times['fit']['min'])} to {seconds(times['fit']['max'])}"
        compiled = seconds(times["compile"]["median"]) if "glassnet" in label else "-"
        processors = seconds(times["cpu"]["min"]) if "cpu" in times else "-"  # earlier records have none
        both = (seconds(times[part]["median"]) for part in ("import", "fit"))
        rows.append([label, *both, spread, processors, compiled])
    lines = table(["library", "import", "fit", "min to max", "all, of processors", "compiling in it"], rows)
    return lines + [f"{label}: not available ({reason})" for label, reason in record["failed"].items()]
