"""What a training step takes with each layer, by processor time and one worker; the figure is the median.

python -m benchmarks.layers
"""

from __future__ import annotations

import statistics
import time
import warnings
from typing import Any

import numpy as np

from glassnet import (
    Activate,
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scale,
)
from glassnet.engines import CompiledEngine, Updater
from glassnet.errors import TrainingWarning

ROWS, INPUTS, BATCH, ROUNDS = 4096, 20, 128, 15
LAYERS: dict[str, list[Any]] = {
    "Dense(64, 'relu')": [Dense(64, "relu")],
    "Dense(64, 'gelu')": [Dense(64, "gelu")],
    "Dense(64, parametrization='ntk')": [Dense(64, "silu", parametrization="ntk")],
    "Activate('tanh')": [Activate("tanh")],
    "Activate('softmax')": [Activate("softmax")],
    "Blend('silu')": [Blend("silu")],
    "Scale()": [Scale()],
    "LayerNorm()": [LayerNorm()],
    "BatchNorm()": [BatchNorm()],
    "Dropout(0.2)": [Dropout(0.2)],
    "Residual([Dense(64, 'tanh')])": [Residual([Dense(64, "tanh")])],
    "Copies(4)": [Copies(4)],
    "MemberDense(16, 'relu', 4)": [Copies(4), MemberDense(16, "relu", 4)],
    "MemberDense(16, 'relu', 4, shared=False)": [Copies(4), MemberDense(16, "relu", 4, shared=False)],
    "PeriodicEmbedding()": [PeriodicEmbedding()],
    "PiecewiseLinearEmbedding()": [PiecewiseLinearEmbedding()],
    "Embedding([50])": [Embedding((50,))],
}


class Steps:
    """Training steps of a network that has a layer between two dense ones, or in front if it is an embedding."""

    def __init__(self, layers: list[Any]) -> None:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(ROWS, INPUTS)).astype("float32")
        X[:, -1] = rng.integers(0, 50, ROWS)
        front = "Embedding" in type(layers[-1]).__name__
        network = NeuralNetwork(INPUTS, [*layers, "relu:64", 1] if front else ["relu:64", *layers, 1], dtype="float32")
        network.engine = CompiledEngine(workers=1)
        updater = Updater(network.layout, "adam", dtype=np.dtype("float32"))
        self.context = network.engine.training(network, X, X[:, :1] ** 2, None, BATCH, updater)
        self.steps, self.order = self.context.__enter__(), np.arange(ROWS)

    def time(self, epochs: int = 8) -> float:
        """Processor time of a step in microseconds."""
        began = time.process_time()
        for _ in range(epochs):
            self.steps(self.order, [1e-4] * (ROWS // BATCH))
        return (time.process_time() - began) / (epochs * (ROWS // BATCH)) * 1e6


def main() -> None:
    """Print the table."""
    warnings.simplefilter("error", TrainingWarning)
    for name, layers in LAYERS.items():
        steps = Steps(layers)
        steps.time()
        print(f"{name:42} {statistics.median(steps.time() for _ in range(ROUNDS)):6.1f} us")


if __name__ == "__main__":
    main()
