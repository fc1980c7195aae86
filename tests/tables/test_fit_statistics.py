"""What an encoder learns from pieces is what it learns from the whole table."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from glassnet.errors import InputError
from glassnet.tables import TableEncoder
from glassnet.tables import fit_statistics as module
from glassnet.tables.fit_statistics import FitStatistics

ROWS = 400


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    day = datetime.date(2024, 1, 1)
    return pl.DataFrame(
        {
            "number": np.where(rng.random(ROWS) < 0.2, np.nan, rng.normal(5, 2, ROWS)),
            "whole": rng.integers(0, 9, ROWS),
            "yes": rng.random(ROWS) < 0.5,
            "constant": np.ones(ROWS),
            "level": rng.choice(["a", "b", "c", None], ROWS),
            "many": [f"level {number % 70}" for number in range(ROWS)],
            "day": [day + datetime.timedelta(days=int(days)) for days in rng.integers(0, 800, ROWS)],
            "nothing": pl.Series([None] * ROWS, dtype=pl.String),
        },
        strict=False,
    )


def surveyed(frame, weights, scaling, piece=ROWS):
    survey = FitStatistics(quantiles=scaling == "robust")
    for start in range(0, ROWS, piece):
        survey.add(frame[start : start + piece], weights[start : start + piece])
    return survey


def encoder(scaling):
    return TableEncoder(scaling=scaling, max_levels=50, max_one_hot=8, dtype="float64")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scaling", ["standard", "robust", "none"])
def test_one_piece_gives_the_same_bits(frame, scaling, weighted):
    weights = np.random.default_rng(1).integers(1, 4, ROWS).astype(float) if weighted else np.ones(ROWS)
    here = encoder(scaling).fit(frame, sample_weight=weights)
    assert encoder(scaling).fit_survey(surveyed(frame, weights, scaling)) == here


@pytest.mark.parametrize("piece", [1, 37, 150])
@pytest.mark.parametrize("scaling", ["standard", "robust"])
def test_pieces_give_the_same_bits(frame, scaling, piece, monkeypatch):
    monkeypatch.setattr(
        "glassnet.tables.columns.number_statistics.NUMBERS", 300
    )  # several blocks of every kind of column
    frame = frame.with_columns(far=pl.col("number") * 1e-3 + 1e9)
    weights = np.random.default_rng(1).random(ROWS) + 0.1
    here = encoder(scaling).fit(frame, sample_weight=weights)
    assert encoder(scaling).fit_survey(surveyed(frame, weights, scaling, piece)) == here


@pytest.mark.parametrize("scaling", ["standard", "robust"])
def test_merged_parts_agree_to_rounding(frame, scaling):
    weights = np.random.default_rng(1).integers(1, 4, ROWS).astype(float)
    here = encoder(scaling).fit(frame, sample_weight=weights)
    survey = FitStatistics(quantiles=scaling == "robust")
    for start in range(0, ROWS, 100):
        part = FitStatistics(quantiles=scaling == "robust")
        part.add(frame[start : start + 100], weights[start : start + 100])
        survey.merge(part)
    there = encoder(scaling).fit_survey(survey)
    assert there.feature_names_out == here.feature_names_out
    np.testing.assert_allclose(there.transform(frame), here.transform(frame), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("piece", [1, 37])
def test_pieces_of_arrays_as_well(monkeypatch, piece):
    monkeypatch.setattr("glassnet.tables.columns.number_statistics.NUMBERS", 300)
    X = np.random.default_rng(0).normal(1e6, 1, size=(ROWS, 3))
    X[::7, 1] = np.nan
    assert encoder("standard").fit_survey(surveyed(X, np.ones(ROWS), "standard", piece)) == encoder("standard").fit(X)


def test_arrays_as_well():
    X = np.random.default_rng(0).normal(size=(ROWS, 3))
    assert encoder("robust").fit_survey(surveyed(X, np.ones(ROWS), "robust")) == encoder("robust").fit(X)


def test_the_lightest_of_very_many_levels_are_put_together(monkeypatch):
    monkeypatch.setattr(module, "MOST_LEVELS", 20)
    survey = FitStatistics(quantiles=False)
    for number in range(10):
        levels = ["often"] * 50 + ["seldom"] * 10 + [f"once {number} {which}" for which in range(40)]
        survey.add(pl.DataFrame({"level": levels}), np.ones(100))
    column = survey.plan("standard", 2, None).others[0]
    assert column.levels == ("often", "seldom")
    assert column.other
    running = survey.others[0]
    assert sum(running.weight.values()) + running.others == 1000


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            {"a": [1.0]},
            {"a": ["x"]},
            "Column 'a' must contain values of one kind in all rows. Received: numbers, then text",
        ),
        ({"a": [1.0]}, {"b": [1.0]}, "All files and batches must have the same columns. Received: other ones: a, b"),
    ],
)
def test_pieces_that_do_not_belong_together(first, second, message):
    survey = FitStatistics(quantiles=False)
    survey.add(pl.DataFrame(first), np.ones(1))
    with pytest.raises(InputError, match=message):
        survey.add(pl.DataFrame(second), np.ones(1))


def test_numbers_beyond_squares_are_refused():
    survey = FitStatistics(quantiles=False)
    survey.add(np.array([[1e200], [2e200]]), np.ones(2))
    with pytest.raises(InputError, match="squares of numbers must not overflow float64"):
        survey.plan("standard", 8, None)


def test_infinity_is_refused():
    survey = FitStatistics(quantiles=False)
    survey.add(np.array([[1.0], [np.inf]]), np.ones(2))
    with pytest.raises(InputError, match="Numbers must be finite"):
        survey.plan("standard", 8, None)


def test_an_order_of_levels_is_one_of_all_pieces():
    orders = [["low", "mid", "high"], ["low", "mid", "high"], ["high", "mid", "low"]]
    pieces = [pl.DataFrame({"a": pl.Series(order, dtype=pl.Enum(order))}) for order in orders]
    found = []
    for count in (2, 3):
        survey = FitStatistics(quantiles=False)
        for piece in pieces[:count]:
            survey.add(piece, np.ones(3))
        found.append(survey.plan("standard", 8, None).others[0].ordered)
    assert found == [True, False]
