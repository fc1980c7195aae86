"""The geometry of a diagram: which units are drawn, where, and with which weights between."""

import numpy as np
import pytest

from glassnet import Copies, Dense, Embedding, LayerNorm, MemberDense, NeuralNetwork, Residual
from glassnet.network.diagram import Shortcut, UnitColumn, diagram_of


@pytest.mark.parametrize("units", [1, 2, 7, 8])
def test_narrow_columns_are_drawn_whole(units):
    column = UnitColumn(units)
    assert column.shown == tuple(range(units))
    assert column.gap is None
    assert sum(column.heights) == 0
    assert all(np.diff(column.heights) == -1)


def test_wide_columns_have_a_gap():
    column = UnitColumn(1000)
    assert column.shown == (0, 1, 2, 3, 4, 998, 999)
    assert column.heights == (3.5, 2.5, 1.5, 0.5, -0.5, -2.5, -3.5)
    assert column.gap == -1.5


def test_weights_are_those_of_the_units_that_are_drawn():
    network = NeuralNetwork(20, ["tanh:3", 1])
    links = diagram_of(network).links[0]
    np.testing.assert_array_equal(links.weights, network["1.W"][[0, 1, 2, 3, 4, 18, 19]])
    shares = np.array([share for _, _, share in links]).reshape(7, 3)
    np.testing.assert_allclose(shares, links.weights / np.abs(links.weights).max())


def test_layers_that_keep_their_units_are_notes():
    diagram = diagram_of(NeuralNetwork(3, [LayerNorm(), "relu:4", "dropout:0.25", "batch_norm", 1]))
    assert [column.notes for column in diagram.columns] == [("LayerNorm",), ("Dropout 0.25", "BatchNorm"), ()]


def test_a_residual_block_is_drawn_from_inside():
    network = NeuralNetwork(4, [Residual([Dense(6, "relu"), Dense(4)]), 1])
    diagram = diagram_of(network)
    assert [column.units for column in diagram.columns] == [4, 6, 4, 1]
    assert diagram.shortcuts == [Shortcut(0, 2)]
    np.testing.assert_array_equal(diagram.links[0].weights, network["1.1.W"])


def test_a_block_that_keeps_its_units_has_no_way_around():
    diagram = diagram_of(NeuralNetwork(4, [Residual([LayerNorm()]), 1]))
    assert diagram.shortcuts == []
    assert diagram.columns[0].notes == ("LayerNorm",)


def test_layers_without_a_weight_for_each_pair_have_none():
    layers = [Embedding([5], size=4), Copies(2), MemberDense(3, "relu", 2), MemberDense(1, members=2)]
    diagram = diagram_of(NeuralNetwork(3, layers, members=2))
    titles = [column.title for column in diagram.columns]
    assert titles == ["", "Embedding", "Copies", "MemberDense relu", "MemberDense identity"]
    assert [links.weights for links in diagram.links] == [None] * 4
