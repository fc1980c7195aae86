"""Groups that stay on one side of a split, and validation rows that are later than the others."""

from __future__ import annotations

import datetime
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError, InputTypeError
from glassnet.training import Ties, split_rows


def of(groups=None, times=None):
    return Ties.of(groups, times, len(groups if times is None else times))


# ---------------------------------------------------------------------- groups


@given(st.lists(st.integers(0, 12), min_size=10, max_size=80), st.integers(2, 5), st.integers(0, 5))
def test_no_group_is_in_two_parts_and_no_part_is_empty(groups, parts, seed):
    count = len(set(groups))
    if count < parts:
        return
    part = of(groups).dealt(np.full(parts, 1 / parts), np.random.default_rng(seed), None)
    assert len({*zip(groups, part.tolist(), strict=True)}) == count
    assert len(set(part.tolist())) == parts


def test_parts_have_their_shares_of_rows_and_of_every_class():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 2000)
    classes = (rng.uniform(size=200) < 0.2)[groups].astype(int)  # a class is all that a group has
    part = of(groups).dealt(np.array([0.7, 0.3]), rng, classes)
    for rows in (classes == 0, classes == 1):
        assert (part[rows] == 1).mean() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_a_group_goes_where_the_shares_stay_most_even(seed):
    """That is where the sum of squared shares, each by the part's own, grows least."""
    rng, shares = np.random.default_rng(seed), np.array([0.5, 0.3, 0.2])
    sizes = rng.permutation(np.arange(1, 13))
    groups = np.repeat(np.arange(12), sizes)
    classes = rng.choice(3, len(groups), p=[0.7, 0.2, 0.1])
    rows = np.zeros((12, 3))
    np.add.at(rows, (groups, classes), 1)
    held, expected = np.zeros((3, 3)), np.empty(12, int)
    for group in np.argsort(-sizes):
        after = held + np.eye(3)[:, :, None] * rows[group]  # of each choice, by part and class
        best = np.argmin((((after / rows.sum(axis=0)) ** 2).sum(axis=2) / shares).sum(axis=1))
        held, expected[group] = after[best], best
    np.testing.assert_array_equal(Ties(groups=groups).dealt(shares, rng, classes), expected[groups])


def test_one_large_group_is_learned_from():
    groups = ["large"] * 90 + ["small"] * 10
    train, held = split_rows(100, 0.2, 0, groups=groups)
    assert (len(train), len(held)) == (90, 10)


def test_two_groups_of_one_size_are_parted():
    train, held = split_rows(100, 0.1, 0, groups=np.repeat([0, 1], 50))
    assert (len(train), len(held)) == (50, 50)


def test_the_seed_decides_among_groups():
    groups = np.repeat(np.arange(20), 3)
    parts = [split_rows(60, 0.2, seed, groups=groups)[1].tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


def test_ties_of_some_rows_are_counted_anew():
    groups, times = of(groups=["a", "c", "b", "c"]).take(np.array([1, 2, 3]))
    assert groups.tolist() == [1, 0, 1]
    assert times is None


@pytest.mark.parametrize(
    ("ties", "learned", "held", "told"),
    [
        (Ties(), [0], [1, 2], None),
        (Ties(groups=np.array([0, 0, 1])), [0, 1], [2], None),
        (Ties(groups=np.array([0, 0, 1])), [0, 2], [1], "both sides"),
        (Ties(times=np.array([0, 1, 1])), [0], [1, 2], None),
        (Ties(times=np.array([0, 1, 1])), [0, 1], [2], "later"),
        (Ties(times=np.array([0, 1, 2])), [0, 2], [1], "later"),
    ],
)
def test_a_split_of_ones_own_keeps_ties(ties, learned, held, told):
    with pytest.raises(InputError, match=told) if told else nullcontext():
        ties.check((np.array(learned), np.array(held)))


def test_one_group_cannot_be_parted():
    with pytest.raises(InputError, match=r"as many groups as parts. Received: 1 group, 2 parts."):
        split_rows(10, 0.2, 0, groups=["a"] * 10)
    with pytest.raises(InputError, match=r"Received: 2 groups, 3 parts."):
        of([0, 1]).dealt(np.full(3, 1 / 3), np.random.default_rng(0), None)


# ----------------------------------------------------------------------- times


@given(st.lists(st.integers(0, 20), min_size=5, max_size=60), st.floats(0.1, 0.9))
def test_the_latest_rows_are_held_back(times, fraction):
    if len(set(times)) < 2:
        return
    train, held = split_rows(len(times), fraction, 0, times=times)
    assert sorted([*train, *held]) == list(range(len(times)))
    assert np.take(times, train).max() < np.take(times, held).min()


def test_the_share_of_the_latest_is_as_near_as_equal_times_allow():
    assert split_rows(10, 0.3, 0, times=[0] * 4 + [1] * 4 + [2] * 2)[1].tolist() == [8, 9]
    assert split_rows(10, 0.3, 0, times=np.arange(10)[::-1])[1].tolist() == [0, 1, 2]


def test_blocks_go_forward_in_time():
    times = np.random.default_rng(0).permutation(60)
    folds = of(times=times).forward(4)
    assert [len(held) for _, held in folds] == [12] * 4
    for train, held in folds:
        assert times[train].max() < times[held].min()
        assert len(train) == times[held].min()  # all that was before


def test_a_group_with_later_rows_is_not_learned_from():
    train, held = split_rows(6, 0.34, 0, groups=list("abcacd"), times=range(6))
    assert (train.tolist(), held.tolist()) == ([0, 1, 3], [4, 5])


def test_groups_that_all_go_on_leave_nothing_to_learn_from():
    with pytest.raises(InputError, match="At least one group must have only earlier rows"):
        split_rows(6, 0.34, 0, groups=list("ababab"), times=range(6))


@pytest.mark.parametrize(
    "times",
    [
        [datetime.date(2024, 1, day) for day in (3, 1, 2)],
        np.array(["2024-01-03", "2024-01-01", "2024-01-02"], "datetime64[D]"),
        pd.Series(pd.to_datetime(["2024-01-03", "2024-01-01", "2024-01-02"], utc=True)),
        [2.5, -1.0, 0.0],
    ],
    ids=["dates", "numpy", "pandas", "numbers"],
)
def test_times_come_in_any_form_that_has_an_order(times):
    assert of(times=times).times.tolist() == [2, 0, 1]


def test_a_gap_is_told_by_its_row():
    with pytest.raises(InputError, match=r"one known value per row, .* Received: a gap in row 2\."):
        of(times=[1.0, 2.0, np.nan])


def test_one_moment_has_no_later_one():
    with pytest.raises(InputError, match="enough distinct times .* Received: 1 different. Omit `times`"):
        split_rows(4, 0.5, 0, times=[7, 7, 7, 7])
    with pytest.raises(InputError, match="enough distinct times .* Received: 3 different. Use finer"):
        of(times=[0, 1, 2, 2]).forward(5)


# ----------------------------------------------------------------- what is none


@pytest.mark.parametrize("groups", [[1, 2], [[1], [2], [3]], [1.0, np.nan, 2.0], ["a", None, "b"], ["a", 1, "b"], 5])
def test_groups_are_one_known_value_a_row(groups):
    with pytest.raises((InputError, InputTypeError), match="`groups` must have one known value per row"):
        Ties.of(groups, None, 3)


def test_text_has_no_order_in_time():
    with pytest.raises(InputTypeError, match="`times` must be numbers or dates. Received: text such as '1/2/2024'"):
        Ties.of(None, ["3/2/2024", "1/2/2024"], 2)
