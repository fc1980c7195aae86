"""Rounds on a cluster of two processes: the same bits as without, whoever dies, freezes or comes back."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, Rounds
from glassnet.errors import InputError, InputTypeError
from tests.distributed.conftest import Fault
from tests.forks import PATIENCE

da, dd = (pytest.importorskip(f"dask.{name}") for name in ("array", "dataframe"))

ROOT = Path(__file__).parents[2]
ROUNDS = Rounds(shards=4, local_steps=5, deadline=6.0)
OPTIONS = {"preset": "mlp", "hidden_layers": (16,), "epochs": 12, "batch_size": 32, "random_state": 0}


class Counted:
    """A callback: so many rounds were gone."""

    rounds = 0

    def on_batch_end(self, run):
        self.rounds += 1


def numbers(model):
    return [network.parameters.tobytes() + network.statistics.tobytes() for network in model.networks_]


def classifier(**options):
    return NeuralClassifier(**OPTIONS | options)


@pytest.fixture(scope="module")
def partitions(frame):
    return dd.from_pandas(frame, npartitions=7)


@pytest.fixture(scope="module")
def alone(partitions):
    """Trained by the same rounds, in this process."""
    return classifier(callbacks=[Counted()]).fit(partitions, "churn", shards=ROUNDS)


@pytest.mark.slow
def test_it_learns_from_rows_that_lie_in_the_order_of_their_classes(alone, frame):
    assert alone.score(frame.drop(columns="churn"), frame["churn"]) > 0.8
    assert alone.history_.best_epoch is not None
    assert sorted(alone.classes_) == ["no", "yes"]


@pytest.mark.slow
def test_a_table_in_memory_is_dealt_like_one_in_partitions_of_its_size(frame):
    whole = dd.from_pandas(frame, npartitions=1)
    rows = frame.drop(columns="churn"), frame["churn"]
    here = classifier().fit(*rows, shards=ROUNDS)
    assert numbers(here) == numbers(classifier().fit(whole, "churn", shards=ROUNDS))


@pytest.mark.slow
@pytest.mark.sample(1)  # each starts two processes; `make matrices` runs them all
@pytest.mark.parametrize("fault", ["none", "killed", "stopped", "fewer", "more"])
def test_a_cluster_comes_to_the_same_bits(fault, cluster, partitions, alone):
    callbacks = []
    if fault in ("killed", "stopped"):
        callbacks = [Fault(cluster, signal.SIGKILL if fault == "killed" else signal.SIGSTOP)]
    if fault in ("fewer", "more"):
        cluster.cluster.scale(1 if fault == "fewer" else 4)
    if fault == "more":  # whoever waits while workers leave makes Dask's list of them fall behind its own news
        cluster.wait_for_workers(4, timeout=PATIENCE)
    # who is killed is missed at once, who is frozen after the deadline: long before Dask itself gives anybody up
    rounds = replace(ROUNDS, deadline=PATIENCE) if fault == "killed" else ROUNDS
    try:
        model = classifier(callbacks=callbacks).fit(partitions, "churn", client=cluster, shards=rounds)
    finally:
        for one in callbacks:
            one.undo()
    assert numbers(model) == numbers(alone)
    for one in callbacks:
        assert one.recovered - one.sent < PATIENCE / 2, "nobody took up the work of a worker that is gone"


@pytest.mark.slow
def test_a_driver_that_was_killed_goes_on_to_the_same_bits(calm_cluster, partitions, alone, forks, tmp_path):
    address, killed_after = calm_cluster.scheduler.address, 20
    program = "import runpy; runpy.run_module('tests.distributed.driver_program', run_name='__main__')"
    driver = forks.run("-c", program, address, tmp_path / "run", killed_after, cwd=ROOT)
    assert driver.returncode == -signal.SIGKILL, driver.stderr
    left, (whole,) = Counted(), alone.callbacks
    given = {"client": calm_cluster, "shards": ROUNDS}
    resumed = classifier(callbacks=[left]).fit(partitions, "churn", **given, checkpoint=tmp_path / "run")
    assert numbers(resumed) == numbers(alone)
    assert whole.rounds - killed_after <= left.rounds < whole.rounds, "it began again"


@pytest.mark.slow
def test_numbers_are_predicted_and_rows_weighted(frame):
    table = dd.from_pandas(frame.drop(columns="churn").assign(weight=1.0 + (frame.index % 2)), npartitions=3)
    model = NeuralRegressor(**OPTIONS).fit(table.dropna(), "age", sample_weight="weight", shards=2)
    assert model.feature_names_in_.tolist() == ["city", "income"]
    assert np.isfinite(model.predict(frame.dropna()[["city", "income"]])).all()


@pytest.mark.slow
def test_members_are_trained_by_rounds_too(partitions, frame):
    model = classifier(members=2).fit(partitions, "churn", shards=ROUNDS)
    assert len(model.networks_) == 2
    assert (model.networks_[0].parameters != model.networks_[1].parameters).any()


@pytest.mark.parametrize(
    ("options", "arguments", "words"),
    [
        ({"cv": 3}, {}, "does not support `cv`"),
        ({"warm_start": True}, {}, "does not support `warm_start`"),
        ({"refits": 2}, {}, "does not support `refits`"),
        ({"optimizer": "lbfgs", "batch_size": None}, {}, "L-BFGS"),
        ({}, {"shards": 0}, "positive integer"),
        ({}, {"shards": 100_000}, "Every shard must have training rows"),
        ({}, {"y": "chrun"}, "must have the specified columns"),
        ({}, {"time_limit": 5}, "time_limit"),
        ({}, {"groups": [1, 2]}, "groups"),
    ],
)
def test_what_cannot_be_is_refused_in_words(partitions, options, arguments, words):
    with pytest.raises((InputError, InputTypeError), match=words):
        classifier(**options).fit(partitions, **{"y": "churn", "shards": 4} | arguments)


FEATURES = ["age", "city", "income"]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["here", "cluster"])
def test_targets_and_weights_beside_a_table_are_columns_of_it(where, frame, request):
    """Separate validation rows, too."""
    table = dd.from_pandas(frame.assign(weight=1.0 + frame.index % 2), npartitions=5)
    own = {"client": request.getfixturevalue("calm_cluster") if where == "cluster" else None, "shards": ROUNDS}
    X, y, weight = table[FEATURES], table["churn"], table["weight"]
    named = classifier(epochs=2).fit(table, "churn", "weight", validation_data=(table, "churn", "weight"), **own)
    for given in ((X, y, weight), (table[[*FEATURES, "weight"]], y, "weight")):
        model = classifier(epochs=2).fit(*given, validation_data=(X, y, weight), **own)
        assert numbers(model) == numbers(named)
    assert model.data_ == named.data_


@pytest.mark.slow
@pytest.mark.parametrize("targets", ["churn", "age", ["age", "income"]])
def test_blocks_of_an_array_are_blocks_of_a_table(targets, frame):
    frame = frame.fillna(0).assign(older=frame["age"] + 1, other=frame["income"] % 1)
    rows, y = frame[["older", "other"]].to_numpy(), frame[targets].to_numpy()
    y = y.astype(str) if targets == "churn" else y
    X, answers = da.from_array(rows, chunks=(700, 1)), da.from_array(y, chunks=(700, 1)[: y.ndim])
    kind = NeuralClassifier if targets == "churn" else NeuralRegressor
    model = kind(**OPTIONS | {"epochs": 2}).fit(X, answers, validation_data=(X, answers), shards=ROUNDS)
    if y.ndim == 1:
        named = [frame[["older", "other", targets]][start : start + 700] for start in range(0, len(y), 700)]
        table = dd.from_map(lambda part: part, named, meta=named[0][:0])
        same = kind(**OPTIONS | {"epochs": 2}).fit(table, targets, validation_data=(table, targets), shards=ROUNDS)
        assert numbers(model) == numbers(same)
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        if hasattr(model, method):
            lazy, there = getattr(model, method)(X), getattr(model, method)(rows)
            assert (lazy.chunks[0], lazy.shape, lazy.dtype) == (X.chunks[0], there.shape, there.dtype)
            assert (lazy.compute() == there).all()


@pytest.mark.parametrize(
    ("y", "kind", "words"),
    [
        (lambda table: table["churn"].compute(), InputTypeError, "must be a Series or an array of Dask"),
        (lambda table: None, InputTypeError, "must be a Series or an array of Dask"),
        (lambda table: table["churn"].repartition(npartitions=2), InputError, "the same blocks of rows. Received: 7"),
    ],
)
def test_what_does_not_lie_beside_a_table_is_refused(partitions, y, kind, words):
    with pytest.raises(kind, match=words):
        classifier().fit(partitions[FEATURES], y(partitions), shards=4)


def test_an_array_of_dask_is_not_pulled_where_it_cannot_be_lazy(frame):
    X = da.from_array(frame[["age"]].to_numpy(), chunks=(700, 1))
    for call in (classifier().partial_fit, classifier().fit):
        with pytest.raises((InputError, InputTypeError)):
            call(X, "churn")
    model = NeuralRegressor(preset="mlp", hidden_layers=2, epochs=1, random_state=0).fit(frame[["age"]], frame["age"])
    with pytest.raises(InputTypeError, match="must be in memory. Received: Array"):
        model.evaluate(X, frame["age"])


@pytest.mark.slow
def test_predictions_of_partitions_are_lazy_and_the_same(alone, partitions, frame):
    rows = partitions.drop(columns="churn")
    lazy = alone.predict(rows)
    assert type(lazy).__module__.startswith("dask")
    assert lazy.compute().tolist() == alone.predict(frame.drop(columns="churn")).tolist()
    probabilities = alone.predict_proba(rows).compute()
    assert list(probabilities.columns) == ["no", "yes"]
    assert (probabilities.to_numpy() == alone.predict_proba(frame.drop(columns="churn"))).all()


@pytest.mark.slow
def test_a_partition_without_rows_has_answers_without_rows(alone, partitions):
    none = partitions.drop(columns="churn").query("age > 1000")
    assert len(alone.predict(none).compute()) == 0
    assert alone.predict_proba(none).compute().shape == (0, 2)


def test_of_partitions_one_answer_is_asked_at_a_time(frame):
    numbers = frame.dropna()[["city", "income"]]
    model = NeuralRegressor(preset="mlp", loss="gaussian_nll", hidden_layers=2, epochs=1, random_state=0)
    model.fit(numbers[["city"]], numbers["income"])
    with pytest.raises(InputError, match="one output of a Dask collection at a time. Received: predict with 2"):
        model.predict(dd.from_pandas(numbers[["city"]], npartitions=2), return_std=True)
