"""MNIST step by step, from a plain network to above 98.5 %: what each ingredient of the docs' page on digits brings.

    python benchmarks/digits.py --data FOLDER [--seeds 3]

FOLDER holds mnist.npz (x_train, y_train, x_test, y_test). Every step has the one before it and one ingredient more; the
test images choose nothing. Writes benchmarks/results/digits.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mnist import load
from results import write_results

from glassnet import NeuralNetwork, Trainer

MOVES = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
"""Of an image, in pixels down and to the right; the first is none."""


@dataclass(frozen=True)
class Step:
    """A way to train: one ingredient more than the step before."""

    name: str
    hidden: tuple[int | str, ...] = (512, "dropout:0.2", 256, "dropout:0.2")
    epochs: int = 20
    moved: bool = False
    members: int = 1


STEPS = (
    Step("plain", (256, 128), epochs=10),
    Step("wider, with dropout, twice as long"),
    Step("moved", moved=True),
    Step("averaged", moved=True, members=3),
)


def moved(images: np.ndarray) -> np.ndarray:
    """Every image five times: as it is, and moved by one pixel in each direction; of shape (5 rows, 784)."""
    square = np.pad(images.reshape(-1, 28, 28), ((0, 0), (1, 1), (1, 1)))
    return np.concatenate([square[:, 1 + i : 29 + i, 1 + j : 29 + j] for i, j in MOVES]).reshape(-1, 784)


def accuracy(step: Step, data: tuple[np.ndarray, ...], seed: int) -> float:
    """On the test images, of the average of the members' probabilities."""
    X, y, X_test, y_test = data
    epochs = step.epochs
    if step.moved:  # five times the rows in a fifth of the epochs: as many steps
        X, y, epochs = moved(X), np.tile(y, len(MOVES)), epochs // len(MOVES)
    trainer = Trainer(
        optimizer="adam",
        learning_rate=1e-3,
        schedule="cosine",
        batch_size=128,
        epochs=epochs,
        early_stopping=False,
        validation_fraction=0,
    )
    total = np.zeros((len(X_test), 10))
    for member in range(step.members):
        layers = [*step.hidden, 10]
        network = NeuralNetwork(784, layers, loss="cross_entropy", seed=100 * seed + member, dtype="float32")
        trainer.fit(network, X, y)
        total += network.predict(X_test)
    return float((total.argmax(axis=1) == y_test).mean())


def main() -> None:
    """Take every step with every seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if not (options.data / "mnist.npz").is_file():
        parser.error(f"{options.data} has no mnist.npz")
    data = load(options.data)
    records = []
    for step in STEPS:
        for seed in range(options.seeds):
            started = time.perf_counter()
            found = accuracy(step, data, seed)
            seconds = time.perf_counter() - started
            records.append({"step": step.name, "seed": seed, "accuracy": found, "seconds": seconds})
            print(json.dumps(records[-1]), flush=True)
        mean = statistics.mean(record["accuracy"] for record in records if record["step"] == step.name)
        print(f"{step.name}: mean {100 * mean:.2f} %")
    write_results("digits", records, options.out)


if __name__ == "__main__":
    main()
