"""A lowered network is used again by all networks of its layers, loss and optimizer, and by no others."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import Activation, Dense, NeuralNetwork, Residual
from glassnet.engines import CompiledEngine, Updater
from glassnet.engines.compiled import prediction, reuse, steps, workers
from glassnet.formulas.activations import ACTIVATIONS

LAYERS = ["tanh:8", "batch_norm", Residual([Dense(8, "gelu")]), "dropout:0.1", 2]
X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, :2] ** 2


@pytest.fixture(autouse=True)
def nothing_lowered(monkeypatch):
    monkeypatch.setattr(reuse, "_lowered", {})


def trained(layers=LAYERS, **options):
    network = NeuralNetwork(3, layers)
    network.train(X, Y, epochs=2, **options)
    return network.parameters


def test_a_second_training_lowers_nothing_and_has_the_same_bits(monkeypatch):
    first = trained()
    monkeypatch.setattr(steps, "lower_layers", None)
    monkeypatch.setattr(prediction, "lower_layers", None)
    np.testing.assert_array_equal(trained(), first)


@pytest.mark.parametrize(
    "options",
    [{"optimizer": "momentum"}, {"optimizer": "adam(beta1=0.5)"}, {"weight_decay": 0.5}, {"batch_size": 7}],
    ids=str,
)
def test_what_was_trained_before_changes_no_bit(options, monkeypatch):
    alone = trained(**options)
    monkeypatch.setattr(reuse, "_lowered", {})
    trained()
    np.testing.assert_array_equal(trained(**options), alone)


def test_the_search_and_the_evaluation_are_not_the_training():
    engine, network = CompiledEngine(), NeuralNetwork(3, LAYERS)
    with engine.training(network, X, Y, None, len(X), Updater(network.layout)), engine.objective(network, X, Y, None):
        engine.evaluation(network, X, Y, None)
    assert len(reuse._lowered) == 3


def test_limits_of_parameters_are_those_of_the_network_that_is_trained():
    """They are other arrays in each network, of which the table has the addresses."""

    def rising():
        network = NeuralNetwork(3, ["tanh:4", 2], monotone=[1, 1, 1])
        network.train(X, -Y, epochs=3, learning_rate=0.1)
        return network.parameters

    np.testing.assert_array_equal(rising(), rising())


def test_signs_of_zeros_tell_formulas_apart():
    positive, negative = (ACTIVATIONS.get("leaky_relu", slope=zero) for zero in (0.0, -0.0))
    assert positive != negative
    assert positive == replace(negative, parameters=(("slope", 0.0),))


def test_a_formula_of_somebody_else_is_lowered_each_time():
    own = Activation("own", lambda z: np.tanh(z), lambda z, a: 1 - a * a)
    trained([Dense(4, own), 2])
    assert not reuse._lowered


def test_as_many_as_are_kept(monkeypatch):
    monkeypatch.setattr(reuse, "MOST_LOWERED", 3)
    for units in range(1, 6):
        trained([units, 2])
    assert len(reuse._lowered) == 3


def test_one_worker_needs_no_barrier(monkeypatch):
    monkeypatch.setattr(workers, "Barrier", None)
    trained()


class Making:
    """Something that takes a moment to make, and says how often it was made."""

    def __init__(self):
        self.times, self.begun, self.may_end = 0, threading.Event(), threading.Event()

    def __call__(self):
        self.times += 1
        self.begun.set()
        self.may_end.wait(30)
        return SimpleNamespace(reusable=True)


@pytest.fixture(params=["once", "reused"])
def use(request, monkeypatch):
    """Each function that keeps what it has made."""
    monkeypatch.setattr(reuse, "_known", {})
    return getattr(reuse, request.param)


def test_of_threads_that_need_the_same_at_the_same_moment_one_makes_it(use):
    making = Making()
    with ThreadPoolExecutor(3) as threads:
        found = [threads.submit(use, making, "the same") for _ in range(3)]
        making.begun.wait(30)
        time.sleep(0.02)  # the others begin, too
        making.may_end.set()
        assert len({id(one.result()) for one in found}) == 1
    assert making.times == 1


def test_threads_that_need_different_things_do_not_wait_for_each_other(use):
    making = Making()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(use, making, "one")
        making.begun.wait(30)
        assert use(lambda: SimpleNamespace(reusable=True), "the other") is not None
        making.may_end.set()
        first.result()


def test_what_failed_in_one_thread_is_made_by_the_next(use):
    with pytest.raises(ZeroDivisionError):
        use(lambda: 1 / 0, "the same")
    made = SimpleNamespace(reusable=True)
    assert use(lambda: made, "the same") is made


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_a_thread_that_it_does_not_have(use):
    making = Making()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(use, making, "the same")
        making.begun.wait(30)
        child = os.fork()
        if not child:
            threading.Timer(20, os._exit, [1]).start()
            use(lambda: SimpleNamespace(reusable=True), "the same")
            os._exit(0)
        making.may_end.set()
        first.result()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
