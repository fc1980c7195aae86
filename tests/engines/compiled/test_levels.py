"""Products with levels of bins are looked up: the bin of a number, and sums of the matrix's rows before it."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import NeuralNetwork, PiecewiseLinearEmbedding, Scale
from glassnet.engines import Updater
from glassnet.engines.compiled.lowered_values import LevelProduct
from glassnet.engines.compiled.memory_plan import memory_plan
from glassnet.ir.layer_trace import structure

ROWS = 300
"""More than a block has."""


def networks(layers, dtype="float64"):
    """A compiled and a reference network, whose edges are quantiles; the second column has three values."""
    both = [NeuralNetwork(3, layers, "mse", engine=engine, dtype=dtype) for engine in ("compiled", "reference")]
    rng = np.random.default_rng(1)
    X = np.stack([rng.normal(size=80), rng.integers(0, 3, 80), rng.normal(size=80)], axis=1)
    for network in both:
        network.adapt(X)
    return both


def table(network):
    """Numbers within the bins, at their edges, and beyond the first and the last."""
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1.5, (ROWS, 3))
    (edges,) = (one["edges"] for one in network.layout.values(network.parameters, network.statistics) if "edges" in one)
    for column, of_column in enumerate(edges):
        X[: len(of_column), column] = np.where(of_column < 1e20, of_column, 0.5)
    X[-2:, :] = [[-9.0], [9.0]]
    return X.astype(network.dtype)


def trained(network, X, batch_size):
    updater = Updater(network.layout, "adam", dtype=network.dtype)
    with network.engine.training(network, X, X[:, :1] ** 2, None, batch_size, updater) as steps:
        for _ in range(2):
            steps(np.random.default_rng(0).permutation(len(X)), [0.01] * -(-len(X) // batch_size))
    return network


@pytest.mark.parametrize("before", [[], [Scale()]], ids=["first", "behind a layer that learns"])
@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize(("bins", "size"), [(1, 1), (5, 8), (7, 11), (48, 24)])
@pytest.mark.parametrize("batch_size", [7, ROWS])
def test_numbers_are_those_of_the_reference_engine(before, bins, size, rectify, batch_size):
    embedding = PiecewiseLinearEmbedding(2, bins=bins, size=size, rectify=rectify)
    compiled, reference = networks([*before, embedding, "tanh:5", 1])
    X = table(compiled)
    for network in (compiled, reference):
        np.testing.assert_allclose(network.predict(X), reference.predict(X), atol=1e-11)
        trained(network, X, batch_size)
    np.testing.assert_allclose(compiled.parameters, reference.parameters, atol=1e-9)


def test_a_row_alone_has_the_bits_that_it_has_among_others():
    network, _ = networks([PiecewiseLinearEmbedding(2, bins=48, size=8), 1], "float32")
    X = table(network)
    together = network.predict(X)
    assert all(network.predict(X[i : i + 1]).tobytes() == together[i : i + 1].tobytes() for i in range(0, ROWS, 7))


def test_no_column_of_levels_is_made():
    layer = PiecewiseLinearEmbedding(2)
    plan = memory_plan("float32", True, False, *structure(layer, 3).text)
    assert any(isinstance(gradient, LevelProduct) for gradient in plan.learned)
    kinds = {grid.kind for grid in plan.reached(plan.forward, plan.operands)}
    assert "interpolated" in kinds
    assert "products" not in kinds
