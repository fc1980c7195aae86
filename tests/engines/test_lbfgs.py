"""L-BFGS: it finds minima, keeps what was learned whatever ends it, and says when it found nothing."""

import numpy as np
import pytest

from glassnet import BatchNorm, Dense, Dropout, NeuralNetwork, Residual
from glassnet.engines.lbfgs import minimize
from glassnet.errors import DivergenceError, InputError, TrainingWarning


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return X, X @ [1.0, -2.0, 0.5] + 3 + 0.1 * rng.normal(size=60)


def search(network, X, y, iterations=100, after_iteration=lambda loss: False):
    X, y, weight = network.check_data(X, y, None)
    return minimize(network.engine, network, X, y, weight, iterations, after_iteration)


@pytest.mark.slow
def test_it_arrives_where_the_gradient_vanishes(data):
    network = NeuralNetwork(3, [Dense(4, "tanh", l2=0.01), Dense(1, l2=0.01)])
    message = search(network, *data, iterations=2000)
    assert "CONVERGENCE" in message
    _, gradients = network.backward(*data)
    assert max(np.abs(gradient).max() for gradient in gradients.values()) < 1e-5


@pytest.mark.slow
def test_no_iteration_makes_it_worse(data):
    losses = []
    search(NeuralNetwork(3, ["tanh:8", 1]), *data, after_iteration=lambda loss: losses.append(loss))
    assert len(losses) > 10
    assert (np.diff(losses) <= 0).all()


def test_after_an_iteration_the_network_has_the_parameters_of_the_loss_it_reports(data):
    network = NeuralNetwork(3, [Dense(4, "tanh", l2=0.1), 1])

    def compare(loss):
        assert network.backward(*data)[0] == pytest.approx(loss, rel=1e-12)

    search(network, *data, iterations=10, after_iteration=compare)


def test_it_ends_when_asked_and_keeps_where_it_was(data):
    network, visited = NeuralNetwork(3, ["tanh:4", 1]), []

    def stop_at_three(loss):
        visited.append(network.parameters.copy())
        return len(visited) == 3

    search(network, *data, after_iteration=stop_at_three)
    assert len(visited) == 3
    np.testing.assert_array_equal(network.parameters, visited[-1])


def test_an_interruption_keeps_the_last_iteration_not_the_last_trial(data):
    network, visited = NeuralNetwork(3, ["tanh:4", 1], engine="reference"), []
    step = network.engine.step

    def interrupted(*arguments):
        if len(visited) == 3:
            raise KeyboardInterrupt
        return step(*arguments)

    network.engine.step = interrupted
    with pytest.raises(KeyboardInterrupt):
        search(network, *data, after_iteration=lambda loss: visited.append(network.parameters.copy()))
    np.testing.assert_array_equal(network.parameters, visited[-1])


def test_dropout_draws_one_mask_so_that_there_is_one_function(data):
    losses = []
    search(NeuralNetwork(3, ["tanh:8", Dropout(0.3), 1]), *data, after_iteration=lambda loss: losses.append(loss))
    assert len(losses) > 10
    assert (np.diff(losses) <= 0).all()


def test_running_statistics_are_those_of_the_table(data):
    """There is but one batch, so that prediction must see what training saw, after however few iterations."""
    X, y = data
    network = NeuralNetwork(3, ["tanh:4", Residual([BatchNorm()]), BatchNorm(), 1])
    search(network, X, y, iterations=3)
    inside = np.tanh(X @ network["1.W"] + network["1.b"])
    np.testing.assert_allclose(network.statistics[:8], [*inside.mean(axis=0), *inside.var(axis=0, ddof=1)])
    assert network.backward(X, y)[0] == pytest.approx(network.backward(X, y, training=True)[0], rel=0.05)


def test_single_precision_works(data):
    network = NeuralNetwork(3, [1], dtype="float32")
    search(network, *data)
    np.testing.assert_allclose(network["1.W"][:, 0], [1.0, -2.0, 0.5], atol=0.1)
    assert network.dtype == np.float32


def test_a_loss_that_is_infinite_from_the_start_is_an_error(data):
    X, _ = data
    network = NeuralNetwork(3, [1], loss="poisson")
    before = network.parameters.copy()
    with pytest.raises(DivergenceError, match="The loss is inf before the first step"):
        search(network, 1e6 * X, np.ones(60))
    np.testing.assert_array_equal(network.parameters, before)


def test_a_search_that_finds_nothing_says_so():
    """Silence would be taken for a trained network."""
    rng = np.random.default_rng(0)
    X, y = 100 * rng.normal(size=(200, 3)), rng.poisson(3, 200)
    network = NeuralNetwork(3, [1], loss="poisson")
    before = network.parameters.copy()
    with pytest.warns(TrainingWarning, match=r"L-BFGS found no better parameters .* Scale the inputs"):
        search(network, X, y)
    np.testing.assert_array_equal(network.parameters, before)


def test_a_search_that_begins_at_the_minimum_ends_there_in_peace(data):
    X, y = data
    network = NeuralNetwork(3, [1])
    search(network, X, y)
    found = network.parameters.copy()
    search(network, X, y)  # a warning would be an error here
    np.testing.assert_allclose(network.parameters, found, atol=1e-5)


def test_a_limit_on_the_weights_cannot_be_kept(data):
    with pytest.raises(InputError, match="L-BFGS does not support `max_norm`"):
        search(NeuralNetwork(3, [Dense(4, max_norm=1), 1]), *data)
