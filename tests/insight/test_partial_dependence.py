"""Partial dependence: scikit-learn's numbers where it can, and tables of every kind where it cannot."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from sklearn.inspection import PartialDependenceDisplay
from sklearn.inspection import partial_dependence as theirs

from glassnet.errors import InputError
from glassnet.insight.partial_dependence import PartialDependence
from tests.insight.people import PEOPLE, model_of, regressor


def whole_numbers():
    X = np.random.default_rng(0).integers(0, 6, size=(90, 3)).astype(float)
    y = X[:, 0] ** 2 - X[:, 1]
    return X, y, regressor().fit(X, y)


def test_on_numbers_it_is_that_of_scikit_learn():
    X, _, model = whole_numbers()
    found = model.partial_dependence(X, 0)
    same = theirs(model, X, [0], kind="both", percentiles=(0, 1))
    assert found.grid == same["grid_values"][0].tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(found.average, same["average"][0])
    np.testing.assert_allclose(found.individual, same["individual"][0])
    assert found.ordered


def test_scikit_learn_s_own_picture_works_on_pandas():
    """Where the column has no gaps; those that others have do not matter."""
    pytest.importorskip("matplotlib").use("Agg")
    X, model = PEOPLE.pandas(), model_of("yes or no")
    shown = PartialDependenceDisplay.from_estimator(
        model, X, ["street"], categorical_features=["street"], response_method="predict_proba"
    )
    found = model.partial_dependence(X, "street", output="yes")
    curve = dict(zip(shown.pd_results[0]["grid_values"][0], shown.pd_results[0]["average"][0], strict=True))
    assert curve == pytest.approx(dict(zip(found.grid, found.average, strict=True)))


@pytest.mark.parametrize("column", ["age", "city", "street", "since", "member"])
def test_every_container_and_kind_of_column_gives_the_same(column):
    model = model_of("embeddings")
    found = model.partial_dependence(PEOPLE.polars(), column)
    for X in (PEOPLE.pandas(), PEOPLE.polars().to_arrow()):
        again = model.partial_dependence(X, column)
        np.testing.assert_allclose(again.individual, found.individual, atol=1e-12)
    assert found.individual.shape == (120, len(found.grid))
    np.testing.assert_allclose(found.average, found.individual.mean(axis=0))


def test_it_is_the_prediction_with_that_value_in_every_row():
    import polars as pl

    model, X = model_of("yes or no"), PEOPLE.polars()
    city = model.partial_dependence(X, "city", output="yes")
    assert set(city.grid) == {"Bern", "Graz", "Ulm", None}
    counts = [PEOPLE.columns["city"].count(name) for name in city.grid]
    assert counts == sorted(counts, reverse=True)
    assert not city.ordered
    for name, answers in zip(city.grid, city.individual.T, strict=True):
        expected = model.predict_proba(X.with_columns(city=pl.lit(name, dtype=pl.String)))[:, 1]
        np.testing.assert_allclose(answers, expected)


def test_levels_that_have_an_order_keep_it():
    import pandas as pd

    frame = PEOPLE.pandas()
    frame["city"] = pd.Categorical(frame["city"], ["Ulm", "Bern", "Graz"], ordered=True)
    grid = model_of("yes or no").partial_dependence(frame, "city").grid
    assert [city for city in grid if city is not None] == ["Ulm", "Bern", "Graz"]
    assert grid[-1] is None


def test_the_grid_of_numbers_leaves_out_the_tails_and_gaps():
    ages = PEOPLE.columns["age"]
    present = np.sort(ages[~np.isnan(ages)])
    found = model_of("numbers").partial_dependence(PEOPLE.polars(), "age", points=5)
    assert len(found.grid) == 5
    assert found.grid[0] == np.quantile(present, 0.05, method="inverted_cdf") > present[0]
    assert found.grid[-1] < present[-1]
    assert set(found.grid) <= set(present)


def test_of_classes_one_is_asked_for():
    X, model = PEOPLE.polars(), model_of("classes")
    parts = [model.partial_dependence(X, "city", output=name) for name in "abc"]
    np.testing.assert_allclose(sum(part.average for part in parts), 1)
    assert [part.answer for part in parts] == ["a", "b", "c"]
    with pytest.raises(InputError, match=r"one of the classes \['a', 'b', 'c'\]. Received: None. Choose one of the 3"):
        model.partial_dependence(X, "city")
    positive = model_of("yes or no").partial_dependence(X, "city")
    assert (positive.answer, positive.kind) == (model_of("yes or no").positive_, "probability")
    middle = model_of("quantiles").partial_dependence(X, "city")
    np.testing.assert_allclose(middle.average, model_of("quantiles").partial_dependence(X, "city", output=1).average)


def test_as_text_table_and_picture():
    import polars as pl

    model, X = model_of("yes or no"), PEOPLE.polars()
    city = model.partial_dependence(X, "city")
    lines = str(city).splitlines()
    assert lines[0].split() == ["city", "probability", "of", f"“{model.positive_}”"]
    assert lines[1].split() == [city.grid[0], f"{city.average[0]:.4g}"]
    frame = city.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame["city"].to_list() == city.grid
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = city.plot()
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], city.average)
    assert [label.get_text() for label in axes.get_yticklabels()] == [name or "missing" for name in city.grid]
    assert axes.get_xlabel() == f"probability of “{model.positive_}”; thin lines span 80% of the rows"
    own = matplotlib.pyplot.figure().subplots()
    since = model.partial_dependence(X, "since")
    assert since.plot(ax=own, lines=10) is own
    assert len(own.lines) == 11
    np.testing.assert_allclose(own.lines[-1].get_ydata(), since.average)
    assert own.get_xlabel() == "since"
    assert next(label.get_text() for label in own.get_xticklabels()) == str(since.grid[0])[:10]
    matplotlib.pyplot.close("all")


def test_columns_of_a_frame_of_numbers_may_be_in_any_order():
    """Such a frame is one array inside, which has no names."""
    import pandas as pd

    X, y, _ = whole_numbers()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = regressor().fit(frame, y)
    other = frame[["c", "a", "b"]].assign(more=1.0)
    for column in frame:
        found, again = model.partial_dependence(frame, column), model.partial_dependence(other, column)
        assert again.grid == found.grid
        np.testing.assert_array_equal(again.individual, found.individual)
    for scoring in ("r2", lambda model, table, y: model.score(table, y)):
        drops = [model.importances(table, y, scoring=scoring).drops for table in (frame, other)]
        np.testing.assert_array_equal(*drops)


@pytest.mark.parametrize(
    ("step", "written"),
    [
        (datetime.timedelta(days=9, minutes=7), ["2024-01-01", "2024-01-19", "2024-01-28"]),
        (datetime.timedelta(minutes=7), ["08:30", "08:44", "08:51"]),
    ],
)
def test_moments_at_an_axis_have_room(step, written):
    """A date with its time does not fit there three times."""
    grid = [datetime.datetime(2024, 1, 1, 8, 30) + number * step for number in range(4)]
    found = PartialDependence("since", grid, np.zeros(4), np.zeros((2, 4)), "number", None, ordered=True)
    assert [name for _, name in found.chart("en").x.names] == written
