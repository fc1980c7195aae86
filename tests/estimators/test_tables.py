"""Tables of every kind go straight into fit, and come back in any order of columns."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from glassnet.errors import InputError, TableWarning
from glassnet.support.language import speaking

COLUMNS = {
    "age": [20.5, None, 40.7, 33.3, 18.0, 61.0] * 20,
    "children": [0, 1, 2, 3, 4, 5] * 20,
    "member": [True, False] * 60,
    "asked": [True, False, None] * 40,
    "city": ["Ürümqi", None, 'a"b', "c"] * 30,
    "size": ["S", "M", "L", "M"] * 30,
    "born": [datetime.date(1960, 1, 1) + datetime.timedelta(days=120 * day) for day in range(120)],
    "seen": [datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=7 * hour) for hour in range(120)],
    "same": ["always"] * 120,
}
Y = np.where((np.arange(120) % 6 < 3) == (np.arange(120) % 2 == 0), "yes", "no")


def pandas():
    return pd.DataFrame(COLUMNS).astype({"size": "category", "born": "datetime64[ns]"})


FRAMES = {
    "pandas": pandas,
    "pandas nullable": lambda: pandas().convert_dtypes(),
    "pandas arrow": lambda: pandas().convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda: pl.DataFrame(COLUMNS).with_columns(pl.col("size").cast(pl.Categorical)),
    "pyarrow": lambda: pa.table(COLUMNS),
}


def reordered(frame):
    names = list(COLUMNS)[::-1]
    return frame.select(names) if hasattr(frame, "select") else frame[names]


def without(frame, name):
    if isinstance(frame, pd.DataFrame):
        return frame.drop(columns=name)
    return frame.drop(name) if isinstance(frame, pl.DataFrame) else frame.drop_columns([name])


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_goes_straight_into_fit(classifier, kind):
    frame = FRAMES[kind]()
    model = classifier(epochs=60).fit(frame, Y)
    assert model.score(frame, Y) > 0.9
    assert model.feature_names_in_.tolist() == list(COLUMNS)
    assert model.n_features_in_ == len(COLUMNS)
    probabilities = model.predict_proba(frame)
    assert (model.predict_proba(reordered(frame)) == probabilities).all()
    with pytest.raises(InputError, match="now missing:\n- city"):
        model.predict(without(frame, "city"))
    if kind != "pandas":
        assert np.allclose(model.predict_proba(pandas()), probabilities, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Columns of which the first rows:glassnet.errors.TableWarning")
@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_can_be_split_and_taken_in_parts(classifier, kind):
    frame = FRAMES[kind]()
    model = classifier(epochs=2, early_stopping=True, validation_fraction=0.25).fit(frame, Y, np.arange(120) % 4)
    assert len(model.validation_curve_) == 2
    parts = classifier().partial_fit(frame, Y).partial_fit(reordered(frame), Y)
    assert parts.n_iter_ == 2
    held = classifier(epochs=2).fit(frame, Y, validation_data=(reordered(frame), Y))
    assert len(held.validation_curve_) == 2


def test_levels_that_were_never_seen_and_columns_too_many_do_no_harm(classifier):
    model = classifier().fit(pandas(), Y)
    new = pandas().assign(city="Atlantis", size="XXL", more=1)
    assert model.predict(new).shape == (120,)
    assert np.isfinite(model.predict_proba(new)).all()


def test_values_of_another_kind_are_refused_by_name(classifier):
    model = classifier().fit(pandas(), Y)
    with pytest.raises(
        InputError, match="Column 'age' must contain numbers, as in training.* Received: 'old' in row 0"
    ):
        model.predict(pandas().assign(age="old"))


def test_validation_rows_do_not_shape_the_encoding(classifier):
    held_out = pandas().assign(age=1e6, city="elsewhere")
    model = classifier(epochs=1).fit(pandas(), Y, validation_data=(held_out, Y))
    assert model.encoder_ == classifier(epochs=1).fit(pandas(), Y).encoder_
    split = classifier(epochs=1, early_stopping=True).fit(pandas(), Y)
    assert split.encoder_ != model.encoder_


def test_rows_of_weight_zero_are_as_if_they_were_not_there(classifier):
    weight = (np.arange(120) % 3 > 0).astype(float)
    rows = np.flatnonzero(weight)
    with_zeros = classifier(epochs=3).fit(pandas(), Y, weight)
    left_out = classifier(epochs=3).fit(pandas().iloc[rows], Y[rows])
    assert with_zeros.network_.parameters.tobytes() == left_out.network_.parameters.tobytes()


@pytest.mark.parametrize("kind", ["csr_array", "csc_array", "coo_array", "csr_matrix"])
def test_sparse_tables(table, classifier, kind):
    X = np.where(abs(table.X) > 0.3, table.X, 0)
    thin = getattr(sparse, kind)(X)
    model = classifier(epochs=40, early_stopping=True, patience=40).fit(thin, table.words)
    assert model.score(thin, table.words) > 0.85
    assert np.allclose(model.predict_proba(X), model.predict_proba(thin))
    assert classifier(optimizer="lbfgs", learning_rate=None).fit(thin, table.words, np.ones(150)).n_iter_ == 10


@pytest.mark.parametrize("make", [np.asarray, np.float32, np.ndarray.tolist, lambda X: np.ma.masked_less(X, -9)])
def test_arrays_and_lists(table, classifier, make):
    model = classifier().fit(make(table.X), table.words)
    assert np.allclose(model.predict_proba(make(table.X)), model.predict_proba(table.X), atol=1e-5)
    assert not hasattr(model, "feature_names_in_")


def test_mixed_lists(classifier):
    model = classifier(epochs=100).fit([[1, "a"], [1, "b"], [2, "a"], [2, None]] * 10, [0, 1, 0, 1] * 10)
    assert model.predict([[1, "a"], [2, "b"]]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("language", "warning"),
    [
        ("en", r"the words of free text.*'message'\).*Name these columns in `free_text`"),
        ("zh", r"没有从自由文本的词语学到任何东西.*'message'）。请在 `free_text` 中给出这些列"),
    ],
)
def test_free_text_of_which_nothing_is_learned_is_warned_of(language, warning, classifier):
    words = np.array(["please", "help", "again", "since", "monday", "urgent", "thanks", "printer"])
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 7)) + f" {row}x" for row in range(120)]
    frame = pd.DataFrame({"message": texts, "priority": np.arange(120) % 3})
    with speaking(language), pytest.warns(TableWarning, match=warning):
        classifier(epochs=1, free_text="none").fit(frame, Y)
