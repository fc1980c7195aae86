"""What is printed of results has no English words in Chinese, but names: of columns, options, formulas, entries."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich.cells import cell_len

import glassnet
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.support.language import speaking
from glassnet.tables.target_column import guess_task

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
OPTIONS = {"preset": "mlp", "hidden_layers": 3, "epochs": 4, "random_state": 0}
NAMES = """
dropout weight_decay validation_data sgd tanh exp sigmoid mse softmax cross_entropy output Dense identity loss binary
relu silu gelu none None periodic periodic_relu piecewise_linear piecewise_linear_tree adamw clip_norm
d_loss d_a d_z d_b d_w d_x d_output predicted row target losses after
"""


@pytest.fixture(scope="module")
def model():
    return glassnet.NeuralClassifier(early_stopping=True, **OPTIONS).fit(X, Y)


def network():
    return glassnet.NeuralNetwork(2, ["tanh:3", 2], loss="cross_entropy")


RESULTS = {
    "diagnosis": lambda model: model.diagnose(X, Y),
    "finding": lambda model: next(iter(model.diagnose(X, Y))),
    "explanation": lambda model: model.explain(X[:3]),
    "importances": lambda model: model.importances(X, Y),
    "partial dependence": lambda model: model.partial_dependence(X, 0),
    "learning rate": lambda _: glassnet.find_learning_rate(network(), X, Y),
    "gradients": lambda _: glassnet.check_gradients(network(), X[:4], Y[:4]),
    "trace": lambda _: network().trace(X[:2], Y[:2]),
    "chain": lambda _: glassnet.Neuron(2, "sigmoid", "mse").chain([[1.0, 2.0]], [1.0]),
    "summary": lambda _: network().summary(),
    "encoder": lambda model: model.encoder_,
    "task": lambda _: guess_task(Y),
    "search": lambda _: glassnet.search(X, Y, trials=2, validation=0.3, verbose=False, **{**OPTIONS, "epochs": 2}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_what_is_printed_is_chinese(name, model):
    if name == "search":
        pytest.importorskip("optuna")
    with speaking("zh"):
        said = str(RESULTS[name](model))
    assert re.search("[\u4e00-\u9fff]", said)
    assert set(re.findall(r"[A-Za-z_]{3,}", said)) - {*NAMES.split(), *ACTIVATIONS} == set()
    assert not re.search(r"[,:;(] ?[\u4e00-\u9fff]", re.sub(r"\(.*?\) =", "", said))  # nor English marks around Chinese


def test_a_table_of_chinese_names_is_aligned(model):
    with speaking("zh"):
        lines = str(model.partial_dependence(X, 0)).split("\n")
    assert len(set(map(cell_len, lines))) == 1
