"""Calls of formulas that an export has an operator for stay whole, wherever they stand; all others are taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Activation, Dense, NeuralNetwork, PeriodicEmbedding
from glassnet.exchange.graph import evaluate, model_graph
from glassnet.exchange.graph.legalize import operation
from glassnet.formulas.activations import leaky_relu, sigmoid

RULES = {sigmoid: operation("sigmoid", sigmoid), leaky_relu: operation("leaky_relu", leaky_relu)}


def operations(layers, dtype="float32", **options):
    network = NeuralNetwork(2, [*layers, 1], dtype=dtype)
    return [node.operation for node in model_graph(network, **options).nodes]


def own(function):
    return Activation("own", function, lambda z, a: a)


@pytest.mark.parametrize("layer", ["sigmoid:3", "silu:3"])
def test_a_call_is_one_operation_also_within_another_formula(layer):
    found = operations([layer], formulas=RULES)
    assert "sigmoid" in found
    assert "exp" not in found


def test_constants_of_a_call_are_its_attributes_and_it_answers_as_before():
    network = NeuralNetwork(2, ["leaky_relu(slope=0.3):3", 1], dtype="float32")
    graph = model_graph(network, formulas=RULES)
    (call,) = (node for node in graph.nodes if node.operation == "leaky_relu")
    assert call.attributes["slope"] == np.float32(0.3)
    rows = np.array([[1.0, -2.0], [-0.5, 0.25]], np.float32)
    np.testing.assert_allclose(evaluate(graph, {"X": rows})["answer"], network.predict(rows), rtol=1e-6)


def test_a_call_with_what_is_not_known_is_taken_apart():
    learned = own(lambda z: leaky_relu(z, z * z))
    assert "leaky_relu" not in operations([Dense(3, learned)], formulas=RULES)


def test_in_double_precision_all_is_taken_apart():
    assert "sigmoid" not in operations(["sigmoid:3"], "float64", formulas=RULES)


def test_waves_stay_whole_where_a_language_has_them():
    apart, whole = (operations([PeriodicEmbedding(2)], whole=names) for names in (set(), {"cos_turn"}))
    assert "sin" in apart
    assert "cos_turn" not in apart
    assert "sin" not in whole
    assert "cos_turn" in whole
