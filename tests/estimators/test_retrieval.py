"""Members that answer by retrieval: never by the row itself, by all others that they have learned from."""

from __future__ import annotations

import functools
import hashlib

import numpy as np
import pytest
from llvmlite import binding as llvm

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor, Recorder, Trainer
from glassnet.engines import CompiledEngine, ReferenceEngine, Updater, get_engine
from glassnet.errors import InputError
from glassnet.estimators import learning, retrieval
from glassnet.estimators.retrieval import LeaveOneOut
from glassnet.formulas.retrieval import offsets, shares_of_others, shares_of_others_backward
from glassnet.layers import Pass, Retrieval
from glassnet.network import NeuralNetwork
from glassnet.training import Callback, Rows
from tests.engines.compiled.test_bits import NEEDS, WIDEST, said
from tests.gradient import assert_close, numerical_gradient

QUICK = {"preset": "retrieval", "epochs": 3, "members": 2, "hidden_layers": ("identity:4",), "random_state": 0}


@pytest.fixture(scope="module")
def table():
    """Spots on a plane whose class changes from square to square; no two rows are alike."""
    X = np.random.default_rng(0).uniform(0, 4, (400, 2))
    return X, np.floor(X).sum(axis=1) % 2


def test_a_row_does_not_answer_itself():
    embedded = np.random.default_rng(0).normal(size=(6, 3))
    shares = shares_of_others(embedded)
    distances = ((embedded[:, None] - embedded) ** 2).sum(axis=2)
    expected = np.where(np.eye(6), 0, np.exp(-distances))
    np.testing.assert_allclose(shares, expected / expected.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_row_of_weight_2_is_two_rows_and_one_of_weight_0_is_none():
    embedded = np.array([[0.0], [1.0], [3.0], [5.0]])
    weighted = shares_of_others(embedded, np.array([1.0, 2.0, 1.0, 0.0]))
    twice = shares_of_others(np.array([[0.0], [1.0], [1.0], [3.0]]))
    np.testing.assert_allclose(weighted[0], [0, twice[0, 1] + twice[0, 2], twice[0, 3], 0])


@pytest.mark.parametrize("asked", [2, 5])
def test_the_gradient_of_the_shares_is_their_slope(asked):
    rng = np.random.default_rng(0)
    embedded, d_shares, weight = rng.normal(size=(5, 2)), rng.normal(size=(asked, 5)), rng.uniform(0.5, 2, 5)

    def measure(numbers):
        return float(np.sum(d_shares * shares_of_others(numbers, weight, asked)))

    d_embedded = shares_of_others_backward(embedded, shares_of_others(embedded, weight, asked), d_shares)
    assert_close(d_embedded, numerical_gradient(measure, embedded), "embedded")


@pytest.mark.parametrize(
    ("loss", "response", "units"),
    [
        ("mse", "identity", 1),
        ("poisson", "exp", 1),
        ("binary_cross_entropy", "sigmoid", 1),
        ("cross_entropy", "softmax", 3),
    ],
)
def test_the_gradient_of_a_step_is_the_slope_of_its_loss(loss, response, units):
    rng = np.random.default_rng(0)
    X, weight = rng.normal(size=(9, 2)), rng.uniform(0.5, 2, 9)
    y = rng.uniform(size=9) if loss in ("mse", "poisson") else np.arange(9) % max(2, units)
    engine = LeaveOneOut(Rows(X, y, weight), ReferenceEngine(), 0)
    network = NeuralNetwork(2, ["tanh:3", Retrieval(units, response=response)], loss, engine=engine)
    front = network["1.W"].size + network["1.b"].size

    def loss_of(parameters):
        network.parameters[:front] = parameters
        return network._step(X, y, weight / weight.mean(), True).loss

    start = network.parameters[:front].copy()
    gradient = network._step(X, y, weight / weight.mean(), True).gradient
    assert_close(gradient[:front], numerical_gradient(loss_of, start), "parameters")
    assert not gradient[front:].any()


def test_squares_of_a_chessboard_are_told_apart(table):
    X, y = table
    model = NeuralClassifier(preset="retrieval", random_state=0).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.8


def test_numbers_are_answered_with_numbers(table):
    X, _ = table
    y = 100 + X[:, 0] * X[:, 1]
    model = NeuralRegressor(preset="retrieval", random_state=0).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.9


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_batch_is_answered_by_as_many_rows_as_are_drawn(engine, monkeypatch):
    monkeypatch.setattr(retrieval, "OTHERS", 5)
    rows = np.array([[0.0], [1.0], [2.0], [3.0], [50.0], [51.0], [52.0], [53.0]])
    network = NeuralNetwork(1, [Retrieval(1)], "mse", engine=LeaveOneOut(Rows(rows, rows, None), get_engine(engine), 0))
    with network.engine.training(network, rows, rows, None, 1, Updater(network.layout, "sgd")) as steps:
        far = steps(np.array([0, 4, 5, 6, 7, 1, 2, 3]), [1.0], look=lambda *_: True)  # 1 is the last of five
    assert far == pytest.approx(1.0)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_of_few_rows_none_answers_itself(engine):
    X, y = np.zeros((4, 1)), np.array([[0.0], [0.0], [0.0], [3.0]])
    network = NeuralNetwork(1, [Retrieval(1)], "mse", engine=LeaveOneOut(Rows(X, y, None), get_engine(engine), 0))
    with network.engine.training(network, X, y, None, 3, Updater(network.layout, "sgd")) as steps:
        losses = steps(np.array([3, 0, 1, 2]), [1.0, 1.0])
    assert losses == pytest.approx(9 + 1 + 1 + 9)  # 3 is answered with 0, two with 1, the last by 3 alone, the first


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_beside_rows_that_count_nothing_none_answers_itself(engine):
    X, y, weight = np.zeros((2, 1)), np.array([[0.0], [3.0]]), np.array([2.0, 0.0])
    network = NeuralNetwork(1, [Retrieval(1)], "mse", engine=LeaveOneOut(Rows(X, y, weight), get_engine(engine), 0))
    with network.engine.training(network, X, y, weight, 1, Updater(network.layout, "sgd")) as steps:
        loss = steps(np.array([0, 1]), [1.0], look=lambda *_: True)
    assert loss == pytest.approx(2 * 9)


@pytest.mark.parametrize("others", [30, 1792])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "response", "units"),
    [("mse", "identity", 2), ("binary_cross_entropy", "sigmoid", 1), ("cross_entropy", "softmax", 3)],
)
def test_both_engines_learn_the_same(loss, response, units, weighted, others, monkeypatch):
    monkeypatch.setattr(retrieval, "OTHERS", others)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(101, 2)), rng.normal(size=(101, 2)) if loss == "mse" else np.arange(101) % max(2, units)
    weight = np.where(np.arange(101) == 7, 0.0, rng.uniform(0.5, 2, 101)) if weighted else None

    def trained(engine):
        own = LeaveOneOut(Rows(X, y, weight), engine, 0)
        network = NeuralNetwork(2, ["tanh:5", "identity:3", Retrieval(units, response=response)], loss, engine=own)
        trainer = Trainer("momentum", epochs=3, batch_size=25, early_stopping=False, validation_fraction=0)
        history = trainer.fit(network, X, y, sample_weight=weight, validation_data=(X[:20], y[:20]))
        return network.parameters, history["loss"], history["validation_loss"], own.filled(network).parameters

    for found, expected in zip(trained(CompiledEngine(2)), trained(ReferenceEngine()), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_loss_within_an_epoch_is_of_the_rows_taken():
    class Losses(Callback):
        def on_batch_end(self, run):
            seen.append(run.loss)

    seen = []
    X = np.random.default_rng(0).normal(size=(321, 2))
    options = QUICK | {"epochs": 1, "members": 1, "batch_size": 320, "learning_rate": 1e-9, "early_stopping": False}
    NeuralClassifier(**options, callbacks=[Losses()]).fit(X, np.arange(321) % 2)
    first, whole = seen
    assert first == pytest.approx(whole, rel=0.2)


def test_each_member_answers_by_the_rows_that_it_has_learned_from(table):
    model = NeuralClassifier(**QUICK).fit(*table)
    assert [network.layers[-1].rows for network in model.networks_] == [320, 320]
    network = model.networks_[0]
    *_, values = network.layout.values(network.parameters, network.statistics)
    np.testing.assert_array_equal(offsets(values["K"].T / 2), values["b"])
    assert set(np.unique(values["V"])) == {0.0, 1.0}


def test_of_very_many_rows_some_are_kept(table, monkeypatch):
    monkeypatch.setattr(retrieval, "MOST_KNOWN", 50)
    model = NeuralClassifier(**QUICK).fit(*table)
    assert [network.layers[-1].rows for network in model.networks_] == [50, 50]


@pytest.mark.parametrize(("limit", "judges"), [(None, {80}), (3600, {40})])
def test_few_rows_judge_it_where_time_is_limited(table, limit, judges, monkeypatch):
    """All would take as long as many epochs, and nobody looks at the clock meanwhile."""
    monkeypatch.setattr(learning, "JUDGING_IN_TIME", 50)
    monkeypatch.setattr(LeaveOneOut, "evaluation", lambda own, model, X, y, weight: lambda: seen.add(len(y)) or 1.0)
    seen = set()
    NeuralClassifier(**QUICK).fit(*table, time_limit=limit)
    assert seen == judges


def test_both_engines_answer_alike(table):
    network = NeuralClassifier(**QUICK).fit(*table).networks_[0]
    X = np.random.default_rng(1).normal(size=(30, network.inputs)).astype(np.float32)
    expected, _ = ReferenceEngine().forward(network, X, Pass())
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-4, atol=1e-4)


@functools.cache
def digest(workers=None):
    """Of all that is learned and answered with weights of rows, of classes and of numbers."""
    X = np.random.default_rng(0).uniform(0, 4, (400, 2))
    parts = []
    for kind, y in ((NeuralClassifier, np.floor(X).sum(axis=1) % 3), (NeuralRegressor, X[:, 0] * X[:, 1])):
        model = kind(**QUICK, engine=CompiledEngine(workers)).fit(X, y, sample_weight=np.linspace(0.5, 2, 400))
        answers = model.predict_proba(X) if kind is NeuralClassifier else model.predict(X)
        parts += [answers, *(network.parameters for network in model.networks_)]
        parts += [np.array(history["validation_loss"]) for history in model.histories_]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_however_many_workers_share_the_work():
    assert [digest(workers) for workers in (2, 3)] == [digest(1)] * 2


@pytest.mark.slow
@pytest.mark.once  # each starts a process
@pytest.mark.parametrize("level", NEEDS)
def test_however_wide_the_vectors_are(level):
    if not llvm.get_host_cpu_features().get(NEEDS[level]):
        pytest.skip(f"this processor is below {level}")
    assert said(module=__name__, GLASSNET_PROCESSOR=level) == digest()


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("kernels", ["Haswell", "Zen", "SkylakeX"])
def test_whatever_kernels_blas_takes(kernels):
    assert said(module=__name__, OPENBLAS_CORETYPE=kernels) == digest()


@pytest.mark.slow
@pytest.mark.once
def test_whatever_vectors_numpy_has():
    assert said(module=__name__, NPY_DISABLE_CPU_FEATURES=" ".join(WIDEST)) == digest()


def test_it_comes_back_from_a_file(table, tmp_path):
    model = NeuralClassifier(**QUICK).fit(*table)
    glassnet.save(model, tmp_path / "model")
    again = glassnet.load(tmp_path / "model")
    np.testing.assert_array_equal(model.predict_proba(table[0]), again.predict_proba(table[0]))


def test_it_is_a_kind_beside_networks(table):
    kinds = {}, {"learner": "retrieval", "hidden_layers": ("identity:4",), "batch_size": 160}
    model = NeuralClassifier(kinds=kinds, members=4, epochs=3, random_state=0).fit(*table)
    assert [isinstance(network.layers[-1], Retrieval) for network in model.networks_] == [False, True, False, True]
    assert model.weights_ is not None


def test_an_engine_of_ones_own_stays_so(table):
    engine = CompiledEngine(workers=1)
    model = NeuralClassifier(**QUICK, engine=engine).fit(*table)
    assert all(network.engine is engine for network in model.networks_)


def test_a_recorder_sees_its_answers(table):
    recorder = Recorder()
    network = NeuralClassifier(**QUICK, callbacks=[recorder]).fit(*table).networks_[0]
    answers = recorder.summary("activations", f"{len(network.layers)}.a")
    assert np.all(np.isfinite(answers))
    assert answers.any()


def test_callbacks_and_the_history_see_its_epochs(table):
    class Counting(Callback):
        def on_epoch_end(self, run):
            seen.append(run.epoch)

    seen = []
    model = NeuralClassifier(**QUICK, callbacks=[Counting()]).fit(*table)
    assert seen == [1, 2, 3]
    assert len(model.history_["validation_loss"]) == 3


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (NeuralRegressor, {"loss": "gaussian_nll"}, "Retrieval predicts the mean of targets"),
        (NeuralRegressor, {"loss": "quantile(levels=(0.1, 0.9))"}, "Retrieval predicts the mean of targets"),
        (NeuralRegressor, {"loss": "quantile(levels=(0.9,))"}, "Retrieval predicts the mean of targets"),
        (NeuralClassifier, {"loss": "hinge"}, "Retrieval predicts the mean of targets"),
        (NeuralClassifier, {"optimizer": "lbfgs"}, "needs a mini-batch optimizer"),
        (NeuralClassifier, {"shared_members": 4}, "`shared_members` must be 1"),
    ],
)
def test_what_does_not_go_with_it_is_refused(kind, options, message, table):
    with pytest.raises(InputError, match=message):
        kind(**QUICK | options).fit(table[0], table[1])


def test_it_cannot_go_on_learning(table):
    with pytest.raises(InputError, match="need all rows at once"):
        NeuralClassifier(**QUICK).partial_fit(*table)
