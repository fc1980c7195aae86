"""The history: a plain table, and its form in files."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import History
from glassnet.errors import InputError

HISTORY = History([{"epoch": 1, "loss": 0.75}, {"epoch": 2, "loss": 0.5, "validation_loss": 1.0}])


def test_it_is_a_table():
    assert len(HISTORY) == 2
    assert HISTORY.columns == ["epoch", "loss", "validation_loss"]
    assert HISTORY["loss"] == [0.75, 0.5]
    assert [row["epoch"] for row in HISTORY] == [1, 2]
    assert str(HISTORY).splitlines()[2].split() == ["2", "0.5", "1"]


def test_an_unknown_column_is_an_error_that_lists_the_known_ones():
    with pytest.raises(KeyError, match="no column 'los'; it has: epoch, loss, validation_loss"):
        HISTORY["los"]


def test_an_empty_one_has_empty_columns():
    assert History()["loss"] == []
    assert str(History()) == ""


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.floats(), max_size=3), max_size=4))
def test_it_comes_back_from_strict_json(rows):
    history = History(rows)
    history.best_epoch, history.ended = 1, "interrupted"
    again = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))
    assert (again.best_epoch, again.ended) == (1, "interrupted")
    for mine, its in zip(rows, again.rows, strict=True):
        assert mine.keys() == its.keys()
        for name, value in mine.items():
            assert value == its[name] or (math.isnan(value) and math.isnan(its[name]))


GOOD = HISTORY.to_dict()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        GOOD | {"rows": None},
        GOOD | {"rows": [1]},
        GOOD | {"rows": [{"loss": "low"}]},
        GOOD | {"rows": [{"loss": None}]},
        GOOD | {"rows": [{"loss": [1]}]},
        GOOD | {"rows": [{"loss": True}]},
        GOOD | {"best_epoch": "one"},
        GOOD | {"ended": None},
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(InputError, match="history must h"):
        History.from_dict(data)
