"""The parts of a search: budgets, ranges, folds, and when a trial is hopeless."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

from glassnet.formulas.schedules import SCHEDULES
from glassnet.support.language import speaking
from glassnet.tables.opened_table import TableRows
from glassnet.training import Ties
from glassnet.training.history_display import column_name
from glassnet.tuning.loop import budget_seconds
from glassnet.tuning.space import Categorical, LogUniform, UniformInteger
from glassnet.tuning.study import Trials
from glassnet.tuning.trial import FEW, checkpoints, choose_validation, hopeless


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10 min", 600), ("1.5h", 5400), ("1h 30m 10s", 5410), ("600", 600), (np.float32(2), 2)],
)
def test_lengths_of_time(text, seconds):
    assert budget_seconds(text) == seconds


def test_ranges_know_what_lies_within():
    assert 0.1 in LogUniform(0.01, 1)
    assert 2 not in LogUniform(0.01, 1)
    assert "silu" not in LogUniform(0.01, 1)
    assert 3 in UniformInteger(1, 4)
    assert "relu" in Categorical(("relu", "silu"))


@pytest.mark.parametrize("name", list(SCHEDULES))
@pytest.mark.parametrize("epochs", [1, 2, 5, 256])
def test_trials_are_judged_within_their_epochs(name, epochs):
    points = checkpoints(SCHEDULES.get(name), epochs, folds=3)
    assert points == sorted(points)
    assert points[-2:] == [epochs, 2 * epochs]
    assert all(epochs / 4 <= point < epochs for point in points[:-2])


def test_schedules_with_restarts_are_judged_before_each():
    points = checkpoints(SCHEDULES.get("cosine(cycles=3)"), 300, folds=1)
    assert len(points) == 2
    assert all(abs(point - valley) <= 1 for point, valley in zip(points, (100, 200), strict=True))


def test_hopeless_is_worse_than_half():
    others = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert not hopeless(3.0, others, maximize=True)
    assert not hopeless(3.0, others, maximize=False)
    assert hopeless(2.9, others, maximize=True)
    assert hopeless(3.1, others, maximize=False)
    assert hopeless(math.nan, others, maximize=True)
    assert not hopeless(-9.0, others[:2], maximize=True)
    assert not hopeless(4.0, [*others, math.nan], maximize=True)


def rows(count):
    return TableRows(np.arange(count)[:, None], np.arange(count) % 2, None)


def test_few_rows_are_judged_in_folds_and_many_are_not():
    assert choose_validation(rows(FEW - 1), None, 0, None).described == "3 folds"
    assert choose_validation(rows(FEW), None, 0, None).described == "20 % of the rows"


def test_each_row_is_judged_once_and_never_learned_from_by_its_judges():
    judged = choose_validation(rows(103), 4, 0, rows(103).y)
    assert sorted(np.concatenate([part.held.X[:, 0] for part in judged.parts])) == list(range(103))
    for learned, held in judged.parts:
        assert not set(learned.X[:, 0]) & set(held.X[:, 0])
        assert len(learned.y) + len(held.y) == 103
        assert abs(held.y.mean() - 0.5) < 0.05  # classes in proportion


def test_a_class_of_one_row_is_learned_from_in_every_fold():
    classes = np.array([0] * 30 + [1] * 30 + [2])
    table = TableRows(np.arange(61)[:, None], classes, np.ones(61))
    for learned, held in choose_validation(table, 5, 0, classes).parts:
        assert 2 in learned.y
        assert 2 not in held.y


def test_no_group_and_no_earlier_time_judges_a_trial():
    table, groups = rows(60), np.arange(60) % 6
    for validation in (3, 0.3, GroupKFold(2)):
        for learned, held in choose_validation(table, validation, 0, None, Ties(groups=groups)).parts:
            assert not set(groups[learned.X[:, 0]]) & set(groups[held.X[:, 0]])
    for learned, held in choose_validation(table, 3, 0, None, Ties(times=np.arange(60))).parts:
        assert learned.X.max() < held.X.min()


def test_a_class_of_one_group_is_not_judged_where_it_is_not_known():
    classes, groups = np.array([0, 1] * 20 + [2] * 10), np.repeat(np.arange(5), 10)
    table = TableRows(np.arange(50)[:, None], classes, None)
    for learned, held in choose_validation(table, 2, 0, classes, Ties(groups=groups)).parts:
        assert set(held.y) <= set(learned.y)
        assert not set(groups[learned.X[:, 0]]) & set(groups[held.X[:, 0]])


@pytest.mark.parametrize("name", ["validation_loss", "validation_roc_auc"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_best_score_so_far_is_named_as_in_the_table_of_trials(name, language):
    trials = SimpleNamespace(best=lambda: ({}, 0.125), metric=SimpleNamespace(name=name))
    with speaking(language):
        assert Trials.so_far(trials).endswith(f"{column_name(name, language)} 0.125")
