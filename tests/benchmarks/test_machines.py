"""The model of many machines, and the pages about them: figures mean what their words say."""

from __future__ import annotations

import pytest

from benchmarks import beside_xgboost, scale_model, shaped

EMPTY, PER_MEGABYTE = 0.02, 0.003


def test_the_line_is_found_through_the_times_of_rounds():
    times = {size: EMPTY + 2 * size * PER_MEGABYTE for size in (0, 1, 10, 50)}
    assert scale_model.line(2, times) == pytest.approx((EMPTY, PER_MEGABYTE))


@pytest.fixture
def computed():
    """By steps of a tenth of a second, and a network of 4 MB."""
    found = scale_model.modelled(0.1, 4_000_000, EMPTY, PER_MEGABYTE, rate=1e5)
    return {(one["workers"], one["gigabits"], one["local_steps"]): one for one in found}


def test_an_epoch_takes_its_steps_and_its_rounds(computed):
    one = computed[8, 1, 10]
    rounds = scale_model.ROWS / (8 * scale_model.BATCH * 10)
    cable = 2 * 8 * 4e6 * 8 / 1e9  # seconds; longer than the processor takes for as many megabytes
    assert cable > 8 * 4 * PER_MEGABYTE
    assert one["hours_of_an_epoch"] * 3600 == pytest.approx(rounds * (10 * 0.1 + EMPTY + cable))


def test_more_local_steps_and_faster_cables_leave_less_to_wait_for(computed):
    waits = [computed[256, 1, local]["share_of_waiting"] for local in (1, 10, 100)]
    assert waits == sorted(waits, reverse=True)
    assert computed[8, 1, 1]["hours_of_an_epoch"] >= computed[8, 100, 1]["hours_of_an_epoch"]


def test_the_page_of_the_model_has_a_row_for_each_number_of_workers_and_steps(computed):
    measured = {
        "seconds_of_a_step": 0.1,
        "bytes_sent": 4_000_000,
        "rows_a_second_read_and_encoded": 1e5,
        "seconds_of_a_round": {"0 MB": EMPTY, "1 MB": 0.026},
        "shards_of_these_rounds": 2,
        "seconds_of_an_empty_round": EMPTY,
        "seconds_for_each_megabyte_of_each_shard": PER_MEGABYTE,
    }
    content = {"load_before": 0.5, "measured": measured, "one_machine_hours": 12.0, "computed": [*computed.values()]}
    text = scale_model.page(content)
    assert text.count("\n| ") == 1 + len(scale_model.WORKERS) * len(scale_model.LOCAL_STEPS)
    assert "alone would take 12.0 hours" in text


def test_the_page_of_the_cable_compares_what_was_computed():
    records = [{"megabits": 100, "megabytes": 10, "measured": 4.0, "computed": 3.2}]
    assert "| 100 Mbit/s |   10 MB |   4.00 s |   3.20 s |                0.80 |" in shaped.page(records, 2, 0.1)


def test_the_page_beside_xgboost_says_what_came_of_a_dead_worker():
    model = {"ended": "result", "seconds": 9.0, "accuracy": 0.9, "log_loss": 0.3, "digest": "a"}
    records = [
        {"library": "xgboost", "scenario": "first"} | model,
        {"library": "xgboost", "scenario": "again", "same_bits": False, "largest_difference": 0.01} | model,
        {"library": "xgboost", "scenario": "killed", "ended": "no answer after 150 s"},
    ]
    text = beside_xgboost.page(records, 1000, 0.1)
    assert "no answer after 150 s" in text
    assert " no |" in text
    assert "two workers, one killed" in text
