"""The network: its numbers, its training, its errors, and independent truths about it."""

import contextlib
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from scipy import sparse
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge

from glassnet import BatchNorm, Dense, Dropout, LayerNorm, NeuralNetwork, NeuralRegressor, Residual
from glassnet.errors import DivergenceError, InputError, InputTypeError
from glassnet.formulas.activations import Activation
from glassnet.formulas.loss import Loss
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.support.language import speaking
from tests.gradient import check_network

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    return X, X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=40)


# ---------------------------------------------------------------- its numbers


def test_parameters_are_views_into_one_flat_vector():
    network = NeuralNetwork(2, ["tanh:3", 1])
    assert {name: view.shape for name, view in network.named_parameters.items()} == {
        "1.W": (2, 3),
        "1.b": (3,),
        "2.W": (3, 1),
        "2.b": (1,),
    }
    for view in network.named_parameters.values():
        assert np.shares_memory(view, network.parameters)
    network["2.b"][...] = 7.0
    assert network.parameters[-1] == 7.0
    network.parameters[0] = 5.0
    assert network["1.W"][0, 0] == 5.0
    assert network.forward([[0.0, 0.0]]) == network["2.b"] + np.tanh(network["1.b"]) @ network["2.W"]


def test_training_writes_into_the_same_memory(data):
    """So that a view taken before training shows the network after it."""
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 1])
    flat, W, before = network.parameters, network["1.W"], network["1.W"].copy()
    network.train(*data, epochs=1)
    network.train(*data, epochs=1, optimizer="lbfgs")
    assert network.parameters is flat
    assert np.shares_memory(W, network.parameters)
    assert (before != W).all()


def test_a_copy_has_numbers_of_its_own(data):
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 1])
    twin = network.copy()
    np.testing.assert_array_equal(twin.forward(data[0]), network.forward(data[0]))
    network.train(*data, epochs=1)
    np.testing.assert_array_equal(twin.parameters, NeuralNetwork(3, ["tanh:4", BatchNorm(), 1]).parameters)
    np.testing.assert_array_equal(twin.statistics, [0.0] * 4 + [1.0] * 4)


def test_it_survives_pickle(data):
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 1], loss="huber(delta=0.5)")
    network.train(*data, epochs=2)
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.forward(data[0]), network.forward(data[0]))
    assert repr(again) == repr(network)


def at_odd_places(model):
    """A model as it may come from another process, which sends the numbers of its arrays apart from all else."""
    buffers = []
    sent = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(sent, buffers=[memoryview(bytearray(b"?" + buffer.raw()))[1:] for buffer in buffers])


def test_a_network_that_comes_from_another_process_can_be_used(data):
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 1])
    again = at_odd_places(network)
    again.train(*data, epochs=2)
    network.train(*data, epochs=2)
    np.testing.assert_array_equal(again.predict(data[0]), network.predict(data[0]))


def test_what_comes_in_memory_that_is_closed_to_writing_goes_on_to_learn_and_leaves_that_as_it_is(data):
    model = NeuralRegressor(hidden_layers=4, preset="mlp", random_state=0).partial_fit(*data)
    buffers = []
    sent = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    closed = [bytes(buffer) for buffer in buffers]
    before = [np.frombuffer(one, np.uint8).copy() for one in closed]
    again = pickle.loads(sent, buffers=closed)
    np.testing.assert_array_equal(again.partial_fit(*data).predict(data[0]), model.partial_fit(*data).predict(data[0]))
    for one, numbers in zip(closed, before, strict=True):
        np.testing.assert_array_equal(np.frombuffer(one, np.uint8), numbers)


def test_statistics_that_are_set_are_checked():
    network = NeuralNetwork(2, [BatchNorm(), 1])
    with pytest.raises(InputError, match="`1.variance` must be 0 or more. Received: -1"):
        network.statistics = [0.0, 0.0, 1.0, -1.0]
    assert network.statistics.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_members_that_come_from_another_process_answer_together(data):
    model = NeuralRegressor(members=2, epochs=2, random_state=0).fit(*data)
    again = at_odd_places(model)
    np.testing.assert_array_equal(again.predict(data[0]), model.predict(data[0]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_is_kept_in_everything(dtype, data):
    X, y = data
    network = NeuralNetwork(3, ["gelu:4", Dropout(0.2), BatchNorm(), 1], dtype=dtype)
    loss, gradients = network.backward(X, y, training=True)
    network.train(X, y, epochs=2, optimizer="adamw")
    assert network.dtype == network.parameters.dtype == network.statistics.dtype == dtype
    assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(dtype)}
    assert network.forward(X).dtype == network.predict(X).dtype == dtype
    assert type(loss) is float


def test_both_precisions_begin_and_arrive_at_the_same_place(data):
    single, double = (NeuralNetwork(3, ["tanh:4", 1], dtype=dtype) for dtype in ("float32", "float64"))
    np.testing.assert_array_equal(single.parameters, double.parameters.astype("float32"))
    single.train(*data, epochs=5, optimizer="sgd")
    double.train(*data, epochs=5, optimizer="sgd")
    np.testing.assert_allclose(single.parameters, double.parameters, rtol=1e-4, atol=1e-5)


# ------------------------------------------------------------------------ seed


@given(seed=st.integers(0, 2**64 - 1))
def test_the_same_seed_gives_the_same_bits(seed):
    X, y = np.random.default_rng(0).normal(size=(2, 12, 3))
    twins = [NeuralNetwork(3, ["tanh:4", Dropout(0.5), 3], seed=seed) for _ in range(2)]
    losses = [network.train(X, y, epochs=2, batch_size=5) for network in twins]
    assert losses[0] == losses[1]
    np.testing.assert_array_equal(twins[0].parameters, twins[1].parameters)


def test_another_seed_gives_other_numbers():
    starts = {NeuralNetwork(3, ["tanh:4", 1], seed=seed).parameters.tobytes() for seed in range(20)}
    assert len(starts) == 20


def test_the_seed_decides_the_order_of_the_rows(data):
    """From the same parameters, in batches: another order, another end; in one batch the order cannot matter."""
    start = NeuralNetwork(3, ["tanh:4", 1]).parameters
    ends = {40: [], 10: []}
    for batch_size, found in ends.items():
        for seed in (1, 2):
            network = NeuralNetwork(3, ["tanh:4", 1], seed=seed)
            network.parameters[...] = start
            network.train(*data, epochs=1, batch_size=batch_size)
            found.append(network.parameters)
    np.testing.assert_allclose(*ends[40], rtol=1e-9)
    assert not np.allclose(*ends[10], rtol=1e-9)


# ---------------------------------------------------------------- its outputs


def test_short_spellings_mean_relu_between_and_the_identity_at_the_end():
    assert NeuralNetwork(2, [4, "tanh:3", 2]).layers == (Dense(4, "relu"), Dense(3, "tanh"), Dense(2))
    assert NeuralNetwork(2, (n for n in (4, 1))).layers == (Dense(4, "relu"), Dense(1))
    assert NeuralNetwork(2, [Dense(3), Dense(1, "tanh")]).layers == (Dense(3), Dense(1, "tanh"))


@pytest.mark.parametrize(
    ("loss", "outputs", "low", "high"),
    [
        ("mse", 2, -np.inf, np.inf),
        ("binary_cross_entropy", 2, 0, 1),
        ("cross_entropy", 3, 0, 1),
        ("poisson", 1, 0, 10**9),
    ],
)
def test_predictions_are_what_the_loss_says(loss, outputs, low, high, data):
    network = NeuralNetwork(3, ["tanh:4", outputs], loss=loss)
    predicted = network.predict(data[0])
    assert predicted.shape == (40, outputs)
    assert low <= predicted.min() <= predicted.max() <= high
    if loss == "cross_entropy":
        np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_array_equal(network.classify(data[0]), predicted.argmax(axis=1))
    if loss == "binary_cross_entropy":
        np.testing.assert_array_equal(network.classify(data[0]), predicted > 0.5)
    if loss == "mse":
        np.testing.assert_array_equal(predicted, network.forward(data[0]))


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge", "binary_cross_entropy", "binary_focal"])
def test_a_single_yes_or_no_comes_as_one_number_a_row(loss, data):
    network = NeuralNetwork(3, [1], loss=loss)
    classes = network.classify(data[0])
    assert classes.shape == (40,)
    np.testing.assert_array_equal(classes, network.forward(data[0])[:, 0] > 0)


def test_probabilities_are_cut_at_one_half(data):
    network = NeuralNetwork(3, ["sigmoid:1"], loss="binary_cross_entropy_from_probabilities")
    np.testing.assert_array_equal(network.classify(data[0]), network.predict(data[0])[:, 0] > 0.5)


def test_values_have_no_class(data):
    with pytest.raises(InputError, match="Classes need a classification loss"):
        NeuralNetwork(3, [1]).classify(data[0])


def test_predicting_drops_nothing_and_changes_nothing(data):
    network = NeuralNetwork(3, ["tanh:4", Dropout(0.5), BatchNorm(), 1])
    before = network.parameters.copy(), network.statistics.copy()
    np.testing.assert_array_equal(network.predict(data[0]), network.predict(data[0]))
    network.backward(*data, training=True)
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(network.statistics, before[1])


# ------------------------------------------------------------------- gradient


@pytest.mark.parametrize("training", [True, False])
def test_the_gradient_of_a_deep_network_is_the_slope(training, data):
    layers = ["tanh:4", BatchNorm(), Residual([LayerNorm(), Dense(4, "gelu")]), Dropout(0.2), Dense(3, l2=0.1)]
    network = NeuralNetwork(3, layers, loss="cross_entropy(label_smoothing=0.1)")
    X, y = data[0][:6], np.arange(6) % 3
    check_network(network, X, y, training=training)
    check_network(network, X, y, training=training, sample_weight=[1, 2, 0, 0.5, 3, 1])


@given(weights=st.lists(st.integers(0, 3), min_size=5, max_size=5).filter(any))
def test_weights_are_repetitions(weights):
    X, y = np.random.default_rng(0).normal(size=(2, 5, 3))
    network = NeuralNetwork(3, ["tanh:4", 3])
    weighted, first = network.backward(X, y, sample_weight=weights)
    repeated, second = network.backward(np.repeat(X, weights, axis=0), np.repeat(y, weights, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-12)
    for name in first:
        np.testing.assert_allclose(first[name], second[name], rtol=1e-9, atol=1e-14)


def test_the_scale_of_the_weights_does_not_matter(data):
    weight = np.random.default_rng(1).uniform(size=40)
    ends = []
    for scale in (1.0, 1e6):
        network = NeuralNetwork(3, ["tanh:4", 1])
        network.train(*data, epochs=3, sample_weight=scale * weight)
        ends.append(network.parameters)
    np.testing.assert_allclose(*ends, rtol=1e-9)


def test_rows_of_weight_zero_might_as_well_not_be_there(data):
    X, y = data
    weight = (np.arange(40) < 25).astype(float)
    ends = []
    for given_data, w in (((X, y), weight), ((X[:25], y[:25]), None)):
        network = NeuralNetwork(3, [Dense(1, l2=0.1)])
        network.train(*given_data, epochs=200, optimizer="lbfgs", sample_weight=w)
        ends.append(network.parameters)
    np.testing.assert_allclose(*ends, atol=1e-6)


def test_sparse_tables_give_the_same_numbers(data):
    X, y = data[0] * (np.abs(data[0]) > 0.5), data[1]
    dense, from_sparse = NeuralNetwork(3, ["tanh:4", 1]), NeuralNetwork(3, ["tanh:4", 1])
    table = sparse.coo_array(X)
    assert dense.backward(X, y)[0] == from_sparse.backward(table, y)[0]
    assert str(dense.trace(X, y)) == str(from_sparse.trace(table, y))
    assert dense.train(X, y) == from_sparse.train(table, y)
    np.testing.assert_array_equal(dense.predict(X), from_sparse.predict(table))


# ------------------------------------------------------------------- training


@pytest.mark.sample(4)
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, "lbfgs"])
def test_every_optimizer_learns_xor(optimizer):
    """Not linearly separable: only a network with a hidden layer can. Lion and SGD need their own rates."""
    rate = {"lbfgs": None, "sgd": 1.0, "lion": 0.005, "adagrad": 0.1}.get(optimizer, 0.03)
    network = NeuralNetwork(2, ["tanh:8", 1], loss="binary_cross_entropy", seed=1)
    losses = network.train(*XOR, epochs=400, batch_size=4, optimizer=optimizer, learning_rate=rate, weight_decay=None)
    np.testing.assert_array_equal(network.classify(XOR[0]), XOR[1])
    assert losses[-1] < 0.1 < losses[0]


def test_one_hidden_layer_is_one_line():
    losses = NeuralNetwork(2, ["tanh:8", 1], loss="binary_cross_entropy").train(*XOR, epochs=300, learning_rate=0.05)
    assert losses[-1] < 0.05


def test_it_returns_the_mean_loss_of_each_epoch(data):
    """Each row's loss before the update of its batch: in one batch that is the loss before the epoch."""
    network, twin = NeuralNetwork(3, ["tanh:4", 1]), NeuralNetwork(3, ["tanh:4", 1])
    losses = network.train(*data, epochs=3, batch_size=40)
    expected = []
    for _ in range(3):
        expected.append(twin.backward(*data)[0])
        twin.train(*data, epochs=1, batch_size=40)
    assert len(losses) == 3
    assert losses[0] == pytest.approx(expected[0], rel=1e-13)
    assert losses[0] > losses[1] > losses[2]


def test_a_batch_larger_than_the_table_is_the_table(data):
    first, second = NeuralNetwork(3, [1]), NeuralNetwork(3, [1])
    assert first.train(*data, batch_size=40) == second.train(*data, batch_size=10_000)


def test_formulas_of_your_own_train_as_the_built_in_ones(data):
    """The same mathematics under another name gives the same bits."""
    square = Activation("mine", lambda z: np.tanh(z), lambda z, a: 1 - a * a)
    error = Loss("mine", lambda output, target: (output - target) ** 2, lambda output, target: 2 * (output - target))
    descent = Optimizer("mine", lambda theta, g, alpha: (theta - alpha * g,), learning_rate=0.01)
    mine, known = NeuralNetwork(3, [Dense(4, square), 1], error), NeuralNetwork(3, ["tanh:4", 1], "mse")
    assert mine.train(*data, optimizer=descent) == known.train(*data, optimizer="sgd")
    np.testing.assert_array_equal(mine.parameters, known.parameters)


def test_divergence_leaves_the_numbers_from_before_the_epoch(data):
    X, y = data
    network = NeuralNetwork(3, ["relu:8", BatchNorm(), 1])
    network.train(X, y, epochs=3)
    before = network.parameters.copy(), network.statistics.copy()
    with pytest.raises(DivergenceError, match=r"Try a smaller learning rate, or scale"):
        network.train(X, y, epochs=50, optimizer="sgd", learning_rate=1e200)
    assert np.isfinite(network.parameters).all()
    np.testing.assert_array_equal(network.parameters, before[0])  # it happened within the first epoch
    np.testing.assert_array_equal(network.statistics, before[1])


def test_divergence_in_a_later_epoch_keeps_the_epochs_before_it(data):
    X, y = data
    rate, network, twin = 0.55, NeuralNetwork(3, [1]), NeuralNetwork(3, [1])
    X = 30 * X  # doubles the error with every step
    with pytest.raises(DivergenceError):
        network.train(X, y, epochs=10_000, batch_size=40, optimizer="sgd", learning_rate=rate)
    assert np.isfinite(network.parameters).all()
    assert np.abs(network.parameters).max() > 1e100  # it had gone far by then
    assert np.isfinite(twin.train(X, y, epochs=1, batch_size=40, optimizer="sgd", learning_rate=rate)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e150])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lion"])
def test_absurd_scales_end_in_an_error_or_in_finite_numbers(dtype, scale, optimizer, data):
    """Never in NaN, never in a warning of NumPy's."""
    network = NeuralNetwork(3, ["relu:4", 1], dtype=dtype)
    with contextlib.suppress(DivergenceError, InputError):
        network.train(scale * data[0], data[1], epochs=3, optimizer=optimizer)
    assert np.isfinite(network.parameters).all()


# --------------------------------------------------------- independent truths


def trained(X, y, outputs, loss, l2):
    network = NeuralNetwork(X.shape[1], [Dense(outputs, l2=l2)], loss=loss)
    network.train(X, y, epochs=1000, optimizer="lbfgs")
    return network


def put(network, coefficients, intercept):
    """The network with the parameters that scikit-learn found."""
    network["1.W"][...], network["1.b"][...] = np.atleast_2d(coefficients).T, intercept
    return network


def assert_the_same_optimum(network, X, y, coefficients, intercept):
    """The same coefficients; and where scikit-learn stands, our gradient vanishes."""
    np.testing.assert_allclose(network["1.W"].T, np.atleast_2d(coefficients), atol=1e-5)
    np.testing.assert_allclose(network["1.b"], intercept, atol=1e-5)
    _, gradients = put(network.copy(), coefficients, intercept).backward(X, y)
    assert max(np.abs(gradient).max() for gradient in gradients.values()) < 1e-6


def test_without_hidden_layer_squared_error_is_least_squares(data):
    X, y = data
    model = LinearRegression().fit(X, y)
    assert_the_same_optimum(trained(X, y, 1, "mse", 0), X, y, model.coef_, model.intercept_)


def test_with_a_penalty_it_is_ridge_regression(data):
    """Ridge has the sum of the squares and no one half: its alpha is our n · l2 / 2."""
    X, y = data
    y = np.column_stack([y, X[:, 0] ** 2])
    model = Ridge(alpha=40 * 2 * 0.3 / 2, tol=1e-12).fit(X, y)  # the mean over two targets halves our loss: 2 · l2
    assert_the_same_optimum(trained(X, y, 2, "mse", 0.3), X, y, model.coef_, model.intercept_)


def test_binary_cross_entropy_is_logistic_regression(data):
    """Scikit-learn has C times the *sum* of the losses, and ½ Σw²: C = 1 / (n · l2)."""
    X, y = data[0], (data[1] + np.random.default_rng(1).normal(size=40) > 0).astype(int)
    model = LogisticRegression(C=1 / (40 * 0.02), tol=1e-10, max_iter=10_000).fit(X, y)
    assert_the_same_optimum(trained(X, y, 1, "binary_cross_entropy", 0.02), X, y, model.coef_, model.intercept_)


def test_cross_entropy_is_multinomial_logistic_regression(data):
    X, y = data[0], np.digitize(data[1] + np.random.default_rng(1).normal(size=40), [-1, 1])
    model = LogisticRegression(C=1 / (40 * 0.02), tol=1e-10, max_iter=10_000).fit(X, y)
    network = trained(X, y, 3, "cross_entropy", 0.02)
    # a constant added to all three biases changes nothing: compare them about their mean
    network["1.b"][...] -= network["1.b"].mean()
    assert_the_same_optimum(network, X, y, model.coef_, model.intercept_ - model.intercept_.mean())


def test_poisson_is_poisson_regression(data):
    """Half the mean deviance differs from our loss by a constant; the penalty is ½ alpha Σw² in both."""
    X, y = data[0], np.random.default_rng(1).poisson(np.exp(0.3 * data[1]))
    model = PoissonRegressor(alpha=0.1, tol=1e-10, max_iter=10_000).fit(X, y)
    assert_the_same_optimum(trained(X, y, 1, "poisson", 0.1), X, y, model.coef_, model.intercept_)


def test_weighted_rows_are_weighted_in_logistic_regression_too(data):
    X, y = data[0], (data[1] > 0.3).astype(int)
    weight = np.random.default_rng(1).uniform(0.1, 2, size=40)
    weight /= weight.mean()
    model = LogisticRegression(C=1 / (40 * 0.02), tol=1e-10, max_iter=10_000).fit(X, y, sample_weight=weight)
    network = NeuralNetwork(3, [Dense(1, l2=0.02)], loss="binary_cross_entropy")
    network.train(X, y, epochs=1000, optimizer="lbfgs", sample_weight=weight)
    np.testing.assert_allclose(network["1.W"].T, model.coef_, atol=1e-5)


def test_the_median_minimises_the_absolute_error_and_a_quantile_its_own():
    y = np.random.default_rng(0).exponential(size=4001)
    X = np.zeros((4001, 1))
    network = NeuralNetwork(1, [3], loss="quantile(levels=(0.1, 0.5, 0.9))")
    network.train(X, y, epochs=30, batch_size=4001, optimizer="adam", learning_rate=0.1)
    network.train(X, y, epochs=300, batch_size=4001, optimizer="adam", learning_rate=0.01)
    np.testing.assert_allclose(network["1.b"], np.quantile(y, [0.1, 0.5, 0.9]), atol=0.03)


# --------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((4, 2)), np.ones(4), r"must have shape \(rows, 3\). Received: shape \(4, 2\)"),
        (np.ones(3), np.ones(1), r"must have shape \(rows, 3\). Received: shape \(3,\). .*X\[None, :\]"),
        (np.full((4, 3), np.nan), np.ones(4), "must be finite"),
        (np.ones((0, 3)), np.ones(0), "Training needs at least one row"),
        (np.ones((4, 3)), np.ones(5), "same number of rows. Received: 4 and 5"),
        (np.ones((4, 3)), np.full(4, np.inf), "Targets must be finite"),
        (np.ones((4, 3)), np.ones((4, 2)), "Targets of `mse` must match"),
        (np.ones((4, 3)), np.ones((1, 4)), "Targets of `mse` must match"),
    ],
)
def test_data_that_do_not_fit_are_refused_everywhere(X, y, message):
    network = NeuralNetwork(3, [1])
    before = network.parameters.copy()
    for use in (network.train, network.backward, network.trace):
        with pytest.raises(InputError, match=message):
            use(X, y)
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("use", ["forward", "predict"])
def test_predictions_ask_for_the_same_inputs(use):
    network = NeuralNetwork(3, [1])
    with pytest.raises(InputError, match=r"must have shape \(rows, 3\)"):
        getattr(network, use)(np.ones((4, 2)))
    with pytest.raises(InputTypeError, match="NeuralClassifier"):
        getattr(network, use)([["a", "b", "c"]])
    assert getattr(network, use)(np.empty((0, 3))).shape == (0, 1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("epochs", 0), ("epochs", 1.5), ("epochs", True), ("batch_size", 0), ("batch_size", "32"), ("batch_size", None)],
)
def test_counts_must_be_positive(setting, value, data):
    with pytest.raises(
        (InputError, InputTypeError), match=f"`{setting}` of NeuralNetwork.train must be a positive integer"
    ):
        NeuralNetwork(3, [1]).train(*data, **{setting: value})


def test_a_learning_rate_must_be_positive(data):
    for rate in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="`learning_rate` of NeuralNetwork.train must be positive"):
            NeuralNetwork(3, [1]).train(*data, learning_rate=rate)


@pytest.mark.parametrize("setting", ["learning_rate", "weight_decay"])
def test_what_lbfgs_would_ignore_is_refused(setting, data):
    with pytest.raises(InputError, match=f"L-BFGS does not support `{setting}`"):
        NeuralNetwork(3, [1]).train(*data, optimizer="lbfgs", **{setting: 0.1})


@pytest.mark.parametrize("weight", [np.ones(3), -np.ones(40), np.zeros(40), np.full(40, np.nan)])
def test_sample_weights_must_fit(weight, data):
    with pytest.raises(InputError, match="`sample_weight` must"):
        NeuralNetwork(3, [1]).train(*data, sample_weight=weight)


# ----------------------------------------------------------------------- show


def test_the_summary_counts_every_parameter_once():
    network = NeuralNetwork(
        12, ["tanh:1000", BatchNorm(), Residual([LayerNorm(), Dense(1000, "relu", max_norm=3)]), Dropout(0.5), 3]
    )
    lines = [line for line in network.summary().splitlines() if not line.startswith("    ")]  # those of long layers
    counts = [int(line.split()[-1].replace(",", "")) for line in lines[1:]]
    assert counts[:-1] == [13 * 1000, 2000, 2000 + 1001 * 1000, 0, 3003]
    assert counts[-1] == network.layout.size == network.parameters.size == sum(counts[:-1])
    assert len({len(line) for line in lines}) == 1, "the table is not straight"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_is_straight_and_fits_80_columns_in_either_language(language):
    residual = Residual([LayerNorm(), Dense(1000, "relu", max_norm=3), Dropout(0.25), LayerNorm()])
    network = NeuralNetwork(1000, [residual, 3], loss="cross_entropy(label_smoothing=0.1)")
    with speaking(language):
        lines = network.summary().splitlines()
    assert {"en": "layer", "zh": "层"}[language] in lines[0]
    assert max(map(cell_len, lines)) <= 80
    assert len({cell_len(line) for line in lines if not line.startswith("    ")}) == 1


@pytest.mark.parametrize(
    ("last", "loss"), [("sigmoid:1", "binary_cross_entropy"), ("softmax:3", "cross_entropy"), (1, "mse")]
)
def test_the_summary_says_what_the_loss_applies_itself(last, loss):
    network = NeuralNetwork(2, ["tanh:4", last], loss)
    assert network.layers[-1].f.name == "identity"
    end = network.summary().splitlines()[-1]
    assert end.split("  ")[0] == f"loss: {loss}" + (f" of {last[:7]}(output)" if loss != "mse" else "")


def test_it_prints_as_it_could_be_written():
    network = NeuralNetwork(4, ["tanh:16", Dropout(0.2), 3], loss="cross_entropy(label_smoothing=0.1)")
    names = {"NeuralNetwork": NeuralNetwork, "Dense": Dense, "Dropout": Dropout}
    again = eval(repr(network), names)
    assert repr(again) == repr(network)
    assert again.layers == network.layers
    assert again.loss == network.loss


def test_a_network_with_given_numbers_draws_none():
    network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 2], "cross_entropy", seed=5, dtype="float32")
    settings = {"seed": 5, "engine": "reference"}
    twin = NeuralNetwork.with_numbers(
        3, network.layers, "cross_entropy", network.parameters, network.statistics, **settings
    )
    assert (twin.seed, twin.dtype, repr(twin)) == (5, network.dtype, repr(network))
    assert twin.parameters.tolist() == network.parameters.tolist()
    assert twin.statistics.tolist() == network.statistics.tolist()
    twin["1.W"][...] = 0
    assert network["1.W"].any()


def test_a_call_without_its_arguments_says_of_what_it_is():
    network = NeuralNetwork(1, [1])
    for arguments, received in (((), "missing a required argument: 'X'"), (range(99), "too many positional")):
        with pytest.raises(InputTypeError, match=rf"NeuralNetwork\.train must match.*{received}.*Available: X, y"):
            network.train(*arguments)


def test_what_has_diverged_can_be_copied():
    network = NeuralNetwork(2, [BatchNorm(), 1])
    network.statistics[...] = np.nan
    assert np.isnan(network.copy().statistics).all()
