"""What a first training spends its time with: each part of the way from formulas to machine code, measured.

The network is trained in a process of its own, once with an empty folder of kernels and once with a full one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

PARTS = ("write", "optimise", "emit", "link", "first epoch", "epoch")
"""Formulas called with symbols, LLVM's passes, its object code, linking, the first epoch without these, a later one."""


def measured() -> list[dict[str, float]]:
    """Seconds of each part: with an empty folder of kernels, and with the full one that this left behind."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"GLASSNET_CACHE": folder}
        runs = [
            subprocess.run([sys.executable, __file__], env=environment, check=True, capture_output=True, text=True)
            for _ in range(2)
        ]
    return [json.loads(run.stdout) for run in runs]


def main() -> None:
    """Train the network of the page, and print the seconds as JSON."""
    from sklearn.datasets import load_digits

    from glassnet import NeuralNetwork
    from glassnet.engines.compiled import jit, llvm

    spent: dict[str, float] = dict.fromkeys(PARTS, 0.0)

    def timed(module: ModuleType, name: str, part: str) -> None:
        function: Callable[..., Any] = getattr(module, name)

        def around(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                spent[part] += time.perf_counter() - began

        setattr(module, name, around)

    timed(jit, "write", "write")
    timed(llvm, "optimised", "optimise")
    timed(llvm, "object_code", "emit")
    timed(llvm, "linked", "link")
    X, y = load_digits(return_X_y=True)
    network = NeuralNetwork(64, ["silu:64", "silu:32", 10], loss="cross_entropy")
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        network.train(X / 16, y, epochs=1)
        seconds.append(time.perf_counter() - began)
    spent["emit"] -= spent["optimise"]  # which it asks for
    spent["first epoch"] = seconds[0] - sum(spent.values())
    spent["epoch"] = seconds[1]
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
