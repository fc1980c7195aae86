"""What suits a network to its rows before training, and the parametrisation that lets one rate do for all widths."""

import numpy as np
import pytest

from glassnet import (
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scale,
    Trainer,
)
from glassnet.engines import ReferenceEngine, Updater
from glassnet.errors import DivergenceError
from glassnet.formulas.initializers import UNEQUAL, unit_variance, within_data

DATA = {"parametrization": "ntk", "start": "data"}


@pytest.fixture
def X():  # noqa: N802
    rng = np.random.default_rng(0)
    return rng.normal(size=(400, 6)) * [1, 100, 1e-3, 1, 1, 0] + [0, 50, 0, 0, 1e4, 7]


def test_every_unit_begins_with_sums_of_variance_one_that_cross_zero(X):
    network = NeuralNetwork(6, [Dense(200, "relu", **DATA), Dense(100, "tanh", **DATA), Dense(1, **DATA)])
    network.adapt(X)
    x = X
    for number, layer in enumerate(network.layers, 1):
        values = {name: network[f"{number}.{name}"] for name in "Wb"}
        record = layer.forward(values, x, None)[1]
        deviations = record["z"].std(axis=0)
        np.testing.assert_allclose(np.median(deviations), 1, rtol=1e-6)
        assert deviations.max() < 1 + 1e-6  # less where nearly all variation is that of the large column
        assert ((record["z"].min(axis=0) < 0) & (record["z"].max(axis=0) > 0)).all()
        x = record["a"]


def test_some_of_many_rows_are_enough_to_scale_units_by():
    X = np.random.default_rng(0).normal(size=(5000, 6)) * [1, 3, 1e-3, 1, 1, 5]
    network = NeuralNetwork(6, [Dense(50, "tanh", **DATA), 1])
    network.adapt(X)
    deviations = (X @ network["1.W"] / np.sqrt(6)).std(axis=0)
    np.testing.assert_allclose(deviations, 1, rtol=0.08)
    assert np.abs(deviations - 1).max() > 1e-3
    network.adapt(X, sample_weight=[1, *[0] * 4998, 1])  # of weighted rows all: some could be of weight 0
    deviations = (X[[0, -1]] @ network["1.W"] / np.sqrt(6)).std(axis=0)
    np.testing.assert_allclose(np.median(deviations), 1, rtol=1e-6)


def test_a_layer_that_needs_all_rows_has_them_behind_one_that_needs_some():
    seen = []

    class Counting(Scale):
        def adapt(self, values, x, rng, y=None, weight=None):
            seen.append((len(x), len(y)))

    NeuralNetwork(3, [Dense(4, "tanh", **DATA), Counting(), Dense(4, "tanh", **DATA), 1]).adapt(
        np.random.default_rng(0).normal(size=(5000, 3)), np.zeros(5000)
    )
    assert seen == [(5000, 5000)]


def test_a_unit_whose_inputs_do_not_vary_is_left_alone():
    assert unit_variance(np.full((5, 1), 3.0)) == [1]
    z = np.array([[1e6, 0.0], [1e6 + 1e-9, 1.0]])
    np.testing.assert_array_equal(unit_variance(z), [1, 2])


def test_no_unit_is_scaled_much_more_than_others():
    scaled = unit_variance(np.array([[0.0, 0.0, 0.0], [4.0, 1.0, 1e-3]]))
    np.testing.assert_array_equal(scaled, [0.5, 2, 0.5 * UNEQUAL])


def test_two_distinct_rows_leave_digits_in_deep_networks():
    """All rows vary along one line, to which the weights of one unit in a hundred are nearly orthogonal."""
    x = np.array([[0.0], [1.0]])
    layers = [Dense(128, "selu", **DATA) for _ in range(3)]
    for seed in range(5):
        network = NeuralNetwork(1, [*layers, 1], dtype="float64", seed=seed)
        network.adapt(x)
        rounded = NeuralNetwork(1, [*layers, 1], dtype="float32", seed=seed)
        rounded.parameters[...] = network.parameters
        np.testing.assert_allclose(rounded.predict(x), network.predict(x), atol=3e-5)


def test_biases_lie_among_the_rows():
    z = np.random.default_rng(0).normal(5, 1, size=(100, 50))
    b = within_data(np.random.default_rng(1), z)
    assert ((-b > z.min(axis=0)) & (-b < z.max(axis=0))).all()
    assert len(np.unique(b)) == 50


def test_blocks_are_reached_and_the_rest_stays(X):
    network = NeuralNetwork(6, [Residual([Dense(6, "relu", **DATA)]), Dense(2, "relu"), 1])
    before = network.parameters.copy()
    network.adapt(X)
    changed = network.parameters != before
    assert changed[: 6 * 6 + 6].mean() > 0.8
    assert not changed[6 * 6 + 6 :].any()


KINDS = {
    "dense": [Dense(50, "tanh", **DATA), Dense(30, **DATA)],
    "members": [Copies(4), MemberDense(9, "tanh", 4, adapter_initializer="signs", **DATA)],
    "members with weights of their own": [Copies(4), MemberDense(9, "tanh", 4, shared=False, **DATA)],
}


@pytest.mark.parametrize("layers", KINDS.values(), ids=KINDS)
def test_a_row_of_weight_two_is_the_row_twice_and_one_of_weight_zero_is_none(layers, X):
    """But for rounding: NumPy adds the repeated rows in another order."""
    count = np.random.default_rng(3).integers(0, 4, size=len(X))
    weighted, repeated = (NeuralNetwork(6, layers, dtype="float64") for _ in range(2))
    weighted.adapt(X, sample_weight=0.1 * count)
    repeated.adapt(np.repeat(X, count, axis=0))
    np.testing.assert_allclose(weighted.parameters, repeated.parameters, rtol=1e-9, atol=1e-9)


def test_weights_that_are_all_alike_change_no_bit(X):
    plain, weighted = (NeuralNetwork(6, [Dense(50, **DATA), 1]) for _ in range(2))
    plain.adapt(X)
    weighted.adapt(X, sample_weight=np.full(len(X), 3.0))
    np.testing.assert_array_equal(plain.parameters, weighted.parameters)


def test_rows_that_do_not_count_make_no_unit_vary():
    assert unit_variance(np.array([[3.0], [3.0], [1e9]]), np.array([1.0, 2.0, 0.0])) == [1]


def test_the_same_seed_gives_the_same_start(X):
    networks = [NeuralNetwork(6, [Dense(5, **DATA), 1], seed=seed) for seed in (1, 1, 2)]
    for network in networks:
        network.adapt(X)
    np.testing.assert_array_equal(networks[0].parameters, networks[1].parameters)
    assert (networks[0].parameters != networks[2].parameters).any()


def test_the_trainer_asks_for_it_once_and_the_plain_loop_never(X):
    y = X[:, 0]
    network = NeuralNetwork(6, [Dense(50, "relu", **DATA), 1])
    twin = network.copy()
    twin.adapt(X)
    trainer = Trainer(epochs=1, validation_fraction=0, early_stopping=False, learning_rate=1e-9)
    history = trainer.fit(network, X, y)
    np.testing.assert_allclose(network.parameters, twin.parameters, atol=1e-6)
    moved = network.parameters.copy()
    trainer.fit(network, X, y, history=history)
    np.testing.assert_allclose(network.parameters, moved, atol=1e-6)
    untouched = NeuralNetwork(6, [Dense(50, "relu", **DATA), 1])
    before = untouched.parameters.copy()
    untouched.train(X, y, epochs=1, learning_rate=1e-12)
    np.testing.assert_allclose(untouched.parameters, before, atol=1e-6)


def test_ntk_divides_the_sums_by_the_root_of_the_inputs(X):
    plain, ntk = Dense(3), Dense(3, parametrization="ntk")
    values = {"W": np.random.default_rng(0).normal(size=(6, 3)), "b": np.zeros(3)}
    np.testing.assert_allclose(ntk.forward(values, X, None)[0], plain.forward(values, X, None)[0] / 6**0.5, rtol=1e-12)
    network = NeuralNetwork(1000, [Dense(100, parametrization="ntk"), 1])
    assert network["1.W"].std() == pytest.approx(1, rel=0.01)


def test_each_parameter_learns_at_its_own_rate(X):
    network = NeuralNetwork(6, [Scale(rate=6), Dense(3, bias_rate=0.1), Blend("selu", rate=0.5), 1])
    updater = Updater(network.layout, "sgd")
    before = network.parameters.copy()
    updater.step(network.parameters, np.ones_like(before), 0.01)
    moved = network.layout.named((before - network.parameters) / 0.01)
    means = {name: step.mean().round(6) for name, step in moved.items()}
    assert means == {"1.gain": 6, "2.W": 1, "2.b": 0.1, "3.alpha": 0.5, "4.W": 1, "4.b": 1}


def test_no_row_is_carried_further_than_somebody_asks(X, monkeypatch):
    """A network in which nobody asks has none carried at all; a block is asked for what is in it."""
    carried = []
    forward = Dense.forward
    monkeypatch.setattr(Dense, "forward", lambda self, *rest: carried.append(self.units) or forward(self, *rest))
    NeuralNetwork(6, [Dense(9), Residual([Dense(9)]), 1], engine="reference").adapt(X)
    assert carried == []
    NeuralNetwork(6, [Dense(9), Residual([Dense(8), Dense(9, **DATA)]), Dense(7), 1], engine="reference").adapt(X)
    assert carried == [9, 8]


BEHIND = {
    "dense": [Dense(20, "selu", **DATA), Dense(10, "tanh"), Dense(5, **DATA)],
    "embeddings": [PeriodicEmbedding(3), Scale(), Dense(20, **DATA), Blend("mish"), Dropout(0.3), Dense(9, **DATA)],
    "members": [Copies(4), MemberDense(9, "tanh", 4, adapter_initializer="signs", **DATA), Dense(3, **DATA)],
    "statistics": [BatchNorm(), Dense(8, "relu", **DATA), PiecewiseLinearEmbedding(2), Dense(3, **DATA)],
}


@pytest.mark.parametrize("layers", BEHIND.values(), ids=BEHIND)
def test_both_engines_carry_rows_to_the_same_start(layers, X):
    found = []
    for engine in ("reference", "compiled"):
        network = NeuralNetwork(6, layers, dtype="float64", engine=engine)
        network.adapt(X)
        found.append(np.concatenate([network.parameters, network.statistics]))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layers", BEHIND.values(), ids=BEHIND)
def test_the_compiled_engine_carries_rows_without_the_reference_engine(layers, X, monkeypatch):
    monkeypatch.setattr(ReferenceEngine, "forward", None)
    network = NeuralNetwork(6, layers)
    before = network.parameters.copy()
    network.adapt(X)
    assert (network.parameters != before).any()


def test_a_start_beyond_the_range_of_numbers_is_left_to_the_loss_to_report(X):
    network = NeuralNetwork(6, [Dense(5, "identity"), Dense(5, "relu", **DATA), 1], dtype="float32")
    network["1.W"][...] = 1e38
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(DivergenceError):
        Trainer(epochs=1, validation_fraction=0, early_stopping=False).fit(network, X, X[:, 0])
