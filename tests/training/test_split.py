"""The split into training and validation rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError, InputTypeError
from glassnet.training import split_rows


@given(st.integers(2, 300), st.floats(0.01, 0.9), st.integers(0, 10), st.integers(1, 6))
def test_every_row_is_in_one_part_and_classes_keep_their_shares(rows, fraction, seed, classes):
    y = np.random.default_rng(seed).integers(0, classes, rows)
    wanted = max(1, round(rows * fraction))
    if wanted == rows:
        return
    wanted = min(wanted, max(1, rows - len(np.unique(y))))  # of each class one row stays
    train, held = split_rows(rows, fraction, seed, y)
    assert sorted([*train, *held]) == list(range(rows))
    assert len(held) == wanted
    for number in np.unique(y):
        share = (y[held] == number).sum() - fraction * (y == number).sum()
        assert abs(share) <= 1.5 + abs(wanted - rows * fraction)


def test_the_seed_decides():
    parts = [split_rows(50, 0.2, seed)[1].tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


def test_a_class_of_one_row_is_trained_on():
    y = np.array([0] * 20 + [1])
    for seed in range(20):
        assert 20 in split_rows(21, 0.3, seed, y)[0]


def test_a_class_that_was_not_learned_is_not_judged():
    y = np.array([*range(40), 0, 1, 2])  # 40 classes, three of them with two rows
    train, held = split_rows(43, 0.2, 0, y)
    assert len(held) == 3  # where 9 would be a fifth
    assert set(y[held]) <= set(y[train])


@pytest.mark.parametrize("fraction", [0, 1, -0.1, np.nan])
def test_the_share_must_be_one(fraction):
    with pytest.raises(InputError, match="`validation_fraction` must be between 0 and 1"):
        split_rows(10, fraction, 0)


def test_the_share_must_be_a_number():
    with pytest.raises(InputTypeError, match="`validation_fraction`.* Received: 'some'"):
        split_rows(10, "some", 0)


def test_one_row_cannot_be_split():
    with pytest.raises(InputError, match="at least 2 rows. Received: n_samples = 1"):
        split_rows(1, 0.5, 0)
