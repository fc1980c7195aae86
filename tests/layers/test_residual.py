"""Residual: what it adds, blocks inside blocks, their names, their errors."""

import numpy as np

from glassnet.layers import BatchNorm, Dense, Dropout, LayerNorm, Pass, Residual, chain
from tests.layers.harness import Alone


def test_a_chain_that_gives_nothing_changes_nothing():
    x = np.random.default_rng(0).normal(size=(5, 4))
    alone = Alone(Residual([Dense(3, "relu"), Dense(4)]))
    alone.values[0]["2.W"][...], alone.values[0]["2.b"][...] = 0, 0
    np.testing.assert_array_equal(alone.forward(x), x)
    _, d_x = alone.backward(x, x)
    np.testing.assert_array_equal(d_x, x)  # the gradient passes unharmed


def test_it_adds_its_input_to_what_the_chain_gives():
    x = np.random.default_rng(0).normal(size=(5, 4))
    alone = Alone(Residual([Dense(3, "relu"), LayerNorm(), Dense(4)]))
    inside = alone.layout.layers[0].split(alone.values[0])
    expected = x + chain.forward(alone.layout.layers[0].layers, inside, x, Pass())[0]
    np.testing.assert_array_equal(alone.forward(x, training=False), expected)


def test_the_names_say_where_a_parameter_is():
    block = Residual([LayerNorm(), Residual([BatchNorm(), Dense(4)]), Dense(4)])
    names = [p.name for p in block.parameters(4)]
    assert names == ["1.gain", "1.shift", "2.1.gain", "2.1.shift", "2.2.W", "2.2.b", "3.W", "3.b"]
    assert [p.name for p in block.statistics(4)] == ["2.1.mean", "2.1.variance"]
    assert block.inside() == 5


def test_running_statistics_inside_a_block_follow_the_batch():
    alone = Alone(Residual([Residual([BatchNorm(momentum=1)])]))
    x = np.random.default_rng(0).normal(3, 2, size=(50, 4))
    alone.update_statistics(x)
    np.testing.assert_allclose(alone.values[0]["1.1.mean"], x.mean(axis=0))


def test_any_iterable_of_layers_will_do_and_is_kept():
    block = Residual(layer for layer in (Dropout(0.1), Dense(4)))
    assert block == Residual((Dropout(0.1), Dense(4)))
    assert repr(block) == "Residual([Dropout(0.1), Dense(4, 'identity')])"
    assert len({block, Residual([Dropout(0.1), Dense(4)])}) == 1
