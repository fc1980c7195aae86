"""Keras 3 by ``fit`` with ``jit_compile``, on JAX: with PyTorch beneath, Keras is several times slower on a CPU.

KERAS_BACKEND=torch in the environment measures the other. Several steps in one call (``steps_per_execution``) save
most of the time between steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

from benchmarks.speed.cases import Case
from benchmarks.speed.peers.base import RATE, Form, Peer, Training


class KerasTraining(Training):
    def __init__(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int) -> None:
        self.case, self.X, self.y = case, X, y
        keras.utils.set_random_seed(seed)
        normal = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
        parts: list[Any] = [keras.Input((case.inputs,))]
        for width in case.hidden:
            # "gelu" is the exact form, with erf
            parts.append(keras.layers.Dense(width, case.activation, kernel_initializer=normal))
            if case.dropout:
                parts.append(keras.layers.Dropout(case.dropout))
        parts.append(keras.layers.Dense(case.classes, kernel_initializer=normal))
        self.network = keras.Sequential(parts)
        self.network.compile(
            keras.optimizers.Adam(RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=True,
            steps_per_execution=form["steps_per_execution"],
        )

    def train(self, epochs: int) -> float:
        history = self.network.fit(self.X, self.y, batch_size=self.case.batch, epochs=epochs, verbose=0)
        return float(history.history["loss"][-1])

    def reset(self, seed: int) -> None:
        """Weights and optimizer in place, so that the compiled functions stay."""
        keras.utils.set_random_seed(seed)
        for layer in self.network.layers:
            if isinstance(layer, keras.layers.Dense):
                shape = layer.kernel.shape
                layer.kernel.assign(np.random.default_rng(seed).normal(0, (2 / shape[0]) ** 0.5, shape))
                layer.bias.assign(np.zeros(layer.bias.shape))
        for variable in self.network.optimizer.variables:
            if "learning_rate" not in variable.path:
                variable.assign(np.zeros(variable.shape))

    def classify(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.network.predict(X, batch_size=4096, verbose=0)).argmax(axis=1)

    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        network = self.network
        many = len(X) > 1
        return {
            "estimator": (lambda: network.predict(X, batch_size=4096, verbose=0))
            if many
            else (lambda: network.predict_on_batch(X))
        }


class Keras(Peer):
    def forms(self, case: Case) -> list[Form]:
        return [{"steps_per_execution": steps} for steps in (16, 1, 64) if steps <= case.steps]

    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> KerasTraining:
        return KerasTraining(case, X, y, form, seed)


def make(name: str) -> Keras:
    return Keras()
