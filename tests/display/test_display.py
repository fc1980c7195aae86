"""What notebooks show of results: whole, well formed, in the language that is set, and nothing around it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import glassnet
from glassnet.display.blocks import Paragraph, display
from glassnet.display.templating import DISPLAY
from glassnet.support.language import speaking
from glassnet.training import History

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def model() -> Any:
    options: dict[str, Any] = {"preset": "mlp", "hidden_layers": 3, "epochs": 4, "random_state": 0}
    return glassnet.NeuralClassifier(early_stopping=True, **options).fit(X, Y)


def _network() -> glassnet.NeuralNetwork:
    return glassnet.NeuralNetwork(2, ["tanh:3", 2], loss="cross_entropy")


RESULTS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "diagnose": (lambda model: model.diagnose(X, Y), "checks: ", "检查了"),
    "explain": (lambda model: model.explain(X[:3]), "row 0: ", "第 0 行："),
    "explain one": (lambda model: model.explain(X[:1]), "contribution", "贡献"),
    "importances": (lambda model: model.importances(X, Y), "drop in accuracy", "的下降"),
    "partial dependence": (lambda model: model.partial_dependence(X, 0), "mean", "平均"),
    "learning rate": (lambda _: glassnet.find_learning_rate(_network(), X, Y), "learning rate", "学习率"),
    "gradients": (lambda _: glassnet.check_gradients(_network(), X[:4], Y[:4]), "The gradient is correct", "梯度正确"),
    "trace": (lambda _: _network().trace(X[:2], Y[:2]), "backward", "反向传播"),
    "history": (lambda model: model.history_, "best epoch", "最佳轮次"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself_in_the_language_that_is_set(model: Any, name: str) -> None:
    make, english, chinese = RESULTS[name]
    for language, words in (("en", english), ("zh", chinese)):
        with speaking(language):
            page = make(model)._repr_html_()
        assert words in page
        ElementTree.fromstring(page)


def test_a_chain_shows_every_number() -> None:
    neuron = glassnet.Neuron(2, "sigmoid", "mse")
    chain = neuron.chain([[1.0, 2.0]], [1.0])
    shown = "".join(ElementTree.fromstring(chain._repr_html_()).itertext())
    for line in str(chain).splitlines():
        assert line in shown
    assert "<p>loss = mse(a, y)</p>" in chain._repr_html_()


def test_an_empty_history_is_shown_too() -> None:
    assert "0 epochs" in History()._repr_html_()


def test_what_is_shown_is_no_markup() -> None:
    assert "<p>&lt;script&gt;</p>" in display([Paragraph("<script>")])


def test_no_rule_reaches_beyond_the_display() -> None:
    """Each rule that is not nested begins at the display."""
    depth, heads = 0, []
    for piece in re.findall(r"[^{}]+|[{}]", DISPLAY):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
        elif depth == 0 and piece.strip():
            heads.append(piece.strip())
    assert depth == 0
    assert all(head.startswith("@media") or all(".glassnet" in part for part in head.split(",")) for head in heads)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_jupyterlab_counts_more_than_that_of_the_system(theme: str) -> None:
    light = str(theme == "light").lower()
    assert DISPLAY.index(f'[data-jp-theme-light="{light}"] .glassnet') > DISPLAY.index("prefers-color-scheme")
