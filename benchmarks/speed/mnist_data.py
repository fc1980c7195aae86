"""MNIST from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["load_mnist"]


def load_mnist(folder: Path) -> tuple[np.ndarray, ...]:
    """Training and test images as rows of numbers in [0, 1], with their digits: X, y, X_test, y_test."""
    with np.load(folder / "mnist.npz") as data:
        X, X_test = (data[name].reshape(-1, 784).astype(np.float32) / 255 for name in ("x_train", "x_test"))
        y, y_test = (data[name].astype(np.int64) for name in ("y_train", "y_test"))
    return X, y, X_test, y_test
