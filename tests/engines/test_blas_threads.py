"""A step takes one BLAS thread, and the limit ends with the steps that needed it."""

from __future__ import annotations

import contextlib
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from glassnet import NeuralNetwork
from glassnet.engines.blas_threads import one_blas_thread


def threads():
    """Of the BLAS that NumPy multiplies with; SciPy brings another one, which no step calls."""
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return [pool["num_threads"] for pool in blas if "numpy" in pool["filepath"]]


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def test_within_it_there_is_one_thread_and_afterwards_what_there_was():
    before = threads()
    assert set(before) == {2}
    with one_blas_thread():
        assert set(threads()) == {1}
    assert threads() == before


def test_it_holds_for_trainings_in_other_threads_too():
    before, seen = threads(), []

    def work():
        with one_blas_thread():
            seen.append(threads())

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert set(seen[0]) == {1}
    assert threads() == before


def test_the_limit_lasts_until_the_last_training_is_done():
    before = threads()
    with contextlib.ExitStack() as last:
        with one_blas_thread():
            last.enter_context(one_blas_thread())
        assert set(threads()) == {1}
    assert threads() == before


def test_the_limit_ends_with_an_error_too():
    before = threads()
    with pytest.raises(RuntimeError, match="stop"), one_blas_thread():
        raise RuntimeError("stop")
    assert threads() == before


def test_the_same_seed_gives_the_same_bits_whatever_the_number_of_threads():
    X, y = np.random.default_rng(0).normal(size=(300, 40)), np.arange(300) % 3
    ends = []
    for count in (1, 2):
        with threadpool_limits(count, user_api="blas"):
            network = NeuralNetwork(40, [64, 3], loss="cross_entropy", dtype="float32")
            network.train(X, y, epochs=3)
            ends.append(network.parameters.tobytes())
    assert ends[0] == ends[1]
