"""Classes or numbers, and rows without either."""

from __future__ import annotations

import datetime

import narwhals
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from glassnet.errors import InputError, InputTypeError
from glassnet.tables.target_column import MOST_INTEGER_CLASSES, guess_task, keep_labelled

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("task", "y", "reason"),
    [
        ("binary", ["yes", "no", "no"], "text with 2 distinct values"),
        ("binary", [True, False, True], "Boolean"),
        ("binary", np.array([0, 1, 0]), "2 distinct values"),
        ("binary", [-1.0, 1.0, 1.0], "2 distinct values"),
        ("binary", [0.5, 2.5], "2 distinct values"),
        ("binary", [1, None, 0, 1], "2 distinct values"),
        ("binary", pd.Series(["a", np.nan, "b"]), "text with 2 distinct values"),
        ("multiclass", ["a", "b", "c"], "text with 3 distinct values"),
        ("multiclass", [f"name {i}" for i in range(500)], "text with 500 distinct values"),
        ("multiclass", pd.Series([1, 2, 3, 3], dtype="category"), "text with 3 distinct values"),
        ("multiclass", RNG.integers(0, 3, 150), "integers, with only 3 distinct values in 150 rows"),
        ("multiclass", RNG.integers(0, 10, 1797).astype(float), "integers, with only 10 distinct values"),
        ("multiclass", np.repeat(np.arange(MOST_INTEGER_CLASSES), 3), "integers, with only 20 distinct values"),
        ("regression", np.repeat(np.arange(MOST_INTEGER_CLASSES + 1), 50), "integers, with 21 distinct values"),
        ("regression", RNG.poisson(200, 1000), "has integers, with"),
        ("regression", [1, 2, 3, 4], "4 distinct values in only 4 rows"),
        ("regression", [1.5, 2.0, 3.0], "non-integer"),
        ("regression", RNG.normal(size=50), "non-integer"),
        ("regression", [1.0, 2.0, float("inf")], "non-integer"),
    ],
)
def test_the_task_follows_from_the_values(task, y, reason):
    guess = guess_task(y)
    assert guess.name == task
    assert reason in guess.reason
    assert str(guess) == f"{task}: {guess.reason}"


@pytest.mark.parametrize("bundle", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_scikit_learns_tables_are_guessed_right(bundle):
    from sklearn import datasets

    expected = {"breast_cancer": "binary", "diabetes": "regression"}.get(bundle, "multiclass")
    assert guess_task(getattr(datasets, f"load_{bundle}")().target).name == expected


@pytest.mark.parametrize(
    "convert",
    [
        list,
        np.array,
        pd.Series,
        pl.Series,
        lambda y: pl.Series(y).to_arrow(),
        lambda y: narwhals.from_native(pl.Series(y), series_only=True),
        lambda y: narwhals.from_native(pl.DataFrame({"y": y})),
        lambda y: np.ma.array(y),
        lambda y: np.array(y, dtype=object),
        lambda y: np.array(y)[:, None],
        lambda y: pd.DataFrame({"y": y}),
        lambda y: pl.DataFrame({"y": y}),
    ],
)
def test_any_container_will_do(convert):
    assert guess_task(convert([1, 2, 3] * 4)).name == "multiclass"
    assert guess_task(convert(["a", "b"] * 4)).name == "binary"


@pytest.mark.parametrize(
    ("y", "remedy"),
    [
        ([f"${number}.50" for number in range(30)], "stands around the numbers"),
        ([f"{number}.50" for number in range(30)], "Specify their decimal mark"),
        ([*(f"{number}.50" for number in range(30)), "n/a"], "If 'n/a' means a missing value"),
    ],
)
def test_text_that_holds_numbers_is_not_taken_for_classes(y, remedy):
    with pytest.raises(InputError, match=f"classes or numbers.*{remedy}.*task="):
        guess_task(y)


@pytest.mark.parametrize("y", [[f"{number} stars" for number in range(12)] * 4, [f"A{number}" for number in range(50)]])
def test_few_texts_with_numbers_and_codes_are_classes(y):
    assert guess_task(y).name == "multiclass"


def test_a_masked_value_is_missing():
    assert guess_task(np.ma.array([0, 1, 7], mask=[False, False, True])).name == "binary"


@pytest.mark.parametrize("y", [["a", "a"], [3, 3, 3], [], [None, None], [True, True], ["a", None]])
def test_one_value_is_no_target(y):
    with pytest.raises(InputError, match=r"at least two different values. Received: [01]\."):
        guess_task(y)


@pytest.mark.parametrize(
    "y", [[datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)], pd.to_timedelta([1, 2]), [[1], [2, 3]]]
)
def test_dates_and_lists_are_no_targets(y):
    with pytest.raises(InputTypeError):
        guess_task(y)


@pytest.mark.parametrize("y", [np.ones((3, 2)), pd.DataFrame({"a": [1, 2], "b": [1, 2]}), 5])
def test_several_columns_are_no_target(y):
    with pytest.raises(InputError, match="must be one column"):
        guess_task(y)


class TestKeepLabelled:
    X = pd.DataFrame({"a": [1, 2, 3, 4]}, index=list("wxyz"))

    @pytest.mark.parametrize(
        "y",
        [
            pd.Series(["p", None, "q", np.nan]),
            pd.Series([1.0, np.nan, 2.0, np.nan]),
            pd.Series([1, pd.NA, 2, pd.NA], dtype="Int64"),
            pl.Series([True, None, False, None]),
            np.array(["p", None, "q", float("nan")], dtype=object),
            [1, None, 2, None],
            pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-02", None])),
        ],
    )
    def test_rows_without_a_target_are_dropped_everywhere(self, y):
        kept = keep_labelled(self.X, y, sample_weight=[1, 2, 3, 4])
        assert kept.dropped == 2
        assert kept.X["a"].tolist() == [1, 3]
        assert kept.X.index.tolist() == ["w", "y"]
        assert kept.sample_weight == [1, 3]
        assert type(kept.y) is type(y)
        assert list(kept.y) == list(y)[::2]

    def test_nothing_is_copied_if_nothing_is_missing(self):
        y = np.array([1, 2, 3, 4])
        kept = keep_labelled(self.X, y)
        assert kept.dropped == 0
        assert kept.X is self.X
        assert kept.y is y
        assert kept.sample_weight is None

    def test_sparse_rows(self):
        kept = keep_labelled(sparse.csr_array(np.eye(3)), [1.0, np.nan, 2.0])
        np.testing.assert_array_equal(kept.X.toarray(), np.eye(3)[[0, 2]])

    def test_no_target_at_all_is_refused(self):
        with pytest.raises(InputError, match="must be known in some rows"):
            keep_labelled(self.X, [None] * 4)

    def test_other_lengths_are_refused(self):
        with pytest.raises(InputError, match=r"`X` and the target must have the same length. Received: 4 and 3 rows"):
            keep_labelled(self.X, [1, 2, 3])
        with pytest.raises(InputError, match=r"`sample_weight` and the target must have the same length"):
            keep_labelled(self.X, [1, 2, 3, 4], sample_weight=[1])


@pytest.mark.parametrize(("values", "hinted"), [([3, 4, 5, 6], True), ([1, 2, 3], False), ([*"abcd"], False)])
def test_more_than_three_integers_may_be_scores(values, hinted):
    assert guess_task(values * 5).may_be_numbers is hinted
