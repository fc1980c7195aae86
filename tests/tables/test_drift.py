"""A table that is not quite the training table: other order, other types, other names."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder, read_table


def encode(X):
    return TableEncoder(dtype="float64").fit(X)


class TestMatchingColumns:
    frame = pd.DataFrame({"age": [1.0, 2, 3], "sex": ["f", "m", "f"], "income": [10.0, 30, 20]})

    def test_by_name_in_any_order_with_more_columns_around(self):
        encoder = encode(self.frame)
        expected = encoder.transform(self.frame)
        other = self.frame[["income", "sex", "age"]].assign(extra="ignored")
        np.testing.assert_array_equal(encoder.transform(other), expected)
        np.testing.assert_array_equal(encoder.transform(pl.from_pandas(other)), expected)

    def test_by_name_in_a_frame_of_one_block(self):
        frame = pd.DataFrame(np.arange(12.0).reshape(3, 4) ** 2, columns=list("abcd"))
        encoder = encode(frame)
        np.testing.assert_array_equal(encoder.transform(frame[["d", "c", "b", "a"]]), encoder.transform(frame))

    def test_a_missing_column_is_named_and_a_near_miss_suggested(self):
        encoder = encode(self.frame)
        with pytest.raises(InputError) as caught:
            encoder.transform(self.frame.rename(columns={"income": "Income", "age": "years"}))
        message = str(caught.value)
        assert "Feature names seen at fit time, yet now missing:\n- age\n- income." in message
        assert "Feature names unseen at fit time:\n- Income\n- years\n" in message
        assert message.endswith("Did you mean 'Income' for 'income'?")

    def test_by_position_without_names(self):
        encoder = encode(self.frame)
        rows = self.frame.to_numpy()
        np.testing.assert_array_equal(encoder.transform(rows), encoder.transform(self.frame))
        np.testing.assert_array_equal(encoder.transform(rows.tolist()), encoder.transform(self.frame))

    def test_a_frame_by_position_where_training_had_no_names(self):
        encoder = encode(self.frame.to_numpy())
        np.testing.assert_array_equal(encoder.transform(self.frame), encoder.transform(self.frame.to_numpy()))

    def test_another_number_of_columns_is_refused_in_scikit_learns_words(self):
        encoder = encode(np.ones((3, 2)))
        with pytest.raises(ValueError, match=r"^X has 3 features, but TableEncoder is expecting 2 features as input\."):
            encoder.transform(np.ones((3, 3)))
        with pytest.raises(ValueError, match=r"^X has 1 features, but TableEncoder is expecting 3 features as input\."):
            encode(self.frame).transform([[1.0]])

    def test_names_that_are_numbers(self):
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 3)))
        encoder = encode(frame)
        assert encoder.feature_names_in == ["0", "1", "2"]
        np.testing.assert_array_equal(encoder.transform(frame[[2, 0, 1]]), encoder.transform(frame))

    def test_double_names_are_refused(self):
        for frame in (pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), pd.DataFrame([[1, 2]], columns=[1, "1"])):
            with pytest.raises(InputError, match=r"Column names must be unique"):
                encode(frame)

    def test_a_frame_without_rows_gives_a_matrix_without_rows(self):
        encoder = encode(self.frame)
        assert encoder.transform(self.frame[:0]).shape == (0, 3)
        assert encoder.transform(pl.from_pandas(self.frame)[:0]).shape == (0, 3)
        assert encoder.transform(np.empty((0, 3))).shape == (0, 3)


class TestNumbersNow:
    encoder = encode(pd.DataFrame({"x": [1, 2, 3]}))

    @pytest.mark.parametrize(
        "column",
        [
            pd.Series([1.0, 3.0]),
            pd.Series([1, 3], dtype="uint8"),
            pd.Series([1, 3], dtype="Int64"),
            pd.Series(["1", " 3.0 "]),
            pd.Series(["1", "3"], dtype="category"),
            pd.Series([1, "3"], dtype=object),
            pd.Series([np.float32(1), 3], dtype=object),
            pd.Series([1, 3], dtype=pd.SparseDtype("float64", 0)),
        ],
    )
    def test_any_spelling_of_a_number_is_read(self, column):
        expected = self.encoder.transform([[1], [3]])
        np.testing.assert_array_equal(self.encoder.transform(pd.DataFrame({"x": column})), expected)

    @pytest.mark.parametrize("gap", [None, np.nan, pd.NA, pd.NaT, "", "  "])
    def test_any_spelling_of_a_gap_is_filled(self, gap):
        frame = pd.DataFrame({"x": pd.Series(["1", gap], dtype=object)})
        np.testing.assert_array_equal(self.encoder.transform(frame), self.encoder.transform([[1], [2]]))

    def test_booleans_are_0_and_1(self):
        np.testing.assert_array_equal(
            self.encoder.transform(pd.DataFrame({"x": [True, False]})), self.encoder.transform([[1], [0]])
        )

    def test_text_is_refused_with_column_value_and_row(self):
        with pytest.raises(InputError, match=r"Column 'x' must contain numbers.*Received: 'three' in row 1"):
            self.encoder.transform(pd.DataFrame({"x": ["1", "three"]}))

    def test_dates_are_refused(self):
        with pytest.raises(InputError, match=r"Column 'x' must contain numbers.*Received: dates with times"):
            self.encoder.transform(pd.DataFrame({"x": pd.to_datetime(["2024-01-01"])}))

    def test_where_booleans_were(self):
        encoder = encode(pd.DataFrame({"b": [True, False, True]}))
        expected = encoder.transform(pd.DataFrame({"b": [True, False]}))
        for now in ([1, 0], [1.0, 0.0], ["True", "False"], ["true", "false"], ["1", "0"]):
            np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"b": now})), expected)
        with pytest.raises(InputError, match=r"Column 'b' must contain booleans.*Received: 'yes' in row 0"):
            encoder.transform(pd.DataFrame({"b": ["yes"]}))

    def test_durations_must_stay_durations(self):
        encoder = encode(pd.DataFrame({"d": pd.to_timedelta([1, 2, 3], unit="s")}))
        for now, received in (([1, 2], "numbers"), (["1s"], "'1s' in row 0")):
            with pytest.raises(InputError, match=f"Column 'd' must contain durations.*Received: {received}"):
                encoder.transform(pd.DataFrame({"d": now}))
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"d": [None]})), [[0]])


class TestCategoriesNow:
    @pytest.mark.parametrize(
        "train",
        [["1", "2", "3"], pd.Categorical([1, 2, 3]), np.array([1, "2", 3.0], dtype=object), ["1.0", "2.0", "3.0"]],
    )
    @pytest.mark.parametrize("now", [[1, 3], [1.0, 3.0], ["1", "3"], ["1.0", "3.00"], pd.Categorical(["1", "3"])])
    def test_codes_are_the_same_level_in_any_spelling(self, train, now):
        encoder = encode(pd.DataFrame({"code": train}))
        assert encoder.columns[0].kind == "category"
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"code": now})), [[1, 0, 0], [0, 0, 1]])

    def test_an_exact_level_goes_before_another_spelling(self):
        encoder = encode(pd.DataFrame({"code": ["3", "3.0", "4"]}))
        np.testing.assert_array_equal(
            encoder.transform(pd.DataFrame({"code": ["3.0", "3", "3.00"]})).argmax(1), [1, 0, 0]
        )

    def test_codes_with_leading_zeros_stay_apart(self):
        encoder = encode(pd.DataFrame({"zip": ["1234", "5678", "9999"]}))
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"zip": ["01234"]})), [[0, 0, 0]])

    @pytest.mark.parametrize("now", [[True, False], ["true", "false"], ["True", "False"], ["TRUE", "FALSE"]])
    def test_booleans_as_text(self, now):
        encoder = encode(pd.DataFrame({"b": ["True", "False", "maybe"]}))
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"b": now})), [[0, 1, 0], [1, 0, 0]])

    def test_a_column_of_gaps(self):
        encoder = encode(pd.DataFrame({"c": ["a", "b", None]}))
        for gaps in ([None, None], [np.nan, np.nan], pd.Series([pd.NA, pd.NA], dtype="string")):
            np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"c": gaps})), [[0, 1], [0, 1]])

    def test_dates_count_by_their_iso_text(self):
        encoder = encode(pd.DataFrame({"c": ["2024-01-01", "other", "more"]}))
        now = pl.DataFrame({"c": [datetime.date(2024, 1, 1), None]})
        np.testing.assert_array_equal(encoder.transform(now), [[1, 0, 0], [0, 0, 0]])

    @pytest.mark.parametrize(
        "levels",
        [
            [True, False],
            [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 1, 12, 30, 0, 5)],
            [datetime.date(2024, 1, 1), datetime.date(9999, 12, 31)],
            [datetime.time(9), datetime.time(23, 59, 59, 999_999)],
            [datetime.timedelta(0), datetime.timedelta(days=2, microseconds=1)],
        ],
        ids=lambda levels: type(levels[0]).__name__,
    )
    def test_what_was_a_level_among_text_is_one_among_its_like(self, levels):
        """Of some rows of a mixed column the others may be missing, and there may be gaps."""
        encoder = encode(pd.DataFrame({"c": pd.Series([*levels, "text"], dtype=object)}))
        expected = encoder.transform(pd.DataFrame({"c": pd.Series([*levels, None, "text"], dtype=object)}))
        assert expected.sum() == 3
        for now in ([*levels, None], levels):
            matrix = encoder.transform(pd.DataFrame({"c": pd.Series(now, dtype=object)}))
            np.testing.assert_array_equal(matrix, expected[: len(now)])

    @pytest.mark.parametrize("dtype", ["boolean", "bool[pyarrow]"])
    def test_booleans_with_gaps_where_they_were_categories(self, dtype):
        encoder = encode(pd.DataFrame({"b": pd.Categorical([True, False, None])}))
        now = pd.Series([False, None, True], dtype=dtype)
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"b": now})), [[-1, 0], [0, 1], [1, 0]])

    def test_moments_where_they_were_categories(self):
        moments = pd.to_datetime(["2024-01-01 00:00", "2024-01-02 12:30"])
        encoder = encode(pd.DataFrame({"t": pd.Categorical(moments)}))
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"t": moments})), [[-1], [1]])


class TestMomentsNow:
    def test_text_in_iso_form_and_dates_are_read(self):
        train = pd.DataFrame({"t": pd.to_datetime(["2024-01-01 00:00", "2024-03-05 12:30"])})
        encoder = encode(train)
        expected = encoder.transform(train[:1])
        for now in (
            pd.DataFrame({"t": ["2024-01-01"]}),
            pd.DataFrame({"t": ["2024-01-01T00:00:00Z"]}),
            pl.DataFrame({"t": [datetime.date(2024, 1, 1)]}),
            np.array([["2024-01-01T00"]], dtype="datetime64[h]"),
        ):
            np.testing.assert_array_equal(encoder.transform(now), expected)

    def test_times_as_text_are_read(self):
        encoder = encode(pl.DataFrame({"t": [datetime.time(1, 30), datetime.time(7)]}))
        expected = encoder.transform(pl.DataFrame({"t": [datetime.time(1, 30)]}))
        np.testing.assert_array_equal(encoder.transform(pl.DataFrame({"t": ["01:30"]})), expected)

    def test_what_is_no_moment_is_refused(self):
        encoder = encode(pl.DataFrame({"t": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]}))
        with pytest.raises(InputError, match=r"Column 't' must contain dates.*Received: '01.02.2024' in row 0"):
            encoder.transform(pl.DataFrame({"t": ["01.02.2024"]}))
        with pytest.raises(InputError, match=r"Column 't' must contain dates.*Received: numbers"):
            encoder.transform(pl.DataFrame({"t": [20240101]}))

    def test_a_gap_is_the_middle(self):
        encoder = encode(pl.DataFrame({"t": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]}))
        np.testing.assert_array_equal(encoder.transform([[None]]), np.zeros((1, encoder.n_outputs)))


@pytest.mark.parametrize("cell", ["2024-01-01", "08:30", "true", "1.5", "x"])
@pytest.mark.parametrize("dtype", [pl.Null, pl.Boolean, pl.Float64, pl.String, pl.Date])
def test_a_column_of_gaps_fits_whatever_there_was(cell, dtype, tmp_path):
    (tmp_path / "t.csv").write_text(f"x,n\n{cell},1\n{cell},2\n")
    encoder = TableEncoder().fit(read_table(tmp_path / "t.csv"))
    gaps = pl.DataFrame({"x": pl.Series([None], dtype=dtype), "n": [1]})
    np.testing.assert_array_equal(encoder.transform(gaps), encoder.transform(gaps.cast({"x": pl.String})))


def test_a_cell_that_became_a_dict_is_refused_in_scikit_learns_words():
    X = np.array([[1.0], [2.0]], dtype=object)
    encoder = encode(X)
    X[0, 0] = {"foo": "bar"}
    for call in (encoder.transform, encode):
        with pytest.raises(InputTypeError, match=r"column 'x0'.*argument must be .* string.* number"):
            call(X)
