"""Products and functions that follow from their numbers alone, and a start that is made of no others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork, Residual
from glassnet.engines.compiled.approximations import ULPS
from glassnet.engines.ordered import Ordered, each
from glassnet.formulas import elementary
from glassnet.layers import Layer


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_with_a_matrix_are_those_of_the_compiled_engine(dtype):
    rng = np.random.default_rng(0)
    x, network = rng.normal(size=(301, 70)).astype(dtype), NeuralNetwork(70, [Dense(33, bias=False)], dtype=dtype)
    found = np.asarray(x.view(Ordered) @ network["1.W"])
    np.testing.assert_array_equal(found, network.predict(x))


@pytest.mark.parametrize("name", ULPS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_elementary_functions_are_those_of_the_compiled_engine(name, dtype):
    x = np.abs(np.random.default_rng(0).normal(size=(40, 3))).astype(dtype)[::2]
    found = getattr(elementary, name)(x.view(Ordered))
    assert isinstance(found, Ordered)
    np.testing.assert_array_equal(np.asarray(found), each(name, x))
    np.testing.assert_allclose(np.asarray(found), getattr(elementary, name)(x), rtol=100 * np.finfo(dtype).eps)


def test_numpy_composes_what_it_makes_of_elementary_functions():
    x = np.linspace(0.1, 2, 20)
    for function in (np.sinh, np.cosh, np.exp2, np.log2, np.log10, np.square):
        np.testing.assert_allclose(np.asarray(function(x.view(Ordered))), function(x), rtol=1e-14)
    total = np.ones(3).view(Ordered)
    total += 1  # in its own place
    assert isinstance(np.add.reduce(total.reshape(1, 3)), Ordered)
    assert total.tolist() == [2, 2, 2]


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
    """In the reference engine also behind activations, which choose with np.where, and within a block."""
    seen = []
    look, start = Look(seen), {"parametrization": "ntk", "start": "data"}
    layers = [Dense(4, "selu", **start), look, Residual([Dense(4, "mish", **start), look]), look, 1]
    network = NeuralNetwork(3, layers, engine="reference")
    network.adapt(np.random.default_rng(0).normal(size=(50, 3)))
    assert seen == [Ordered] * 3
    assert type(network.parameters) is np.ndarray
