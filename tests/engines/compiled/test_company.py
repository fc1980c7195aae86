"""The compiled engine in company: threads, processes, signals, and a thousand epochs."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from glassnet import Dropout, NeuralNetwork, Trainer
from glassnet.engines import CompiledEngine, Updater
from tests.forks import PATIENCE

LAYERS = ["tanh:16", Dropout(0.3), "relu:8", 3]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(400, 5)).astype(np.float32), rng.integers(0, 3, 400)


def trained(seed, data, workers=1, epochs=20):
    engine = workers if isinstance(workers, CompiledEngine) else CompiledEngine(workers)
    network = NeuralNetwork(5, LAYERS, loss="cross_entropy", dtype="float32", seed=seed, engine=engine)
    losses = network.train(*data, epochs=epochs, batch_size=32)
    return losses, network.parameters.tobytes(), network.forward(data[0]).tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_trainings_at_once_in_threads_do_not_disturb_each_other(data, workers):
    alone = [trained(seed, data, workers) for seed in range(6)]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda seed: trained(seed, data, workers), range(6)))
    assert alone == together


def test_a_network_predicts_in_several_threads_at_once():
    rng = np.random.default_rng(0)
    network = NeuralNetwork(200, ["relu:300", "tanh:300", 7], dtype="float32", engine=CompiledEngine(2))
    tables = [rng.normal(size=(rows, 200)).astype(np.float32) for rows in (1, 300, 1000, 5000)]
    alone = [network.forward(X) for X in tables]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            for one, other in zip(alone, threads.map(network.forward, tables), strict=True):
                np.testing.assert_array_equal(one, other)


def test_one_row_gives_what_it_gives_among_many():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 20))
    network = NeuralNetwork(20, ["relu:30", 2])
    many = network.forward(X)
    for row in (0, 255, 256, 999):
        np.testing.assert_allclose(network.forward(X[row : row + 1])[0], many[row], rtol=1e-12)
    assert network.forward(X[:0]).shape == (0, 2)


def _predict(network, X, queue):
    queue.put(network.forward(X))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_predicts_with_threads_of_its_own():
    X = np.random.default_rng(0).normal(size=(20000, 100)).astype(np.float32)
    network = NeuralNetwork(100, ["relu:200", 2], dtype="float32", engine=CompiledEngine(2))
    expected = network.forward(X)
    context = get_context("fork")
    queue = context.Queue()
    process = context.Process(target=_predict, args=(network, X, queue))
    process.start()
    np.testing.assert_array_equal(queue.get(timeout=PATIENCE), expected)
    process.join()


@pytest.fixture
def ctrl_c():
    """Ctrl-C interrupts, even in a process that was started with it ignored, as those in the background are."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_is_heard_within_an_epoch_and_what_was_learned_stays(workers):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200_000, 64)).astype(np.float32)
    y = rng.integers(0, 3, len(X))
    network = NeuralNetwork(
        64,
        ["relu:256", "relu:256", "relu:256", 3],
        loss="cross_entropy",
        dtype="float32",
        engine=CompiledEngine(workers),
    )
    before = network.parameters.copy()
    updater = Updater(network.layout, "adam", dtype="float32")

    def interrupt():
        while updater.t == 0 and threading.main_thread().is_alive():  # until then kernels may be compiled
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Thread(target=interrupt)
    timer.start()
    history = Trainer(batch_size=64, epochs=1000, validation_fraction=0).fit(network, X, y, updater=updater)
    timer.join()
    assert history.ended == "interrupted"
    assert 0 < updater.t < 200_000 / 64, "it went on to the end of the epoch"
    assert np.isfinite(network.parameters).all()
    assert (network.parameters != before).any()


THOUSAND_EPOCHS = """
import os, sys
from pathlib import Path
import numpy as np
from glassnet import Dropout, NeuralNetwork, Trainer
from glassnet.engines import CompiledEngine

rng = np.random.default_rng(0)
X, y = rng.normal(size=(256, 50)).astype(np.float32), rng.integers(0, 3, 256)
options = {"loss": "cross_entropy", "dtype": "float32", "engine": CompiledEngine(int(sys.argv[1]))}
network = NeuralNetwork(50, ["relu:128", Dropout(0.2), "tanh:128", 3], **options)
trainer = Trainer(batch_size=128, epochs=100, early_stopping=False, validation_fraction=0.2)

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

trainer.fit(network, X, y)
grown = []
for _ in range(3):
    start = resident()
    for _ in range(4):
        trainer.fit(network, X, y)
        network.forward(X)
    grown.append(resident() - start)
print(min(grown))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the memory from /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_thousand_epochs_leave_no_memory_behind(workers, forks):
    """In a process of their own: what others leave in the tests' own is not theirs.

    A leak grows in every third of them; room that the allocator opens for a thread once does not.
    """
    run = forks.run("-c", THOUSAND_EPOCHS, workers)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 1_600_000


def test_networks_of_one_build_share_what_was_set_up_and_nothing_else():
    engine, rng = CompiledEngine(1), np.random.default_rng(0)
    small, large = rng.normal(size=(300, 3)), rng.normal(size=(300, 4))
    networks = [NeuralNetwork(inputs, [5, 2], "mse", seed=seed, engine=engine) for seed, inputs in enumerate([3, 3, 4])]
    asked = [(networks[0], small), (networks[1], small), (networks[2], large), (networks[0], small[:2])]
    for network, X in asked:
        alone = network.copy()
        alone.engine = CompiledEngine(1)
        np.testing.assert_array_equal(network.forward(X), alone.forward(X))


class Counting(CompiledEngine):
    """An engine of somebody's own, with what it knows."""

    def __init__(self, workers=None):
        super().__init__(workers)
        self.trainings = 0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda engine: pickle.loads(pickle.dumps(engine))])
def test_an_engine_of_somebodys_own_is_copied_as_what_it_is(data, copied):
    engine = Counting(2)
    engine.trainings = 3
    NeuralNetwork(5, LAYERS, dtype="float32", engine=engine).predict(data[0])  # buffers, which no copy has
    found = copied(engine)
    assert (type(found), found.workers, found.trainings) == (Counting, 2, 3)
    assert trained(0, data, found)[1] == trained(0, data)[1]
