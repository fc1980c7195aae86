"""How many workers go on: what was measured by bad luck does not stay, and looks cost little."""

from __future__ import annotations

from glassnet.engines.compiled.worker_count import SELDOM, Pace


def trained(pace, stretches, seconds):
    """So many stretches on a machine where a step takes so long, by the number of workers; the steps of each number."""
    made = {1: 0, pace.most: 0}
    for _ in range(stretches):
        workers, steps = pace.next()
        pace.took(workers, steps, steps * seconds[workers])
        made[workers] += steps
    return made


def test_a_slow_beginning_is_soon_forgotten():
    pace = Pace(2, 60_000_000, fixed=False)
    trained(pace, pace.trials, {1: 1.0, 2: 1.0})
    assert pace.best == 1
    trained(pace, 5, {1: 1.0, 2: 0.6})
    assert pace.best == 2


def test_company_takes_a_worker_away_and_gives_it_back():
    pace = Pace(2, 2_000_000, fixed=False)
    idle, busy = {1: 1.0, 2: 0.6}, {1: 1.2, 2: 10.0}
    trained(pace, 100, idle)
    assert pace.best == 2
    trained(pace, 3, busy)
    assert pace.best == 1
    trained(pace, SELDOM + 1, idle)
    assert pace.best == 2


def test_nearly_all_steps_are_made_by_the_faster():
    made = trained(Pace(2, 2_000_000, fixed=False), 400, {1: 1.0, 2: 10.0})
    assert made[2] < made[1] / 200


def test_looks_at_large_steps_take_no_more_of_them_than_looks_at_small_ones():
    for work in (2_000_000, 60_000_000, 450_000_000):
        pace = Pace(2, work, fixed=False)
        made = trained(pace, 400, {1: 2.0, 2: 1.0})
        assert made[1] < made[2] / 100
