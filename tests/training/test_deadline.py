"""A training that must be over by a certain time, by a clock that goes as the tests say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import Trainer
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.schedules import SCHEDULES
from glassnet.training import deadline
from glassnet.training.deadline import Deadline


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when the test says so."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(deadline, "time", SimpleNamespace(perf_counter=lambda: now.seconds))
    return now


def carry_out(clock, seconds, seconds_a_step, epochs=10, steps=10, schedule="linear"):
    """The deadline in the end, and the rates of all steps that were done."""
    until, rates = Deadline(seconds, epochs, steps), []
    of_rate = SCHEDULES.get(schedule)
    for of_epoch, _, _ in until.courses((of_rate, SCHEDULES.get("constant"), SCHEDULES.get("constant")), [], 1.0):
        for step in range(steps):
            rates.append(of_epoch[step])
            clock.seconds += seconds_a_step
            until.advance(step + 1)
            if until.over:
                break
    return until, rates


def test_with_time_enough_the_rates_are_those_of_the_schedule(clock):
    _, rates = carry_out(clock, seconds=1000, seconds_a_step=0.1)
    planned = np.concatenate([*SCHEDULES.get("linear").course(10, 10)])
    np.testing.assert_allclose(rates, planned, atol=1e-12)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "flat_cosine"])
def test_a_schedule_ends_with_the_time(clock, schedule):
    until, rates = carry_out(clock, seconds=5, seconds_a_step=0.1, schedule=schedule)
    assert 40 < len(rates) < 50  # half of what was planned; what follows the last step takes some of the time
    assert until.progress == pytest.approx(1, abs=0.02)
    assert rates[-1] < 0.05
    assert clock.seconds <= 5


def test_a_schedule_ends_within_an_epoch_where_there_is_no_time_for_one(clock):
    _, rates = carry_out(clock, seconds=5, seconds_a_step=0.1, epochs=3, steps=100)
    assert len(rates) < 20  # an epoch of ten seconds has four of them to come after it
    until, rates = carry_out(clock, seconds=60, seconds_a_step=0.1, epochs=3, steps=1000)
    assert until.epoch == 1
    assert rates[-1] < 0.05


def test_steps_that_become_slower_are_fewer(clock):
    until = Deadline(10, 1, 200)
    constant = SCHEDULES.get("constant")
    next(until.courses((constant, constant, constant), [], 1.0))
    clock.seconds = 1
    until.advance(20)
    assert until.steps_in_time() == pytest.approx(180 - 80)
    clock.seconds = 5
    until.advance(40)
    assert until.steps_in_time() == pytest.approx(40 - 80)
    assert until.over


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_training_without_time_makes_one_step_and_says_why_it_ended(problem, optimizer):
    network = problem.network()
    before = network.parameters.copy()
    history = Trainer(optimizer=optimizer, epochs=50, time_limit=1e-9).fit(network, problem.X, problem.y)
    assert len(history) == 1
    assert history.ended == "time limit reached in epoch 1 of 50"
    assert (network.parameters != before).any()


def test_a_training_with_time_enough_ends_by_itself(problem):
    history = Trainer(epochs=3, time_limit=3600).fit(problem.network(), problem.X, problem.y)
    assert history.ended == "all 3 epochs are done"


@pytest.mark.parametrize("limit", [0, -1, "soon", float("nan")])
def test_a_limit_is_a_time(problem, limit):
    with pytest.raises((InputError, InputTypeError), match="`time_limit` must be positive"):
        Trainer(time_limit=limit).fit(problem.network(), problem.X, problem.y)
