"""Several networks asked for the same rows at once, in one table of operations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from glassnet import Dense, NeuralNetwork
from glassnet.engines import CompiledEngine, ReferenceEngine
from glassnet.errors import InputError, TrainingWarning
from glassnet.formulas.activations import Activation
from glassnet.layers import Copies, MemberDense, PeriodicEmbedding

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
    kept = [id(one) for one in engine._predictions]
    engine.predict_each(several, X)
    several[0].predict(X)
    several[0].forward(X)
    assert sorted(kept) == sorted(id(one) for one in engine._predictions)


ANSWERS = {
    "identity": ("mse", 2),
    "sigmoid": ("binary_cross_entropy", 2),
    "softmax": ("cross_entropy", 3),
    "exp": ("poisson", 1),
    "a mixture": ("gaussian_nll", 2),
}


@pytest.mark.parametrize("weights", [None, np.arange(1, 10) / 5], ids=["alike", "weighed"])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ANSWERS)
def test_what_several_answer_on_average_is_that_of_the_formulas(name, dtype, members, weights):
    loss, outputs = ANSWERS[name]
    layers = (
        ["tanh:8", members * outputs]
        if members == 1
        else [Copies(members), MemberDense(outputs, members=members, shared=False)]
    )
    engine = CompiledEngine(workers=2)
    networks = [
        NeuralNetwork(INPUTS, layers, loss, members=members, seed=seed, dtype=dtype, engine=engine) for seed in range(9)
    ]
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(300, INPUTS)) * rng.choice([0.1, 1, 20], 300)[:, None]).astype(dtype)
    found = engine.scores(networks, X, 1.3, weights)
    close = 1e-12 if dtype == "float64" else 2e-6
    np.testing.assert_allclose(found, ReferenceEngine.scores(engine, networks, X, 1.3, weights), close, close)
    for rows in (slice(7, 8), slice(100, 117)):
        np.testing.assert_array_equal(engine.scores(networks, X[rows], 1.3, weights), found[rows])
    alone = networks[0]
    np.testing.assert_allclose(alone.predict(X), alone.loss.predict(alone.scores(X)), close, close)


def test_another_temperature_is_another_answer(several):
    networks = [NeuralNetwork(INPUTS, [1], "binary_cross_entropy", seed=seed) for seed in range(3)]
    X, engine = np.ones((1, INPUTS)), networks[0].engine
    for temperature in (1.0, 2.0, 1.0):
        expected = ReferenceEngine().scores(networks, X, temperature)
        np.testing.assert_allclose(engine.scores(networks, X, temperature), expected, rtol=1e-12)


def test_other_weights_are_another_answer():
    networks = [NeuralNetwork(INPUTS, [1], "binary_cross_entropy", seed=seed) for seed in range(2)]
    X, engine = np.ones((1, INPUTS)), networks[0].engine
    for weights in (None, np.array([0.5, 1.5]), np.array([1.5, 0.5])):
        expected = ReferenceEngine().scores(networks, X, 1.0, weights)
        np.testing.assert_allclose(engine.scores(networks, X, 1.0, weights), expected, rtol=1e-12)


def test_networks_of_several_builds_answer_together():
    widths, engine = [["tanh:8", 2], ["relu:5", "tanh:7", 2], [PeriodicEmbedding(), "tanh:4", 2]], CompiledEngine()
    networks = [NeuralNetwork(INPUTS, layers, engine=engine) for layers in widths]
    X, weights = np.random.default_rng(0).normal(size=(300, INPUTS)), np.array([0.5, 0.75, 1.75])
    for rows in (X, X[:1]):
        expected = ReferenceEngine().scores(networks, rows, 1.0, weights)
        np.testing.assert_allclose(engine.scores(networks, rows, 1.0, weights), expected, rtol=1e-11)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("rows", "row"), [(1, 0), (700, 0), (700, 699)])
def test_a_number_that_is_not_finite_is_refused_wherever_it_stands(rows, row, wrong, engine):
    asked, X = NeuralNetwork(INPUTS, ["relu:4", 1], engine=engine), np.ones((rows, INPUTS))
    expected = asked.predict(X)
    X[row, 3] = wrong
    for ask in (asked.forward, asked.scores, asked.predict):
        for table in (X, np.asfortranarray(X)):
            with pytest.raises(InputError, match="must be finite in float64"):
                ask(table)
    np.testing.assert_array_equal(asked.predict(np.ones((rows, INPUTS))), expected)


def test_numbers_whose_sum_or_squares_are_too_large_are_finite():
    assert np.isfinite(NeuralNetwork(2, ["tanh:2", 1]).predict([[1.7e308, 1.7e308]])).all()


def test_what_cannot_be_compiled_is_answered_all_the_same():
    odd = Activation("odd", lambda z: np.sort(z), lambda z, a: np.ones_like(z), elementwise=False)
    networks = [NeuralNetwork(INPUTS, [Dense(3, odd), 1], seed=seed) for seed in range(2)]
    X = np.ones((2, INPUTS))
    with pytest.warns(TrainingWarning, match="cannot be compiled"):
        found = networks[0].engine.predict_each(networks, X)
    np.testing.assert_array_equal(found, ReferenceEngine().predict_each(networks, X))
