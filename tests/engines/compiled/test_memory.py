"""One door from arrays to addresses: whatever an array looks like, kernels read what is in it, or it is refused."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from scipy import sparse

from glassnet import NeuralNetwork
from glassnet.engines.compiled.engine import CACHED, CompiledEngine
from glassnet.engines.compiled.memory import address
from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError, InputTypeError

ROWS, COLUMNS = 600, 5
"""More rows than one block, so that no table is copied on the way."""


@pytest.fixture(scope="module")
def network():
    return NeuralNetwork(COLUMNS, ["tanh:4", 1], dtype="float32")


@pytest.fixture(scope="module")
def table():
    return np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype(np.float32)


def packed(values, dtype):
    """As a field of packed records: their numbers lie at odd places."""
    records = np.zeros(len(values), np.dtype([("mark", "u1"), ("values", dtype, values.shape[1:])]))
    records["values"] = values
    return records["values"]


LAYOUTS = {
    "columns": np.asfortranarray,
    "columns reversed": lambda X: np.ascontiguousarray(X[:, ::-1])[:, ::-1],
    "rows reversed": lambda X: np.ascontiguousarray(X[::-1])[::-1],
    "both reversed": lambda X: np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1],
    "every other": lambda X: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[::2, ::3],
    "reversed columns by columns": lambda X: np.asfortranarray(X[:, ::-1])[:, ::-1],
    "packed records": lambda X: packed(X, X.dtype),
    "one number for all": lambda X: np.broadcast_to(X[:1, :1], X.shape),
    "swapped bytes": lambda X: X.astype(X.dtype.newbyteorder()),
    "read-only": lambda X: np.frombuffer(X.tobytes(), X.dtype).reshape(X.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_same_predictions_and_training(layout, network, table):
    X, y = LAYOUTS[layout](table), np.arange(ROWS, dtype=np.float32) % 3
    plain = np.array(X, np.float32, order="C")
    np.testing.assert_array_equal(network.predict(X), network.predict(plain))
    trained = [network.copy(), network.copy()]
    for one, rows in zip(trained, (X, plain), strict=True):
        one.train(rows, y[::-1] if rows is X else np.ascontiguousarray(y[::-1]), epochs=1, batch_size=64)
    np.testing.assert_array_equal(trained[0].parameters, trained[1].parameters)


def test_indices_of_two_types_are_brought_together(network, table):
    X = sparse.csr_array(table * (table > 0))
    expected = network.predict(X)
    X.indptr = X.indptr.astype(np.int64)
    np.testing.assert_array_equal(network.predict(X), expected)
    X.indices, X.data = (np.repeat(part, 2)[::2] for part in (X.indices, X.data))
    np.testing.assert_array_equal(network.predict(X), expected)


def malformed(part, place, value):
    X = sparse.csr_array(np.eye(COLUMNS, dtype=np.float32))
    getattr(X, part)[place] = value
    return X


@pytest.mark.parametrize(
    ("part", "place", "value"), [("indices", 2, 10**6), ("indices", 2, -7), ("indptr", 3, 10**6), ("indptr", 2, -1)]
)
def test_a_malformed_sparse_table_is_refused(part, place, value, network):
    with pytest.raises(InputError, match="A sparse table must have an index of a column for each number"):
        network.predict(malformed(part, place, value))


# ------------------------------------------------------------ its own numbers


def test_parameters_with_gaps_are_copied_and_others_are_used_as_they_are(network, table):
    twin, expected = network.copy(), network.predict(table)
    own = network.parameters.copy()
    twin.parameters = own
    assert twin.parameters is own
    twin.parameters = np.repeat(own, 2)[::2]
    np.testing.assert_array_equal(twin.predict(table), expected)
    twin.train(table, table[:, 0], epochs=1)
    assert not np.array_equal(twin.parameters, own)


@pytest.mark.parametrize("wrong", [np.zeros(3, np.float32), np.zeros((5, 5)), [1, 2], "text", np.zeros(29, int)])
def test_parameters_of_another_shape_or_type_are_refused(wrong, network):
    with pytest.raises(InputError, match="`parameters` of this network must be an array of shape"):
        network.copy().parameters = wrong


@pytest.mark.parametrize("name", ["statistics", "slots"])
def test_what_lies_beside_the_parameters_is_looked_at_too(name, table):
    from glassnet.engines import Updater

    network = NeuralNetwork(COLUMNS, [3, "batch_norm", 1], dtype="float32")
    updater = Updater(network.layout, "momentum", dtype=np.float32)
    if name == "statistics":
        network.statistics = network.statistics.astype(np.float64)
    else:
        updater.slots["b"] = updater.slots["b"][:-1]
    y = np.zeros(ROWS)
    with (
        network.engine.training(network, table, y, None, 32, updater) as steps,
        pytest.raises(InputTypeError, match="An engine needs"),
    ):
        steps(np.arange(ROWS), [0.1] * 19)


def test_the_door_refuses_gaps_and_other_sizes():
    assert address(np.zeros(3)[:2]) > 0
    for wrong in (np.zeros(6)[::2], packed(np.zeros((2, 1)), np.float64)[:, 0]):
        with pytest.raises(InputTypeError, match="with gaps between them"):
            address(wrong)
    with pytest.raises(InputTypeError, match="needs 4 numbers of type float64"):
        address(np.zeros(3), np.dtype(np.float64), 4)


# --------------------------------------------------------- who is kept alive


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, ROWS])
def test_nothing_is_kept_after_a_prediction(rows):
    network = NeuralNetwork(COLUMNS, ["tanh:4", 1], dtype="float32")
    X = np.ones((rows, COLUMNS), np.float32)
    output = network.predict(X)
    engine = network.engine
    alive = [weakref.ref(array) for array in (X, output, network.parameters)]
    del X, output, network
    gc.collect()
    assert [one() for one in alive] == [None, None, None]
    assert engine._predictions  # what is kept is ready for the next one


def test_new_parameters_at_the_place_of_old_ones_are_found():
    network = NeuralNetwork(COLUMNS, [1], dtype="float32")
    X = np.ones((3, COLUMNS), np.float32)
    for value in range(5):
        network.parameters = np.full(network.layout.size, value, np.float32)
        np.testing.assert_array_equal(network.predict(X), np.full((3, 1), 6 * value))


def test_many_threads_leave_few_buffers_and_no_threads_behind(network, table):
    engine = CompiledEngine(workers=3)
    large = NeuralNetwork(COLUMNS, ["tanh:200", "tanh:200", 1], dtype="float32", engine=engine)
    expected, before = large.predict(table), set(threading.enumerate())
    answers, start = [], threading.Barrier(12)

    def ask():
        start.wait()
        answers.extend(large.predict(table) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 36
    assert all(np.array_equal(answer, expected) for answer in answers)
    assert len(engine._predictions) <= CACHED
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("glassnet") and thread not in before]
    assert len(ours) < cores()  # the pool's, which the process has once
