"""Exact steps by several processes: the same bits as by one."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralNetwork
from glassnet.distributed.synchronous import SynchronousEngine
from glassnet.errors import DivergenceError, InputError
from tests.forks import PATIENCE

ROWS = 130
ROOT = Path(__file__).parents[2]


def data():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(ROWS, 4))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def trained(engine, dropout=0.2, optimizer="adam", **options):
    layers = ["tanh:8", *([f"dropout:{dropout}"] if dropout else []), 2]
    network = NeuralNetwork(4, layers, loss="cross_entropy", seed=5, engine=engine)
    settings = {"learning_rate": 0.01, "epochs": 3, "batch_size": 32} | options
    network.train(*data(), optimizer=optimizer, **settings)
    return network


class Meeting:
    """A communicator among threads: enough of MPI to see in one process that any number comes to the same bits."""

    def __init__(self, size):
        self.size, self.barrier, self.table = size, threading.Barrier(size, timeout=PATIENCE), [None] * size

    def of(self, rank):
        return Seat(self, rank)


class Seat:
    def __init__(self, meeting, rank):
        self.meeting, self.rank = meeting, rank

    def Get_rank(self):  # noqa: N802, as MPI calls it
        return self.rank

    def Get_size(self):  # noqa: N802
        return self.meeting.size

    def _heard(self, sent):
        self.meeting.table[self.rank] = np.array(sent)
        self.meeting.barrier.wait()
        table = [np.array(one) for one in self.meeting.table]
        self.meeting.barrier.wait()
        return table

    def Allgather(self, sent, received):  # noqa: N802
        received.reshape(-1)[...] = np.concatenate([one.reshape(-1) for one in self._heard(sent)])

    def Alltoall(self, sent, received):  # noqa: N802
        each = len(sent) // self.meeting.size
        parts = [one[self.rank * each : (self.rank + 1) * each] for one in self._heard(sent)]
        received[...] = np.stack(parts)


def by_threads(count, parts=4, **options):
    meeting, networks, errors = Meeting(count), [None] * count, [None] * count

    def work(rank):
        try:
            networks[rank] = trained(SynchronousEngine(meeting.of(rank), parts), **options)
        except Exception as error:
            errors[rank] = error

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return networks, errors


@pytest.mark.parametrize("count", [2, 4])
def test_any_number_of_processes_comes_to_the_same_bits(count):
    one = trained(SynchronousEngine(parts=4))
    networks, errors = by_threads(count)
    assert errors == [None] * count
    assert all((network.parameters == one.parameters).all() for network in networks)


def test_it_is_the_step_of_the_whole_batch_to_rounding():
    by_parts, whole = trained(SynchronousEngine(parts=4), dropout=0), trained("compiled", dropout=0)
    np.testing.assert_allclose(by_parts.parameters, whole.parameters, rtol=1e-9, atol=1e-12)


def test_what_diverges_is_said_by_all():
    _, errors = by_threads(2, optimizer="sgd", learning_rate=1e308)
    assert all(isinstance(error, DivergenceError) for error in errors)


def test_processes_that_are_not_alike_are_refused():
    meeting, errors = Meeting(2), []

    def work(rank):
        network = NeuralNetwork(4, [2], loss="cross_entropy", seed=rank, engine=SynchronousEngine(meeting.of(rank), 2))
        try:
            network.train(*data(), epochs=1)
        except InputError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 2
    assert "All processes must train the same network" in errors[0]


@pytest.mark.parametrize(("size", "parts"), [(1, 3), (3, 4), (4, 2)])
def test_numbers_that_make_no_tree_are_refused(size, parts):
    with pytest.raises(InputError):
        SynchronousEngine(Meeting(size).of(0), parts)


def test_layers_that_need_the_whole_batch_are_refused():
    network = NeuralNetwork(4, ["batch_norm", 2], loss="cross_entropy", engine=SynchronousEngine())
    with pytest.raises(InputError, match="averages over a batch"):
        network.train(*data(), epochs=1)


@pytest.mark.slow
def test_processes_of_mpi_come_to_the_bits_of_one():
    pytest.importorskip("mpi4py")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    if not mpiexec.exists():
        pytest.skip("no mpiexec beside this Python")
    command = [str(mpiexec), "-n", "2", sys.executable, "-m", "tests.distributed.synchronous_program"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=ROOT)
    told = re.findall("[0-9a-f]{64}", run.stdout)  # lines of several processes may run into each other
    one = trained(SynchronousEngine(parts=4))
    assert told == [hashlib.sha256(one.parameters.tobytes()).hexdigest()] * 2
