"""Members in the compiled engine, against the reference engine: blocks, workers, precision, and what a table may be."""

import numpy as np
import pytest
from scipy import sparse

from glassnet import BatchNorm, Blend, Copies, Dropout, MemberDense, NeuralNetwork, PeriodicEmbedding, Residual
from glassnet.engines import CompiledEngine
from tests.combinations import ACTIVATION_NAMES
from tests.engines.compiled.test_parity import TOLERANCE, assert_same, train

LAYERS = [
    PeriodicEmbedding(2, frequencies=3),
    Copies(4),
    MemberDense(6, "identity", 4, adapter_initializer="signs", parametrization="ntk"),
    Blend("selu"),
    Dropout(0.2),
    Residual([MemberDense(6, "softmax", 4), BatchNorm(), MemberDense(6, "gelu", 4, shared=False)]),
    MemberDense(2, members=4, shared=False),
]
FIRST = [MemberDense(5, "tanh", 3, adapter_initializer="normal(std=1.0)"), MemberDense(2, members=3, shared=False)]
"""Members who get different columns; nothing learns before them."""


def pair(inputs, layers, loss="mse", members=4, workers=1, **settings):
    engines = (CompiledEngine(workers), "reference")
    return [NeuralNetwork(inputs, layers, loss, members=members, engine=engine, **settings) for engine in engines]


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(37, 3)), rng.normal(size=(37, 2))


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [1, 2, 10, 37, 1000])
def test_any_batch_size_and_number_of_workers(data, batch_size, workers):
    networks = pair(3, LAYERS, workers=workers)
    weight = np.random.default_rng(1).uniform(size=37)
    totals = [train(network, *data, batch_size=batch_size, weight=weight)[1] for network in networks]
    assert totals[0] == pytest.approx(totals[1], rel=1e-12)
    assert_same(*networks)


@pytest.mark.parametrize("loss", ["cross_entropy(label_smoothing=0.1)", "gaussian_nll", "hinge", "poisson"])
def test_batches_of_many_blocks_of_rows(loss):
    """Blocks are as many rows of members as of a plain network: 700 rows of 3 members are several."""
    rng = np.random.default_rng(0)
    X, classes = rng.normal(size=(900, 6)), np.arange(900) % 2
    y = {"gaussian_nll": rng.normal(size=900), "poisson": np.column_stack([classes, classes])}.get(loss, classes)
    networks = pair(6, FIRST, loss, members=3, workers=2)
    for network in networks:
        train(network, X, y, batch_size=700, weight=np.linspace(0, 2, 900))
    assert_same(*networks)
    for answer in ("forward", "predict"):
        compiled, reference = (getattr(network, answer)(X) for network in networks)
        np.testing.assert_allclose(compiled, reference, atol=TOLERANCE)
    np.testing.assert_allclose(networks[0].forward(X[:3]), networks[1].forward(X[:3]), atol=TOLERANCE)


@pytest.mark.sample(6)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("parametrization", ["standard", "ntk"])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_activation(data, activation, parametrization, shared, dtype):
    layers = ["tanh:3", Copies(3), MemberDense(4, activation, 3, shared, parametrization=parametrization)]
    networks = pair(3, [*layers, MemberDense(2, members=3, shared=False)], members=3, workers=2, dtype=dtype)
    for network in networks:
        train(network, *(part.astype(dtype) for part in data), batch_size=10, optimizer="momentum")
    assert_same(*networks, tolerance=TOLERANCE if dtype == "float64" else 1e-5)


@pytest.mark.slow
def test_a_search_over_the_whole_table(data):
    networks = pair(3, LAYERS)
    losses = [network.train(*data, optimizer="lbfgs", epochs=5) for network in networks]
    np.testing.assert_allclose(*losses, rtol=1e-8)
    assert_same(*networks, tolerance=1e-6)


def test_single_precision(data):
    networks = pair(3, LAYERS, dtype="float32")
    for network in networks:
        train(network, *(part.astype("float32") for part in data), batch_size=8, optimizer="momentum")
    np.testing.assert_allclose(networks[0].parameters, networks[1].parameters, rtol=1e-4, atol=1e-5)
    assert networks[0].predict(data[0]).dtype == np.float32


def test_a_sparse_table(data):
    X = np.where(np.abs(data[0]) > 0.5, data[0], 0)
    dense, thin = (pair(3, LAYERS)[0] for _ in range(2))
    train(dense, X, data[1], batch_size=8)
    train(thin, sparse.csr_array(X), data[1], batch_size=8)
    np.testing.assert_array_equal(dense.parameters, thin.parameters)
