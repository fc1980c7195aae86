import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.halves import half_of_each
from benchmarks.accuracy.tables import FEWEST_ROWS, numeric_columns, read_index, split_rows, split_table


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    kinds = ["cat"] * 120 + ["dog"] * 60 + ["newt"] * (FEWEST_ROWS - 1)
    return pd.DataFrame({"size": rng.normal(size=len(kinds)), "kind": kinds})


def test_tables_belong_to_the_halves_in_turn():
    assert half_of_each(["x", "y", "z"]) == {"x": "a", "y": "b", "z": "a"}


def test_a_seed_always_gives_the_same_split_and_another_gives_another(frame):
    one, same, other = (split_rows(frame, "kind", False, seed, 150) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one.X_train, same.X_train)
    np.testing.assert_array_equal(one.y_test, same.y_test)
    assert not one.X_train.equals(other.X_train)


def test_three_quarters_of_the_rows_that_are_left_are_for_training(frame):
    split = split_rows(frame, "kind", False, 0, 100)
    assert (len(split.X_train), len(split.X_test)) == (75, 25)
    assert not set(split.X_train["size"]) & set(split.X_test["size"])


def test_classes_keep_their_proportions_and_rare_ones_are_dropped(frame):
    split = split_rows(frame, "kind", False, 0, 1000)
    assert split.classes == 2
    assert np.bincount(split.y_train).tolist() == [90, 45]
    assert np.bincount(split.y_test).tolist() == [30, 15]


def test_numbers_are_left_as_they_are(frame):
    split = split_rows(frame, "size", True, 0, 1000)
    assert split.classes == 0
    assert sorted([*split.y_train, *split.y_test]) == pytest.approx(sorted(frame["size"]))


def test_booleans_are_numbers_and_strings_are_not():
    frame = pd.DataFrame({"yes": [True, False], "word": ["a", None], "number": [1, 2]})
    assert numeric_columns(frame) == ["yes", "number"]


def test_an_index_is_read_in_its_order_without_images_and_leaks(tmp_path):
    rows = pd.DataFrame({"duration": range(40), "age": range(40), "y": ["no", "yes"] * 20})
    rows.loc[0, "y"] = ""
    entry = {"target": "y", "task": "binary", "rows": 40}
    entries = [
        entry | {"name": "first", "file": "first.csv"},
        entry | {"name": "digits", "file": "digits.npz"},
        entry | {"name": "bank_marketing", "file": "bank.csv"},
    ]
    rows.to_csv(tmp_path / "bank.csv", index=False)
    (tmp_path / "INDEX.json").write_text(json.dumps(entries))
    first, bank = read_index(tmp_path)
    assert (first.name, first.half, bank.half) == ("first", "a", "b")
    split = split_table(bank, 0, 1000)
    assert list(split.X_train) == ["age"]  # the duration is known only after the answer
    assert len(split.X_train) + len(split.X_test) == 39  # the row without a target is gone
