"""The loss around a network: at its place it is the network's loss, and directions have the length they promise."""

import numpy as np
import pytest

from glassnet import BatchNorm, NeuralNetwork
from glassnet.errors import InputError
from glassnet.insight.plots.surface import filter_normalized, landscape_of_path, random_landscape


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3))
    return X, (X[:, 0] > 0).astype(int)


@pytest.fixture
def network():
    return NeuralNetwork(3, ["tanh:4", BatchNorm(), 1], "binary_cross_entropy", seed=1)


def loss_of(network, X, y):
    return network.engine.evaluation(network, X, y, None)()


def test_in_the_middle_is_the_network(network, table):
    before = network.parameters.copy()
    found = random_landscape(network, *table, points=5, seed=0)
    assert found.losses[2, 2] == pytest.approx(loss_of(network, *table), rel=1e-12)
    np.testing.assert_array_equal(network.parameters, before)


def test_directions_are_as_long_as_each_unit_s_weights(network):
    direction = filter_normalized(network, np.random.default_rng(0).standard_normal(network.layout.size))
    parts = network.layout.named(direction)
    for name in ("1.W", "3.W"):
        lengths = np.linalg.norm(network[name], axis=0)
        np.testing.assert_allclose(np.linalg.norm(parts[name], axis=0), lengths)
    for name in ("1.b", "2.gain", "2.shift", "3.b"):
        assert not parts[name].any()


def test_twice_the_weights_look_the_same_behind_relu(table):
    """What filter normalization is for: a network whose scale moved from layer to layer is the same network."""
    network = NeuralNetwork(3, ["relu:4", 1], "binary_cross_entropy")
    other = network.copy()
    other["1.W"][...] *= 8
    other["2.W"][...] /= 8
    maps = [random_landscape(one, *table, points=3, seed=5).losses for one in (network, other)]
    np.testing.assert_allclose(*maps, rtol=1e-10)


def test_the_corner_is_one_step_along_both(network, table):
    found = random_landscape(network, *table, points=3, seed=4)
    rng = np.random.default_rng(4)
    twin = network.copy()
    for _ in range(2):
        twin.parameters += filter_normalized(network, rng.standard_normal(network.layout.size))
    assert found.losses[2, 2] == pytest.approx(loss_of(twin, *table))


def test_a_path_is_seen_along_its_main_directions(network, table):
    rng = np.random.default_rng(0)
    first, second = np.linalg.qr(rng.standard_normal((network.layout.size, 2)))[0].T
    places = np.array([[4.0, 0.0], [2.0, 1.0], [1.0, -1.0], [0.0, 0.0]])
    path = [network.parameters + a * first + b * second for a, b in places]
    found = landscape_of_path(network, *table, path, points=5)
    np.testing.assert_allclose(np.linalg.norm(found.path, axis=1), np.linalg.norm(places, axis=1))
    assert sum(found.shares) == pytest.approx(1)
    assert found.shares[0] > found.shares[1]
    for axis, values in enumerate((found.first, found.second)):
        assert values[0] < found.path[:, axis].min()
        assert values[-1] > found.path[:, axis].max()


@pytest.mark.slow
def test_the_loss_of_the_path_s_places_is_right(table):
    network = NeuralNetwork(3, [1], "binary_cross_entropy")
    rng = np.random.default_rng(0)
    path = [network.parameters + rng.standard_normal(4), network.parameters + rng.standard_normal(4)]
    found = landscape_of_path(network, *table, path, points=201)
    for place, parameters in zip(found.path, path, strict=True):
        twin = network.copy()
        twin.parameters[...] = parameters
        row, column = np.abs(found.second - place[1]).argmin(), np.abs(found.first - place[0]).argmin()
        assert found.losses[row, column] == pytest.approx(loss_of(twin, *table), abs=0.02)


def test_a_path_without_two_directions_is_refused(network, table):
    still = [network.parameters.copy()] * 3
    with pytest.raises(InputError, match="must have moved in two directions. Received: 3 recorded epochs"):
        landscape_of_path(network, *table, still, points=3)
    straight = [network.parameters + step for step in (0.0, 1.0, 2.0)]
    with pytest.raises(InputError, match="must have moved in two directions"):
        landscape_of_path(network, *table, straight, points=3)
