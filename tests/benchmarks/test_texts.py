"""The page about tables with columns of text."""

from pathlib import Path

import pytest

from benchmarks.accuracy import texts
from benchmarks.accuracy.contenders import CONTENDERS, OURS
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.measure import all_jobs
from benchmarks.accuracy.tables import Table

MAILS = Table("mails", Path("mails.csv"), "spam", "binary", 100, "a", ("message",))
PLAIN = Table("plain", Path("plain.csv"), "y", "binary", 100, "a")
CONTEXT = {"seeds": 2, "max_rows": 100, "quick": False}


@pytest.fixture
def content(tmp_path, record):
    journal = Journal(tmp_path / "journal.jsonl")
    losses = {OURS: (0.5, 0.5), "text-words": (0.5, 1.0), "text-characters": (1.0, 1.0)}
    for model, of_splits in losses.items():
        for seed, loss in enumerate(of_splits):
            journal.add(record(model, "mails", seed, log_loss=loss, processor_seconds=4.0 if model == OURS else 8.0))
    return texts.make_content(journal, [MAILS], CONTEXT)


def test_ratios_are_geometric_means_over_splits(content):
    assert content["tables"]["mails"]["ratios"]["text-words"][0] == pytest.approx(0.5**0.5)


def test_the_best_anchor_is_that_of_the_largest_ratio(content):
    assert content["tables"]["mails"]["best"] == "text-words"


def test_work_is_a_multiple_of_that_of_the_linear_model(content):
    assert content["tables"]["mails"]["work"] == pytest.approx(0.5)


def test_the_page_has_a_line_for_each_table(content):
    assert "| mails (log-loss) | 0.707 ± 0.347 | 0.500 ± 0.000 | 0.707 ± 0.347 | 0.50 |" in " ".join(
        texts.page(content).split()
    )


def test_the_page_says_which_model_has_no_figure_and_why(tmp_path, record):
    journal = Journal(tmp_path / "journal.jsonl")
    for model in (OURS, "text-words"):
        journal.add(record(model, "mails", 0, log_loss=0.5, processor_seconds=1.0))
    journal.add(record("text-catboost", "mails", 0) | {"status": "too slow", "error": "nothing within 400 s"})
    page = texts.page(texts.make_content(journal, [MAILS], CONTEXT))
    assert "CatBoost, text features: no figure on mails (nothing within 400 s)." in page


def test_models_of_texts_take_part_only_where_there_are_texts():
    jobs = all_jobs([CONTENDERS["text-words"]], [MAILS, PLAIN], [0], 100)
    assert [job.table.name for job in jobs] == ["mails"]


def test_models_of_texts_are_told_the_columns_of_text():
    (job,) = all_jobs([CONTENDERS["text-words"]], [MAILS], [0], 100)
    assert job.order.options == {"text": ("message",)}


def test_the_linear_model_of_words_learns_from_them():
    import pandas as pd

    from benchmarks.accuracy.models import get_model

    X = pd.DataFrame({"message": ["win a prize", "see you later"] * 20, "hour": range(40)})
    model = get_model("text-words", False, 0, text=("message",)).fit(X, [1, 0] * 20)
    assert model.predict(X.head(2)).tolist() == [1, 0]
