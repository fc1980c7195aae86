"""The history: a plain table, and its form in files."""

from __future__ import annotations

import json
import math

import numpy as np
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


def test_it_has_all_its_rows_however_many():
    rows = [{"epoch": 1, "loss": 0.5}] * 1_000_001
    assert len(History(rows)) == len(rows)
    assert History(np.array(rows[:3])).rows == rows[:3]


def test_an_unknown_column_is_an_error_that_lists_the_known_ones():
    with pytest.raises(KeyError, match="no column 'los'; it has: epoch, loss, validation_loss"):
        HISTORY["los"]


def test_an_empty_one_has_empty_columns():
    assert History()["loss"] == []
    assert str(History()) == ""


NUMBERS = st.integers(-(2**53), 2**53) | st.floats()


@given(st.lists(st.tuples(NUMBERS, st.dictionaries(st.text(max_size=5), NUMBERS, max_size=3)), max_size=4))
def test_it_comes_back_from_strict_json(measured):
    rows = [more | {"epoch": epoch, "loss": loss} for epoch, (loss, more) in enumerate(measured, 1)]
    history = History(rows)
    history.best_epoch = 1
    history.end("patience", count=3)
    again = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))
    assert (again.best_epoch, again.endings) == (1, history.endings)
    for mine, its in zip(rows, again.rows, strict=True):
        assert mine.keys() == its.keys()
        for name, value in mine.items():
            assert value == its[name] or (math.isnan(value) and math.isnan(its[name]))


def test_a_column_that_begins_later_has_gaps():
    """Training that went on in another way, such as partial_fit after a training with rows to judge by."""
    history = History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5, "validation_loss": 0.6}])
    assert math.isnan(history["validation_loss"][0])
    assert history["validation_loss"][1] == 0.6


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
        GOOD | {"rows": [{"loss": 0.5}]},
        GOOD | {"rows": [{"epoch": 1}]},
        *(GOOD | {"rows": [{"epoch": 1, "loss": loss}]} for loss in ("low", None, [1], True, 10**400)),
        *(GOOD | {"rows": [{"epoch": epoch, "loss": 0.5}]} for epoch in (0, -1, 1.0, "inf", True, None)),
        GOOD | {"best_epoch": 0},
        GOOD | {"best_epoch": "one"},
        GOOD | {"endings": None},
        GOOD | {"endings": [{"code": "done", "words": "", "numbers": {}}]},
        GOOD | {"endings": [{"code": "other", "words": "as it is", "numbers": {}}]},
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(InputError, match="history must (have|contain)"):
        History.from_dict(data)
