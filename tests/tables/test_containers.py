"""Which containers a table may come in, and what is said about those it may not."""

from __future__ import annotations

import datetime
import decimal

import narwhals.stable.v2
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from glassnet import NeuralClassifier
from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder, feature_names, is_frame, is_sparse, opened_table, row_count, take
from glassnet.tables.opened_table import open_table


def encode(X):
    return TableEncoder(dtype="float64").fit(X)


class NotAnArray:
    """Converts to an array, and is none."""

    def __init__(self, data):
        self.data = np.asarray(data)

    def __array__(self, dtype=None, copy=None):
        return self.data


class TestKindsOfContainer:
    numbers = np.array([[1.0, 5.0], [2.0, 7.0], [4.0, 6.0]])

    @pytest.mark.parametrize(
        "convert",
        [
            np.asfortranarray,
            np.ndarray.tolist,
            lambda X: [tuple(row) for row in X.tolist()],
            lambda X: list(X),
            lambda X: X.astype(object),
            lambda X: np.ma.array(X),
            lambda X: X.view(np.matrix) if hasattr(np, "matrix") else X,
            NotAnArray,
            lambda X: pd.DataFrame(X),
            lambda X: pd.DataFrame(X).astype({0: "float32"}),
            lambda X: pd.DataFrame(X).convert_dtypes(),
            lambda X: pl.from_numpy(X),
            lambda X: pl.from_numpy(X).to_arrow(),
            lambda X: narwhals.from_native(pl.from_numpy(X)),
            lambda X: narwhals.stable.v2.from_native(pd.DataFrame(X)),
            lambda X: pd.DataFrame(X).astype(object),
            lambda X: pd.DataFrame(X).map(decimal.Decimal),
        ],
    )
    def test_the_same_numbers_give_the_same_matrix(self, convert):
        expected = encode(self.numbers).transform(self.numbers)
        X = convert(self.numbers)
        np.testing.assert_array_equal(encode(X).transform(X), expected)

    def test_a_read_only_array(self):
        X = self.numbers.copy()
        X.flags.writeable = False
        np.testing.assert_array_equal(encode(X).transform(X), encode(self.numbers).transform(self.numbers))

    def test_masked_cells_are_gaps(self):
        mask = [[False, True], [False, False], [True, False]]
        for masked in (
            np.ma.array(self.numbers, mask=mask),
            np.ma.array(self.numbers.astype(int), mask=mask),
            np.ma.array(self.numbers.astype(object), mask=mask),
        ):
            out = encode(masked).transform(masked)
            np.testing.assert_array_equal(out[:, 2:], np.array(mask))
            np.testing.assert_allclose(out[:, 0], [-1, 1, 0])

    def test_a_list_keeps_its_types(self):
        encoder = encode([[1, "a", True, None], [2, "b", False, 3.5], [3, "c", True, 4.5]])
        assert [column.kind for column in encoder.columns] == ["number", "category", "boolean", "number"]

    def test_text_arrays_are_categories(self):
        for dtype in ("U", object):
            encoder = encode(np.array([["a", "1"], ["b", "2"], ["b", "3"]], dtype=dtype))
            assert encoder.feature_names_out == ["x0=b", "x1=1", "x1=2", "x1=3"]

    def test_byte_strings_are_text(self):
        assert encode(np.array([[b"a"], [b"b"]])).feature_names_out == ["x0=b"]

    def test_object_columns_are_read_by_their_values(self):
        frame = pd.DataFrame(
            {
                "number": [1, 2.5, None],
                "boolean": [True, None, False],
                "text": ["a", np.nan, "b"],
                "date": [datetime.date(2024, 1, 1), None, datetime.date(2024, 5, 1)],
                "datetime": [datetime.datetime(2024, 1, 1, 5), pd.NaT, datetime.datetime(2024, 1, 2)],
                "time": [datetime.time(5), None, datetime.time(6)],
                "duration": [datetime.timedelta(1), None, datetime.timedelta(2)],
                "empty": [None, np.nan, pd.NA],
            },
            dtype=object,
        )
        kinds = {column.name: column.kind for column in encode(frame).columns}
        assert kinds == {name: "category" if name == "text" else name for name in frame.columns}

    def test_objects_of_numpy_and_mixed_dates(self):
        cells = np.array(
            [
                [np.datetime64("2024-01-01"), np.timedelta64(1, "m"), datetime.date(2024, 1, 1), b"raw"],
                [datetime.datetime(2024, 1, 3), datetime.timedelta(minutes=3), "text", "text"],
                [None, np.timedelta64("NaT", "s"), datetime.time(1, 30), np.True_],
            ],
            dtype=object,
        )
        encoder = encode(cells)
        assert [column.kind for column in encoder.columns] == ["datetime", "duration", "category", "category"]
        assert encoder.columns[1].action.startswith("minus 120, divided by 60")
        assert encoder.columns[2].outputs == ("x2=01:30:00", "x2=2024-01-01", "x2=text")
        assert encoder.columns[3].outputs == ("x3=True", "x3=raw", "x3=text")
        assert encoder.n_features_in == 4

    def test_gaps_of_every_kind_are_gaps(self):
        values = [1.0, None, np.nan, pd.NA, pd.NaT, decimal.Decimal("nan"), np.datetime64("NaT", "s"), 2.0]
        encoder = encode(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
        out = encoder.transform(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
        assert encoder.columns[0].kind == "number"
        np.testing.assert_array_equal(out[:, -1], [0, 1, 1, 1, 1, 1, 1, 0])


class TestRefused:
    @pytest.mark.parametrize(
        "X",
        [
            np.ones((3, 1)) * 1j,
            [[1j], [2.0]],
            np.array([[1j], [2.0]], dtype=object),
            pd.DataFrame({"a": [1j, 2.0]}),
            sparse.csr_array(np.ones((2, 2)) * 1j),
        ],
    )
    def test_complex_numbers(self, X):
        with pytest.raises(ValueError, match="Complex data not supported"):
            encode(X)

    @pytest.mark.parametrize("X", [np.ones(3), [1.0, 2.0], pd.Series([1, 2]), pl.Series([1, 2]), 5.0])
    def test_one_dimension(self, X):
        with pytest.raises(InputError, match=r"Expected 2D array, got .* array instead.*Reshape your data"):
            encode(X)
        with pytest.raises(InputError, match="Reshape your data"):
            encode(np.ones((2, 1))).transform(X)

    def test_three_dimensions(self):
        with pytest.raises(InputError, match=r"Found array with dim 3, while dim <= 2 is required.*reshape"):
            encode(np.ones((2, 3, 4)))

    @pytest.mark.parametrize("X", [np.empty((0, 3)), pd.DataFrame({"a": []}), pl.DataFrame({"a": []})])
    def test_no_rows(self, X):
        with pytest.raises(InputError, match=r"0 sample\(s\) \(shape=\(0, \d\)\) while a minimum of 1 is required\."):
            encode(X)

    @pytest.mark.parametrize("X", [np.empty((12, 0)), [[], []], pd.DataFrame(index=range(3)), sparse.csr_array((3, 0))])
    def test_no_columns(self, X):
        with pytest.raises(
            InputError, match=r"0 feature\(s\) \(shape=\(\d*, 0\)\) while a minimum of \d* is required."
        ):
            encode(X)

    @pytest.mark.parametrize("X", [{"a": [1, 2]}, "a,b", None, 3 + 0j, object()])
    def test_what_is_no_table(self, X):
        with pytest.raises((InputError, InputTypeError), match=r"table|2D array|Complex"):
            encode(X)

    def test_rows_of_different_length(self):
        with pytest.raises(InputError, match="same length"):
            encode([[1, 2], [3]])

    def test_structured_arrays(self):
        with pytest.raises(InputTypeError, match=r"structured array.*DataFrame"):
            encode(np.zeros((2, 2), dtype=[("a", "f4")]))

    def test_record_batches_would_lose_their_names(self):
        batch = pa.RecordBatch.from_pydict({"a": [1, 2], "b": [3, 4]})
        with pytest.raises(InputTypeError, match=r"`X` must be a table. Received: RecordBatch.*pyarrow.table"):
            encode(batch)
        assert encode(pa.table(batch)).feature_names_in == ["a", "b"]

    def test_lazy_frames(self):
        with pytest.raises(InputTypeError, match=r"must be in memory.*collect"):
            encode(pl.LazyFrame({"a": [1, 2]}))

    @pytest.mark.parametrize(
        "frame",
        [
            pl.DataFrame({"ok": [1, 2], "bad": [[1], [2]]}),
            pl.DataFrame({"ok": [1, 2], "bad": [{"a": 1}, {"a": 2}]}),
            pl.DataFrame({"ok": [1, 2], "bad": [b"a", b"b"]}),
            pl.DataFrame({"ok": [1, 2], "bad": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2))}),
            pl.DataFrame({"ok": [1, 2], "bad": [[1], [2]]}).to_arrow(),
            pd.DataFrame({"ok": [1, 2], "bad": [[1], [2]]}),
            pd.DataFrame({"ok": [1, 2], "bad": [(1, 2), (3,)]}),
            pd.DataFrame({"ok": [1, 2], "bad": [{1}, {2}]}),
        ],
    )
    def test_columns_of_lists_and_the_like_by_name(self, frame):
        with pytest.raises(InputTypeError, match="column 'bad'"):
            encode(frame)

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([1, 2], "one number per row"),
            (np.ones((3, 2)), "one number per row"),
            ([1, -1, 1], "≥ 0"),
            ([1, np.nan, 1], "finite"),
            ([0, 0, 0], "not all zero"),
            (["a", "b", "c"], "must be an array of real numbers"),
        ],
    )
    def test_weights_that_do_not_fit(self, weights, message):
        with pytest.raises((InputError, InputTypeError), match=f"`sample_weight`.*{message}"):
            TableEncoder().fit(np.ones((3, 2)), sample_weight=weights)


class TestRows:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, index=[30, 20, 10])
    containers = (
        frame,
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame, preserve_index=False),
        narwhals.from_native(frame),
        narwhals.stable.v2.from_native(frame),
        frame.to_numpy(),
        frame.to_numpy().tolist(),
        NotAnArray(frame.to_numpy()),
    )

    @pytest.mark.parametrize("X", containers, ids=lambda X: type(X).__name__)
    @pytest.mark.parametrize("indices", [[2, 0], np.array([2, 0]), [-1, -3]])
    def test_take_selects_by_position(self, X, indices):
        taken = take(X, indices)
        assert row_count(X) == 3
        assert row_count(taken) == 2
        rows = taken.to_pandas() if hasattr(taken, "to_pandas") else pd.DataFrame(taken)
        assert rows.to_numpy().tolist() == [[3, "z"], [1, "x"]]
        if not isinstance(X, NotAnArray):
            assert type(taken) is type(X)

    @pytest.mark.parametrize("X", containers, ids=lambda X: type(X).__name__)
    def test_take_selects_by_mask_and_selects_nothing(self, X):
        assert row_count(take(X, np.array([True, False, True]))) == 2
        assert row_count(take(X, [])) == 0

    def test_take_keeps_the_index_of_pandas(self):
        assert take(self.frame, [2, 0]).index.tolist() == [10, 30]

    @pytest.mark.parametrize(
        "y", [pd.Series([1, 2, 3]), pl.Series([1, 2, 3]), np.array([1, 2, 3]), [1, 2, 3], (1, 2, 3)]
    )
    def test_take_selects_values_of_a_column(self, y):
        assert list(take(y, [2, 1])) == [3, 2]

    def test_take_of_sparse_rows(self):
        for X in (sparse.coo_array(np.eye(3)), sparse.csc_matrix(np.eye(3))):
            np.testing.assert_array_equal(take(X, [2, 0]).toarray(), np.eye(3)[[2, 0]])

    @pytest.mark.parametrize("indices", [[3], [-4], [0.5], [True, False], ["a"]])
    def test_take_refuses_rows_that_are_not_there(self, indices):
        with pytest.raises(InputError, match="3 rows"):
            take(self.frame, indices)

    def test_row_count_of_what_has_no_rows(self):
        with pytest.raises(InputTypeError, match="must have rows"):
            row_count(5)

    @pytest.mark.skipif(not hasattr(pl, "Extension"), reason="a polars that cannot read intervals at all")
    def test_intervals_of_a_file_are_no_numbers(self, tmp_path):
        pd.DataFrame({"a": pd.arrays.IntervalArray.from_breaks([0, 1, 2])}).to_parquet(tmp_path / "t.parquet")
        with pytest.raises(InputTypeError, match="column 'a'"):
            encode(pl.read_parquet(tmp_path / "t.parquet"))

    def test_times_of_no_row_are_times(self):
        column = pd.Series([datetime.time(1), datetime.time(2)]).astype(pd.ArrowDtype(pa.time64("us")))
        frame = pd.DataFrame({"at": column})
        encoder = encode(frame)
        assert encoder.transform(frame[:0]).shape == (0, encoder.transform(frame).shape[1])

    def test_frames_and_their_names(self):
        for X in self.containers[:5]:
            assert is_frame(X)
            assert not is_sparse(X)
            assert feature_names(X) == ["a", "b"]
        for X in self.containers[5:]:
            assert not is_frame(X)
            assert feature_names(X) is None
        assert feature_names(pd.DataFrame([[1, 2]])) is None
        assert is_sparse(sparse.csr_matrix((2, 2)))
        assert not is_frame(sparse.csr_matrix((2, 2)))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_a_wide_frame_is_taken_apart_once_and_no_column_is_looked_for_among_all(make, monkeypatch):
    frame = make({f"c{i}": [1.5, 2.0] if i % 2 else ["a", "b"] for i in range(30)})
    looked_for = []
    get = narwhals.stable.v2.DataFrame.__getitem__
    monkeypatch.setattr(
        narwhals.stable.v2.DataFrame, "__getitem__", lambda self, item: looked_for.append(item) or get(self, item)
    )
    encoder = TableEncoder().fit(frame)
    assert encoder.transform(frame).shape == (2, 30)
    assert looked_for == []


def test_a_frame_of_one_type_is_read_as_a_whole(monkeypatch):
    import glassnet.tables.opened_table as module

    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    monkeypatch.setattr(module, "as_frame", None)  # nobody takes it apart
    table = module.open_table(frame)
    assert (table.rows, table.names, table.named) == (2, ("a", "b"), True)
    assert np.shares_memory(table.matrix, frame.to_numpy())


def test_a_column_of_a_union_is_refused_by_its_name():
    union = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])])
    with pytest.raises(InputTypeError, match="cells of column 'x'.*sparse_union"):
        TableEncoder().fit(pa.table({"x": union, "y": [1, 2]}))


class TestAnOpenedTable:
    frame = pd.DataFrame({"age": [20.0, None, 40.0], "sex": ["f", "m", None]})

    def test_it_is_opened_no_second_time(self):
        table = open_table(self.frame)
        assert open_table(table) is table
        assert open_table(table).container is self.frame

    def test_a_column_is_read_once(self):
        table = open_table(self.frame)
        assert table.column(1) is table.column(1)

    @pytest.mark.parametrize("container", [frame, frame.to_numpy(), frame.to_numpy().tolist(), pl.from_pandas(frame)])
    def test_it_is_encoded_as_its_container(self, container):
        table = open_table(container)
        assert TableEncoder().fit(table) == TableEncoder().fit(container)
        assert np.array_equal(encode(container).transform(table), encode(container).transform(container))
        assert row_count(table) == 3
        assert take(table, [2, 0]).names == table.names
        assert np.array_equal(
            encode(container).transform(take(table, [2, 0])), encode(container).transform(take(container, [2, 0]))
        )

    @pytest.mark.parametrize(("held_back", "opened"), [(False, 1), (True, 2)])
    def test_a_fit_opens_the_table_and_its_training_part(self, monkeypatch, held_back, opened):
        calls, open_frame = [], opened_table._open_frame
        monkeypatch.setattr(opened_table, "_open_frame", lambda X: calls.append(X) or open_frame(X))
        X = pd.DataFrame({"age": np.arange(40.0), "sex": ["f", "m"] * 20})
        model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=1, early_stopping=held_back, random_state=0)
        model.fit(X, np.arange(40) // 20)
        assert len(calls) == opened
