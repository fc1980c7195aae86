import math
from pathlib import Path

import pytest

from benchmarks.accuracy import pairs, report
from benchmarks.accuracy.ablations import ABLATIONS, standard_weights
from benchmarks.accuracy.alternatives import ALTERNATIVES
from benchmarks.accuracy.contenders import BASELINE, CONTENDERS, OURS
from benchmarks.accuracy.content import make_content
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.measure import all_jobs
from benchmarks.accuracy.pictures import draw_all
from benchmarks.accuracy.tables import Table
from benchmarks.accuracy.variants import variant_jobs
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.estimators.presets import TableSize, resolve

TABLES = [
    Table("first", Path("first.csv"), "y", "binary", 100, "a"),
    Table("second", Path("second.csv"), "y", "regression", 100, "b"),
]
CONTEXT = {"seeds": 1, "max_rows": 100, "quick": False}
COMPARED = CONTEXT | {"compare": [OURS, "no dropout"]}


@pytest.fixture
def journal(tmp_path, record):
    found = Journal(tmp_path / "journal.jsonl")
    for model, error in ((OURS, 0.1), (f"{OURS}-mlp", 0.15), (BASELINE, 0.2), ("tabm", 0.1)):
        found.add(record(model, "first", error=error, accuracy=1 - error, preset="realmlp"))
        if model != "tabm":
            rmse = 10 * error
            found.add(record(model, "second", task="regression", error=rmse, rmse=rmse, preset="realmlp"))
    return found


def test_each_half_has_its_own_comparison(journal):
    content = make_content(journal, TABLES, CONTEXT)
    halves = content["halves"]
    assert {half: found["comparisons"][0]["tables"] for half, found in halves.items()} == {
        "a": ["first"],
        "b": ["second"],
        "all": ["first", "second"],
    }
    assert halves["all"]["comparisons"][0]["models"][OURS]["error"] == pytest.approx(0.5)
    assert halves["all"]["wins"][BASELINE]["error"] == [2, 0, 0]


def test_presets_take_no_ranks_from_the_libraries(journal):
    found = make_content(journal, TABLES, CONTEXT)["halves"]["all"]
    assert list(found["comparisons"][0]["models"]) == [OURS, BASELINE]
    assert list(found["comparisons"][1]["models"]) == [OURS, BASELINE, "tabm"]
    assert list(found["presets"][0]["models"]) == [OURS, f"{OURS}-mlp"]


def test_a_half_is_not_asked_about_the_other_s_tables(journal):
    content = make_content(journal, TABLES[:1], CONTEXT)
    assert list(content["tables"]) == ["first"]
    assert "b" not in content["halves"]


def test_other_rows_and_seeds_stay_out(journal, record):
    journal.add(record("linear", "first", max_rows=99))
    journal.add(record("xgboost", "first", seed=1))
    assert set(make_content(journal, TABLES, CONTEXT)["titles"]) == {OURS, f"{OURS}-mlp", BASELINE, "tabm"}


def test_the_page_names_every_model_and_table_and_marks_the_best(journal):
    page = report.page(make_content(journal, TABLES, CONTEXT))
    for words in ("first (a)", "second (b)", "scikit-learn MLP", "TabM", "**10.00**"):
        assert words in page
    assert "several machines" not in page
    assert "Other programs" not in page


def test_the_page_warns_of_seconds_that_mean_nothing(journal, record):
    journal.add(record("linear", "first", machine="another", busy_with_others=2.0, fit_seconds=100.0))
    page = report.page(make_content(journal, TABLES, CONTEXT | {"quick": True}))
    for words in ("several machines", "Other programs", "--quick"):
        assert words in page


def test_a_page_without_results_is_a_page(tmp_path):
    content = make_content(Journal(tmp_path / "none.jsonl"), TABLES, CONTEXT)
    assert report.page(content).startswith("# Accuracy")
    draw_all(content, tmp_path)
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.slow
def test_three_pictures_are_drawn(journal, tmp_path):
    draw_all(make_content(journal, TABLES, CONTEXT), tmp_path)
    assert {path.name for path in tmp_path.glob("*.png")} == set(report.PICTURES)


# -------------------------------------------------------------------- variants


def jobs_of(journal, variants=ABLATIONS):
    return variant_jobs(variants, all_jobs([CONTENDERS[OURS]], TABLES, range(1), 100), journal)


def test_only_what_changes_something_is_taken_away(journal):
    jobs = jobs_of(journal)
    by_table = {table.name: {job.contender.title for job in jobs if job.table == table} for table in TABLES}
    assert "no clamp" in by_table["second"] - by_table["first"]
    assert "no calibration" in by_table["first"] - by_table["second"]
    for job in jobs:
        settings = resolve("realmlp", {}, TableSize(75, 4, job.table.numbers))
        assert any(settings[name] != value for name, value in job.options.items())


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_estimators_take_every_alternative(journal, record, task):
    table = next(table for table in TABLES if table.task == task)
    journal.add(record(OURS, table.name, task=task, preset="auto", train_rows=7500, columns=10))
    made = {job.contender.title: job.options for job in jobs_of(journal, ALTERNATIVES) if job.table == table}
    assert len(made) >= 20
    for options in made.values():
        (NeuralRegressor if table.numbers else NeuralClassifier)(**options)
    assert made["twice the members"]["members"] == 2 * made["three fifths of the members"]["members"] / 0.6
    assert made["half the epochs"]["epochs"] == 16
    assert len(made["a further kind, spread 8"]["kinds"]) == (3 if table.numbers else 4)


def test_embeddings_are_taken_away_where_there_are_some(journal, record):
    words = "no embedding of categories up to 64 levels"
    assert any(job.contender.title == words for job in jobs_of(journal))
    for table, task in (("first", "binary"), ("second", "regression")):
        journal.add(record(OURS, table, task=task, preset="realmlp", most_levels=3))
    assert not any(job.contender.title == words for job in jobs_of(journal))


def test_standard_weights_keep_the_rates_of_all_other_parts():
    settings = {"parametrization": "ntk", "hidden_layers": (256, 64), "learning_rate": 0.16}
    settings |= {"rates": {"bias": 0.5}, "weight_decay": 0.02}
    found = standard_weights(settings)
    assert found["learning_rate"] == pytest.approx(0.01)
    assert found["learning_rate"] * found["rates"]["bias"] == pytest.approx(0.16 * 0.5)
    assert found["learning_rate"] * found["weight_decay"] == pytest.approx(0.16 * 0.02)
    assert standard_weights(settings | {"parametrization": "standard"}) == {}


def of_numbers(record, name, table, rmse, seed=0):
    return record(name, table, seed, task="regression", error=rmse, rmse=rmse, processor_seconds=1.0)


def test_models_are_compared_by_pairs_of_one_table_and_split(journal, record):
    name = f"{OURS}: no dropout"
    journal.add(record(name, "first", error=0.2, accuracy=0.8, log_loss=0.6))
    journal.add(record(name, "first", seed=1))  # the default has no such split
    content = pairs.make_content({OURS: "glassnet", name: "no dropout"}, journal, TABLES, COMPARED)
    [(words, found)] = content["sets"][""].items()
    assert (words, found["tables"], found["pairs"], found["counts"]) == ("no dropout", 1, 1, [0, 0, 1])
    assert found["class_error"] == [pytest.approx(2.0), None, None]
    assert found["log_loss"] == [pytest.approx(1.2), None, None]
    assert found["rmse"] is None
    shown = pairs.page("some_changes", content)
    assert shown.startswith("# Some changes\n")
    assert "--compare glassnet 'no dropout'`" in shown
    assert "| no dropout      |        2.000 |    1.200 |    - |" in shown


def test_standard_errors_are_over_pairs_and_over_tables(tmp_path, record):
    tables = [
        Table(name, Path(folder, name), "y", "regression", 100, "a")
        for folder, name in (("old", "one"), ("new", "two"))
    ]
    journal = Journal(tmp_path / "journal.jsonl")
    for table, changes in zip(tables, ((1.0, 4.0), (8.0, 8.0)), strict=True):
        for seed, changed in enumerate(changes):
            journal.add(of_numbers(record, OURS, table.name, 1.0, seed))
            journal.add(of_numbers(record, "linear", table.name, changed, seed))
    sets = pairs.make_content({OURS: "glassnet", "linear": "linear"}, journal, tables, COMPARED | {"seeds": 2})["sets"]
    assert {name: (found["linear"]["tables"], found["linear"]["pairs"]) for name, found in sets.items()} == {
        "old": (1, 2),
        "new": (1, 2),
        "together": (2, 4),
    }
    # logarithms to base 2: 0 and 2, 3 and 3; over pairs the deviation is 1.414, over tables that of 1 and 3
    assert sets["together"]["linear"]["rmse"] == [
        pytest.approx(4.0),
        pytest.approx(math.log(2) * math.sqrt(2) / 2),
        pytest.approx(math.log(2)),
    ]
    assert sets["old"]["linear"]["rmse"] == [pytest.approx(2.0), pytest.approx(math.log(2)), None]
    assert sets["new"]["linear"]["processor_seconds"] == [pytest.approx(1.0), 0.0, None]


def test_a_table_that_is_all_but_solved_counts_in_no_mean_of_errors(journal, record):
    name = f"{OURS}: no dropout"
    for seed, (own, first) in enumerate(((0.04, 0.02), (0.01, 0.03))):
        for model, error in ((name, own), (OURS, first)):
            figures = {"error": error, "accuracy": 1 - error, "log_loss": error, "processor_seconds": 2.0}
            journal.add(record(model, "second", seed, **figures))
    content = pairs.make_content({OURS: "glassnet", name: "no dropout"}, journal, TABLES[1:], COMPARED | {"seeds": 2})
    [found] = content["sets"][""].values()
    assert (found["tables"], found["pairs"], found["counts"]) == (1, 2, [1, 0, 1])
    assert found["class_error"] is found["log_loss"] is None
    assert found["processor_seconds"]
