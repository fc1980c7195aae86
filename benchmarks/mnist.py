"""MNIST, 784-256-128-10, Adam, 10 epochs: test accuracy beside PyTorch with the same settings.

    python benchmarks/mnist.py --data FOLDER [--seeds 3] [--epochs 10]

FOLDER holds mnist.npz (x_train, y_train, x_test, y_test). Both sides: pixels divided by 255, He-normal weights, relu,
cross-entropy on logits, Adam from 1e-3 along a cosine to 0, batches of 128, float32. Without PyTorch only glassnet
runs, and says so. Writes benchmarks/results/mnist.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import statistics
import time
from pathlib import Path

import numpy as np
from results import write_results

from glassnet import NeuralNetwork, Trainer

HIDDEN = (256, 128)
RATE, BATCH = 1e-3, 128


def load(folder: Path) -> tuple[np.ndarray, ...]:
    """Training and test images as rows of numbers in [0, 1], with their digits."""
    with np.load(folder / "mnist.npz") as data:
        images = [data[name].reshape(-1, 784).astype(np.float32) / 255 for name in ("x_train", "x_test")]
        digits = [data[name].astype(np.int64) for name in ("y_train", "y_test")]
    return images[0], digits[0], images[1], digits[1]


def glassnet(data: tuple[np.ndarray, ...], seed: int, epochs: int) -> float:
    """Test accuracy of our network."""
    X, y, X_test, y_test = data
    network = NeuralNetwork(784, [*HIDDEN, 10], loss="cross_entropy", seed=seed, dtype="float32")
    trainer = Trainer(
        optimizer="adam",
        learning_rate=RATE,
        schedule="cosine",
        batch_size=BATCH,
        epochs=epochs,
        early_stopping=False,
        validation_fraction=0,
    )
    trainer.fit(network, X, y)
    return float((network.classify(X_test) == y_test).mean())


def pytorch(data: tuple[np.ndarray, ...], seed: int, epochs: int) -> float:
    """Test accuracy of the same network in PyTorch."""
    import torch

    torch.manual_seed(seed)
    X, y, X_test, y_test = (torch.from_numpy(array) for array in data)
    sizes = (784, *HIDDEN, 10)
    parts: list[torch.nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layer = torch.nn.Linear(fan_in, fan_out)
        torch.nn.init.normal_(layer.weight, std=(2 / fan_in) ** 0.5)
        torch.nn.init.zeros_(layer.bias)
        parts += [layer, torch.nn.ReLU()]
    network = torch.nn.Sequential(*parts[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    steps = epochs * -(-len(X) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for start in range(0, len(X), BATCH):
            rows = order[start : start + BATCH]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(X[rows]), y[rows]).backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        return float((network(X_test).argmax(1) == y_test).float().mean())


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if not (options.data / "mnist.npz").is_file():
        parser.error(f"{options.data} has no mnist.npz")
    sides = {"glassnet": glassnet}
    try:
        import torch  # noqa: F401

        sides["PyTorch"] = pytorch
    except ImportError:
        print('PyTorch is not installed (pip install "glassnet[parity]"): glassnet alone is measured')
    data = load(options.data)
    records = []
    for seed in range(options.seeds):
        for name, run in sides.items():
            started = time.perf_counter()
            accuracy = run(data, seed, options.epochs)
            seconds = time.perf_counter() - started
            records.append({"model": name, "seed": seed, "accuracy": accuracy, "seconds": seconds})
            print(json.dumps(records[-1]), flush=True)
    for name in sides:
        found = [100 * record["accuracy"] for record in records if record["model"] == name]
        print(f"{name:<9} mean {statistics.mean(found):.2f} %, from {min(found):.2f} to {max(found):.2f}")
    write_results("mnist", records, options.out)


if __name__ == "__main__":
    main()
