"""The compiled engine against the reference engine: activations, losses, layers and optimizers, and all around them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit

from glassnet import (
    Activate,
    Activation,
    BatchNorm,
    Copies,
    Dense,
    Dropout,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scale,
)
from glassnet.engines import CompiledEngine, ReferenceEngine, Updater
from glassnet.errors import DivergenceError
from glassnet.formulas.loss import Loss
from glassnet.formulas.optimizer import Optimizer
from tests.combinations import ACTIVATION_NAMES, LOSS_SPELLINGS, ROWS, trainings

TOLERANCE = 1e-10
NOISE = 1e-12
"""A gradient this small is zero but for rounding (that of a bias before a batch normalisation)."""

STEADY = ("sgd", "momentum", "nesterov")
"""A step of these is as small as the gradient."""

UNSTEADY = ("adagrad", "lion")
"""These make a whole step of any gradient that is not zero, so also of one that only rounding has made."""


def train(network, X, y, *, epochs=2, batch_size=ROWS, weight=None, rate=0.001, optimizer="adam", **settings):
    """Some epochs in a fixed order; the updater, and the sum of the losses."""
    updater = Updater(network.layout, optimizer, dtype=network.dtype, **settings)
    rng, total, rows = np.random.default_rng(0), 0.0, X.shape[0]
    with network.engine.training(network, X, y, weight, batch_size, updater) as steps:
        for epoch in range(epochs):
            rates = [rate * (1 + epoch)] * -(-rows // batch_size)
            total += steps(rng.permutation(rows), rates)
    return updater, total


def assert_same(one, other, what="", tolerance=TOLERANCE):
    """Two networks have the same numbers."""
    assert np.abs(one.parameters - other.parameters).max() < tolerance, what
    assert np.abs(one.statistics - other.statistics).max(initial=0) < tolerance, what


def both(inputs, layers, loss="mse", **settings):
    return [NeuralNetwork(inputs, layers, loss, engine=engine, **settings) for engine in ("compiled", "reference")]


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(37, 3))
    return X, np.stack([X[:, 0] * X[:, 1], X[:, 2]], axis=1)


LAYERS = ["tanh:6", Dropout(0.3), LayerNorm(), Residual([Scale(), Dense(6, "gelu"), Dropout(0.2)]), "silu:5", 2]


@pytest.mark.parametrize(
    "layer", [PeriodicEmbedding(2), PeriodicEmbedding(keep=False), PiecewiseLinearEmbedding(2, bins=4)], ids=repr
)
def test_batches_of_a_single_row_through_columns_of_several_numbers(layer, data):
    compiled, reference = networks = both(3, [layer, "tanh:4", 2])
    for network in networks:
        train(network, *data, batch_size=1)
    assert_same(compiled, reference)


# ------------------------------------------------------------------ the table


class Recording(ReferenceEngine):
    """Remembers the smallest element of all gradients."""

    def step(self, *arguments):
        step = super().step(*arguments)
        self.smallest = min(self.smallest, np.abs(step.gradient).min())
        return step


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_combination_gives_the_same_numbers(activation, loss, sample, day):
    """To 1e-10; but an optimizer that divides by the gradient's size blows up the rounding of one that is zero."""
    weight = np.array([0.5, 1.0, 1.5, 0.0, 2.0])
    for combination, optimizer in sample(trainings(activation, loss, day), 12):
        X, y = combination.data()
        compiled, reference = combination.network(engine="compiled"), combination.network(engine=Recording())
        reference.engine.smallest = np.inf
        totals = [train(network, X, y, weight=weight, optimizer=optimizer)[1] for network in (compiled, reference)]
        tolerance = TOLERANCE
        if reference.engine.smallest < NOISE and optimizer not in STEADY:
            if optimizer in UNSTEADY:
                continue
            tolerance = 1e-8
        assert totals[0] == pytest.approx(totals[1], abs=tolerance), (combination, optimizer)
        assert_same(compiled, reference, (combination, optimizer), tolerance)
        np.testing.assert_allclose(compiled.forward(X), reference.forward(X), atol=tolerance)


# ---------------------------------------------------------- all around a step


@pytest.mark.parametrize(
    "settings",
    [
        {"clip_value": 0.01},
        {"clip_norm": 0.05},
        {"clip_value": 0.02, "clip_norm": 0.05, "weight_decay": 0.3},
        {"weight_decay": 0.5, "ema_decay": 0.9},
        {"ema_decay": 0.5, "optimizer": "lion"},
        {"optimizer": "sgd", "clip_norm": 1e-9},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "penalties", [{}, {"l1": 0.05, "l2": 0.3}, {"max_norm": 0.6}, {"l2": 0.1, "max_norm": 0.3}], ids=str
)
@pytest.mark.parametrize("workers", [1, 2])
def test_everything_that_happens_to_a_gradient(data, settings, penalties, workers):
    layers = ["tanh:6", Dense(5, "silu", **penalties), Dense(2, bias=False, **penalties)]
    compiled = NeuralNetwork(3, layers, engine=CompiledEngine(workers))
    reference = NeuralNetwork(3, layers, engine="reference")
    updaters = [train(network, *data, batch_size=10, rate=0.01, **settings)[0] for network in (compiled, reference)]
    assert_same(compiled, reference)
    assert updaters[0].t == updaters[1].t == 8
    for name in updaters[0].slots:
        np.testing.assert_allclose(updaters[0].slots[name], updaters[1].slots[name], atol=TOLERANCE)
    np.testing.assert_allclose(
        updaters[0].averaged(compiled.parameters), updaters[1].averaged(reference.parameters), atol=TOLERANCE
    )


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [1, 2, 10, 37, 1000])
def test_any_batch_size_and_number_of_workers(data, batch_size, workers):
    """Fewer rows than workers, a short batch at the end, a batch larger than the table."""
    compiled = NeuralNetwork(3, LAYERS, engine=CompiledEngine(workers))
    reference = NeuralNetwork(3, LAYERS, engine="reference")
    totals = [train(network, *data, batch_size=batch_size)[1] for network in (compiled, reference)]
    assert totals[0] == pytest.approx(totals[1], rel=1e-12)
    assert_same(compiled, reference)


def test_batches_of_many_blocks_of_rows():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1500, 3)), rng.normal(size=(1500, 2))
    for layers in (LAYERS, ["tanh:6", BatchNorm(), Activate("relu"), 2]):
        compiled, reference = both(3, layers)
        for network in (compiled, reference):
            train(network, X, y, batch_size=1200, weight=rng.uniform(size=1500) if network is None else None)
        assert_same(compiled, reference)
        np.testing.assert_allclose(compiled.forward(X), reference.forward(X), atol=TOLERANCE)


BEFORE_BATCH_NORM = [[Dense(6)], [Copies(2), MemberDense(3, members=2, adapter_initializer="signs")]]


@pytest.mark.parametrize("layers", BEFORE_BATCH_NORM, ids=str)
def test_a_bias_in_front_of_batch_norm_has_no_gradient_but_rounding(data, layers):
    X, y = data
    _, gradients = NeuralNetwork(3, [*layers, BatchNorm(), "tanh:4", 2], seed=1).backward(X, y, training=True)
    assert np.abs(gradients[f"{len(layers)}.W"]).max() > 1e-2
    assert np.abs(gradients[f"{len(layers)}.b"]).max() < 1e-15


@pytest.mark.parametrize("layers", BEFORE_BATCH_NORM, ids=str)
def test_batch_norm_is_the_same_where_no_rule_divides_gradients_by_their_size(data, layers):
    """Adam would make whole steps of the rounding above, which is another in each engine."""
    networks = both(3, [*layers, BatchNorm(), "tanh:4", 2], seed=1)
    for network in networks:
        train(network, *data, epochs=20, batch_size=10, rate=0.01, optimizer="sgd")
    assert_same(*networks, tolerance=1e-13)


@pytest.mark.parametrize(
    "layers", [LAYERS, [BatchNorm(), "relu:4", BatchNorm(0.3), 2], [Dropout(0.5), Scale(), 2]], ids=str
)
def test_a_search_over_the_whole_table(data, layers):
    compiled, reference = both(3, layers)
    losses = [network.train(*data, optimizer="lbfgs", epochs=5) for network in (compiled, reference)]
    np.testing.assert_allclose(*losses, rtol=1e-8)
    assert_same(compiled, reference, tolerance=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy(label_smoothing=0.1)", "gaussian_nll"])
def test_the_loss_of_rows_that_are_held_back(data, loss, workers):
    X, y = data
    layers = ["tanh:6", BatchNorm(), Dropout(0.5), 4]
    targets = {"mse": np.hstack([y, y]), "gaussian_nll": y}.get(loss, np.arange(37) % 4)
    weight = np.random.default_rng(0).uniform(size=37)
    compiled, reference = both(3, layers, loss)
    compiled.engine = CompiledEngine(workers)
    for weights in (None, weight):
        losses = [network.engine.evaluation(network, X, targets, weights) for network in (compiled, reference)]
        assert losses[0]() == pytest.approx(losses[1](), rel=1e-12)
    compiled.parameters[0] = np.nan
    assert np.isnan(losses[0]())


def test_weights_of_rows(data):
    compiled, reference = both(3, LAYERS)
    for network in (compiled, reference):
        network.train(*data, sample_weight=np.arange(37.0), epochs=3, batch_size=8)
    assert_same(compiled, reference)


def test_a_nudge_of_any_layer_in_float32(data):
    """Within what single precision allows, over a few steps."""
    compiled, reference = both(3, LAYERS, dtype="float32")
    for network in (compiled, reference):
        train(network, data[0].astype("float32"), data[1].astype("float32"), batch_size=8, optimizer="momentum")
    np.testing.assert_allclose(compiled.parameters, reference.parameters, rtol=1e-4, atol=1e-5)
    assert compiled.forward(data[0]).dtype == np.float32


# ------------------------------------------------------------------- sources


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "form",
    [
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: np.repeat(X, 3, axis=1)[:, ::3],
        lambda X: X[::-1].copy()[::-1],
        lambda X: np.pad(X, ((0, 0), (1, 1)))[:, 1:-1],
        sparse.csr_array,
        sparse.csr_matrix,
        lambda X: _wide(sparse.csr_array(X)),
    ],
    ids=["fortran", "rows", "columns", "backwards", "inside", "sparse", "matrix", "wide"],
)
def test_any_layout_of_the_table(data, form, dtype):
    X = (data[0] * (np.abs(data[0]) > 0.4)).astype(dtype)
    plain, other = (NeuralNetwork(3, LAYERS, dtype=dtype) for _ in range(2))
    train(plain, X, data[1], batch_size=8)
    train(other, form(X), data[1], batch_size=8)
    np.testing.assert_array_equal(plain.parameters, other.parameters)
    np.testing.assert_array_equal(plain.forward(X), other.forward(form(X)))


def _wide(X):
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def test_a_table_that_is_read_only(data):
    X, y = data[0].copy(), data[1].copy()
    X.flags.writeable = y.flags.writeable = False
    network = NeuralNetwork(3, LAYERS)
    network.train(X, y, epochs=1)
    assert network.forward(X).shape == (37, 2)


# ---------------------------------------------------------- formulas of your own


def test_formulas_of_your_own_give_the_same_numbers(data):
    ones = 1.0
    ufunc = getattr(expit, "__wrapped__", expit)  # in these tests SciPy has a function around it, see test_code.py

    def bump(z, width):
        return np.exp(-z * z / width) + np.where(z > 0.5, z, 0)

    def bump_derivative(z, a, width):
        return -2 * z / width * np.exp(-z * z / width) + np.where(z > 0.5, 1, 0)

    def hard(z):
        return np.clip(ufunc(z) * ones, 0.2, 0.8) + 0.0 * np.zeros_like(z)

    def hard_derivative(z, a):
        return np.where((a > 0.2) & (a < 0.8), a * (1 - a), np.zeros_like(z)) * np.ones_like(z)

    def sharpest(z, power):  # of rows: powers that sum to one
        top = np.max(z, axis=-1, keepdims=True)
        e = np.exp(power * (z - top))
        return e / np.sum(e, axis=-1, keepdims=True)

    def sharpest_backward(z, a, d_a, power):
        return power * a * (d_a - np.sum(a * d_a, axis=-1, keepdims=True))

    def drift(theta, g, s, alpha, keep, scale):
        s = keep * s + np.tanh(g)
        return theta - alpha * scale * s, s

    layers = [
        Dense(5, Activation("bump", bump, bump_derivative, parameters=(("width", 2.0),))),
        Dense(5, Activation("hard", hard, hard_derivative)),
        Dense(4, Activation("sharpest", sharpest, sharpest_backward, elementwise=False, parameters=(("power", 1.5),))),
        2,
    ]
    quartic = Loss("quartic", lambda o, t: (o - t) ** 4, lambda o, t: 4 * (o - t) ** 3)
    optimizer = Optimizer("drift", drift, ("s",), lambda t, previous, keep: (1 / (1 + t),), parameters=(("keep", 0.9),))
    compiled, reference = both(3, layers, quartic)
    for network in (compiled, reference):
        train(network, *data, batch_size=8, optimizer=optimizer, rate=0.1)
    assert_same(compiled, reference)


def test_the_softmax_of_a_network_that_ends_in_it(data):
    compiled, reference = both(3, ["tanh:4", Dense(3, "softmax"), Activate("softmax")], "mse")
    y = np.eye(3)[np.arange(37) % 3]
    for network in (compiled, reference):
        train(network, data[0], y, batch_size=8)
    assert_same(compiled, reference)


def test_coefficients_that_only_python_can_compute(data):
    """They are no part of the fast loop: a rule may take them from anywhere."""
    table = {t: 1 / t for t in range(1, 100)}
    rule = Optimizer(
        "looked_up", lambda theta, g, alpha, c: (theta - alpha * c * g,), (), lambda t, previous: (table[t],)
    )
    compiled, reference = both(3, LAYERS)
    for network in (compiled, reference):
        train(network, *data, optimizer=rule, rate=0.1)
    assert_same(compiled, reference)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (lambda z: np.sort(z, axis=-1), "np.sort, which is no function of single numbers"),
        (lambda z: z - z.max(axis=-1, keepdims=True), "`max`, which is no function of single numbers"),
        (lambda z: np.where(z > 0, z, math.exp(z)), "a conversion to one number, which needs to know the numbers"),
    ],
)
def test_a_refusal_of_a_formula_says_what_cannot_be_compiled(formula, reason):
    network = NeuralNetwork(3, [Dense(4, Activation("own", formula, lambda z, a: np.ones_like(z))), 1])
    with pytest.warns(UserWarning, match=f"for a choice; here: {reason}. The reference"):
        network.predict(np.ones((1, 3)))


@pytest.mark.parametrize("what", ["activation", "loss", "optimizer", "rows"])
def test_what_cannot_be_compiled_is_left_to_the_reference_engine_with_a_warning(data, what):
    def spy(x):
        return np.asarray(x)

    activation = Activation("spied", lambda z: spy(z), lambda z, a: np.ones_like(z))
    ordered = Activation("ordered", lambda z: np.sort(z, axis=-1), lambda z, a, d_a: d_a, elementwise=False)
    loss = Loss("spied", lambda o, t: spy((o - t) ** 2), lambda o, t: 2 * (o - t))
    rule = Optimizer("spied", lambda theta, g, alpha: (spy(theta) - alpha * g,))
    own = {"activation": activation, "rows": ordered}.get(what, "tanh")
    layers = [Dense(4, own), 2]
    compiled, reference = both(3, layers, loss if what == "loss" else "mse")
    settings = {"optimizer": rule if what == "optimizer" else "adam", "epochs": 2}
    with pytest.warns(UserWarning, match="cannot be compiled.*The reference engine does the work"):
        losses = compiled.train(*data, **settings)
    assert losses == reference.train(*data, **settings)


# ------------------------------------------------------------ same bits, errors


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_gives_the_same_bits(data, workers):
    ends = []
    for _ in range(3):
        network = NeuralNetwork(3, LAYERS, dtype="float32", engine=CompiledEngine(workers))
        network.train(*data, epochs=5, batch_size=9)
        ends.append(network.parameters.tobytes())
    assert len(set(ends)) == 1


@pytest.mark.parametrize("columns", [5, 50, 64, 149])
def test_dropout_masks_are_those_of_the_reference_engine(columns):
    """In float32 too, and for rates that float32 cannot hold: with weights of one the outputs are the masks."""
    for rate in (0.1, 0.3, 0.7, 1 / 3):
        compiled, reference = both(columns, [Scale(), Dropout(rate), Scale()], "mae", dtype="float32")
        X, y = np.ones((200, columns), "float32"), np.full((200, columns), 1e6)
        for network in (compiled, reference):
            train(network, X, y, batch_size=100, epochs=1, optimizer="sgd", rate=1.0)
        np.testing.assert_allclose(compiled.parameters, reference.parameters, rtol=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
def test_divergence_is_found_at_the_same_step_and_changes_nothing(data, workers):
    X, y = data
    y = y.copy()
    y[30] = 1e300
    ends = []
    for engine in (CompiledEngine(workers), ReferenceEngine()):
        network = NeuralNetwork(3, ["tanh:4", BatchNorm(), 2], engine=engine)
        updater = Updater(network.layout, "sgd")
        with (
            pytest.raises(DivergenceError, match="The loss became inf at step 4"),
            network.engine.training(network, X, y, None, 10, updater) as steps,
        ):
            steps(np.arange(37), [0.01] * 4)
        assert updater.t == 3
        ends.append(network)
    assert_same(*ends)


def test_parameters_that_left_the_finite_numbers_at_the_end(data):
    network = NeuralNetwork(3, ["tanh:4", 2])
    updater = Updater(network.layout, "sgd")
    with (
        network.engine.training(network, data[0], 100 * data[1], None, 37, updater) as steps,
        pytest.raises(DivergenceError, match="The parameters became inf or NaN at step 1"),
    ):
        steps(np.arange(37), [1e308])


def test_training_goes_on_with_the_updater_of_an_earlier_one(data):
    for optimizer in ("nadam", "adam"):
        whole, pieces = (NeuralNetwork(3, LAYERS) for _ in range(2))
        updaters = [Updater(network.layout, optimizer) for network in (whole, pieces)]
        with whole.engine.training(whole, *data, None, 5, updaters[0]) as steps:
            steps(np.arange(30), [0.01] * 6)
        for part in (np.arange(10), np.arange(10, 30)):
            with pieces.engine.training(pieces, *data, None, 5, updaters[1]) as steps:
                steps(part, [0.01] * (len(part) // 5))
        np.testing.assert_array_equal(whole.parameters, pieces.parameters)
        assert updaters[0].coefficients == updaters[1].coefficients
