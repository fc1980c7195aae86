"""How many workers go on: what was measured by bad luck does not stay, and looks cost little."""

from __future__ import annotations

from glassnet.engines.compiled.workers import LONG_WAIT, WorkerTuner


def trained(tuner, stretches, seconds):
    """So many stretches on a machine where a step takes so long, by the number of workers; the steps of each number."""
    made = {1: 0, tuner.most: 0}
    for _ in range(stretches):
        workers, steps = tuner.next()
        tuner.record(workers, steps, steps * seconds[workers])
        made[workers] += steps
    return made


def test_a_slow_beginning_is_soon_forgotten():
    tuner = WorkerTuner(2, 60_000_000, fixed=False)
    trained(tuner, tuner.trials, {1: 1.0, 2: 1.0})
    assert tuner.best == 1
    trained(tuner, 5, {1: 1.0, 2: 0.6})
    assert tuner.best == 2


def test_company_takes_a_worker_away_and_gives_it_back():
    tuner = WorkerTuner(2, 2_000_000, fixed=False)
    idle, busy = {1: 1.0, 2: 0.6}, {1: 1.2, 2: 10.0}
    trained(tuner, 100, idle)
    assert tuner.best == 2
    trained(tuner, 3, busy)
    assert tuner.best == 1
    trained(tuner, LONG_WAIT + 1, idle)
    assert tuner.best == 2


def test_nearly_all_steps_are_made_by_the_faster():
    made = trained(WorkerTuner(2, 2_000_000, fixed=False), 400, {1: 1.0, 2: 10.0})
    assert made[2] < made[1] / 200


def test_looks_at_large_steps_take_no_more_of_them_than_looks_at_small_ones():
    for work in (2_000_000, 60_000_000, 450_000_000):
        tuner = WorkerTuner(2, work, fixed=False)
        made = trained(tuner, 400, {1: 2.0, 2: 1.0})
        assert made[1] < made[2] / 100
