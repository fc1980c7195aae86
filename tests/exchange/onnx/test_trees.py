"""Boosted trees as one operator of ONNX: text, gaps, categories, many classes, numbers, as the model answers them."""

from __future__ import annotations

import numpy as np
import onnx
import onnx.reference
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.onnx import to_onnx
from glassnet.layers import Trees
from tests.exchange.models import near
from tests.exchange.onnx.test_onnx import run

ROWS = 300
FEW = {"preset": "mixed", "members": 4, "epochs": 2, "hidden_layers": (8,), "random_state": 0}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr("glassnet.estimators.boosting.STAGES", (4, 8))


@pytest.fixture(scope="module")
def table():
    """Numbers with gaps, few levels and many, whose order says nothing, with gaps, too."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS),
            "few": rng.choice(["x", "y", None], ROWS),
            "many": rng.choice([*"abcdefghijklmnopq", None], ROWS),
            "more": rng.choice([f"level {i}" for i in range(40)], ROWS),
        }
    )
    X.loc[::9, "a"] = np.nan
    odd = X["many"].isin([*"acegikmoq"]) + X["more"].str[-1].isin([*"13579"]) * 2.0
    return X, X["a"].fillna(2) + odd + rng.normal(size=ROWS) / 9


def operators(file):
    return [node.op_type for node in onnx.load(file).graph.node]


@pytest.mark.slow
@pytest.mark.parametrize("classes", [0, 2, 12])
def test_they_answer_as_the_model_does(classes, table, tmp_path):
    X, y = table
    model = (NeuralClassifier if classes else NeuralRegressor)(**FEW)
    model.fit(X, pd.qcut(y, classes, labels=[*"ABCDEFGHIJKL"][:classes]).astype(str) if classes else y)
    trees = sum(isinstance(network.layers[0], Trees) for network in model.networks_)
    file = model.to_onnx(tmp_path / "m.onnx")
    assert operators(file).count("TreeEnsembleRegressor") == trees >= 1
    assert "GatherElements" not in operators(file)
    new = X.assign(many=X["many"].where(X.index % 5 > 0, "never seen"), b=X["b"].where(X.index % 7 > 0))
    for rows in (X, new, X[:1]):
        found = run(file, graph_inputs(model.encoder_, rows))
        if classes:
            near(found["probabilities"], model.predict_proba(rows))
        else:
            near(found["value"], model.predict(rows))


def shared():
    """A tree whose nodes are reached from several others, leaves and comparisons, on both sides."""
    #         0     1     2     3     4     5     6    7    8
    column = [0, 0, 0, 1, 1, 0, 0, 0, 0]
    threshold = [0.5, -0.5, 1.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    left = [1, 3, 3, 5, 6, 5, 6, 7, 8]
    right = [2, 4, 4, 6, 7, 5, 6, 7, 8]
    value = [0, 0, 0, 0, 0, 1, 2, 4, 8]
    numbers = np.concatenate([column, threshold, left, right, value, [0], [3], [0.25]])
    layer = Trees(1, trees=1, nodes=9, depth=3)
    return NeuralNetwork.with_numbers(
        2, [layer], "mse", np.zeros(0, np.float32), numbers.astype(np.float32), engine="reference"
    )


def test_nodes_that_are_reached_from_several_are_told_apart(tmp_path):
    network = shared()
    rows = np.array([[a, b] for a in (-1, 0, 1, 2) for b in (-1, 0, 0.5, 1, 2)], np.float32)
    file = to_onnx(network, tmp_path / "m.onnx")
    found = run(file, {"X": rows})["answer"]
    near(found, network.predict(rows))
    (plain,) = onnx.reference.ReferenceEvaluator(str(file)).run(None, {"X": rows})
    near(np.asarray(plain), network.predict(rows))
    assert len(np.unique(found)) == 3


def test_of_each_node_the_way_of_the_others_is_its_own(tmp_path):
    """ONNX Runtime lays it right behind the node."""
    graph = onnx.load(to_onnx(shared(), tmp_path / "m.onnx")).graph
    (node,) = [one for one in graph.node if one.op_type == "TreeEnsembleRegressor"]
    about = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    others = [f for f, mode in zip(about["nodes_falsenodeids"], about["nodes_modes"], strict=True) if mode != b"LEAF"]
    assert len(set(others)) == len(others)
    holds = [t for t, mode in zip(about["nodes_truenodeids"], about["nodes_modes"], strict=True) if mode != b"LEAF"]
    assert not set(others) & set(holds)


def test_double_precision_keeps_its_digits(tmp_path):
    """The operator answers in single precision alone, so each step is an operator there."""
    network = shared()
    numbers = network.statistics.astype(np.float64)
    numbers[-1] = 1 / 3
    wide = NeuralNetwork.with_numbers(2, network.layers, "mse", np.zeros(0), numbers, engine="reference")
    file, rows = to_onnx(wide, tmp_path / "m.onnx"), np.array([[0.1, 0.2], [2.0, 2.0]])
    np.testing.assert_allclose(run(file, {"X": rows})["answer"], wide.predict(rows), rtol=1e-15)
    assert "TreeEnsembleRegressor" not in operators(file)
