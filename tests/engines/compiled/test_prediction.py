"""Several networks asked for the same rows at once, in one table of operations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from glassnet import Dense, NeuralNetwork
from glassnet.engines import CompiledEngine, ReferenceEngine
from glassnet.errors import TrainingWarning
from glassnet.formulas.activations import Activation
from glassnet.layers import PeriodicEmbedding

INPUTS = 5
LAYERS = [PeriodicEmbedding(3, frequencies=6), "tanh:9", "batch_norm", "layer_norm", 2]


def network(seed, engine):
    """One of several, whose running statistics are its own, too."""
    made = NeuralNetwork(INPUTS, LAYERS, seed=seed, engine=engine)
    rng = np.random.default_rng(seed)
    made.train(rng.normal(size=(40, INPUTS)), rng.normal(size=(40, 2)), epochs=1)
    return made


@pytest.fixture(scope="module")
def several():
    engine = CompiledEngine(workers=2)
    return [network(seed, engine) for seed in range(4)]


@pytest.mark.parametrize("rows", [0, 1, 3, 9, 700])
def test_several_networks_answer_as_each_alone(several, rows):
    X = np.random.default_rng(1).normal(size=(rows, INPUTS))
    for table in (X, X[:, ::-1], sparse.csr_array(X)):
        found = several[0].engine.predict_each(several, table)
        np.testing.assert_array_equal(found, [one.forward(table) for one in several])


def test_new_numbers_of_one_of_several_are_found(several):
    X, (first, *others) = np.ones((2, INPUTS)), several
    engine = first.engine
    engine.predict_each(several, X)
    other = others[1].copy()
    other.parameters = other.parameters[::-1]
    asked = [first, others[0], other, others[2]]
    np.testing.assert_array_equal(engine.predict_each(asked, X), [one.forward(X) for one in asked])


def test_what_is_kept_ready_serves_networks_alone_and_together(several):
    X, engine = np.ones((1, INPUTS)), several[0].engine
    for _ in range(2):
        engine.predict_each(several, X)
        several[0].predict(X)
        several[0].forward(X)
    kept = [id(one) for one in engine._spare]
    engine.predict_each(several, X)
    several[0].predict(X)
    several[0].forward(X)
    assert sorted(kept) == sorted(id(one) for one in engine._spare)


def test_what_cannot_be_compiled_is_answered_all_the_same():
    odd = Activation("odd", lambda z: np.sort(z), lambda z, a: np.ones_like(z), elementwise=False)
    networks = [NeuralNetwork(INPUTS, [Dense(3, odd), 1], seed=seed) for seed in range(2)]
    X = np.ones((2, INPUTS))
    with pytest.warns(TrainingWarning, match="cannot be compiled"):
        found = networks[0].engine.predict_each(networks, X)
    np.testing.assert_array_equal(found, ReferenceEngine().predict_each(networks, X))
