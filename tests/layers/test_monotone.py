"""Limits of weights that keep answers from falling: by every layer that has such a form, in training, too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import BatchNorm, Dense, NeuralNetwork, Trainer
from glassnet.errors import InputError
from glassnet.layers import Activate, Blend, Copies, Embedding, MemberDense, PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.layers.base import Layer

DIRECTIONS = [1, 0, -1, 0]
BEFORE = {
    "dense": [],
    "periodic": [PeriodicEmbedding(3)],
    "piecewise": [PiecewiseLinearEmbedding(3, rectify=True)],
    "categories": [Embedding([3], size=2), PeriodicEmbedding(3, size=2)],
    "normalised": [BatchNorm(), "scale", "dropout:0.2"],
    "blended": [Dense(6), Blend("relu"), Dense(4), Activate("hard_tanh")],
    "ntk": [Dense(8, "leaky_relu", parametrization="ntk", start="data")],
    "members": [Copies(2), MemberDense(6, "relu", members=2, adapter_initializer="signs"), MemberDense(6, members=2)],
}


def rows(count: int, seed: int = 0) -> np.ndarray:
    numbers = np.random.default_rng(seed).normal(size=(count, 4))
    numbers[:, 3] = np.arange(count) % 4
    return numbers


def network(name: str, **options) -> NeuralNetwork:
    """A trained one, whose targets want the opposite of what it may answer."""
    members = 2 if name == "members" else 1
    last: list[Layer | int] = [MemberDense(1, members=2, shared=False)] if members > 1 else [1]
    layers = [*BEFORE[name], *([6] if members == 1 else []), *last]
    made = NeuralNetwork(4, layers, members=members, monotone=DIRECTIONS, seed=3, **options)
    X = rows(200)
    y = np.sin(3 * X[:, 0]) + X[:, 2] + X[:, 1] ** 2 + X[:, 3]
    Trainer(learning_rate=0.05, epochs=5, optimizer="adamw").fit(made, X, y)
    return made


TRAINED: dict[str, NeuralNetwork] = {}


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", BEFORE)
@given(seed=st.integers(0, 2**32 - 1), step=st.sampled_from([1e-6, 0.1, 10.0]))
def test_on_no_row_an_answer_falls(name, seed, step):
    model = TRAINED.setdefault(name, network(name, engine="reference"))
    X = rows(30, seed)
    before = model.predict(X)
    for column, direction in enumerate(DIRECTIONS):
        moved = X.copy()
        moved[:, column] += direction * step
        assert (model.predict(moved) >= before).all()


@pytest.mark.parametrize("name", BEFORE)
def test_both_engines_keep_the_same_limits(name):
    compiled, reference = (network(name, engine=engine) for engine in ("compiled", "reference"))
    np.testing.assert_allclose(compiled.parameters, reference.parameters, rtol=1e-6, atol=1e-8)
    compiled.layout.check_parameters(compiled.parameters)


def test_a_free_input_matters_in_both_directions():
    model, X = TRAINED.setdefault("dense", network("dense", engine="reference")), rows(200)
    slopes = model.input_gradients(X)[:, 1]
    assert slopes.min() < 0 < slopes.max()


def test_a_rectifier_alone_bends_downwards_too():
    X = np.linspace(-1, 1, 200)[:, None]
    model = NeuralNetwork(1, ["relu:16", 1], monotone=[1], seed=0)
    model.train(X, -np.exp(-3 * X[:, 0]) / 10, optimizer="adam", learning_rate=0.01, epochs=100)
    slopes = model.input_gradients(X)
    assert slopes.min() >= 0
    assert slopes[0] > 3 * slopes[-1]


@pytest.mark.parametrize(("loss", "outputs", "wanted"), [("cross_entropy", 2, [-1, 1]), ("gaussian_nll", 2, [1, 0])])
def test_outputs_rise_with_what_they_mean(loss, outputs, wanted):
    model = NeuralNetwork(1, [outputs], loss, monotone=[1])
    np.testing.assert_array_equal(np.sign(model["1.W"][0]), wanted)


def test_l_bfgs_keeps_the_limits():
    X = rows(100)
    model = NeuralNetwork(4, ["tanh:5", 1], monotone=DIRECTIONS)
    model.train(X, np.cos(X[:, 0]), optimizer="lbfgs", epochs=20)
    model.layout.check_parameters(model.parameters)
    assert (model["1.W"] != NeuralNetwork(4, ["tanh:5", 1], monotone=DIRECTIONS)["1.W"]).any()


def test_a_moving_average_keeps_the_limits():
    X = rows(100)
    model = NeuralNetwork(4, ["relu:5", 1], monotone=DIRECTIONS)
    Trainer(epochs=3, ema_decay=0.9, learning_rate=0.1).fit(model, X, -X[:, 0])
    model.layout.check_parameters(model.parameters)


def test_numbers_beyond_the_limits_are_refused():
    model = NeuralNetwork(1, [1], monotone=[1])
    with pytest.raises(InputError, match=r"`1.W` must be from 0 to inf\. Received: -1"):
        model.parameters = np.array([-1.0, 0.0])


def test_a_network_without_directions_has_no_limits():
    assert NeuralNetwork(4, ["mish:3", 1], monotone=[0, 0, 0, 0]).layout.least is None
