"""What is being trained is trained by one call, and asked by nobody else; afterwards nothing is left of it."""

from __future__ import annotations

import copy
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, Neuron, Trainer
from glassnet.distributed.round_trainer import RoundTrainer
from glassnet.errors import DivergenceError, InputError
from glassnet.support.training_lock import locked_for_training
from glassnet.training import Callback, Rows

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
QUICK = {"preset": "mlp", "hidden_layers": 4, "epochs": 2, "random_state": 0}
SECOND = "Only one call at a time may train a {}. Received: a second one. Train a copy in each thread"
ASKED = "A {} must not be used while another call trains it. Received: a call of another thread"


class Waits(Callback):
    """Stands still in the first epoch until it is told to go on; nothing of it is in a copy."""

    def __init__(self, go_on=None):
        self.there, self.go_on = threading.Event(), threading.Event()

    def on_epoch_end(self, run):
        self.there.set()
        assert self.go_on.wait(60)

    def __reduce__(self):
        return Callback, ()

    def __deepcopy__(self, memo):
        return Callback()


@pytest.fixture
def trained():
    """An estimator that another thread is training."""
    waits = Waits()
    model = NeuralClassifier(**QUICK, callbacks=[waits])
    thread = threading.Thread(target=model.fit, args=(X, Y))
    thread.start()
    assert waits.there.wait(60)
    yield model
    waits.go_on.set()
    thread.join()
    model.set_params(callbacks=None)
    assert np.array_equal(model.predict(X), NeuralClassifier(**QUICK).fit(X, Y).predict(X))
    model.fit(X, Y)  # it is free again


@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_a_second_call_that_trains_an_estimator_is_refused(trained, call):
    with pytest.raises(InputError, match=SECOND.format("NeuralClassifier")):
        getattr(trained, call)(X, Y)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.predict(X),
        lambda model: model.predict_proba(X),
        lambda model: model.evaluate(X, Y),
        lambda model: model.prune(1, X, Y),
        lambda model: model.conformalize(X, Y),
        lambda model: model.network_,
    ],
)
def test_an_estimator_is_not_asked_by_another_thread(trained, ask):
    vars(trained).update(vars(NeuralClassifier(**QUICK).fit(X, Y)))  # as of an earlier fit, or a warm start
    with pytest.raises(InputError, match=ASKED.format("NeuralClassifier")):
        ask(trained)


@pytest.mark.parametrize("other", [clone, copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_what_is_trained_is_free(trained, other):
    model = other(trained).set_params(callbacks=None)
    assert len(model.fit(X, Y).predict(X)) == len(X)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_is_free(trained):
    child = os.fork()
    if child == 0:
        try:
            with locked_for_training(trained):
                os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    "train", [lambda net: net.train(X, Y, epochs=1), lambda net: net.train(X, Y, optimizer="lbfgs")]
)
def test_a_second_call_that_trains_a_network_is_refused(train):
    waits, network = Waits(), NeuralNetwork(2, [1])
    thread = threading.Thread(target=Trainer(epochs=1, callbacks=[waits]).fit, args=(network, X, Y))
    thread.start()
    assert waits.there.wait(60)
    for call in (train, lambda net: Trainer().fit(net, X, Y)):
        with pytest.raises(InputError, match=SECOND.format("NeuralNetwork")):
            call(network)
    waits.go_on.set()
    thread.join()
    train(network)


@pytest.mark.parametrize(
    ("thing", "call"),
    [
        (Neuron(2), lambda neuron: neuron.train(X, Y)),
        (RoundTrainer(), lambda trainer: trainer.fit_shards(NeuralNetwork(2, [1]), None, Rows(X, Y, None))),
    ],
    ids=["Neuron", "RoundTrainer"],
)
def test_what_else_has_a_state_of_training_is_trained_by_one_call(thing, call):
    with locked_for_training(thing), pytest.raises(InputError, match=SECOND.format(type(thing).__name__)):
        call(thing)


def test_one_state_of_an_optimizer_serves_one_training():
    network, trainer = NeuralNetwork(2, [1]), Trainer(epochs=1)
    updater = trainer.updater(network)
    with locked_for_training(updater), pytest.raises(InputError, match=SECOND.format("Updater")):
        trainer.fit(network, X, Y, updater=updater)
    trainer.fit(network, X, Y, updater=updater)


def test_members_ask_the_estimator_that_trains_them_from_their_own_threads():
    class Asks(Callback):
        every_member = True
        answers: list[int] = []  # noqa: RUF012

        def on_epoch_end(self, run):
            self.answers.append(len(model.predict(X)))

    model = NeuralRegressor(**QUICK | {"members": 4, "warm_start": True}).fit(X, Y)
    model.set_params(callbacks=[Asks()]).fit(X, Y)
    assert Asks.answers == [len(X)] * 8


def test_a_training_that_fails_leaves_nothing_behind():
    network, before = NeuralNetwork(2, [1]), X * 1e200
    for _ in range(2):
        with pytest.raises(DivergenceError), np.errstate(all="ignore"):
            network.train(before, Y, learning_rate=1e300, optimizer="sgd")


@pytest.mark.slow
def test_eight_threads_that_fit_one_estimator_give_the_network_of_one():
    expected = NeuralClassifier(**QUICK).fit(X, Y).predict_proba(X)
    for _ in range(10):
        model = NeuralClassifier(**QUICK)
        with ThreadPoolExecutor(8) as pool:
            ended = [pool.submit(model.fit, X, Y) for _ in range(8)]
        errors = [str(each.exception()) for each in ended if each.exception()]
        assert all(SECOND.format("NeuralClassifier") in error for error in errors)
        assert np.array_equal(model.predict_proba(X), expected)
