"""What a model remembers of the rows that it learned from."""

from __future__ import annotations

import datetime
import json

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from glassnet import NeuralClassifier, NeuralRegressor, TableEncoder
from glassnet.errors import InputError
from glassnet.tables import table_summary
from glassnet.tables.table_summary import ColumnSummary, TableSummary, summary_of

FRAME = pl.DataFrame(
    {
        "age": [20.5, None, 40.5, 30.5],
        "flag": [True, False, None, True],
        "city": ["b", None, "a", "b"],
        "born": [datetime.date(1970, 1, 1 + day) for day in range(4)],
        "at": [datetime.time(1), None, datetime.time(13), datetime.time(5)],
        "none": [None] * 4,
    }
)
DAY = 86_400_000_000.0


def of(X, y=None, *, classes=True):
    y = np.zeros(4, int) if y is None else np.asarray(y)
    return TableSummary.of(X, y, TableEncoder().fit(X).plan, classes=classes)


def test_every_kind_of_column():
    found = {column.name: column for column in of(FRAME).columns}
    assert found["age"] == ColumnSummary("age", "number", 4, 1, 3, (20.5, 30.5, 40.5), ())
    assert found["flag"] == ColumnSummary("flag", "boolean", 4, 1, 2, None, (("True", 2), ("False", 1)))
    assert found["city"] == ColumnSummary("city", "category", 4, 1, 2, None, (("b", 2), ("a", 1)))
    assert found["born"] == ColumnSummary("born", "date", 4, 0, 4, (0.0, DAY, 3 * DAY), ())
    assert found["at"] == ColumnSummary("at", "time", 4, 1, 3, (3600.0, 18000.0, 46800.0), ())
    assert (found["none"].gaps, found["none"].distinct, found["none"].ends) == (4, 0, None)


def test_the_target():
    assert of(FRAME, ["x", "y", "y", "y"]).target.levels == (("y", 3), ("x", 1))
    assert of(FRAME, [1, 2, 4, 8], classes=False).target.ends == (1.0, 3.0, 8.0)
    assert of(FRAME, np.zeros((4, 2))).target is None


def test_the_median_of_huge_numbers_is_finite():
    """Their sum is not, and a model file cannot hold it."""
    assert of(FRAME, [1.5e308, 1.5e308, 1.0, 1.7e308], classes=False).target.ends == (1.0, 1.5e308, 1.7e308)


@pytest.mark.filterwarnings("error")
def test_numbers_whose_difference_overflows_are_counted():
    (column,) = of(pl.DataFrame({"a": [-1.5e308, 1.5e308, 1.5e308, None]})).columns
    assert (column.distinct, column.gaps) == (2, 1)


@pytest.mark.parametrize(
    ("answers", "levels"),
    [
        ([2, 1, 1, 1], (("1", 3), ("2", 1))),
        ([2.5, 1.0, 1.0, -0.0], (("1", 2), ("2.5", 1), ("0", 1))),
        (["b", "a", "a", ""], (("a", 2), ("b", 1), ("", 1))),
        ([True, 1, 1.0, "1"], (("1", 3), ("True", 1))),  # equal to Python, but not for people
        ([True, False, True, True], (("True", 3), ("False", 1))),
    ],
)
def test_levels_of_any_kind_are_counted_by_their_texts(answers, levels):
    y = np.array(answers, dtype=object)
    assert of(np.arange(4.0)[:, None], y).target.levels == levels


def test_plain_data_and_back():
    found = of(FRAME, ["x", "y", "y", "y"])
    assert TableSummary.from_plain(json.loads(json.dumps(found.to_plain(), allow_nan=False))) == found


def test_long_texts_are_cut():
    ((level, _),) = of([["a" * 100]] * 4).columns[0].levels
    assert level == "a" * 59 + "…"


def test_half_a_pair_of_surrogates_is_replaced_as_no_file_can_hold_it():
    assert summary_of("note", "category", ["good \ud83d", "good \ud83d", "\U0001f600"]).levels == (
        ("good \ufffd", 2),
        ("\U0001f600", 1),
    )


def test_a_sparse_table_has_no_columns():
    found = of(sparse.csr_array(np.eye(4)))
    assert (found.rows, found.width, found.columns) == (4, 4, ())


def test_of_a_large_table_some_rows_are_looked_at(monkeypatch):
    monkeypatch.setattr(table_summary, "MOST_CELLS", 20)
    X = np.arange(200.0).reshape(100, 2)
    found = of(X, np.zeros(100, int))
    assert (found.rows, found.looked_at) == (100, 10)
    assert found.columns[0].ends == (0.0, 90.0, 180.0)


def test_of_a_wide_table_the_first_columns_are_described(monkeypatch):
    monkeypatch.setattr(table_summary, "MOST_COLUMNS", 3)
    found = of(np.arange(20.0).reshape(4, 5))
    assert (found.width, [column.name for column in found.columns]) == (5, ["x0", "x1", "x2"])


@pytest.mark.parametrize("early_stopping", [True, False])
def test_an_estimator_remembers_all_its_rows(early_stopping):
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 3
    options = {
        "preset": "mlp",
        "hidden_layers": 2,
        "epochs": 1,
        "engine": "reference",
        "early_stopping": early_stopping,
    }
    model = NeuralClassifier(**options).fit(X, y)
    assert (model.data_.rows, model.data_.looked_at) == (40, 40)
    assert model.data_.target.levels == (("0", 14), ("1", 13), ("2", 13))
    assert NeuralRegressor(**options).fit(X, X[:, 0]).data_.target.ends == model.data_.columns[0].ends


def test_rows_of_weight_zero_do_not_count():
    X, weight = np.arange(20.0).reshape(10, 2), np.r_[np.ones(6), np.zeros(4)]
    model = NeuralClassifier(preset="mlp", hidden_layers=2, epochs=1, engine="reference")
    assert model.fit(X, np.arange(10) % 2, weight).data_.rows == 6


def test_partial_fit_remembers_its_first_rows():
    model = NeuralClassifier(preset="mlp", hidden_layers=2, engine="reference")
    model.partial_fit(np.eye(4), [0, 1, 0, 1]).partial_fit(np.ones((2, 4)), [0, 1])
    assert model.data_.rows == 4


GOOD = of(FRAME).to_plain()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("rows", -1),
        ("rows", 1.5),
        ("rows", True),
        ("columns", {}),
        ("columns", [3]),
        ("columns", [GOOD["columns"][0]] * 1001),
        ("target", []),
        ("more", 1),
        ("name", 3),
        ("kind", "os.system"),
        ("gaps", "1"),
        ("ends", [1.0, 2.0]),
        ("ends", [1.0, 2.0, float("nan")]),
        ("levels", {}),
        ("levels", [["a", "b"]]),
        ("levels", [["a"]]),
    ],
)
def test_what_is_no_summary_is_refused(place, value):
    bad = json.loads(json.dumps(GOOD))
    (bad if place in bad or place == "more" else bad["columns"][0])[place] = value
    with pytest.raises(InputError, match="The table description of a model must match the rest"):
        TableSummary.from_plain(bad)


def test_of_texts_that_a_network_learns_from_none_is_kept():
    """Each may be somebody's message, and would be in the model file and its card."""
    texts = [[f"{('dull', 'fine')[i % 2]} story {i}"] for i in range(40)]
    plan = TableEncoder(free_text="auto").fit(texts).plan
    (column,) = TableSummary.of(texts, np.arange(40) % 2, plan, classes=True).columns
    assert (column.kind, column.distinct, column.levels) == ("text", 40, ())
    assert ColumnSummary.from_plain(column.to_plain()) == column
