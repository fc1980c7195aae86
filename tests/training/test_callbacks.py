"""Callbacks: the four moments, who may end a training, and what a broken one does."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import Callback, NeuralRegressor, Trainer
from glassnet.errors import InputTypeError

QUIET = {"epochs": 3, "batch_size": 40, "validation_fraction": 0, "early_stopping": False}


class Diary:
    """Writes down every moment."""

    def __init__(self):
        self.moments = []

    def on_train_begin(self, run):
        self.moments.append(("begin", run.epoch, run.step))

    def on_batch_end(self, run):
        self.moments.append(("batch", run.epoch, run.step))

    def on_epoch_end(self, run):
        assert run.history["epoch"][-1] == run.epoch
        self.moments.append(("epoch", run.epoch, run.step))

    def on_train_end(self, run):
        self.moments.append(("end", run.epoch, run.step))


def test_the_four_moments_come_in_order(problem):
    diary = Diary()
    Trainer(**QUIET, callbacks=[diary]).fit(problem.network(), problem.X, problem.y)
    steps = [("batch", 1), ("batch", 2), ("batch", 3), ("epoch", 3)]
    epochs = [(moment, epoch, step) for epoch in (1, 2, 3) for moment, step in steps]
    assert diary.moments == [("begin", 0, 0), *epochs, ("end", 3, 3)]


def test_lbfgs_has_the_four_moments(problem):
    diary = Diary()
    Trainer(**(QUIET | {"optimizer": "lbfgs"}), callbacks=[diary]).fit(problem.network(), problem.X, problem.y)
    kinds = [kind for kind, *_ in diary.moments]
    assert kinds == ["begin", *["batch", "epoch"] * 3, "end"]


def test_a_callback_sees_the_training_rows_without_those_that_judge(problem):
    seen = []

    class Look:
        def on_train_begin(self, run):
            seen.append((run.rows, run.data))

    options = QUIET | {"validation_fraction": 0.25}
    Trainer(**options, callbacks=[Look()]).fit(problem.network(), problem.X, problem.y, sample_weight=problem.y + 1.0)
    ((rows, data),) = seen
    assert rows == len(data.X) == len(data.y) == len(data.weight) == 90
    given = {tuple(row): target for row, target in zip(problem.X, problem.y, strict=True)}
    assert all(given[tuple(row)] == target for row, target in zip(data.X, data.y, strict=True))


def test_a_callback_needs_one_method_only_and_no_base(problem):
    class Count:
        epochs = 0

        def on_epoch_end(self, run):
            self.epochs += 1

    class Inherited(Callback):
        loss = None

        def on_train_end(self, run):
            self.loss = run.loss

    count, inherited = Count(), Inherited()
    history = Trainer(**QUIET, callbacks=(count, inherited)).fit(problem.network(), problem.X, problem.y)
    assert count.epochs == 3
    assert inherited.loss == history["loss"][-1]


def test_what_a_callback_sees_is_true(problem):
    class Look:
        def on_batch_end(self, run):
            assert (run.steps, run.rows, run.epochs) == (3, 120, 3)
            assert run.updater.t == (run.epoch - 1) * 3 + run.step
            assert 0 < run.loss < 2

    Trainer(**QUIET, callbacks=[Look()]).fit(problem.network(), problem.X, problem.y)


def test_an_epoch_can_be_the_last(problem):
    class Enough:
        def on_epoch_end(self, run):
            if run.epoch == 2:
                run.stop, run.reason = True, "good enough"

    history = Trainer(**QUIET, callbacks=[Enough()]).fit(problem.network(), problem.X, problem.y)
    assert len(history) == 2
    assert history.ended == "good enough"


@pytest.mark.parametrize(("reason", "said"), [("", "ended by a callback"), (None, "ended by a callback"), (7, "7")])
def test_whatever_is_given_as_a_reason_is_a_sentence(problem, reason, said):
    class Enough:
        def on_epoch_end(self, run):
            run.stop, run.reason = True, reason

    history = Trainer(**QUIET, callbacks=[Enough()]).fit(problem.network(), problem.X, problem.y)
    assert history.ended == said


def test_a_batch_can_be_the_last(problem):
    class Enough:
        def on_batch_end(self, run):
            run.stop = (run.epoch, run.step) == (2, 2)

    network = problem.network()
    trainer = Trainer(**(QUIET | {"schedule": "linear", "learning_rate": 0.9}), callbacks=[Enough()])
    history = trainer.fit(network, problem.X, problem.y)
    assert len(history) == 2
    assert history.ended == "ended by a callback"
    assert history["learning_rate"][-1] == pytest.approx(0.9 * (1 - 4 / 9))  # of the step that was the last


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_training_can_end_before_it_begins(problem, optimizer):
    class Never:
        def on_train_begin(self, run):
            run.stop, run.reason = True, "not today"

    network = problem.network()
    before = network.parameters.copy()
    options = QUIET | {"optimizer": optimizer}
    history = Trainer(**options, callbacks=[Never()]).fit(network, problem.X, problem.y)
    assert (len(history), history.ended) == (0, "not today")
    assert network.parameters.tobytes() == before.tobytes()


def test_a_callback_may_change_the_network(problem):
    class Freeze:
        def on_batch_end(self, run):
            run.network["1.W"][...] = 0

    network = problem.network()
    Trainer(**QUIET, callbacks=[Freeze()]).fit(network, problem.X, problem.y)
    assert not network["1.W"].any()
    assert network["2.b"].any()


def test_a_broken_callback_is_not_hushed_up_and_the_end_is_told(problem):
    class Broken:
        def on_epoch_end(self, run):
            raise RuntimeError("my mistake")

    diary = Diary()
    with pytest.raises(RuntimeError, match="my mistake"):
        Trainer(**QUIET, callbacks=[diary, Broken()]).fit(problem.network(), problem.X, problem.y)
    assert diary.moments[-1][0] == "end"


# ---------------------------------------------------------------- interruption


class Interrupt:
    """As Ctrl-C would, in the middle of an epoch."""

    def __init__(self, epoch, step=2):
        self.at = epoch, step

    def on_batch_end(self, run):
        if (run.epoch, run.step) == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_an_interruption_keeps_the_best_weights(problem, optimizer):
    network, seen, diary = problem.network(), [], Diary()

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    scores = iter([1, 5, 2, 3, 4])
    callbacks = [Keep(), diary, Interrupt(4, 1)]
    trainer = Trainer(epochs=20, batch_size=40, optimizer=optimizer, callbacks=callbacks)
    history = trainer.fit(network, problem.X, problem.y, score=lambda *_: next(scores))
    assert history.ended == "interrupted"
    assert len(history) == 3
    assert history.best_epoch == 2
    assert network.parameters.tobytes() == seen[1].tobytes()
    assert diary.moments[-1][0] == "end"


def test_an_interruption_without_validation_keeps_the_last_weights(problem):
    network = problem.network()
    before = network.parameters.copy()
    history = Trainer(**QUIET, callbacks=[Interrupt(1)]).fit(network, problem.X, problem.y)
    assert (len(history), history.ended) == (0, "interrupted")
    assert np.isfinite(network.parameters).all()
    assert not np.array_equal(network.parameters, before)


def test_an_interruption_before_the_first_step_leaves_the_network_alone(problem):
    class Early:
        def on_train_begin(self, run):
            raise KeyboardInterrupt

    network = problem.network()
    before = network.parameters.copy()
    history = Trainer(**QUIET, callbacks=[Early()]).fit(network, problem.X, problem.y)
    assert (len(history), history.ended) == (0, "interrupted")
    assert network.parameters.tobytes() == before.tobytes()


def test_what_hears_of_nothing_is_no_callback(problem):
    for wrong, message in ((Diary, r"Create an instance: Diary\(\)"), (object(), "See glassnet.training.Callback")):
        with pytest.raises(InputTypeError, match=f"with one of the methods on_fit_begin, on_train_begin, .*{message}"):
            Trainer(callbacks=[wrong]).fit(problem.network(), problem.X, problem.y)


def test_a_callback_gets_an_estimator_whose_networks_are_decided_and_not_yet_trained():
    class Begin:
        def on_fit_begin(self, estimator):
            self.settings, self.units = estimator.settings_, [len(each.layers) for each in estimator.networks_]
            self.columns = [column.name for column in estimator.encoder_.columns]
            self.trained = hasattr(estimator, "history_")

    begin = Begin()
    options = {"hidden_layers": [2], "epochs": 1, "members": 2, "preset": "mlp", "random_state": 0}
    NeuralRegressor(**options, callbacks=[begin]).fit(np.arange(20.0).reshape(10, 2), np.arange(10.0))
    assert begin.settings["epochs"] == 1
    assert (begin.units, len(begin.columns), begin.trained) == ([2, 2], 2, False)
