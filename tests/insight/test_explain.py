"""Explanations of rows: complete, in the user's columns, and 0 for what does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor, explain
from glassnet.insight.integrated_gradients import TOLERANCE
from tests.insight.people import KINDS, PEOPLE, classifier, model_of, output_of, regressor


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("background", [False, True])
def test_contributions_sum_to_what_the_answer_differs_by(kind, background):
    """Numbers with gaps, categories with gaps and of many levels, dates: for losses, members and embeddings of all."""
    model, X = model_of(kind), PEOPLE.polars()
    found = model.explain(X, output=output_of(kind), background=X if background else None)
    sums = found.base + found.contributions.sum(axis=1)
    np.testing.assert_allclose(sums, found.value, atol=TOLERANCE * found.scale.max())
    np.testing.assert_allclose(found.gap, found.value - sums, atol=1e-9)
    assert found.contributions.shape == (120, 6)
    assert np.abs(found.contributions[:, :5]).max(axis=0).min() > 0
    assert np.all(found.contributions[:, 5] == 0)  # "country" never varies


@pytest.mark.parametrize("estimator", [NeuralClassifier, NeuralRegressor])
def test_a_network_that_rounds_is_explained_without_its_steps(estimator):
    X = np.random.default_rng(0).normal(size=(300, 4))
    y = X[:, 0] * X[:, 1] if estimator is NeuralRegressor else (X[:, 0] * X[:, 1] > 0).astype(int)
    model = estimator(preset="mlp", hidden_layers=(160, 160), epochs=3, dtype="bfloat16", random_state=0).fit(X, y)
    assert "bfloat16" in model.network_.summary()
    found = model.explain(X[:20])
    answered = model.predict(X[:20]) if estimator is NeuralRegressor else model.predict_proba(X[:20]).max(axis=1)
    np.testing.assert_allclose(found.value, answered, rtol=1e-6)
    assert np.abs(found.gap).max() < 0.01 * found.scale.max()


def test_of_a_linear_model_it_is_weight_times_distance():
    X = np.random.default_rng(0).normal([1, -2, 5], [1, 2, 3], size=(80, 3))
    w = np.array([3.0, -1.0, 0.5])
    model = regressor(hidden_layers=(), optimizer="lbfgs", learning_rate=None, epochs=200, clamp=False).fit(
        X, X @ w + 7
    )
    found = explain(model, X[:5])
    np.testing.assert_allclose(found.contributions, w * (X[:5] - X.mean(axis=0)), atol=1e-4)
    np.testing.assert_allclose(found.base, (X @ w + 7).mean(), atol=1e-4)
    elsewhere = explain(model, X[:5], background=X[10:20])
    np.testing.assert_allclose(elsewhere.contributions, w * (X[:5] - X[10:20].mean(axis=0)), atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_column_that_the_network_ignores_adds_nothing(dtype):
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = regressor(dtype=dtype).fit(X, X[:, 0] ** 2)
    model.network_["1.W"][1] = 0
    found = model.explain(X)
    assert np.all(found.contributions[:, 1] == 0)
    assert np.abs(found.contributions[:, 0]).max() > 0.1
    assert np.abs(found.gap).max() < TOLERANCE * X[:, 0].std() * 3


def test_columns_that_enter_alike_add_alike():
    X = np.random.default_rng(0).normal(size=(60, 3))
    X[:, 1] = X[:, 0]
    model = regressor().fit(X, np.sin(X[:, 0]) + X[:, 2])
    model.network_["1.W"][1] = model.network_["1.W"][0]
    found = model.explain(X)
    np.testing.assert_allclose(found.contributions[:, 0], found.contributions[:, 1], atol=1e-12)


def test_the_second_of_two_classes_says_the_opposite_of_the_first():
    model, X = model_of("yes or no"), PEOPLE.polars()
    yes, no = model.explain(X, output="yes"), model.explain(X, output="no")
    np.testing.assert_allclose(yes.contributions, -no.contributions, atol=1e-9)
    np.testing.assert_allclose(yes.value, model.predict_proba(X)[:, 1])
    either = model.explain(X)
    assert either.answers == model.predict(X).tolist()
    chosen = np.where((np.array(either.answers) == "yes")[:, None], yes.contributions, no.contributions)
    np.testing.assert_allclose(either.contributions, chosen, atol=1e-9)


def test_contributions_to_all_classes_cancel():
    model, X = model_of("classes"), PEOPLE.polars()
    parts = [model.explain(X, output=name) for name in "abc"]
    np.testing.assert_allclose(sum(part.value for part in parts), 1)
    assert np.abs(sum(part.contributions for part in parts)).max() < 10 * TOLERANCE


def test_an_explanation_of_a_row_does_not_depend_on_other_rows():
    model, X = model_of("embeddings"), PEOPLE.polars()
    whole, alone = model.explain(X), model.explain(X[7:8])
    np.testing.assert_allclose(alone.contributions[0], whole.contributions[7], atol=1e-12)


@pytest.mark.parametrize("kind", ["yes or no", "embeddings"])
def test_every_container_gives_the_same(kind):
    pandas = PEOPLE.pandas()
    model = model_of(kind)
    expected = model.explain(PEOPLE.polars())
    for X in (pandas, pandas[reversed(pandas.columns)], PEOPLE.polars().to_arrow()):
        np.testing.assert_allclose(model.explain(X).contributions, expected.contributions, atol=1e-12)


def test_a_level_never_seen_and_a_gap_have_contributions_too():
    import polars as pl

    X = PEOPLE.polars()[:2].with_columns(
        city=pl.Series(["Nowhere", None]), street=pl.Series([None, "Nowhere"]), age=pl.Series([None, None], dtype=float)
    )
    for kind in ("embeddings", "members"):
        found = model_of(kind).explain(X)
        assert np.abs(found.gap).max() <= TOLERANCE
        assert found.cells[found.columns.index("city")] == ["Nowhere", None]
        assert found.unknown == [[found.columns.index("city")], [found.columns.index("street")]]
        assert "unknown to the model" in found.words(0, language="en")
        assert "模型不认识" in found.words(1, language="zh")
    base = explain(model_of("embeddings"), X)
    assert base.contributions[0, base.columns.index("city")] == 0  # what was never seen is where the way begins


def test_a_level_never_seen_is_not_given_as_a_reason_like_one_that_was():
    """Beside a background it counts: what is missing is what the levels there tell."""
    import polars as pl

    model, X = model_of("embeddings"), PEOPLE.polars()
    new = X[:1].with_columns(street=pl.lit("street of tomorrow"))
    found = model.explain(new, background=X.filter(pl.col("street") == "street 3"))
    place = found.columns.index("street")
    assert abs(found.contributions[0, place]) > 0.005
    assert "street is street of tomorrow, unknown to the model (" in found.words(0, language="en", most=20)
    assert "unknown" not in model.explain(X[:1]).words(0, language="en")


def test_in_an_embedding_the_way_begins_at_the_numbers_of_the_background():
    """With one level in the background, a row of that level has nothing to gain from the column."""
    import polars as pl

    model, X = model_of("embeddings"), PEOPLE.polars()
    same = X.with_columns(street=pl.lit("street 3"))
    found = model.explain(X, background=same)
    place = found.columns.index("street")
    of_the_level = np.array(PEOPLE.columns["street"]) == "street 3"
    assert np.abs(found.contributions[of_the_level, place]).max() < 1e-12
    assert np.abs(found.contributions[~of_the_level, place]).min() > 0


def test_sparse_tables():
    rng = np.random.default_rng(0)
    X = sparse.csr_array(rng.random((60, 5)) * (rng.random((60, 5)) < 0.4))
    model = regressor().fit(X, X.toarray() @ [1.0, -2.0, 0.0, 0.5, 3.0])
    found = model.explain(X[:4])
    np.testing.assert_allclose(found.base + found.contributions.sum(axis=1), model.predict(X[:4]), atol=2e-3)
    assert found.cells[0] == X[:4].toarray()[:, 0].tolist()


def test_a_loaded_model_explains_the_same(tmp_path):
    model, X = model_of("members"), PEOPLE.polars()
    glassnet.save(model, tmp_path / "m.safetensors")
    again = glassnet.load(tmp_path / "m.safetensors").explain(X)
    np.testing.assert_array_equal(again.contributions, model.explain(X).contributions)


def test_both_engines_explain_the_same():
    X = PEOPLE.polars()
    model = classifier(engine="compiled").fit(X, PEOPLE.yes)
    compiled = model.explain(X)
    model.network_.engine = model_of("yes or no").network_.engine
    np.testing.assert_allclose(model.explain(X).contributions, compiled.contributions, atol=1e-12)
