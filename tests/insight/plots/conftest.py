"""What the tests of the pictures share: small fitted models, a font that is always there, figures that are closed."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, Recorder, Trainer
from glassnet.insight.plots import canvas

mpl.use("Agg")

SHORT = {"preset": "mlp", "hidden_layers": (8,), "epochs": 8, "learning_rate": 0.02, "random_state": 0}


@pytest.fixture(autouse=True)
def closed():
    """No figure outlives its test, and none of an example elsewhere is there when it begins."""
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(autouse=True)
def font(monkeypatch):
    """Chinese is spoken whatever fonts the machine has."""
    monkeypatch.setattr(canvas, "chinese_font", lambda fresh: "DejaVu Sans")


class Rows:
    """Rows of three numbers, and what can be predicted from them."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(160, 3))
        self.frame = pd.DataFrame(self.X, columns=["age", "pay", "size"]).assign(town=rng.choice(["Bern", "Ulm"], 160))
        noisy = self.X[:, 0] + 0.4 * rng.normal(size=160)
        self.yes = (noisy > 0).astype(int)
        self.letters = np.array(["a", "b", "c"])[np.digitize(noisy, [-0.5, 0.5])]
        self.number = 10 + self.X @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=160)


@pytest.fixture(scope="session")
def rows():
    return Rows()


@pytest.fixture(scope="session")
def binary(rows):
    return NeuralClassifier(**SHORT, early_stopping=True).fit(rows.X, rows.yes)


@pytest.fixture(scope="session")
def letters(rows):
    return NeuralClassifier(**SHORT).fit(rows.X, rows.letters)


@pytest.fixture(scope="session")
def company(rows):
    return NeuralClassifier(**SHORT, members=3, early_stopping=True).fit(rows.X, rows.letters)


@pytest.fixture(scope="session")
def regressor(rows):
    return NeuralRegressor(**SHORT).fit(rows.frame, rows.number)


@pytest.fixture(scope="session")
def quantiles(rows):
    return NeuralRegressor(**SHORT, loss="quantile(levels=(0.9, 0.1, 0.5))").fit(rows.X, rows.number)


@pytest.fixture(scope="session")
def recorded(rows):
    """A network, and the recorder of its training."""
    recorder = Recorder(path=True)
    network = NeuralNetwork(3, ["tanh:5", "sigmoid:4", 1], "binary_cross_entropy")
    Trainer(epochs=4, learning_rate=0.05, validation_fraction=0, callbacks=[recorder]).fit(network, rows.X, rows.yes)
    return network, recorder
