"""Products that follow from their numbers alone, and a start that is made of no others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork, Residual
from glassnet.layers import Layer
from glassnet.layers.ordered import Ordered


@pytest.mark.parametrize(
    ("left", "right"), [((6, 5), (5, 4)), ((5,), (5, 4)), ((6, 5), (5,)), ((3, 6, 5), (5, 4)), ((3, 6, 5), (3, 5, 4))]
)
def test_products_are_those_of_numpy(left, right):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    for found in (a.view(Ordered) @ b, a @ b.view(Ordered)):
        assert isinstance(found, Ordered)
        np.testing.assert_allclose(np.asarray(found), a @ b, rtol=1e-12)


def test_a_row_has_the_same_product_in_any_company():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(301, 70)).astype(np.float32).view(Ordered), rng.normal(size=(70, 33)).astype(np.float32)
    assert (np.asarray(x @ W)[100:103] == np.asarray(x[100:103] @ W)).all()


@dataclass(frozen=True)
class Look(Layer):
    """Remembers what kind of rows the start shows it."""

    seen: list[type]

    def adapt(self, values, x, rng, y=None):
        self.seen.append(type(x))

    def forward(self, values, x, run):
        return x, {"x": x, "a": x}

    def backward(self, values, record, d_y, gradients):
        return d_y


def test_every_layer_of_a_start_multiplies_in_order():
    """Also behind activations, which choose with np.where, and within a block."""
    seen = []
    look, start = Look(seen), {"parametrization": "ntk", "start": "data"}
    layers = [Dense(4, "selu", **start), look, Residual([Dense(4, "mish", **start), look]), look, 1]
    network = NeuralNetwork(3, layers, engine="reference")
    network.adapt(np.random.default_rng(0).normal(size=(50, 3)))
    assert seen == [Ordered] * 3
    assert type(network.parameters) is np.ndarray
