"""Gradients by the inputs: of networks, of estimators, and smoothed."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Dense, Embedding, NeuralNetwork, PeriodicEmbedding, Residual, input_gradients
from glassnet.errors import InputError, InputTypeError
from tests.gradient import assert_close, numerical_gradient
from tests.insight.people import PEOPLE, model_of

NETWORKS = {
    "dense": (["tanh:5", "gelu:4", 2], {}),
    "no layer between": ([2], {}),
    "normalised": (["layer_norm", "8", "batch_norm", "silu:3", 2], {}),
    "block": ([Residual([Dense(4, "softplus"), Dense(4)]), 2], {}),
    "waves": ([PeriodicEmbedding(3, spread=0.5), "tanh:5", 2], {}),
    "dropout": (["tanh:6", "dropout:0.5", 2], {}),
    "members": (["tanh:5", 2], {"members": 2}),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("output", [0, 1])
def test_those_of_a_network_are_its_slopes(name, output):
    layers, options = NETWORKS[name]
    network = NeuralNetwork(4, layers, engine="reference", **options)
    X = np.random.default_rng(0).normal(size=(7, 4))
    network.parameters += 0.1
    slope = numerical_gradient(lambda x: float(network.forward(x)[:, output].sum()), X)
    assert_close(network.input_gradients(X, output), slope, name)


def test_float32_agrees_with_float64():
    exact, single = (NeuralNetwork(3, ["tanh:8", 1], dtype=dtype) for dtype in ("float64", "float32"))
    X = np.random.default_rng(0).normal(size=(5, 3))
    assert single.input_gradients(X).dtype == np.float32
    np.testing.assert_allclose(single.input_gradients(X), exact.input_gradients(X), rtol=1e-4, atol=1e-6)


def test_many_rows_are_taken_in_blocks(monkeypatch):
    network, X = NeuralNetwork(3, ["tanh:4", 1]), np.random.default_rng(0).normal(size=(11, 3))
    whole = network.input_gradients(X)
    monkeypatch.setattr("glassnet.network.answers.GRADIENT_ROWS", 4)
    np.testing.assert_array_equal(network.input_gradients(X), whole)
    assert network.input_gradients(np.zeros((0, 3))).shape == (0, 3)


def test_nothing_of_the_network_changes():
    network, X = NeuralNetwork(3, ["4", "batch_norm", 1]), np.random.default_rng(0).normal(size=(5, 3))
    before = network.parameters.copy(), network.statistics.copy()
    network.input_gradients(X)
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(network.statistics, before[1])


def test_codes_have_no_gradient():
    network = NeuralNetwork(3, [Embedding([4], size=2), "tanh:3", 1], engine="reference")
    found = network.input_gradients([[0.5, -1.0, 3.0]])
    assert found[0, 2] == 0
    assert np.abs(found[0, :2]).min() > 0


def test_an_output_that_is_none_is_refused():
    network = NeuralNetwork(3, [2])
    for wrong in (2, -1, True, 0.0, None):
        with pytest.raises((InputError, InputTypeError), match="`output` must be an integer from 0 to 1. Received: "):
            network.input_gradients(np.zeros((1, 3)), wrong)
    with pytest.raises((InputError, InputTypeError), match=r"shape \(rows, 3\)"):
        network.input_gradients(np.zeros((1, 2)))
    with pytest.raises((InputError, InputTypeError), match="finite"):
        network.input_gradients([[np.nan, 0, 0]])


@pytest.mark.parametrize("kind", ["members", "embeddings", "tuned", "shared members"])
def test_those_of_an_estimator_are_the_slopes_of_its_prediction(kind):
    """By encoded numbers, of the averaged answer: the encoder out of the way."""
    model, X = model_of(kind), PEOPLE.polars()[:5]
    found = model.input_gradients(X)
    matrix = model.encoder_.transform(X)
    face = _faced(model)
    asked = face.predict_proba if hasattr(model, "classes_") else face.predict
    chosen = asked(matrix).argmax(axis=1) if hasattr(model, "classes_") else None

    def answer(moved):
        whole = matrix.copy()
        whole[:, : moved.shape[1]] = moved
        values = asked(whole)
        return float((values if chosen is None else values[np.arange(5), chosen]).sum()) / scale

    scale = 1.0 if chosen is not None else model.targets_.scale[0]
    numbers = matrix.shape[1] - len(model.encoder_.coded_levels)
    assert_close(found[:, :numbers] / scale, numerical_gradient(answer, matrix[:, :numbers]), kind)
    assert np.all(found[:, numbers:] == 0)


def _faced(model):
    """The same model for rows that are encoded already."""
    import copy

    face = copy.copy(model)
    face.encoder_ = type("Encoded", (), {"transform": staticmethod(lambda X: X)})()
    return face


def test_what_has_no_gradients_is_refused():
    model, X = model_of("numbers"), PEOPLE.polars()
    with pytest.raises(InputError, match="There must be a row"):
        input_gradients(model, X[:0])
    with pytest.raises(InputTypeError, match="`model` must be"):
        input_gradients(NeuralNetwork(2, [1]), X)
