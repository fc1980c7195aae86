"""Importances by shuffling: scikit-learn's numbers, on tables of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from glassnet.errors import InputError, InputTypeError
from glassnet.insight.importances import Importances, ModelScore
from tests.insight.people import PEOPLE, model_of, regressor


def test_on_an_array_they_are_those_of_scikit_learn():
    X = np.random.default_rng(0).normal(size=(90, 3))
    y = X @ [3.0, 0.0, -1.0]
    model = regressor().fit(X, y)
    found = model.importances(X, y, repeats=3, random_state=7)
    theirs = permutation_importance(model, X, y, n_repeats=3, random_state=7)
    np.testing.assert_allclose(found.drops, theirs.importances)
    np.testing.assert_allclose(found.means, theirs.importances_mean)
    np.testing.assert_allclose(found.deviations, theirs.importances_std)
    assert found.score == pytest.approx(model.score(X, y))
    assert found.order[0] == 0


def test_a_chart_rounds_what_is_below_zero():
    found = Importances(("a",), np.array([[-0.123456, -0.1]]), 0.5, "accuracy")
    assert [bar.text for bar in found.chart("en").each] == ["−0.112"]


def test_a_chart_separates_thousands():
    found = Importances(("a", "b"), np.array([[12345.6], [-4011.2]]), 0.5, "rmse")
    assert [bar.text for bar in found.chart("en").each] == ["12,346", "−4,011"]


def test_text_gaps_and_dates_in_every_container():
    model = model_of("yes or no")
    polars = model.importances(PEOPLE.polars(), PEOPLE.yes)
    pandas = model.importances(PEOPLE.pandas(), PEOPLE.yes)
    arrow = model.importances(PEOPLE.polars().to_arrow(), PEOPLE.yes)
    np.testing.assert_array_equal(polars.drops, pandas.drops)
    np.testing.assert_array_equal(polars.drops, arrow.drops)
    assert polars.score == model.score(PEOPLE.polars(), PEOPLE.yes)
    assert polars.metric == "accuracy"
    assert polars.columns[polars.order[0]] in ("age", "city", "street")
    assert np.all(polars.drops[polars.columns.index("country")] == 0)


def test_on_pandas_with_text_and_gaps_scikit_learn_gives_the_same_by_itself():
    model, X = model_of("members"), PEOPLE.pandas()
    theirs = permutation_importance(model, X, PEOPLE.third, n_repeats=2, random_state=0)
    found = model.importances(X, PEOPLE.third, repeats=2)
    np.testing.assert_allclose(found.drops, theirs.importances, atol=1e-12)


def test_by_another_scoring_and_with_weights():
    model, X = model_of("yes or no"), PEOPLE.polars()
    found = model.importances(X, PEOPLE.yes, scoring="roc_auc")
    assert found.metric == "roc_auc"
    assert found.score > 0.8
    half = np.arange(120) < 60
    weighed = model.importances(X, PEOPLE.yes, sample_weight=half.astype(float))
    assert weighed.score == pytest.approx(model.score(X[:60], PEOPLE.yes[:60]))
    own = model.importances(X, PEOPLE.yes, scoring=own_scoring, repeats=1)
    assert own.metric == "own_scoring"
    assert np.all(own.drops == 0)


def test_by_a_score_of_probabilities_on_rows_that_lack_a_class():
    model, X, y = model_of("members"), PEOPLE.pandas(), np.asarray(PEOPLE.third)
    some = y != y[0]
    found = model.importances(X[some], y[some], scoring="neg_log_loss", repeats=1)
    of_truth = model.predict_proba(X[some])[np.arange(some.sum()), np.searchsorted(model.classes_, y[some])]
    assert found.score == pytest.approx(np.log(of_truth).mean(), rel=1e-6)


def own_scoring(model, X, y):
    return 1.0


def test_a_function_of_one_s_own_sees_the_cells_of_the_table():
    model, X = model_of("yes or no"), PEOPLE.polars()
    moved = dict.fromkeys(X.columns, 0)

    def scoring(model, table, y):
        for name in table.columns:
            moved[name] += not table[name].equals(X[name])
        return model.score(table, y)

    found = model.importances(X, PEOPLE.yes, scoring=scoring, repeats=2)
    assert all(moved[name] <= 2 for name in found.columns)
    assert moved[found.columns[found.order[0]]] == 2
    np.testing.assert_allclose(found.drops, model.importances(X, PEOPLE.yes, repeats=2).drops, atol=1e-12)


def test_a_score_that_asks_the_model_alone_is_the_same_sooner():
    model, X = model_of("yes or no"), PEOPLE.polars()
    score = ModelScore("mine", lambda model, X, y, weight: model.score(X, y, sample_weight=weight))
    found = model.importances(X, PEOPLE.yes, scoring=score)
    assert found.metric == "mine"
    np.testing.assert_array_equal(found.drops, model.importances(X, PEOPLE.yes).drops)


def test_of_many_rows_and_columns_some_are_looked_at():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 30))
    y = 3 * X[:, 17] - 2 * X[:, 4]
    model = regressor().fit(X, y)
    asked = []

    def measure(model, X, y, weight):
        asked.append(len(y))
        return model.score(X, y, sample_weight=weight)

    found = model.importances(X, y, scoring=ModelScore("R²", measure), rows=250, most=3, repeats=2)
    assert set(asked) == {200, 250}
    assert len(found.columns) == 3
    assert [found.columns[place] for place in found.order[:2]] == ["x17", "x4"]
    assert found.drops.shape == (3, 2)


def test_rows_of_weight_zero_are_as_if_they_were_not_there():
    model, X = model_of("yes or no"), PEOPLE.polars()
    half = (np.arange(120) < 60).astype(float)
    weighed = model.importances(X, PEOPLE.yes, sample_weight=half)
    np.testing.assert_allclose(weighed.drops, model.importances(X[:60], PEOPLE.yes[:60]).drops, atol=1e-12)


def test_several_quantiles_are_judged_by_their_loss():
    model, X = model_of("quantiles"), PEOPLE.polars()
    found = model.importances(X, PEOPLE.score)
    assert found.metric == "negative loss"
    assert found.score == pytest.approx(-model.evaluate(X, PEOPLE.score))
    assert found.means.max() > 0


def test_as_text_table_and_picture():
    import polars as pl

    found = model_of("yes or no").importances(PEOPLE.polars(), PEOPLE.yes)
    lines = str(found).splitlines()
    assert lines[0].split() == ["column", "drop", "in", "accuracy", "deviation"]
    first = found.order[0]
    assert lines[1].split() == [found.columns[first], f"{found.means[first]:.4f}", f"{found.deviations[first]:.4f}"]
    assert lines[-1] == f"accuracy before permutation: {found.score:.4g}"
    assert found.cells("zh")[0] == ("列", "正确率的下降", "标准差")
    frame = found.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame["importance"].to_list() == sorted(found.means, reverse=True)
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = found.plot(most=3)
    assert [bar.get_width() for bar in axes.patches] == [found.means[place] for place in found.order[:3]]
    assert axes.get_xlabel() == "drop in accuracy"
    matplotlib.pyplot.close("all")


# ----------------------------------------------------------------------- groups


def twins():
    """The target is the first column, of which the second is a copy; the third is noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    X[:, 1] = X[:, 0]
    return regressor().fit(X, X[:, 0]), X


def test_a_group_is_shuffled_as_one():
    model, X = twins()
    found = model.importances(X, X[:, 0], groups={"both": ["x0", 1]}, repeats=2)
    assert found.columns == ("both", "x2")
    alone = model.importances(X, X[:, 0], repeats=2)
    assert found.means[0] > 1.5 * alone.means[:2].max()  # what is left of the other no longer helps


@pytest.mark.parametrize("scoring", [None, lambda model, X, y: model.score(X, y)])
def test_a_group_of_one_is_that_column(scoring):
    model, X = model_of("yes or no"), PEOPLE.polars()
    alone = model.importances(X, PEOPLE.yes, repeats=2, scoring=scoring)
    first = alone.columns[0]
    grouped = model.importances(X, PEOPLE.yes, groups={"the first": [first]}, repeats=2, scoring=scoring)
    assert grouped.columns == ("the first", *alone.columns[1:])
    np.testing.assert_array_equal(grouped.drops, alone.drops)


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        (["x0"], "must be a dict from a name"),
        ({"a": "x0"}, "must be a list"),
        ({"a": []}, "must have columns in each group. Received: none in 'a'"),
        ({"a": ["x9"]}, "must be one of: x0, x1, x2. Received: 'x9'. Choose one of them"),
        ({"a": [3]}, "from 0 to 2. Received: 3"),
        ({"x2": ["x0", "x1"]}, "must not have the name of a column outside it. Received: 'x2'"),
    ],
)
def test_what_is_no_group_of_columns_is_refused(groups, says):
    model, X = twins()
    with pytest.raises((InputError, InputTypeError), match=says):
        model.importances(X, X[:, 0], groups=groups)
