"""What is said of parts and columns of a table: where a model errs more, and which columns say the same."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from glassnet import TableEncoder
from glassnet.insight.predictions import Predictions
from glassnet.insight.report.columns import columns_of, near_duplicates, spelled
from glassnet.insight.report.judgement import weak_spots


def columns(X):
    return columns_of(X, TableEncoder().fit(X).plan)


def judged(X, wrong):
    """A subject of rows, some of which are answered wrongly."""
    y = np.zeros(len(X))
    return SimpleNamespace(
        columns=columns(X), y=y, classes=np.array([0, 1]), wrong=np.asarray(wrong), weight=None,
        leading=range(X.shape[1]), predicted=Predictions(y),
    )  # fmt: skip


def test_a_part_that_errs_more_is_found_once():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"city": rng.choice(["Bern", "Graz", "Ulm", "Linz"], 800), "age": rng.normal(40, 10, 800)})
    X["town"] = X["city"].str.upper()
    wrong = rng.random(800) < np.where(X["city"] == "Ulm", 0.6, 0.1)
    (found,) = weak_spots(judged(X, wrong))
    assert (found.column, found.kind, found.values) == ("city", "is", ("Ulm",))
    assert found.rows == (X["city"] == "Ulm").sum()
    assert np.isclose(found.inside, wrong[X["city"] == "Ulm"].mean())
    assert np.isclose(found.outside, wrong[X["city"] != "Ulm"].mean())


def test_gaps_and_ranges_are_parts_too():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(40, 10, 800), "paid": rng.normal(size=800)})
    X.loc[:99, "paid"] = np.nan
    wrong = rng.random(800) < np.where((X["age"] > X["age"].quantile(0.75)) | X["paid"].isna(), 0.6, 0.1)
    assert [(found.column, found.kind) for found in weak_spots(judged(X, wrong))] == [
        ("age", "from"),
        ("paid", "missing"),
    ]


def test_errors_that_are_alike_everywhere_accuse_no_part():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"city": rng.choice(["Bern", "Graz", "Ulm"], 800), "age": rng.normal(40, 10, 800)})
    assert weak_spots(judged(X, rng.random(800) < 0.2)) == []
    assert weak_spots(judged(X, np.zeros(800, bool))) == []


def test_large_numbers_may_be_answered_worse_than_small_ones():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(40, 10, 800)})
    said = rng.uniform(1, 5, 800)
    subject = judged(X, np.zeros(800, bool))
    subject.classes, subject.predicted = None, Predictions(said)
    subject.y = said + np.where(said > 4, 1.0, 0.1) * rng.normal(size=800)
    (found,) = weak_spots(subject)
    assert (found.column, found.kind) == ("", "from")


def test_columns_that_follow_from_each_other_are_near_duplicates():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"place": rng.choice(["Bern", "Graz", "Ulm"], 300), "size": rng.normal(size=300)})
    X["code"] = X["place"].map({"Bern": 3, "Graz": 8, "Ulm": 10})
    X["square"] = X["size"] ** 3
    X["noisy"] = X["size"] + rng.normal(size=300)
    X["nearly_always"] = rng.random(300) < 0.02
    X["never_both"] = rng.random(300) < 0.02
    assert near_duplicates(columns(X)) == [("place", "code"), ("size", "square")]


def test_moments_beyond_the_years_of_python_are_spelled():
    assert spelled("date", 3e17) == "11476-08-15"
    assert spelled("datetime", 3e17) == "11476-08-15 05:20"
    assert spelled("date", -1e17) == "-1199-02-15"
    assert spelled("datetime", 0.0) == "1970-01-01"
