"""The study of rounds: rates are found, nothing known is trained again, figures mean what the page says."""

from __future__ import annotations

import json
import math
from itertools import product

import numpy as np
import pytest

from benchmarks.results import RESULTS
from benchmarks.rounds import study as module
from benchmarks.rounds.figures import best_loss, summary, table_records
from benchmarks.rounds.page import page
from benchmarks.rounds.shards import ReadyShards
from benchmarks.rounds.study import RATES, Chosen, Study, climb, settings_of
from benchmarks.rounds.tasks import DEALT, SORTED, Task
from benchmarks.rounds.trial import AVERAGE, BATCH, MOMENTUM, TOGETHER, Setting, Trial, measured
from glassnet import Rounds
from glassnet.distributed.learning import KeptShards
from glassnet.distributed.round_trainer import RoundTrainer
from glassnet.distributed.workers import LocalWorkers
from glassnet.training import Rows

SETTINGS = {"rows": 20_000, "epochs": [5, 10], "seeds": 5, "sorted_seeds": 5}


@pytest.mark.parametrize("start", range(9))
def test_the_search_for_a_rate_ends_where_no_neighbour_is_better(start):
    asked = []
    assert climb(lambda place: asked.append(place) or abs(place - 6), start, 9) == 6
    assert len(asked) == len(set(asked)), "one was asked twice"


def test_rates_with_which_training_diverges_are_passed_by():
    losses = [5.0, 4.0, 3.0, math.inf, math.inf]
    assert climb(losses.__getitem__, 3, 5) == 2


def test_every_setting_is_there_once_and_one_machine_comes_first():
    settings = list(settings_of("adult", (2, 4, 8), (1, 5, 10, 25, 100)))
    assert settings[0] == Setting("adult", 1)
    assert len(settings) == len(set(settings)) == 1 + 3 + 2 * 2 * 3 * 5


@pytest.fixture
def trained(monkeypatch):
    """Trials that were carried out; a loss is smallest at a rate of 0.01 and an outer rate of 1."""
    done = []

    def train(task, trial):
        done.append(trial)
        loss = 1 + abs(math.log10(trial.learning_rate) + 2) + abs(trial.outer_rate - 1) + trial.seed / 100
        return [(4000, loss + 1, loss + 1), (8000, loss, loss)]

    monkeypatch.setattr(module, "measured", train)
    return done


def test_both_rates_are_chosen_by_the_first_seed_and_taken_by_all(trained, tmp_path):
    study = Study(tmp_path / "journal.jsonl", rows=20_000, seeds=3)
    chosen = study.chosen(None, Setting("adult", 2, 5, MOMENTUM), epochs=8, start=1)
    assert (RATES[chosen.place], chosen.outer_rate) == (0.01, 1.0)
    assert [looks[-1][2] for looks in chosen.runs] == [1.0, 1.01, 1.02]


def test_a_rate_with_which_another_seed_fails_is_not_taken(monkeypatch, tmp_path):
    def train(task, trial):
        loss = 1 + abs(math.log10(trial.learning_rate) + 1) + (9 if trial.seed and trial.learning_rate > 0.01 else 0)
        return [(4000, loss, loss)]

    monkeypatch.setattr(module, "measured", train)
    chosen = Study(tmp_path / "journal.jsonl", 20_000, 3).chosen(None, Setting("adult", 2, 5, AVERAGE), 8, 6)
    assert RATES[chosen.place] == 0.01


def test_what_is_in_the_journal_is_not_trained_again(trained, tmp_path):
    setting = Setting("adult", 2, 5, AVERAGE)
    first = Study(tmp_path / "journal.jsonl", 20_000, 2).chosen(None, setting, 8, 4)
    count = len(trained)
    assert Study(tmp_path / "journal.jsonl", 20_000, 2).chosen(None, setting, 8, 4).runs == [
        [list(look) for look in looks] for looks in first.runs
    ]
    assert len(trained) == count
    Study(tmp_path / "journal.jsonl", 20_000, 2).chosen(None, setting, 9, 4)
    assert len(trained) > count, "another number of epochs is another training"


def test_the_loss_reported_is_that_at_the_look_which_the_other_rows_choose():
    assert best_loss([(1, 0.5, 0.9), (2, 0.4, 0.8), (3, 0.6, 0.1)]) == 0.8
    assert best_loss([(1, math.nan, 0.1), (2, 0.4, 0.8)]) == 0.8
    assert best_loss(None) == math.inf


@pytest.fixture
def records():
    """One machine, always there after 8,000 rows; two shards that get there with two seeds of three, or with none."""

    def run(*losses):
        return [(4000 * number, loss, loss) for number, loss in enumerate(losses, 1)]

    def chosen(setting, epochs, *runs):
        return Chosen(setting, epochs, 3, 1.0, list(runs))

    one, some, none = Setting("adult", 1), Setting("adult", 2, 5, AVERAGE), Setting("adult", 2, 5, MOMENTUM)
    never = [run(2.0, 2.0, 2.0)] * 3
    settings = [
        [chosen(one, 5, *never), chosen(one, 10, *[run(2.0, 1.0)] * 3)],
        [chosen(some, 5, run(2.0, 1.0), run(2.0, 1.5, 1.0), run(2.0, 2.0, 2.0)), chosen(some, 10, *never)],
        [chosen(none, 5, *never), chosen(none, 10, *never)],
    ]
    return table_records(settings, megabytes=0.5, empty_round=0.02)


def test_a_seed_that_never_reaches_the_target_counts_as_the_last(records):
    _, some, none = records
    assert (some["reached"], some["rows"], some["epochs_of_schedule"]) == (2, 12_000, 5)
    assert (none["reached"], none["rows"]) == (0, None)


def test_steps_rounds_and_bytes_follow_from_the_rows(records):
    one, some, _ = records
    assert one["steps"] == 8000 / BATCH
    assert some["steps"] == 12_000 / (2 * BATCH)
    assert some["rounds"] == some["steps"] / 5
    assert some["megabytes_sent"] == 2 * 2 * some["rounds"] * 3 * 0.5
    assert some["pays_from_seconds"] == pytest.approx(some["rounds"] * 0.02 / (one["steps"] - some["steps"]))


def test_the_page_tells_which_way_was_better(records):
    text = page(SETTINGS, summary(records), records, 0.02)
    assert "Of 1 pairs of settings" in text
    assert "the plain average has the smaller loss in 0, in 0 of them with every seed" in text
    assert "needs fewer rows until the target in 0, more in 1" in text
    assert "| one machine |" in text
    assert "2 of 3" in text


@pytest.fixture
def task():
    """Two classes that a line parts."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 4)).astype(np.float32)
    rows = Rows(X, (X[:, 0] + X[:, 1] > 0).astype(np.intp), None)
    return Task("made up", rows, rows.take(np.arange(100)), rows.take(np.arange(100, 200)), "cross_entropy", 2)


@pytest.mark.slow
def test_shards_that_are_kept_ready_go_the_ways_of_a_fit(task):
    parts, networks = task.parts(2, SORTED), [task.network(0), task.network(0)]
    trainer = RoundTrainer(batch_size=25, epochs=2, learning_rate=0.01, rounds=Rounds(2, 5, 0.7, 0.9))
    for network, kind in zip(networks, (KeptShards, ReadyShards), strict=True):
        trainer.fit_shards(network, kind(LocalWorkers(), parts, parts[0], digested=False))
    assert networks[0].parameters.tobytes() == networks[1].parameters.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("method", [TOGETHER, AVERAGE, MOMENTUM])
def test_a_trial_learns_and_repeats_to_the_bit(method, task):
    dealing = {} if method == TOGETHER else {"dealing": SORTED}
    setting = Setting("made up", 2, 1 if method == TOGETHER else 5, method, **dealing)
    rate = 0.002 if method == MOMENTUM else 0.01  # the momentum makes ten steps of one
    trial = Trial(setting, rate, 0.7, 0, 1000, 4)
    looks = measured(task, trial)
    assert looks[-1][0] == 4000
    assert looks[-1][2] < 0.5
    assert measured(task, trial) == looks


@pytest.fixture(scope="module")
def results():
    """The records of the study, of settings of the page on several machines."""
    return json.loads((RESULTS / "rounds.json").read_text())["records"]["runs"]


def test_what_the_page_on_several_machines_says_of_the_defaults_is_in_the_results(results):
    default = Rounds()
    assert (default.local_steps, default.outer_rate, default.outer_momentum) == (10, 1.0, 0.0)
    dealt = [one for one in results if one["dealing"] == DEALT]
    few = [one for one in dealt if one["method"] == AVERAGE and one["local_steps"] <= default.local_steps]
    assert {(one["table"], one["shards"]) for one in few} == set(product({one["table"] for one in results}, (2, 4, 8)))
    assert all(one["ratio"] < 1.05 for one in [*few, *(one for one in dealt if one["method"] == TOGETHER)])


@pytest.mark.parametrize(("local_steps", "better"), [((1, 5), AVERAGE), ((25,), MOMENTUM)])
def test_with_eight_shards_the_momentum_is_worse_with_few_local_steps_and_better_with_more(
    results, local_steps, better
):
    def mean(method):
        chosen = [one for one in results if one["dealing"] == DEALT and one["method"] == method and one["shards"] == 8]
        return np.mean([one["ratio"] for one in chosen if one["local_steps"] in local_steps])

    assert min(AVERAGE, MOMENTUM, key=mean) == better


def test_shards_in_the_order_of_the_targets_tolerate_few_local_steps_only(results):
    averages = [one for one in results if one["method"] == AVERAGE and one["shards"] == 8]
    loss = {(one["dealing"], one["table"], one["local_steps"]): one["ratio"] for one in averages}
    for table in {one["table"] for one in results}:
        assert loss[SORTED, table, 1] < 1.05
        assert loss[SORTED, table, 100] > 1.1 * max(loss[DEALT, table, 100], loss[SORTED, table, 1])
