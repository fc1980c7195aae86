"""What the table itself shows: said by the doctor, before a training, and at the head of the report, and the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import TableWarning
from glassnet.insight.doctor.skill import skill_of_words
from glassnet.insight.doctor.table_checks import KINDS, RawTable, table_findings

ROWS = 240
FILL = ["please", "help", "the", "thing", "is", "down", "again", "since", "monday", "urgent", "thanks"]
QUICK = {"preset": "mlp", "hidden_layers": (4,), "epochs": 2, "random_state": 0}


def tickets(telling=True):
    """Free text that names its topic, or another one."""
    rng = np.random.default_rng(0)
    topic = rng.integers(0, 3, ROWS)
    named = topic if telling else rng.integers(0, 3, ROWS)
    words = np.array([["printer", "toner"], ["mail", "inbox"], ["vpn", "token"]])
    texts = [" ".join([*rng.choice(FILL, 6), rng.choice(words[each])]) + f" {row}x" for row, each in enumerate(named)]
    return pl.DataFrame({"message": texts, "priority": rng.integers(1, 4, ROWS)}), topic


def kinds(table):
    return [(found.kind, found.severity) for found in table_findings(table)]


@pytest.mark.slow
def test_free_text_that_tells_the_target_comes_first_and_is_serious():
    X, y = tickets()
    (found,) = table_findings(RawTable(X, y))
    assert (found.kind, found.severity, found.evidence["skill"] > 0.5) == ("free_text", "serious", True)
    with pytest.warns(TableWarning):
        model = NeuralClassifier(**QUICK, free_text="none").fit(X, y)
    assert next(iter(model.diagnose(X, y))).kind == "free_text"


@pytest.mark.slow
def test_free_text_that_tells_nothing_is_a_note():
    assert kinds(RawTable(*tickets(telling=False))) == [("free_text", "note")]


def test_free_text_of_which_nobody_can_tell_is_a_warning():
    X, y = tickets()
    assert kinds(RawTable(X)) == kinds(RawTable(X[:50], y[:50])) == [("free_text", "warning")]


def test_text_that_the_network_learns_from_is_no_issue():
    X, y = tickets()
    assert kinds(RawTable(X, y, texts=["message"])) == []
    model = NeuralClassifier(**QUICK).fit(X, y)
    assert not {"free_text", "identifier"} & {found.kind for found in model.diagnose(X, y)}


def test_rows_that_differ_in_their_texts_alone_are_no_duplicates_and_their_network_has_no_low_rate():
    X, y = tickets()
    X = X.drop("priority")  # nothing but texts: what the hidden layers take is 0
    model = NeuralClassifier(**QUICK).fit(X[:160], y[:160])
    held = {"validation_data": (X[160:], y[160:])}
    assert not {"duplicates", "learning_rate_low"} & {found.kind for found in model.diagnose(X[:160], y[:160], **held)}
    again = {"validation_data": (X[150:], y[150:])}
    (copies,) = (found for found in model.diagnose(X[:160], y[:160], **again) if found.kind == "duplicates")
    assert copies.evidence["count"] == 10


@pytest.mark.slow
def test_words_in_a_writing_without_spaces_are_read():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    texts = [
        "".join(rng.choice(list("我你他在有是的了不人这中大来上"), 12)) + ("很好" if each else "很差") for each in y
    ]
    assert skill_of_words(texts, y, classes=True) > 0.5


def ages(**more):
    rng = np.random.default_rng(0)
    age = np.where(np.arange(ROWS) % 12 == 0, -999, rng.integers(18, 80, ROWS))
    return pl.DataFrame({"age": age, **more}), rng.normal(size=ROWS)


def test_a_number_that_means_a_gap_is_named_as_it_is_typed():
    (found,) = table_findings(RawTable(*ages(), classes=False))
    assert "age is \N{MINUS SIGN}999 in 8.3% of the rows" in found.spoken("en").what
    assert "--missing=-999" in found.spoken("en").remedy


def test_what_is_a_gap_in_one_column_and_a_number_in_another_is_not_declared_missing_everywhere():
    (found,) = table_findings(RawTable(*ages(balance=np.resize([-999, -12, 40, 700], ROWS)), classes=False))
    assert "would also empty those of balance" in found.spoken("en").remedy


def test_a_target_of_numbers_is_looked_at_too():
    X, y = ages()
    found = table_findings(RawTable(X.select(pl.lit(1).alias("one")), np.where(y > 1.5, 9999, y), False, "rent"))
    assert [(each.kind, each.evidence["name"]) for each in found] == [("sentinel", "rent")]


def customers():
    rng = np.random.default_rng(0)
    number, kept = np.repeat(rng.choice(10**6, 60, replace=False), 4), np.repeat(rng.normal(size=60), 4)
    order = rng.permutation(ROWS)
    X = pd.DataFrame({"customer": number, "bill": kept + 0.1 * rng.normal(size=ROWS)}).iloc[order]
    return X, (kept + 0.1 * rng.normal(size=ROWS))[order]


@pytest.mark.slow
def test_whoever_keeps_groups_together_hears_no_advice_to_do_so():
    X, y = customers()
    assert kinds(RawTable(X, y, classes=False)) == [("alike_groups", "warning")]
    assert kinds(RawTable(X, y, classes=False, grouped=True)) == []
    model = NeuralRegressor(**QUICK).fit(X, y)
    assert model.diagnose(X, y).findings_of("alike_groups")
    assert not model.diagnose(X, y, groups=X["customer"]).findings_of("alike_groups")


@pytest.mark.slow
def test_columns_that_the_model_does_not_read_are_not_looked_at():
    X, y = customers()
    model = NeuralRegressor(**QUICK).fit(X[["bill"]], y)
    assert not {found.kind for found in model.diagnose(X, y)} & KINDS


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_does_not_praise_what_like_rows_have_made_good(language, tmp_path):
    X, y = customers()
    model = NeuralRegressor(**QUICK | {"epochs": 60, "learning_rate": 0.03}).fit(X[:180], y[:180])
    page = model.report(tmp_path / "r.html", X[180:], y[180:], training_data=(X[:180], y[:180]), language=language)
    text = page.read_text(encoding="utf-8")
    assert {"en": "These scores may be too optimistic", "zh": "这些评分可能偏高"}[language] in text
    assert {"en": "closely", "zh": "较精确"}[language] not in text
    assert "--group customer" in text
