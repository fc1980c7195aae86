"""Faults of networks and trainings, made on purpose: what the doctor should find; see doctor.py."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import Doctor, Finding, NeuralNetwork, NeuralRegressor, Trainer, diagnose
from glassnet.errors import DivergenceError

__all__ = ["NETWORK_FAULTS", "Findings"]

Findings = list[Finding]


def rows_of(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of size 1, and a target that can be learned from them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 5))
    return X, X[:, 0] - X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=rows)


def net(seed: int, layers: list[Any], loss: str = "mse", inputs: int = 5) -> NeuralNetwork:
    return NeuralNetwork(inputs, layers, loss, seed=seed, engine="reference")


def dead(seed: int) -> Findings:
    X, y = rows_of(seed)
    network = net(seed, ["relu:32", "relu:32", 1])
    network.train(X, y, epochs=3)
    network["2.b"][:20] -= 30
    return list(diagnose(network, X, y))


def saturated(seed: int) -> Findings:
    X, y = rows_of(seed)
    network = net(seed, ["tanh:32", "tanh:32", 1])
    network["1.W"][...] *= 100
    network["2.W"][...] *= 30
    return list(diagnose(network, X, y))


def vanishing(seed: int) -> Findings:
    X, y = rows_of(seed)
    return list(diagnose(net(seed, ["sigmoid:16"] * 12 + [1]), X, y))


def exploding(seed: int) -> Findings:
    X, y = rows_of(seed)
    network = net(seed, ["relu:32"] * 8 + [1])
    for layer in range(1, 9):
        network[f"{layer}.W"][...] *= 4
    return list(diagnose(network, X, y))


def not_finite(seed: int) -> Findings:
    X, y = rows_of(seed)
    network = net(seed, ["relu:8", 1])
    network["1.W"][seed, 0] = np.nan
    return list(diagnose(network, X, y))


def diverging(seed: int) -> Findings:
    X, y = rows_of(seed)
    doctor = Doctor()
    with contextlib.suppress(DivergenceError):
        Trainer(optimizer="sgd", learning_rate=100.0, epochs=3, callbacks=[doctor]).fit(net(seed, ["relu:16", 1]), X, y)
    return doctor.findings


def trained(seed: int, layers: list[Any], **options: Any) -> Findings:
    X, y = rows_of(seed)
    network = net(seed, layers)
    history = Trainer(**{"epochs": 30, "validation_fraction": 0.0, "early_stopping": False} | options).fit(
        network, X, y
    )
    return list(diagnose(network, X, y, history=history))


def rate_high(seed: int) -> Findings:
    return trained(seed, ["tanh:16", 1], optimizer="adam", learning_rate=3.0)


def rate_low(seed: int) -> Findings:
    X, y = rows_of(seed)
    options: dict[str, Any] = {"preset": "mlp", "schedule": "constant", "epochs": 10, "early_stopping": False}
    model = NeuralRegressor(learning_rate=1e-7, random_state=seed, **options).fit(X, y)
    return list(diagnose(model, X, y))


def ended_early(seed: int) -> Findings:
    return trained(seed, ["tanh:16", 1], optimizer="adam", learning_rate=0.001, epochs=10)


def overfitted(seed: int) -> Findings:
    X, y = rows_of(seed, 60)
    network = net(seed, ["tanh:128", 1])
    y = y + np.random.default_rng(seed).normal(size=60) * 2
    network.train(X, y, epochs=400, learning_rate=0.02)
    return list(diagnose(network, X, y, validation_data=rows_of(seed + 100, 300)))


def underfitted(seed: int) -> Findings:
    X, _ = rows_of(seed)
    network = net(seed, [1])
    y = np.abs(X[:, 0])
    network.train(X, y, epochs=50)
    return list(diagnose(network, X, y))


def learned_nothing(seed: int) -> Findings:
    X, _ = rows_of(seed)
    y = np.random.default_rng(seed + 50).normal(size=len(X))
    network = net(seed, [1])
    network["1.W"][...], network["1.b"][...] = 0.0, y.mean()
    return list(diagnose(network, X, y))


def few_to_judge(seed: int) -> Findings:
    X, y = rows_of(seed, 4000)
    y = X[:, 0] + 6 * np.random.default_rng(seed).normal(size=4000)
    network = net(seed, [1])
    network.train(X[:3000], y[:3000], epochs=5)
    return list(diagnose(network, X[:3000], y[:3000], validation_data=(X[3000:3020], y[3000:3020])))


def unscaled(seed: int) -> Findings:
    X, y = rows_of(seed)
    return list(diagnose(net(seed, ["relu:8", 1]), X * [1, 1, 1, 1, 300], y))


def unscaled_target(seed: int) -> Findings:
    X, y = rows_of(seed)
    return list(diagnose(net(seed, ["relu:8", 1]), X, 500 + 100 * y))


def rare(seed: int) -> Findings:
    X, _ = rows_of(seed, 1000)
    y = (np.random.default_rng(seed).random(1000) < 0.03).astype(int)
    network = net(seed, [1], "binary_cross_entropy")
    network.train(X, y, epochs=30, learning_rate=0.02)
    return list(diagnose(network, X, y))


NETWORK_FAULTS: dict[str, tuple[str, Callable[[int], Findings]]] = {
    "20 of 32 units without any reaction": ("dead_units", dead),
    "first weights 100 times too large, tanh": ("saturated_units", saturated),
    "12 layers of sigmoids": ("vanishing_gradients", vanishing),
    "8 layers of weights 4 times too large": ("exploding_gradients", exploding),
    "one weight is NaN": ("not_finite", not_finite),
    "SGD with a rate of 100": ("diverged", diverging),
    "Adam with a rate of 3": ("learning_rate_high", rate_high),
    "AdamW with a rate of 1e-7": ("learning_rate_low", rate_low),
    "10 epochs at 0.001": ("still_learning", ended_early),
    "128 units for 60 noisy rows": ("overfitting", overfitted),
    "a line through an absolute value": ("underfitting", underfitted),
    "the mean of pure noise": ("nothing_learned", learned_nothing),
    "20 rows to judge a weak signal": ("validation_too_small", few_to_judge),
    "a column of size 300": ("unscaled_inputs", unscaled),
    "a target of size 500": ("unscaled_target", unscaled_target),
    "3 % of pure noise in one class: rare": ("imbalance", rare),
    "3 % of pure noise in one class: never answered": ("class_never_answered", rare),
}
