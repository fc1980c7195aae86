from pathlib import Path

import pytest

from benchmarks.accuracy import curves
from benchmarks.accuracy.contenders import CONTENDERS, OURS
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.tables import Table

LONG = [
    Table(f"of {rows}", Path("any.csv"), "y", "binary", rows, "a") for rows in (300, 5_000, 40_000, 20_000, 100_000)
]
CONTEXT = {"seeds": 1, "max_rows": 10_000, "quick": False}


def test_the_longest_tables_are_taken_up_to_all_their_rows():
    jobs = curves.curve_jobs([CONTENDERS[OURS], CONTENDERS["linear"]], LONG, seeds=1)
    assert {job.contender.name for job in jobs} == {OURS}
    sizes = {table.name: [job.most_rows for job in jobs if job.table == table] for table in LONG}
    assert sizes == {
        "of 300": [],
        "of 5000": [1_000, 3_000, 10_000],
        "of 40000": [1_000, 3_000, 10_000, 30_000, 100_000],
        "of 20000": [1_000, 3_000, 10_000, 30_000],
        "of 100000": [1_000, 3_000, 10_000, 30_000, 100_000],
    }


@pytest.fixture
def content(tmp_path, record):
    journal = Journal(tmp_path / "journal.jsonl")
    for size in (1_000, 3_000, 10_000):
        for model, loss in ((OURS, 0.3), ("catboost", 0.4), ("linear", 0.5)):
            journal.add(record(model, "of 5000", max_rows=size, log_loss=loss + 100 / size))
    return curves.make_content(journal, LONG, CONTEXT)


def test_a_curve_ends_with_the_rows_of_its_table(content):
    assert {name: list(curve) for name, curve in content["curves"].items()} == {"of 5000": ["1000", "3000", "5000"]}
    assert content["curves"]["of 5000"]["3000"][OURS]["log_loss"] == pytest.approx(0.3333, abs=1e-4)


def test_the_page_has_a_line_for_each_number_of_rows(content):
    lines = [line for line in curves.page(content).splitlines() if line.startswith(("| 1,000", "| 3,000", "| 5,000"))]
    assert len(lines) == 3
    assert "linear" not in curves.page(content)


@pytest.mark.slow
def test_the_curves_are_drawn(content, tmp_path):
    curves.draw(content, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
