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
    """In double precision a loss may grow for long before it is infinite, and its weights are no good by then.

    It was never smaller than in the first epoch: nothing was learned, so this is an error, and the network as it was.
    """
    network = problem.network(loss="mse")
    before = network.parameters.tobytes()
    trainer = Trainer(**PLAIN | {"learning_rate": 30.0, "epochs": 200, "validation_fraction": 0})
    with pytest.raises(DivergenceError, match="smaller learning rate"):
        trainer.fit(network, problem.X, problem.number)
    assert network.parameters.tobytes() == before


# What is left at the end must have an answer to the rows: a loss is measured before a step, and says nothing of what
# the last one did; running statistics are in no loss at all; a validation loss of inf is no better than none.
NO_ANSWERS = {
    "only validation losses of inf": (["relu:8", 1], "mse", 1e8, "float64", {"learning_rate": 1e-4}),
    "running statistics of inf": (["relu:8", BatchNorm(), 1], "mse", 1e19, "float32", {"optimizer": "adam"}),
    "rates of inf": ([1], "poisson", 1.0, "float64", {"learning_rate": 1e5, "epochs": 1, "batch_size": 120}),
}


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize(("layers", "loss", "scale", "dtype", "options"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_a_network_without_answers_is_no_result(problem, layers, loss, scale, dtype, options, engine):
    network = NeuralNetwork(3, layers, loss, dtype=dtype, engine=engine)
    before = network.parameters.tobytes(), network.statistics.tobytes()
    y = np.abs(problem.number) if loss == "poisson" else problem.number
    trainer = Trainer(**{"optimizer": "sgd", "epochs": 4} | options)
    with pytest.raises(DivergenceError, match=r"(not finite in \d+% of the rows|loss became inf).*inputs"):
        trainer.fit(network, scale * problem.X, y)
    assert (network.parameters.tobytes(), network.statistics.tobytes()) == before


def test_weights_without_answers_are_not_the_best_so_far(problem):
    """The next to be tried are those of the smallest loss."""
    network, seen = problem.network(loss="mse"), []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    options = PLAIN | {"validation_fraction": 0, "learning_rate": 0.01, "epochs": 4}
    trainer = Trainer(**options, callbacks=[Keep(), Explode(4, np.inf)])
    with pytest.warns(TrainingWarning, match="not finite in 100% of the rows.*best weights so far are kept"):
        history = trainer.fit(network, problem.X, problem.number)
    assert "not finite" in history.ended
    assert network.parameters.tobytes() == seen[2].tobytes()


def test_the_plain_loop_refuses_a_network_without_answers(problem):
    network = NeuralNetwork(3, ["relu:8", BatchNorm(), 1], dtype="float32")
    before = network.parameters.tobytes(), network.statistics.tobytes()
    with pytest.raises(DivergenceError, match="not finite in 100% of the rows"):
        network.train(1e19 * problem.X, problem.number, epochs=1)
    assert (network.parameters.tobytes(), network.statistics.tobytes()) == before


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
