"""Activations, losses, layers and optimizers, any three together: it trains, and its gradient is then the slope."""

import itertools
from itertools import product

import numpy as np
import pytest

from glassnet.engines import Updater
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.layers import NgramLinear
from glassnet.layers.spelling import LAYERS as KNOWN
from tests.combinations import (
    ACTIVATION_NAMES,
    LAYERS,
    LOSS_SPELLINGS,
    OPTIMIZER_NAMES,
    ROWS,
    combinations,
    trainings,
)
from tests.gradient import TOLERANCE, check_along, check_network

pytestmark = pytest.mark.slow  # not in `make quick`

STEPS, RATE = 2, 0.001
AWAY = 1e-4
"""From the kink of the L1 penalty, which a weight may have come to lie on."""


def test_the_table_misses_nothing():
    assert {LOSSES.get(spelling).name for spelling in LOSS_SPELLINGS} == {*LOSSES}
    named = {type(layer) for chain in LAYERS.values() for layer in chain}
    named.add(NgramLinear)  # whose rows have texts beside them: tests/layers/test_ngram_linear.py
    assert named == set(KNOWN.values()), "put a new layer into LAYERS, tests/combinations.py"
    assert len(list(combinations())) == len(ACTIVATION_NAMES) * len(LOSS_SPELLINGS) * len(LAYERS)


@pytest.mark.parametrize("day", [20261231, 20270101])
def test_any_three_of_the_table_meet(day: int):
    met = {
        (each.activation, each.loss, each.layer, optimizer)
        for activation, loss in product(ACTIVATION_NAMES, LOSS_SPELLINGS)
        for each, optimizer in trainings(activation, loss, day)
    }
    factors = (ACTIVATION_NAMES, LOSS_SPELLINGS, [*LAYERS], OPTIMIZER_NAMES)
    for three in itertools.combinations(range(4), 3):
        wanted = set(product(*(factors[place] for place in three)))
        assert {tuple(names[place] for place in three) for names in met} == wanted


@pytest.mark.sample
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_it_trains_and_its_gradient_is_the_slope_where_it_arrives(activation: str, loss: str, sample, day):
    """A few steps of each optimizer from the same start; there the slope along a random direction."""
    for combination, optimizer in sample(trainings(activation, loss, day), 8):
        X, y = combination.data()
        network = combination.network(engine="reference")
        start = network.parameters.copy()
        updater = Updater(network.layout, optimizer, dtype=network.dtype)
        with network.engine.training(network, X, y, None, ROWS, updater) as steps:
            steps(np.arange(STEPS * ROWS) % ROWS, [RATE] * STEPS)
        assert np.isfinite(network.parameters).all(), (combination, optimizer)
        assert (network.parameters != start).any(), (combination, optimizer)
        network.parameters[np.abs(network.parameters) < AWAY] = AWAY
        error = check_along(network, X, y, combination.random().normal(size=(1, network.layout.size)))
        assert error < TOLERANCE, f"{combination} after {optimizer}: relative error {error:.1e}"


@pytest.mark.sample(7)
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
def test_every_element_of_the_gradient_is_the_slope(loss: str, sample):
    """The whole gradient, element by element, for every loss and layer, in training and in prediction."""
    for number, combination in sample(enumerate(combinations("softplus", loss)), 2):
        X, y = combination.data()
        weight = 0.5 + combination.random().uniform(size=ROWS)
        check_network(combination.network(), X, y, training=number % 2 == 0, sample_weight=weight)
        check_network(combination.network(), X, y, training=number % 2 == 1)


def test_no_combination_sits_on_a_kink():
    """There neither slope nor gradient would mean anything, so that the other tests would prove nothing."""
    for combination in combinations(loss="mae"):
        network, (X, y) = combination.network(), combination.data()
        trace = network.trace(X, y)
        for kink in ACTIVATIONS.get(combination.activation).kinks:
            assert np.abs(trace["1.z"] - kink).min() > 1e-5, combination
        assert np.abs(trace["output"] - np.tile(y, network.members)).min() > 1e-5, combination
