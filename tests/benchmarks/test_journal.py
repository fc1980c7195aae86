from pathlib import Path

import pytest

from benchmarks.accuracy.contenders import CONTENDERS, OURS
from benchmarks.accuracy.journal import Journal, key_of
from benchmarks.accuracy.means import means_over_seeds
from benchmarks.accuracy.measure import Job, all_jobs, missing, twin
from benchmarks.accuracy.tables import Table

TABLE = Table("small", Path("small.csv"), "y", "binary", 100, "a")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "journal.jsonl"


def jobs(*models, seeds=1):
    return all_jobs([CONTENDERS[model] for model in models], [TABLE], range(seeds), 100)


def test_what_was_added_is_there_when_it_is_read_again(path, record):
    Journal(path).add(record("linear"))
    assert Journal(path).successes == [record("linear")]


def test_of_several_records_of_one_trial_the_last_counts(path, record):
    journal = Journal(path)
    journal.add(record("linear", error=0.3))
    journal.add(record("linear", error=0.1))
    assert [found["error"] for found in Journal(path).successes] == [0.1]


def test_half_a_line_is_measured_again_and_spoils_no_other(path, record):
    Journal(path).add(record("linear"))
    with path.open("a") as file:
        file.write('{"model": "lightgbm", "table": "sm')
    assert len(Journal(path).records) == 1
    Journal(path).add(record("xgboost"))
    assert {key_of(found)[0] for found in Journal(path).successes} == {"linear", "xgboost"}


def test_only_what_is_missing_is_measured(path, record):
    journal = Journal(path)
    journal.add(record("linear"))
    journal.add(record("linear", seed=2))
    assert [job.seed for job in missing(jobs("linear", seeds=4), journal)] == [1, 3]


def test_other_rows_of_the_table_are_another_trial(path, record):
    journal = Journal(path)
    journal.add(record("linear", max_rows=99))
    assert len(missing(jobs("linear"), journal)) == 1


def test_failures_and_trials_in_company_are_measured_again_on_demand(path, record):
    journal = Journal(path)
    journal.add(record("linear") | {"status": "failed", "error": "why"})
    journal.add(record("catboost", busy_with_others=1.5))
    journal.add(record("lightgbm"))
    todo = jobs("linear", "catboost", "lightgbm")
    assert missing(todo, journal) == []
    assert [job.contender.name for job in missing(todo, journal, "failed")] == ["linear"]
    assert [job.contender.name for job in missing(todo, journal, "busy")] == ["catboost"]
    assert [found["model"] for found in journal.failures] == ["linear"]


def test_earlier_journals_are_used_for_other_libraries_alone(path, tmp_path, record):
    earlier = tmp_path / "earlier.jsonl"
    for model in ("linear", "glassnet", "glassnet-mlp"):
        Journal(earlier).add(record(model, error=0.4))
    Journal(path).add(record("linear", seed=1))
    journal = Journal(path, [earlier])
    assert sorted(key_of(found) for found in journal.successes) == [
        ("linear", "small", 0, 100),
        ("linear", "small", 1, 100),
    ]
    assert len(Journal(path).records) == 1  # nothing was copied


def test_seeds_come_one_after_the_other():
    assert [(job.seed, job.contender.name) for job in jobs("linear", "xgboost", seeds=2)] == [
        *[(0, "linear"), (0, "xgboost")],
        *[(1, "linear"), (1, "xgboost")],
    ]


def test_the_preset_that_the_default_has_chosen_is_not_trained_again(path, record):
    journal = Journal(path)
    journal.add(record(OURS, preset="realmlp", error=0.123))
    (same,), (other,) = jobs("glassnet-realmlp"), jobs("glassnet-mlp")
    assert twin(same, journal)["error"] == 0.123
    assert "model" not in twin(same, journal)
    assert twin(other, journal) is None
    assert twin(Job(same.contender, TABLE, 1, 100), journal) is None


def test_a_model_counts_only_with_all_seeds(record):
    records = [record("linear", seed=0, error=0.1), record("linear", seed=1, error=0.3), record("xgboost", seed=0)]
    found = means_over_seeds(records, range(2))
    assert list(found["small"]) == ["linear"]
    assert found["small"]["linear"]["error"] == pytest.approx(0.2)
    assert found["small"]["linear"]["errors"] == [0.1, 0.3]


def test_seconds_are_of_the_seeds_without_company(record):
    alone, busy = record("a", seed=0, error=0.1), record("a", seed=1, error=0.3, fit_seconds=90.0, busy_with_others=1.0)
    [figures] = means_over_seeds([alone, busy], range(2))["small"].values()
    assert (figures["fit_seconds"], figures["busy_with_others"]) == (2.0, 0.0)
    assert figures["error"] == pytest.approx(0.2)
    [figures] = means_over_seeds([busy], [1])["small"].values()
    assert (figures["fit_seconds"], figures["busy_with_others"]) == (90.0, 1.0)
