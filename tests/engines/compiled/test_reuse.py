"""A lowered network is used again by all networks of its layers, loss and optimizer, and by no others."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet import Activation, Dense, NeuralNetwork, Residual
from glassnet.engines import CompiledEngine, Updater
from glassnet.engines.compiled import prediction, reuse, steps, workers
from glassnet.formulas.activations import ACTIVATIONS

LAYERS = ["tanh:8", "batch_norm", Residual([Dense(8, "gelu")]), "dropout:0.1", 2]
X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, :2] ** 2


@pytest.fixture(autouse=True)
def nothing_lowered(monkeypatch):
    monkeypatch.setattr(reuse, "_lowered", {})


def trained(layers=LAYERS, **options):
    network = NeuralNetwork(3, layers)
    network.train(X, Y, epochs=2, **options)
    return network.parameters


def test_a_second_training_lowers_nothing_and_has_the_same_bits(monkeypatch):
    first = trained()
    monkeypatch.setattr(steps, "lower_layers", None)
    monkeypatch.setattr(prediction, "lower_layers", None)
    np.testing.assert_array_equal(trained(), first)


@pytest.mark.parametrize(
    "options",
    [{"optimizer": "momentum"}, {"optimizer": "adam(beta1=0.5)"}, {"weight_decay": 0.5}, {"batch_size": 7}],
    ids=str,
)
def test_what_was_trained_before_changes_no_bit(options, monkeypatch):
    alone = trained(**options)
    monkeypatch.setattr(reuse, "_lowered", {})
    trained()
    np.testing.assert_array_equal(trained(**options), alone)


def test_the_search_and_the_evaluation_are_not_the_training():
    engine, network = CompiledEngine(), NeuralNetwork(3, LAYERS)
    with engine.training(network, X, Y, None, len(X), Updater(network.layout)), engine.objective(network, X, Y, None):
        engine.evaluation(network, X, Y, None)
    assert len(reuse._lowered) == 3


def test_limits_of_parameters_are_those_of_the_network_that_is_trained():
    """They are other arrays in each network, of which the table has the addresses."""

    def rising():
        network = NeuralNetwork(3, ["tanh:4", 2], monotone=[1, 1, 1])
        network.train(X, -Y, epochs=3, learning_rate=0.1)
        return network.parameters

    np.testing.assert_array_equal(rising(), rising())


def test_signs_of_zeros_tell_formulas_apart():
    positive, negative = (ACTIVATIONS.get("leaky_relu", slope=zero) for zero in (0.0, -0.0))
    assert positive != negative
    assert positive == replace(negative, parameters=(("slope", 0.0),))


def test_a_formula_of_somebody_else_is_lowered_each_time():
    own = Activation("own", lambda z: np.tanh(z), lambda z, a: 1 - a * a)
    trained([Dense(4, own), 2])
    assert not reuse._lowered


def test_as_many_as_are_kept(monkeypatch):
    monkeypatch.setattr(reuse, "MOST_LOWERED", 3)
    for units in range(1, 6):
        trained([units, 2])
    assert len(reuse._lowered) == 3


def test_one_worker_needs_no_barrier(monkeypatch):
    monkeypatch.setattr(workers, "Barrier", None)
    trained()
