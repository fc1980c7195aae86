"""The time that a fit has: how members share it, by a clock that goes as the tests say; and what comes out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from glassnet.estimators import members
from glassnet.estimators.members import RESERVE, TimeBudget


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(members, "time", SimpleNamespace(perf_counter=lambda: now.seconds))
    return now


def shared(seconds, members, at_a_time=1):
    made = TimeBudget(seconds / (1 - RESERVE))
    made.share_out(members, at_a_time)
    return made


def end_of(turn, whole, before=0.0):
    """When a member has to be done that would take so long."""
    run = SimpleNamespace(deadline=SimpleNamespace(done=1, begun=turn.begin + before, whole=whole, end=None))
    turn.on_progress(run)
    return run.deadline.end


def test_members_share_the_time_alike(clock):
    made = shared(12, members=6, at_a_time=2)
    for expected in (4, 4, 8, 8, 12, 12):
        clock.seconds = expected - 4
        assert end_of(made.next_turn(), whole=6) == pytest.approx(expected)


def test_what_one_leaves_the_next_ones_have(clock):
    made = shared(12, members=3)
    made.next_turn()
    clock.seconds = 2
    assert end_of(made.next_turn(), whole=6) == pytest.approx(7)


def test_rather_few_members_than_short_ones(clock):
    """Ten members of two seconds each, who would take sixteen: four is a quarter."""
    made = shared(20, members=10)
    assert end_of(made.next_turn(), whole=16) == pytest.approx(4)
    made = shared(20, members=10)
    assert end_of(made.next_turn(), whole=1000) == pytest.approx(20)


def test_a_member_for_whom_too_little_is_left_is_left_out(clock):
    made = shared(20, members=10)
    end_of(made.next_turn(), whole=16, before=0.5)
    clock.seconds = 17.4
    assert made.next_turn() is not None
    clock.seconds = 17.6
    assert made.next_turn() is None


def test_the_first_member_always_has_a_turn(clock):
    made = shared(1, members=3)
    clock.seconds = 5
    assert made.next_turn().seconds > 0
    assert made.next_turn() is None


# ----------------------------------------------------------------- what comes out


def test_a_fit_without_time_gives_one_member_and_says_so(table, classifier):
    model = classifier(preset="realmlp", epochs=30, members=4).fit(table.X, table.letters, time_limit=1e-9)
    assert len(model.networks_) == model.settings_["members"] == 1
    assert model.history_.ended == "time limit reached in epoch 1 of 30; 3 of 4 members were not trained"
    assert np.isfinite(model.predict_proba(table.X)).all()


def test_a_fit_with_time_enough_is_as_long_as_without_a_limit(table, regressor):
    model = regressor(members=3, epochs=4).fit(table.X, table.number, time_limit=3600)
    assert [len(history) for history in model.histories_] == [4] * 3
    assert model.history_.ended == "all 4 epochs are done"
