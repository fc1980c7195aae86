"""glassnet: the bare network and its plain training loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.speed.cases import Case
from benchmarks.speed.peers.base import RATE, Form, Peer, Training
from glassnet import Dense, Dropout, NeuralNetwork


class OurTraining(Training):
    def __init__(self, case: Case, X: np.ndarray, y: np.ndarray, engine: Any, dtype: str, seed: int) -> None:
        self.case, self.X, self.y, self.engine, self.dtype = case, X, y, engine, dtype
        self.reset(seed)

    def train(self, epochs: int) -> float:
        losses = self.network.train(
            self.X, self.y, epochs=epochs, batch_size=self.case.batch, optimizer="adam", learning_rate=RATE
        )
        return losses[-1]

    def continue_epoch(self) -> None:
        """By the trainer: the plain loop begins with a fresh optimizer each time."""
        from glassnet import History, Trainer

        if self.going_on is None:
            trainer = Trainer(
                optimizer="adam",
                learning_rate=RATE,
                batch_size=self.case.batch,
                epochs=1,
                early_stopping=False,
                validation_fraction=0,
                restore_best=False,
            )
            self.going_on = trainer, trainer.updater(self.network), History()
        trainer, updater, history = self.going_on
        trainer.fit(self.network, self.X, self.y, updater=updater, history=history)

    def reset(self, seed: int) -> None:
        layers: list[Any] = []
        for width in self.case.hidden:
            layers.append(Dense(width, self.case.activation))
            if self.case.dropout:
                layers.append(Dropout(self.case.dropout))
        layers.append(Dense(self.case.classes))
        self.network = NeuralNetwork(
            self.case.inputs, layers, loss="cross_entropy", dtype=self.dtype, seed=seed, engine=self.engine
        )
        self.going_on: Any = None  # trainer, updater and history, once there was an epoch of a longer training

    def classify(self, X: np.ndarray) -> np.ndarray:
        return self.network.classify(X)

    def predictors(self, X: np.ndarray) -> dict[str, Callable[[], Any]]:
        from glassnet import NeuralClassifier  # brings scikit-learn, which the bare network does without

        network = self.network
        estimator = NeuralClassifier(
            hidden_layers=list(self.case.hidden), dropout=0.0, dtype=self.dtype, engine=self.engine, epochs=1
        )
        estimator.fit(self.X, self.y)
        return {"network": lambda: network.forward(X), "estimator": lambda: estimator.predict_proba(X)}


class Glassnet(Peer):
    """`workers` None: as many as the engine itself finds right, which is what a user gets."""

    def __init__(self, engine: str = "compiled", workers: int | None = None, dtype: str = "float32") -> None:
        self.engine: Any = engine
        self.dtype = dtype
        if workers is not None and engine == "compiled":
            from glassnet.engines import CompiledEngine

            self.engine = CompiledEngine(workers=workers)

    def training(self, case: Case, X: np.ndarray, y: np.ndarray, form: Form, seed: int = 0) -> OurTraining:
        return OurTraining(case, X, y, self.engine, self.dtype, seed)

    def ways(self, case: Case, X: np.ndarray, y: np.ndarray) -> dict[str, Callable[[int], Any]]:
        """Ways to train the case's network for so many epochs, each from the start: by the engine alone and on top."""
        from glassnet import NeuralClassifier, Trainer
        from glassnet.engines import Updater

        steps = {"batch_size": case.batch, "optimizer": "adam", "learning_rate": RATE}
        whole = {"early_stopping": False, "weight_decay": 0.0}

        def network() -> NeuralNetwork:
            return self.training(case, X, y, {}).network

        def engine_alone(epochs: int) -> None:
            model = network()
            updater = Updater(model.layout, "adam", dtype=model.dtype)
            with model.engine.training(model, X, y, None, case.batch, updater) as train:
                for epoch in range(1, epochs + 1):
                    train(model.engine.order(model.seed, epoch, case.rows), [RATE] * case.steps)

        def by_network(epochs: int) -> None:
            network().train(X, y, epochs=epochs, **steps)

        def by_trainer(epochs: int) -> None:
            Trainer(**steps, **whole, epochs=epochs, validation_fraction=0).fit(network(), X, y)

        def by_estimator(epochs: int) -> None:
            layers = {"hidden_layers": list(case.hidden), "activation": case.activation, "dropout": case.dropout}
            same = {"loss": "cross_entropy", "schedule": "constant", "dtype": self.dtype, "random_state": 0}
            NeuralClassifier(preset="mlp", **layers, **same, **steps, **whole, epochs=epochs, engine=self.engine).fit(
                X, y
            )

        return {
            "engine alone": engine_alone,
            "NeuralNetwork.train": by_network,
            "Trainer.fit": by_trainer,
            'NeuralClassifier(preset="mlp").fit': by_estimator,
        }


def make(name: str, **options: Any) -> Glassnet:
    return Glassnet(**options)
