"""A table with known answers: its columns told apart, its target made into classes or numbers."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from glassnet.apps.labelled import Roles, all_of, as_classes, as_numbers, read_labelled, targets
from glassnet.errors import InputError
from glassnet.tables.reading.notation import Notation
from glassnet.tables.reading.readers import read_table
from glassnet.tables.reading.sources import ReadOptions


@pytest.fixture
def file(tmp_path):
    frame = pl.DataFrame({"id": [1, 2, 3], "x": [0.5, None, 2.0], "w": [1, 2, 0], "y": ["a", None, "b"]})
    frame.write_csv(tmp_path / "table.csv")
    return tmp_path / "table.csv"


def test_columns_have_their_roles(file):
    table = read_labelled(file, Roles("y", ids=("id",), weight="w"))
    assert table.X.to_dict(as_series=False) == {"x": [0.5, 2.0]}
    assert table.y.to_list() == ["a", "b"]
    assert table.weight.tolist() == [1.0, 0.0]
    assert table.ids["id"].to_list() == ["1", "3"]
    assert (len(table), table.dropped) == (2, 1)


def test_a_column_may_have_two_roles_that_leave_it_out(file):
    table = read_labelled(file, Roles("y", ids=("id", "id"), drop=("id", "w"), weight="w"))
    assert (table.X.columns, table.ids.columns) == (["x"], ["id"])


def test_rows_can_be_taken_with_all_that_belongs_to_them(file):
    part = read_labelled(file, Roles("y", ids=("id",), weight="w")).take(np.array([1]))
    assert (part.X["x"].to_list(), part.y.to_list(), part.weight.tolist(), part.ids["id"].to_list()) == (
        [2.0], ["b"], [0.0], ["3"],
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_row_without_a_target_has_no_say_in_what_a_column_is(tmp_path, ending):
    sums = pl.DataFrame({"x": ["1.5", "2.5", "Sum"], "z": [1.0, 2.0, 3.0], "y": ["a", "b", None]})
    file = tmp_path / f"sums.{ending}"
    (sums.write_csv if ending == "csv" else sums.write_ndjson)(file)
    table = read_labelled(file, Roles("y"))
    assert (table.X["x"].to_list(), table.X["z"].to_list(), table.dropped) == ([1.5, 2.5], [1.0, 2.0], 1)
    assert read_table(file)["x"].to_list() == ["1.5", "2.5", "Sum"]


def test_a_target_that_comes_as_text_is_read_as_the_file_is_written(tmp_path):
    """A Parquet file keeps its types: what is text there is written as the table that the model learned from."""
    file = tmp_path / "prices.parquet"
    pl.DataFrame({"x": [1.0, 2.0], "y": ["1.234,5", " 2"]}).write_parquet(file)
    for roles in (Roles("y", learned=Notation(",")), Roles("y", reading=ReadOptions(decimal=","))):
        table = read_labelled(file, roles)
        assert targets(table.y, "regression", None, table.notation).tolist() == [1234.5, 2.0]
    with pytest.raises(InputError, match="must be numbers"):
        targets(table.y, "regression")


def test_known_features_are_chosen_and_the_rest_ignored(file):
    assert read_labelled(file, Roles("y", ids=("nowhere",)), all_of(["w"], file)).X.columns == ["w"]
    with pytest.raises(InputError, match="no column 'v'. Available: id, x, w, y."):
        read_labelled(file, Roles("y"), all_of(["x", "v"], file))
    with pytest.raises(InputError, match="no columns 'u', 'v'. Available"):
        read_labelled(file, Roles("y"), all_of(["u", "v"], file))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (pl.Series(["b", "a"]), ["b", "a"]),
        (pl.Series([True, False]), [True, False]),
        (pl.Series([3, 1]), [3, 1]),
        (pl.Series([3.0, 1.0]), [3.0, 1.0]),
        (pl.Series(["b", "a"], dtype=pl.Categorical), ["b", "a"]),
        (pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"])), ["b", "a"]),
    ],
)
def test_classes_of_every_kind(values, classes):
    found = as_classes(values)
    assert found.tolist() == classes
    assert found.dtype != object


def test_classes_are_known_by_their_text():
    assert as_classes(pl.Series(["1", "0"]), np.array([0, 1])).tolist() == [1, 0]
    assert as_classes(pl.Series([1.0, 0.0]), np.array([0, 1])).tolist() == [1, 0]
    assert as_classes(pl.Series([1, 0]), np.array(["0", "1"])).tolist() == ["1", "0"]
    assert as_classes(pl.Series([True]), np.array([False, True])).tolist() == [True]


def test_few_fractions_are_classes_of_their_text():
    grades = pl.Series("grade", [1.0, 1.5, 2.5, 1.5])
    assert as_classes(grades).tolist() == ["1", "1.5", "2.5", "1.5"]
    assert as_classes(grades, np.array(["1", "1.5", "2.5"])).tolist() == ["1", "1.5", "2.5", "1.5"]


def test_many_fractions_are_no_classes():
    with pytest.raises(InputError, match="'y' with 21 different numbers such as 0.5. Use --task regression"):
        as_classes(pl.Series("y", np.arange(21) / 2))


@pytest.mark.parametrize(
    "values", [pl.Series([2, 1]), pl.Series([2.0, 1.0]), pl.Series([Decimal("2.0"), Decimal("1.0")])]
)
def test_numbers_of_every_kind(values):
    found = as_numbers(values)
    assert (found.tolist(), found.dtype) == ([2.0, 1.0], np.float64)


def test_yes_and_no_are_numbers_when_asked():
    assert as_numbers(pl.Series([True, False])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("values", "says"),
    [(["a", "b"], "must be numbers. Received: 'y' with values such as 'a'"), ([1.0, np.inf], "infinity in 'y'")],
)
def test_what_is_no_number(values, says):
    with pytest.raises(InputError, match=says):
        as_numbers(pl.Series("y", values))


@pytest.mark.parametrize("weights", [["1", "a", "1"], [1, None, 1]])
def test_weights_must_be_numbers_everywhere(tmp_path, weights):
    pl.DataFrame({"x": [1, 2, 3], "w": weights, "y": [1, 2, 3]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="a number in every row. Received: 'w'"):
        read_labelled(tmp_path / "t.parquet", Roles("y", weight="w"))
