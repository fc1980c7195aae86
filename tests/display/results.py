"""Every public result that a notebook shows, of a table that is hard to show: long names, Chinese, dates, texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import glassnet
from glassnet.insight.estimator_display import estimator_html

RNG = np.random.default_rng(0)
WORDS = ["good", "bad", "fine", "cheap", "slow", "quick", "broken", "lovely", "dull", "sweet"]
ROWS = 120
TABLE = pd.DataFrame(
    {
        "age": RNG.integers(18, 80, ROWS),
        "income in euros per year, before taxes": RNG.normal(4e4, 9e3, ROWS).round(),
        "城市": RNG.choice(["北京", "上海", "a city with a long name"], ROWS),
        "joined": pd.date_range("2020-01-01", periods=ROWS).astype(str),
        "a_very_long_name_without_any_space_in_it_at_all": RNG.normal(size=ROWS),
        "review": [f"{' '.join(RNG.choice(WORDS, 6))} {row}" for row in range(ROWS)],
    }
)
ANSWERS = np.where(TABLE["age"] + RNG.normal(0, 10, ROWS) > 50, "yes, 会买", "no, 不会")
X = RNG.normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)


def fitted() -> Any:
    options: dict[str, Any] = {"preset": "mlp", "hidden_layers": 3, "epochs": 4, "random_state": 0}
    return glassnet.NeuralClassifier(early_stopping=True, free_text=["review"], **options).fit(TABLE, ANSWERS)


def _network() -> glassnet.NeuralNetwork:
    return glassnet.NeuralNetwork(2, ["tanh:3", 2], loss="cross_entropy")


def _deep(_: Any) -> glassnet.NeuralNetwork:
    block = glassnet.Residual([glassnet.Dense(30, "relu"), glassnet.Dense(30)])
    return glassnet.NeuralNetwork(30, ["relu:30", "dropout:0.1", "batch_norm", block, *["tanh:12"] * 9, 10])


def _found(_: Any) -> Any:
    return glassnet.search(X, Y, trials=2, epochs=2, random_state=0)


RESULTS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "NeuralNetwork": (lambda _: _network(), "2 inputs", "2 个输入"),
    "NeuralNetwork, deep": (_deep, "30 inputs", "30 个输入"),
    "NeuralClassifier": (lambda model: estimator_html(model), "training loss", "训练损失"),
    "TableEncoder": (lambda model: model.encoder_, "encoding", "编码"),
    "TableEncoder, not fitted": (lambda _: glassnet.TableEncoder(), "TableEncoder", "TableEncoder"),
    "Diagnosis": (lambda model: model.diagnose(TABLE, ANSWERS), "checks: ", "检查了"),
    "Finding": (lambda model: model.diagnose(TABLE, ANSWERS).findings[0], "Reason", "原因"),
    "Explanation": (lambda model: model.explain(TABLE[:3]), "row 0: ", "第 0 行："),
    "Explanation, one row": (lambda model: model.explain(TABLE[:1]), "contribution", "贡献"),
    "Importances": (lambda model: model.importances(TABLE, ANSWERS), "drop in accuracy", "的下降"),
    "PartialDependence": (lambda model: model.partial_dependence(TABLE, "age"), "mean", "平均"),
    "PartialDependence, names": (lambda model: model.partial_dependence(TABLE, "城市"), "span", "%"),
    "StrongestWords": (lambda model: model.strongest_words(TABLE), "words for", "支持"),
    "SearchResult": (_found, "trials", "次"),
    "LearningRateCurve": (lambda _: glassnet.find_learning_rate(_network(), X, Y), "learning rate", "学习率"),
    "GradientCheck": (lambda _: glassnet.check_gradients(_network(), X[:4], Y[:4]), "is correct", "梯度正确"),
    "Trace": (lambda _: _network().trace(X[:2], Y[:2]), "backward", "反向传播"),
    "Chain": (lambda _: glassnet.Neuron(2, "sigmoid", "mse").chain(X[:3], Y[:3]), "one neuron", "一个神经元"),
    "History": (lambda model: model.history_, "best epoch", "最佳轮次"),
    "History, empty": (lambda _: glassnet.History(), "0 epochs", "0 epochs"),
}
"""By the name of its class: how it is made of a fitted estimator, and what it says in either language."""
