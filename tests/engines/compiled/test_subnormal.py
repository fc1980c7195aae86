"""Numbers too small for a normal exponent: zero within the engine, for some processors need very long for each."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Dense, NeuralNetwork
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled.code.code import FLUSH
from glassnet.engines.compiled.llvm import processor

SMALL = {"float32": 1e-40, "float64": 1e-310}

told = pytest.mark.skipif(processor().family not in FLUSH, reason="this processor cannot be told to")


@pytest.fixture(params=SMALL)
def network(request):
    network = NeuralNetwork(1, [Dense(1, bias=False)], dtype=request.param, engine=CompiledEngine(2))
    network.parameters[...] = 1
    return network


@told
def test_within_the_engine_they_are_zero(network):
    tiny = np.full((3, 1), SMALL[network.dtype.name])
    assert (network.forward(tiny) == 0).all()
    assert (network.forward(1e5 * tiny) > 0).all()


def test_outside_they_stay_what_they_are(network):
    """The processor is given back as it was, also where it had been told otherwise by nobody."""
    tiny = np.full(100, SMALL[network.dtype.name], network.dtype)
    network.train(tiny[:, None], tiny, epochs=3)
    network.forward(tiny[:, None])
    assert (tiny * network.dtype.type(1) > 0).all()
    assert float(tiny[0]) / 2 > 0


def test_a_network_that_fits_ends_where_the_reference_engine_does():
    """Gradients that die out are zero a little earlier, which no parameter of normal size can tell."""
    X = np.array([[0.0, 1.0], [1.0, 0.0]])
    networks = [
        NeuralNetwork(2, ["relu:4", 2], "cross_entropy", engine=engine, dtype="float64")
        for engine in ("compiled", "reference")
    ]
    for network in networks:
        network.parameters *= 400  # so sure that the gradients are subnormal
        network.train(X, np.array([0, 1]), epochs=50, learning_rate=0.01)
    np.testing.assert_allclose(networks[0].parameters, networks[1].parameters, rtol=1e-10)
