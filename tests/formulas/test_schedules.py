"""Schedules: known points, courses that only fall, restarts, warm-up, and the plateau as a function of the losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError
from glassnet.formulas.schedules import SCHEDULES, Schedule, linear_warmup, reduce_on_plateau

NAMES = [name for name in SCHEDULES if SCHEDULES.get(name).follows == "progress"]
ROOT_HALF = math.sqrt(1 / 2)
progresses = st.floats(0, 1)


KNOWN = [  # (schedule, progress, factor)
    ("constant", 0.0, 1.0),
    ("constant", 1.0, 1.0),
    ("step", 0.0, 1.0),
    ("step", 0.2999, 1.0),
    ("step", 0.3, 0.1),
    ("step", 0.9, 0.001),
    ("step(factor=0.5, every=0.1)", 0.3, 0.125),
    ("exponential", 0.5, 0.1),
    ("exponential(end=0.25)", 0.5, 0.5),
    ("exponential(end=0.25)", 1.0, 0.25),
    ("linear", 0.25, 0.75),
    ("linear(end=0.5)", 0.5, 0.75),
    ("cosine", 0.0, 1.0),
    ("cosine", 0.25, (1 + ROOT_HALF) / 2),
    ("cosine", 0.5, 0.5),
    ("cosine", 1.0, 0.0),
    ("cosine(end=0.2)", 0.5, 0.6),
    ("cosine(end=0.2)", 1.0, 0.2),
    ("cosine(cycles=4)", 0.125, 0.5),
    ("one_cycle", 0.0, 1 / 25),
    ("one_cycle", 0.15, (1 + 1 / 25) / 2),
    ("one_cycle", 0.3, 1.0),
    ("one_cycle", 0.65, (1 + 4e-6) / 2),
    ("one_cycle", 1.0, 4e-6),
    ("one_cycle(rise=0)", 0.0, 1.0),
    ("coslog4", 0.0, 0.0),
    ("coslog4", (math.sqrt(2) - 1) / 15, 1.0),  # log2(1 + 15 t) = 1/2, the top of the first cycle
    ("coslog4", (2**3.5 - 1) / 15, 1.0),  # and of the fourth
    ("coslog4", 7 / 15, 0.0),
    ("flat_cosine", 0.5, 1.0),
    ("flat_cosine", 0.625, (1 + ROOT_HALF) / 2),
    ("flat_cosine", 0.75, 0.5),
    ("flat_cosine(flat=0)", 0.5, 0.5),
]


@pytest.mark.parametrize(("spelling", "progress", "factor"), KNOWN)
def test_known_points(spelling, progress, factor):
    assert SCHEDULES.get(spelling)(progress) == pytest.approx(factor, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@given(progress=progresses)
def test_factors_are_between_zero_and_one_and_plain_floats(name, progress):
    factor = SCHEDULES.get(name)(progress)
    assert type(factor) is float  # a NumPy float64 would widen float32 parameters
    assert 0 <= factor <= 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("warmup", [0.0, 0.25])
def test_arrays_give_what_scalars_give(name, warmup):
    schedule = SCHEDULES.get(name, warmup=warmup)
    t = np.linspace(0, 1, 41).reshape(1, 41)
    factors = schedule(t)
    assert factors.shape == t.shape
    np.testing.assert_allclose(factors[0], [schedule(float(x)) for x in t[0]], rtol=1e-15)  # pow is not always exact


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"coslog4", "one_cycle"}))
@given(progress=progresses, more=progresses)
def test_these_never_rise(name, progress, more):
    schedule = SCHEDULES.get(name)
    assert schedule(0.0) == 1
    assert schedule(min(progress + more, 1.0)) <= schedule(progress)


@pytest.mark.parametrize("every", [0.1, 0.2, 0.25, 0.3, 0.05])
def test_steps_fall_on_the_epoch_that_is_meant(every):
    """Progress is k / epochs in floating point, and 0.3 / 0.1 is a little less than 3."""
    epochs = 100
    factors = SCHEDULES.get("step", every=every)(np.arange(epochs) / epochs)
    falls = np.flatnonzero(np.diff(factors)) + 1
    np.testing.assert_array_equal(falls, np.arange(round(every * epochs), epochs, round(every * epochs)))


@pytest.mark.parametrize("cycles", [1, 2, 3, 7])
def test_warm_restarts_repeat_the_cycle(cycles):
    steps = 50 * cycles
    factors = SCHEDULES.get("cosine", cycles=cycles)(np.arange(steps) / steps)
    first = SCHEDULES.get("cosine")(np.arange(50) / 50)
    np.testing.assert_allclose(factors, np.tile(first, cycles), atol=1e-7)
    assert SCHEDULES.get("cosine", cycles=cycles)(1.0) == pytest.approx(0, abs=1e-15)


def test_coslog4_has_four_cycles_each_twice_as_long():
    t = np.linspace(0, 1, 150_001)
    factors = SCHEDULES.get("coslog4")(t)
    bottoms = [0.0, *t[1:-1][(factors[1:-1] < factors[:-2]) & (factors[1:-1] <= factors[2:])], 1.0]
    np.testing.assert_allclose(np.diff(bottoms), np.array([1, 2, 4, 8]) / 15, atol=1e-4)


# ------------------------------------------------------------------ warm-up


@pytest.mark.parametrize("name", NAMES)
def test_warm_up_rises_to_one_and_the_whole_schedule_follows(name):
    plain, warm = SCHEDULES.get(name), SCHEDULES.get(f"{name}(warmup=0.2)")
    rise = warm(np.linspace(0, 0.1999, 50))
    assert rise[0] == 0.01  # not 0: the first step counts
    np.testing.assert_allclose(np.diff(rise, 2), 0, atol=1e-12)  # a straight line
    assert rise[-1] == pytest.approx(1, abs=1e-3)
    t = np.linspace(0, 1, 101)
    np.testing.assert_allclose(warm(0.2 + 0.8 * t)[1:], plain(t)[1:], atol=1e-6)


def test_linear_warmup_is_the_spelling():
    assert linear_warmup(SCHEDULES.get("cosine"), 0.1) == SCHEDULES.get("cosine(warmup=0.1)")


@pytest.mark.parametrize("spelling", ["cosine(end=0.1, cycles=2, warmup=0.05)", "constant(warmup=0.1)", "linear"])
def test_text_of_a_schedule_is_a_spelling_of_it(spelling):
    schedule = SCHEDULES.get(spelling)
    assert SCHEDULES.get(str(schedule)) == schedule


def test_progress_beyond_the_end_stays_at_the_end():
    assert SCHEDULES.get("linear(end=0.5)")(1.2) == 0.5
    assert SCHEDULES.get("linear(end=0.5)")(-0.2) == 1


def test_a_schedule_of_ones_own():
    halving = Schedule("halving", lambda progress: 0.5 ** np.floor(4 * progress))
    np.testing.assert_array_equal(halving(np.array([0.0, 0.25, 0.5, 0.99])), [1, 0.5, 0.25, 0.125])


# ------------------------------------------------------------------ plateau

losses = st.lists(st.floats(-100, 100), max_size=40)


def plateau(scores, factor=0.5, patience=2, threshold=0.0, minimum=0.0):
    return reduce_on_plateau(scores, factor, patience, threshold, minimum)


def test_plateau_by_hand():
    falling = [5.0, 4.0, 3.0]
    assert plateau(falling) == 1
    assert plateau([*falling, 3.0, 3.0]) == 1  # waited twice, as allowed
    assert plateau([*falling, 3.0, 3.0, 3.0]) == 0.5  # the third is too many
    assert plateau([*falling, *[3.0] * 5]) == 0.5  # the count began again
    assert plateau([*falling, *[3.0] * 6]) == 0.25
    assert plateau([*falling, 3.0, 3.0, 2.9, 3.0, 3.0]) == 1  # better in time


def test_plateau_stops_at_the_minimum():
    assert plateau([1.0] * 100, minimum=0.1) == 0.1


def test_plateau_asks_for_progress_worth_the_name():
    creeping = [1.0 * 0.9999**i for i in range(20)]
    assert plateau(creeping, threshold=0.0) == 1
    assert plateau(creeping, threshold=0.01) < 1


def test_plateau_of_negative_losses_asks_for_progress_too():
    assert plateau([-1.0] * 4, threshold=0.01) == 0.5
    assert plateau([-1.0, -1.02, -1.05, -1.1], threshold=0.01) == 1


def test_a_loss_that_is_not_a_number_is_no_progress():
    assert plateau([1.0, math.nan, math.nan, math.nan]) == 0.5


@given(scores=losses, score=st.floats(-100, 100))
def test_one_more_loss_never_raises_the_rate_and_at_most_halves_it(scores, score):
    before, after = plateau(scores), plateau([*scores, score])
    assert after in (before, before / 2)


@given(scores=losses, power=st.integers(-20, 20))
def test_the_unit_of_the_loss_does_not_matter(scores, power):
    scaled = [score * 2.0**power for score in scores]
    assert plateau(scaled, threshold=0.01) == plateau(scores, threshold=0.01)


def test_plateau_through_the_record():
    schedule = SCHEDULES.get("reduce_on_plateau(factor=0.5, patience=0, warmup=0.5)")
    assert schedule.follows == "scores"
    assert schedule(0.75, scores=[1.0, 1.0]) == 0.5
    assert schedule(0.25, scores=[1.0, 1.0]) == pytest.approx(0.505)  # still warming up
    with pytest.raises(InputError, match="must be given the validation losses so far"):
        schedule(0.75)


@pytest.mark.parametrize("name", [*SCHEDULES, "cosine(warmup=0.1)"])
def test_the_course_of_a_training_is_the_schedule_epoch_by_epoch(name, monkeypatch):
    monkeypatch.setattr("glassnet.formulas.schedules.AT_ONCE", 20)  # two epochs and some, of seven steps
    schedule, scores, epochs = SCHEDULES.get(name), [], 5
    for epoch, factors in enumerate(schedule.course(epochs, 7, scores)):
        expected = schedule((epoch + np.arange(7) / 7) / epochs, scores)
        assert np.array_equal(factors, np.broadcast_to(expected, 7))
        scores.append(1.0)
    assert epoch == epochs - 1
