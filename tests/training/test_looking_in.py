"""Who looks in on a training, and how often: each batch if asked for, else by the clock, and never to its bits."""

from __future__ import annotations

import math

import pytest

from glassnet import Callback, NeuralClassifier, Trainer
from glassnet.engines.compiled import steps as engine
from glassnet.engines.compiled import workers
from glassnet.estimators.members import Stop
from glassnet.training import callbacks
from glassnet.tuning.trial import Criterion, TrialMonitor

QUIET = {"epochs": 3, "batch_size": 40, "validation_fraction": 0, "early_stopping": False}


class Looks:
    """Notes where a training is when it looks in."""

    def __init__(self):
        self.seen = []

    def on_progress(self, run):
        self.seen.append((run.epoch, run.step))


@pytest.fixture
def short_stretches(monkeypatch):
    """The engine comes back after two steps, and whoever looks in by the clock finds it is time."""
    monkeypatch.setattr(workers, "STEPS_PER_CALL", 2)
    monkeypatch.setattr(callbacks, "LIVE", 0.0)


@pytest.fixture
def returns(monkeypatch):
    """How often training steps came back to Python."""
    times, drive = [], engine.Training.drive
    monkeypatch.setattr(engine.Training, "drive", lambda self, *what: times.append(1) or drive(self, *what))
    return times


def test_a_look_comes_where_the_engine_comes_back_and_it_is_time(problem, short_stretches):
    looks = Looks()
    Trainer(**QUIET, callbacks=[looks]).fit(problem.network(), problem.X, problem.y)
    assert looks.seen == [(epoch, step) for epoch in (1, 2, 3) for step in (2, 3)]


def test_no_look_comes_before_it_is_time(problem, short_stretches, monkeypatch):
    monkeypatch.setattr(callbacks, "LIVE", math.inf)
    looks = Looks()
    Trainer(**QUIET, callbacks=[looks]).fit(problem.network(), problem.X, problem.y)
    assert looks.seen == []


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_look_can_end_a_training(problem, short_stretches, optimizer):
    class Enough:
        def on_progress(self, run):
            run.stop, run.reason = True, "seen enough"

    options = QUIET | {"optimizer": optimizer, "callbacks": [Enough()]}
    history = Trainer(**options).fit(problem.network(), problem.X, problem.y)
    assert (len(history), history.ended) == (1, "seen enough")


def test_whoever_watches_changes_no_bit(problem, monkeypatch):
    """Neither of the parameters nor of the losses, which are sums over stretches of steps, and may decide the rate."""

    class EachBatch:
        def on_batch_end(self, run):
            pass

    found = set()
    for stretch, watching in ((10**6, []), (2, [Looks()]), (3, [Looks()]), (10**6, [EachBatch()])):
        monkeypatch.setattr(workers, "STEPS_PER_CALL", stretch)
        monkeypatch.setattr(callbacks, "LIVE", 0.0)
        network = problem.network()
        trainer = Trainer(**QUIET | {"batch_size": 7}, callbacks=watching)
        losses = trainer.fit(network, problem.X, problem.y)["loss"]
        found.add((tuple(losses), network.parameters.tobytes()))
    assert len(found) == 1


@pytest.mark.parametrize("members", [1, 2])
def test_an_estimators_epoch_is_one_stretch_of_steps(problem, returns, members):
    class AtEpochs(Callback):
        every_member = True

        def on_epoch_end(self, run):
            pass

    options = {"members": members, "epochs": 2, "batch_size": 16, "random_state": 0}
    NeuralClassifier(preset="mlp", **options, callbacks=[AtEpochs()]).fit(problem.X, problem.y)
    assert len(returns) == members * 2


def test_a_progress_bar_and_a_view_ask_for_no_batch(problem, returns):
    from glassnet.insight.recorder import Recorder
    from glassnet.training.progress_display import LiveView

    trainer = Trainer(**QUIET, verbose=True, callbacks=[LiveView(), Recorder()])
    trainer.fit(problem.network(), problem.X, problem.y)
    assert len(returns) == 3


def test_members_that_shall_stop_do_so_within_an_epoch(problem, short_stretches):
    stop = Stop()
    network = problem.network()
    trainer = Trainer(**QUIET, callbacks=[stop])
    updater = trainer.updater(network)
    stop.event.set()
    history = trainer.fit(network, problem.X, problem.y, updater=updater)
    assert (updater.t, history.ended) == (2, "interrupted")


def test_a_trial_ends_within_an_epoch_when_the_search_is_over(problem, short_stretches):
    watch = TrialMonitor(Criterion.of(None), 1, [], None, over=lambda: True)
    network = problem.network()
    trainer = Trainer(**QUIET | {"epochs": 1}, callbacks=watch.callbacks)
    updater = trainer.updater(network)
    history = trainer.fit(network, problem.X, problem.y, updater=updater)
    assert (updater.t, history.ended, watch.state) == (2, "unfinished", "unfinished")


def test_a_trial_that_goes_on_leaves_it_to_others_to_end_it(problem):
    class Enough:
        def on_epoch_end(self, run):
            run.stop, run.reason = True, "good enough"

    watch = TrialMonitor(Criterion.of(None), 3, [], None)
    trainer = Trainer(**QUIET, callbacks=[Enough(), *watch.callbacks])
    assert trainer.fit(problem.network(), problem.X, problem.y).ended == "good enough"
