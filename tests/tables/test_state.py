"""The encoder as plain data: nothing is lost, and nothing a stranger wrote does harm."""

from __future__ import annotations

import copy
import datetime
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from glassnet.errors import InputError, InputTypeError
from glassnet.tables import TableEncoder

FRAME = pl.DataFrame(
    {
        "age": [20.1, None, 40.7, 33.3],
        "same": [1, 1, 1, 1],
        "flag": [True, False, None, True],
        "city": ["Ürümqi", None, 'a"b', "c"],
        "sex": ["f", "m", "m", "f"],
        "many": ["1", "2", "3", "4"],
        "born": [datetime.date(1969, 1, 1), datetime.date(2024, 2, 29), None, datetime.date(2000, 1, 1)],
        "at": [datetime.time(1), datetime.time(13, 30), None, datetime.time(5)],
        "wait": [datetime.timedelta(minutes=3), datetime.timedelta(minutes=5), None, None],
        "none": [None, None, None, None],
    }
)
ENCODER = TableEncoder(max_levels=3, dtype="float64").fit(FRAME)


def through_json(encoder):
    description, arrays = encoder.to_state()
    text = json.dumps(description, allow_nan=False)
    return json.loads(text), {name: np.frombuffer(array.tobytes(), array.dtype) for name, array in arrays.items()}


@pytest.mark.parametrize(
    "encoder",
    [
        ENCODER,
        TableEncoder().fit(np.random.default_rng(0).normal(size=(10, 4))),
        TableEncoder(scaling="none").fit(sparse.eye_array(4, format="csr")),
        TableEncoder().fit(np.ones((3, 2))),
    ],
)
def test_the_state_gives_the_same_encoder(encoder):
    again = TableEncoder.from_state(*through_json(encoder))
    assert again == encoder
    assert str(again) == str(encoder)
    assert again.feature_names_out == encoder.feature_names_out
    assert again.columns == encoder.columns
    assert repr(again) == repr(encoder)


def test_the_state_gives_the_same_bits():
    again = TableEncoder.from_state(*through_json(ENCODER))
    assert again.transform(FRAME).tobytes() == ENCODER.transform(FRAME).tobytes()
    assert (
        again.inverse_transform(again.transform(FRAME)).keys()
        == ENCODER.inverse_transform(ENCODER.transform(FRAME)).keys()
    )


def test_large_statistics_are_arrays():
    encoder = TableEncoder().fit(np.random.default_rng(0).normal(size=(10, 500)))
    description, arrays = encoder.to_state()
    assert len(json.dumps(description)) < 500 * 40
    assert arrays["mean"].shape == (500,)
    assert arrays["mean"].dtype == np.float64


def test_changing_a_state_does_not_change_the_encoder():
    encoder = TableEncoder().fit([[1.0], [2.0]])
    before = encoder.transform([[1.5]])
    encoder.to_state()[1]["mean"][:] = 99
    np.testing.assert_array_equal(encoder.transform([[1.5]]), before)


def test_encoders_are_equal_if_they_do_the_same():
    X = np.array([[1.0, 2.0], [3.0, 5.0]])
    assert TableEncoder() == TableEncoder()
    assert TableEncoder().fit(X) == TableEncoder().fit(X.tolist())
    assert TableEncoder().fit(X) != TableEncoder()
    assert TableEncoder().fit(X) != TableEncoder(max_levels=7).fit(X)
    assert TableEncoder().fit(X) != TableEncoder().fit(X + 1)
    assert TableEncoder().fit(X) != TableEncoder().fit(X[:, :1])
    assert TableEncoder() != "encoder"


def test_an_unfitted_encoder_has_no_state():
    with pytest.raises(InputError, match="fitted first"):
        TableEncoder().to_state()


# Each change makes a state that to_state() never writes.
CHANGES = {
    "another format": lambda d, a: d.update(format=1),
    "a format that is no number": lambda d, a: d.update(format="1"),
    "no settings": lambda d, a: d.pop("settings"),
    "an unknown scaling": lambda d, a: d["settings"].update(scaling="evil"),
    "an unknown dtype": lambda d, a: d["settings"].update(dtype="object"),
    "too few levels allowed": lambda d, a: d["settings"].update(max_levels=0),
    "more levels than allowed": lambda d, a: d["settings"].update(max_levels=2),
    "no columns": lambda d, a: d.update(columns=[]),
    "a column that is a list": lambda d, a: d["columns"].__setitem__(0, []),
    "two columns of one name": lambda d, a: d["columns"][1].update(name="age"),
    "an unknown kind": lambda d, a: d["columns"][0].update(kind="__import__"),
    "a number that became a category": lambda d, a: d["columns"][0].update(kind="category"),
    "a category that became a number": lambda d, a: d["columns"][3].update(kind="number"),
    "a category that became a date": lambda d, a: d["columns"][3].update(kind="date"),
    "named is no boolean": lambda d, a: d.update(named=1),
    "a column left over": lambda d, a: d["skipped"].pop("1"),
    "a column used twice": lambda d, a: d["skipped"].update({"0": "always 1"}),
    "a reason that is no text": lambda d, a: d["skipped"].update({"1": 5}),
    "a skipped column that is not there": lambda d, a: d["skipped"].update({"77": "x"}),
    "a source beyond the table": lambda d, a: d["others"][0].update(source=10),
    "a negative source": lambda d, a: d["others"][0].update(source=-1),
    "a source that is a boolean": lambda d, a: d["others"][0].update(source=True),
    "levels that are no text": lambda d, a: d["others"][0].update(levels=[1, 2]),
    "no levels": lambda d, a: d["others"][0].update(levels=[]),
    "a level twice": lambda d, a: d["others"][0].update(levels=["a", "a"]),
    "gaps is no boolean": lambda d, a: d["others"][0].update(gaps="yes"),
    "an unknown part": lambda d, a: d["others"][3]["parts"][0].update(part="century"),
    "a part twice": lambda d, a: d["others"][3]["parts"].append(dict(d["others"][3]["parts"][0])),
    "a part with scale zero": lambda d, a: d["others"][3]["parts"][0].update(scale=0.0),
    "a part with an infinite mean": lambda d, a: d["others"][3]["parts"][0].update(mean=float("inf")),
    "a part of a date for a time": lambda d, a: d["others"][4]["parts"][0].update(part="month"),
    "a missing array": lambda d, a: a.pop("mean"),
    "an array of objects": lambda d, a: a.update(mean=a["mean"].astype(object)),
    "an array of float32": lambda d, a: a.update(mean=a["mean"].astype("float32")),
    "a list for an array": lambda d, a: a.update(mean=a["mean"].tolist()),
    "a mean that is NaN": lambda d, a: a.update(mean=a["mean"] * np.nan),
    "a scale of zero": lambda d, a: a.update(scale=a["scale"] * 0),
    "a negative scale": lambda d, a: a.update(scale=-a["scale"]),
    "a scale too long": lambda d, a: a.update(scale=np.append(a["scale"], 1.0)),
    "a matrix for a vector": lambda d, a: a.update(scale=a["scale"][:, None]),
    "sources beyond the table": lambda d, a: a.update(sources=a["sources"] + 100),
    "negative sources": lambda d, a: a.update(sources=a["sources"] - 100),
    "sources that are no numbers": lambda d, a: a.update(sources=np.array([3, 2, 8])),
    "too few sources": lambda d, a: a.update(sources=a["sources"][:1]),
    "marks beyond the columns": lambda d, a: a.update(marked=a["marked"] + 5),
    "a mark twice": lambda d, a: a.update(marked=np.array([0, 0])),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_state_that_was_tampered_with_is_refused(change):
    description, arrays = ENCODER.to_state()
    description = copy.deepcopy(description)
    change(description, arrays)
    with pytest.raises(InputError, match=r"Received:|must"):
        TableEncoder.from_state(description, arrays)


@pytest.mark.parametrize("state", [(None, {}), ([], {}), ({}, {}), ("x", None), ({"format": 1}, {}), (5, 5)])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(InputError):
        TableEncoder.from_state(*state)
    with pytest.raises(InputError):
        TableEncoder.from_state(ENCODER.to_state()[0], None)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@given(st.data())
def test_any_value_in_any_place_is_accepted_or_refused_and_never_crashes(data):
    description, arrays = ENCODER.to_state()
    description = copy.deepcopy(description)
    place = description
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(json_values)
        break
    try:
        encoder = TableEncoder.from_state(description, arrays)
        encoder.transform(FRAME)
    except (InputError, InputTypeError):
        return
    assert len(encoder.feature_names_out) == encoder.n_outputs
