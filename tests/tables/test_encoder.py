"""What the encoder makes of each kind of column."""

from __future__ import annotations

import datetime
import decimal
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder
from glassnet.tables.columns.conversion import parsed
from glassnet.tables.reading.notation import UNDECIDED


def encode(X, **settings):
    return TableEncoder(dtype="float64", **settings).fit(X)


class TestNumbers:
    def test_are_centred_and_scaled_to_unit_variance(self):
        X = np.random.default_rng(0).gamma(2.0, 100.0, size=(500, 3))
        out = encode(X).transform(X)
        np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(out.std(axis=0), 1)

    def test_equal_scikit_learns_standard_scaler(self):
        from sklearn.preprocessing import StandardScaler

        X = np.random.default_rng(1).normal(5, [1, 1e-3, 1e6], size=(70, 3))
        new = X[:5] * 1.5
        np.testing.assert_allclose(encode(X).transform(new), StandardScaler().fit(X).transform(new), rtol=1e-10)

    @pytest.mark.parametrize(
        "dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "uint64", "longdouble"]
    )
    def test_of_any_dtype_give_the_same_matrix(self, dtype):
        X = np.array([[1, 7], [2, 5], [5, 9], [11, 3]])
        expected = encode(X).transform(X)
        np.testing.assert_array_equal(encode(X.astype(dtype)).transform(X.astype(dtype)), expected)

    def test_the_matrix_has_the_dtype_asked_for_and_is_c_contiguous(self):
        X = np.asfortranarray(np.random.default_rng(0).normal(size=(9, 4)))
        for dtype in ("float32", "float64"):
            out = TableEncoder(dtype=dtype).fit_transform(X)
            assert out.dtype == dtype
            assert out.flags.c_contiguous
            assert out.flags.writeable

    def test_float32_output_is_the_rounded_float64_output(self):
        X = np.random.default_rng(0).normal(1e6, 1.0, size=(50, 3))
        exact = encode(X).transform(X)
        np.testing.assert_array_equal(TableEncoder().fit_transform(X), exact.astype("float32"))

    def test_the_input_is_not_changed(self):
        X = np.array([[1.0, np.nan], [2.0, 3.0], [4.0, 5.0]])
        before = X.copy()
        encode(X).transform(X)
        np.testing.assert_array_equal(X, before)

    def test_scaling_none_leaves_numbers_and_fills_gaps_with_the_mean(self):
        X = np.array([[1.0], [np.nan], [5.0]])
        encoder = encode(X, scaling="none")
        np.testing.assert_array_equal(encoder.transform(X), [[1, 0], [3, 1], [5, 0]])

    def test_gaps_become_the_mean_and_are_marked(self):
        X = np.array([[1.0, 1.0], [np.nan, 2.0], [3.0, 3.0]])
        encoder = encode(X)
        assert encoder.feature_names_out == ["x0", "x1", "x0 is missing"]
        np.testing.assert_allclose(encoder.transform(X)[:, [0, 2]], [[-1, 0], [0, 1], [1, 0]])

    def test_a_gap_that_first_appears_at_prediction_is_filled(self):
        encoder = encode(np.array([[1.0], [3.0]]))
        assert encoder.feature_names_out == ["x0"]
        np.testing.assert_array_equal(encoder.transform([[None], [np.nan], [3]]), [[0], [0], [1]])

    @pytest.mark.parametrize("magnitude", [1e-320, 1e-200, 1e-30, 1.0, 1e30, 1e200, 1e307])
    def test_of_any_magnitude_are_scaled(self, magnitude):
        X = np.array([[-1.0], [0.0], [1.0]]) * magnitude
        out = encode(X).transform(X)
        np.testing.assert_allclose(out.std(), 1, rtol=1e-3)

    def test_of_several_magnitudes_in_a_frame_are_scaled(self):
        frame = pd.DataFrame({"tiny": [-1e-200, 1e-200, None], "huge": [1e300, -1e300, 1e300], "text": list("abc")})
        out = encode(frame).transform(frame)
        np.testing.assert_allclose(out[:, :2], [[-1, 0.5**0.5], [1, -(2**0.5)], [0, 0.5**0.5]])

    @pytest.mark.parametrize("scaling", ["standard", "robust"])
    def test_from_end_to_end_of_float64_are_scaled(self, scaling):
        X = 1.7e308 * np.array([[-1.0], [1.0], [1.0], [0.9], [0.8], [1.0], [-0.2]])
        out = TableEncoder(scaling=scaling).fit(X).transform(X)
        assert np.isfinite(out).all()
        assert (np.argsort(out[:, 0], kind="stable") == np.argsort(X[:, 0], kind="stable")).all()

    def test_with_a_large_mean_keep_their_variance(self):
        X = np.array([[1e9 + 1], [1e9 + 2], [1e9 + 3]])
        np.testing.assert_allclose(encode(X).transform(X)[:, 0], [-(1.5**0.5), 0, 1.5**0.5])

    def test_that_differ_by_rounding_only_are_constant(self):
        X = np.array([[0.1 + 0.2], [0.3]])
        assert encode(X).n_outputs == 0

    def test_a_constant_column_has_no_output_and_is_remembered(self):
        encoder = encode(pd.DataFrame({"same": [4, 4, 4], "x": [1, 2, 3]}))
        assert encoder.feature_names_out == ["x"]
        assert encoder.columns[0].action == "left out: always 4"
        assert encoder.columns[0].outputs == ()

    def test_a_constant_column_with_gaps_keeps_its_indicator(self):
        X = np.array([[7.0, 1.0], [np.nan, 2.0], [7.0, 3.0]])
        encoder = encode(X)
        assert encoder.feature_names_out == ["x1", "x0 is missing"]
        np.testing.assert_array_equal(encoder.transform(X)[:, 1], [0, 1, 0])

    def test_a_column_without_values_has_no_output(self):
        encoder = encode(np.array([[np.nan, 1.0], [np.nan, 2.0]]))
        assert encoder.feature_names_out == ["x1"]
        assert encoder.columns[0].action == "left out: no values"

    def test_a_table_of_constants_gives_a_matrix_without_columns(self):
        assert encode(np.ones((4, 3))).transform(np.ones((2, 3))).shape == (2, 0)

    @pytest.mark.parametrize("value", [np.inf, -np.inf])
    def test_infinity_is_refused_and_the_column_named(self, value):
        frame = pd.DataFrame({"height": [1.0, 2.0, 3.0], "weight": [1.0, value, np.nan]})
        with pytest.raises(InputError, match="infinity in column 'weight'"):
            encode(frame)
        encoder = encode(frame.fillna(0).replace(value, 1.0))
        with pytest.raises(InputError, match="infinity in column 'weight'"):
            encoder.transform(frame)

    def test_a_value_too_large_for_the_matrix_is_refused(self):
        encoder = TableEncoder().fit(np.array([[1.0], [2.0]]))
        with pytest.raises(InputError, match=r"fit into float32.*beyond those in column 'x0'..Check its unit"):
            encoder.transform([[1e300]])
        small = TableEncoder(dtype="float64").fit(np.array([[1e-20], [2e-20]]))  # no float64 holds 1e300 of these
        with pytest.raises(InputError, match=r"fit into float64.*beyond those in column 'x0'"):
            small.transform([[1e300], [np.nan]])
        with pytest.raises(InputError, match="infinity in column 'x0'"):
            small.transform([[np.inf]])
        assert np.isfinite(encoder.transform([[1e30]])).all()

    def test_a_python_integer_beyond_float64_is_refused(self):
        with pytest.raises(InputError, match="within the range of float64"):
            encode([[10**400], [1]])

    def test_many_pieces_of_rows_equal_one(self):
        X = np.random.default_rng(0).normal(size=(3000, 100)).astype("float32")
        X[::7, 3] = np.nan
        X[:, 50] = 2.0
        mean, deviation = np.nanmean(X.astype(float), axis=0), np.nanstd(X.astype(float), axis=0)
        kept = np.arange(100) != 50
        out = encode(X).transform(X)
        expected = np.nan_to_num((X[:, kept] - mean[kept]) / deviation[kept])
        np.testing.assert_allclose(out[:, :99], expected, atol=1e-12)
        np.testing.assert_array_equal(out[:, 99], np.isnan(X[:, 3]))

    def test_booleans_are_numbers(self):
        encoder = encode(pd.DataFrame({"alone": [True, False, True, False]}))
        assert encoder.columns[0].kind == "boolean"
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"alone": [True, False]}))[:, 0], [1, -1])

    def test_durations_are_seconds(self):
        encoder = encode(pd.DataFrame({"wait": pd.to_timedelta(["1min", "3min", None])}))
        assert encoder.columns[0].kind == "duration"
        assert encoder.columns[0].action == "minus 120, divided by 60, gaps marked and filled with 120"


class TestCategories:
    def test_each_level_has_a_column(self):
        frame = pd.DataFrame({"port": ["S", "C", "Q", "S"]})
        encoder = encode(frame)
        assert encoder.feature_names_out == ["port=C", "port=Q", "port=S"]
        np.testing.assert_array_equal(encoder.transform(frame), [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])

    def test_two_levels_share_a_column(self):
        frame = pd.DataFrame({"sex": ["male", "female"]})
        encoder = encode(frame)
        assert encoder.feature_names_out == ["sex=male"]
        np.testing.assert_array_equal(encoder.transform(frame), [[1], [-1]])

    def test_a_missing_value_is_a_level_of_its_own(self):
        frame = pd.DataFrame({"deck": ["A", None, "B", "C"]})
        encoder = encode(frame)
        assert encoder.feature_names_out == ["deck=A", "deck=B", "deck=C", "deck is missing"]
        np.testing.assert_array_equal(encoder.transform(frame)[1], [0, 0, 0, 1])

    def test_one_level_with_gaps_is_an_indicator(self):
        encoder = encode(pd.DataFrame({"note": ["yes", None, "yes"]}))
        assert encoder.feature_names_out == ["note is missing"]

    @pytest.mark.parametrize("levels", [["a", "b"], ["a", "b", "c"]])
    def test_an_unknown_level_and_an_unexpected_gap_are_zeros(self, levels):
        encoder = encode(pd.DataFrame({"c": levels}))
        np.testing.assert_array_equal(
            encoder.transform(pd.DataFrame({"c": ["new", None]})), np.zeros((2, encoder.n_outputs))
        )

    def test_rare_levels_share_a_column_with_the_unknown(self):
        frame = pd.DataFrame({"city": ["A"] * 5 + ["B"] * 4 + ["C"] * 3 + ["D", "E"]})
        encoder = encode(frame, max_levels=3)
        assert encoder.feature_names_out == ["city=A", "city=B", "city=C", "city: other levels"]
        out = encoder.transform(pd.DataFrame({"city": ["E", "nowhere", "C"]}))
        np.testing.assert_array_equal(out, [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0]])

    def test_ties_at_the_limit_are_broken_by_name(self):
        names = ["d", "c", "b", "a"]
        for rows in (names, names[::-1]):
            assert encode(pd.DataFrame({"x": rows}), max_levels=2).feature_names_out == [
                "x=a",
                "x=b",
                "x: other levels",
            ]

    def test_whole_numbers_are_sorted_as_numbers(self):
        assert encode(pd.DataFrame({"grade": ["10", "9", "1"]})).feature_names_out == ["grade=1", "grade=9", "grade=10"]

    def test_mixed_objects_count_by_their_text(self):
        frame = pd.DataFrame(
            {"code": np.array([3, "3", 3.0, "x", True, None, 2.5, decimal.Decimal("3.0")], dtype=object)}
        )
        encoder = encode(frame)
        assert encoder.feature_names_out == ["code=2.5", "code=3", "code=True", "code=x", "code is missing"]
        np.testing.assert_array_equal(encoder.transform(frame)[:, 1], [1, 1, 1, 0, 0, 0, 0, 1])

    def test_a_thousand_levels_are_written_right(self):
        values = [f"level {i % 1000:03}" for i in range(3000)]
        out = encode(pd.DataFrame({"x": values}), max_levels=1000).transform(pd.DataFrame({"x": values}))
        np.testing.assert_array_equal(out.argmax(axis=1), np.arange(3000) % 1000)
        np.testing.assert_array_equal(out.sum(axis=1), 1)

    def test_pandas_categories_that_do_not_occur_are_no_levels(self):
        column = pd.Categorical(["a", "b", None], categories=["a", "b", "never"])
        assert encode(pd.DataFrame({"x": column})).feature_names_out == ["x=b", "x is missing"]

    def test_intervals_are_levels_by_their_text(self):
        frame = pd.DataFrame({"age": pd.cut([1, 15, 25], [0, 10, 20, 30])})
        assert encode(frame).feature_names_out == ["age≥(10, 20]", "age≥(20, 30]"]  # and have an order


class TestMoments:
    frame = pd.DataFrame({"when": pd.to_datetime(["2023-12-31 23:30", "2024-01-01 06:00", None, "2024-06-15 18:00"])})

    def test_become_parts(self):
        encoder = encode(self.frame)
        assert encoder.feature_names_out == [
            "when: elapsed",
            "when: year",
            "when: month (sine)",
            "when: month (cosine)",
            "when: day of month (sine)",
            "when: day of month (cosine)",
            "when: day of week (sine)",
            "when: day of week (cosine)",
            "when: time of day (sine)",
            "when: time of day (cosine)",
            "when is missing",
        ]
        out = encoder.transform(self.frame)
        np.testing.assert_array_equal(out[2], [0] * 10 + [1])
        present = out[[0, 1, 3]]
        np.testing.assert_allclose(present[:, :2].mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(present[:, :2].std(axis=0), 1)
        # 06:00 is a quarter of a day, 18:00 three quarters; January is at the top of the circle, June five twelfths on.
        np.testing.assert_allclose(present[1:, 8:10], [[1, 0], [-1, 0]], atol=1e-12)
        np.testing.assert_allclose(present[1:, 3], [1, np.cos(5 / 6 * np.pi)])

    def test_neighbours_on_a_cycle_are_near(self):
        days = pd.DataFrame({"d": pd.date_range("2023-01-15", periods=12, freq="31D")})
        encoder = encode(days)
        month = [name.startswith("d: month") for name in encoder.feature_names_out]
        points = encoder.transform(days)[:, month]
        steps = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)
        assert steps.max() < 0.53  # 2 sin(pi / 12), December to January included

    def test_parts_that_do_not_vary_are_left_out(self):
        days = pd.DataFrame({"d": pd.to_datetime(["2024-03-04", "2024-03-11", "2024-03-18"])})
        parts = {name.split(": ")[1].split(" (")[0] for name in encode(days).feature_names_out}
        assert parts == {"elapsed", "day of month"}

    def test_the_same_moment_in_every_row_is_left_out(self):
        encoder = encode(pd.DataFrame({"d": pd.to_datetime(["2024-03-04"] * 3), "x": [1, 2, 3]}))
        assert encoder.feature_names_out == ["x"]
        assert encoder.columns[0].action == "left out: always the same"

    def test_before_1970(self):
        frame = pl.DataFrame({"d": [datetime.datetime(1969, 12, 31, 18), datetime.datetime(1903, 2, 1, 6)]})
        encoder = encode(frame)
        out = dict(zip(encoder.feature_names_out, encoder.transform(frame).T, strict=True))
        np.testing.assert_allclose(out["d: time of day (sine)"], [-1, 1])
        np.testing.assert_allclose(out["d: month (cosine)"], [np.cos(-np.pi / 6), np.cos(np.pi / 6)])

    def test_time_zones_are_put_into_utc(self):
        utc = pd.Series(pd.date_range("2024-01-01", periods=48, freq="h", tz="UTC"))
        expected = encode(pd.DataFrame({"t": utc})).transform(pd.DataFrame({"t": utc}))
        for frame in (
            pd.DataFrame({"t": utc.dt.tz_convert("Asia/Shanghai")}),
            pl.DataFrame({"t": utc.dt.tz_convert("America/New_York")}),
            pd.DataFrame({"t": utc.dt.tz_localize(None)}),
            pd.DataFrame({"t": utc.dt.tz_convert("Asia/Tokyo").astype(object)}),
        ):
            np.testing.assert_array_equal(encode(frame).transform(frame), expected)

    def test_times_of_day_are_points_on_a_circle(self):
        frame = pl.DataFrame({"t": [datetime.time(0), datetime.time(6), None, datetime.time(12)]})
        encoder = encode(frame)
        assert encoder.feature_names_out == ["t: time of day (sine)", "t: time of day (cosine)", "t is missing"]
        expected = [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, -1, 0]]
        np.testing.assert_allclose(encoder.transform(frame), expected, atol=1e-12)

    def test_numpy_dates(self):
        X = np.array([["2024-01-01", "2024-05-02"], ["2024-02-01", "NaT"]], dtype="datetime64[D]")
        encoder = encode(X)
        assert [column.kind for column in encoder.columns] == ["date", "date"]
        assert "x1 is missing" in encoder.feature_names_out


class TestNamesAndDescription:
    frame = pd.DataFrame(
        {
            "age": [20.0, None, 40.0],
            "sex": ["f", "m", "m"],
            "port": ["a", "b", "c"],
            "same": [1, 1, 1],
            "when": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15"]),
        }
    )

    def test_sources_group_the_outputs_by_input_column(self):
        encoder = encode(self.frame)
        for name, source in zip(encoder.feature_names_out, encoder.sources, strict=True):
            assert name.startswith(self.frame.columns[source])
        assert len(encoder.sources) == encoder.n_outputs == encoder.transform(self.frame).shape[1]

    def test_description_has_a_line_for_each_column(self):
        encoder = encode(self.frame)
        lines = str(encoder).splitlines()
        assert len(lines) == 6
        assert lines[1].split() == [
            "age",
            "number",
            "2",
            "minus",
            "30,",
            "divided",
            "by",
            "10,",
            "gaps",
            "marked",
            "and",
            "filled",
            "with",
            "30",
        ]
        assert "-1 for 'f', +1 for 'm'" in lines[2]
        assert "3 levels: 'a', 'b', 'c'" in lines[3]
        assert "left out: always 1" in lines[4]
        assert "parts: elapsed, day of month" in lines[5]

    def test_columns_list_their_outputs(self):
        columns = encode(self.frame).columns
        assert columns[0].outputs == ("age", "age is missing")
        assert columns[2].outputs == ("port=a", "port=b", "port=c")

    def test_an_unfitted_encoder_says_so(self):
        encoder = TableEncoder(max_levels=10)
        assert (
            str(encoder)
            == "TableEncoder(scaling='standard', max_levels=10, dtype='float32', free_text='none', hashed=False)"
        )
        with pytest.raises(InputError, match=r"must be fitted first.*Call fit"):
            encoder.transform(self.frame)

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("scaling", "minmax"),
            ("max_levels", 1),
            ("max_levels", 2.5),
            ("max_levels", True),
            ("dtype", "int8"),
            ("dtype", "x"),
        ],
    )
    def test_wrong_settings_are_refused_by_name(self, setting, value):
        with pytest.raises((InputError, InputTypeError), match=rf"`{setting}` .*must be .*Received: '?{value}"):
            TableEncoder(**{setting: value})


class TestInverse:
    def test_gives_back_what_people_read(self):
        frame = pl.DataFrame(
            {
                "age": [20.5, None, 40.25],
                "alone": [True, False, True],
                "port": ["a", None, "c"],
                "sex": ["f", "m", "m"],
                "born": [datetime.date(1969, 1, 1), datetime.date(2024, 2, 29), None],
                "seen": [datetime.datetime(2024, 1, 1, 10, 30), None, datetime.datetime(2024, 1, 8, 11, 45)],
                "at": [datetime.time(1), datetime.time(13, 30), None],
                "wait": [datetime.timedelta(minutes=3), datetime.timedelta(minutes=5), None],
            }
        )
        encoder = encode(frame)
        back = encoder.inverse_transform(encoder.transform(frame))
        assert list(back) == frame.columns
        np.testing.assert_allclose(back["age"], [20.5, np.nan, 40.25])
        assert back["alone"].tolist() == [True, False, True]
        assert back["port"].tolist() == ["a", None, "c"]
        assert back["sex"].tolist() == ["f", "m", "m"]
        assert back["born"].tolist() == frame["born"].to_list()
        assert back["seen"].astype("M8[s]").tolist() == frame["seen"].to_list()
        np.testing.assert_allclose(back["at"], [3600, 13.5 * 3600, np.nan])
        assert back["wait"].tolist() == frame["wait"].to_list()

    def test_says_what_it_cannot_know(self):
        encoder = encode(
            pd.DataFrame({"c": list("aaabbbcd"), "b": [True, False] * 4, "two": list("xyxyxyxy")}), max_levels=2
        )
        new = pd.DataFrame({"c": ["new", "a"], "b": pd.array([None, True], dtype="boolean"), "two": ["z", "x"]})
        back = encoder.inverse_transform(encoder.transform(new))
        assert back["c"].tolist() == ["other levels", "a"]
        assert back["b"].tolist() == [None, True]
        assert back["two"].tolist() == [None, "x"]

    def test_of_a_sparse_matrix(self):
        from scipy import sparse

        X = sparse.csr_array(np.arange(40.0).reshape(10, 4) * (np.arange(40).reshape(10, 4) % 3 == 0))
        encoder = encode(X)
        back = encoder.inverse_transform(encoder.transform(X))
        np.testing.assert_allclose(np.column_stack(list(back.values())), X.toarray(), atol=1e-12)

    def test_refuses_another_matrix(self):
        encoder = encode([[1, 2], [3, 4]])
        with pytest.raises(InputError, match="must have 2 columns"):
            encoder.inverse_transform(np.ones((2, 3)))
        with pytest.raises(InputError, match="neither NaN nor infinity"):
            encoder.inverse_transform([[1, np.nan]])


# A column of numbers around 1e-308 makes 1 a number that no scaled column holds, which is refused and tested elsewhere.
ordinary = st.floats(-1e6, 1e6).filter(lambda number: number == 0 or abs(number) > 1e-200)
cells = {
    "number": st.one_of(st.none(), ordinary, st.integers(-1000, 1000)),
    "text": st.one_of(st.none(), st.sampled_from(["a", "b", "c", "ü", "", "None"])),
    "boolean": st.one_of(st.none(), st.booleans()),
    "moment": st.one_of(st.none(), st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2050, 1, 1))),
    "day": st.one_of(st.none(), st.dates(datetime.date(1950, 1, 1), datetime.date(2050, 1, 1))),
}


def polars_frame(columns):
    types = {
        "number": pl.Float64,
        "text": pl.String,
        "boolean": pl.Boolean,
        "moment": pl.Datetime("us"),
        "day": pl.Date,
    }
    return pl.DataFrame({name: pl.Series(values, dtype=types[name], strict=False) for name, values in columns.items()})


@st.composite
def tables(draw, max_rows=12):
    rows = draw(st.integers(1, max_rows))
    return polars_frame({name: draw(st.lists(cell, min_size=rows, max_size=rows)) for name, cell in cells.items()})


class TestProperties:
    @given(tables(), st.permutations(list(cells)))
    def test_the_order_of_columns_does_not_matter(self, frame, order):
        encoder = encode(frame)
        np.testing.assert_array_equal(encoder.transform(frame.select(order)), encoder.transform(frame))

    @pytest.mark.slow
    @given(tables(), st.randoms())
    def test_the_order_of_rows_does_not_matter(self, frame, random):
        order = list(range(len(frame)))
        random.shuffle(order)
        encoder, shuffled = encode(frame), encode(frame[order])
        assert shuffled.feature_names_out == encoder.feature_names_out
        np.testing.assert_allclose(shuffled.transform(frame), encoder.transform(frame), rtol=1e-6, atol=1e-6)

    @given(tables(), st.integers(0, 12))
    def test_pieces_of_a_table_give_the_pieces_of_the_matrix(self, frame, cut):
        encoder = encode(frame)
        parts = [encoder.transform(part) for part in (frame[:cut], frame[cut:])]
        np.testing.assert_array_equal(np.concatenate(parts), encoder.transform(frame))

    @pytest.mark.slow
    @given(tables(), tables())
    def test_pandas_polars_and_pyarrow_give_the_same_bits(self, train, test):
        encoder = encode(train)
        expected = encoder.transform(test)
        assert np.isfinite(expected).all()
        for convert in (
            pl.DataFrame.to_arrow,
            pl.DataFrame.to_pandas,
            lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
            lambda frame: frame.to_pandas().astype(object),
        ):
            other = encode(convert(train))
            assert other.feature_names_out == encoder.feature_names_out
            np.testing.assert_array_equal(other.transform(convert(test)), expected)
            np.testing.assert_array_equal(encoder.transform(convert(test)), expected)

    @given(tables(max_rows=6), st.data())
    def test_a_weight_is_a_number_of_repetitions(self, frame, data):
        rows = len(frame)
        weights = data.draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows).filter(any))
        repeated = frame[np.repeat(np.arange(rows), weights).tolist()]
        weighted, expected = encode(frame, max_levels=2), encode(repeated, max_levels=2)
        weighted.fit(frame, sample_weight=weights)
        assert weighted.feature_names_out == expected.feature_names_out
        assert [column.kind for column in weighted.columns] == [column.kind for column in expected.columns]
        np.testing.assert_allclose(weighted.transform(frame), expected.transform(frame), rtol=1e-6, atol=1e-6)

    @given(tables())
    def test_pickle_keeps_everything(self, frame):
        encoder = encode(frame)
        copy = pickle.loads(pickle.dumps(encoder))
        assert copy == encoder
        np.testing.assert_array_equal(copy.transform(frame), encoder.transform(frame))


def test_arrow_tables_of_every_type():
    table = pa.table(
        {
            "i": pa.array([1, None, 3], pa.int16()),
            "dec": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("2.5")]),
            "dict": pa.array(["x", None, "y"]).dictionary_encode(),
            "large": pa.array(["x", "y", "z"], pa.large_string()),
            "null": pa.nulls(3),
            "t": pa.array([datetime.time(1), None, datetime.time(2)], pa.time64("us")),
        }
    )
    encoder = encode(table)
    assert [column.kind for column in encoder.columns] == ["number", "number", "category", "category", "empty", "time"]
    back = encoder.inverse_transform(encoder.transform(table))
    assert back["dict"].tolist() == ["x", None, "y"]
    np.testing.assert_allclose(back["dec"], [1.5, np.nan, 2.5])


class TestOrderedLevels:
    sizes = ("small", "medium", "large", "huge")
    cells = ("small", "large", "medium", None, "medium")

    def frames(self):
        yield pd.DataFrame({"size": pd.Categorical(self.cells, self.sizes, ordered=True)})
        yield pl.DataFrame({"size": pl.Series(self.cells, dtype=pl.Enum(self.sizes))})
        codes = pa.array([self.sizes.index(cell) if cell else None for cell in self.cells])
        levels = pa.DictionaryArray.from_arrays(codes, pa.array(self.sizes), ordered=True)
        yield pa.table({"size": levels})
        yield pa.table({"size": pa.chunked_array([levels[:2], levels[2:]])})

    def test_have_a_column_for_each_step(self):
        for frame in self.frames():
            encoder = encode(frame)
            assert encoder.feature_names_out == ["size≥medium", "size≥large", "size is missing"]
            expected = [[-1, -1, 0], [1, 1, 0], [1, -1, 0], [0, 0, 1], [1, -1, 0]]
            np.testing.assert_array_equal(encoder.transform(frame), expected)
            assert encoder.inverse_transform(encoder.transform(frame))["size"].tolist() == list(self.cells)
            assert "'small' < 'medium' < 'large'" in str(encoder)
            assert TableEncoder.from_state(*encoder.to_state()) == encoder

    def test_that_are_not_known_are_neither_small_nor_large(self):
        encoder = encode(next(self.frames()))
        np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"size": ["huge", "x"]})), np.zeros((2, 3)))

    def test_keep_their_order_among_codes_and_among_others(self):
        frame = pd.DataFrame({"n": pd.Categorical(["10", "9", "8", "10", "9"], ["10", "9", "8"], ordered=True)})
        assert encode(frame, max_one_hot=2).transform(frame)[:, 0].tolist() == [1, 2, 3, 1, 2]
        assert encode(frame, max_levels=2).feature_names_out == ["n=10", "n=9", "n: other levels"]

    def test_categories_without_an_order_are_as_they_were(self):
        frame = pd.DataFrame({"size": pd.Categorical(self.cells, self.sizes)})
        assert encode(frame).feature_names_out == ["size=large", "size=medium", "size=small", "size is missing"]


@pytest.mark.skipif(not hasattr(pl, "Int128"), reason="a type of newer versions of polars")
def test_whole_numbers_that_numpy_has_not():
    frame = pl.DataFrame({"a": [1, None, 3, 2**100]}, schema={"a": pl.Int128})
    here = TableEncoder().fit_transform(frame)
    np.testing.assert_array_equal(here, TableEncoder().fit_transform(frame.select(pl.col("a").cast(pl.Float64))))


class TestStepOfAPipeline:
    def test_a_clone_has_the_options_and_is_not_fitted(self):
        encoder = TableEncoder("robust", max_levels=5, dtype="float64").fit([[1.0], [2.0]])
        copy = clone(encoder)
        assert copy.get_params() == encoder.get_params()
        with pytest.raises(InputError, match="must be fitted"):
            copy.transform([[1.0]])

    def test_options_are_set_by_name_and_checked(self):
        encoder = TableEncoder().fit([[1.0], [2.0]])
        assert encoder.set_params(max_levels=3) is encoder
        assert encoder.max_levels == 3
        for wrong in ({"max_level": 3}, {"scaling": "most"}):
            with pytest.raises(InputError):
                encoder.set_params(**wrong)

    def test_the_target_of_a_pipeline_is_no_weight(self):
        frame = pd.DataFrame({"a": [1.0, 2.0, 5.0, 9.0], "c": ["x", "y", "x", "y"]})
        steps = make_pipeline(TableEncoder(), LogisticRegression()).fit(frame, [0, 1, 1, 0])
        assert steps[0] == TableEncoder().fit(frame)
        assert steps[:-1].get_feature_names_out().tolist() == ["a", "c=y"]

    @pytest.mark.slow
    def test_a_search_tries_its_options(self):
        frame = pd.DataFrame({"a": range(20), "c": ["x", "y"] * 10})
        options = {"tableencoder__scaling": ["standard", "none"]}
        search = GridSearchCV(make_pipeline(TableEncoder(), LogisticRegression()), options, cv=2)
        assert search.fit(frame, [0, 1] * 10).best_params_["tableencoder__scaling"] in ("standard", "none")


@pytest.mark.parametrize("other", [pd.NA, decimal.Decimal("sNaN"), np.array([1, 2])], ids=["NA", "sNaN", "array"])
def test_a_cell_of_no_number_is_named_beside_cells_that_cannot_be_compared(other):
    with pytest.raises(InputError, match="Column 'age' must contain numbers, as in training. Received: .* in row"):
        parsed(["1", other, "x"], "number", "age", UNDECIDED)
