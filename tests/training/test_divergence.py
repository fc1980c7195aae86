"""A training that leaves the finite numbers ends with a message, and with the last good weights."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import BatchNorm, NeuralNetwork, Trainer
from glassnet.errors import DivergenceError, TrainingWarning

PLAIN = {"optimizer": "sgd", "early_stopping": False, "batch_size": 120}


def test_the_first_epoch_raises_and_leaves_the_network_as_it_was(problem):
    network = NeuralNetwork(3, [8, BatchNorm(), 1], "mse")
    before = network.parameters.copy(), network.statistics.copy()
    with pytest.raises(DivergenceError, match="loss became (inf|nan).*smaller learning rate"):
        Trainer(**PLAIN | {"batch_size": 8}, learning_rate=1e30, epochs=5).fit(network, problem.X, problem.number)
    assert network.parameters.tobytes() == before[0].tobytes()
    assert network.statistics.tobytes() == before[1].tobytes()


def test_an_average_of_weights_that_diverged_is_not_kept(problem):
    network = problem.network(loss="mse")
    before = network.parameters.copy()
    with pytest.raises(DivergenceError):
        Trainer(**PLAIN | {"batch_size": 8}, learning_rate=1e30, ema_decay=0.9).fit(network, problem.X, problem.number)
    assert network.parameters.tobytes() == before.tobytes()


class Explode:
    """Makes the next step go wrong."""

    def __init__(self, epoch, factor=1e200):
        self.epoch, self.factor = epoch, factor

    def on_epoch_end(self, run):
        if run.epoch == self.epoch:
            run.network.parameters[...] *= self.factor


def test_a_later_epoch_warns_and_keeps_the_best_weights(problem):
    network, seen = problem.network(loss="mse"), []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    trainer = Trainer(**PLAIN, learning_rate=0.1, epochs=10, callbacks=[Keep(), Explode(4)])
    with pytest.warns(TrainingWarning, match="loss became inf.* best weights so far are kept"):
        history = trainer.fit(network, problem.X, problem.number)
    assert len(history) == 4
    assert history.best_epoch == 4
    assert "loss became inf" in history.ended
    assert network.parameters.tobytes() == seen[3].tobytes()


@pytest.mark.parametrize("factor", [1e200, 1e20], ids=["to infinity", "out of all proportion"])
def test_without_validation_the_last_sound_weights_stay(problem, factor):
    """Those that the epoch with the smallest loss began with: a loss speaks for the weights it was measured with."""
    network, seen = problem.network(loss="mse"), []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    options = PLAIN | {"validation_fraction": 0, "learning_rate": 0.01, "epochs": 10}
    trainer = Trainer(**options, callbacks=[Keep(), Explode(4, factor)])
    with pytest.warns(TrainingWarning, match="loss (became inf|grew from)"):
        history = trainer.fit(network, problem.X, problem.number)
    assert len(history) == 4
    assert network.parameters.tobytes() == seen[2].tobytes()
    assert np.isfinite(network.forward(problem.X)).all()


def test_a_learning_rate_far_too_large_is_noticed(problem):
    """In double precision a loss may grow for long before it is infinite, and its weights are no good by then."""
    network = problem.network(loss="mse")
    trainer = Trainer(**PLAIN | {"learning_rate": 30.0, "epochs": 200, "validation_fraction": 0})
    with pytest.warns(TrainingWarning, match="smaller learning rate"):
        history = trainer.fit(network, problem.X, problem.number)
    assert len(history) < 50
    assert np.abs(network.forward(problem.X)).max() < 1e3


def test_lbfgs_that_cannot_begin_raises(problem):
    network = problem.network(loss="mse")
    network.parameters[...] = 1e200
    with pytest.raises(DivergenceError, match="before the first step"):
        Trainer(optimizer="lbfgs").fit(network, problem.X, problem.number)


def test_a_callback_sees_the_weights_that_did_it_and_the_rows(problem):
    network, seen = problem.network(loss="mse"), []

    class Look:
        def on_divergence(self, run):
            seen.append((run.epoch, run.reason, np.abs(run.network.parameters).max(), run.data))

    trainer = Trainer(**PLAIN, learning_rate=0.1, epochs=10, validation_fraction=0.0, callbacks=[Look(), Explode(4)])
    with pytest.warns(TrainingWarning):
        trainer.fit(network, problem.X, problem.number)
    ((epoch, reason, largest, table),) = seen
    assert epoch == 5
    assert reason.startswith("The loss became inf at step 5.")
    assert largest > 1e100
    np.testing.assert_array_equal(table.X, problem.X)
    assert np.abs(network.parameters).max() < 1e100
