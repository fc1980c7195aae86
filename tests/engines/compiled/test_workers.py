"""Workers: the same numbers by any number of them, and how many are chosen."""

from __future__ import annotations

import faulthandler
import gc
import itertools
import os
import threading
from weakref import WeakSet

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.engines import Updater
from glassnet.engines.compiled import steps as engine_steps
from glassnet.engines.compiled import workers
from glassnet.engines.compiled.engine import CompiledEngine
from glassnet.engines.compiled.workers import LONG_WAIT, Pool, Team, WorkerTuner
from glassnet.errors import InputError
from tests.forks import PATIENCE

# -------------------------------------------------------------------------------------------------- workers


WORKERS = 3


def within_time(function):
    """What a function returns, or the error that it raises; a thread that hangs is a failed test and no more."""
    result = []

    def call():
        try:
            result.append(function())
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert result, "it hangs"
    return result[0]


class Interrupted:
    """An inbox at which a signal is heard: before or after what is put into it has arrived."""

    def __init__(self, inbox, after):
        self.inbox, self.after = inbox, after

    def put(self, task):
        if task is None:
            self.inbox.put(task)
            return
        if self.after:
            self.inbox.put(task)
        raise KeyboardInterrupt


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    return rng.normal(size=(90, 4)), rng.normal(size=90)


def steps_of(network, problem):
    X, y = problem
    updater = Updater(network.layout, "adam")
    return network.engine.training(network, X, y, None, 30, updater)


@pytest.mark.parametrize("which", range(WORKERS - 1))
@pytest.mark.parametrize("after", [False, True])
def test_an_interrupt_while_workers_are_started_changes_nothing_and_leaves_nobody_waiting(problem, which, after):
    network = NeuralNetwork(4, ["tanh:3", "batch_norm", 1], engine=CompiledEngine(workers=WORKERS))
    twin, order, rates = network.copy(), np.arange(90), [0.01] * 3
    with steps_of(network, problem) as steps, steps_of(twin, problem) as undisturbed:
        before = network.parameters.copy()
        steps.team.inboxes[which] = Interrupted(steps.team.inboxes[which], after)
        assert isinstance(within_time(lambda: steps(order, rates)), KeyboardInterrupt)
        np.testing.assert_array_equal(network.parameters, before)
        assert within_time(lambda: steps(order, rates)) == undisturbed(order, rates)
        np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("worker", range(WORKERS))
def test_a_worker_that_fails_takes_the_others_along(problem, worker, monkeypatch):
    network = NeuralNetwork(4, ["tanh:3", 1], engine=CompiledEngine(workers=WORKERS))
    with steps_of(network, problem) as steps:
        run, before = steps.run_worker, network.parameters.copy()

        def fail(number):
            if number == worker:
                raise MemoryError("no room")
            run(number)

        monkeypatch.setattr(steps, "run_worker", fail)
        assert isinstance(within_time(lambda: steps(np.arange(90), [0.01] * 3)), MemoryError)
        np.testing.assert_array_equal(network.parameters, before)


def test_threads_of_a_team_that_was_not_closed_end():
    """A signal may be heard between its start and whoever would have closed it."""
    team = Team(WORKERS)
    threads = team.threads
    del team
    gc.collect()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_training_goes_on_in_a_forked_process(problem):
    network = NeuralNetwork(4, ["tanh:3", 1], engine=CompiledEngine(workers=WORKERS))
    with steps_of(network, problem) as steps:
        steps(np.arange(90), [0.01] * 3)
        process = os.fork()
        if not process:
            faulthandler.dump_traceback_later(PATIENCE, exit=True)  # the workers have stayed behind
            try:
                steps(np.arange(90), [0.01] * 3)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(process, 0)[1] == 0


def test_trainings_of_one_process_share_the_processors(problem, monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 12)
    monkeypatch.setattr(workers, "active_trainings", WeakSet())
    monkeypatch.setattr(engine_steps, "active_trainings", workers.active_trainings)
    network = NeuralNetwork(4, ["tanh:3", 1], engine=CompiledEngine(workers=WORKERS))
    assert workers.fair_share(8) == 8
    with steps_of(network, problem), steps_of(network.copy(), problem), steps_of(network.copy(), problem):
        assert workers.fair_share(8) == 4
    assert workers.fair_share(8) == 8


def test_no_bit_depends_on_how_many_of_a_team_go_on(problem, monkeypatch):
    def trained(counts):
        class Now:
            turn = itertools.cycle(counts)

            def next(self):
                return next(self.turn), 1

            def record(self, workers, steps, seconds):
                pass

        now = Now()
        monkeypatch.setattr(engine_steps.Training, "tuner", lambda self: now)
        layers = ["tanh:33", "batch_norm", "dropout:0.2", 1]
        network = NeuralNetwork(4, layers, engine=CompiledEngine(workers=WORKERS))
        network.train(*problem, epochs=3, batch_size=40)
        return network.parameters.tobytes() + network.statistics.tobytes()

    assert trained([1]) == trained([2]) == trained([3, 1, 2])


@pytest.fixture
def one_more_thread(monkeypatch):
    """The system lets one more thread start, and then no other."""
    started, start = [], threading.Thread.start

    def limited(thread):
        if thread.name.startswith("glassnet"):
            if started:
                raise RuntimeError("can't start new thread")
            started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    return started


def test_a_thread_that_cannot_start_is_told_before_the_work(one_more_thread):
    with pytest.raises(InputError, match=r"must allow a thread for each worker\. Received: 3 workers: can't start"):
        Team(WORKERS)
    one_more_thread[0].join(PATIENCE)
    assert not one_more_thread[0].is_alive()


def test_where_no_thread_starts_the_parts_are_done_all_the_same(one_more_thread, monkeypatch):
    fresh = workers.ThreadPoolExecutor(4, "glassnet")
    monkeypatch.setattr(workers, "_threads", lambda: fresh)
    done = []
    within_time(lambda: Pool(5).work(done.append))
    assert sorted(done) == list(range(5))
    fresh.shutdown()


def test_threads_of_a_team_end_with_it():
    team = Team(WORKERS)
    threads = list(team.threads)
    seen = []
    team.work(seen.append)
    assert sorted(seen) == list(range(WORKERS))
    team.close()
    assert not any(thread.is_alive() for thread in threads)


# --------------------------------------------------------------------------------------------- worker tuner


def trained(tuner, stretches, seconds):
    """So many stretches on a machine where a step takes so long, by the number of workers; the steps of each number."""
    made = {1: 0, tuner.most: 0}
    for _ in range(stretches):
        workers, steps = tuner.next()
        tuner.record(workers, steps, steps * seconds[workers])
        made[workers] += steps
    return made


def test_a_slow_beginning_is_soon_forgotten():
    tuner = WorkerTuner(2, 60_000_000, fixed=False)
    trained(tuner, tuner.trials, {1: 1.0, 2: 1.0})
    assert tuner.best == 1
    trained(tuner, 5, {1: 1.0, 2: 0.6})
    assert tuner.best == 2


def test_company_takes_a_worker_away_and_gives_it_back():
    tuner = WorkerTuner(2, 2_000_000, fixed=False)
    idle, busy = {1: 1.0, 2: 0.6}, {1: 1.2, 2: 10.0}
    trained(tuner, 100, idle)
    assert tuner.best == 2
    trained(tuner, 3, busy)
    assert tuner.best == 1
    trained(tuner, LONG_WAIT + 1, idle)
    assert tuner.best == 2


def test_nearly_all_steps_are_made_by_the_faster():
    made = trained(WorkerTuner(2, 2_000_000, fixed=False), 400, {1: 1.0, 2: 10.0})
    assert made[2] < made[1] / 200


def test_looks_at_large_steps_take_no_more_of_them_than_looks_at_small_ones():
    for work in (2_000_000, 60_000_000, 450_000_000):
        tuner = WorkerTuner(2, work, fixed=False)
        made = trained(tuner, 400, {1: 2.0, 2: 1.0})
        assert made[1] < made[2] / 100
