"""Training by rounds: what a shard does is a pure function, and the mean of the ways is what is gone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Checkpoint, NeuralNetwork
from glassnet.distributed.round_trainer import RoundTrainer
from glassnet.distributed.rounds import (
    LocalTrainer,
    Rounds,
    StepRange,
    average_updates,
    local_round,
    plan_rounds,
    turns,
)
from glassnet.engines import Updater
from glassnet.errors import DivergenceError, InputError
from glassnet.training import Rows
from tests.killing import Kill, KilledError

ROWS = 240


class Shards:
    """Rows in shards, here."""

    weight = 1.0

    def __init__(self, parts, digest=""):
        self.parts, self.digest = parts, digest
        self.counts = [len(rows.y) for rows in parts]
        self.sample = parts[0]
        self.rounds = 0

    def go(self, network, inner, stretches):
        self.rounds += 1
        return [local_round(network, inner, *pair) for pair in zip(self.parts, stretches, strict=True)]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(ROWS, 4))
    return Rows(X, (X[:, 0] * X[:, 1] > 0).astype(np.intp), None)


def shards(rows, *counts):
    ends = np.cumsum(counts)
    return Shards([rows.take(np.arange(end - count, end)) for count, end in zip(counts, ends, strict=True)])


def network(engine="compiled"):
    return NeuralNetwork(4, ["tanh:8", "dropout:0.2", 2], loss="cross_entropy", seed=5, engine=engine)


def trainer(**options):
    rounds = Rounds(**{"shards": 3, "local_steps": 2} | options.pop("rounds", {}))
    return RoundTrainer(**{"epochs": 4, "batch_size": 16, "early_stopping": False} | options, rounds=rounds)


def inner(name="adam"):
    return LocalTrainer.of(Updater(network().layout, name, weight_decay=0.0))


STRETCH = StepRange(shard=1, round=2, steps=3, batch_size=8, rate=0.01, decay=1.0, dropout=1.0)


def test_a_local_round_changes_nothing_and_is_the_same_again(rows):
    net = network()
    before = net.parameters.copy()
    first = local_round(net, inner(), rows, STRETCH)
    again = local_round(net, inner(), rows, STRETCH)
    assert (net.parameters == before).all()
    assert (first.moved == again.moved).all()
    assert first.loss == again.loss
    assert first.moved.any()


@pytest.mark.parametrize("change", [{"shard": 2}, {"round": 3}])
def test_another_shard_or_round_draws_otherwise(rows, change):
    first, other = (local_round(network(), inner(), rows, one) for one in (STRETCH, STRETCH._replace(**change)))
    assert (first.moved != other.moved).any()


def test_engines_go_the_same_way(rows):
    ways = [local_round(network(engine), inner("sgd"), rows, STRETCH).moved for engine in ("compiled", "reference")]
    np.testing.assert_allclose(*ways, rtol=1e-10, atol=1e-15)


@given(rows=st.integers(1, 40), begin=st.integers(0, 200), count=st.integers(1, 100))
def test_every_row_has_its_turn_before_any_has_another(rows, begin, count):
    series = turns("reference", 7, rows, 0, begin + count)
    assert (turns("reference", 7, rows, begin, count) == series[begin:]).all()
    times = np.bincount(series, minlength=rows)
    assert times.max() - times.min() <= 1


@given(
    counts=st.lists(st.integers(1, 5000), min_size=1, max_size=9),
    batch_size=st.integers(1, 512),
    local_steps=st.integers(1, 50),
)
def test_an_epoch_has_no_more_steps_in_a_round_than_allowed_and_goes_once_through_the_rows(
    counts, batch_size, local_steps
):
    pace = plan_rounds(counts, batch_size, local_steps)
    assert pace.steps <= local_steps
    whole = sum(counts)
    if min(counts) >= 4 * batch_size and max(counts) < 2 * min(counts):
        assert whole / 2 < pace.rounds * pace.rows < whole * 2


def test_rows_to_be_judged_by_must_not_all_have_weight_0(rows):
    net = network()
    with pytest.raises(InputError, match="Some validation rows must have a weight above 0"):
        trainer().fit_shards(net, shards(rows, 80, 80, 80), rows._replace(weight=np.zeros(ROWS)))


def test_large_shards_count_more():
    ways = [local_way(1.0), local_way(4.0)]
    assert average_updates(ways, [20, 10]).moved.tolist() == [2.0]


def local_way(moved):
    from glassnet.distributed.rounds import LocalUpdate

    return LocalUpdate(np.array([moved]), np.zeros(0), 0.0)


@pytest.mark.slow
def test_one_shard_that_goes_one_step_a_round_trains_as_without(rows):
    plain = NeuralNetwork(4, ["tanh:8", 2], loss="cross_entropy", seed=5)
    by_rounds = plain.copy()
    one = {"shards": 1, "local_steps": 1, "outer_rate": 1.0, "outer_momentum": 0.0}
    options = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 30}
    history = trainer(**options, rounds=one).fit_shards(by_rounds, shards(rows, ROWS))
    plain.train(rows.X, rows.y, optimizer="sgd", learning_rate=0.1, epochs=30, batch_size=16)
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    right = [(net.classify(rows.X) == rows.y).mean() for net in (plain, by_rounds)]
    assert abs(right[0] - right[1]) < 0.1


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "nadam", "rmsprop"])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_one_shard_goes_the_same_steps_however_many_make_a_round(rows, optimizer, engine):
    found = []
    for steps in (1, 5, 15):
        net = NeuralNetwork(4, ["tanh:8", 2], loss="cross_entropy", seed=5, engine=engine)
        options = {"optimizer": optimizer, "learning_rate": 0.01, "epochs": 3}
        trainer(**options, rounds={"shards": 1, "local_steps": steps}).fit_shards(net, shards(rows, ROWS))
        found.append(net.parameters)
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-9, atol=1e-12)


def test_what_optimizers_remember_is_averaged_like_their_ways(rows):
    parts, adam = shards(rows, 160, 80), inner("adam")
    ways = parts.go(network(), adam, [STRETCH, STRETCH])
    assert ways[0].memory[0].any()
    for number, memory in enumerate(average_updates(ways, [160, 80]).memory):
        wanted = (2 * ways[0].memory[number] + ways[1].memory[number]) / 3
        np.testing.assert_allclose(memory, wanted, rtol=1e-12, atol=1e-300)
    assert not any(memory.any() for memory in adam.memory), "the one that was given has changed"


@pytest.mark.slow
def test_it_learns_from_uneven_shards(rows):
    net = network()
    parts = shards(rows, 100, 100, 40)
    history = trainer(epochs=60, learning_rate=0.02).fit_shards(net, parts)
    assert (net.classify(rows.X) == rows.y).mean() > 0.85
    assert history.ending == "done"
    assert parts.rounds == 60 * plan_rounds(parts.counts, 16, 2).rounds


@pytest.mark.slow
def test_epochs_are_judged_and_training_stops_early(rows):
    net = network()
    held = rows.take(np.arange(0, ROWS, 4))
    options = {"early_stopping": True, "patience": 2, "epochs": 500, "learning_rate": 0.05}
    history = trainer(**options).fit_shards(net, shards(rows, 80, 80, 80), held)
    assert history.ending == "patience"
    assert history.best_epoch is not None
    assert "validation_loss" in history.columns


@pytest.mark.parametrize("after", [1, 2, 5, 8])
def test_a_training_that_was_killed_goes_on_to_the_same_bits(rows, tmp_path, monkeypatch, after):
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)
    options = {"schedule": "cosine", "epochs": 4}
    whole = network()
    trainer(**options).fit_shards(whole, shards(rows, 100, 80, 60))
    place = Checkpoint(tmp_path / "run", every=0)
    with pytest.raises(KilledError):
        trainer(**options, callbacks=[Kill(after)]).fit_shards(network(), shards(rows, 100, 80, 60), checkpoint=place)
    resumed = network()
    history = trainer(**options).fit_shards(resumed, shards(rows, 100, 80, 60), checkpoint=place)
    assert (resumed.parameters == whole.parameters).all()
    assert len(history) == 4


@pytest.mark.parametrize("other", [{"local_steps": 1}, {"outer_momentum": 0.5}])
def test_a_checkpoint_of_other_rounds_is_refused(rows, tmp_path, monkeypatch, other):
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)
    place = Checkpoint(tmp_path / "run", every=0)
    trainer().fit_shards(network(), shards(rows, 80, 80, 80), checkpoint=place)
    with pytest.raises(InputError, match=next(iter(other))):
        trainer(rounds=other).fit_shards(network(), shards(rows, 80, 80, 80), checkpoint=place)


def test_a_checkpoint_of_other_rows_is_refused(rows, tmp_path):
    trainer().fit_shards(network(), shards(rows, 80, 80, 80), checkpoint=tmp_path / "run")
    other = shards(rows, 80, 80, 80)
    other.digest = "another"
    with pytest.raises(InputError, match="training rows"):
        trainer().fit_shards(network(), other, checkpoint=tmp_path / "run")


def test_the_deadline_is_no_part_of_what_comes_out(rows, tmp_path):
    trainer().fit_shards(network(), shards(rows, 80, 80, 80), checkpoint=tmp_path / "run")
    again = trainer(rounds={"deadline": 5.0}).fit_shards(
        network(), shards(rows, 80, 80, 80), checkpoint=tmp_path / "run"
    )
    assert again.ending == "done"


def test_what_diverges_is_said(rows):
    with pytest.raises(DivergenceError):
        trainer(optimizer="sgd", learning_rate=1e308).fit_shards(network(), shards(rows, 80, 80, 80))


@pytest.mark.parametrize("options", [{"optimizer": "lbfgs", "batch_size": 16}, {"ema_decay": 0.9}])
def test_what_has_no_meaning_by_rounds_is_refused(rows, options):
    with pytest.raises(InputError):
        trainer(**options).fit_shards(network(), shards(rows, 80, 80, 80))


def test_a_shard_without_rows_is_refused():
    with pytest.raises(InputError, match="Every shard must have training rows"):
        plan_rounds([3, 0], 16, 2)


def test_statistics_of_layers_are_averaged_too(rows):
    net = NeuralNetwork(4, ["tanh:8", "batch_norm", 2], loss="cross_entropy", seed=5)
    before = net.statistics.copy()
    trainer().fit_shards(net, shards(rows, 80, 80, 80))
    assert (net.statistics != before).any()
    assert np.isfinite(net.statistics).all()
