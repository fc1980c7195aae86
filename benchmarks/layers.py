"""What a layer costs whose kernels are made of its own `forward` and `backward`, beside kernels written by hand.

    python -m benchmarks.layers

times training steps of a small network with each layer both ways, by processor time, one worker, in turn; the figure is
the median of the ratios. Of a layer without kernels by hand it says what a step takes.
"""

from __future__ import annotations

import statistics
import time
import warnings
from dataclasses import dataclass
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
from glassnet.engines.compiled.lowering import BY_HAND
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


def one_s_own(layer: Any) -> Any:
    """The same layer as a class that nobody has written kernels for."""
    kind: Any = dataclass(frozen=True)(type(type(layer).__name__, (type(layer),), {}))
    own = object.__new__(kind)
    own.__dict__.update(vars(layer))
    return own


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
    print(f"{'layer':42} {'a step':>9} {'by its own functions':>22}")
    for name, layers in LAYERS.items():
        first = Steps(layers)
        if type(layers[-1]) not in BY_HAND:
            first.time()
            print(f"{name:42} {statistics.median(first.time() for _ in range(ROUNDS)):6.1f} us {'it is':>22}")
            continue
        try:
            other = Steps([*layers[:-1], one_s_own(layers[-1])])
        except TrainingWarning as reason:
            print(f"{name:42} {first.time():6.1f} us   not: {str(reason).split('it uses ')[-1].split('. The ref')[0]}")
            continue
        first.time(), other.time()
        pairs = [(first.time(), other.time()) for _ in range(ROUNDS)]
        ratio = statistics.median(own / by_hand for by_hand, own in pairs)
        print(f"{name:42} {statistics.median(pair[0] for pair in pairs):6.1f} us {f'{ratio:.2f} times':>22}")


if __name__ == "__main__":
    main()
