"""Explanations of models with columns of text: contributions are complete, and words divide them."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, input_gradients
from glassnet.errors import InputError, MissingExtraError
from glassnet.estimators import Classifier
from glassnet.insight.shuffled_columns import asked_by_number, shuffled_columns

GOOD, BAD, PLAIN = ("great", "lovely"), ("awful", "broken"), ("the phone", "a case", "this cable", "my charger")


def table(rows: int = 120, missing: bool = False) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(0)
    good = rng.random(rows) < 0.5
    texts = [
        f"{rng.choice(PLAIN)} is {rng.choice(GOOD if yes else BAD)} and number {number}"
        for number, yes in enumerate(good)
    ]
    titles = [f"about {rng.choice(PLAIN)} {number}" for number in range(rows)]
    frame = pd.DataFrame(
        {"review": texts, "size": rng.normal(size=rows), "title": titles, "shop": rng.choice(["a", "b"], rows)}
    )
    if missing:
        frame.loc[::7, "review"] = None
    return frame, np.where(good, "good", "bad")


@pytest.fixture(scope="module")
def model() -> Classifier:
    X, y = table()
    options: dict[str, Any] = {"members": 2, "epochs": 16, "batch_size": 16, "random_state": 0}
    return NeuralClassifier(free_text=["review", "title"], **options).fit(X, y)


def test_contributions_with_texts_are_complete(model: Classifier):
    X, _ = table()
    for background in (None, X[:20]):
        found = model.explain(X[:10], background=background)
        np.testing.assert_allclose(found.gap, 0, atol=1e-3)
        np.testing.assert_allclose(found.value, model.predict_proba(X[:10]).max(axis=1), atol=1e-5)


def test_a_review_counts_more_than_a_title_that_says_nothing(model: Classifier):
    X, _ = table()
    found = model.explain(X[:20])
    share = np.abs(found.contributions).mean(axis=0)
    assert share[0] > 5 * share[2]


def test_a_long_word_is_shortened_as_a_cell_is(model: Classifier):
    X, _ = table()
    X.loc[0, "review"] = f"great https://{'awful/' * 40}"
    assert len(model.explain(X[:1]).in_words("en")) < 400


def test_words_sum_to_the_contribution_of_their_column(model: Classifier):
    X, _ = table()
    found = model.explain(X[:5])
    for row in range(5):
        words = found.word_contributions(row)
        assert list(words) == ["review", "title"]
        for column, each in words.items():
            assert [word for word, _ in each] == X[column][row].split()
            total = sum(change for _, change in each)
            assert total == pytest.approx(found.contributions[row, found.columns.index(column)], abs=1e-6)


def test_the_sentence_names_the_words_that_count(model: Classifier):
    X, _ = table()
    words = dict(model.explain(X[:1]).word_contributions(0)["review"])
    telling = max(words, key=lambda word: abs(words[word]))
    assert telling in (*GOOD, *BAD)
    english = model.explain(X[:1]).words(language="en")
    assert f"“{telling}” +" in english
    assert f" is “{X['review'][0]}” (" in english
    chinese = model.explain(X[:1]).words(language="zh")
    assert f"“{telling}” +" in chinese
    assert f" 为“{X['review'][0]}”（" in chinese


def test_a_missing_text_has_no_words():
    X, y = table(missing=True)
    model = NeuralClassifier(free_text=["review", "title"], members=2, epochs=2, random_state=0).fit(X, y)
    found = model.explain(X[:2])
    assert found.word_contributions(0)["review"] == []
    np.testing.assert_allclose(found.gap, 0, atol=1e-3)


def test_numbers_are_explained_by_words_too():
    X, y = table()
    target = np.where(y == "good", 100.0, 20.0)
    model = NeuralRegressor(free_text=["review", "title"], members=2, epochs=8, random_state=0).fit(X, target)
    found = model.explain(X[:5])
    np.testing.assert_allclose(found.gap / found.scale, 0, atol=1e-3)
    for row in range(5):
        total = sum(change for _, change in found.word_contributions(row)["review"])
        assert total == pytest.approx(found.contributions[row, 0], rel=1e-4)


def test_gradients_are_by_the_columns_of_the_matrix(model: Classifier):
    X, _ = table()
    gradients = input_gradients(model, X[:3])
    assert gradients.shape == (3, len(model.encoder_.feature_names_out))
    higher, lower = X[:3].copy(), X[:3].copy()
    scale = 1e-3
    higher["size"] += scale
    lower["size"] -= scale
    chosen = model.predict(X[:3]) == model.classes_[1]
    moved = (model.predict_proba(higher) - model.predict_proba(lower))[np.arange(3), chosen.astype(int)]
    encoded = (model.encoder_.transform(higher).matrix - model.encoder_.transform(lower).matrix)[:, 0]
    np.testing.assert_allclose(gradients[:, 0], moved / encoded, rtol=0.1, atol=1e-3)


def test_the_importance_of_a_text_is_that_of_its_own_cells(model: Classifier):
    X, y = table()
    found = model.importances(X, y, random_state=0)
    importance = dict(zip(found.columns, found.means, strict=True))
    assert max(importance, key=lambda column: importance[column]) == "review"
    assert importance["title"] < importance["review"] / 5


@pytest.mark.parametrize(
    "moved", [["review"], ["title"], ["size"], ["review", "title"], ["review", "size", "title", "shop"]]
)
def test_shuffled_cells_are_encoded_as_a_table_with_these_cells_would_be(model: Classifier, moved: list[str]):
    X, _ = table()
    rng = np.random.default_rng(0)
    columns = shuffled_columns([*X.columns], {})
    rows = np.tile(np.arange(len(X))[:, None], (1, 4))
    for column in moved:
        rows[:, X.columns.get_loc(column)] = rng.permutation(len(X))
    asked = asked_by_number(model, X, columns)
    expected = pd.DataFrame({name: X[name].to_numpy()[rows[:, at]] for at, name in enumerate(X.columns)})
    np.testing.assert_array_equal(asked.predict_proba(rows), model.predict_proba(expected))


def test_l_bfgs_learns_from_texts():
    X, y = table()
    options: dict[str, Any] = {"preset": "mlp", "optimizer": "lbfgs", "epochs": 20, "random_state": 0}
    model = NeuralClassifier(free_text=["review", "title"], **options).fit(X, y)
    assert model.score(X, y) > 0.95


def test_the_doctor_examines_a_model_with_texts(model: Classifier):
    X, y = table()
    assert model.diagnose(X, y).findings is not None


@pytest.mark.parity  # with the other packages that are too large for everybody's tests
@pytest.mark.filterwarnings("ignore")  # of SHAP and its plots
def test_shap_draws_columns_and_words_that_add_up_to_the_prediction(model: Classifier):
    import matplotlib.pyplot as plt
    import shap

    X, _ = table(missing=True)
    found = model.explain(X[:8])
    columns = found.to_shap()
    np.testing.assert_allclose(columns.base_values + columns.values.sum(axis=1), found.value, rtol=1e-12)
    assert columns.data[1].tolist() == X.iloc[1].tolist()
    for plot in (shap.plots.beeswarm, shap.plots.bar, shap.plots.heatmap):
        plot(columns, show=False)
    shap.plots.waterfall(columns[0], show=False)
    shap.plots.scatter(columns[:, "size"], show=False)
    plt.close("all")
    words = found.to_shap(text="review")
    for row in range(1, 7):  # before and behind it lie missing ones
        assert "".join(words[row].data).strip() == X["review"][row]
        total = words[row].base_values + np.sum(words[row].values)
        np.testing.assert_allclose(total, found.value[row], rtol=1e-12)
    assert "number" in shap.plots.text(words[1:7], display=False)
    with pytest.raises(InputError, match=r"`text` of to_shap must be a column of text. Received: 'size'"):
        found.to_shap(text="size")


def test_without_shap_the_error_names_the_extra(model: Classifier, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(MissingExtraError, match=r'pip install "glassnet\[shap\]"'):
        model.explain(table()[0][:2]).to_shap()
