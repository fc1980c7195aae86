"""The recorder: quantiles of what a training really was."""

import numpy as np
import pytest

from glassnet import BatchNorm, Dense, Dropout, NeuralClassifier, NeuralNetwork, Recorder, Residual, Trainer
from glassnet.errors import InputError


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    return X, (X[:, 0] > 0).astype(int)


def trained(recorder, table, epochs=3, layers=("tanh:4", 1), **options):
    network = NeuralNetwork(3, list(layers), "binary_cross_entropy")
    trainer = Trainer(epochs=epochs, validation_fraction=0, learning_rate=0.05, callbacks=[recorder], **options)
    return network, trainer.fit(network, *table)


def test_epoch_zero_is_the_start_and_the_last_is_the_network(table):
    recorder = Recorder(path=True)
    network, _ = trained(recorder, table)
    fresh = NeuralNetwork(3, ["tanh:4", 1], "binary_cross_entropy")
    assert recorder.epochs == [0, 1, 2, 3]
    np.testing.assert_array_equal(recorder.parameters[0], fresh.parameters)
    np.testing.assert_array_equal(recorder.parameters[-1], network.parameters)
    levels = recorder.quantiles
    for name in ("1.W", "2.W"):
        np.testing.assert_allclose(recorder.summary("weights", name)[0], np.quantile(fresh[name], levels))
        np.testing.assert_allclose(recorder.summary("weights", name)[-1], np.quantile(network[name], levels))


def test_activations_and_gradients_are_those_of_a_step(table):
    recorder = Recorder()
    network, _ = trained(recorder, table)
    trace = network.trace(*table)
    levels = recorder.quantiles
    for name in ("1.a", "2.a"):
        np.testing.assert_allclose(recorder.summary("activations", name)[-1], np.quantile(trace[name], levels))
    expected = np.quantile(np.abs(trace["d_1.W"]), levels)
    np.testing.assert_allclose(recorder.summary("gradients", "1.W")[-1], expected)


def test_some_rows_are_evenly_spread(table):
    recorder = Recorder(rows=4)
    network, _ = trained(recorder, table)
    X, y = table
    chosen = np.linspace(0, 39, 4).astype(int)
    trace = network.trace(X[chosen], y[chosen])
    expected = np.quantile(trace["1.a"], recorder.quantiles)
    np.testing.assert_allclose(recorder.summary("activations", "1.a")[-1], expected)


def test_recording_changes_nothing(table):
    layers = ("tanh:4", Dropout(0.3), BatchNorm(), 1)
    watched, _ = trained(Recorder(path=True), table, layers=layers)
    alone = NeuralNetwork(3, list(layers), "binary_cross_entropy")
    Trainer(epochs=3, validation_fraction=0, learning_rate=0.05).fit(alone, *table)
    np.testing.assert_array_equal(watched.parameters, alone.parameters)
    np.testing.assert_array_equal(watched.statistics, alone.statistics)


def test_layers_are_named_in_order_also_inside_blocks(table):
    recorder = Recorder()
    trained(recorder, table, layers=(Residual([Dense(5, "relu"), Dense(3)]), 1))
    assert recorder.layers["weights"] == ["1.1.W", "1.2.W", "2.W"]
    assert recorder.layers["gradients"] == ["1.1.W", "1.2.W", "2.W"]
    assert set(recorder.layers["activations"]) == {"1.1.a", "1.2.a", "1.a", "2.a"}


def test_a_second_training_begins_anew_and_one_that_goes_on_goes_on(table):
    recorder = Recorder()
    network, history = trained(recorder, table, epochs=2)
    Trainer(epochs=2, validation_fraction=0, callbacks=[recorder]).fit(network, *table, history=history)
    assert recorder.epochs == [0, 1, 2, 3, 4]
    trained(recorder, table, epochs=1)
    assert recorder.epochs == [0, 1]
    assert recorder.summary("weights", "1.W").shape == (2, 5)


def test_an_estimator_and_lbfgs_are_recorded_too(table):
    recorder = Recorder()
    NeuralClassifier(preset="mlp", hidden_layers=4, epochs=2, members=2, callbacks=[recorder], random_state=0).fit(
        *table
    )
    assert recorder.epochs == [0, 1, 2]
    network = NeuralNetwork(3, ["tanh:2", 1], "binary_cross_entropy")
    trainer = Trainer(optimizer="lbfgs", epochs=3, validation_fraction=0, callbacks=[recorder])
    history = trainer.fit(network, *table)
    assert recorder.epochs == list(range(len(history) + 1))


def test_what_was_not_recorded_is_refused(table):
    recorder = Recorder()
    with pytest.raises(InputError, match="must have recorded a training"):
        recorder.summary("weights", "1.W")
    trained(recorder, table)
    with pytest.raises(InputError, match="whose activations were recorded. Received: '1.W'. Available: 1.a, 2.a"):
        recorder.summary("activations", "1.W")
    with pytest.raises(InputError, match="`kind` of Recorder.summary must be one of"):
        recorder.summary("biases", "1.b")
