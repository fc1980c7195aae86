"""A layer of your own: what the base class promises is enough, for training, for a trace, and inside a block."""

from dataclasses import dataclass

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork, Residual
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.layers import Layer, Parameter
from tests.gradient import check_network


@dataclass(frozen=True)
class Quadratic(Layer):
    """a = x + gain · x²: forward, backward, and what it learns; nothing else."""

    def parameters(self, inputs):
        return (Parameter("gain", (inputs,), INITIALIZERS.get("normal"), kind="gain"),)

    def forward(self, values, x, run):
        return x + values["gain"] * x * x, {"x": x}

    def backward(self, values, record, d_y, gradients):
        x = record["x"]
        gradients["gain"][...] = (d_y * x * x).sum(axis=0)
        return d_y * (1 + 2 * values["gain"] * x)


@pytest.fixture(params=[[Quadratic()], [Residual([Quadratic(), Dense(4)])]], ids=["plain", "in a block"])
def network(request):
    return NeuralNetwork(3, ["tanh:4", *request.param, 1], engine="reference")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(8, 3)), rng.normal(size=8)


def test_it_trains(network, data):
    losses = network.train(*data, epochs=100, learning_rate=0.05)
    assert losses[-1] < losses[0] / 5
    check_network(network, *data)


def test_the_compiled_engine_does_the_same(network, data):
    twin = NeuralNetwork(3, network.layers, engine="compiled")
    np.testing.assert_allclose(twin.train(*data, epochs=3), network.train(*data, epochs=3), rtol=1e-12)
    np.testing.assert_allclose(twin.forward(data[0]), network.forward(data[0]), atol=1e-13)
    searched = [each.train(*data, epochs=3, optimizer="lbfgs") for each in (twin, network)]
    np.testing.assert_allclose(*searched, rtol=1e-9)


def test_it_can_be_traced_and_printed(network, data):
    trace = network.trace(*data)
    name = next(name for name in network.named_parameters if name.endswith("gain"))
    np.testing.assert_allclose(trace[f"{name} after"], trace[name] - 0.01 * trace[f"d_{name}"])
    assert f"d_{name}" in str(trace)
    assert "Quadratic()" in network.summary()


@dataclass(frozen=True)
class Times(Layer):
    """a = number · x."""

    def parameters(self, inputs):
        return (Parameter("number", (), INITIALIZERS.get("normal"), kind="gain"),)

    def forward(self, values, x, run):
        return values["number"] * x, {"x": x}

    def backward(self, values, record, d_y, gradients):
        gradients["number"][...] = (d_y * record["x"]).sum()
        return values["number"] * d_y


def test_a_parameter_may_be_a_single_number(data):
    network = NeuralNetwork(3, ["tanh:4", Times(), 1], engine="reference")
    losses = network.train(*data, epochs=50, learning_rate=0.05)
    assert losses[-1] < losses[0]
    check_network(network, *data)
