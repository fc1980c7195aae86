"""What checkpoints cost: the same training with them, at the default interval, and without, taking turns.

    python -m benchmarks.checkpoints [--rounds 3] [--seconds 25]

Nothing else may run meanwhile. The network has some 670,000 parameters, so a checkpoint is a file of several megabytes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import RESULTS, machine, write_results
from glassnet import NeuralNetwork, Trainer

ROWS, COLUMNS, CLASSES, WIDTH = 40_000, 784, 10, 512


def seconds_of(X: Any, y: Any, epochs: int, folder: str | None) -> float:
    """Of one training from the start."""
    network = NeuralNetwork(
        COLUMNS, [f"relu:{WIDTH}", f"relu:{WIDTH}", CLASSES], loss="cross_entropy", dtype="float32", seed=0
    )
    trainer = Trainer(epochs=epochs, batch_size=256, early_stopping=False, restore_best=False)
    begun = time.perf_counter()
    trainer.fit(network, X, y, checkpoint=folder)
    return time.perf_counter() - begun


def main() -> None:
    """Print the figures and write them into the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=25.0, help="of a training, about")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32), rng.integers(0, CLASSES, ROWS)
    seconds_of(X, y, 1, None)  # compiles
    epochs = max(2, round(options.seconds / (seconds_of(X, y, 4, None) / 4)))
    times: dict[str, list[float]] = {"without": [], "with": []}
    files: list[int] = []
    for _ in range(options.rounds):
        times["without"].append(seconds_of(X, y, epochs, None))
        with tempfile.TemporaryDirectory() as folder:
            times["with"].append(seconds_of(X, y, epochs, folder))
            files = [path.stat().st_size for path in Path(folder).iterdir()]
    cost = statistics.median(one / other - 1 for one, other in zip(times["with"], times["without"], strict=True))
    content = {"machine": machine(), "epochs": epochs, "seconds": times, "bytes": files, "cost": cost}
    write_results("checkpoints", content, options.out / "checkpoints.json")
    print(f"{epochs} epochs: {statistics.median(times['without']):.1f} s, with checkpoints {100 * cost:+.2f} %")


if __name__ == "__main__":
    main()
