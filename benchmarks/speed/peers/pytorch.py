"""PyTorch, eager and compiled by torch.compile; in bfloat16 as its documentation has it, by autocast.

Its Adam has three implementations (a loop over tensors, foreach, fused); rows may be gathered batch by batch or, the
whole table at once, epoch by epoch. The combinations that can be fastest are tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.speed.cases import Case
from benchmarks.speed.peers.base import RATE, Form, Peer, Training

# GELU's default is the exact form, with erf.
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}


class TorchTraining(Training):
    def __init__(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, dtype: str, seed: int) -> None:
        self.case, self.form, self.rounded = case, form, dtype == "bfloat16"
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(y)
        self.network = build(case)
        adam = form["adam"]
        settings = {} if adam == "default" else {adam: True}
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE, **settings)
        self.loss: Callable[..., Any] = self._loss
        self.update: Callable[[], Any] = self.optimizer.step
        if form.get("compile") == "loss and update":
            self.update = torch.compile(self.optimizer.step)
        self.reset(seed)
        if form.get("compile"):
            # Neither fullgraph nor max-autotune helps here: the loss is one graph already, and the tuned products
            # are those of the library anyway.
            self.loss = torch.compile(self._loss)

    def _loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.rounded):
            return nn.functional.cross_entropy(self.network(x), y)

    def train(self, epochs: int) -> float:
        rows, batch = self.case.rows, self.case.batch
        total = torch.zeros(())
        self.network.train()
        for _ in range(epochs):
            order = torch.randperm(rows)
            total = torch.zeros(())
            if self.form["gather"] == "epoch":
                batches: Any = zip(self.X[order].split(batch), self.y[order].split(batch), strict=True)
            else:
                batches = ((self.X[part], self.y[part]) for part in order.split(batch))
            for x, y in batches:
                self.optimizer.zero_grad()
                loss = self.loss(x, y)
                loss.backward()
                self.update()
                total += loss.detach()
        return float(total) / self.case.steps

    def reset(self, seed: int) -> None:
        torch.manual_seed(seed)
        for layer in self.network:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=(2 / layer.in_features) ** 0.5)
                nn.init.zeros_(layer.bias)
        for state in self.optimizer.state.values():  # in place, so that a compiled update stays as it is
            for tensor in state.values():
                tensor.zero_()

    def classify(self, X: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return self.network.eval()(torch.from_numpy(X)).argmax(1).numpy()

    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        x, network = torch.from_numpy(X), self.network.eval()

        def predict() -> torch.Tensor:
            with torch.inference_mode():
                return network(x)

        return {"network": predict}


def build(case: Case) -> nn.Sequential:
    """The case's network."""
    parts: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(case.widths):
        parts += [nn.Linear(fan_in, fan_out), ACTIVATIONS[case.activation]()]
        if case.dropout:
            parts.append(nn.Dropout(case.dropout))
    return nn.Sequential(*parts[: -2 if case.dropout else -1])


class Eager(Peer):
    def __init__(self, dtype: str = "float32") -> None:
        self.dtype = dtype

    def forms(self, case: Case) -> list[Form]:
        return [
            {"adam": "fused", "gather": "batch"},
            {"adam": "fused", "gather": "epoch"},
            {"adam": "foreach", "gather": "batch"},
            {"adam": "default", "gather": "batch"},
        ]

    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> TorchTraining:
        return TorchTraining(case, X, y, form, self.dtype, seed)


class Compiled(Eager):
    def forms(self, case: Case) -> list[Form]:
        return [
            {"adam": "fused", "gather": "batch", "compile": "loss"},
            {"adam": "foreach", "gather": "batch", "compile": "loss and update"},
        ]


def make(name: str, **options: Any) -> Peer:
    return (Compiled if name == "pytorch compiled" else Eager)(**options)
