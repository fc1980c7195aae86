"""The classifier: what it learns from targets of every kind, and what it gives back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.exceptions import DataConversionWarning

from glassnet import Loss
from glassnet.errors import InputError
from glassnet.formulas.losses import LOSSES

OF_CLASSES = [name for name in LOSSES if LOSSES.get(name).target in ("fractions", "classes", "signs")]


def test_two_classes(table, classifier):
    model = classifier().fit(table.X, table.words)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.network_.outputs == 1
    probabilities = model.predict_proba(table.X)
    assert probabilities.shape == (150, 2)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (model.predict_log_proba(table.X) == np.log(probabilities)).all()
    scores = model.decision_function(table.X)
    assert scores.shape == (150,)
    assert np.allclose(probabilities[:, 1], 1 / (1 + np.exp(-scores)))
    assert (model.predict(table.X) == np.where(scores > 0, "yes", "no")).all()
    assert model.score(table.X, table.words) > 0.85
    assert is_classifier(model)


def test_three_classes(table, classifier):
    model = classifier(epochs=40).fit(table.X, table.letters)
    assert model.network_.outputs == 3
    probabilities, scores = model.predict_proba(table.X), model.decision_function(table.X)
    assert probabilities.shape == scores.shape == (150, 3)
    assert (model.predict(table.X) == model.classes_[probabilities.argmax(axis=1)]).all()
    assert model.score(table.X, table.letters) > 0.7


def test_several_answers_at_once(table, classifier):
    model = classifier(epochs=40).fit(table.X, table.answers)
    assert [classes.tolist() for classes in model.classes_] == [[0, 1]] * 3
    probabilities, answers = model.predict_proba(table.X), model.predict(table.X)
    assert probabilities.shape == answers.shape == (150, 3)
    assert (answers == (probabilities > 0.5)).all()
    assert (answers == (model.decision_function(table.X) > 0)).all()
    assert (answers == table.answers).mean() > 0.85
    thin = classifier(epochs=40).fit(table.X, sparse.csr_array(table.answers))
    assert (thin.predict(table.X) == answers).all()


@pytest.mark.parametrize("loss", OF_CLASSES)
@pytest.mark.parametrize("target", ["words", "letters", "answers"])
def test_every_loss_of_classes(table, classifier, loss, target):
    """Each learns every kind of target that it is for, and says of the others what to use instead."""
    y = getattr(table, target)
    model = classifier(loss=loss, epochs=40)
    suits = {
        "fractions": ("words", "answers"),
        "classes": ("words", "letters"),
        "signs": ("words", "letters", "answers"),
    }
    if target not in suits[LOSSES.get(loss).target]:
        with pytest.raises(InputError, match="Use .*cross_entropy"):
            model.fit(table.X, y)
        return
    predicted = model.fit(table.X, y).predict(table.X)
    assert predicted.shape == y.shape
    assert (predicted == y).mean() > 0.7
    assert hasattr(model, "predict_proba") == (LOSSES.get(loss).target != "signs")
    assert model.decision_function(table.X).shape == {"words": (150,)}.get(target, (150, 3))
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(table.X)
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
        if target != "answers":
            assert np.allclose(probabilities.sum(axis=1), 1)
            assert (model.classes_[probabilities.argmax(axis=1)] == predicted).all()


def test_a_loss_of_ones_own(table, classifier):
    squared = Loss("squared", lambda p, t: (p - t) ** 2, lambda p, t: 2 * (p - t), target="classes", over_targets="sum")
    model = classifier(loss=squared, epochs=40).fit(table.X, table.letters)
    assert str(model.network_.layers[-1]) == "Dense(3, 'softmax')"  # it needs probabilities, so it is given some
    assert model.score(table.X, table.letters) > 0.7


CONTAINERS = {
    "list": list,
    "object array": lambda y: np.array(y, dtype=object),
    "pandas": pd.Series,
    "pandas string": lambda y: pd.Series(y, dtype="string"),
    "pandas category": lambda y: pd.Series(pd.Categorical(y)),
    "polars": pl.Series,
    "polars category": lambda y: pl.Series(y, dtype=pl.Categorical),
    "pyarrow": pa.array,
    "pyarrow chunked": lambda y: pa.chunked_array([y]),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_words_in_any_container(table, classifier, container):
    model = classifier(epochs=2).fit(table.X, CONTAINERS[container](table.letters.tolist()))
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.predict(table.X)[0] in ("a", "b", "c")


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        (lambda y: y - 5, [-5, -4, -3]),
        (lambda y: y.astype(np.uint8), [0, 1, 2]),
        (lambda y: y.astype(float), [0.0, 1.0, 2.0]),
        (lambda y: y > 0, [False, True]),
        (lambda y: pd.Series(y, dtype="Int64"), [0, 1, 2]),
        (lambda y: pd.Series(y > 0, dtype="boolean"), [False, True]),
        (lambda y: pl.Series(y), [0, 1, 2]),
    ],
)
def test_numbers_and_booleans_are_classes_too(table, classifier, kind, classes):
    model = classifier(epochs=2).fit(table.X, kind(table.third))
    assert model.classes_.tolist() == classes
    assert set(model.predict(table.X).tolist()) <= set(classes)


@pytest.mark.parametrize(
    "kind",
    [
        lambda y: np.array([False, True], object)[y],
        lambda y: np.array([False, 1], object)[y],
        lambda y: np.array([1, 2.0], object)[y],
        lambda y: np.array(["no", "yes"], np.dtypes.StringDType())[y],
    ],
    ids=["truth values", "truth values and numbers", "numbers", "text of NumPy's own"],
)
def test_what_can_be_learned_can_be_scored(table, classifier, kind):
    y = kind(table.yes)
    model = classifier(epochs=2).fit(table.X, y)
    assert model.score(table.X, y) == classifier(epochs=2).fit(table.X, table.yes).score(table.X, table.yes)


def test_a_column_of_classes_is_taken_with_a_warning(table, classifier):
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        model = classifier().fit(table.X, table.words[:, None])
    assert model.predict(table.X).shape == (150,)


# ------------------------------------------------------------ class weights


def shares(model, X):
    return {name: np.mean(model.predict(X) == name) for name in model.classes_.tolist()}


def test_weights_of_classes_move_the_boundary(table, classifier):
    plain = shares(classifier().fit(table.X, table.words), table.X)
    for_yes = shares(classifier(class_weight={"yes": 20.0}).fit(table.X, table.words), table.X)
    for_no = shares(classifier(class_weight={"no": 20.0, "yes": 1}).fit(table.X, table.words), table.X)
    assert for_yes["yes"] > plain["yes"] + 0.1
    assert for_no["yes"] < plain["yes"] - 0.1


def test_balanced_weights_make_rare_classes_count(table, classifier):
    rows = np.r_[np.flatnonzero(table.yes == 0), np.flatnonzero(table.yes == 1)[:8]]
    X, y = table.X[rows], table.words[rows]
    plain = shares(classifier().fit(X, y), table.X)
    balanced = shares(classifier(class_weight="balanced").fit(X, y), table.X)
    assert balanced["yes"] > plain["yes"] + 0.1


@pytest.mark.parametrize("classes", [["0", "1"], [0.0, 1.0], [False, True]])
def test_weights_find_classes_of_any_type(table, classifier, classes):
    y = np.array(classes)[table.yes]
    heavy = classifier(class_weight={classes[1]: 100.0}).fit(table.X, y)
    assert np.mean(heavy.predict(table.X) == classes[1]) > 0.75


def test_weights_of_classes_are_weights_of_rows(table, classifier):
    one = classifier(batch_size=150, class_weight={"no": 2.0, "yes": 0.5}).fit(table.X, table.words)
    two = classifier(batch_size=150).fit(table.X, table.words, np.where(table.yes, 0.5, 2.0))
    assert np.allclose(one.predict_proba(table.X), two.predict_proba(table.X))


def test_weights_count_in_the_validation_wherever_it_comes_from(table, classifier):
    heavy = {"no": 5.0, "yes": 1.0}
    held = table.X[:50], table.words[:50]
    model = classifier(class_weight=heavy, epochs=1).fit(table.X[50:], table.words[50:], validation_data=held)
    p = np.clip(model.predict_proba(held[0])[np.arange(50), table.yes[:50]], 1e-15, 1)
    weight = np.where(table.yes[:50], 1.0, 5.0)
    assert model.history_["validation_loss"][0] == pytest.approx(np.average(-np.log(p), weights=weight))


def test_a_class_may_lack_and_a_name_may_be_of_another_fold(table, classifier):
    model = classifier(epochs=1, class_weight={"a": 2, "b": 1, "c": 1, "d": 9}).fit(table.X, table.letters)
    assert model.n_iter_ == 1
    with pytest.raises(InputError, match="must name classes of the target. Received: 'yess'. Available: "):
        classifier(class_weight={"yess": 2}).fit(table.X, table.words)


@pytest.mark.parametrize("preset", ["mlp", "bagged"])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"times": [*range(120, 0, -1)]},
        {"validation_data": True},
        {"validation_data": True, "shards": 2},
        {"validation_data": True, "batches": True},
        {"shards": 2},
        {"batches": True},
    ],
    ids="-".join,
)
def test_rows_that_all_have_weight_0_are_refused_before_training(classifier, preset, how):
    X, y, how = np.random.default_rng(0).normal(size=(120, 3)), np.repeat([0, 1], 60), dict(how)
    judged = "times" in how or "validation_data" in how
    if how.get("validation_data"):
        how["validation_data"] = X[:20], y[:20]
    batches = how.pop("batches", False)
    model = classifier(preset=preset, early_stopping=True, class_weight={0: 0} if judged else {0: 0, 1: 0})
    message = "Some validation rows" if judged else "`class_weight` must give some of these rows"
    with pytest.raises(InputError, match=message) as raised:
        model.fit(*(([(X, y)], None) if batches else (X, y)), **how)
    assert "a weight above 0" in str(raised.value)
    assert not hasattr(model, "networks_")
