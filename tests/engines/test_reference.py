"""The reference engine: steps, means, weights, batches, divergence."""

import numpy as np
import pytest
from scipy import sparse

from glassnet import BatchNorm, Dense, Dropout, NeuralNetwork
from glassnet.engines import CompiledEngine, ReferenceEngine, Updater, get_engine
from glassnet.errors import DivergenceError, InputError, InputTypeError
from glassnet.layers import Pass

ENGINE = ReferenceEngine()


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(23, 3))
    return X, X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=23)


def net(**settings):
    return NeuralNetwork(3, ["tanh:4", 1], **settings)


def run(network, X, y, weight=None, order=None, batch_size=5, rate=0.1, updater=None, optimizer="momentum"):
    order = np.arange(len(y)) if order is None else order
    updater = updater or Updater(network.layout, optimizer)
    with ENGINE.training(network, X, y, weight, batch_size, updater) as steps:
        return steps(order, [rate] * -(-len(order) // batch_size)), updater


def test_a_step_changes_nothing(data):
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), Dropout(0.3), 1])
    before = network.parameters.copy(), network.statistics.copy()
    ENGINE.step(network, *data, None, Pass(training=True))
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(network.statistics, before[1])


def test_the_loss_is_the_mean_of_the_rows_and_the_gradient_its_own(data):
    X, y = data
    step = ENGINE.step(net(), X, y, None, Pass())
    assert step.loss == pytest.approx(step.row_losses.mean(), rel=1e-14)
    assert step.penalty == 0
    alone = [ENGINE.step(net(), X[[row]], y[[row]], None, Pass()) for row in range(len(X))]
    np.testing.assert_allclose(step.row_losses, [single.loss for single in alone], rtol=1e-12)
    np.testing.assert_allclose(step.gradient, np.mean([single.gradient for single in alone], axis=0), rtol=1e-10)


def test_an_epoch_is_the_steps_one_by_one(data):
    """In the given order, the short batch at the end too; each step sees what the one before has changed."""
    X, y = data
    order = np.random.default_rng(1).permutation(23)
    network, by_hand = net(), net()
    total, _ = run(network, X, y, order=order)
    updater, expected = Updater(by_hand.layout, "momentum"), 0.0
    for start in range(0, 23, 5):
        rows = order[start : start + 5]
        step = ENGINE.step(by_hand, X[rows], y[rows], None, Pass(training=True))
        updater.step(by_hand.parameters, step.gradient, 0.1)
        expected += step.row_losses.sum()
    assert total == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(network.parameters, by_hand.parameters, rtol=1e-12)


def test_an_epoch_may_be_run_in_pieces(data):
    """As the trainer does for its progress bar: the masks and the optimizer's state go on where they were."""
    X, y = data
    whole, pieces = (NeuralNetwork(3, ["tanh:4", Dropout(0.5), BatchNorm(), 1]) for _ in range(2))
    total, _ = run(whole, X, y, optimizer="adam")
    first, updater = run(pieces, X, y, order=np.arange(10), optimizer="adam")
    second, _ = run(pieces, X, y, order=np.arange(10, 23), updater=updater)
    assert total == pytest.approx(first + second, rel=1e-14)
    np.testing.assert_array_equal(whole.parameters, pieces.parameters)
    np.testing.assert_array_equal(whole.statistics, pieces.statistics)


def test_every_step_has_its_own_rate(data):
    X, y = data
    network = net()
    updater = Updater(network.layout, "sgd")
    start = network.parameters.copy()
    first = ENGINE.step(network, X[:5], y[:5], None, Pass(training=True))
    with ENGINE.training(network, X, y, None, 5, updater) as steps:
        steps(np.arange(10), np.array([0.5, 0.0]))
    np.testing.assert_allclose(network.parameters, start - 0.5 * first.gradient, rtol=1e-14)


def test_a_weight_of_two_is_a_row_that_comes_twice(data):
    X, y = data
    twice = np.repeat(np.arange(23), np.arange(23) % 3)
    weight = (np.arange(23) % 3).astype(float)
    weighted = ENGINE.step(net(), X, y, weight / weight.mean(), Pass())
    repeated = ENGINE.step(net(), X[twice], y[twice], None, Pass())
    assert weighted.loss == pytest.approx(repeated.loss, rel=1e-13)
    np.testing.assert_allclose(weighted.gradient, repeated.gradient, rtol=1e-10, atol=1e-14)


def test_a_penalty_is_added_once_whatever_the_number_of_rows(data):
    X, y = data
    layers = [Dense(4, "tanh", l1=0.1, l2=0.3), Dense(1)]
    few, many = (ENGINE.step(NeuralNetwork(3, layers), X[:n], y[:n], None, Pass()) for n in (2, 23))
    W = NeuralNetwork(3, layers)["1.W"]
    assert few.penalty == many.penalty == pytest.approx(0.1 * np.abs(W).sum() + 0.15 * (W**2).sum(), rel=1e-14)


def test_sparse_tables_train_as_dense_ones(data):
    X, y = data
    X = X * (np.abs(X) > 0.5)
    dense, from_sparse = net(), net()
    run(dense, X, y)
    run(from_sparse, sparse.csr_array(X), y)
    np.testing.assert_array_equal(dense.parameters, from_sparse.parameters)
    np.testing.assert_array_equal(ENGINE.predict(dense, X), ENGINE.predict(dense, sparse.csr_array(X)))


def test_predictions_do_not_depend_on_the_slices(data, monkeypatch):
    X, _ = data
    whole = ENGINE.predict(net(), X)
    monkeypatch.setattr("glassnet.engines.reference.SLICE", 4)
    np.testing.assert_allclose(ENGINE.predict(net(), X), whole, rtol=1e-13)
    assert ENGINE.predict(net(), X[:0]).shape == (0, 1)


def test_a_loss_that_is_not_finite_ends_it_before_it_does_harm(data):
    X, y = data
    X, network = X.copy(), net(loss="poisson")
    network["2.b"][...] = 1000.0  # e^1000
    before = network.parameters.copy()
    with pytest.raises(DivergenceError, match=r"The loss became inf at step 1\. Try a smaller learning rate"):
        run(network, X, np.abs(y))
    np.testing.assert_array_equal(network.parameters, before)


def test_parameters_that_leave_the_finite_numbers_at_the_last_step_are_noticed(data):
    """Its loss was finite still, and no loss comes after it."""
    with pytest.raises(DivergenceError, match="The parameters became inf or NaN at step 1"):
        run(net(), data[0], 100 * data[1], batch_size=23, rate=1e308, optimizer="sgd")


def test_an_unknown_engine_is_refused():
    assert type(get_engine("reference")) is ReferenceEngine
    assert type(get_engine("compiled")) is CompiledEngine
    assert get_engine(ENGINE) is ENGINE
    for name in ("turbo", None, ["reference"]):
        with pytest.raises((InputError, InputTypeError), match="`engine` must be one of: compiled, reference"):
            get_engine(name)
