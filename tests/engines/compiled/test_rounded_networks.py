"""Networks that round the operands of their products to bfloat16: both engines compute the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork, Residual
from glassnet.engines import CompiledEngine


def network(engine, activation="relu"):
    layers = [
        Dense(40, activation, products="bfloat16"),
        Residual([Dense(40, activation, products="bfloat16", parametrization="ntk")]),
        Dense(1, products="bfloat16"),
    ]
    return NeuralNetwork(8, layers, dtype="float32", engine=engine)


def rows(count=200):
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, 8)), rng.normal(size=count)


def test_both_engines_predict_the_same_bits_where_no_other_function_rounds():
    X, _ = rows()
    assert network("compiled").predict(X).tobytes() == network("reference").predict(X).tobytes()


@pytest.mark.parametrize("count", [64, 300, 513])
def test_both_engines_have_the_same_gradient_of_weights_where_no_other_function_rounds(count):
    """The compiled one takes at most 256 rows at a time."""
    X, y = rows(count)
    gradients = []
    for engine in (CompiledEngine(1), CompiledEngine(2), "reference"):
        model = network(engine)
        data = model.check_data(X, y, None)
        with model.engine.objective(model, *data) as objective:
            named = model.layout.named(objective()[1])
        gradients.append([named[name].tobytes() for name in named if name.endswith("W")])
    assert gradients[0] == gradients[1] == gradients[2]


def test_both_engines_train_alike():
    X, y = rows()
    models = [network(engine, "gelu") for engine in ("compiled", "reference")]
    for model in models:
        model.train(X, y, epochs=1, batch_size=100)
    assert np.allclose(models[0].parameters, models[1].parameters, atol=1e-5)
