"""Rows that are alike: of one customer, or one after the other in time; and rows that are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glassnet.tables.dependent_rows import dependent_rows

GROUPS, EACH = 60, 5
ROWS = GROUPS * EACH


def customers(seed=0, target="of the customer"):
    """Some rows of each customer, with a column of the customer's own and one of the row's."""
    rng = np.random.default_rng(seed)
    number = np.repeat(rng.choice(10**6, GROUPS, replace=False), EACH)
    town = np.repeat(rng.choice(["a", "b", "c", "d"], GROUPS), EACH)
    kept = np.repeat(rng.normal(size=GROUPS), EACH)
    y = kept + 0.3 * rng.normal(size=ROWS) if target == "of the customer" else rng.normal(size=ROWS)
    order = rng.permutation(ROWS)
    frame = pd.DataFrame({"customer_id": number, "town": town, "bill": rng.normal(size=ROWS)})
    return frame.iloc[order], y[order]


def hours(target, seed=0):
    """A row for each hour, in order."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"hour": pd.date_range("2024-03-01", periods=ROWS, freq="h"), "n": rng.normal(size=ROWS)})
    return frame, np.cumsum(rng.normal(size=ROWS)) if target == "walks" else rng.normal(size=ROWS)


def found_in(X, y, judged=None):
    return [(found.kind, found.column) for found in dependent_rows(X, y, judged)]


def test_rows_of_a_customer_that_share_the_target_are_found_in_whatever_order():
    X, y = customers()
    (found,) = dependent_rows(X, y)
    assert (found.kind, found.column, found.different, found.rows) == ("groups", "customer_id", GROUPS, EACH)
    assert found.shared == ("town",)
    assert 0.7 < found.likeness < 1


def test_classes_are_compared_by_whether_they_agree():
    X, y = customers()
    assert found_in(X, np.where(y > 0.5, "yes", "no")) == [("groups", "customer_id")]


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_a_customer_whose_targets_are_chance_are_left_alone(seed):
    assert not found_in(*customers(seed, "of the row"))


def test_a_category_of_few_levels_is_no_group():
    X, y = customers()
    assert not found_in(X[["town", "bill"]], y + 5 * (X["town"] == "a"))


def test_a_number_that_only_predicts_the_target_is_no_group():
    rng = np.random.default_rng(0)
    area = rng.integers(20, 80, 900)
    assert not found_in(pd.DataFrame({"area": area, "rooms": area // 20}), area * 10.0 + rng.normal(size=900))


def test_rows_in_the_order_of_time_whose_neighbours_are_alike_are_found():
    X, y = hours("walks")
    assert found_in(X, y) == [("times", "hour")]
    assert found_in(X[::-1], y[::-1]) == [("times", "hour")]
    kept = np.sort(np.random.default_rng(1).choice(ROWS, 240, replace=False))  # as a split leaves them
    assert found_in(X.iloc[kept], y[kept]) == [("times", "hour")]


@pytest.mark.parametrize("seed", range(5))
def test_rows_in_the_order_of_time_whose_targets_are_chance_are_left_alone(seed):
    assert not found_in(*hours("is chance", seed))


def test_several_rows_of_one_moment_are_asked_for_their_order_of_time_alone():
    X, y = hours("walks")
    X, y = X.loc[X.index.repeat(10)], np.repeat(y, 10)
    assert found_in(X, y) == [("times", "hour")]


def test_a_date_that_does_not_order_the_rows_is_left_alone():
    X, y = hours("walks")
    order = np.random.default_rng(0).permutation(ROWS)
    assert not found_in(X.iloc[order], y[order])


def test_rows_that_judge_and_are_tied_to_none_are_fine():
    X, y = customers()
    ours = X["customer_id"] < X["customer_id"].median()
    assert found_in(X[ours], y[ours], X[ours]) == [("groups", "customer_id")]
    assert not found_in(X[ours], y[ours], X[~ours])
    X, y = hours("walks")
    assert found_in(X[::2], y[::2], X[1::2]) == [("times", "hour")]
    assert not found_in(X[:200], y[:200], X[200:])
